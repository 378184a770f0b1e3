"""The wording of the cards, and which buttons they carry when."""

from dataclasses import replace
from datetime import timedelta

from bot.messages import decision, extension, failure, proposal, status
from bot.messages.facts import FailureFacts, Holder, StatusFacts
from db.lifecycle import ExitCause, ExperimentStatus, RunStatus
from db.records import Decision, DecisionKind, Extension, Finding, FindingKind, Person, Severity
from tests.unit.bot import factory
from tests.unit.bot.limits import action_ids, all_text, assert_sendable
from trainer.contract import Phase, RunKind, SmokeReport

SMOKE = SmokeReport(updates=3, steps_per_s=1900, estimated_s=570, peak_memory_mb=410)
APPROVED = Decision(42, 1, DecisionKind.APPROVE, factory.KAI, "", factory.NOW)
SENT_BACK = replace(APPROVED, kind=DecisionKind.REQUEST_CHANGES, reason="Use 10 seeds, please.")
RUNS = (
    factory.run(1, RunStatus.SUCCEEDED),
    factory.run(2),
    factory.run(3, share=0.70),
    factory.run(4, share=0.61),
    factory.run(5, RunStatus.QUEUED),
)


def _lines(text: str) -> int:
    return len([line for line in text.splitlines() if line.strip()])


def test_the_proposal_says_who_why_what_and_asks() -> None:
    card = proposal.render(factory.proposal())
    text = all_text(card)
    for part in ("E-42", "Smoother turns", "PROPOSED", "Reduce the oscillation", "smaller learning rate"):
        assert part in text
    assert "🟥 \N{MINUS SIGN} 0.0003  (set by E-3)\n🟩 + 0.00015" in text
    assert "5 seeds of 100k steps · CPU" in text
    assert action_ids(card) == ["approve", "reject", "request_changes", "menu"]
    assert_sendable(card)


def test_the_smoke_run_is_told_as_it_goes() -> None:
    smoke = factory.run(1, RunStatus.RUNNING, kind=RunKind.SMOKE, label="smoke")
    failed = replace(smoke, status=RunStatus.FAILED, cause=ExitCause.CODE_ERROR, message="No module named x")
    before = proposal.render(factory.proposal())
    running = proposal.render(factory.proposal(factory.experiment(runs=(smoke,))))
    passed = proposal.render(factory.proposal(factory.experiment(smoke=SMOKE)))
    refused = proposal.render(factory.proposal(factory.experiment(runs=(failed,))))
    assert "right after approval" in all_text(before)
    assert "under way" in all_text(running)
    assert "passed: about 10 min a seed, ~0.8 CPU-h in all · 1,900 steps/s" in all_text(passed)
    assert "Smoke run failed: the code raised an error. No module named x" in all_text(refused)


def test_after_the_decision_the_buttons_are_gone_and_it_says_who() -> None:
    of = factory.experiment(status=ExperimentStatus.APPROVED, decisions=(APPROVED,))
    card = proposal.render(factory.proposal(of))
    assert action_ids(card) == []
    assert "✅ Approved by @kai" in all_text(card)
    assert_sendable(card)


def test_a_living_card_keeps_the_kinds_of_its_blocks() -> None:
    before = proposal.render(factory.proposal())
    statuses = [s for s in ExperimentStatus if s is not ExperimentStatus.PROPOSED]
    for state in statuses:
        after = proposal.render(factory.proposal(factory.experiment(status=state, decisions=(APPROVED,))))
        kinds = [block["type"] for block in after.blocks]
        assert kinds[:5] == [block["type"] for block in before.blocks][:5]
        assert set(kinds[5:]) <= {"actions"}


def test_the_author_can_edit_what_was_sent_back() -> None:
    of = factory.experiment(status=ExperimentStatus.CHANGES_REQUESTED, decisions=(SENT_BACK,))
    card = proposal.render(factory.proposal(of))
    assert "Changes requested by @kai" in all_text(card)
    assert "Use 10 seeds, please." in all_text(card)
    assert action_ids(card)[0] == "edit_resubmit"
    thread = decision.render(factory.facts(of), SENT_BACK)
    assert action_ids(thread) == ["edit_resubmit"]
    assert_sendable(thread)


