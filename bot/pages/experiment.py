"""The page of one experiment, from records. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import JsonValue

from bot.messages import cost, findings, numbers, words
from bot.messages.escape import one_line, plain
from bot.messages.facts import Links
from bot.messages.titles import state_word
from bot.pages.lines import at, line_of, outcome_tone
from bot.pages.shapes import (
    ChangeLine,
    ClaimLine,
    ConclusionBlock,
    ConfigLine,
    EventLine,
    ExperimentPage,
    FindingLine,
    ResultBlock,
    RunLine,
)
from db.config.diff import Change, ChangeKind, Missing, Side, flat
from db.config.hashes import format_value
from db.config.resolve import Resolved, leaves
from db.lifecycle import RunStatus
from db.records import Event, Experiment, Result, Revision, Run, Severity, Summary
from db.verdict import ClaimVerdict, Verdict

LONG_VALUE = 400
PRESET = "preset"
BY = "by"
HASH = 12
_HASH = re.compile(r"[0-9a-f]{64}")
_RUN_TONES: Mapping[RunStatus, str] = {
    RunStatus.SUCCEEDED: "good",
    RunStatus.FAILED: "bad",
    RunStatus.CANCELED: "open",
}


@dataclass(frozen=True)
class Sources:
    """What the ledger knows of an experiment. `changes` is its diff against its parent."""

    experiment: Experiment
    lineage: Sequence[Experiment]
    children: Sequence[Summary]
    resolved: Resolved
    origins: Mapping[str, str]
    changes: Sequence[Change]
    events: Sequence[Event]
    audit_problems: Sequence[str]


def page_of(sources: Sources, links: Links) -> ExperimentPage:
    """The page; the newest result stands first."""
    experiment = sources.experiment
    revision = experiment.revision
    names = _metric_names(sources.resolved.config)
    outcome = experiment.results[-1].outcome if experiment.results else ""
    parent = f"Changes against E-{experiment.parent}" if experiment.parent is not None else "Changes"
    return ExperimentPage(
        number=experiment.number,
        key=experiment.key,
        title=one_line(experiment.title),
        state="baseline" if experiment.origin == PRESET else state_word(experiment).lower(),
        tone=outcome_tone(outcome),
        about=f"proposed by {revision.author.name}, {at(experiment.created_at)}",
        thread_url=links.thread(experiment.channel_id, experiment.thread_ts),
        contract=tuple(_contract(experiment)),
        context_url=_web_url(revision.intent.context_link),
        diff_title=parent,
        changes=tuple(_change(change, sources.origins) for change in flat(sources.changes)),
        metric_names=tuple(words.metric_name(name) for name in names),
        runs=tuple(_run(run, names) for run in experiment.runs),
        results=tuple(_result(result, experiment.runs) for result in reversed(experiment.results)),
        conclusion=_conclusion(experiment),
        lineage=tuple(sources.lineage),
        children=tuple(line_of(child) for child in sources.children),
        events=tuple(_event(event) for event in sources.events),
        audit=_audit(sources),
        audit_problems=tuple(sources.audit_problems),
        config=tuple(_config(sources.resolved)),
        hashes=tuple((name, text) for name, text in _hashes(revision) if text),
    )


def _hashes(revision: Revision) -> tuple[tuple[str, str], ...]:
    return (
        ("config hash", revision.config_hash),
        ("spec hash", revision.spec_hash),
        ("approval hash", revision.approval_hash),
    )


def _contract(experiment: Experiment) -> list[tuple[str, str]]:
    intent, budget = experiment.revision.intent, experiment.revision.budget
    device = cost.device(budget)
    comparator = intent.comparator if intent.comparator is not None else experiment.parent
    alongside = ", run alongside" if intent.run_alongside else ""
    seeds = numbers.counted(budget.seeds, "seed")
    limit = numbers.duration(budget.time_limit_s)
    rows = [
        ("Objective", plain(intent.objective)),
        ("Hypothesis", plain(intent.hypothesis)),
        ("Expected", plain(intent.expected)),
        ("Must not get worse", plain(intent.guards)),
        ("Compared with", f"E-{comparator}{alongside}" if comparator is not None else ""),
        ("Question", f"Q-{intent.question}" if intent.question is not None else ""),
        ("Stop early if", plain(intent.stop_rule)),
        ("Tags", ", ".join(intent.tags)),
        ("Budget", f"{seeds}, {device}, at most {limit} a seed"),
        ("Smoke run", experiment.smoke_message),
        *(
            (f"{_decision(d.kind.value)} by", _said(d.decider.name, at(d.at), d.reason))
            for d in experiment.decisions
        ),
    ]
    return [(name, text) for name, text in rows if text]


def _decision(kind: str) -> str:
    return {"approve": "Approved", "reject": "Rejected"}.get(kind, "Changes requested")


def _said(name: str, moment: str, reason: str) -> str:
    return f"{name}, {moment}" + (f": {plain(reason)}" if reason else "")


def _change(change: Change, origins: Mapping[str, str]) -> ChangeLine:
    return ChangeLine(
        path=change.dotted,
        word=change.kind.value,
        before=None if change.kind is ChangeKind.ADDED else _value(change.before),
        after=None if change.kind is ChangeKind.REMOVED else _value(change.after),
        origin=origins.get(change.dotted, ""),
    )


def _value(value: Side) -> str:
    text = "" if isinstance(value, Missing) else one_line(format_value(value))
    return text if len(text) <= LONG_VALUE else text[: LONG_VALUE - 1] + "…"


def _run(run: Run, names: Sequence[str]) -> RunLine:
    measured: Mapping[str, float] = run.result.metrics if run.result else {}
    interim: Mapping[str, float] = run.progress.metrics if run.progress and not run.result else {}
    values = {**interim, **measured}
    attempt = run.attempt
    done = run.result.timesteps if run.result else run.progress.timesteps if run.progress else None
    cause = words.CAUSES[run.cause] if run.cause and run.status is not RunStatus.SUCCEEDED else ""
    return RunLine(
        label=run.label,
        kind=run.kind.value,
        state=run_state(run),
        tone=run_tone(run),
        message=": ".join(part for part in (cause, one_line(run.message)) if part and cause),
        metrics=tuple(numbers.metric(values[name]) if name in values else "" for name in names),
        steps=numbers.steps(done) if done is not None else "",
        exit="" if attempt is None or attempt.exit_code is None else str(attempt.exit_code),
        log_tail=plain(run.log_tail),
        findings=tuple(findings.sentence(finding) for finding in run.findings),
    )


def run_tone(run: Run) -> str:
    """The CSS class of its state."""
    return _RUN_TONES.get(run.status, "")


def run_state(run: Run) -> str:
    """The run's status, with how far it is."""
    if run.status is RunStatus.RUNNING and run.progress and run.progress.total_timesteps:
        return f"running {numbers.percent(run.progress.timesteps / run.progress.total_timesteps)}"
    return run.status.value.lower()


