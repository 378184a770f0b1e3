import numpy as np
import pytest
from gymnasium import spaces

from trainer.actions import ActionScale


def test_a_discrete_action_changes_by_one_where_it_flips() -> None:
    scale = ActionScale.of(spaces.Discrete(3))
    assert scale.change(np.array([0, 2, 1]), np.array([0, 1, 2])).tolist() == [0.0, 1.0, 1.0]


def test_several_discrete_actions_change_by_the_share_that_flips() -> None:
    scale = ActionScale.of(spaces.MultiDiscrete([3, 3]))
    assert scale.change(np.array([[0, 1]]), np.array([[0, 2]])).tolist() == [0.5]


def test_continuous_changes_are_shares_of_the_range() -> None:
    scale = ActionScale.of(spaces.Box(np.array([-2.0, 0.0]), np.array([2.0, 1.0]), dtype=np.float64))
    before, after = np.array([[-2.0, 0.0], [0.0, 0.0]]), np.array([[2.0, 1.0], [1.0, 0.0]])
    assert scale.change(before, after).tolist() == [1.0, 0.125]


def test_an_unbounded_dimension_counts_as_it_is() -> None:
    scale = ActionScale.of(spaces.Box(-np.inf, np.inf, (1,), np.float64))
    assert scale.change(np.array([[1.0]]), np.array([[4.0]])).tolist() == [3.0]


def test_magnitude_is_a_share_of_the_largest_action() -> None:
    scale = ActionScale.of(spaces.Box(-1.0, 2.0, (1,), np.float64))
    assert scale.magnitude(np.array([[-1.0], [2.0]])).tolist() == pytest.approx([0.5, 1.0])
    assert ActionScale.of(spaces.Discrete(2)).magnitude(np.array([1])).tolist() == [0.0]
