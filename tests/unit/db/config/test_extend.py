import pytest

from db.config.extend import allow, code_named, extend
from db.config.problems import OverrideProblems
from db.config.resolve import Resolved
from db.config.text import parse_overrides
from db.errors import CodeRefused
from trainer.catalogue import Catalogue
from trainer.contract import JsonObject

TERM: JsonObject = {"path": "reward.flips", "types": ["float"], "default": 0.0, "minimum": 0, "maximum": 5}


def described(**common: JsonObject) -> JsonObject:
    entries: JsonObject = {str(entry["path"]): entry for entry in common.values()}
    return {"algorithms": {}, "environments": {}, "common": entries, "versions": {}}


def test_a_term_is_a_parameter_like_any_other(cartpole: Resolved, catalogue: Catalogue) -> None:
    own = extend(catalogue, described(flips=TERM))
    assert parse_overrides("flips = 0.5", cartpole, own) == {"reward": {"flips": 0.5}}
    with pytest.raises(OverrideProblems, match="at least 0 and at most 5; got 9"):
        parse_overrides("reward.flips = 9", cartpole, own)
    with pytest.raises(OverrideProblems, match="Did you mean `flips`"):
        parse_overrides("flipz = 0.5", cartpole, own)
    with pytest.raises(OverrideProblems, match="the default"):
        parse_overrides("flips = 0", cartpole, own)


def test_what_is_shipped_cannot_be_redefined(catalogue: Catalogue) -> None:
    for path in ("reward.action_change_penalty", "eval.metrics.fuel"):
        own = extend(catalogue, described(one={**TERM, "path": path}))
        assert own.common["reward.action_change_penalty"] == catalogue.common["reward.action_change_penalty"]
    for path in ("algo", "init.from", "code", "hyperparams.gamma"):
        with pytest.raises(CodeRefused, match="may not declare"):
            extend(catalogue, described(one={**TERM, "path": path}))


@pytest.mark.parametrize("broken", [{}, {"common": []}, {**described(), "environments": {"x": {}}}])
def test_what_no_trainer_writes_is_refused(catalogue: Catalogue, broken: JsonObject) -> None:
    with pytest.raises(CodeRefused, match="cannot be read"):
        extend(catalogue, broken)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("code = latest\nlearning_rate = 1e-3", "latest"),
        ('code: "123456"', "123456"),
        ('{"code": "toy-cars"}', "toy-cars"),
        ("code = none", None),
        ("learning_rate = 1e-3", "inherited"),
        ("", "inherited"),
        ("no change at all", "inherited"),
    ],
)
def test_the_bundle_that_is_meant_is_known_before_its_parameters(text: str, named: str | None) -> None:
    assert code_named(text, {"code": "inherited"}) == named


def test_a_hash_may_look_like_a_number(cartpole: Resolved, catalogue: Catalogue) -> None:
    for spelled in ("123456789012", "12345e67", "1e9"):
        assert parse_overrides(f"code = {spelled}", cartpole, catalogue) == {"code": spelled}
    with pytest.raises(OverrideProblems, match="code"):
        parse_overrides("code = ../../etc", cartpole, catalogue)


def test_installed_environments_are_allowed_by_patterns(cartpole: Resolved, catalogue: Catalogue) -> None:
    own = allow(catalogue, ("lab_envs:Arm-*", "Leg-v?"))
    changes = "env = lab_envs:Arm-v3\neval.env.id = Leg-v1\nenv.kwargs.gain = 2.5"
    delta = parse_overrides(changes, cartpole, own)
    assert delta["env"] == {"id": "lab_envs:Arm-v3", "kwargs": {"gain": 2.5}}
    for refused in ("lab_envs.evil:Arm-v3", "other:Arm-v3", "lab_envs:Leg-v1", "Leg-v10", "Arm-v3"):
        with pytest.raises(OverrideProblems, match=r"SIGNOFF_ENVIRONMENTS allows lab_envs:Arm-\*, Leg-v\?"):
            parse_overrides(f"env = {refused}", cartpole, own)
    with pytest.raises(OverrideProblems, match="An id with `:` imports code; SIGNOFF_ENVIRONMENTS can allow"):
        parse_overrides("env = lab_envs:Arm-v3", cartpole, catalogue)
    with pytest.raises(OverrideProblems, match="unknown key"):
        parse_overrides("env.kwargs.gain = 2.5", cartpole, own)