def _result(result: Result, runs: Sequence[Run]) -> ResultBlock:
    claims, notes = _judged(result)
    covered = [run for run in runs if not result.runs or run.id in result.runs]
    return ResultBlock(
        n=result.n,
        outcome=result.outcome,
        tone=outcome_tone(result.outcome),
        plot_url=f"/experiments/{result.experiment}/plots/{result.n}.png" if result.plot_path else None,
        plot_alt=one_line(result.plot_alt),
        claims=claims,
        notes=notes,
        at=at(result.created_at),
        findings=tuple(_finding(group) for group in findings.grouped(covered)),
        sheet_url=f"/experiments/{result.experiment}/sheets/{result.n}.png" if result.sheet_path else None,
        sheet_alt=one_line(result.sheet_alt),
    )


def _finding(group: findings.Group) -> FindingLine:
    alarming = group.severity is Severity.ALARMING
    return FindingLine(findings.of_group(group), group.severity.value, "bad" if alarming else "open")


def _judged(result: Result) -> tuple[tuple[ClaimLine, ...], tuple[str, ...]]:
    """The claims and what belongs beside them; nothing for a verdict of an unknown form."""
    try:
        verdict = Verdict.from_json(result.verdict)
    except ValueError:
        return (), ("This verdict was written by another version of Signoff.",)
    claims = [_claim(claim, guard=False) for claim in verdict.claims]
    claims += [_claim(claim, guard=True) for claim in verdict.guards]
    counted = [f"{verdict.seeds_done} of {numbers.counted(verdict.seeds_planned, 'seed')} done"]
    counted += [f"{name}: {count}" for name, count in verdict.comparators.items()]
    if verdict.worst_seed:
        counted.append(f"worst seed {verdict.worst_seed}")
    counted.append(f"failures up to {numbers.percent(verdict.failure_limit)} not excluded")
    return tuple(claims), (" · ".join(counted), *verdict.notes)


def _claim(claim: ClaimVerdict, *, guard: bool) -> ClaimLine:
    outcome = claim.outcome.value
    return ClaimLine(
        asked=claim.asked,
        outcome=outcome,
        tone=outcome_tone(outcome),
        got=claim.got,
        difference=claim.difference or "",
        reason=claim.reason,
        guard=guard,
    )


def _conclusion(experiment: Experiment) -> ConclusionBlock | None:
    conclusion = experiment.conclusion
    if conclusion is None:
        return None
    return ConclusionBlock(plain(conclusion.text), f"{conclusion.author.name}, {at(conclusion.at)}")


def _event(event: Event) -> EventLine:
    told = {name: value for name, value in event.payload.items() if name != BY and _short(value)}
    details = ", ".join(f"{name.replace('_', ' ')} {_detail(value)}" for name, value in sorted(told.items()))
    return EventLine(
        seq=event.seq,
        at=at(event.at),
        actor=one_line(str(event.payload.get(BY) or event.actor)),
        what=event.kind.replace("_", " ").replace(".", " ", 1),
        details=one_line(details),
        hash=event.hash[:HASH],
    )


def _detail(value: JsonValue) -> str:
    """A value in one line; a hash by its beginning."""
    text = _value(value)
    return text[:HASH] if _HASH.fullmatch(text) else text


def _short(value: JsonValue) -> bool:
    return not isinstance(value, (dict, list)) and value not in (None, "")


def _audit(sources: Sources) -> str:
    if sources.audit_problems:
        return "The chain of hashes is broken: something was changed outside of Signoff."
    return f"{numbers.counted(len(sources.events), 'event')}; the chain of their hashes holds."


def _config(resolved: Resolved) -> list[ConfigLine]:
    return [
        ConfigLine(".".join(path), _value(value), resolved.provenance.get(path, ""))
        for path, value in sorted(leaves(resolved.config))
    ]


def _metric_names(config: Mapping[str, JsonValue]) -> list[str]:
    yardstick = config.get("eval")
    metrics = yardstick.get("metrics") if isinstance(yardstick, dict) else None
    return list(metrics) if isinstance(metrics, dict) else []


def _web_url(link: str) -> str | None:
    """The link if a browser may follow it; `javascript:` and its like are left out."""
    try:
        scheme = urlsplit(link).scheme
    except ValueError:
        return None
    return link if scheme in {"http", "https"} else None
