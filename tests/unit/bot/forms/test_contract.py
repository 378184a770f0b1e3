"""The contract form as a person fills it in: what it shows, what it understands, what it refuses."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.forms import draft, fields, filled, options, prefill
from bot.forms.contract import contract_view
from bot.forms.filled import Filled, Ids
from bot.forms.named_code import NamedCode
from bot.forms.understand import Start, Understood, understand
from bot.forms.weigh import Known, Other, Weighed, weigh
from bot.messages.facts import Reference
from bot.messages.message import Block
from db.config.resolve import Step, resolve
from db.limits import Limits
from db.records import Experiment, Gpu, Host
from db.verdict import SeedOutcome
from tests.unit.bot import factory
from tests.unit.bot.forms.slack_state import element, filled_in, shows
from tests.unit.bot.limits import assert_openable
from trainer.catalogue import load_catalogue

CATALOGUE = load_catalogue()
START = Start(12, "PPO on CartPole", resolve([Step("E-12", factory.BASE)]))
GOOD = Filled(
    ids=Ids(channel="C1", parent=12),
    parent=12,
    channel="C1",
    changes="learning_rate = x0.5",
    objective="Reduce oscillation. It wears out the motor.",
    hypothesis="Smaller steps are smoother.",
    expected="final reward > 450",
)


def seeds(values: Sequence[float], metric: str = "final_reward") -> tuple[SeedOutcome, ...]:
    return tuple(SeedOutcome(f"s{n}", n, "done", {metric: value}) for n, value in enumerate(values, start=1))


def known(*, outcomes: Sequence[SeedOutcome] = (), **changed: object) -> Known:
    made = Known(start=START, others={12: Other(Reference(12, "PPO on CartPole"), tuple(outcomes))})
    return replace(made, **changed)  # type: ignore[arg-type]  # tests name fields of the record


def host(gpus: int) -> Host:
    """One with so many GPUs, 4 CPU slots and 64 GB."""
    named = tuple(Gpu(f"GPU-{n}") for n in range(gpus))
    return Host("gpu-1", 1, factory.NOW, 4, named, None, gpu_shares=4, memory_mb=64 * 1024)


def judged(form: Filled, about: Known | None = None) -> tuple[Understood, Weighed]:
    about = about or known()
    understood = understand(form, about.start, NamedCode(CATALOGUE))
    return understood, weigh(form, understood, about)


def errors(form: Filled, about: Known | None = None) -> dict[str, str]:
    return dict(draft.errors_of(*judged(form, about)))


def view(form: Filled, about: Known | None = None) -> Block:
    about = about or known()
    made = contract_view(form, *judged(form, about), about, links=factory.LINKS)
    assert_openable(made)
    return made


def text_of(made: Block) -> str:
    return str(made)


def test_what_cannot_be_seen_is_no_hypothesis() -> None:
    assert set(errors(replace(GOOD, hypothesis="\u202e\u200b"))) == {fields.HYPOTHESIS}


def test_an_empty_form_asks_for_the_essentials_alone() -> None:
    made = view(Filled(), Known())
    for name in (fields.PARENT, fields.CHANGES, fields.OBJECTIVE, fields.HYPOTHESIS, fields.EXPECTED):
        assert shows(made, name)
    assert shows(made, fields.CHANNEL)
    assert not shows(made, fields.SEEDS)
    assert set(errors(Filled(), Known())) == {
        fields.PARENT,
        fields.CHANGES,
        fields.OBJECTIVE,
        fields.HYPOTHESIS,
        fields.EXPECTED,
        fields.CHANNEL,
    }


def test_a_good_form_becomes_a_proposal() -> None:
    understood, weighed = judged(GOOD)
    assert errors(GOOD) == {}
    made = draft.proposal(GOOD, understood, weighed, factory.ANA, None)
    assert made.delta == {"hyperparams": {"learning_rate": 0.00015}}
    assert made.intent.title == "Reduce oscillation"
    assert made.budget.seeds == 5
    assert made.budget.time_limit_s == 86_400
    assert made.channel_id == "C1"


def test_the_diff_and_the_echo_appear_while_one_types() -> None:
    shown = text_of(view(GOOD))
    assert "🟥 \N{MINUS SIGN} 0.0003  (set by E-12)" in shown
    assert "🟩 + 0.00015" in shown
    assert "Understood as: the median run's final reward exceeds 450, fixed evaluation, 5 seeds" in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ("learnin_rate = 1", "Did you mean `learning_rate`?"),
        ("learning_rate = 0.0003", "already 0.0003, set by E-12"),
        ("learning_rate = fast", "line 1"),
        ("gamma = 2", "gamma"),
    ],
)
def test_bad_changes_are_refused_at_their_field(changes: str, said: str) -> None:
    form = replace(GOOD, changes=changes)
    assert said in errors(form)[fields.CHANGES]
    assert said.replace("`", "") in text_of(view(form)).replace("`", "") or "code" in text_of(view(form))


@pytest.mark.parametrize(
    ("expected", "said"),
    [("it gets better", "final reward"), ("final reward > 501", "500"), ("oscillation > E-99", "E-99")],
)
def test_a_claim_that_cannot_be_judged_is_refused_at_its_field(expected: str, said: str) -> None:
    assert said in errors(replace(GOOD, expected=expected))[fields.EXPECTED]


def test_errors_land_on_blocks_that_the_view_has() -> None:
    form = replace(GOOD, changes="learnin_rate = 1", ids=replace(GOOD.ids, generation=3))
    made = view(form)
    placed = draft.at_fields(errors(form), made)
    assert list(placed) == ["changes.3"]
    assert "“learnin_rate”" in placed["changes.3"], "plain text knows no code"
    assert "`" not in placed["changes.3"]
    hidden = draft.at_fields({fields.SEEDS: "too many"}, made)
    assert hidden == {"expected": "Too many."}


def test_what_was_typed_survives_being_read_and_drawn_again() -> None:
    made = view(replace(GOOD, ids=replace(GOOD.ids, more=True), seeds="3", tags="a, b"))
    read = filled.read(filled_in(made))
    assert (read.changes, read.seeds, read.tags, read.parent) == (GOOD.changes, "3", "a, b", 12)
    again = view(filled.read(filled_in(made, objective="Something else", guards="final reward by 15")))
    assert element(again, fields.OBJECTIVE)["initial_value"] == "Something else"
    assert "Understood as: the mean final reward is no more than 15 below" in text_of(again)


def test_hiding_the_rest_keeps_what_differs_from_its_default() -> None:
    form = replace(GOOD, seeds="3", ids=replace(GOOD.ids, more=False))
    made = view(form)
    assert shows(made, fields.SEEDS)
    assert not shows(made, fields.TAGS)
    assert filled.read(filled_in(made)).seeds == "3"


def test_a_picked_parameter_is_appended_with_its_current_value() -> None:
    line = options.line_for("hyperparams.gamma", START.resolved, CATALOGUE)
    assert line == "gamma = 0.99"
    form = GOOD.with_line(line)
    assert form.changes == "learning_rate = x0.5\ngamma = 0.99"
    assert f"changes.{GOOD.ids.generation + 1}" in text_of(view(form))
    assert options.line_for("none", START.resolved, CATALOGUE) == ""


def test_the_typeahead_of_parameters_shows_current_values_best_first() -> None:
    offered = options.parameters(START.resolved, CATALOGUE, "gamma")
    assert offered[0]["text"]["text"] == "gamma · now 0.99"  # type: ignore[index,call-overload]  # raw JSON
    assert offered[0]["value"] == "hyperparams.gamma"
    assert 10 < len(options.parameters(START.resolved, CATALOGUE, "")) <= 100


def test_a_comparison_with_too_few_seeds_preselects_running_it_alongside() -> None:
    form = replace(GOOD, expected="oscillation falls by 20% vs parent")
    few, enough = known(outcomes=seeds([0.2], "oscillation")), known(outcomes=seeds([0.2] * 5, "oscillation"))
    assert judged(form, few)[1].alongside
    assert not judged(form, enough)[1].alongside
    assert not judged(GOOD, few)[1].alongside
    other = Other(Reference(12, "x"), seeds([0.2] * 5, "oscillation"), other_fingerprint=True)
    assert judged(form, known(others={12: other}))[1].alongside
    more = view(replace(form, ids=replace(form.ids, more=True)), few)
    assert "initial_options" in element(more, fields.ALONGSIDE)


def test_a_person_may_refuse_to_run_it_alongside() -> None:
    form = replace(GOOD, expected="oscillation falls by 20% vs parent", ids=replace(GOOD.ids, more=True))
    unchecked = filled.read(filled_in(view(form), alongside=False))
    assert unchecked.alongside is False
    assert not judged(unchecked)[1].alongside
    assert filled.read(filled_in(view(form))).alongside is None


def test_a_named_experiment_becomes_the_comparator() -> None:
    other = Other(Reference(3, "DQN"), seeds([0.2] * 5, "oscillation"))
    about = known(others={12: Other(Reference(12, "PPO")), 3: other})
    form = replace(GOOD, expected="oscillation falls by 20% vs E-3")
    assert judged(form, about)[1].comparator == 3
    assert judged(GOOD, about)[1].comparator is None


def test_another_yardstick_is_not_compared_with() -> None:
    other = Other(Reference(12, "PPO"), incomparable="E-12 has another yardstick.")
    form = replace(GOOD, expected="final reward > parent")
    assert errors(form, known(others={12: other}))[fields.EXPECTED] == "E-12 has another yardstick."
    touched = replace(form, changes="eval.n_eval_episodes = 50")
    assert "yardstick" in errors(touched)[fields.EXPECTED]


def test_the_steps_field_is_a_change_of_total_timesteps() -> None:
    form = replace(GOOD, changes="", steps="50000")
    understood, weighed = judged(form)
    assert draft.errors_of(understood, weighed) == {}
    assert understood.delta == {"total_timesteps": 50_000}
    both = replace(GOOD, changes="total_timesteps = 70000", steps="50000")
    assert "keep one" in errors(both)[fields.STEPS]
    same = replace(GOOD, changes="", steps="100000")
    assert "Nothing differs from E-12" in errors(same)[fields.CHANGES]


def test_a_dataset_is_shown_with_its_hash_and_one_that_nobody_registered_is_refused() -> None:
    form = replace(GOOD, changes="algo = cql\ndataset.id = a.h5")
    assert '"a.h5" is not registered' in errors(form)[fields.CHANGES]
    about = known(start=replace(START, datasets={"a.h5": "ab" * 32}))
    assert not errors(form, about)
    understood, _ = judged(form, about)
    assert understood.delta is not None
    assert understood.delta["dataset"] == {"id": "a.h5", "sha256": "ab" * 32}
    assert "ab" * 32 in text_of(view(form, about))


def test_start_weights_are_a_change_of_init() -> None:
    form = replace(GOOD, changes="", start_weights="12/S1, with optimizer")
    understood, weighed = judged(form)
    assert draft.errors_of(understood, weighed) == {}
    assert understood.delta == {"init": {"from": "E-12/s1", "load": "optimizer"}}
    assert "for example E-12/s1" in errors(replace(form, start_weights="the best one"))[fields.START]
    both = replace(GOOD, changes="init.from = E-12/s2", start_weights="E-12/s1")
    assert "keep one" in errors(both)[fields.START]


def test_a_gpu_that_nobody_has_is_refused() -> None:
    form = replace(GOOD, device=fields.GPU)
    assert "No host has a GPU" in errors(form, known(hosts=(host(0),)))[fields.RESOURCES]
    understood, weighed = judged(form, known(hosts=(host(1),)))
    made = draft.proposal(form, understood, weighed, factory.ANA, None)
    assert (made.budget.device, made.budget.gpus) == ("cuda", 1)


def test_resources_are_part_of_the_contract() -> None:
    text = "gpu_share: 0.25, memory_gb: 8, cpus: 2"
    form = replace(GOOD, device=fields.GPU, resources=text)
    understood, weighed = judged(form, known(hosts=(host(1),)))
    made = draft.proposal(form, understood, weighed, factory.ANA, None).budget
    assert (made.gpus, made.gpu_share, made.memory_gb, made.cpus) == (1, 0.25, 8, 2)
    signed = factory.experiment(revision=factory.revision(budget=made))
    assert prefill.fork(signed, "C1").resources == text
    assert prefill.fork(factory.experiment(), "C1").resources == ""


@pytest.mark.parametrize(
    ("resources", "device", "said"),
    [
        ("gpus: 4", fields.GPU, "No host has 4 GPUs; the largest, gpu-1, has 2."),
        ("memory_gb: 500", fields.CPU, "No host has 500 GB of memory; the largest, gpu-1, has 64."),
        ("gpus: 1", fields.CPU, "Runs on says CPU"),
        ("gpus: 0", fields.GPU, "choose the CPU there"),
        ("gpus: 0.5", fields.GPU, "write gpu_share: 0.5"),
        ("gpus: 2, gpu_share: 0.5", fields.GPU, "A share is of one GPU, and this asks for 2"),
        ("gpus: 2, gpus: 3", fields.GPU, "gpus is there twice"),
        ("two GPUs", fields.GPU, "can not be read; write for example gpus: 2"),
        ("gpu_share: 7", fields.GPU, "7 is no allowed gpu_share; give 0.05 to 1"),
    ],
)
def test_resources_that_nobody_has_or_can_read_are_refused(resources: str, device: str, said: str) -> None:
    form = replace(GOOD, device=device, resources=resources)
    assert said in errors(form, known(hosts=(host(2),)))[fields.RESOURCES]


def test_more_time_than_the_rules_allow_is_refused() -> None:
    about = known(hosts=(host(2),), limits=Limits(run_hours=12, experiment_gpu_hours=100))
    assert "12 h at most" in errors(GOOD, about)[fields.TIME_LIMIT]
    long = replace(GOOD, device=fields.GPU, resources="gpus: 2", time_limit="12 h", seeds="5")
    said = errors(long, about)[fields.TIME_LIMIT]
    assert said == "An experiment may use 100 GPU-hours at most here; 5 runs of 12 h ask for 120."
    assert errors(replace(long, time_limit="10 h"), about) == {}


def test_without_a_worker_the_form_says_so() -> None:
    about = known(has_worker=False)
    assert "No worker has joined yet" in errors(GOOD, about)[fields.PARENT]
    assert "No worker has joined yet" in text_of(view(GOOD, about))


def test_the_same_config_and_similar_work_are_pointed_out() -> None:
    about = known(duplicates=(factory.summary(7),), similar=(factory.summary(8), factory.summary(9)))
    shown = text_of(view(GOOD, about))
    assert "The same config was proposed before in E-7" in shown
    assert "supported" in shown
    assert "/experiments/7|open" in shown
    assert "Similar past experiments" in shown
    editing = replace(GOOD, ids=replace(GOOD.ids, revises=7))
    assert "The same config" not in text_of(view(editing, about))


def test_a_fork_starts_from_the_contract_with_changes_of_its_own() -> None:
    form = prefill.fork(factory.experiment(), "C1")
    assert form.parent == 42
    assert form.changes == ""
    assert form.objective == "Reduce the oscillation of the pole."


def test_editing_opens_the_form_as_it_was_submitted() -> None:
    of = factory.experiment()
    form = prefill.revise(of)
    assert form is not None
    assert form.changes == "hyperparams.learning_rate = 0.00015"
    assert form.ids.revises == 42
    assert view(form)["title"]["text"] == "Edit E-42"  # type: ignore[index,call-overload]  # raw JSON
    assert prefill.revise(_with_objective(of, "x" * 5_000)) is None


def _with_objective(of: Experiment, objective: str) -> Experiment:
    intent = replace(of.revision.intent, objective=objective)
    return replace(of, revision=replace(of.revision, intent=intent))


def test_metadata_holds_ids_alone() -> None:
    ids = Ids(channel="C1", parent=12, revises=42, more=True, generation=7, alongside_default=True)
    assert len(ids.to_metadata()) < 200
    assert Ids.from_metadata(ids.to_metadata()) == ids
    assert Ids.from_metadata("") == Ids()
