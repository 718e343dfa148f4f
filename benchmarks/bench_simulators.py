"""Times each fast simulator against its plain twin and against the cost of its random numbers alone.

Run from the root of the repository, on one core, compilation excluded, CPU seconds:

    python -m benchmarks.bench_simulators [--replications R]

The settings are those of Scenario 2: n = m = 100, 200 steps, 31 weights (PMF: n = m = 500, 100 steps, 16
categories). `floor` draws the random numbers that the trajectories need, generators made, and nothing else.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from numerics.bartlett import Batches, draw
from numerics.empirical import simulate_cdf, simulate_cdf_plain, simulate_pmf, simulate_pmf_plain
from numerics.gaussian import simulate, simulate_plain
from numerics.streams import Stream

STREAM = Stream(1, "benchmark")
WEIGHTS = np.linspace(0.2, 0.8, 31)
SIGMA = np.array([[2.0, 0.5], [0.5, 1.0]])
CATEGORIES = np.arange(1, 17) / 136


class Case(NamedTuple):
    """One row of the table: the same experiment in three forms, each a function of the replicates."""

    name: str
    steps: int
    weights: int
    fast: Callable[[range], object]
    plain: Callable[[range], object]
    floor: Callable[[range], object]


def gaussian(label: str, steps: tuple[int, ...], **more: Any) -> Case:
    """Mean and covariance, p = 2."""
    case: dict[str, Any] = {"n": 100, "m": 100, "sigma": SIGMA, "weights": WEIGHTS, "steps": steps}
    real, synthetic = Batches(100, 2, 201), Batches(100, 2, 200)
    return Case(
        f"gaussian, {label}",
        200,
        31,
        lambda r: simulate(STREAM, r, **case, **more),
        lambda r: simulate_plain(STREAM, r, **case),
        lambda r: [draw(STREAM, range(i, i + 1), real, synthetic) for i in r],
    )


def cdf(label: str, steps: tuple[int, ...]) -> Case:
    """The empirical CDF."""
    case: dict[str, Any] = {"n": 100, "m": 100, "weights": WEIGHTS, "steps": steps}
    room = np.empty(401 * 100)
    return Case(
        f"cdf, {label}",
        200,
        31,
        lambda r: simulate_cdf(STREAM, r, **case),
        lambda r: simulate_cdf_plain(STREAM, r, **case),
        lambda r: [STREAM.generator(i).random(out=room) for i in r],
    )


def pmf(label: str, steps: tuple[int, ...]) -> Case:
    """The empirical PMF on 16 categories."""
    case: dict[str, Any] = {
        "n": 500,
        "m": 500,
        "weights": WEIGHTS,
        "steps": steps,
        "probabilities": CATEGORIES,
    }

    room = np.empty(100 * 500)

    def floor(replicates: range) -> None:
        for replicate in replicates:
            rng = STREAM.generator(replicate)
            rng.multinomial(500, CATEGORIES, size=101)
            rng.random(out=room)

    return Case(
        f"pmf, {label}",
        100,
        31,
        lambda r: simulate_pmf(STREAM, r, **case),
        lambda r: simulate_pmf_plain(STREAM, r, **case),
        floor,
    )


CASES = (
    gaussian("last step", (200,)),
    gaussian("every step", tuple(range(201))),
    gaussian("slopes", (200,), slopes=True),
    cdf("last step", (200,)),
    cdf("every step", tuple(range(201))),
    pmf("last step", (100,)),
    pmf("every step", tuple(range(101))),
)


def seconds(function: Callable[[range], object], replications: int) -> float:
    """CPU seconds a replicate: the best of three runs, after one that compiles."""
    function(range(1))
    best = np.inf
    for _ in range(3):
        start = time.process_time()
        function(range(replications))
        best = min(best, time.process_time() - start)
    return best / replications


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=200, help="of the fast form (default 200)")
    replications = parser.parse_args().replications
    print(f"{'':24}{'2000 reps':>11}{'fast':>14}{'plain':>14}{'plain/fast':>12}{'fast/floor':>12}")
    print(f"{'':24}{'s':>11}{'ns/(w,r,t)':>14}{'ns/(w,r,t)':>14}")
    for case in CASES:
        fast, floor = seconds(case.fast, replications), seconds(case.floor, replications)
        plain = seconds(case.plain, 1)
        each = 1e9 / (case.steps * case.weights)
        print(f"{case.name:24}{2000 * fast:11.2f}{fast * each:14.1f}{plain * each:14.0f}", end="")
        print(f"{plain / fast:12.0f}{fast / floor:12.1f}")


if __name__ == "__main__":
    main()
