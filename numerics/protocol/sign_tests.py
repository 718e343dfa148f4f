"""Sign tests, and the bracket of a minimiser that two of them make.

A minimiser lies between two points if the derivative is negative at the left one and positive at the right
one. A sample holds one pathwise derivative per independent replication.
"""

from dataclasses import dataclass
from typing import Literal

import numpy.typing as npt
from scipy.special import ndtr

from nocollapse.numerics.protocol.equality import DETECTION, Status, combine, inside, quantile, summarise

Sign = Literal[-1, 1]

ONE_SIDED = 0.001  # chance that a sign test supports, or refutes, a sign wrongly


@dataclass(frozen=True)
class OneSided:
    """One test of the sign of a mean, `H0: sign * mean <= 0`, with `z = sign * xbar/se`.

    A small `p_value = Phi(-z)` speaks for the sign, a small `opposite_p = Phi(z)` against it.
    `least_detectable`: the absolute mean whose sign this run finds with probability `DETECTION`,
    `(z_{1-alpha} + z_DETECTION) se`.
    """

    estimate: float
    standard_error: float
    replications: int
    sign: Sign
    z: float
    p_value: float
    opposite_p: float
    least_detectable: float
    status: Status
    doubt: str = ""


@dataclass(frozen=True)
class SignChange:
    """A minimiser between two points, by the sign of the derivative at each; see `sign_change`."""

    left: OneSided
    right: OneSided
    status: Status


def one_sided(sample: npt.ArrayLike, *, sign: Sign, alpha: float = ONE_SIDED) -> OneSided:
    """The test that a sample's mean has the given sign.

    REFUTED if the opposite sign is significant at alpha, SUPPORTED if `sign * mean <= 0` is rejected at alpha
    and there is no doubt about the tail, else INCONCLUSIVE.

    Raises ValueError unless sign is +1 or -1 and 0 < alpha < 1/2, and as `summarise`.

    >>> one_sided([-3.0, -1.0] * 4, sign=-1).status
    'SUPPORTED'
    """
    if sign not in (-1, 1):
        raise ValueError(f"sign must be +1 or -1, not {sign}")
    summary = summarise(sample)
    z = sign * summary.mean / summary.standard_error
    p_value = float(ndtr(-z))
    opposite_p = float(ndtr(z))
    verdict: Status = "INCONCLUSIVE"
    if opposite_p <= inside("alpha", alpha, 0.5):
        verdict = "REFUTED"
    elif p_value <= alpha and not summary.doubt:
        verdict = "SUPPORTED"
    return OneSided(
        estimate=summary.mean,
        standard_error=summary.standard_error,
        replications=summary.replications,
        sign=sign,
        z=z,
        p_value=p_value,
        opposite_p=opposite_p,
        least_detectable=(quantile(DETECTION) - quantile(alpha)) * summary.standard_error,
        status=verdict,
        doubt=summary.doubt,
    )


def sign_change(left: OneSided, right: OneSided) -> SignChange:
    """The combined verdict on a minimiser between two points, from the derivative's sign at each.

    Both signs must be shown, so a false SUPPORTED has probability at most alpha without an adjustment
    (intersection-union). Raises ValueError unless left tests sign -1 and right sign +1.
    """
    if (left.sign, right.sign) != (-1, 1):
        raise ValueError(f"a bracket has signs -1 (left) and +1 (right), not {left.sign} and {right.sign}")
    return SignChange(left, right, combine((left.status, right.status)))
