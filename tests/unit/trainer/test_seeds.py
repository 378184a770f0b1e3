from itertools import combinations

from trainer.seeds import Purpose, evaluation_seeds, resumed_seed


def test_evaluation_seeds_are_fresh_for_each_purpose_and_seed_index() -> None:
    sets = [
        set(evaluation_seeds(purpose, index, 1_000)) for purpose in Purpose for index in (1, 2, 5, 10, 4_095)
    ]
    assert all(len(seeds) == 1_000 for seeds in sets)
    assert all(not one & other for one, other in combinations(sets, 2))


def test_evaluation_never_meets_a_seed_of_training() -> None:
    highest_training_seed = 2**31 - 1 + 256
    for purpose in Purpose:
        seeds = evaluation_seeds(purpose, 1, 1_000)
        assert min(seeds) > highest_training_seed
        assert max(evaluation_seeds(purpose, 4_095, 100_000)) < 2**32


def test_equal_seed_indices_meet_equal_episodes() -> None:
    assert evaluation_seeds(Purpose.FINAL, 3, 5) == evaluation_seeds(Purpose.FINAL, 3, 5)
    assert evaluation_seeds(Purpose.SOLVED, 3, 5)[2:] == evaluation_seeds(Purpose.SOLVED, 3, 3, skip=2)


def test_a_resumed_run_does_not_repeat_its_beginning() -> None:
    assert resumed_seed(1, 1_000) not in {1, resumed_seed(1, 2_000), resumed_seed(2, 1_000)}
    assert 0 <= resumed_seed(2**31 - 1, 10**9) < 2**31
