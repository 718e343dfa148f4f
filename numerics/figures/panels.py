"""A panel of a published figure: what is drawn at which abscissae, summarised with intervals, beside the theory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import bdtrik

from nocollapse.figure import Axis, Curve, Interval, Optimum, Panel, Series, Shape, Strip
from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.design import Draw
from nocollapse.numerics.execution.workers import Workers, cut, pace
from nocollapse.numerics.figures.theory_curves import Law
from nocollapse.numerics.protocol.equality import quantile
from nocollapse.numerics.protocol.sign_tests import one_sided
from nocollapse.numerics.simulation.streams import Stream

_TAIL = 0.025
"""On either side of a 95 % interval."""
JOINT = "95 % for all points at once"
Progress = Callable[[int, int], None]
Summary = Callable[[FloatArray, Sequence[float]], list[Series]]
"""From a sample (replicates, columns) and the abscissae to what is shown of it."""


@dataclass(frozen=True)
class PanelPlan:
    """What a panel takes: `draw` gives (replicates, columns), `summary` turns all of them into series over `abscissa`.

    `curves` are named theory lines, functions of the abscissa, which are drawn between the abscissae, too, unless
    these are `discrete`. `optimum` is theory's best abscissa, which the simulation brackets: the columns share their
    driving numbers. Where the abscissa is no weight, `strip` has theory lines of weights, the best one first, and
    `around` the weights tried below and above the best at each abscissa: of four blocks of columns the first is at the
    best weight, the last two are at those.
    """

    id: str
    title: str
    x: Axis
    y: Axis
    abscissa: tuple[float, ...]
    draw: Draw
    summary: Summary
    curves: tuple[tuple[str, Law], ...] = ()
    optimum: float | None = None
    strip: tuple[tuple[str, Law], ...] = ()
    around: tuple[tuple[float, float], ...] = ()
    note: str = ""
    discrete: bool = False


# --- what is shown of a sample ---------------------------------------------------------------------------------------


def means(sample: FloatArray, abscissa: Sequence[float]) -> list[Series]:
    """The mean at each abscissa with its 95 % interval, over the trajectories that have an estimate."""
    return [*_means("simulated mean, 95 % interval", sample, abscissa, len(abscissa)), *_lost(sample, abscissa)]


def side_by_side(*labels: str) -> Summary:
    """Means of the first blocks of as many columns as there are abscissae, by name."""

    def summary(sample: FloatArray, abscissa: Sequence[float]) -> list[Series]:
        size = len(abscissa)
        blocks = [sample[:, i * size : (i + 1) * size] for i in range(len(labels))]
        points = size * len(labels)
        shown = [_means(label, block, abscissa, points) for label, block in zip(labels, blocks, strict=True)]
        lost = [series for block in blocks for series in _lost(block, abscissa)]
        return [*(series for both in shown for series in both), *lost]

    return summary


def typical(sample: FloatArray, abscissa: Sequence[float]) -> list[Series]:
    """Median and quantiles beside the mean, for a mean that lives on trajectories never met: it gets no interval.

    The median's intervals are those of order statistics, right for every law. A trajectory without an estimate counts
    as one whose error is infinite.
    """
    whole = np.sort(np.where(np.isnan(sample), np.inf, sample), axis=0)
    low, first, middle, third, high = np.quantile(whole, [0.025, 0.25, 0.5, 0.75, 0.975], axis=0, method="lower")
    own = _rank(len(whole), _TAIL)
    all_at_once = _rank(len(whole), _TAIL / len(abscissa))
    mean, _ = _means("simulated mean", sample, abscissa, len(abscissa))
    return [
        _series("median, 95 % interval", abscissa, middle, whole[own - 1], whole[-own]),
        _series(JOINT, abscissa, middle, whole[all_at_once - 1], whole[-all_at_once], "joint"),
        _series("half of the trajectories", abscissa, middle, first, third, "band"),
        _series("95 % of them", abscissa, middle, low, high, "band"),
        Series(mean.label, mean.x, mean.y, mean.y, mean.y),
        *_lost(sample, abscissa),
    ]


def _rank(count: int, tail: float) -> int:
    """The rank of the order statistic above which the median lies but for a chance of `tail` at most."""
    return max(0, int(np.nan_to_num(bdtrik(tail, count, 0.5)))) + 1


def _means(label: str, sample: FloatArray, abscissa: Sequence[float], points: int) -> list[Series]:
    """Means with their intervals, and the band that is joint over so many points of a panel."""
    count = np.count_nonzero(~np.isnan(sample), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(sample, axis=0) / count
        error = np.sqrt(np.nansum((sample - mean) ** 2, axis=0) / (count - 1) / count)
    own = quantile(1 - _TAIL) * error
    # Bonferroni: columns share their driving numbers, and this holds whatever their dependence is
    all_at_once = quantile(1 - _TAIL / points) * error
    return [
        _series(label, abscissa, mean, mean - own, mean + own),
        _series(JOINT, abscissa, mean, mean - all_at_once, mean + all_at_once, "joint"),
    ]


def _lost(sample: FloatArray, abscissa: Sequence[float]) -> list[Series]:
    """The share of trajectories whose estimate has ceased to exist, if there are any."""
    share = np.isnan(sample).mean(axis=0)
    if not share.any():
        return []
    reach = quantile(1 - _TAIL) * np.sqrt(share * (1 - share) / len(sample))
    low = (share - reach).clip(0)
    high = (share + reach).clip(max=1)
    return [_series("share without an estimate", abscissa, share, low, high, "share")]


def _series(
    label: str, abscissa: Sequence[float], y: FloatArray, low: FloatArray, high: FloatArray, shape: Shape = "points"
) -> Series:
    """Values with intervals as plain numbers, those without a finite one left out."""
    rows = np.column_stack([np.asarray(abscissa, dtype=float), y, low, high])
    finite = rows[np.isfinite(rows).all(axis=1)]
    x, middle, lower, upper = finite.T.tolist()
    return Series(label, x, middle, lower, upper, shape)


# --- where a minimiser is --------------------------------------------------------------------------------------------


def bracket(sample: FloatArray, abscissa: Sequence[float], best: float) -> tuple[float, float] | None:
    """The abscissae next to `best`'s grid point at which the error is significantly larger, one on either side.

    Columns share their driving numbers, so that differences are sharp. None where a side shows none.
    """
    place = int(np.argmin(np.abs(np.asarray(abscissa) - best)))
    below = _first_worse(sample, place, range(place - 1, -1, -1))
    above = _first_worse(sample, place, range(place + 1, len(abscissa)))
    return None if below is None or above is None else (abscissa[below], abscissa[above])


def _first_worse(sample: FloatArray, place: int, candidates: range) -> int | None:
    return next((i for i in candidates if _worse(sample[:, i], sample[:, place])), None)


def _worse(sample: FloatArray, best: FloatArray) -> bool:
    """Whether the mean of one column is significantly larger than that of another, trajectory by trajectory."""
    gap = sample - best
    gap = gap[~np.isnan(gap)]
    return len(gap) > 1 and one_sided(gap, sign=1).status == "SUPPORTED"


def _intervals(plan: PanelPlan, sample: FloatArray) -> Iterator[Interval]:
    """The weights around the best, at the abscissae where both are significantly worse."""
    best, _, below, above = np.split(sample, 4, axis=1)
    for i, x in enumerate(plan.abscissa):
        if _worse(below[:, i], best[:, i]) and _worse(above[:, i], best[:, i]):
            yield Interval(x, *plan.around[i])


# --- from plans to panels --------------------------------------------------------------------------------------------


def simulated(
    plans: Sequence[PanelPlan], replications: Sequence[int], seed: int, workers: Workers, progress: Progress
) -> list[Panel]:
    """Each panel, simulated with so many replications. The same for any workers."""
    draws = [(plan.draw, Stream(seed, f"figures/{plan.id}")) for plan in plans]
    chunks = [
        cut(count, seconds, leaf=1) for count, seconds in zip(replications, workers.ordered(_pace, draws), strict=True)
    ]
    tasks = [(*draw, chunk) for draw, own in zip(draws, chunks, strict=True) for chunk in own]
    results = _reported(workers.ordered(_draw, tasks), len(tasks), progress)
    samples = (np.concatenate([next(results) for _ in own]) for own in chunks)
    return [_panel(plan, sample) for plan, sample in zip(plans, samples, strict=True)]


def compile_simulators(plans: Sequence[PanelPlan]) -> None:
    """Simulate a replicate of each panel, so that its simulators are compiled and workers find them on the disk."""
    for plan in plans:
        plan.draw(Stream(0, "compilation"), range(1))


def _reported(results: Iterator[Any], of: int, progress: Progress) -> Iterator[Any]:
    for done, result in enumerate(results, 1):
        progress(done, of)
        yield result


def _pace(draw: Draw, stream: Stream) -> float:
    return pace(lambda part: draw(stream, part))


def _draw(draw: Draw, stream: Stream, part: range) -> FloatArray:
    return draw(stream, part)


def _panel(plan: PanelPlan, sample: FloatArray) -> Panel:
    optimum = None
    if plan.optimum is not None:
        sides = bracket(sample, plan.abscissa, plan.optimum)
        optimum = Optimum(f"best w = {plan.optimum:.3f}", plan.optimum, sides)
    strip = Strip(_lines(plan, plan.strip), tuple(_intervals(plan, sample))) if plan.strip else None
    return Panel(
        plan.id,
        plan.title,
        plan.x,
        plan.y,
        curves=_lines(plan, plan.curves),
        series=tuple(plan.summary(sample, plan.abscissa)),
        optimum=optimum,
        strip=strip,
        note=plan.note,
        replications=len(sample),
    )


def _lines(plan: PanelPlan, laws: Sequence[tuple[str, Law]]) -> tuple[Curve, ...]:
    """Theory lines: at the abscissae themselves if these are all there is, else on a fine grid."""
    first = plan.abscissa[0]
    last = plan.abscissa[-1]
    if plan.discrete:
        points = np.asarray(plan.abscissa)
    elif plan.x.log:
        points = np.geomspace(first, last, 121)
    else:
        points = np.linspace(first, last, 121)
    x = points.tolist()
    return tuple(Curve(label, x, [law(point) for point in x]) for label, law in laws)
