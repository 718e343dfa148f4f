"""The protocol run on samples whose mean is known: does it err as often as it says?

One run is a family of `TESTS` independent equality tests at the planned replications. The samples are what
a squared error in two dimensions is: a chi-square variable with 2 degrees of freedom, scaled to mean 1. Its
skewness is 2, so the normal approximation is tried, not assumed.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from scipy.special import betaincinv

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.protocol.equality import (
    ALPHA,
    BETA,
    DETECTION,
    deviation,
    equality,
    holm,
    replications_needed,
    status,
)
from nocollapse.numerics.simulation.streams import Stream

TESTS: Final = 10
MARGIN: Final = 0.05
FAMILY: Final = 0.05  # a family-wise rate of 0.001 would take 10^5 runs to measure
COVERAGE: Final = 0.95


@dataclass(frozen=True)
class Rate:
    """A rate that the protocol promises, the measured one, and the latter's 95 % Clopper-Pearson bounds."""

    nominal: float
    measured: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """The rates of the protocol.

    - `false_alarm`: runs, all targets true, with any REFUTED after Holm.
    - `coverage`: 95 % intervals that hold the mean.
    - `power`: true targets that are SUPPORTED.
    - `detection`: targets off by the least detectable discrepancy, either way, that a z-test at level
      family/tests refutes.
    """

    false_alarm: Rate
    coverage: Rate
    power: Rate
    detection: Rate


def calibration(seed: int, runs: int) -> Calibration:
    """Measured against nominal rates of the protocol.

    Raises ValueError unless runs >= 1.
    """
    if runs < 1:
        raise ValueError(f"runs must be >= 1, not {runs}")
    size = replications_needed(1.0, MARGIN)
    stream = Stream(seed, "calibration")
    counted: Counter[str] = Counter()
    for run in range(runs):
        # half the sum of two squared normals is a standard exponential, which is cheaper to draw
        counted.update(_run(stream.generator(run).standard_exponential((TESTS, size))))
    tests = runs * TESTS
    return Calibration(
        false_alarm=_rate(FAMILY, counted["false_alarm"], runs),
        coverage=_rate(COVERAGE, counted["coverage"], tests),
        power=_rate(1 - BETA, counted["power"], tests),
        detection=_rate(DETECTION, counted["detection"], tests),
    )


def _rate(nominal: float, successes: int, trials: int) -> Rate:
    low, high = clopper_pearson(successes, trials)
    return Rate(nominal, successes / trials, low, high)


def clopper_pearson(successes: int, trials: int, coverage: float = 0.95) -> tuple[float, float]:
    """Exact confidence bounds of a binomial probability.

    Raises ValueError unless 0 <= successes <= trials and trials >= 1.

    >>> low, high = clopper_pearson(5, 100)
    >>> round(low, 4), round(high, 4)
    (0.0164, 0.1128)
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"successes must lie in [0, trials], not {successes} of {trials}")
    tail = (1 - coverage) / 2
    failures = trials - successes
    low = float(betaincinv(successes, failures + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, failures, 1 - tail)) if failures else 1.0
    return low, high


def _run(samples: FloatArray) -> dict[str, int]:
    """What one run counts, by rate, from samples of mean 1, shape (TESTS, R)."""
    comparisons = [equality(x, 1.0, margin=MARGIN, alpha=ALPHA, family=FAMILY, tests=TESTS) for x in samples]
    adjusted = holm([comparison.p_value for comparison in comparisons])
    statuses = [
        status(comparison, float(p), family=FAMILY) for comparison, p in zip(comparisons, adjusted, strict=True)
    ]
    intervals = [comparison.interval(COVERAGE) for comparison in comparisons]
    # the target, not the sample, is moved: the same discrepancy, in alternating directions
    moved = [
        deviation(comparison.estimate, comparison.standard_error, 1 + (-1) ** i * comparison.least_detectable)
        for i, comparison in enumerate(comparisons)
    ]
    return {
        "false_alarm": int("REFUTED" in statuses),
        "coverage": sum(low <= 1 <= high for low, high in intervals),
        "power": statuses.count("SUPPORTED"),
        "detection": sum(p <= FAMILY / TESTS for _, p in moved),
    }
