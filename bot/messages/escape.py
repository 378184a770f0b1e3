"""What people typed, made harmless for Slack. Pure.

Three places, three rules: `plain` for plain_text and rich_text elements (Slack parses nothing
there), `mrkdwn` for section and context text and for the fallback text, `line` for one line of it.
Characters that would reorder or hide what is signed (control characters, bidirectional overrides)
never pass: a diff must read as it will run.
"""

import re

# Control characters but tab and line feed, surrogates, and what reorders text on screen.
_BAD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def plain(text: str) -> str:
    """Text for elements that Slack does not parse: bad characters become visible, line ends alike."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _BAD.sub(_REPLACEMENT, unified)


def mrkdwn(text: str) -> str:
    """Text for mrkdwn and for fallback texts: `<!channel>`, mentions and links stay letters."""
    return plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def one_line(text: str) -> str:
    """The text on one line, unescaped; runs of white space become one space."""
    return _SPACE.sub(" ", plain(text)).strip()


def is_blank(text: str) -> bool:
    """Whether nobody could read anything in it: white space, control and invisible characters alone."""
    return not any(character.isprintable() and not character.isspace() for character in text)


def line(text: str) -> str:
    """One line for mrkdwn."""
    return mrkdwn(one_line(text))
