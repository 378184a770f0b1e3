"""One of each message, card and view that Signoff sends, made of the same few typed texts."""

from collections.abc import Sequence
from dataclasses import replace

from bot.curves import Point
from bot.forms import contract, options, small_views
from bot.forms.filled import Filled
from bot.forms.named_code import NamedCode
from bot.forms.understand import understand
from bot.forms.weigh import weigh
from bot.messages import (
    conclusion,
    curves,
    decision,
    extension,
    failure,
    home,
    lists,
    proposal,
    refusals,
    result,
    show,
    status,
)
from bot.messages.actions import Target
from bot.messages.facts import FailureFacts, Holder, ProposalFacts, Reference, ResultFacts, StatusFacts
from bot.messages.message import Block, Message
from db.config.diff import diff, flat
from db.lifecycle import ExitCause, ExperimentStatus, RunStatus
from db.records import (
    Conclusion,
    Decision,
    DecisionKind,
    Experiment,
    Extension,
    Intent,
    Person,
    Question,
    Result,
    SearchAnswer,
    Summary,
)
from db.verdict import ClaimVerdict, Outcome, SeedLine, Verdict
from tests.unit.bot import factory
from tests.unit.bot.forms.test_contract import CATALOGUE, GOOD, known
from trainer.contract import JsonObject, RunKind

COUNT = 24
"""So many texts are used; of fewer, each is used again."""


