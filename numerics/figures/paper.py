"""The paper's Figures 7 to 10: every panel simulated at its settings, beside its theory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from nocollapse.figure import Figure
from nocollapse.numerics.execution.workers import ALONE, Workers
from nocollapse.numerics.figures.panels import PanelPlan, Progress, compile_simulators, simulated
from nocollapse.numerics.figures.scenarios import REPLICATIONS, plans
from nocollapse.numerics.simulation.arguments import integer

EFFORTS = {"quick": 10, "paper": 1}
"""What the paper's numbers of replications are divided by."""
TITLES = {
    7: "Scenario 1: no real data after step 0 (n = m = 100, p = 4)",
    8: "Scenario 2: the limit against the weight at k = 1 (n = m = 100, p = 2, mean of steps 31 to 130)",
    9: "Scenario 3: optimal weight against naive mixing (n = 100, m = 100/k, p = 2, mean of steps 35, 40, ..., 60)",
    10: "Adult (n = m = 500, mean of steps 51 to 100)",
}
_JOINT = "Bars hold each point with 95 %, shaded bands all points of a panel at once (Bonferroni)."
SHARED = {
    7: f"The steps are those of the same trajectories, so that points err together. {_JOINT}",
    8: f"All weights share their draws, so that points err together. {_JOINT}",
    9: f"The weights at one k share their draws, so that they err together. {_JOINT}",
    10: f"All weights share their draws, so that points err together. {_JOINT}",
}
"""What the points of a panel have in common, which makes the simulations fast and the brackets sharp."""


@dataclass(frozen=True)
class PaperFigure:
    """One of the paper's figures, and the seconds that it took, those of compiling its simulators apart."""

    figure: Figure
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
) -> Iterator[PaperFigure]:
    """Yield each figure: series with 95 % intervals, theory curves, the optimum and its bracket.

    Effort "paper" has the paper's replications, "quick" a tenth; `replications` takes their place. The panels are the
    same, bit for bit, for any workers.
    Raises ValueError for a figure that is not one of 7, 8, 9, 10, another effort, a seed < 0 or fewer than 2
    replications.
    Source: Section 5.
    """
    if effort not in EFFORTS:
        raise ValueError(f"effort = {effort!r} is not one of {', '.join(EFFORTS)}")
    if replications is not None:
        integer("replications", replications, 2)
    planned = {number: plans(number) for number in numbers}
    return (
        _figure(
            number,
            panels,
            replications or REPLICATIONS[number] // EFFORTS[effort],
            seed,
            workers,
            partial(progress, f"Figure {number}"),
        )
        for number, panels in planned.items()
    )


def _figure(
    number: int, planned: list[PanelPlan], replications: int, seed: int, workers: Workers, progress: Progress
) -> PaperFigure:
    started = time.perf_counter()
    compile_simulators(planned)
    compiled = time.perf_counter()
    panels = simulated(planned, [replications] * len(planned), seed, workers, progress)
    note = f"{replications} trajectories a panel. {SHARED[number]}"
    figure = Figure(f"figure-{number}", f"Figure {number}. {TITLES[number]}", tuple(panels), note)
    return PaperFigure(figure, time.perf_counter() - compiled, compiled - started)
