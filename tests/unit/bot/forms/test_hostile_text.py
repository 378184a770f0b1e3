"""Whatever is typed, the form can be drawn, and its errors have a place."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.forms import draft, fields, small_views
from bot.messages.actions import Target
from db.records import Person, Question
from tests.unit.bot import factory
from tests.unit.bot.forms.test_contract import GOOD, errors, known, view
from tests.unit.bot.limits import assert_openable

NASTY = (
    "<!channel>",
    "```",
    "`",
    "\u202e",
    "&",
    "=",
    "\n",
    "\x00",
    "{",
    "[",
    "1e999",
    "NaN",
    "שלום",
    "👩\u200d🔬",
)
TEXT = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(NASTY), max_size=60).map("".join),
    st.sampled_from(NASTY).map(lambda part: (part * 3_000)[: fields.TEXT]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXT, TEXT, TEXT, st.booleans())
def test_any_text_in_any_field(changes: str, expected: str, other: str, more: bool) -> None:
    form = replace(
        GOOD,
        changes=changes,
        expected=expected,
        objective=other,
        hypothesis=other,
        guards=other,
        tags=other[: fields.ONE_LINE],
        title=other[: fields.TITLE_LENGTH],
        time_limit=other[:60],
        seeds=other[:10],
        ids=replace(GOOD.ids, more=more),
    )
    same = factory.summary(7, title=other, got=other)
    about = known(duplicates=(same,) * 3, similar=(same,) * 5, channel_problem=other)
    made = view(form, about)
    placed = draft.at_fields(errors(form, about), made)
    shown = {str(block["block_id"]) for block in made["blocks"] if block["type"] == "input"}  # type: ignore[union-attr,index,call-overload]  # raw JSON
    assert set(placed) <= shown
    assert all(placed.values())


@given(TEXT)
def test_the_small_modals_take_any_text(text: str) -> None:
    person = Person("UANA", text)
    assert_openable(small_views.sentence("Edit E-42", text or "x"))
    assert_openable(small_views.reason(Target(42, 1, "0" * 16), "E-42", person))
    assert_openable(small_views.conclude(factory.experiment()))
    question = Question(1, text, text or None, person, factory.NOW)
    assert_openable(small_views.conclude(factory.experiment(), question))
    assert_openable(small_views.loading())
