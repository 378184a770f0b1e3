"""The phrases of the grammar, as regular expressions over normalised text (`reading.normalise`).

Named groups: `metric` and `subject` what is measured, `op` a bound in words, `amount` with
`percent`, `parent` or `other` whom it is compared with, `verb` and `sign` the way it moves.
"""

import re

from db.expectation.claims import Bound
from db.expectation.reading import NUMBER

BOUNDS = {
    ">": Bound.ABOVE,
    "above": Bound.ABOVE,
    "over": Bound.ABOVE,
    "exceeds": Bound.ABOVE,
    "exceed": Bound.ABOVE,
    "more than": Bound.ABOVE,
    "greater than": Bound.ABOVE,
    "higher than": Bound.ABOVE,
    "longer than": Bound.ABOVE,
    ">=": Bound.AT_LEAST,
    "at least": Bound.AT_LEAST,
    "no less than": Bound.AT_LEAST,
    "not less than": Bound.AT_LEAST,
    "not below": Bound.AT_LEAST,
    "no lower than": Bound.AT_LEAST,
    "reaches": Bound.AT_LEAST,
    "<": Bound.BELOW,
    "below": Bound.BELOW,
    "under": Bound.BELOW,
    "less than": Bound.BELOW,
    "lower than": Bound.BELOW,
    "smaller than": Bound.BELOW,
    "shorter than": Bound.BELOW,
    "fewer than": Bound.BELOW,
    "<=": Bound.AT_MOST,
    "at most": Bound.AT_MOST,
    "no more than": Bound.AT_MOST,
    "not more than": Bound.AT_MOST,
    "not above": Bound.AT_MOST,
    "no higher than": Bound.AT_MOST,
}

IMPROVE = frozenset({"improves", "improve", "improved", "better", "gets better"})
RISE = frozenset(
    {"rises", "rise", "increases", "increase", "grows", "grow", "goes up", "raises", "raise", "gains"}
    | {"higher", "more", "greater", "longer"}
)
FALL = frozenset(
    {"falls", "fall", "drops", "drop", "decreases", "decrease", "declines", "reduces", "reduce", "goes down"}
    | {"shrinks", "lowers", "lower", "less", "fewer", "shorter", "smaller"}
)
_ABOVE_BELOW = {"above": "more", "over": "more", "below": "less", "under": "less"}


def movement(word: str, *, higher_is_better: bool) -> bool:
    """True where the word says that the metric goes up."""
    word = _ABOVE_BELOW.get(word, word)
    if word in IMPROVE:
        return higher_is_better
    return word in RISE


def _any(words: object) -> str:
    assert isinstance(words, dict | frozenset)
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_VERB = f"(?P<verb>{_any(IMPROVE | RISE | FALL)})"
_SIDE = f"(?P<verb>{_any(IMPROVE | RISE | FALL)}|above|over|below|under)"
_OP = f"(?P<op>{_any(BOUNDS)})"
_AMOUNT = rf"(?P<amount>[+-]? ?{NUMBER}) ?(?P<percent>%|percent|per cent)?(?: (?:points?|steps?))?"
_SIZE = _AMOUNT.replace("[+-]? ?", "")
_REF = r"(?:the |its )?(?:(?P<parent>parent|baseline|comparator)|e ?-? ?(?P<other>[0-9]{1,9}))(?:'s)?"
_SUBJECT = r"(?:(?P<metric>\S.*?) )??"
_BE = r"(?:(?:should be|should|will be|will|must be|must|is|are|be|stays?|remains?|gets?|becomes?) )?"
_MORE = r"(?:by )?(?:at least |more than )?"
_WITH = "(?:compared|relative) (?:to|with)"
_PREP = f"(?:over|vs[.]?|versus|than|from|against|{_WITH}|below|above|under|(?:up)?on|of|to)"
_WITHIN_STEPS = rf"(?:within|in|by|before) (?P<steps>{NUMBER})(?: (?:time)?steps?)?"
_OF = "(?P<needed>[0-9]{1,4}) ?(?:out of|of|/) ?(?P<of>[0-9]{1,4})"
_COUNT = f"(?:at least )?(?:all (?P<all>[0-9]{{1,4}})|{_OF}) seeds?"
_BY_THEN_REF = f"(?: {_MORE}{_AMOUNT})?(?: {_PREP} {_REF})?"
_REF_THEN_BY = f" {_PREP} {_REF}(?: {_MORE}{_AMOUNT})?"


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(f"^{pattern}$")


PARTS = re.compile(r"\s*(?:\band\b|&|;|\n|,\s)\s*")
COUNT_FIRST = _compile(rf"(?:in )?{_COUNT}:? (?:have |with )?(?P<claim>.+)")
COUNT_LAST = _compile(rf"(?P<claim>.+?) (?:in|for|on) {_COUNT}")
SOLVES = _compile(
    rf"(?:it )?solve[sd]?(?: (?:it|the task|the env|the environment))? at {_AMOUNT}(?: {_WITHIN_STEPS})?"
)
REACHES = _compile(rf"{_SUBJECT}(?:reaches|hits|gets to) {_AMOUNT} {_WITHIN_STEPS}")
SAME = _compile(
    rf"{_SUBJECT}{_BE}(?:the )?(?:same|equal|equals|equivalent|similar) (?:as |to )?{_REF}"
    rf"(?: (?:to )?(?:within|by) {_SIZE})?"
)
NOT_WORSE = _compile(
    rf"{_SUBJECT}{_BE}(?:does not get|doesn't get|not get|no|not|never) worse(?: than {_REF})?"
    rf"(?: (?:by|within)(?: (?:more than|at most))? {_SIZE})?"
)
AT_MOST_WORSE = _compile(rf"{_SUBJECT}{_BE}(?:at most|no more than|not more than) {_SIZE} worse than {_REF}")
THRESHOLD = _compile(rf"{_SUBJECT}{_BE}{_OP} {_AMOUNT}")
INEQUALITY = _compile(rf"{_SUBJECT}{_BE}{_OP} {_REF}(?: ?(?P<sign>[+-]|by) ?{_SIZE})?")
BEATS = _compile(rf"{_SUBJECT}(?P<verb>beats?|outperforms?) {_REF}(?: {_MORE}{_AMOUNT})?")
AMOUNT_BETTER = _compile(rf"{_SUBJECT}{_BE}{_MORE}{_AMOUNT} {_SIDE} (?:than )?{_REF}")
MOVES = tuple(
    _compile(start + end)
    for start in (rf"{_SUBJECT}{_BE}{_VERB}", rf"{_VERB} (?P<metric>\S.*?)")
    for end in (_BY_THEN_REF, _REF_THEN_BY)
)
EQUALS = _compile(r".*(?:^| )==? .*")
MARGIN_ONLY = _compile(rf"(?P<metric>\S.*?) (?:by|within)(?: (?:more than|at most))? {_SIZE}")
