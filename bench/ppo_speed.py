"""How fast PPO trains, one thread, equal steps and hyperparameters, contenders taking turns.

    python -m bench.run ppo_speed

Peers beside stock SB3 are measured where `bench.peers` finds them.
"""

import statistics
from collections.abc import Callable, Mapping

from bench.figure import Figure, figure
from bench.peers import Absent, cleanrl, rl_zoo
from bench.trainings import Contender, Task, bare, defaults, instrumented, preset, race, ratio, stock

ROUNDS = 5
PAIRED_ROUNDS = 15
STEPS = 40_960
OURS = "ours"

Peer = tuple[Callable[[], Contender], float]

CARTPOLE = preset("ppo-cartpole", STEPS)
WHOLE_CARTPOLE = preset("ppo-cartpole", 100_000)
CHEETAH = defaults("HalfCheetah-v5", STEPS // 2)

_CLEANRL_CARTPOLE = (
    *("--num-envs", "8", "--num-steps", "32", "--num-minibatches", "1", "--update-epochs", "20"),
    *("--gamma", "0.98", "--gae-lambda", "0.8", "--learning-rate", "0.001", "--ent-coef", "0.0"),
)


def _task(name: str, task: Task, peers: Mapping[str, Peer]) -> list[Figure]:
    contenders, absent = {OURS: instrumented(task)}, {}
    for peer, (make, _) in peers.items():
        try:
            contender = make()
            contender(0)  # a peer that is installed may still fail
        except Absent as reason:
            absent[peer] = str(reason)
        else:
            contenders[peer] = contender
    seconds = race(contenders, ROUNDS)
    speed = {who: task.steps / statistics.median(took) for who, took in seconds.items()}
    found = []
    for peer, (_, times) in peers.items():
        title = f"{name}, fully instrumented, against {peer}"
        goal = f"at least {times:g} times"
        if peer in absent:
            found.append(figure(title, 0.0, "steps/s", against=f"not measured: {absent[peer]}", goal=goal))
            continue
        won = ratio(seconds[peer], seconds[OURS])
        against = f"{speed[peer]:,.0f} steps/s"
        found.append(
            figure(
                title,
                round(speed[OURS]),
                "steps/s",
                against=against,
                ratio=won,
                goal=goal,
                holds=won >= times,
            )
        )
    return found


def _bare() -> list[Figure]:
    """What writing, guarding and looking cost the fastest of our trainings."""
    plain, quiet, whole = "bare loop", "instrumented", "instrumented, with looks"
    seconds = race(
        {
            plain: bare(WHOLE_CARTPOLE),
            quiet: instrumented(WHOLE_CARTPOLE, looks=False),
            whole: instrumented(WHOLE_CARTPOLE),
        },
        PAIRED_ROUNDS,
    )
    speed = {who: WHOLE_CARTPOLE.steps / statistics.median(took) for who, took in seconds.items()}
    found = []
    for who, goal in ((quiet, 0.98), (whole, None)):
        share = ratio(seconds[plain], seconds[who])
        found.append(
            figure(
                f"PPO CartPole, {who}, against our own bare loop",
                round(speed[who]),
                "steps/s",
                against=f"{speed[plain]:,.0f} steps/s",
                ratio=share,
                goal=f"at least {goal:g} times" if goal else None,
                holds=share >= goal if goal else None,
            )
        )
    return found


def figures() -> list[Figure]:
    cartpole: dict[str, Peer] = {
        "stock SB3": (lambda: stock(CARTPOLE), 7.0),
        "rl-zoo3": (lambda: rl_zoo("CartPole-v1", CARTPOLE.steps), 7.0),
        "CleanRL": (lambda: cleanrl("ppo.py", "CartPole-v1", CARTPOLE.steps, *_CLEANRL_CARTPOLE), 4.0),
    }
    cheetah: dict[str, Peer] = {
        "stock SB3": (lambda: stock(CHEETAH), 6.0),
        "CleanRL": (lambda: cleanrl("ppo_continuous_action.py", "HalfCheetah-v5", CHEETAH.steps), 4.0),
    }
    return [
        *_task("PPO CartPole, zoo hyperparameters", CARTPOLE, cartpole),
        *_task("PPO HalfCheetah-v5, SB3's defaults", CHEETAH, cheetah),
        *_bare(),
    ]
