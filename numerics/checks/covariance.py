"""Design points of the claims about the Gaussian covariance."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from nocollapse.numerics.checks.design import Check, Column, Extrapolation, Prediction, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import (
    LONG,
    QUANTITIES,
    SIGMA,
    SIGMA_3,
    STATIONARY,
    Parameters,
    around_a_stage,
    as_published,
    covariance_recursion,
    exact_weight,
    gaussian_run,
    published,
    require_gate,
    require_settled,
    rounded,
    spectrum,
    value_at,
)
from nocollapse.numerics.checks.gaussian_limits import STEP, extrapolated
from nocollapse.numerics.checks.sampling import (
    Averaged,
    Differences,
    GaussianErrors,
    OneStepGrowth,
    OperatorNormErrors,
    Sigma,
)


@check("covariance.error")
def covariance_error() -> Check:
    """Finite steps, the stationary error averaged along trajectories, and the biased divisor."""
    recursions = {"covariance": covariance_recursion(), "variance": covariance_recursion()}
    finite = [
        gaussian_run(
            f"ddof1-{n}-{m}",
            "covariance.error",
            recursions,
            n=n,
            m=m,
            sigma=sigma,
            weights=weights,
            steps=(1, 3),
            components={"variance": 1},
        )
        for n, m, sigma, weights in ((6, 12, LONG, (0.4, 0.85)), (9, 6, SIGMA_3, (0.65, 0.9)))
    ]
    stationary = [
        _stationary("stationary-5-4", 5, 4, LONG, (0.6, 0.8)),
        _stationary("stationary-4-9", 4, 9, SIGMA, (0.55, 0.75)),
    ]
    biased = gaussian_run(
        "ddof0-5-9",
        "covariance.error",
        {"covariance": covariance_recursion(0)},
        n=5,
        m=9,
        sigma=SIGMA,
        weights=(0.5, 0.8),
        steps=(1, 3, 30),
        ddof=0,
    )
    return Check(
        (*finite, *stationary, biased),
        remark="At w = 0.25 with m = 9 the error is finite but outside the validity gate: no z-test is made there.",
    )


def _stationary(name: str, n: int, m: int, sigma: Sigma, weights: tuple[float, ...]) -> Run:
    """A precise run at the limit: a trajectory's average still is one number, but a less variable one."""
    require_gate(m, weights)
    recursion = covariance_recursion()
    common = {"n": n, "m": m, **spectrum(sigma)}
    points: list[Parameters] = [{**common, "t": STATIONARY[0], "w": weight} for weight in weights]
    for point in points:
        require_settled(recursion, point)
    limits = [as_published("covariance.error", point, recursion) for point in points]
    spreads = [Prediction(value_at(recursion, point, 1), recursion=recursion, component=1) for point in points]
    averages = [
        Column(f"{QUANTITIES[part]}, mean of {len(STATIONARY)} steps", point, prediction)
        for part, predictions in (("covariance", limits), ("variance", spreads))
        for point, prediction in zip(points, predictions, strict=True)
    ]
    settings = {"n": n, "m": m, "sigma": sigma, "weights": weights, "steps": STATIONARY}
    errors = GaussianErrors(("covariance", "variance"), settings)
    return Run(name, Averaged(errors, len(STATIONARY), len(weights)), tuple(averages), precision=1 / 4)


@check("covariance.threshold")
def covariance_threshold() -> Check:
    """The growth in one step from designed states."""
    quantity = r"growth of $2\operatorname{tr}R^2 + (\operatorname{tr}R)^2$ in one step"
    runs = []
    for name, m, scale in (("a", 4, SIGMA), ("b", 9, SIGMA_3), ("c", 25, ((5.0, -1.0), (-1.0, 0.5)))):
        growth = Prediction(growth_at(published("covariance.threshold", {"m": m})), link=growth_at)
        runs.append(Run(name, OneStepGrowth(m, scale), (Column(quantity, {"m": m}, growth),)))
    return Check(
        tuple(runs),
        remark="Divergence itself is proved, not simulated: the one-step growth at designed states is what is tested.",
    )


def growth_at(threshold: float) -> float:
    """The growth of the second moments without real data that a threshold on w stands for; nan for no threshold."""
    return (1 - threshold) ** -2 if threshold < 1 else math.nan


@check("covariance.asymptotic")
def covariance_asymptotic() -> Check:
    """The scaled error, extrapolated in n, at two ratios."""
    sizes = (24, 48, 96, 192)
    runs: list[Run] = []
    extrapolations = []
    for label, ratio, weight in (("k2", Fraction(2), 0.7), ("k-half", Fraction(1, 2), 0.55)):
        series = [
            gaussian_run(
                f"{label}-{n}",
                "covariance.asymptotic",
                {"covariance": covariance_recursion()},
                n=n,
                m=int(n / ratio),
                sigma=SIGMA,
                weights=(weight,),
                steps=(24,),
            )
            for n in sizes
        ]
        runs += series
        point: Parameters = {"k": float(ratio), "w": weight, **spectrum(SIGMA)}
        extrapolations.append(
            Extrapolation(
                f"$n\\,${QUANTITIES['covariance']} at 1/n = 0",
                tuple(run.name for run in series),
                sizes,
                point,
                as_published("covariance.asymptotic", point),
            )
        )
    return Check(tuple(runs), tuple(extrapolations))


@check("covariance.stages")
def covariance_stages() -> Check:
    """The weight in one dimension, between two others; in more dimensions the error improves already there."""
    one = ((2.0,),)
    brackets = [
        around_a_stage("covariance.stages", "covariance", n, m, one, reach)
        for n, m, reach in ((20, 16, 0.006), (16, 24, 0.012))
    ]
    n = 8
    m = 14
    edge = rounded(exact_weight("covariance.stages", n, m))
    require_gate(m, (edge,))
    settings = {"n": n, "m": m, "sigma": SIGMA_3, "weights": (edge, 1.0), "steps": STATIONARY}
    errors = Averaged(GaussianErrors(("covariance",), settings), len(STATIONARY), 2)
    gain = Differences(errors, np.array([[-1.0], [1.0]]))
    point: Parameters = {"n": n, "m": m, "t": STATIONARY[0], "w": edge, **spectrum(SIGMA_3)}
    column = Column("gain over real data only at the threshold, in three dimensions", point, "positive")
    return Check((*brackets, Run(f"three-dimensions-{n}-{m}", gain, (column,))))


@check("covariance.operator-norm")
def operator_norm() -> Check:
    """The error over that of its own step 0, in which the constant cancels."""
    quantity = r"$\mathbb{E}\|\Sigma_t - \Sigma\|_{\mathrm{op}}^2 / \mathbb{E}\|\Sigma_0 - \Sigma\|_{\mathrm{op}}^2$"
    return extrapolated("covariance.operator-norm", quantity, OperatorNormErrors, (STEP, 1, 0), _nothing, precision=1.2)


def _nothing(sigma: Sigma) -> dict[str, float]:
    return {}
