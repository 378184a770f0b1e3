"""The result card: the verdict's lines, every seed, the cost, the plot or why there is none."""

from dataclasses import replace

from bot.messages import result
from bot.messages.facts import ResultFacts
from db.expectation import metrics_of, parse_expectation, parse_guards
from db.lifecycle import ExitCause, ExperimentStatus, RunStatus
from db.records import Finding, FindingKind, Result, Severity
from db.verdict import SeedOutcome, judge
from tests.unit.bot import factory
from tests.unit.bot.limits import action_ids, all_text, assert_sendable
from trainer.contract import SmokeReport

METRICS = metrics_of(factory.BASE)
VALUES = (0.10, 0.11, 0.10, 0.13, 0.11)
REWARDS = (489.0, 490.0, 488.0, 487.0, 491.0)
BEFORE = (0.19, 0.21, 0.18, 0.20, 0.17)
SMOKE = SmokeReport(updates=3, steps_per_s=1900, estimated_s=570, peak_memory_mb=410)


def _seeds(oscillation: tuple[float, ...], rewards: tuple[float, ...]) -> list[SeedOutcome]:
    pairs = enumerate(zip(oscillation, rewards, strict=True), 1)
    return [
        SeedOutcome(f"s{n}", n, "done", {"oscillation": osc, "final_reward": reward}, n_episodes=100)
        for n, (osc, reward) in pairs
    ]


def _facts(child: list[SeedOutcome]) -> ResultFacts:
    expectation = parse_expectation("oscillation falls by 20% vs E-12", METRICS, parent_key="E-12")
    guards = parse_guards("final reward by 15", METRICS, parent_key="E-12")
    before = _seeds(BEFORE, tuple(reward + 3 for reward in REWARDS))
    verdict = judge(expectation, guards, child, {12: before, None: before}, approved_seeds=5)
    runs = [factory.run(n, RunStatus.SUCCEEDED) for n in range(1, 6)]
    runs[4] = factory.run(5, RunStatus.FAILED, cause=ExitCause.NAN, attempt=factory.attempt(5, exit_code=11))
    of = factory.experiment(status=ExperimentStatus.APPROVED, runs=tuple(runs), smoke=SMOKE)
    made = Result(42, 1, verdict.outcome.value, {}, "plot.png", "Oscillation fell to 0.12.", factory.NOW)
    return ResultFacts(factory.facts(of), made, verdict)


def test_the_result_reads_as_drawn() -> None:
    card = result.render(replace(_facts(_seeds(VALUES, REWARDS)), file_id="F1"))
    text = all_text(card)
    for part in (
        "E-42> · Smoother turns · SUPPORTED",
        "oscillation falls 20 % vs E-12",
        "0.11 vs 0.19 (\N{MINUS SIGN}42 %)",
        "Diff \N{MINUS SIGN}0.0",
        "5 of 5 seeds done · E-12: 5",
        "Worst seed s4: 0.13",
        "Failures up to 45 % not excluded",
        "s1 0.10 · s2 0.11 · s3 0.10 · s4 0.13 · s5 0.11 (oscillation, 100 episodes each)",
        "lr 3e-4 → 1.5e-4 (vs E-12)",
        "0.6 CPU-h (estimated 0.8)",
    ):
        assert part in text
    assert "asked: oscillation falls 20 % vs E-12 · got:" in card.text
    assert card.blocks[-2]["slack_file"] == {"id": "F1"}
    assert card.blocks[-2]["alt_text"] == "Oscillation fell to 0.12."
    assert action_ids(card)[:2] == ["conclude", "fork"]
    assert_sendable(card)


def test_the_card_has_at_most_twelve_lines() -> None:
    card = result.render(_facts(_seeds(VALUES, REWARDS)))
    rich = card.blocks[1]["elements"][0]["elements"]  # type: ignore[index,call-overload]  # raw JSON
    text = "".join(str(element["text"]) for element in rich)  # type: ignore[index,call-overload,union-attr]  # raw JSON
    foot = str(card.blocks[2]["elements"][0]["text"])  # type: ignore[index,call-overload]  # raw JSON
    assert 1 + len(text.splitlines()) + len(foot.splitlines()) <= 12


def test_a_failed_seed_says_why() -> None:
    child = _seeds(VALUES, REWARDS)
    child[4] = SeedOutcome("s5", 5, "failed")
    card = result.render(replace(_facts(child), picture_note="The plot could not be attached."))
    assert "s5 ✗ NaN (exit 11)" in all_text(card)
    assert "The plot could not be attached." in all_text(card)
    assert_sendable(card)


def _finding(kind: FindingKind, seed: str, since: int, **numbers: float) -> Finding:
    notable = kind is FindingKind.ACTION_OSCILLATION
    return Finding(kind, seed, since, Severity.NOTABLE if notable else Severity.ALARMING, None, numbers)


def test_what_detectors_saw_is_told_the_worst_first() -> None:
    facts = _facts(_seeds(VALUES, REWARDS))
    entropy = _finding(FindingKind.ENTROPY_COLLAPSE, "s2", 48_000, entropy=0.0104)
    runs = [
        replace(run, findings=(_finding(FindingKind.ACTION_OSCILLATION, run.label, 100, oscillation=0.7),))
        for run in facts.base.experiment.runs
    ]
    for i, since in ((1, 61_000), (2, 60_000), (3, 90_000)):
        fell = _finding(FindingKind.COLLAPSE, runs[i].label, since, peak=400.0, low=199.0)
        runs[i] = replace(runs[i], findings=(*runs[i].findings, fell))
    runs[1] = replace(runs[1], findings=(*runs[1].findings, entropy))
    experiment = replace(facts.base.experiment, runs=tuple(runs))
    card = result.render(replace(facts, base=replace(facts.base, experiment=experiment)))
    text = all_text(card)
    assert "⚠ 3 of 5 seeds: the return fell from 400 to 199 after 60k steps (s3)" in text
    assert "⚠ s2: entropy reached 0.01 at 48k steps · 1 more on the page" in text
    assert "oscillated" not in text
    assert_sendable(card)


def test_findings_of_runs_that_the_result_does_not_cover_are_not_its_own() -> None:
    facts = _facts(_seeds(VALUES, REWARDS))
    fell = _finding(FindingKind.COLLAPSE, "s1", 5)
    runs = tuple(replace(run, findings=(fell,)) for run in facts.base.experiment.runs)
    base = replace(facts.base, experiment=replace(facts.base.experiment, runs=runs))
    other = replace(facts.result, runs=(99,))
    assert "the return fell" not in all_text(result.render(replace(facts, base=base, result=other)))


def test_of_what_alarms_nobody_one_line_is_told() -> None:
    facts = _facts(_seeds(VALUES, REWARDS))
    first, *others = facts.base.experiment.runs
    calm = (
        _finding(FindingKind.ACTION_OSCILLATION, "s1", 1, oscillation=0.7),
        Finding(FindingKind.PLATEAU, "s1", 2, Severity.NOTABLE, None, {"level": 300.0}),
    )
    runs = (replace(first, findings=calm), *others)
    base = replace(facts.base, experiment=replace(facts.base.experiment, runs=runs))
    text = all_text(result.render(replace(facts, base=base)))
    assert "s1: actions oscillated from one step to the next (0.70) · 1 more on the page" in text
    assert "⚠" not in text
    assert "stood still" not in text
