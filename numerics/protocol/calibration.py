"""The protocol run on samples whose mean is known: does it err as often as it says?

One run is a family of `TESTS` independent equality tests at the planned replications. The samples are what
a squared error in two dimensions is: a chi-square variable with 2 degrees of freedom, scaled to mean 1. Its
skewness is 2, so the normal approximation is tried, not assumed.
"""

from dataclasses import dataclass
from typing import Final

from scipy.special import betaincinv

from nocollapse.numerics.protocol.equality import (
    ALPHA,
    BETA,
    DETECTION,
    FloatArray,
    deviation,
    equality,
    holm,
    replications,
    status,
)
from nocollapse.numerics.simulation.streams import Stream

TESTS: Final = 10
MARGIN: Final = 0.05
FAMILY: Final = 0.05  # a family-wise rate of 0.001 would take 10^5 runs to measure
COVERAGE: Final = 0.95
COUNTS: Final = ("false_alarm", "coverage", "power", "detection")


@dataclass(frozen=True)
class Rate:
    """A rate as it should be and as it was measured, with its 95 % Clopper-Pearson bounds."""

    nominal: float
    measured: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """How often the protocol errs, measured on `runs` runs of `tests` tests with so many replications each.

    - `false_alarm`: runs, all targets true, with any REFUTED after Holm.
    - `coverage`: 95 % intervals that hold the mean.
    - `power`: true targets that are SUPPORTED.
    - `detection`: targets off by the least detectable discrepancy, either way, that a z-test at level
      family/tests refutes.
    """

    runs: int
    tests: int
    replications: int
    false_alarm: Rate
    coverage: Rate
    power: Rate
    detection: Rate


def calibration(seed: int, runs: int) -> Calibration:
    """The protocol on so many runs from a seed. Raises ValueError unless runs >= 1."""
    if runs < 1:
        raise ValueError(f"runs must be >= 1, not {runs}")
    size = replications(1.0, MARGIN)
    stream = Stream(seed, "calibration")
    counts = dict.fromkeys(COUNTS, 0)
    for run in range(runs):
        # half the sum of two squared normals is a standard exponential, which is cheaper to draw
        for name, count in _run(stream.generator(run).standard_exponential((TESTS, size))).items():
            counts[name] += count
    tests = runs * TESTS
    return Calibration(
        runs=runs,
        tests=TESTS,
        replications=size,
        false_alarm=_rate(FAMILY, counts["false_alarm"], runs),
        coverage=_rate(COVERAGE, counts["coverage"], tests),
        power=_rate(1 - BETA, counts["power"], tests),
        detection=_rate(DETECTION, counts["detection"], tests),
    )


def _rate(nominal: float, successes: int, trials: int) -> Rate:
    low, high = clopper_pearson(successes, trials)
    return Rate(nominal, successes / trials, low, high)


def clopper_pearson(successes: int, trials: int, coverage: float = 0.95) -> tuple[float, float]:
    """Exact confidence bounds of a binomial probability, `0 <= successes <= trials`.

    >>> low, high = clopper_pearson(5, 100)
    >>> round(low, 4), round(high, 4)
    (0.0164, 0.1128)
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"successes must lie in [0, trials], not {successes} of {trials}")
    tail, failures = (1 - coverage) / 2, trials - successes
    low = float(betaincinv(successes, failures + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, failures, 1 - tail)) if failures else 1.0
    return low, high


def _run(samples: FloatArray) -> dict[str, int]:
    """What one run counts, from samples of mean 1, shape (TESTS, R)."""
    found = [equality(x, 1.0, margin=MARGIN, alpha=ALPHA, family=FAMILY, tests=TESTS) for x in samples]
    adjusted = holm([f.p_value for f in found])
    statuses = [status(f, float(p), family=FAMILY) for f, p in zip(found, adjusted, strict=True)]
    # the target, not the sample, is moved: the same discrepancy, in alternating directions
    moved = [
        deviation(f.estimate, f.standard_error, 1 + (-1) ** i * f.least_detectable)
        for i, f in enumerate(found)
    ]
    return {
        "false_alarm": int("REFUTED" in statuses),
        "coverage": sum(low <= 1 <= high for low, high in (f.interval(COVERAGE) for f in found)),
        "power": statuses.count("SUPPORTED"),
        "detection": sum(p <= FAMILY / TESTS for _, p in moved),
    }
