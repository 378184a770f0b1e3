"""What people typed, made harmless for Slack. Pure.

Three places, three rules: `plain` for plain_text and rich_text elements (Slack parses nothing
there), `mrkdwn` for section and context text and for the fallback text, `line` for one line of it.
Characters that would reorder or hide what is signed (control characters, bidirectional overrides,
invisible ones) never pass: a diff must read as it will run.

Slack has no escapes for its formatting. What would format (`*`, `_` at the edge of a word, `~`,
backticks, a colon before the name of an emoji, `>` at the start of a line) becomes a letter that
looks like it.
"""

import re

# Control characters but tab and line feed, surrogates, what reorders text on screen, and what is not seen
# at all. Joiners and direction marks pass: emoji, Persian and Hebrew need them.
_BAD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u180e\u200b\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_ANGLE = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
_EVERYWHERE = str.maketrans(
    {
        "*": "\N{ASTERISK OPERATOR}",
        "~": "\N{TILDE OPERATOR}",
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
    }
)
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # one inside a word formats nothing: learning_rate
_EMOJI = re.compile(r":(?=[\w+'-]*(?::|\Z))")  # at the end, too: a colon of ours may follow
_QUOTE = re.compile(r"^[ \t]*>+", re.MULTILINE)
_ADDRESS = re.compile(r"(?<=[A-Za-z]):(?=//)|(?<=\bmailto):|(?<=\btel):", re.IGNORECASE)
_EVERYBODY = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
_CODE = re.compile(r"`([A-Za-z0-9_./ =<>+-]{1,80})`")


def plain(text: str) -> str:
    """Text for elements that Slack does not parse: bad characters become visible, line ends alike."""
    return _BAD.sub(_REPLACEMENT, _unified(text))


def typed(text: str) -> str:
    """What was typed, for the field in which it is edited: as it is, but for what Slack cannot carry."""
    return _UNSENDABLE.sub(_REPLACEMENT, _unified(text))


def mrkdwn(text: str) -> str:
    """Text for mrkdwn and for fallback texts: mentions, links, emoji and formatting stay letters."""
    return _entities(_unformatted(plain(text)))


def with_code(text: str) -> str:
    """The same for sentences of ours, in which a name or a command may stand between backticks."""
    parts = _CODE.split(plain(text))
    return "".join(
        f"`{_entities(part)}`" if index % 2 else _entities(_unformatted(part))
        for index, part in enumerate(parts)
    )


def quoted(text: str) -> str:
    """What somebody typed, for a sentence that goes through `with_code` later: no backtick stays one."""
    return text.replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}")


def unlinked(text: str) -> str:
    """A fallback text in which no web address and no @here stays one: nothing there says "verbatim"."""
    return _EVERYBODY.sub("\N{FULLWIDTH COMMERCIAL AT}", _ADDRESS.sub("\N{RATIO}", text))


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unformatted(text: str) -> str:
    text = _UNDERSCORE.sub("\N{MODIFIER LETTER LOW MACRON}", text.translate(_EVERYWHERE))
    text = _EMOJI.sub("\N{RATIO}", text)
    return _QUOTE.sub(lambda found: found[0].replace(">", _ANGLE), text)


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def one_line(text: str) -> str:
    """The text on one line, unescaped; runs of white space become one space."""
    return _SPACE.sub(" ", plain(text)).strip()


def is_blank(text: str) -> bool:
    """Whether nobody could read anything in it: white space, control and invisible characters alone."""
    return not any(character.isprintable() and not character.isspace() for character in text)


def line(text: str) -> str:
    """One line for mrkdwn."""
    return mrkdwn(one_line(text))