def test_the_status_card_reads_as_drawn() -> None:
    of = factory.experiment(status=ExperimentStatus.APPROVED, decisions=(APPROVED,), smoke=SMOKE, runs=RUNS)
    now = factory.NOW + timedelta(minutes=8)
    facts = StatusFacts(factory.facts(of, now=now), positions={5: 2}, holders=(Holder("gpu-1", 40, "kai"),))
    card = status.render(facts)
    text = all_text(card)
    expected = (
        "E-42> · Smoother turns · TRAINING",
        "lr 3e-4 → 1.5e-4 (vs E-12)",
        "▓▓▓▓▓▓░░░░ 61 % · ~12 min left",
        "s1 ✓ done     osc 0.10",
        "s2 ▶ 74 %     osc 0.13",
        "s5 queue 2 · gpu-1: @kai E-40",
        "Interim, no verdict yet",
        "0.6 of ~0.8 CPU-h · 1,425 steps/s",
        "Approved by @kai · updated",
    )
    for part in expected:
        assert part in text
    assert action_ids(card) == ["stop", "plot_now", "menu"]
    assert_sendable(card)


def test_the_status_card_has_at_most_twelve_lines() -> None:
    alongside = tuple(
        replace(run, id=run.id + 100, kind=RunKind.COMPARATOR, label=f"c{run.seed_index}") for run in RUNS
    )
    seeds = tuple(factory.run(n, RunStatus.QUEUED) for n in range(6, 11))
    of = factory.experiment(status=ExperimentStatus.APPROVED, smoke=SMOKE, runs=RUNS + seeds + alongside)
    card = status.render(StatusFacts(factory.facts(of)))
    text = "\n".join(all_text(replace(card, blocks=card.blocks[:3])).splitlines())
    assert _lines(text) <= 12
    assert "more:" in text
    assert "E-12 alongside: 1 done, 3 running, 1 queued" in text


def test_the_seeds_say_what_they_do() -> None:
    stopping = factory.run(1, cancel_requested_at=factory.NOW, cancel_requested_by=factory.KAI)
    assert stopping.progress is not None
    evaluating = replace(
        factory.run(2), progress=stopping.progress.model_copy(update={"phase": Phase.EVALUATING})
    )
    runs = (
        stopping,
        evaluating,
        factory.run(3, stalled=True),
        factory.run(4, RunStatus.FAILED, cause=ExitCause.NAN),
        factory.run(5, RunStatus.CANCELED),
    )
    card = status.render(
        StatusFacts(factory.facts(factory.experiment(status=ExperimentStatus.APPROVED, runs=runs)))
    )
    text = all_text(card)
    for part in ("■ stopping", "▶ evaluating", "⚠ no sign of life", "✗ NaN", "■ stopped", "Stopped by @kai"):
        assert part in text


def test_runs_that_no_host_can_start_say_what_to_do() -> None:
    runs = (factory.run(1), factory.run(2, RunStatus.QUEUED))
    of = factory.experiment(status=ExperimentStatus.APPROVED, runs=runs)
    card = status.render(StatusFacts(factory.facts(of), positions={2: 1}, hostless=frozenset({2})))
    text = all_text(card)
    assert "s2 waits for a host" in text
    assert "No host has the trainer that was approved" in text
    assert_sendable(card)


def test_a_seed_that_a_rule_stopped_says_so() -> None:
    rule = Person("stop-rule", "the stop rule")
    stopping = factory.run(1, cancel_requested_at=factory.NOW, cancel_requested_by=rule)
    of = factory.experiment(status=ExperimentStatus.APPROVED, runs=(stopping,))
    assert "Stopped by the stop rule" in all_text(status.render(StatusFacts(factory.facts(of))))


def test_what_a_person_stopped_can_be_resumed_from_the_card() -> None:
    ended = factory.run(1, RunStatus.CANCELED, cause=ExitCause.STOPPED, cancel_requested_by=factory.KAI)
    by_rule = replace(ended, cancel_requested_by=Person("stop-rule", "the stop rule"))
    cards = [
        status.render(
            StatusFacts(factory.facts(factory.experiment(status=ExperimentStatus.APPROVED, runs=runs)))
        )
        for runs in ((ended,), (by_rule,), (ended, factory.run(2)))
    ]
    assert [[name for name in action_ids(card) if name != "menu"] for card in cards] == [
        ["resume", "plot_now"],
        ["plot_now"],
        ["stop", "plot_now"],
    ]


