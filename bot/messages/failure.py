"""The failure card: the cause in words, the exit code, the last lines, and what can be done. Pure."""

from bot.messages import actions, blocks, budget, findings, titles, words
from bot.messages.escape import line, mrkdwn, one_line, plain
from bot.messages.facts import FailureFacts
from bot.messages.message import Block, Message
from bot.messages.short import short
from db.lifecycle import ExitCause
from db.records import FindingKind, Run
from trainer.contract import RunKind

LAST_LINES = 30
LINE = 200
TAIL = 5_000
MESSAGE = 600
SEEN = 400
MOST_FINDINGS = 3

_FINAL = frozenset({ExitCause.SMOKE})
_RESUMABLE = frozenset(
    {ExitCause.TIME_LIMIT, ExitCause.STOPPED, ExitCause.DISK_FULL, ExitCause.INFRASTRUCTURE}
    | {ExitCause.STALLED}
)


def render(facts: FailureFacts) -> Message:
    experiment, run = facts.base.experiment, facts.run
    state = f"{_what(run)} FAILED"
    cause = words.CAUSES[run.cause] if run.cause else "it ended for an unknown reason"
    drawn = [
        titles.title_block(experiment, state, facts.base.links),
        blocks.section(f"*Why:* {cause}.{_said(run)}"),
        blocks.rich(blocks.preformatted(log_tail(run.log_tail) or "the run left no log")),
        blocks.context(*_context(run)),
        blocks.actions(_buttons(run)),
    ]
    return Message(text=f"{titles.title_text(experiment, state)}: {cause}", blocks=drawn)


def log_tail(text: str) -> str:
    """The last 30 lines; long lines lose their middle, and the oldest lines go where it is too much."""
    lines = [budget.head_and_tail(row, LINE) for row in plain(text).strip("\n").split("\n")]
    return budget.tail("\n".join(lines[-LAST_LINES:]), TAIL).strip("\n")


def _what(run: Run) -> str:
    if run.kind is RunKind.SMOKE:
        return "smoke run"
    return f"comparator {run.label}" if run.kind is RunKind.COMPARATOR else f"seed {run.label}"


def _said(run: Run) -> str:
    said = one_line(run.message)
    return f"\n{mrkdwn(budget.head_and_tail(said, MESSAGE))}" if said else ""


def _context(run: Run) -> list[str]:
    parts = [line(run.key)]
    attempt = run.attempt
    if attempt is not None and attempt.exit_code is not None:
        parts.append(f"exit code {attempt.exit_code}")
    if attempt is not None and attempt.signal is not None:
        parts.append(f"ended by signal {attempt.signal}")
    if attempt is not None and attempt.oom_killed:
        parts.append("the kernel killed a process for memory")
    if attempt is not None:
        parts.append(f"attempt {attempt.n} on {short(attempt.host_id, 60)}")
    if run.resumes:
        parts.append(f"resumed {run.resumes} times before")
    told = _seen(run)
    seen = [short(f"Before it ended: {told}.", SEEN)] if told else []
    remedy = words.REMEDIES.get(run.cause) if run.cause else None
    log = ["The whole log is attached in the thread."] if run.log_tail else []
    return [" · ".join(parts), *seen, *([remedy] if remedy else []), *log]


def _seen(run: Run) -> str:
    """What its series show, the worst first; a NaN is what the card begins with."""
    before = [finding for finding in run.findings if finding.kind is not FindingKind.NAN]
    return "; ".join(findings.sentence(finding) for finding in before[:MOST_FINDINGS])


def _buttons(run: Run) -> list[Block]:
    target = actions.Target(run.experiment, label=run.label)
    fork = actions.button("Fork", actions.FORK, target)
    if run.cause in _FINAL:
        return [fork]
    retry = actions.button("Retry", actions.RETRY, target)
    if run.kind is RunKind.SMOKE:
        return [retry, fork]
    resume = actions.button("Resume", actions.RESUME, target)
    return [resume, retry, fork] if run.cause in _RESUMABLE else [retry, resume, fork]
