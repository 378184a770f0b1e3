"""The answer to "Plot now": interim values by seed, drawn in text. No verdict. Pure."""

from collections.abc import Sequence
from typing import Protocol

from bot.messages import actions, blocks, numbers, titles, words
from bot.messages.facts import Facts
from bot.messages.message import Block, Message

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 16
MOST = 12


class Point(Protocol):
    """A metric's value after so many steps."""

    @property
    def timesteps(self) -> int: ...
    @property
    def value(self) -> float: ...


def render(facts: Facts, curves: Sequence[tuple[str, Sequence[Point]]]) -> Message:
    """`curves` by the label of the run, each with at least one point; all share one scale."""
    experiment = facts.experiment
    name = words.metric_name(facts.metric)
    title = titles.title_block(experiment, "SO FAR", facts.links)
    if not curves:
        said = f"No interim value of {name} has been written yet; please try again in a moment."
        return Message(text=f"{experiment.key}: {said}", blocks=[title, blocks.section(said)])
    values = [point.value for _, curve in curves for point in curve]
    low, high = min(values), max(values)
    lines = [_line(label, curve, low, high) for label, curve in curves[:MOST]]
    drawn = [
        title,
        blocks.rich(
            blocks.rich_line(blocks.words(f"{name}, {numbers.metric(low)} to {numbers.metric(high)}")),
            blocks.preformatted("\n".join(lines)),
        ),
        blocks.context("Interim looks of few episodes: no verdict yet."),
        *_page(facts),
    ]
    return Message(text=f"{titles.title_text(experiment, 'SO FAR')} · {name}", blocks=drawn)


def sparkline(values: Sequence[float], low: float, high: float) -> str:
    """The values as small bars, at most `WIDTH` of them."""
    count = min(WIDTH, len(values))
    picked = [values[(place + 1) * len(values) // count - 1] for place in range(count)]
    span = (high - low) or 1.0
    return "".join(BARS[min(len(BARS) - 1, int((value - low) / span * len(BARS)))] for value in picked)


def _line(label: str, curve: Sequence[Point], low: float, high: float) -> str:
    last = curve[-1]
    drawn = sparkline([point.value for point in curve], low, high).ljust(WIDTH)
    return f"{label.ljust(5)}{drawn} {numbers.metric(last.value)} at {numbers.steps(last.timesteps)}"


def _page(facts: Facts) -> list[Block]:
    page = facts.links.experiment(facts.experiment.number)
    return [blocks.actions([actions.button("Open page", actions.OPEN_PAGE, url=page)])] if page else []
