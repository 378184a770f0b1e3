"""How fast PPO trains, one thread, equal steps and hyperparameters, contenders taking turns.

    python -m bench.run ppo_speed

Compares CPU seconds of learning, so that another program on the machine does little harm. Peers beside
stock SB3 are measured where `bench.peers` finds them. Takes about eight minutes with all of them.
"""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.figure import Figure, figure
from bench.peers import Absent, cleanrl, rl_zoo, sbx
from bench.trainings import Contender, Task, bare, defaults, instrumented, preset, race, ratio, stock

ROUNDS = 3
# Peers in processes of their own say nearly the same each time, and take long.
PEER_ROUNDS = 2
# Two per cent are less than one round's noise.
PAIRED_ROUNDS = 11
OURS = "ours"


@dataclass(frozen=True)
class Case:
    """What is trained."""

    title: str
    task: Task


@dataclass(frozen=True)
class Peer:
    """Who else trains it, in how many rounds, and how many times faster ours is to be."""

    name: str
    goal: float
    make: Callable[[Task], Contender]
    rounds: int = PEER_ROUNDS


CARTPOLE = Case("PPO CartPole, zoo hyperparameters", preset("ppo-cartpole", 100_000))
CHEETAH = Case("PPO HalfCheetah-v5, SB3's defaults", defaults("HalfCheetah-v5", 40_960))

_CLEANRL_CARTPOLE = (
    *("--num-envs", "8", "--num-steps", "32", "--num-minibatches", "1", "--update-epochs", "20"),
    *("--gamma", "0.98", "--gae-lambda", "0.8", "--learning-rate", "0.001", "--ent-coef", "0.0"),
)
# rl-zoo's own for HalfCheetah are others.
_ZOO_CHEETAH = (
    *("n_envs:1", "n_timesteps:1e6", "normalize:False", "policy_kwargs:dict()", "n_steps:2048"),
    *("batch_size:64", "n_epochs:10", "gamma:0.99", "gae_lambda:0.95", "clip_range:0.2", "ent_coef:0.0"),
    *("learning_rate:3e-4", "max_grad_norm:0.5", "vf_coef:0.5"),
)


_SBX_CARTPOLE: dict[str, float | list[float]] = {
    "n_steps": 32,
    "batch_size": 256,
    "n_epochs": 20,
    "gamma": 0.98,
    "gae_lambda": 0.8,
    "learning_rate": [0.001],
    "clip_range": [0.2],
}

RACES = (
    (CARTPOLE, Peer("stock SB3", 7.0, stock, ROUNDS)),
    (CHEETAH, Peer("stock SB3", 6.0, stock, ROUNDS)),
    (CARTPOLE, Peer("rl-zoo3", 7.0, lambda task: rl_zoo("CartPole-v1", task.steps))),
    (CARTPOLE, Peer("SBX", 4.0, lambda task: sbx("CartPole-v1", 8, task.steps, _SBX_CARTPOLE))),
    (
        CARTPOLE,
        Peer("CleanRL", 4.0, lambda task: cleanrl("ppo.py", "CartPole-v1", task.steps, *_CLEANRL_CARTPOLE)),
    ),
    (CHEETAH, Peer("SBX", 4.0, lambda task: sbx("HalfCheetah-v5", 1, task.steps, {}))),
    (
        CHEETAH,
        Peer("CleanRL", 4.0, lambda task: cleanrl("ppo_continuous_action.py", "HalfCheetah-v5", task.steps)),
    ),
    (CHEETAH, Peer("rl-zoo3", 6.0, lambda task: rl_zoo("HalfCheetah-v5", task.steps, *_ZOO_CHEETAH))),
)


def figures() -> Iterator[Figure]:
    yield from _bare()
    for case, peer in RACES:
        title = f"{case.title}, fully instrumented, against {peer.name}"
        goal = f"at least {peer.goal:g} times"
        try:
            yield _raced(title, goal, case.task, peer)
        except Absent as reason:
            yield figure(title, 0.0, "steps/s", against=f"not measured: {reason}", goal=goal)


def _raced(title: str, goal: str, task: Task, peer: Peer) -> Figure:
    ours, other = instrumented(task), peer.make(task)
    ours(0)
    seconds = race({OURS: ours, peer.name: other}, peer.rounds)
    won = ratio(seconds[peer.name], seconds[OURS])
    return figure(
        title,
        round(task.steps / statistics.median(seconds[OURS])),
        "steps/s",
        against=f"{task.steps / statistics.median(seconds[peer.name]):,.0f} steps/s",
        ratio=won,
        goal=goal,
        holds=won >= peer.goal,
    )


def _bare() -> Iterator[Figure]:
    """What writing, guarding and looking cost the fastest of our trainings."""
    plain, quiet, whole = "bare loop", "instrumented", "instrumented, with looks"
    contenders = {
        plain: bare(CARTPOLE.task),
        quiet: instrumented(CARTPOLE.task, looks=False),
        whole: instrumented(CARTPOLE.task),
    }
    race(contenders, 1)
    seconds = race(contenders, PAIRED_ROUNDS)
    speed = {who: CARTPOLE.task.steps / statistics.median(took) for who, took in seconds.items()}
    for who, goal in ((quiet, 0.98), (whole, None)):
        share = ratio(seconds[plain], seconds[who])
        yield figure(
            f"PPO CartPole, {who}, against our own bare loop",
            round(speed[who]),
            "steps/s",
            against=f"{speed[plain]:,.0f} steps/s",
            ratio=share,
            goal=f"at least {goal:g} times" if goal else None,
            holds=share >= goal if goal else None,
        )
