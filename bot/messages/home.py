"""The app's Home tab: what waits for this person, what is theirs, what runs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.messages import actions, blocks, lists, numbers
from bot.messages.facts import Links
from bot.messages.message import Block
from db.records import Summary

SHOWN = 10


@dataclass(frozen=True)
class HomeFacts:
    """`to_decide` are other people's open proposals; `mine` this person's newest experiments."""

    to_decide: Sequence[Summary]
    mine: Sequence[Summary]
    running: int
    waiting: int
    links: Links


def render(facts: HomeFacts) -> Block:
    """The view for views.publish."""
    new = actions.button("New experiment", actions.NEW, style="primary")
    running = f"{numbers.counted(facts.running, 'run')} in flight, {facts.waiting} waiting"
    return {
        "type": "home",
        "blocks": [
            blocks.header("Signoff"),
            blocks.actions([new]),
            blocks.context(running),
            *_part("Waits for a decision", facts.to_decide, facts.links, "Nothing waits for a decision."),
            *_part("Your experiments", facts.mine, facts.links, "You have proposed no experiment yet."),
        ],
    }


def _part(title: str, summaries: Sequence[Summary], links: Links, empty: str) -> list[Block]:
    rows = [_row(summary, links) for summary in summaries[:SHOWN]]
    return [blocks.divider(), blocks.section(f"*{title}*"), *(rows or [blocks.context(empty)])]


def _row(summary: Summary, links: Links) -> Block:
    target = actions.Target(summary.number)
    return blocks.section(
        lists.row_text(summary, links), accessory=actions.button("Show", actions.SHOW, target)
    )
