"""rich_text: sections, lists, quotes, preformatted text, and the elements inside them."""

from bot.playground.checks.schema import Check, array, boolean, by_type, enum, integer, record, string
from bot.playground.checks.texts import BLOCK_ID

_STYLES = ("bold", "italic", "strike", "code", "highlight", "client_highlight", "unlink", "underline")
_STYLE = record(dict.fromkeys(_STYLES, boolean))
_STYLED: dict[str, Check] = {"type": string(), "style": _STYLE}

_INLINE: dict[str, Check] = {
    "text": record({**_STYLED, "text": string(at_least=1)}, required=("text",)),
    "link": record(
        {**_STYLED, "url": string(at_least=1), "text": string(), "unsafe": boolean}, required=("url",)
    ),
    "user": record({**_STYLED, "user_id": string(at_least=1)}, required=("user_id",)),
    "usergroup": record({**_STYLED, "usergroup_id": string(at_least=1)}, required=("usergroup_id",)),
    "channel": record({**_STYLED, "channel_id": string(at_least=1)}, required=("channel_id",)),
    "team": record({**_STYLED, "team_id": string(at_least=1)}, required=("team_id",)),
    "emoji": record(
        {**_STYLED, "name": string(at_least=1), "unicode": string(), "skin_tone": integer(), "url": string()},
        required=("name",),
    ),
    "broadcast": record({**_STYLED, "range": enum("here", "channel", "everyone")}, required=("range",)),
    "color": record({**_STYLED, "value": string(at_least=1)}, required=("value",)),
    "date": record(
        {
            **_STYLED,
            "timestamp": integer(),
            "format": string(at_least=1),
            "url": string(),
            "fallback": string(),
        },
        required=("timestamp", "format"),
    ),
}
_PREFORMATTED_INLINE = {name: _INLINE[name] for name in ("text", "link")}

_SECTION = record({"type": string(), "elements": array(by_type(_INLINE))}, required=("elements",))
_QUOTE = record(
    {"type": string(), "elements": array(by_type(_INLINE)), "border": integer(0, 1)}, required=("elements",)
)
_PREFORMATTED = record(
    {
        "type": string(),
        "elements": array(by_type(_PREFORMATTED_INLINE)),
        "border": integer(0, 1),
        "language": string(),
    },
    required=("elements",),
)
_LIST = record(
    {
        "type": string(),
        "style": enum("bullet", "ordered"),
        "elements": array(by_type({"rich_text_section": _SECTION})),
        "indent": integer(0, 8),
        "offset": integer(0),
        "border": integer(0, 1),
    },
    required=("style", "elements"),
)

RICH_TEXT = record(
    {
        "type": enum("rich_text"),
        "block_id": BLOCK_ID,
        "elements": array(
            by_type(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_list": _LIST,
                    "rich_text_quote": _QUOTE,
                    "rich_text_preformatted": _PREFORMATTED,
                }
            )
        ),
    },
    required=("type", "elements"),
)
