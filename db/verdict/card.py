"""The verdict's lines of the result card, in the order and words that people know."""

from db.verdict import words
from db.verdict.outcomes import Outcome, Verdict

MARKS = {Outcome.SUPPORTED: "✓", Outcome.REFUTED: "✗", Outcome.INCONCLUSIVE: "?"}


def card_lines(verdict: Verdict) -> tuple[str, ...]:
    """Asked, Got, Diff, why it is inconclusive, seeds, further claims and guards, worst seed, failures."""
    headline, *others = verdict.claims
    lines = [f"Asked: {headline.asked}", f"Got: {headline.got}"]
    if headline.difference:
        lines.append(f"Diff {headline.difference}")
    if verdict.outcome is Outcome.INCONCLUSIVE:
        open_parts = [part for part in (*verdict.claims, *verdict.guards) if part.outcome is verdict.outcome]
        lines.append(_sentence(open_parts[0].reason))
    lines.append(seeds_line(verdict))
    lines += [f"{part.short} {MARKS[part.outcome]}" for part in (*others, *verdict.guards)]
    if verdict.worst_seed:
        lines.append(worst_line(verdict))
    if verdict.seeds_done or verdict.seeds_failed:
        lines.append(failures_line(verdict))
    return tuple(lines)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def seeds_line(verdict: Verdict) -> str:
    """Such as "5 of 5 seeds done · E-12: 5"."""
    done = f"{verdict.seeds_done} of {words.seeds(verdict.seeds_planned)} done"
    if verdict.seeds_failed:
        done = f"{done}, {verdict.seeds_failed} failed"
    return " · ".join([done, *(f"{name}: {count}" for name, count in verdict.comparators.items())])


def worst_line(verdict: Verdict) -> str:
    """Such as "Worst seed s4: 0.16", or that it failed; empty where no seed has a value."""
    if verdict.worst_seed is None:
        return ""
    metric = verdict.headline_metric
    worst = next(line for line in verdict.seeds if line.label == verdict.worst_seed)
    if worst.state == "failed":
        return f"Worst seed {worst.label}: failed"
    values = [line.values[metric] for line in verdict.seeds if metric in line.values]
    return f"Worst seed {worst.label}: {words.number(worst.values[metric], words.decimals(values))}"


def failures_line(verdict: Verdict) -> str:
    """Such as "Failures up to 45 % not excluded"."""
    return f"Failures up to {words.percent(verdict.failure_limit)} not excluded"
