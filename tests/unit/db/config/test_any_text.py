"""Whatever is typed: a delta that can be trained and changes something, or a refusal."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from db.config.diff import diff
from db.config.resolve import Resolved, Step, merge, resolve
from db.config.schema import schema_for
from db.config.text import OverrideProblems, parse_overrides
from db.config.validate import validate_config
from tests.unit.db.config.properties import VALUES
from trainer.catalogue import load_catalogue, load_presets

CATALOGUE = load_catalogue()
ROOTS = [resolve([Step("E-1", preset.config)]) for preset in load_presets()]
PATHS = sorted({path for root in ROOTS for path in schema_for(root.config, CATALOGUE).parameters})
KEYS = st.sampled_from(
    [*PATHS, *(path.rpartition(".")[2] for path in PATHS), "env", "lr", "hyperparams", "eval"]
)
_WORDS = """
0 1 -1 0.5 5e-4 1e999 nan 64 100k x0.5 x2 +20% -100% +1e30% none null true off auto linear relu ppo dqn sac
CartPole-v1 Pendulum-v1 Acrobot-v1 [64,64] [] {} [null] "" 0,5 MlpPolicy [1,"episode"] {"a":1} '' - = : `x`
"""
TYPED = st.sampled_from(_WORDS.split()) | st.text(max_size=12)
LINES = st.builds(
    lambda key, sign, value: f"{key}{sign}{value}", KEYS, st.sampled_from([" = ", "=", ": ", " "]), TYPED
)
TEXTS = st.lists(LINES | st.text(max_size=20), max_size=4).map("\n".join) | st.dictionaries(
    KEYS, VALUES, max_size=3
).map(json.dumps)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ROOTS), TEXTS)
@example(ROOTS[0], "linear 1 -> 1")
@example(ROOTS[0], "learning_rate = linear x -> 1")
def test_any_text_is_refused_or_becomes_a_config_that_can_be_trained(root: Resolved, text: str) -> None:
    try:
        delta = parse_overrides(text, root, CATALOGUE)
    except OverrideProblems:
        return
    child = merge(root.config, delta)
    assert validate_config(child, CATALOGUE) == ()
    assert diff(root.config, child) != ()
