"""The difference between two configs, for a card, for one line and for a file. Pure.

Colour is never the only sign: every line has a minus or a plus sign and every change a word before it.
"""

from collections.abc import Mapping, Sequence

from bot.messages import budget, numbers, words
from bot.messages.escape import one_line
from db.config.diff import Change, ChangeKind, Missing, Side
from db.config.hashes import format_value

CARD_CHARACTERS = 2_400
CARD_VALUE = 160
CARD_PATH = 120
SHORT_CHANGES = 3
SHORT_VALUE = 24

_WORDS: Mapping[ChangeKind, str] = {
    ChangeKind.ADDED: "added",
    ChangeKind.REMOVED: "removed",
    ChangeKind.CHANGED: "changed",
    ChangeKind.TYPE_CHANGED: "changed to another type",
}
_BEFORE = "🟥 \N{MINUS SIGN} "
_AFTER = "🟩 + "


def for_card(changes: Sequence[Change], origins: Mapping[str, str]) -> tuple[str, bool]:
    """The diff as preformatted text, and whether it is complete (else the file is needed)."""
    lines = [line for change in changes for line in _lines(change, origins, shorten=True)]
    kept, left_out = budget.lines_within(lines, CARD_CHARACTERS)
    complete = not left_out and not any(_is_cut(change) for change in changes)
    if left_out:
        kept.append(f"… {numbers.counted(left_out, 'more line')}")
    return "\n".join(kept) or "no changes", complete


def fits_card(changes: Sequence[Change], origins: Mapping[str, str]) -> bool:
    """Whether the card shows everything, so that no file has to be attached."""
    return for_card(changes, origins)[1]


def for_file(changes: Sequence[Change], origins: Mapping[str, str]) -> str:
    """The whole diff, uncut."""
    return "\n".join(line for change in changes for line in _lines(change, origins, shorten=False)) + "\n"


def in_short(changes: Sequence[Change]) -> str:
    """One line without escapes: "lr 3e-4 → 1.5e-4, gamma 0.99 → 0.98, 2 more"."""
    parts = [_short(change) for change in changes[:SHORT_CHANGES]]
    if len(changes) > SHORT_CHANGES:
        parts.append(f"{len(changes) - SHORT_CHANGES} more")
    return ", ".join(parts) or "no changes"


def _lines(change: Change, origins: Mapping[str, str], *, shorten: bool) -> list[str]:
    path = one_line(change.dotted)
    lines = [f"{_WORDS[change.kind]} {budget.head(path, CARD_PATH) if shorten else path}"]
    if change.kind is not ChangeKind.ADDED:
        origin = origins.get(change.dotted)
        note = f"  (set by {origin})" if origin else ""
        lines.append(_BEFORE + _value(change.before, shorten=shorten) + note)
    if change.kind is not ChangeKind.REMOVED:
        lines.append(_AFTER + _value(change.after, shorten=shorten))
    return lines


def _value(value: Side, *, shorten: bool) -> str:
    text = _uncut(value)
    return budget.head_and_tail(text, CARD_VALUE) if shorten else text


def _uncut(value: Side) -> str:
    return "" if isinstance(value, Missing) else one_line(format_value(value))


def _is_cut(change: Change) -> bool:
    too_long = any(len(_uncut(value)) > CARD_VALUE for value in (change.before, change.after))
    return too_long or len(change.dotted) > CARD_PATH


def _short(change: Change) -> str:
    name = budget.head(one_line(words.short_parameter(change.dotted)), 40)
    if isinstance(change.after, Missing):
        return f"{name} removed"
    after = budget.head(one_line(numbers.short_value(change.after)), SHORT_VALUE)
    if isinstance(change.before, Missing):
        return f"{name} = {after}"
    before = budget.head(one_line(numbers.short_value(change.before)), SHORT_VALUE)
    return f"{name} {before} → {after}"
