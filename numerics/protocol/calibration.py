"""The protocol run on samples whose mean is known: does it err as often as it says?

One run is a family of `TESTS` independent equality tests at the planned replications. The samples are what
a squared error in two dimensions is: a chi-square variable with 2 degrees of freedom, scaled to mean 1. Its
skewness is 2, so the normal approximation is tried, not assumed.
"""

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
COUNTS: Final = ("false_alarm", "coverage", "power", "detection")


def calibration(seed: int, runs: int) -> dict[str, float]:
    """Measured against nominal rates of the protocol, each with its 95 % Clopper-Pearson bounds.

    Keys `runs`, `tests`, `replications`, and for each X of the four rates below its value
    (`false_alarm_rate`, `coverage`, `power`, `detection_rate`), `nominal_X`, `X_low` and `X_high`.
    - `false_alarm`: runs, all targets true, with any REFUTED after Holm.
    - `coverage`: 95 % intervals that hold the mean.
    - `power`: true targets that are SUPPORTED.
    - `detection`: targets off by the least detectable discrepancy, either way, that a z-test at level
      family/tests refutes.
    ValueError unless runs >= 1.
    """
    if runs < 1:
        raise ValueError(f"runs must be >= 1, not {runs}")
    size = replications_needed(1.0, MARGIN)
    stream = Stream(seed, "calibration")
    counts = dict.fromkeys(COUNTS, 0)
    for run in range(runs):
        # half the sum of two squared normals is a standard exponential, which is cheaper to draw
        for name, count in _run(stream.generator(run).standard_exponential((TESTS, size))).items():
            counts[name] += count
    nominal = {"false_alarm": FAMILY, "coverage": COVERAGE, "power": 1 - BETA, "detection": DETECTION}
    report: dict[str, float] = {"runs": runs, "tests": TESTS, "replications": size}
    for name in COUNTS:
        trials = runs if name == "false_alarm" else runs * TESTS
        label = name if name in ("coverage", "power") else f"{name}_rate"
        report[label], report[f"nominal_{name}"] = counts[name] / trials, nominal[name]
        report[f"{name}_low"], report[f"{name}_high"] = clopper_pearson(counts[name], trials)
    return report


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
