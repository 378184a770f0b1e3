"""Answers to `/experiment search`, `list`, `queue`, `show` and `help`. Pure."""

from collections.abc import Mapping, Sequence

from bot.messages import actions, blocks, budget, cost, numbers, titles, words
from bot.messages.escape import line, mrkdwn, one_line
from bot.messages.facts import Links
from bot.messages.message import Block, Message
from bot.messages.people import at
from bot.messages.short import short, short_sentence
from db.lifecycle import OPEN_EXPERIMENTS
from db.records import Person, Run, SearchAnswer, Summary

SHOWN = 8
SNIPPET = 150
LEAD = 600
CHANGE = 80
MOST_CHANGES = 4
BASELINES = "signoff"
"""The author of the baselines that were shipped."""

HELP = (
    ("new", "propose an experiment: a form opens"),
    ("search <words>", "find experiments, for example `search experiments fixing oscillation`"),
    ("show E-n", "the contract, the seeds and the result of one experiment"),
    ("list", "the newest experiments"),
    ("queue", "what runs now, who holds the GPUs, and what waits"),
    ("priority E-n high", "let it start before others: high, normal or low"),
    ("help", "this text"),
)


def help_message(lead: str = "Signoff: no run starts without a reason, a diff and a signature.") -> Message:
    lines = [f"• `{actions.COMMAND} {usage}` {meaning}" for usage, meaning in HELP]
    text = f"{budget.escaped_head(mrkdwn(lead), LEAD)}\n" + "\n".join(_shown(row) for row in lines)
    return Message(text=text, blocks=[blocks.section(text)])


def _shown(row: str) -> str:
    """Our own text with `<words>` in it, which Slack would read as a link."""
    return row.replace("<", "&lt;").replace(">", "&gt;")


def search_answer(query: str, answer: SearchAnswer, links: Links) -> Message:
    """The best results with what was understood of the query, and a way to fork each."""
    asked = short(query, 150)
    total = max(answer.total, len(answer.results))
    lead = f"*{numbers.counted(total, 'experiment')}* for “{asked}”"
    if answer.filters:
        lead += f"\nUnderstood: {short(', '.join(answer.filters), 300)}"
    lead += "".join(f"\n⚠️ {short_sentence(warning, 200)}" for warning in answer.warnings[:3])
    if not answer.results:
        lead += "\nTry fewer or other words: objectives, parameters, environments and tags all count."
    shown = answer.results[:SHOWN]
    drawn = [blocks.section(lead), *(_row(summary, links) for summary in shown)]
    if total > len(shown):
        drawn.append(
            blocks.context(f"The first {len(shown)} of {total:,} are shown; add words to narrow it down.")
        )
    named = _named(shown)
    return Message(
        text=f"{numbers.counted(total, 'experiment')} for “{asked}”: {named}".rstrip(": "), blocks=drawn
    )


def newest(summaries: Sequence[Summary], links: Links) -> Message:
    if not summaries:
        text = f"Nobody has proposed an experiment yet. `{actions.COMMAND} new` opens the form."
        return Message(text=text, blocks=[blocks.section(text)])
    shown = summaries[:SHOWN]
    text = "The newest experiments"
    named = _named(shown)
    return Message(
        text=f"{text}: {named}", blocks=[blocks.section(f"*{text}*"), *(_row(s, links) for s in shown)]
    )


def _named(summaries: Sequence[Summary]) -> str:
    """The experiments for notifications and screen readers."""
    return ", ".join(f"{summary.key} · {short(summary.title, titles.TITLE)}" for summary in summaries)


def row_text(summary: Summary, links: Links) -> str:
    """One experiment in a list: what it is, what it changed, what came out (mrkdwn)."""
    page = links.experiment(summary.number)
    key = f"<{page}|{summary.key}>" if page else summary.key
    title = short(summary.title, titles.TITLE)
    lines = [f"*{key} · {title}* · {state(summary)}"]
    changes = ", ".join(budget.head(one_line(change), CHANGE) for change in summary.changes[:MOST_CHANGES])
    if len(summary.changes) > MOST_CHANGES:
        changes += f", {len(summary.changes) - MOST_CHANGES} more"
    if changes:
        lines.append(short(changes, SNIPPET))
    if summary.got:
        lines.append(f"→ {short(summary.got, SNIPPET)}")
    if summary.snippet:
        lines.append(f"_{short(summary.snippet, SNIPPET)}_")
    lines.append(_origin(summary, links))
    return "\n".join(lines)


