r"""The statistical protocol: when a simulation supports a number, refutes it, or says nothing.

Plain numbers in, frozen dataclasses out; no theory and no simulator is known here. A sample holds one
number per independent replication. With `xbar` its mean, `s` its standard deviation (divisor R-1) and
`se = s / sqrt(R)`, every test is a normal one. Its level is exact only as R grows: for the square of a normal
error, at R = 1000, the z-test at level 0.05 rejects 1.03 times as often as it should, at 0.001 1.6 times, at
0.0001 3 times; at R = 4000 1.0, 1.1 and 1.6 times. Hence `FLOOR`, and the `doubt` about a heavy tail.

Equality to a target `L` at a relative margin `d` asks two questions.
- *Is it different?* `z = (xbar - L)/se`, `p = 2 Phi(-|z|)`, adjusted by Holm over all equality tests of a
  run, so that a run whose targets are all true refutes anything with probability at most `FAMILY`.
- *Is it the same up to d?* TOST: `p = Phi((|xbar - L| - d|L|)/se)`, at level `ALPHA`. It needs no adjustment:
  a claim is supported only if all its points are (an intersection-union test).

REFUTED if the adjusted z-test rejects; otherwise SUPPORTED if TOST rejects and there is no doubt about the
interval; otherwise INCONCLUSIVE. In a combination REFUTED wins over everything, then INCONCLUSIVE.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from nocollapse.numerics.arrays import FloatArray

Status = Literal["SUPPORTED", "INCONCLUSIVE", "REFUTED"]

FAMILY = 0.001  # chance that a run whose targets are all true refutes at least one of them
ALPHA = 0.05  # chance that TOST accepts a target which is off by exactly the margin
BETA = 0.1  # chance that a planned run fails to accept a true target
DETECTION = 0.9  # chance that the least detectable discrepancy is detected
FLOOR = 1000  # replications below which the tails of a skewed mean are too far from normal
TAIL = 0.2  # share of the variance in one observation above which a normal interval is not trusted


@dataclass(frozen=True)
class Summary:
    """What the tests need of a sample: mean, standard error, replications, and the weight of its tail.

    `tail_share` is the largest `(x_i - xbar)^2` over their sum. The studentised mean is asymptotically normal
    exactly when this tends to 0 (Gine, Gotze & Mason 1997, after O'Brien 1980); with an infinite variance it
    does not, however large R is.
    """

    mean: float
    standard_error: float
    replications: int
    tail_share: float

    @property
    def doubt(self) -> str:
        """Why a normal interval for the mean is not to be trusted; empty if nothing speaks against it."""
        if self.tail_share <= TAIL:
            return ""
        return f"heavy tail: 1 of {self.replications} replications carries {self.tail_share:.0%} of the variance"


@dataclass(frozen=True)
class Equality:
    """One comparison of an estimate with a target: what was found, and what could have been found.

    `z`, `p_value`: two-sided z-test, not adjusted. `equivalent`, `tost_p`: TOST at `+-margin |target|`.
    `power`: probability that TOST accepts a true target at this standard error,
    `max(0, 2 Phi(d|L|/se - z_{1-alpha}) - 1)`.
    `least_detectable`: relative discrepancy that the z-test refutes with probability `DETECTION`,
    `(z_{1-level/2} + z_DETECTION) se/|L|`, level = family/tests (Holm is never less powerful than that).
    `doubt`: why the interval is not to be trusted, or empty.
    """

    estimate: float
    target: float
    standard_error: float
    replications: int
    margin: float
    z: float
    p_value: float
    equivalent: bool
    tost_p: float
    power: float
    least_detectable: float
    doubt: str = ""

    def interval(self, coverage: float = 0.95) -> tuple[float, float]:
        """The normal confidence interval of the estimate, `xbar -+ z_{(1+coverage)/2} se`.

        >>> compare(2.0, 0.5, 2.0, replications=10**4, margin=0.1).interval()
        (1.020..., 2.979...)
        """
        half = quantile((1 + inside("coverage", coverage, 1)) / 2) * self.standard_error
        return self.estimate - half, self.estimate + half


def summarise(sample: npt.ArrayLike) -> Summary:
    """Mean, standard error and tail share of a sample of shape (R,).

    Raises ValueError if it is not one-dimensional, has R < 2, a value that is NaN or infinite, or no spread.

    >>> summary = summarise([1.0, 2.0, 4.0, 5.0])
    >>> summary.mean, round(summary.standard_error, 4), round(summary.tail_share, 4)
    (3.0, 0.9129, 0.4)
    """
    values = np.asarray(sample, dtype=np.float64)
    if values.ndim != 1 or values.size < 2:
        raise ValueError(f"a sample has shape (R,) with R >= 2, not {values.shape}")
    bad = values.size - int(np.count_nonzero(np.isfinite(values)))
    if bad:
        raise ValueError(f"a sample holds finite numbers; {bad} of {values.size} are NaN or infinite")
    if values.min() == values.max():
        raise ValueError(f"a sample needs spread; all {values.size} values are {values[0]}")
    # squares of very large or very small errors must not overflow; a power of two costs no rounding
    scale = math.ldexp(1.0, math.frexp(float(np.abs(values).max()))[1] - 1)
    values = values / scale
    mean = float(values.mean())
    squares = (values - mean) ** 2
    total = float(squares.sum())
    error = math.sqrt(total / (values.size - 1) / values.size)
    return Summary(mean * scale, error * scale, values.size, float(squares.max()) / total)


def deviation(estimate: float, standard_error: float, target: float) -> tuple[float, float]:
    """z and two-sided p-value of an estimate against a target; a target that is not finite gets (inf, 0).

    >>> z, p = deviation(1.5, 0.25, 1.0)
    >>> z, round(p, 4)
    (2.0, 0.0455)
    >>> deviation(1.3, 0.1, float("nan"))
    (inf, 0.0)
    """
    if not math.isfinite(target):
        return math.inf, 0.0
    z = (estimate - target) / standard_error
    return z, 2 * float(ndtr(-abs(z)))


def compare(
    estimate: float,
    standard_error: float,
    target: float,
    *,
    replications: int,
    margin: float,
    alpha: float = ALPHA,
    family: float = FAMILY,
    tests: int = 1,
    doubt: str = "",
) -> Equality:
    """The planned comparison of a normal estimate with a target; `equality` is this for a sample mean.

    `margin` is relative to |target|; `tests` is the number of equality tests that share `family`.
    Raises ValueError unless target is finite and not 0, standard_error > 0, margin > 0, 0 < alpha < 1/2,
    0 < family < 1, tests >= 1.

    >>> comparison = compare(1.01, 0.01, 1.0, replications=10**4, margin=0.05)
    >>> comparison.equivalent, round(comparison.power, 4), round(comparison.least_detectable, 4)
    (True, 0.9992, 0.0457)
    """
    if not math.isfinite(target) or target == 0:
        raise ValueError(f"target must be finite and not 0 for a relative margin, not {target}")
    if not (math.isfinite(estimate) and 0 < standard_error < math.inf):
        raise ValueError(f"estimate and standard error > 0 must be finite, not {estimate}, {standard_error}")
    if tests < 1:
        raise ValueError(f"tests must be >= 1, not {tests}")
    relative = standard_error / abs(target)
    z, p_value = deviation(estimate, standard_error, target)
    reach = inside("margin", margin, math.inf) / relative
    tost_p = float(ndtr(abs(z) - reach))
    room = reach + quantile(inside("alpha", alpha, 0.5))
    critical = -quantile(inside("family", family, 1) / tests / 2)
    return Equality(
        estimate=estimate,
        target=target,
        standard_error=standard_error,
        replications=replications,
        margin=margin,
        z=z,
        p_value=p_value,
        equivalent=tost_p <= alpha,
        tost_p=tost_p,
        power=max(0.0, 2 * float(ndtr(room)) - 1),
        least_detectable=(critical + quantile(DETECTION)) * relative,
        doubt=doubt,
    )


def equality(
    sample: npt.ArrayLike,
    target: float,
    *,
    margin: float,
    alpha: float = ALPHA,
    family: float = FAMILY,
    tests: int = 1,
) -> Equality:
    """The planned comparison of a sample's mean with a target; errors as `compare` and `summarise`.

    >>> sample = np.random.default_rng(1).standard_exponential(4000)
    >>> comparison = equality(sample, 1.0, margin=0.1)
    >>> status(comparison, comparison.p_value)
    'SUPPORTED'
    """
    summary = summarise(sample)
    return compare(
        summary.mean,
        summary.standard_error,
        target,
        replications=summary.replications,
        margin=margin,
        alpha=alpha,
        family=family,
        tests=tests,
        doubt=summary.doubt,
    )


def holm(p_values: Sequence[float] | FloatArray) -> FloatArray:
    """Holm's adjusted p-values, in the order given: `max_{j<=i} min(1, (N-j+1) p_(j))` (Holm 1979).

    Rejecting where the adjusted value is at most `family` makes any false rejection with probability at most
    `family`, whatever the dependence between the tests. Raises ValueError if a value is outside [0,1].

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or not np.all((p >= 0) & (p <= 1)):
        raise ValueError(f"p-values must be a list of numbers in [0,1], not {p.tolist()}")
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(np.minimum(1.0, p[order] * np.arange(p.size, 0, -1)))
    return adjusted


def status(comparison: Equality, adjusted_p: float, *, family: float = FAMILY) -> Status:
    """The status of one comparison, given its Holm-adjusted p-value over the run.

    >>> off = compare(1.1, 0.01, 1.0, replications=10**4, margin=0.2)
    >>> status(off, off.p_value)
    'REFUTED'
    """
    if not comparison.p_value <= adjusted_p <= 1:
        raise ValueError(f"an adjusted p-value lies in [p, 1] = [{comparison.p_value}, 1], not {adjusted_p}")
    if adjusted_p <= inside("family", family, 1):
        return "REFUTED"
    return "SUPPORTED" if comparison.equivalent and not comparison.doubt else "INCONCLUSIVE"


def combine(statuses: Iterable[Status]) -> Status:
    """One status of several: REFUTED wins over everything, then INCONCLUSIVE; of none, INCONCLUSIVE.

    >>> combine(["SUPPORTED", "REFUTED", "INCONCLUSIVE"]), combine([])
    ('REFUTED', 'INCONCLUSIVE')
    """
    different = set(statuses)
    if "REFUTED" in different:
        return "REFUTED"
    return "SUPPORTED" if different == {"SUPPORTED"} else "INCONCLUSIVE"


def replications_needed(
    cv: float, margin: float, *, alpha: float = ALPHA, beta: float = BETA, floor: int = FLOOR
) -> int:
    """Replications with which TOST accepts a true target with probability 1-beta, at least `floor`.

    `R = CV^2 (z_{1-alpha} + z_{1-beta/2})^2 / d^2`: this is `power = 1-beta` solved for R. `cv` is standard
    deviation over |mean|, from a pilot run or a known law. Raises ValueError unless cv > 0, margin > 0,
    0 < alpha < 1/2, 0 < beta < 1, floor >= 2.

    >>> replications_needed(2**0.5, 0.02)
    54111
    """
    if floor < 2:
        raise ValueError(f"floor must be >= 2, not {floor}")
    reach = -quantile(inside("alpha", alpha, 0.5)) - quantile(inside("beta", beta, 1) / 2)
    wanted = (inside("cv", cv, math.inf) * reach / inside("margin", margin, math.inf)) ** 2
    return max(floor, math.ceil(wanted))


def quantile(probability: float) -> float:
    """The standard normal quantile, `Phi(quantile(p)) = p`."""
    return float(ndtri(probability))


def inside(name: str, value: float, high: float) -> float:
    """The value itself; raises ValueError naming it unless 0 < value < high."""
    if not 0 < value < high:
        raise ValueError(f"{name} must lie in (0, {high:g}), not {value}")
    return value
