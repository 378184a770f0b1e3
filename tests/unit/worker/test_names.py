import pytest

from db.lifecycle import AttemptStatus
from tests.unit.worker.builders import attempt, run
from worker.names import attempt_id_of, attempt_name, attempt_token, plot_path, run_folder, safe_name


@pytest.mark.parametrize(
    ("text", "expected"),
    [("E-42/s1", "E-42-s1"), ("E-42/s1.2", "E-42-s1.2"), ("../..", "unnamed"), ("a b\n", "a-b-")],
)
def test_names_are_one_harmless_part_of_a_path(text: str, expected: str) -> None:
    assert safe_name(text) == expected


def test_an_attempts_name_says_whose_it_is() -> None:
    assert attempt_name("lab", "E-42/s1", 3) == "signoff-lab-E-42-s1-a3"
    assert attempt_name("lab", "E-42/s1", 3).startswith(attempt_name("lab"))
    assert str(run_folder("E-42/s1", 3)) == "E-42-s1/a3"
    assert str(plot_path(42, 1)) == "experiments/E-42/result-1.png"


def test_a_token_leads_back_to_its_attempt() -> None:
    token = attempt_token(attempt(AttemptStatus.STARTED, id=7), run(spec_hash="abc"))
    assert attempt_id_of(token) == 7
    assert attempt_id_of("somebody's") is None
