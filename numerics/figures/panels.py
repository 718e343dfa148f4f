"""A panel of a published figure: what is drawn at which abscissae, summarised with intervals, beside the theory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import bdtrik

from nocollapse.numerics.checks.design import Draw
from nocollapse.numerics.execution.workers import Workers, cut, pace
from nocollapse.numerics.figures.theory_curves import Law
from nocollapse.numerics.protocol.equality import FloatArray, quantile
from nocollapse.numerics.protocol.sign_tests import one_sided
from nocollapse.numerics.simulation.streams import Stream

_REACH = quantile(0.975)
Progress = Callable[[int, int], None]
Summary = Callable[[FloatArray, Sequence[float]], list[dict[str, Any]]]


@dataclass(frozen=True)
class Panel:
    """One panel: ``draw`` gives (replicates, columns), ``summary`` turns all of them into series over ``abscissa``.

    ``curves`` are named theory lines, functions of the abscissa. ``optimum`` is theory's best abscissa, which the
    simulation brackets: the columns share their driving numbers. Where the abscissa is no weight, ``strip`` has theory
    lines of weights, the best one first, and ``around`` the weights tried below and above the best at each abscissa:
    of four blocks of columns the first is at the best weight, the last two are at those. Curves are drawn between the
    abscissae, too, unless these are ``discrete``.
    """

    id: str
    title: str
    x: str
    y: str
    abscissa: tuple[float, ...]
    draw: Draw
    summary: Summary
    curves: tuple[tuple[str, Law], ...] = ()
    optimum: float | None = None
    reference: tuple[float, str] | None = None
    strip: tuple[tuple[str, Law], ...] = ()
    around: tuple[tuple[float, float], ...] = ()
    log_x: bool = False
    log_y: bool = False
    note: str = ""
    discrete: bool = False


def means(sample: FloatArray, abscissa: Sequence[float]) -> list[dict[str, Any]]:
    """The mean at each abscissa with its 95 % interval, over the trajectories that have an estimate."""
    return [_mean("simulated mean, 95 % interval", sample, abscissa), *_lost(sample, abscissa)]


def _mean(label: str, sample: FloatArray, abscissa: Sequence[float]) -> dict[str, Any]:
    count = np.count_nonzero(~np.isnan(sample), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(sample, axis=0) / count
        spread = np.sqrt(np.nansum((sample - mean) ** 2, axis=0) / (count - 1) / count)
    return series(label, abscissa, mean, mean - _REACH * spread, mean + _REACH * spread)


def _lost(sample: FloatArray, abscissa: Sequence[float]) -> list[dict[str, Any]]:
    """The share of trajectories whose estimate has ceased to exist, if there are any."""
    share = np.isnan(sample).mean(axis=0)
    if not share.any():
        return []
    reach = _REACH * np.sqrt(share * (1 - share) / len(sample))
    gone = series("share without an estimate", abscissa, share, (share - reach).clip(0), (share + reach).clip(max=1))
    return [{**gone, "share": True}]


def side_by_side(*labels: str) -> Summary:
    """Means of the first blocks of as many columns as there are abscissae, by name."""

    def summary(sample: FloatArray, abscissa: Sequence[float]) -> list[dict[str, Any]]:
        blocks = [sample[:, i * len(abscissa) :][:, : len(abscissa)] for i in range(len(labels))]
        shown = [_mean(label, block, abscissa) for label, block in zip(labels, blocks, strict=True)]
        return shown + [lost for block in blocks for lost in _lost(block, abscissa)]

    return summary


def typical(sample: FloatArray, abscissa: Sequence[float]) -> list[dict[str, Any]]:
    """Median and quantiles beside the mean, for a mean that lives on trajectories never met: it gets no interval.

    The median's interval is that of order statistics, right for every law. A trajectory without an estimate counts as
    one whose error is infinite.
    """
    whole = np.sort(np.where(np.isnan(sample), np.inf, sample), axis=0)
    low, first, middle, third, high = np.quantile(whole, [0.025, 0.25, 0.5, 0.75, 0.975], axis=0, method="lower")
    rank = max(0, int(np.nan_to_num(bdtrik(0.025, len(whole), 0.5)))) + 1
    mean = _mean("simulated mean", sample, abscissa)
    return [
        series("median, 95 % interval", abscissa, middle, whole[rank - 1], whole[-rank]),
        {**series("half of the trajectories", abscissa, middle, first, third), "band": True},
        {**series("95 % of them", abscissa, middle, low, high), "band": True},
        {**mean, "low": mean["y"], "high": mean["y"]},
        *_lost(sample, abscissa),
    ]


def series(label: str, x: Sequence[float], y: FloatArray, low: FloatArray, high: FloatArray) -> dict[str, Any]:
    """Points with intervals as plain data, those without a finite one left out."""
    parts = {"x": np.asarray(x), "y": y, "low": low, "high": high}
    there = [i for i in range(len(x)) if all(np.isfinite(values[i]) for values in parts.values())]
    return {"label": label, **{name: [float(values[i]) for i in there] for name, values in parts.items()}}


def bracket(sample: FloatArray, abscissa: Sequence[float], best: float) -> tuple[float, float] | None:
    """The abscissae next to ``best``'s grid point at which the error is significantly larger, one on either side.

    Columns share their driving numbers, so that differences are sharp. None where a side shows none.
    """
    place = int(np.argmin(np.abs(np.asarray(abscissa) - best)))
    sides = []
    for indices in (range(place - 1, -1, -1), range(place + 1, len(abscissa))):
        sides.append(next((i for i in indices if _worse(sample[:, i], sample[:, place])), None))
    low, high = sides
    return None if low is None or high is None else (abscissa[low], abscissa[high])


def _worse(sample: FloatArray, best: FloatArray) -> bool:
    """Whether the mean of one column is significantly larger than that of another, trajectory by trajectory."""
    gap = sample - best
    kept = gap[~np.isnan(gap)]
    return len(kept) > 1 and one_sided(kept, sign=1).status == "SUPPORTED"


def drawn(
    panels: Sequence[Panel], replications: Sequence[int], seed: int, workers: Workers, progress: Progress
) -> list[Any]:
    """Each panel as plain data: series, theory curves, optimum with its bracket. The same for any workers."""
    draws = [(panel.draw, Stream(seed, f"figures/{panel.id}")) for panel in panels]
    parts = [
        cut(count, seconds, leaf=1) for count, seconds in zip(replications, workers.ordered(_pace, draws), strict=True)
    ]
    tasks = [(*draw, part) for draw, own in zip(draws, parts, strict=True) for part in own]
    found = _told(workers.ordered(_draw, tasks), len(tasks), progress)
    samples = (np.concatenate([next(found) for _ in own]) for own in parts)
    return [_described(panel, sample) for panel, sample in zip(panels, samples, strict=True)]


def compiled(panels: Sequence[Panel]) -> None:
    """Simulate a replicate of each panel, so that its simulators are compiled and workers find them on the disk."""
    for panel in panels:
        panel.draw(Stream(0, "compilation"), range(1))


def _told(results: Iterator[Any], of: int, progress: Progress) -> Iterator[Any]:
    for done, result in enumerate(results, 1):
        progress(done, of)
        yield result


def _pace(draw: Draw, stream: Stream) -> float:
    return pace(lambda part: draw(stream, part))


def _draw(draw: Draw, stream: Stream, part: range) -> FloatArray:
    return draw(stream, part)


def _described(panel: Panel, sample: FloatArray) -> dict[str, Any]:
    sides = None if panel.optimum is None else bracket(sample, panel.abscissa, panel.optimum)
    return {
        "id": panel.id,
        "title": panel.title,
        "x": panel.x,
        "y": panel.y,
        "log_x": panel.log_x,
        "log_y": panel.log_y,
        "replications": len(sample),
        "series": panel.summary(sample, panel.abscissa),
        "curves": _lines(panel, panel.curves),
        "optimum": panel.optimum,
        "bracket": sides,
        "reference": None if panel.reference is None else {"y": panel.reference[0], "label": panel.reference[1]},
        "strip": {"curves": _lines(panel, panel.strip), "brackets": _brackets(panel, sample)} if panel.strip else None,
        "note": panel.note,
    }


def _brackets(panel: Panel, sample: FloatArray) -> list[dict[str, float]]:
    """The weights around the best, at the abscissae where both are significantly worse."""
    best, _, below, above = np.split(sample, 4, axis=1)
    shown = [i for i in range(best.shape[1]) if all(_worse(side[:, i], best[:, i]) for side in (below, above))]
    return [{"x": panel.abscissa[i], "low": panel.around[i][0], "high": panel.around[i][1]} for i in shown]


def _lines(panel: Panel, laws: Sequence[tuple[str, Law]]) -> list[dict[str, Any]]:
    """Theory lines: at the abscissae themselves if these are all there is, else on a fine grid."""
    x = np.asarray(panel.abscissa)
    if not panel.discrete:
        x = (np.geomspace if panel.log_x else np.linspace)(x[0], x[-1], 121)
    return [{"label": label, "x": x.tolist(), "y": [law(point) for point in x.tolist()]} for label, law in laws]
