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