def short_row(summary: Summary, links: Links) -> str:
    """One line: E-12 · title · supported · lr 3e-4 → 1e-4 (mrkdwn)."""
    page = links.experiment(summary.number)
    key = f"<{page}|{summary.key}>" if page else summary.key
    title = short(summary.title, titles.TITLE)
    change = short(", ".join(summary.changes[:2]), CHANGE)
    return " · ".join(part for part in (f"{key} · {title}", state(summary), change) if part)


def state_words(summary: Summary) -> str:
    """The same without escapes, for plain_text."""
    if summary.author.id == BASELINES:
        return "baseline"
    return summary.outcome or words.STATUSES[summary.status]


def state(summary: Summary) -> str:
    """The outcome where there is one, else the status: waits for approval, approved."""
    if summary.outcome:
        return short(f"{words.OUTCOME_SIGNS.get(summary.outcome, '')} {summary.outcome}", 40)
    return state_words(summary)


def _origin(summary: Summary, links: Links) -> str:
    parts = [
        f"{short(summary.algo, 40)} on {short(summary.env_id, 60)}",
        f"{at(summary.author)}",
        numbers.day(summary.created_at),
    ]
    thread = links.thread(summary.channel_id, summary.thread_ts)
    return " · ".join([*parts, *([f"<{thread}|thread>"] if thread else [])])


def _row(summary: Summary, links: Links) -> Block:
    target = actions.Target(summary.number)
    open_still = summary.status in OPEN_EXPERIMENTS  # what may still change cannot be forked
    show = actions.button("Show", actions.SHOW, target)
    fork = actions.button("Fork", actions.FORK, target)
    return blocks.section(row_text(summary, links), accessory=show if open_still else fork)


def queue(
    running: Sequence[Run],
    waiting: Sequence[Run],
    hosts: Sequence[str],
    holders: Mapping[int, Person],
    notes: Mapping[int, str] | None = None,
) -> Message:
    """What runs and what waits, in order. `hosts` are sentences about the machines, `holders` the
    authors of what runs by experiment number, `notes` by run id which GPUs it has, or what it waits for.
    """
    said = notes or {}
    lines = [f"*Running: {len(running)}*"]
    lines += [
        " · ".join((line(run.key), *_holder(run, holders, said), _progress(run))) for run in running[:SHOWN]
    ]
    lines.append(f"*Waiting: {len(waiting)}*")
    lines += [f"{place}. {_waiting(run, said)}" for place, run in enumerate(waiting[:SHOWN], 1)]
    if len(waiting) > SHOWN:
        lines.append(f"and {len(waiting) - SHOWN} more")
    machines = [short_sentence(host, 200) for host in hosts[:SHOWN]] or [
        "No worker has joined yet, so nothing can run. `signoff worker` starts one."
    ]
    text = f"{len(running)} running, {len(waiting)} waiting"
    return Message(text=text, blocks=[blocks.section("\n".join(lines)), blocks.context("\n".join(machines))])


def _waiting(run: Run, notes: Mapping[int, str]) -> str:
    """E-42/s1 · 2 GPUs · high priority · gpu-1 is kept for it."""
    needs = cost.gpus(run.needs)
    priority = f"{words.PRIORITIES[run.priority]} priority" if run.priority else ""
    why = short(notes.get(run.id, ""), 80)
    return " · ".join(part for part in (line(run.key), needs, priority, why) if part)


def declared_dead(host: str, lost: Sequence[str]) -> str:
    """What a person has just done to a host."""
    if not lost:
        return f"{host} is declared dead; nothing ran there."
    resume = f"{numbers.counted(len(lost), 'run')} will resume elsewhere: {', '.join(lost[:SHOWN])}"
    return f"{host} is declared dead; {resume}."


def cleaned(host: str, uuids: Sequence[str]) -> str:
    """GPUs that are offered again."""
    return f"{host} offers {numbers.counted(len(uuids), 'GPU')} again: {', '.join(uuids[:SHOWN])}."


def _holder(run: Run, holders: Mapping[int, Person], notes: Mapping[int, str]) -> tuple[str, ...]:
    """Who has which host's slot with this run."""
    person = holders.get(run.experiment)
    place = f"{run.attempt.host_id} {notes.get(run.id, '')}".rstrip() if run.attempt else ""
    where = (short(place, 80),) if place else ()
    return (*where, at(person)) if person else where


def _progress(run: Run) -> str:
    progress = run.progress
    if progress is None or progress.total_timesteps <= 0:
        return "starting"
    share = numbers.percent(min(1.0, progress.timesteps / progress.total_timesteps))
    return f"{share} · ~{numbers.duration(progress.eta_s)} left" if progress.eta_s else share
