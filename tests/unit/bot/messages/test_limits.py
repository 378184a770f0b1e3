"""Whatever stands in the ledger, the cards stay inside Slack's limits and harmless."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from bot.messages import conclusion, decision, failure, home, lists, proposal, refusals, result, show, status
from bot.messages.facts import FailureFacts, Holder, ProposalFacts, ResultFacts, StatusFacts
from bot.messages.message import Message
from db.config.diff import diff, flat
from db.lifecycle import ExitCause, ExperimentStatus, RunStatus
from db.records import (
    Conclusion,
    Decision,
    DecisionKind,
    Experiment,
    Intent,
    Person,
    Question,
    Result,
    SearchAnswer,
)
from db.verdict import ClaimVerdict, Outcome, SeedLine, Verdict
from tests.unit.bot import factory
from tests.unit.bot.limits import assert_openable, assert_sendable
from trainer.contract import JsonObject, RunKind

NASTY = ("<!channel>", "<@U123>", "```", "\u202e", "&amp;", "*bold*", "שלום", "👩\u200d🔬", "\n", "\x00", "x")
TEXT = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(NASTY), min_size=1, max_size=40).map("".join),
    st.sampled_from(NASTY).map(lambda part: (part * 10_000)[:10_000]),
)
PEOPLE = st.builds(Person, id=st.just("UANA"), name=TEXT)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT
)
OVERRIDES = st.one_of(
    st.dictionaries(TEXT.map(lambda key: key[:200]), SCALARS, max_size=5),
    st.just({f"override_{n}": "value <!channel> " * 5 for n in range(300)}),
)
INTENTS = st.builds(
    Intent,
    title=TEXT,
    objective=TEXT,
    hypothesis=TEXT,
    expected=TEXT,
    guards=TEXT,
    stop_rule=TEXT,
    context_link=TEXT,
    tags=st.lists(TEXT, max_size=20).map(tuple),
    run_alongside=st.booleans(),
)
RUNS = st.lists(
    st.builds(
        lambda seed, state, kind, text, cause: factory.run(
            seed, state, kind=kind, message=text, log_tail=text, cause=cause
        ),
        st.integers(1, 60),
        st.sampled_from(RunStatus),
        st.sampled_from(RunKind),
        TEXT,
        st.sampled_from(ExitCause),
    ),
    max_size=25,
).map(tuple)
CLAIMS = st.builds(
    ClaimVerdict,
    asked=TEXT,
    outcome=st.sampled_from(Outcome),
    got=TEXT,
    reason=TEXT,
    short=TEXT,
    difference=TEXT,
)
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")  # large reprs
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    who, reason = draw(PEOPLE), draw(TEXT)
    env: JsonValue = dict(draw(OVERRIDES))
    config: JsonObject = {**factory.BASE, "env": env}
    made = factory.revision(intent=draw(INTENTS), author=who, config=config)
    return factory.experiment(
        status=draw(st.sampled_from(ExperimentStatus)),
        revision=made,
        author=who,
        runs=draw(RUNS),
        smoke_message=draw(TEXT),
        decisions=(Decision(42, 1, draw(st.sampled_from(DecisionKind)), who, reason, factory.NOW),),
        conclusion=Conclusion(reason, who, factory.NOW),
        results=(Result(42, 1, "supported", {}, None, reason, factory.NOW),),
    )


def _proposal(of: Experiment, text: str) -> ProposalFacts:
    changes = flat(diff(factory.BASE, of.revision.config))
    base = factory.facts(of, changes=changes, understood=text, guards_understood=text, warnings=(text,) * 9)
    same = factory.summary(title=text or "x", got=text, author=of.author, changes=(text,) * 9, snippet=text)
    asked = Question(1, text, None, of.author, factory.NOW)
    return ProposalFacts(base, question=asked, duplicates=(same,) * 5)


@QUICK
@given(experiments(), TEXT)
def test_contracts_of_any_size(of: Experiment, text: str) -> None:
    facts = _proposal(of, text)
    assert_sendable(proposal.render(facts))
    assert_sendable(show.render(facts, None))
    assert_sendable(conclusion.render(facts.base))
    for decided in of.decisions:
        assert_sendable(decision.render(facts.base, decided))


@QUICK
@given(experiments(), TEXT)
def test_status_and_failures_of_any_size(of: Experiment, text: str) -> None:
    base = factory.facts(of)
    holders = (Holder(text, 40, text),)
    assert_sendable(status.render(StatusFacts(base, positions={1: 3}, holders=holders)))
    for run in of.runs[:5]:
        assert_sendable(failure.render(FailureFacts(base, run)))


@QUICK
@given(experiments(), st.lists(CLAIMS, max_size=8), TEXT)
def test_results_of_any_size(of: Experiment, claims: list[ClaimVerdict], text: str) -> None:
    verdict = Verdict(
        outcome=claims[0].outcome if claims else Outcome.INCONCLUSIVE,
        claims=tuple(claims),
        guards=tuple(claims),
        seeds=tuple(SeedLine(f"s{n}", "done", {"oscillation": 0.1}) for n in range(1, 51)),
        seeds_done=50,
        seeds_failed=0,
        seeds_planned=50,
        comparators={text: 5},
        headline_metric="oscillation",
        worst_seed="s4",
        failure_limit=0.06,
        n_episodes=100,
        notes=(text,) * 9,
        needs_more_seeds=2,
    )
    made = Result(42, 2, "inconclusive", {}, "plot.png", text, factory.NOW)
    base = factory.facts(of)
    assert_sendable(result.render(ResultFacts(base, made, verdict, file_id="F123")))
    assert_sendable(result.render(ResultFacts(base, made, verdict, picture_note=text)))
    assert_sendable(show.render(ProposalFacts(base), verdict))


@QUICK
@given(TEXT, PEOPLE)
def test_answers_of_any_size(text: str, who: Person) -> None:
    row = factory.summary(
        title=text,
        got=text,
        author=who,
        changes=(text,) * 9,
        snippet=text,
        algo=text,
        env_id=text,
        outcome=text,
    )
    answer = SearchAnswer((row,) * 30, (text,) * 9, (text,) * 9, 1_000)
    sent: list[Message] = [
        lists.search_answer(text, answer, factory.LINKS),
        lists.search_answer(text, SearchAnswer(()), factory.LINKS),
        lists.newest((row,) * 30, factory.LINKS),
        lists.queue([factory.run(1)] * 30, [factory.run(2)] * 30, [text] * 30, {42: Person("U1", text)}),
        lists.help_message(refusals.unknown_command(text)),
        refusals.sentence(text or "x"),
    ]
    for message in sent:
        assert_sendable(message)
    assert_openable(home.render(home.HomeFacts((row,) * 30, (row,) * 30, 3, 4, factory.LINKS)))


def test_a_contract_that_is_huge_everywhere() -> None:
    big = "<!channel> & `x` " * 700
    intent = Intent(big, big, big, big, guards=big, stop_rule=big, context_link=big, tags=(big,) * 10)
    config = {**factory.BASE, "env": {f"override_{n}": big for n in range(300)}}
    of = factory.experiment(revision=factory.revision(intent=intent, config=config))
    of = replace(of, smoke_message=big)
    assert_sendable(proposal.render(_proposal(of, big)))
