"""The parts of the contract form that answer while one types: diff, echo, warnings, past work. Pure."""

from bot.forms import fields
from bot.forms.understand import Understood
from bot.forms.weigh import NO_WORKER, Known, Weighed
from bot.messages import blocks, diff, lists, proposal, refusals
from bot.messages.facts import Links
from bot.messages.message import Block
from bot.messages.short import short_sentence

PREVIEW = "preview"
ECHO = "echo"
GUARDS_ECHO = "guards_echo"
PAST = "past"
CHANNEL_PROBLEM = "channel_problem"
MOST_SIMILAR = 3
NOTE = 300
EXAMPLES = "For example: final reward > 450 · oscillation falls by 20% vs parent · no worse than parent by 15"


def preview(understood: Understood, known: Known) -> Block:
    """The diff as it stands, or what is wrong with the changes; always rich text."""
    problem = understood.errors.get(fields.CHANGES)
    if not known.has_worker:
        said = f"⚠️ {NO_WORKER}"
    elif known.start is None:
        said = "Choose what to start from; the difference to it appears here."
    elif problem:
        said = f"⚠️ {refusals.as_sentence(problem)}"
    elif not understood.changes:
        said = "One change a line: `learning_rate = 5e-4`, `gamma = x0.5`, `total_timesteps = +20%`."
    else:
        return _diff(understood, known)
    return blocks.rich(blocks.rich_line(*_with_code(said)), block_id=PREVIEW)


def _with_code(text: str) -> list[Block]:
    """Rich text in which what stands between backticks looks like code."""
    parts = text.split("`")
    return [blocks.words(part, code=index % 2 == 1) for index, part in enumerate(parts) if part]


def _diff(understood: Understood, known: Known) -> Block:
    assert known.start is not None
    origins = {".".join(path): key for path, key in known.start.resolved.provenance.items()}
    text, _ = diff.for_card(understood.changes, origins)
    title = blocks.rich_line(blocks.words(f"Against {known.start.key}", bold=True))
    return blocks.rich(title, blocks.preformatted(text), block_id=PREVIEW)


def channel(problem: str) -> Block:
    """Why the proposal could not be posted in the chosen channel."""
    return blocks.context(f"⚠️ {_note(problem)}", block_id=CHANNEL_PROBLEM)


def expected(understood: Understood, weighed: Weighed) -> Block:
    """How the expected outcome was understood, while it can still be corrected."""
    problem = weighed.errors.get(fields.EXPECTED)
    if problem:
        parts = [f"⚠️ {_note(refusals.as_sentence(problem))}"]
    elif weighed.echo:
        parts = [f"Understood as: {_note(weighed.echo, 600)}"]
    else:
        parts = [EXAMPLES]
    parts += [f"⚠️ {_note(warning)}" for warning in weighed.warnings[:4]]
    parts += [_note(hint) for hint in weighed.power[:2] if not problem]
    if weighed.alongside and understood.expectation is not None:
        parts.append(_alongside(weighed))
    return blocks.context(*parts, block_id=ECHO)


def _alongside(weighed: Weighed) -> str:
    why = f"it has fewer than {fields.ENOUGH_SEEDS} usable seeds or another fingerprint"
    said = "The experiment it is compared with runs alongside, with as many seeds"
    return f"{said}, because {why}." if weighed.suggest_alongside else f"{said}."


def guards(weighed: Weighed) -> Block | None:
    problem = weighed.errors.get(fields.GUARDS)
    if problem:
        return blocks.context(f"⚠️ {_note(refusals.as_sentence(problem))}", block_id=GUARDS_ECHO)
    if weighed.guards_echo:
        return blocks.context(f"Understood as: {_note(weighed.guards_echo, 600)}", block_id=GUARDS_ECHO)
    return None


def past(known: Known, links: Links, revises: int | None) -> list[Block]:
    """The same config if there was one, and what was tried before that reads alike."""
    made: list[Block] = []
    same = [other for other in known.duplicates if other.number != revises]
    for index, other in enumerate(same[:2]):
        text = f"⚠️ {proposal.duplicate(other)}{_where(other.number, links)}"
        made.append(blocks.section(text, block_id=f"duplicate.{index}"))
    alike = [other for other in known.similar if other.number != revises][:MOST_SIMILAR]
    if alike:
        rows = "\n".join(f"• {lists.short_row(other, links)}" for other in alike)
        made.append(blocks.context(f"*Similar past experiments*\n{rows}", block_id=PAST))
    return made


def _where(number: int, links: Links) -> str:
    url = links.experiment(number)
    return f" · <{url}|open>" if url else ""


def _note(text: str, limit: int = NOTE) -> str:
    return short_sentence(text, limit)
