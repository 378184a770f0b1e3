"""Whatever people typed: Slack takes every message and view, and what was typed stays letters."""

import re
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.messages import budget
from bot.messages.message import Message
from tests.unit.bot import factory, slack_marks
from tests.unit.bot.limits import KNOWN, assert_openable
from tests.unit.bot.messages import everything
from tests.unit.bot.playground.builders import EXPERIMENTS, Stage
from trainer.contract import JsonObject

pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # large reprs

HOSTILE = (
    *("<!channel>", "<!here|here>", "<@U123>", "<#C123>", "<!subteam^S1>", "<http://x.invalid|y>"),
    *("<mailto:a@b.c>", "http://x.invalid", "https://x.invalid/a_b_c", "@here", "@channel", "#general"),
    *("*bold*", "*", "_italic_", "_", "~strike~", "~", "`code`", "`", "```", "a*b*c", "learning_rate"),
    *(":tada:", ":+1::skin-tone-2:", ":", ">", "> quoted", "&lt;!channel&gt;", "&amp;", "&"),
    *("\n", "\n> ", "\r\n", "\t", " ", "\x00", "\x1b[0m", "\x85", "\ud800", "\udfff", "\u202e", "\u200b"),
    *("\u200d", "\u2060", "\ufeff", "\U000e0041", "\u2028", "שלום", "عربي \u200f", "👩\u200d🔬", "🎉"),
    *("✅ Approved", "{", '"', "\\", "=", "x", "•", "1. ", "|", "^"),
)
PIECES = st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=12).map("".join)
LONG = st.sampled_from(HOSTILE).map(lambda piece: (piece * 10_000)[:10_000])
TEXTS = st.lists(st.one_of(PIECES, PIECES, st.text(max_size=80), LONG), min_size=1, max_size=everything.COUNT)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), PIECES)
OVERRIDES = st.one_of(
    st.dictionaries(PIECES, SCALARS, max_size=4),
    st.sampled_from(HOSTILE).map(lambda piece: {f"{piece}{n}": piece * 20 for n in range(300)}),
)
THOROUGH = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
OURS = re.compile(
    rf"(?:{re.escape(str(factory.LINKS.pages_url))}|{re.escape(str(factory.LINKS.workspace_url))})/[\w./-]+\|"
    r"(?:E-\d+|open|thread)|!date\^\d+\^[^|]+\|[^|]+"
)
UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def harmless(text: str) -> str:
    """A text of the same shape that nobody could mean anything by."""
    return "".join(letter if letter.isspace() else "x" for letter in text)


def calm(value: object) -> object:
    if isinstance(value, dict):
        return {harmless(name): calm(item) for name, item in value.items()}
    return harmless(value) if isinstance(value, str) else value


def marks(message: Message) -> Counter[str]:
    return slack_marks.of_payload(message.blocks) + slack_marks.marks(message.text, verbatim=False)


def assert_ours(texts: Sequence[str]) -> None:
    """Mentions, links and dates are ours alone."""
    for text in texts:
        for entity in slack_marks.entities(text):
            assert OURS.fullmatch(entity), (entity, text)


def refusals(message: Message) -> list[object]:
    """What Slack says to the message as a new one, as an edit and to one person; nothing is what we want."""
    stage, content = Stage(), {"text": message.text, "blocks": message.blocks}
    stage.workspace.facts = KNOWN
    posted = stage.call("chat.postMessage", channel=EXPERIMENTS, **content)
    alone = stage.call("chat.postEphemeral", channel=EXPERIMENTS, user="UANA", **content)
    edit = {**content, "text": budget.escaped_head(message.text, budget.TEXT_OF_EDIT)}
    edited = stage.call("chat.update", channel=EXPERIMENTS, ts=posted.body.get("ts", ""), **edit)
    return [one.body for one in (posted, alone, edited) if not one.body["ok"] or "warning" in one.body]


@THOROUGH
@given(TEXTS, OVERRIDES)
@example(list(HOSTILE), {})
@example(["*a* _b_ ~c~ `d` :e: <!channel> https://x.invalid"], {"*a*": "<@U123>"})
@example(["x" * 10_000], {f"o{n}": "v" * 300 for n in range(300)})
@example(["&" * 10_000], {f"&{n}": "<" for n in range(300)})
def test_every_message(texts: list[str], overrides: JsonObject) -> None:
    quiet = everything.messages([harmless(text) for text in texts], calm(overrides))  # type: ignore[arg-type]
    for name, message in everything.messages(texts, overrides).items():
        assert not refusals(message), name
        assert message.text.strip(), name
        whole = [message.text, *slack_marks.strings(message.blocks)]
        assert not any(map(UNSENDABLE.search, whole)), name
        assert_ours([message.text, *(str(t["text"]) for t in slack_marks.mrkdwn_of(message.blocks))])
        assert marks(message) - marks(quiet[name]) == Counter(), name


@THOROUGH
@given(TEXTS, OVERRIDES)
@example(list(HOSTILE), {})
@example(["x" * 10_000], {})
def test_every_view(texts: list[str], overrides: JsonObject) -> None:
    for name, view in everything.views(texts, overrides).items():
        assert_openable(view)
        assert not any(map(UNSENDABLE.search, slack_marks.strings(view))), name
        assert_ours([str(text["text"]) for text in slack_marks.mrkdwn_of(view)])
        found = slack_marks.of_payload(view)
        for kind in ("emoji", "quote", "fence", "strike", "address", "mention", "rich link", "rich user"):
            assert not found[kind], (name, kind)


@THOROUGH
@given(TEXTS)
def test_every_offer(texts: list[str]) -> None:
    for option in everything.offers(texts):
        assert 1 <= len(option["text"]["text"]) <= budget.OPTION_TEXT  # type: ignore[index,call-overload,arg-type]  # raw JSON
        assert not any(map(UNSENDABLE.search, slack_marks.strings(option)))
        assert slack_marks.of_payload(option) == Counter()
