"""A panel of a published figure: what is drawn at which abscissae, summarised with intervals, beside the theory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.checks.design import Draw
from numerics.parallel import Workers, cut, pace
from numerics.signs import one_sided
from numerics.statistics import FloatArray, quantile
from numerics.streams import Stream

_REACH = quantile(0.975)
Progress = Callable[[int, int], None]
Summary = Callable[[FloatArray, Sequence[float]], list[dict[str, Any]]]


@dataclass(frozen=True)
class Panel:
    """One panel: ``draw`` gives (replicates, columns), ``summary`` turns all of them into series over ``abscissa``.

    ``curves`` are named theory lines, functions of the abscissa. ``optimum`` is theory's best abscissa, which the
    simulation brackets where the columns share their driving numbers (``paired``).
    """

    id: str
    title: str
    x: str
    y: str
    abscissa: tuple[float, ...]
    draw: Draw
    summary: Summary
    curves: tuple[tuple[str, Callable[[float], float]], ...] = ()
    optimum: float | None = None
    reference: tuple[float, str] | None = None
    log_x: bool = False
    log_y: bool = False
    note: str = ""


def means(sample: FloatArray, abscissa: Sequence[float]) -> list[dict[str, Any]]:
    """The mean at each abscissa with its 95 % interval; trajectories without an estimate are left out."""
    return [_mean("simulated mean, 95 % interval", sample, abscissa)]


def _mean(label: str, sample: FloatArray, abscissa: Sequence[float]) -> dict[str, Any]:
    count = np.count_nonzero(~np.isnan(sample), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(sample, axis=0) / count
        spread = np.sqrt(np.nansum((sample - mean) ** 2, axis=0) / (count - 1) / count)
    return series(label, abscissa, mean, mean - _REACH * spread, mean + _REACH * spread)


def two_means(first: str, second: str) -> Summary:
    """Means of two halves of the columns, by name."""

    def summary(sample: FloatArray, abscissa: Sequence[float]) -> list[dict[str, Any]]:
        halves = np.split(sample, 2, axis=1)
        return [_mean(label, half, abscissa) for label, half in zip((first, second), halves, strict=True)]

    return summary


def typical(sample: FloatArray, abscissa: Sequence[float]) -> list[dict[str, Any]]:
    """Median, quartiles and 95 % range beside the mean: for a mean that lives on trajectories never met."""
    low, first, middle, third, high = np.quantile(sample, [0.025, 0.25, 0.5, 0.75, 0.975], axis=0)
    band = [
        series("median and quartiles", abscissa, middle, first, third),
        series("95 % of trajectories", abscissa, middle, low, high),
    ]
    return [*means(sample, abscissa), *({**s, "band": True} for s in band)]


def surviving(sample: FloatArray, abscissa: Sequence[float]) -> list[dict[str, Any]]:
    """The mean while a tenth of the trajectories keep their estimate, and the share that have lost it."""
    lost = np.isnan(sample)
    share = lost.mean(axis=0)
    reach = _REACH * np.sqrt(share * (1 - share) / len(sample))
    kept = np.where(share <= 0.9, sample, np.nan)
    gone = series("share without an estimate", abscissa, share, (share - reach).clip(0), (share + reach).clip(max=1))
    return [*means(kept, abscissa), {**gone, "share": True}]


def series(label: str, x: Sequence[float], y: FloatArray, low: FloatArray, high: FloatArray) -> dict[str, Any]:
    """Points with intervals as plain data, those without a value left out."""
    there = [i for i in range(len(x)) if np.isfinite(y[i])]
    parts = {"x": np.asarray(x), "y": y, "low": low, "high": high}
    return {"label": label, **{name: [float(values[i]) for i in there] for name, values in parts.items()}}


def bracket(sample: FloatArray, abscissa: Sequence[float], best: float) -> tuple[float, float] | None:
    """The abscissae next to ``best``'s grid point at which the error is significantly larger, one on either side.

    Columns share their driving numbers, so that differences are sharp. None where a side shows none.
    """
    place = int(np.argmin(np.abs(np.asarray(abscissa) - best)))
    sides = []
    for indices in (range(place - 1, -1, -1), range(place + 1, len(abscissa))):
        worse = (i for i in indices if one_sided(sample[:, i] - sample[:, place], sign=1).status == "SUPPORTED")
        sides.append(next(worse, None))
    low, high = sides
    return None if low is None or high is None else (abscissa[low], abscissa[high])


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


def _told(results: Iterator[Any], of: int, progress: Progress) -> Iterator[Any]:
    for done, result in enumerate(results, 1):
        progress(done, of)
        yield result


def _pace(draw: Draw, stream: Stream) -> float:
    return pace(lambda part: draw(stream, part))


def _draw(draw: Draw, stream: Stream, part: range) -> FloatArray:
    return draw(stream, part)


def _described(panel: Panel, sample: FloatArray) -> dict[str, Any]:
    fine = _fine(panel)
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
        "curves": [{"label": label, "x": fine, "y": [curve(x) for x in fine]} for label, curve in panel.curves],
        "optimum": panel.optimum,
        "bracket": sides,
        "reference": None if panel.reference is None else {"y": panel.reference[0], "label": panel.reference[1]},
        "note": panel.note,
    }


def _fine(panel: Panel) -> list[float]:
    """Where the curves are drawn: at the abscissae themselves if those are steps or ratios, finely for weights."""
    if panel.x.startswith("weight"):
        return [float(x) for x in np.linspace(panel.abscissa[0], panel.abscissa[-1], 121)]
    return [float(x) for x in panel.abscissa]