class Typed:
    """Hands out the texts one after the other."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = list(texts)
        self._next = 0

    def __call__(self) -> str:
        self._next += 1
        return self._texts[(self._next - 1) % len(self._texts)]

    def several(self, count: int) -> tuple[str, ...]:
        return tuple(self() for _ in range(count))

    def sentences(self, count: int) -> tuple[str, ...]:
        """Sentences of ours that quote what was typed; ours alone may hold backticks."""
        return tuple(f"We read `gamma` in “{self().replace('`', '')}”." for _ in range(count))

    def person(self) -> Person:
        return Person("UANA", self())


def experiment(said: Typed, overrides: JsonObject, **changed: object) -> Experiment:
    """An experiment in which every text was typed by somebody."""
    who, reason = said.person(), said()
    intent = Intent(
        title=said(),
        objective=said(),
        hypothesis=said(),
        expected=said(),
        guards=said(),
        stop_rule=said(),
        context_link=f"see {said()}",  # a web address alone is meant to be a link
        tags=said.several(3),
    )
    config: JsonObject = {**factory.BASE, "env": overrides}
    made = factory.experiment(
        revision=factory.revision(intent=intent, author=who, config=config),
        author=who,
        tags=said.several(3),
        smoke_message=said(),
        runs=tuple(
            factory.run(n, state, message=said(), log_tail=said(), cause=cause, label=f"s{n}")
            for n, state, cause in (
                (1, RunStatus.RUNNING, None),
                (2, RunStatus.FAILED, ExitCause.CODE_ERROR),
                (3, RunStatus.QUEUED, None),
            )
        ),
        decisions=(Decision(42, 1, DecisionKind.REJECT, who, reason, factory.NOW),),
        conclusion=Conclusion(said(), who, factory.NOW),
        results=(Result(42, 1, "supported", {}, None, said(), factory.NOW),),
    )
    return replace(made, **changed)  # type: ignore[arg-type]  # callers name fields of the record


def messages(texts: Sequence[str], overrides: JsonObject) -> dict[str, Message]:
    """Every message by a name."""
    said = Typed(texts)
    of = experiment(said, overrides)
    facts = _proposal(of, said)
    base = facts.base
    made = {
        f"proposal {state.value}": proposal.render(
            replace(facts, base=replace(base, experiment=replace(of, status=state)))
        )
        for state in ExperimentStatus
    }
    made["show"] = show.render(facts, _verdict(said))
    made["conclusion"] = conclusion.render(base)
    made |= {
        f"decision {kind.value}": decision.render(base, replace(of.decisions[0], kind=kind))
        for kind in DecisionKind
    }
    made["status"] = status.render(StatusFacts(base, positions={3: 1}, holders=(Holder(said(), 40, said()),)))
    made["smoke"] = failure.render(FailureFacts(base, replace(of.runs[1], kind=RunKind.SMOKE)))
    made["failure"] = failure.render(FailureFacts(base, of.runs[1]))
    drawn = Result(42, 2, "supported", {}, "plot.png", said(), factory.NOW)
    made["result"] = result.render(ResultFacts(base, drawn, _verdict(said), file_id="F1"))
    made["result without a plot"] = result.render(
        ResultFacts(base, drawn, _verdict(said), picture_note=said())
    )
    made["curves"] = curves.render(base, [(said()[:5], (Point(1, 0.5), Point(2, 0.7)))])
    made |= {
        f"extension {state.value}": extension.render(base, _extension(said, state))
        for state in (ExperimentStatus.PROPOSED, ExperimentStatus.APPROVED, ExperimentStatus.REJECTED)
    }
    return made | _answers(said)


def views(texts: Sequence[str], overrides: JsonObject) -> dict[str, Block]:
    """Every modal and the Home tab by a name."""
    said = Typed(texts)
    of = experiment(said, overrides)
    question = Question(1, said(), said(), said.person(), factory.NOW)
    row = (_row(said),) * 12
    filled = replace(
        GOOD,
        changes=said()[:3_000],
        objective=said()[:3_000],
        hypothesis=said()[:3_000],
        expected=said()[:3_000],
        guards=said()[:3_000],
        tags=said()[:300],
        title=said()[:100],
        time_limit=said()[:60],
        stop_rule=said()[:300],
        context_link=said()[:300],
        new_question=said()[:300],
        question=1,
    )
    return {
        "home": home.render(home.HomeFacts(row, row, 3, 4, factory.LINKS)),
        "contract": _contract(filled, said, question),
        "contract in full": _contract(replace(filled, ids=replace(filled.ids, more=True)), said, question),
        "loading": small_views.loading(),
        "sentence": small_views.sentence("Edit E-42", refusals.only_author(of)),
        "reason": small_views.reason(Target(42, 1, "0" * 16), "E-42", said.person()),
        "conclude": small_views.conclude(of, question),
    }


def offers(texts: Sequence[str]) -> list[Block]:
    """What the typeaheads offer."""
    said = Typed(texts)
    asked = [Question(n, said(), None, said.person(), factory.NOW) for n in range(1, 4)]
    return [*options.experiments([_row(said) for _ in range(3)]), *options.questions(asked, "")]


def _contract(filled: Filled, said: Typed, question: Question) -> Block:
    same = (_row(said),) * 4
    start = known().start
    assert start is not None
    about = known(
        start=replace(start, title=said()), duplicates=same, similar=same, channel_problem=said()[:900]
    )
    understood = understand(filled, about.start, NamedCode(CATALOGUE))
    weighed = weigh(filled, understood, about)
    return contract.contract_view(filled, understood, weighed, about, links=factory.LINKS, question=question)


def _answers(said: Typed) -> dict[str, Message]:
    rows = tuple(_row(said) for _ in range(9))
    answer = SearchAnswer(rows, said.several(3), said.sentences(3), 1_000)
    holders = {42: said.person()}
    of = factory.experiment(revision=factory.revision(author=said.person()))
    return {
        "search": lists.search_answer(said(), answer, factory.LINKS),
        "nothing found": lists.search_answer(said(), SearchAnswer(()), factory.LINKS),
        "list": lists.newest(rows, factory.LINKS),
        "queue": lists.queue([factory.run(1)] * 9, [factory.run(2)] * 9, said.sentences(3), holders),
        "help": lists.help_message(),
        "unknown command": lists.help_message(refusals.unknown_command(said())),
        "only the author": refusals.sentence(refusals.only_author(of)),
        "no such experiment": lists.help_message(f"“{said()}” is not an experiment."),
    }


def _proposal(of: Experiment, said: Typed) -> ProposalFacts:
    base = factory.facts(
        of,
        parent=Reference(12, said(), factory.LINKS.experiment(12)),
        changes=flat(diff(factory.BASE, of.revision.config)),
        understood=said(),
        guards_understood=said(),
        warnings=said.sentences(2),
    )
    asked = Question(1, said(), None, of.author, factory.NOW)
    return ProposalFacts(base, question=asked, duplicates=(_row(said),) * 3)


def _row(said: Typed) -> Summary:
    return factory.summary(
        title=said(),
        got=said(),
        author=said.person(),
        changes=said.several(5),
        snippet=said(),
        algo=said(),
        env_id=said(),
        outcome=said(),
    )


def _verdict(said: Typed) -> Verdict:
    claim = ClaimVerdict(
        asked=said(),
        outcome=Outcome.SUPPORTED,
        got=said(),
        reason=said(),
        short=said(),
        difference=said(),
    )
    return Verdict(
        outcome=Outcome.SUPPORTED,
        claims=(claim, claim),
        guards=(claim,),
        seeds=tuple(SeedLine(f"s{n}", "done", {"oscillation": 0.1}) for n in range(1, 4)),
        seeds_done=3,
        seeds_failed=0,
        seeds_planned=3,
        comparators={said(): 5},
        headline_metric="oscillation",
        worst_seed="s3",
        failure_limit=0.06,
        n_episodes=100,
        notes=said.sentences(2),
        needs_more_seeds=2,
    )


def _extension(said: Typed, state: ExperimentStatus) -> Extension:
    who = said.person()
    return Extension(42, 1, state, who, 6, 3, factory.HASH, who, said(), factory.NOW, factory.NOW)
