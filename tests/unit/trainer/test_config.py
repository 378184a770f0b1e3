import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.trainer.configs import config, spec
from trainer.config import read_config, read_spec
from trainer.errors import BadSpec


def _with(path: str, value: Any) -> dict[str, Any]:
    document = config()
    *parents, last = path.split(".")
    place = document
    for key in parents:
        place = place[key]
    place[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("total_timesteps", "many", "total_timesteps: .*it is 'many'"),
        ("total_timesteps", 0, "total_timesteps: .*greater than 0; it is 0"),
        ("n_envs", 1_000, "n_envs: .*less than or equal to 256"),
        ("steps", 5, "steps is not a key"),
        ("env.gravity", 1, "env.gravity is not a key"),
        ("reward.action_change_penalty", -1, "action_change_penalty: .*it is -1"),
        ("eval.env.normalize", {"norm_obs": True}, "eval.env.normalize must be null"),
        ("eval.metrics", {"energy": {}}, "the metric energy needs an info_key"),
        ("eval.n_eval_episodes", 10**9, "n_eval_episodes"),
    ],
)
def test_a_wrong_key_is_named_with_its_value(path: str, value: Any, words: str) -> None:
    with pytest.raises(BadSpec, match=words):
        read_config(_with(path, value))


def test_a_missing_key_is_named() -> None:
    document = config()
    del document["eval"]["env"]
    with pytest.raises(BadSpec, match=r"eval\.env is missing"):
        read_config(document)


def test_success_rate_is_measured_where_a_success_is_defined() -> None:
    assert "success_rate" not in read_config(config()).eval.metric_names
    assert "success_rate" in read_config(_with("eval.success", {"return_at_least": 5})).eval.metric_names


def test_a_spec_comes_back_as_it_was_written(tmp_path: Path) -> None:
    asked = spec(config())
    (tmp_path / "spec.json").write_text(asked.model_dump_json())
    assert read_spec(tmp_path) == asked


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read"),
        ('{"seed": NaN}', "NaN is not a JSON number"),
        ("[" * 100_000, "cannot be read"),
        ("[]", "spec.json"),
        (json.dumps({**spec(config()).model_dump(mode="json"), "seed": -1}), "seed: .*it is -1"),
    ],
)
def test_an_unreadable_spec_is_refused_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "spec.json").write_text(text)
    with pytest.raises(BadSpec, match=words) as refused:
        read_spec(tmp_path)
    assert "\n" not in str(refused.value)


def test_a_missing_spec_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadSpec, match=r"spec\.json is missing"):
        read_spec(tmp_path)
