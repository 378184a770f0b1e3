"""The performance profile: how many of the runs are at least as good as each value. From ten seeds on.

After Agarwal et al. 2021 (rliable): a run that failed is as good as no value. The curves show the whole
distribution, where a mean hides that two runs of ten have failed.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from worker.plots.lettering import font, printable, value_text
from worker.plots.marks import CARD, GRID, INK, OURS, QUIET, THEIRS
from worker.plots.spec import Profile, Steps

_TICK_PT, _LABEL_PT = 15, 16
_MAX_LABEL = 62
_DASHES = (0, (3, 1.5))
_AIR = 0.05


def paint(axes: Axes, profile: Profile) -> None:
    """Both sides as steps, the comparator dashed, over the values; the shares from 0 to 100 %."""
    _steps(axes, profile, profile.child, color=OURS, width=3.5)
    if profile.comparator:
        _steps(axes, profile, profile.comparator, color=THEIRS, width=3, dashes=_DASHES)
    axes.set_facecolor(CARD)
    axes.set_ylim(-0.03, 1.03)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    axes.set_yticks([0, 0.5, 1])
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: value_text(value)))
    axes.tick_params(length=0, colors=QUIET, pad=6)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontproperties(font(_TICK_PT))
    axes.grid(visible=True, color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(QUIET)
    axes.set_xlabel(
        printable(profile.words, _MAX_LABEL), color=INK, fontproperties=font(_LABEL_PT), labelpad=4
    )


def heading(profile: Profile) -> str:
    """What the shares are of."""
    return (
        "share of runs with at least this" if profile.higher_is_better else "share of runs with at most this"
    )


def _steps(
    axes: Axes,
    profile: Profile,
    steps: Steps,
    *,
    color: str,
    width: float,
    dashes: tuple[int, Sequence[float]] | None = None,
) -> None:
    """A share holds up to its value where higher is better, and from its value on where lower is."""
    if not steps:
        return
    low, high = _ends(profile)
    if profile.higher_is_better:
        points, way = [(low, steps[0][1]), *steps, (steps[-1][0], 0.0), (high, 0.0)], "steps-pre"
    else:
        points, way = [(low, 0.0), (steps[0][0], 0.0), *steps, (high, steps[-1][1])], "steps-post"
    axes.plot(
        [value for value, _ in points],
        [share for _, share in points],
        drawstyle=way,
        color=color,
        linewidth=width,
        linestyle=dashes or "solid",
        zorder=3,
    )


def _ends(profile: Profile) -> tuple[float, float]:
    """The values between which both sides are drawn."""
    values = [value for steps in (profile.child, profile.comparator) for value, _ in steps]
    air = _AIR * (max(values) - min(values)) or 1.0
    return min(values) - air, max(values) + air
