"""How much to simulate: pilots, the replications that they ask for, and which runs go first."""

from __future__ import annotations

import math
import time
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.design import Draw, Run, kernel_of
from nocollapse.numerics.execution.workers import cut
from nocollapse.numerics.protocol.equality import ALPHA, replications_needed
from nocollapse.numerics.simulation.streams import Stream

PILOT = 1000
"""Replicates of a pilot."""
SIGN = 7.0
"""Standard errors that a sign test is planned to see."""
MISS = 1e-4
"""Chance that one true target is not accepted: a run has some 200 of them."""
MARGINS = {"quick": 0.08, "standard": 0.04, "paper": 0.01}
CAPS = {"quick": 40_000, "standard": 200_000, "paper": 1_000_000}


class Pilot(NamedTuple):
    """Standard deviation over mean of each column, and the seconds that a replicate takes."""

    ratios: list[float]
    seconds: float


def pilot(draw: Draw, stream: Stream) -> Pilot:
    """What a few replicates, on a stream of their own, tell."""
    draw(stream, range(2))  # compilation is not part of the price
    started = time.perf_counter()
    sample = draw(stream, range(PILOT))
    seconds = (time.perf_counter() - started) / PILOT
    columns = sample[whole(sample)].T
    return Pilot([float(np.std(values) / max(abs(np.mean(values)), 1e-300)) for values in columns], seconds)


def whole(sample: FloatArray) -> npt.NDArray[np.bool_]:
    """Which replicates have all their numbers."""
    return np.asarray(~np.isnan(sample).any(axis=1))


def wanted(run: Run, ratios: Sequence[float], effort: str) -> int:
    """How many replications a run needs, where its columns have these ratios of standard deviation to mean."""
    most = CAPS[effort]
    needs = [run.floor]
    for column, ratio in zip(run.columns, ratios, strict=True):
        if column.test in ("positive", "negative"):
            needs.append(math.ceil(min((SIGN * ratio) ** 2, most)))
        else:
            needs.append(replications_needed(ratio, MARGINS[effort] * run.precision, alpha=ALPHA, beta=MISS))
    return min(max(needs), most)


def pieces(run: Run, known: Pilot, effort: str) -> list[range]:
    """The replicates of a run, cut into tasks."""
    return cut(wanted(run, known.ratios, effort), known.seconds)


def compiling_first(runs: Sequence[Run]) -> list[int]:
    """The runs' places, one run of each compiled kernel first: so that no two workers compile the same one."""
    first: dict[Hashable, int] = {}
    for place, run in enumerate(runs):
        first.setdefault(kernel_of(run.draw), place)
    leading = list(first.values())
    return [*leading, *(place for place in range(len(runs)) if place not in leading)]
