import pytest

from bot.forms import small_inputs
from bot.forms.small_inputs import Unreadable


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("24 h", 86_400), ("90min", 5_400), ("1 h 30 min", 5_400), ("2 days", 172_800), ("1.5 Hours", 5_400)],
)
def test_durations(text: str, seconds: int) -> None:
    assert small_inputs.read_duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "24", "soon", "5 s", "31 d", "24 h ago", "1,5 h"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Unreadable, match=r"write for example|at least"):
        small_inputs.read_duration_s(text)


@pytest.mark.parametrize("seconds", [60, 5_400, 86_400, 61])
def test_a_duration_reads_back(seconds: int) -> None:
    assert small_inputs.read_duration_s(small_inputs.duration_text(seconds)) == seconds


def test_tags_are_words_without_signs() -> None:
    assert small_inputs.read_tags("#Oscillation, reward;reward  x") == ("oscillation", "reward", "x")
    with pytest.raises(Unreadable, match="At most 10"):
        small_inputs.read_tags(" ".join(f"t{n}" for n in range(11)))


@pytest.mark.parametrize("text", ["0", "51", "-1", "five", "2.5", "1e3", "٣"])
def test_seeds_are_a_small_whole_number(text: str) -> None:
    with pytest.raises(Unreadable, match="whole number"):
        small_inputs.read_seeds(text)


def test_steps_may_be_grouped() -> None:
    assert small_inputs.read_steps("1 000 000") == 1_000_000


@pytest.mark.parametrize("text", ["javascript:alert(1)", "example.com", "http://", "https://[x"])
def test_only_web_links(text: str) -> None:
    with pytest.raises(Unreadable, match="https://"):
        small_inputs.read_link(text)


def test_the_title_is_the_first_sentence() -> None:
    assert small_inputs.derive_title("Reduce oscillation. It hurts.") == "Reduce oscillation"
    long = small_inputs.derive_title("Reduce the oscillation of the pole so that the motor lives much longer")
    assert len(long) <= 61
    assert long == "Reduce the oscillation of the pole so that the motor lives…"


@pytest.mark.parametrize(
    ("text", "source", "load"),
    [
        ("E-12/s1", "E-12/s1", "policy"),
        ("12 / S2.3 with Optimizer", "E-12/s2.3", "optimizer"),
        ("e-12, all", "E-12", "all"),
        ("E-12/s1, E-13/s2 E-14 policy", ["E-12/s1", "E-13/s2", "E-14"], "policy"),
    ],
)
def test_start_weights_are_runs_or_whole_experiments(text: str, source: object, load: str) -> None:
    assert small_inputs.read_start(text) == {"from": source, "load": load}


@pytest.mark.parametrize("text", ["12", "all", "E-12/s1 everything", "E-x", "/s1"])
def test_what_names_no_run_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Unreadable, match="for example E-12/s1, or E-12"):
        small_inputs.read_start(text)
