import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.unit.trainer import environments
from trainer.config import EvalConfig
from trainer.errors import BadSpec, EnvironmentFailed, NotFinite, Stopped
from trainer.evaluate import BATCH, Actions, Observations, Yardstick, summarize

environments.register()

SEEDS = [100 + number for number in range(60)]


def _never() -> None:
    pass


def _ones(observations: Observations) -> Actions:
    return np.ones(len(observations), dtype=np.int64)


def _alternating(observations: Observations) -> Actions:
    return np.asarray(observations[:, 0].astype(np.int64) % 2)


def _yardstick(name: str = "Counter", **changes: Any) -> Yardstick:
    return Yardstick(EvalConfig.model_validate({"env": {"id": f"SignoffTest/{name}-v0"}, **changes}))


def test_each_seed_is_played_once_and_answers_in_order() -> None:
    episodes = _yardstick().play(_ones, SEEDS, check=_never)
    assert [episode.seed for episode in episodes] == SEEDS
    assert [episode.length for episode in episodes] == [3 + seed % 5 for seed in SEEDS]
    assert [episode.reward for episode in episodes] == [float(3 + seed % 5) for seed in SEEDS]


def test_an_episode_does_not_depend_on_the_episodes_beside_it() -> None:
    together = _yardstick().play(_alternating, SEEDS, check=_never)
    alone = [_yardstick().play(_alternating, [seed], check=_never)[0] for seed in SEEDS]
    assert together == alone


def test_a_yardstick_may_be_used_again() -> None:
    yardstick = _yardstick()
    assert yardstick.play(_ones, SEEDS[:3], check=_never) == yardstick.play(_ones, SEEDS[:3], check=_never)


def test_oscillation_is_the_share_of_steps_on_which_the_action_flips() -> None:
    constant, flipping = (_yardstick().play(act, [100], check=_never)[0] for act in (_ones, _alternating))
    assert (constant.oscillation, flipping.oscillation) == (0.0, 1.0)


def test_oscillation_of_numbers_is_a_share_of_their_range() -> None:
    def act(observations: Observations) -> Actions:
        odd = observations[:, 0] % 2
        return np.stack([odd, 2 * odd], axis=1)

    assert _yardstick("Slider").play(act, [100], check=_never)[0].oscillation == pytest.approx(0.5)


def test_observations_may_be_a_dict() -> None:
    def act(observations: Observations) -> Actions:
        return _alternating(observations["step"])

    assert _yardstick("Labelled").play(act, [100], check=_never)[0].oscillation == 1.0


@pytest.mark.parametrize(("aggregation", "value"), [("mean", 2.0), ("sum", 6.0), ("max", 3.0), ("last", 3.0)])
def test_a_metric_of_the_environment_is_gathered_over_the_episode(aggregation: str, value: float) -> None:
    metrics = {"power": {"info_key": "energy", "aggregation": aggregation}}
    episode = _yardstick(metrics=metrics).play(_ones, [100], check=_never)[0]
    assert episode.metrics()["power"] == value


def test_a_metric_that_is_never_reported_is_refused_by_name() -> None:
    yardstick = _yardstick(metrics={"power": {"info_key": "watts"}})
    with pytest.raises(
        BadSpec, match=r"The metric power reads info\['watts'\], which SignoffTest/Counter-v0"
    ):
        yardstick.play(_ones, [100], check=_never)


def test_success_is_a_return_or_what_the_environment_says() -> None:
    by_return = _yardstick(success={"return_at_least": 5}).play(_ones, [100, 102], check=_never)
    assert [episode.success for episode in by_return] == [False, True]
    by_info = _yardstick(metrics={"success_rate": {}}).play(_ones, [100], check=_never)
    assert summarize(by_info)["success_rate"] == 1.0
    with pytest.raises(BadSpec, match=r"set eval\.success\.return_at_least"):
        _yardstick(success={"info_key": "won"}).play(_ones, [100], check=_never)


def test_the_summary_is_the_mean_over_episodes() -> None:
    episodes = _yardstick().play(_ones, [100, 101], check=_never)
    assert summarize(episodes) == {"final_reward": 3.5, "episode_length": 3.5, "oscillation": 0.0}


def test_a_return_that_is_not_a_number_is_never_a_result() -> None:
    episodes = _yardstick(env={"id": "SignoffTest/Counter-v0", "kwargs": {"bad_step": 2}}).play(
        _ones, [100], check=_never
    )
    with pytest.raises(NotFinite, match="The evaluation's final reward became nan"):
        summarize(episodes)


def test_when_time_is_up_started_episodes_are_finished_and_no_other_starts() -> None:
    episodes = _yardstick().play(_ones, SEEDS, check=_never, may_start=lambda: False)
    assert [episode.seed for episode in episodes] == SEEDS[:BATCH]


def test_when_even_finishing_takes_too_long_whole_episodes_are_kept() -> None:
    steps = _counter(limit=4)
    episodes = _yardstick().play(_ones, SEEDS[:5], check=_never, may_go_on=steps)
    assert [episode.length for episode in episodes] == [3, 4]


def test_a_stop_is_answered_between_steps() -> None:
    def stop() -> None:
        raise Stopped("now")

    with pytest.raises(Stopped):
        _yardstick().play(_ones, SEEDS, check=stop)


def _counter(limit: float = math.inf) -> Callable[[], bool]:
    calls = 0

    def more() -> bool:
        nonlocal calls
        calls += 1
        return calls <= limit

    return more


def test_a_yardstick_that_raises_is_said_to_be_the_environments_fault() -> None:
    environments.Faulty.total = 0
    with pytest.raises(EnvironmentFailed, match="step raised an error: ZeroDivisionError"):
        _yardstick("Faulty").play(_ones, SEEDS, check=_never)
