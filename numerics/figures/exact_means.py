"""What theory says exactly of the points of Figures 7 to 9, at the sizes that are simulated, and where it is silent.

Weights are taken from what they are, the published optimum and pooling, and not from where the simulations take them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

from sympy import Rational

from nocollapse.models import EXPERIMENTS
from nocollapse.numerics.checks.expected import exact_weight
from nocollapse.numerics.figures.judging import Held
from nocollapse.numerics.figures.theory_curves import N, experiment, path
from nocollapse.theory.claims.covariance import RADIUS
from nocollapse.theory.models.gaussian import variance_gate
from nocollapse.theory.models.least_squares import without_real_data
from nocollapse.theory.symbols import PARAMETERS

RARE = 1.5
"""Where rare trajectories have raised the second moment of a squared error by this factor, its mean is not tested."""
MOMENTS = {"mean": RADIUS, "covariance": variance_gate()}
"""By what the second moment of a squared error is multiplied in a step, through that of the covariance."""
HEAVY = "heavy tail: trajectories that are too rare to be met make the mean"


def at_steps(model: str, p: int) -> Held:
    """Figure 7: errors at each step without real data, of n = m = 100, where the trajectories that count are met."""
    claim = {"mean": "gaussian.fully-synthetic", "covariance": "gaussian.fully-synthetic", "cdf": "cdf.error"}
    if model == "linear":
        return Held("glm.fully-synthetic", "exact at this n", "t", partial(_least_squares, p))
    if model in claim or experiment(model).exact:
        return Held(claim.get(model, "glm.fully-synthetic"), "mean", "t", partial(_at_step, model, p), HEAVY)
    return _silent("glm.fully-synthetic", "t")


def at_weights(model: str, p: int, steps: Sequence[int]) -> Held:
    """Figure 8: errors averaged over late steps at each weight, of n = m = 100."""
    claim = EXPERIMENTS[model].claim
    if not experiment(model).exact:
        return _silent(claim, "w")
    return Held(claim, "mean", "w", lambda weight: _late(model, p, N, weight, steps), HEAVY)


def at_ratios(model: str, p: int, steps: Sequence[int]) -> tuple[Held, ...]:
    """Figure 9: errors averaged over late steps at each k, at the published best weight and where all is pooled."""
    claim = EXPERIMENTS[model].claim
    if not experiment(model).exact:
        return (_silent(claim, "k"),)
    weights = {"w*": _best, "naive": _pooled}
    return tuple(
        Held(claim, f"mean at {name}", "k", partial(_at_ratio, model, p, steps, weight), HEAVY, block)
        for block, (name, weight) in enumerate(weights.items())
    )


def _silent(claim: str, letter: str) -> Held:
    """A series of which theory has the limit in n alone."""
    reason = f"theory is for n to infinity, and n = {N} keeps a bias of order 1/n; verify {claim} extrapolates"
    return Held(claim, "mean", letter, _nothing, reason)


def _nothing(x: float) -> None:
    """No exact mean anywhere."""


# --- exact means -----------------------------------------------------------------------------------------------------


def _at_step(model: str, p: int, step: float) -> float | None:
    if not _met(model, N, 0.0, step):
        return None
    return float(path(model, p, 1.0, 0.0, 1000)[int(step)])


def _least_squares(p: int, step: float) -> float:
    """Of random covariates: above that of the limit law."""
    start, gain = _without_real_data(p)
    return p * (start + step * gain)


@cache
def _without_real_data(p: int) -> tuple[float, float]:
    recursion = without_real_data(N, N, p)
    return float(recursion.initial[0]), float(recursion.offset[0])


def _at_ratio(
    model: str, p: int, steps: Sequence[int], weight: Callable[[int], float], k: float
) -> float | None:  # fmt: skip
    m = round(N / k)
    return _late(model, p, m, weight(m), steps)


def _best(m: int) -> float:
    return exact_weight("mean.optimal-weight", N, m)


def _pooled(m: int) -> float:
    """All points count alike."""
    return N / (N + m)


def _late(model: str, p: int, m: int, weight: float, steps: Sequence[int]) -> float | None:
    """The mean over late steps."""
    if not _met(model, m, weight, steps[-1]):
        return None
    return float(path(model, p, N / m, weight, steps[-1])[list(steps)].mean())


def _met(model: str, m: int, weight: float, step: float) -> bool:
    """Whether the trajectories that make the mean are met among a thousand."""
    if model not in MOMENTS:
        return True
    growth = _growth(model, m, weight)
    return growth <= 1 or growth**step <= RARE


@cache
def _growth(model: str, m: int, weight: float) -> float:
    return float(MOMENTS[model].subs({PARAMETERS["w"]: Rational(str(weight)), PARAMETERS["m"]: m}))
