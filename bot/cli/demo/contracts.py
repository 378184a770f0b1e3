"""What the demo's people propose."""

from bot.cli.demo.people import Contract
from bot.forms import fields

BASELINE = "PPO on CartPole-v1, rl-zoo baseline"

SMOOTHER = Contract(
    parent=BASELINE,
    changes="action_change_penalty = 0.02",
    title="Smoother pushes",
    objective="Reduce oscillation of the cart: it flips its push on most steps, which wears out a motor.",
    hypothesis="A price on every change of action makes holding a push the better choice.",
    expected="oscillation falls by 20% vs parent",
    more={fields.TAGS: "smoothness, demo"},
)

# Chosen so that the smoke run (the first 5 s of steps) passes and the seed overflows about a third into
# its training: SB3's float32 losses overflow from a learning rate near 2e17 on, whatever the seed. The
# compiled PPO is too fast for that: it would be there within the smoke run.
FAILING = Contract(
    parent=BASELINE,
    changes=(
        'learning_rate = {"schedule": "linear", "start": 0.001, "end": 5e17}\n'
        "total_timesteps = 300000\n"
        "backend = stock"
    ),
    title="A learning rate that only grows",
    objective="See what Signoff says when a training breaks: a schedule was written the wrong way round.",
    hypothesis="It passes its smoke run and then ends in NaN.",
    expected="final reward > 450",
    more={fields.SEEDS: "1", fields.ALONGSIDE: [], fields.TAGS: "demo"},
)
