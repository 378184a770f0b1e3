"""Findings in plain words."""

import pytest

from bot.messages.findings import sentence
from db.records import Finding, FindingKind, Severity


def said(kind: FindingKind, since: int = 60_000, until: int | None = None, **numbers: float) -> str:
    return sentence(Finding(kind, "s1", since, Severity.ALARMING, until, numbers))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            said(FindingKind.COLLAPSE, peak=400.0, low=198.0),
            "the return fell from 400 to 198 after 60k steps",
        ),
        (
            said(FindingKind.COLLAPSE, 60_400, 81_900, peak=-150.0, low=-900.0),
            "the return fell from ~150 to ~900 after 60k steps, and came back at 82k",
        ),
        (said(FindingKind.ENTROPY_COLLAPSE, 48_031, entropy=0.0101), "entropy reached 0.01 at 48k steps"),
        (said(FindingKind.ENTROPY_COLLAPSE, 48_031, entropy=6.3e-6), "entropy reached 0 at 48k steps"),
        (
            said(FindingKind.ENTROPY_COLLAPSE, 48_031, std=0.012),
            "the policy's standard deviation reached 0.01 at 48k steps",
        ),
        (said(FindingKind.KL_SPIKES, 520, 520, count=1, worst=11.79), "a KL spike of 11.8 at 520 steps"),
        (
            said(FindingKind.KL_SPIKES, 520, 98_808, count=73, worst=11.79),
            "73 KL spikes between 520 and 99k steps, the worst 11.8",
        ),
        (
            said(FindingKind.VALUE_LOSS_EXPLOSION, before=13.3, largest=322_273_000.0),
            "the value loss exploded from 13.3 to 3.2e8 after 60k steps",
        ),
        (
            said(FindingKind.NEGATIVE_EXPLAINED_VARIANCE, 3_000, 27_000, median=-0.568),
            "explained variance was below zero between 3,000 and 27k steps (median ~0.57)",
        ),
        (said(FindingKind.NAN, 4_096), "a value became NaN or infinite at 4,100 steps"),
        (
            said(FindingKind.DEAD_EXPLORATION, 0, level=-200.0),
            "exploration found no reward: the return stayed at ~200",
        ),
        (
            said(FindingKind.REWARD_HACKING, rise=1172.9, evaluation_change=-1249.3),
            "suspected reward hacking: the training return rose by 1,173, the evaluation's changed by ~1,249",
        ),
        (
            said(FindingKind.RETURN_OSCILLATION, 20_000, 185_000, turns=9, swing=219.8),
            "the return turned round 9 times by about 220 between 20k and 180k steps",
        ),
        (
            said(FindingKind.ACTION_OSCILLATION, oscillation=0.7),
            "actions oscillated from one step to the next (0.70)",
        ),
        (said(FindingKind.PLATEAU, 15_000, level=300.2), "the return stood still at 300 from 15k steps on"),
        (
            said(FindingKind.THROUGHPUT_DROP, 18_000, steps_per_s=388.0, usual=6204.0),
            "training slowed to 388 from 6,204 steps/s from 18k steps on",
        ),
    ],
)
def test_a_finding_reads_like_this(text: str, expected: str) -> None:
    assert text == expected.replace("~", "\N{MINUS SIGN}")


@pytest.mark.parametrize("kind", FindingKind)
def test_a_finding_without_its_numbers_is_still_a_sentence(kind: FindingKind) -> None:
    assert said(kind)