def test_a_finished_status_card_has_no_stop_button() -> None:
    runs = tuple(factory.run(n, RunStatus.SUCCEEDED) for n in (1, 2, 3))
    of = factory.experiment(status=ExperimentStatus.APPROVED, runs=runs)
    card = status.render(StatusFacts(factory.facts(of)))
    assert "stop" not in action_ids(card)
    assert "▓▓▓▓▓▓▓▓▓▓ 100 %" in all_text(card)


def test_what_was_stopped_stays_where_it_ended() -> None:
    ended = factory.result(1).model_copy(update={"timesteps": 20_000})
    runs = tuple(factory.run(n, RunStatus.CANCELED, result=ended) for n in (1, 2))
    card = status.render(StatusFacts(factory.facts(factory.experiment(runs=runs))))
    assert "▓▓░░░░░░░░ 20 %" in all_text(card)


def test_the_failure_card_says_what_its_curves_showed() -> None:
    found = (
        Finding(FindingKind.NAN, "s1", 61_000, Severity.ALARMING),
        Finding(FindingKind.COLLAPSE, "s1", 60_000, Severity.ALARMING, None, {"peak": 400.0, "low": 198.0}),
        Finding(FindingKind.ENTROPY_COLLAPSE, "s1", 48_000, Severity.ALARMING, None, {"entropy": 0.01}),
    )
    failed = factory.run(1, RunStatus.FAILED, cause=ExitCause.NAN, findings=found)
    text = all_text(failure.render(FailureFacts(factory.facts(), failed)))
    assert (
        "Before it ended: the return fell from 400 to 198 after 60k steps; entropy reached 0.01 at 48k steps."
        in text
    )
    only_nan = replace(failed, findings=found[:1])
    assert "Before it ended" not in all_text(failure.render(FailureFacts(factory.facts(), only_nan)))


def test_the_failure_card_names_cause_code_and_the_last_lines() -> None:
    failed = factory.run(
        3,
        RunStatus.FAILED,
        cause=ExitCause.NAN,
        message="policy.weight became NaN at step 1,200",
        log_tail="\n".join(f"line {n}" for n in range(40)),
        attempt=factory.attempt(3, exit_code=11),
    )
    card = failure.render(FailureFacts(factory.facts(), failed))
    text = all_text(card)
    assert "a value became NaN or infinite" in text
    assert "exit code 11" in text
    assert "line 39" in text
    assert "line 9\n" not in text
    assert "whole log is attached" in text
    assert action_ids(card) == ["retry", "resume", "fork"]
    assert_sendable(card)
    silent = failure.render(FailureFacts(factory.facts(), replace(failed, log_tail="")))
    assert "the run left no log" in all_text(silent)
    assert "whole log is attached" not in all_text(silent)


def test_every_cause_has_its_words() -> None:
    for cause in ExitCause:
        card = failure.render(FailureFacts(factory.facts(), factory.run(1, RunStatus.FAILED, cause=cause)))
        assert_sendable(card)


def test_more_seeds_are_asked_for_on_a_card_of_their_own() -> None:
    asked = Extension(
        experiment=42,
        n=1,
        status=ExperimentStatus.PROPOSED,
        author=factory.ANA,
        first_seed=4,
        seeds=2,
        approval_hash=factory.HASH,
        decider=None,
        reason="",
        created_at=factory.NOW,
        decided_at=None,
    )
    card = extension.render(factory.facts(), asked)
    assert "*2 more seeds*" in all_text(card)
    assert action_ids(card) == ["approve", "reject"]
    approved = replace(asked, status=ExperimentStatus.APPROVED, decider=factory.KAI, decided_at=factory.NOW)
    assert action_ids(extension.render(factory.facts(), approved)) == []


def test_a_context_link_can_be_pressed_and_shows_where_it_leads() -> None:
    made = factory.revision()
    for link, kind in (("https://example.com/x", "link"), ("javascript:alert(1)", "text")):
        intent = replace(made.intent, context_link=link)
        card = proposal.render(factory.proposal(factory.experiment(revision=replace(made, intent=intent))))
        elements = card.blocks[1]["elements"][0]["elements"]  # type: ignore[index,call-overload]  # raw JSON
        assert elements[-1]["type"] == kind  # type: ignore[index,call-overload]  # raw JSON
        assert elements[-1]["text"] == link  # type: ignore[index,call-overload]  # raw JSON
