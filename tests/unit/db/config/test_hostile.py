import pytest

from bench.hostile_text import HOSTILE
from db.config.problems import MAX_PROBLEMS
from db.config.resolve import Resolved
from db.config.text import OverrideProblems, parse_overrides
from trainer.catalogue import Catalogue


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_in_few_words(name: str, cartpole: Resolved, catalogue: Catalogue) -> None:
    with pytest.raises(OverrideProblems) as caught:
        parse_overrides(HOSTILE[name], cartpole, catalogue)
    problems = caught.value.problems
    assert 1 <= len(problems) <= MAX_PROBLEMS
    assert all(len(problem.message) < 700 for problem in problems)
    assert all(problem.message.isprintable() and problem.text.isprintable() for problem in problems)
