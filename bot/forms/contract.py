"""The contract form: the essentials first, the rest behind "More" with its defaults filled in. Pure.

A field of "More" stays on screen when the rest is hidden, as soon as it differs from its default:
what a person typed is never dropped.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.forms import fields, hints, inputs
from bot.forms.filled import Filled
from bot.forms.understand import STEPS_KEY, Understood
from bot.forms.weigh import Known, Weighed
from bot.messages import budget
from bot.messages.facts import Links
from bot.messages.message import Block
from db.records import Question


def contract_view(
    filled: Filled,
    understood: Understood,
    weighed: Weighed,
    known: Known,
    *,
    links: Links,
    question: Question | None = None,
) -> Block:
    """The whole modal. `question` is the one that was picked, for its label."""
    ids = replace(filled.ids, parent=filled.parent, alongside_default=weighed.suggest_alongside)
    revises = filled.ids.revises
    shown = [
        *_channel(filled, known),
        *_essentials(filled, understood, weighed, known, links),
        _toggle(filled),
        *_rest(filled, weighed, known, question),
    ]
    return inputs.modal(
        fields.CALLBACK,
        f"Edit E-{revises}" if revises else "New experiment",
        shown,
        submit="Resubmit" if revises else "Propose",
        metadata=ids.to_metadata(),
    )


def _channel(filled: Filled, known: Known) -> list[Block]:
    if filled.ids.channel or filled.ids.revises:
        return []
    element = inputs.channel(fields.CHANNEL, "Where the proposal is posted", filled.channel)
    hint = "A channel that Signoff is a member of."
    shown = [inputs.block(fields.CHANNEL, "Channel", element, hint=hint, dispatch=True)]
    return [*shown, hints.channel(known.channel_problem)] if known.channel_problem else shown


def _essentials(
    filled: Filled, understood: Understood, weighed: Weighed, known: Known, links: Links
) -> list[Block]:
    return [
        _parent(known),
        _changes(filled),
        _add(filled),
        hints.preview(understood, known),
        _long(fields.OBJECTIVE, "Objective", filled.objective, "What should get better, and for whom?"),
        _long(fields.HYPOTHESIS, "Hypothesis", filled.hypothesis, "Why should these changes do that?"),
        inputs.block(
            fields.EXPECTED,
            "Expected outcome",
            inputs.text(
                fields.EXPECTED,
                initial=filled.expected,
                placeholder="final reward > 450",
                limit=fields.TEXT,
                dispatch=True,
            ),
            dispatch=True,
        ),
        hints.expected(understood, weighed),
        *hints.past(known, links, filled.ids.revises),
    ]


def parent_option(number: int, title: str, description: str = "") -> Block:
    return inputs.option(f"E-{number} · {title}", str(number), description)


def _parent(known: Known) -> Block:
    chosen = parent_option(known.start.number, known.start.title) if known.start else None
    element = inputs.external(fields.PARENT, "Search the ledger: number, words, environment", chosen)
    return inputs.block(fields.PARENT, "Start from", element, dispatch=True)


def _changes(filled: Filled) -> Block:
    element = inputs.text(
        fields.CHANGES,
        initial=filled.changes,
        placeholder="learning_rate = 5e-4",
        multiline=True,
        dispatch=True,
    )
    # The steps field alone may be the change, so that Slack must not insist on text here.
    return inputs.block(
        f"{fields.CHANGES}.{filled.ids.generation}",
        "Changes",
        element,
        hint="One a line; everything else stays as in the experiment that you start from.",
        optional=bool(filled.steps or filled.start_weights),
        dispatch=True,
    )


def _add(filled: Filled) -> Block:
    element = inputs.external(fields.ADD, "Add parameter…")
    return {"type": "actions", "block_id": f"{fields.ADD}.{filled.ids.generation}", "elements": [element]}


def _long(name: str, label: str, initial: str, placeholder: str) -> Block:
    dispatch = name in fields.REFRESHING
    element = inputs.text(name, initial=initial, placeholder=placeholder, multiline=True, dispatch=dispatch)
    return inputs.block(name, label, element, dispatch=dispatch)


def _toggle(filled: Filled) -> Block:
    words = "Fewer fields" if filled.ids.more else "More: guards, seeds, steps, time, approver …"
    return {
        "type": "actions",
        "block_id": "toggle",
        "elements": [
            {
                "type": "button",
                "action_id": fields.MORE,
                "text": inputs.plain_text(words, budget.BUTTON_TEXT),
                "value": "0" if filled.ids.more else "1",
            }
        ],
    }


def _rest(filled: Filled, weighed: Weighed, known: Known, question: Question | None) -> list[Block]:
    default = Filled()
    made: list[Block] = []
    for name, build in _REST.items():
        differs = getattr(filled, name) != getattr(default, name)
        if filled.ids.more or differs or name in weighed.errors:
            made.append(build(filled, weighed, known, question))
        if name == fields.GUARDS:
            echo = hints.guards(weighed)
            made += [echo] if echo else []
    return made


Build = Callable[[Filled, Weighed, Known, Question | None], Block]


def _guards(filled: Filled, *_: object) -> Block:
    element = inputs.text(
        fields.GUARDS, initial=filled.guards, placeholder="final reward by 15", dispatch=True
    )
    return inputs.block(fields.GUARDS, "Must not get worse", element, optional=True, dispatch=True)


def _comparator(filled: Filled, _: Weighed, known: Known, __: Question | None) -> Block:
    chosen = None
    if filled.comparator is not None:
        other = known.others.get(filled.comparator)
        chosen = parent_option(filled.comparator, other.reference.title if other else "not in the ledger")
    element = inputs.external(fields.COMPARATOR, "What it starts from", chosen)
    return inputs.block(fields.COMPARATOR, "Compare with", element, optional=True, dispatch=True)


def _alongside(_: Filled, weighed: Weighed, __: Known, ___: Question | None) -> Block:
    element = inputs.checkbox(
        fields.ALONGSIDE,
        "Run it alongside",
        fields.YES,
        checked=weighed.alongside,
        description="The comparator is trained too, with as many seeds, under the same approval.",
    )
    block_id = f"{fields.ALONGSIDE}.{int(weighed.suggest_alongside)}"
    return inputs.block(block_id, "Comparator", element, optional=True, dispatch=True)


def _question(filled: Filled, _: Weighed, __: Known, question: Question | None) -> Block:
    chosen = question_option(question) if question and question.number == filled.question else None
    element = inputs.external(fields.QUESTION, "A question of the ledger", chosen)
    return inputs.block(fields.QUESTION, "Question", element, optional=True)


def question_option(question: Question) -> Block:
    return inputs.option(f"Q-{question.number} · {question.text}", str(question.number))


def _new_question(filled: Filled, *_: object) -> Block:
    element = inputs.text(fields.NEW_QUESTION, initial=filled.new_question, limit=fields.ONE_LINE)
    return inputs.block(fields.NEW_QUESTION, "Or a new question", element, optional=True)


def _start(filled: Filled, *_: object) -> Block:
    element = inputs.text(
        fields.START, initial=filled.start_weights, limit=fields.ONE_LINE, placeholder="E-12/s1"
    )
    hint = (
        "A finished seed whose policy to begin with, or E-12 for one of its seeds each; add optimizer or all "
        "to load more."
    )
    return inputs.block(fields.START, "Start weights", element, hint=hint, optional=True)


def _seeds(filled: Filled, *_: object) -> Block:
    element = inputs.number(
        fields.SEEDS, initial=filled.seeds, least=1, most=fields.MOST_SEEDS, dispatch=True
    )
    hint = "5 allow a verdict; fewer show values alone."
    return inputs.block(fields.SEEDS, "Seeds", element, hint=hint, optional=True, dispatch=True)


def _steps(filled: Filled, _: Weighed, known: Known, __: Question | None) -> Block:
    inherited = known.start.resolved.config.get(STEPS_KEY) if known.start else None
    element = inputs.number(fields.STEPS, initial=filled.steps, least=1, most=10**12, dispatch=True)
    hint = f"{known.start.key} has {inherited:,}." if known.start and isinstance(inherited, int) else ""
    return inputs.block(fields.STEPS, "Steps", element, hint=hint, optional=True, dispatch=True)


def _device(filled: Filled, *_: object) -> Block:
    options = [inputs.option("CPU", fields.CPU), inputs.option("1 GPU", fields.GPU)]
    return inputs.block(fields.DEVICE, "Runs on", inputs.select(fields.DEVICE, options, filled.device))


def _resources(filled: Filled, *_: object) -> Block:
    example = "gpus: 2, memory_gb: 16, cpus: 4"
    element = inputs.text(fields.RESOURCES, initial=filled.resources, limit=120, placeholder=example)
    hint = "gpu_share: 0.25 shares a GPU with others. Left out: one CPU, or one whole GPU."
    return inputs.block(fields.RESOURCES, "Resources of a seed", element, hint=hint, optional=True)


def _time_limit(filled: Filled, *_: object) -> Block:
    element = inputs.text(fields.TIME_LIMIT, initial=filled.time_limit, limit=60)
    return inputs.block(fields.TIME_LIMIT, "Time limit of a seed", element, optional=True)


def _stop_rule(filled: Filled, *_: object) -> Block:
    example = "final reward < 50 after 50k steps"
    element = inputs.text(
        fields.STOP_RULE, initial=filled.stop_rule, limit=fields.ONE_LINE, placeholder=example
    )
    hint = "Looked at on every interim evaluation. A seed that is stopped early gives no verdict."
    return inputs.block(fields.STOP_RULE, "Stop early if", element, hint=hint, optional=True)


def _approver(filled: Filled, *_: object) -> Block:
    element = inputs.person(fields.APPROVER, "Anyone who may approve", filled.approver)
    return inputs.block(fields.APPROVER, "Approver", element, optional=True)


def _link(filled: Filled, *_: object) -> Block:
    element = inputs.url(fields.CONTEXT_LINK, initial=filled.context_link, placeholder="https://")
    return inputs.block(fields.CONTEXT_LINK, "Context link", element, optional=True)


def _title(filled: Filled, *_: object) -> Block:
    element = inputs.text(
        fields.TITLE, initial=filled.title, placeholder="From the objective", limit=fields.TITLE_LENGTH
    )
    return inputs.block(fields.TITLE, "Title", element, optional=True)


def _tags(filled: Filled, *_: object) -> Block:
    element = inputs.text(
        fields.TAGS, initial=filled.tags, placeholder="oscillation, reward", limit=fields.ONE_LINE
    )
    return inputs.block(fields.TAGS, "Tags", element, optional=True)


_REST: Mapping[str, Build] = {
    fields.GUARDS: _guards,
    fields.COMPARATOR: _comparator,
    fields.ALONGSIDE: _alongside,
    fields.QUESTION: _question,
    fields.NEW_QUESTION: _new_question,
    fields.START: _start,
    fields.SEEDS: _seeds,
    fields.STEPS: _steps,
    fields.DEVICE: _device,
    fields.RESOURCES: _resources,
    fields.TIME_LIMIT: _time_limit,
    fields.STOP_RULE: _stop_rule,
    fields.APPROVER: _approver,
    fields.CONTEXT_LINK: _link,
    fields.TITLE: _title,
    fields.TAGS: _tags,
}
