from bot.messages import diff
from db.config.diff import diff as changes_between
from db.config.diff import flat
from trainer.contract import JsonObject


def _changes(before: JsonObject, after: JsonObject) -> str:
    return diff.for_card(flat(changes_between(before, after)), {"a": "E-3"})[0]


def test_a_change_has_a_word_a_minus_and_a_plus() -> None:
    assert (
        _changes({"a": 0.0003}, {"a": 0.0005})
        == "changed a\n🟥 \N{MINUS SIGN} 0.0003  (set by E-3)\n🟩 + 0.0005"
    )


def test_an_added_key_has_no_minus_and_a_removed_one_no_plus() -> None:
    assert _changes({}, {"a": 1}) == "added a\n🟩 + 1"
    assert _changes({"a": 1}, {}) == "removed a\n🟥 \N{MINUS SIGN} 1  (set by E-3)"


def test_another_type_is_said() -> None:
    assert _changes({"a": 1}, {"a": "x"}).startswith("changed to another type a\n")


def test_a_long_diff_is_cut_on_the_card_and_whole_in_the_file() -> None:
    changes = flat(changes_between({}, {f"key_{n}": "v" * 50 for n in range(300)}))
    text, complete = diff.for_card(changes, {})
    assert not complete
    assert len(text) < 2_500
    assert text.endswith("more lines")
    assert diff.for_file(changes, {}).count("added key_") == 300


def test_a_long_value_is_cut_in_its_middle_and_sent_as_a_file() -> None:
    changes = flat(changes_between({"a": "x" * 500}, {"a": "y" * 500}))
    text, complete = diff.for_card(changes, {})
    assert "more characters" in text
    assert not complete
    assert "y" * 500 in diff.for_file(changes, {})


def test_in_short_for_a_phone() -> None:
    changes = changes_between(
        {"hyperparams": {"learning_rate": 0.0003, "gamma": 0.99}},
        {"hyperparams": {"learning_rate": 0.00015, "ent_coef": 0.01}},
    )
    assert diff.in_short(changes) == "ent_coef = 0.01, gamma removed, lr 3e-4 → 1.5e-4"


def test_a_typed_line_break_cannot_fake_a_line_of_the_diff() -> None:
    text = _changes({"a": 1}, {"a": "x\n🟩 + harmless"})
    assert len(text.splitlines()) == 3
