"""The paper's Figures 7 to 10 as plain data: every panel simulated at its settings, beside its theory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from nocollapse.numerics.execution.workers import ALONE, Workers
from nocollapse.numerics.figures.panels import Panel, Progress, compiled, drawn
from nocollapse.numerics.figures.scenarios import REPLICATIONS, panels
from nocollapse.numerics.simulation.arguments import integer

EFFORTS = {"quick": 10, "paper": 1}
"""What the paper's numbers of replications are divided by."""
TITLES = {
    7: "Scenario 1: no real data after step 0 (n = m = 100, p = 4)",
    8: "Scenario 2: the limit against the weight at k = 1 (n = m = 100, p = 2, mean of steps 31 to 130)",
    9: "Scenario 3: optimal weight against naive mixing (n = 100, m = 100/k, p = 2, mean of steps 35, 40, ..., 60)",
    10: "Adult (n = m = 500, mean of steps 51 to 100)",
}


@dataclass(frozen=True)
class Plate:
    """One figure: its panels as plain data, and the seconds that it took, those of compiling its simulators apart."""

    number: int
    title: str
    panels: list[dict[str, Any]]
    seconds: float
    compilation: float


def figures(
    numbers: Sequence[int] = tuple(TITLES),
    *,
    effort: str = "paper",
    replications: int | None = None,
    seed: int = 0,
    workers: Workers = ALONE,
    progress: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> Iterator[Plate]:
    """Yield each figure: series with 95 % intervals, theory curves, the optimum and its bracket.

    Effort "paper" has the paper's replications, "quick" a tenth; ``replications`` takes their place. The panels are the
    same, bit for bit, for any workers. ``ValueError`` for a figure that is not one of 7, 8, 9, 10, another effort, a
    seed < 0 or fewer than 2 replications.
    Source: Section 5.
    """
    if effort not in EFFORTS:
        raise ValueError(f"effort = {effort!r} is not one of {', '.join(EFFORTS)}")
    if replications is not None:
        integer("replications", replications, 2)
    planned = {number: panels(number) for number in numbers}
    return (
        _plate(number, made, replications or REPLICATIONS[number] // EFFORTS[effort], seed, workers,
               partial(progress, f"Figure {number}"))
        for number, made in planned.items()
    )  # fmt: skip


def _plate(number: int, made: list[Panel], count: int, seed: int, workers: Workers, progress: Progress) -> Plate:
    started = time.perf_counter()
    compiled(made)
    ready = time.perf_counter()
    found = drawn(made, [count] * len(made), seed, workers, progress)
    return Plate(number, f"Figure {number}. {TITLES[number]}", found, time.perf_counter() - ready, ready - started)
