"""Design points of the claims about the Gaussian mean."""

from __future__ import annotations

import math

import numpy as np

from nocollapse.numerics.checks.design import Bracket, Check, Column, Prediction, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import (
    QUANTITIES,
    SIGMA,
    SIGMA_3,
    Parameters,
    Scaled,
    around_a_stage,
    as_published,
    exact_weight,
    gaussian_run,
    mean_recursion,
    published,
    rounded,
    spectrum,
    value_at,
)
from nocollapse.numerics.checks.sampling import Differences, GaussianErrors, Minus, Sigma, WeightedMeanErrors


@check("mean.error")
def mean_error() -> Check:
    """Early and late steps for both divisors."""
    designs = (
        (1, 7, 4, SIGMA_3, (0.5, 0.8)),
        (1, 4, 9, SIGMA, (0.35, 0.7)),
        (0, 5, 4, SIGMA, (0.4, 0.7)),
    )
    runs = [
        gaussian_run(
            f"ddof{ddof}-{n}-{m}",
            "mean.error",
            {"mean": mean_recursion("fresh", ddof)},
            n=n,
            m=m,
            sigma=sigma,
            weights=weights,
            steps=(1, 3, 26),
            ddof=ddof,
        )
        for ddof, n, m, sigma, weights in designs
    ]
    return Check(tuple(runs))


@check("mean.optimal-weight")
def mean_optimal_weight() -> Check:
    """The sign of the slope on both sides of w*, and the error at it."""
    designs = ((4, 9, SIGMA), (9, 4, SIGMA_3), (6, 6, SIGMA))
    return Check(tuple(_around_the_best(n, m, sigma) for n, m, sigma in designs))


def _around_the_best(n: int, m: int, sigma: Sigma) -> Run:
    best = rounded(exact_weight("mean.optimal-weight", n, m))
    reach = 0.03
    step = 24
    point: Parameters = {"n": n, "m": m, "t": step, **spectrum(sigma)}
    settings = {
        "n": n,
        "m": m,
        "sigma": sigma,
        "weights": (best - reach, best + reach, best),
        "steps": (step,),
        "slopes": True,
    }
    keep = np.eye(6)[:, [0, 1, 5]]  # slopes at the two outer weights, and the error at the best
    least = Prediction(value_at(mean_recursion(), {**point, "w": best}))
    return Run(
        f"{n}-{m}",
        Differences(GaussianErrors(("mean_slope", "mean"), settings), keep),
        (
            Column(f"pathwise derivative of the error at w = {best - reach:.4g}", point, "negative"),
            Column(f"pathwise derivative of the error at w = {best + reach:.4g}", point, "positive"),
            Column(r"least error, $w^* \operatorname{tr}\Sigma/n$", point, least),
        ),
        (Bracket("the minimiser of the error", 0, 1, best - reach, best + reach, best, {**point, "k": n / m}),),
    )


@check("mean.blue")
def mean_blue() -> Check:
    """The best weights meet the optimum; others of the same total are above it."""
    runs: list[Run] = []
    for n, m, step in ((4, 9, 20), (7, 3, 20), (2, 5, 20)):
        best = rounded(exact_weight("mean.optimal-weight", n, m))
        point: Parameters = {"n": n, "m": m, "w": best, **spectrum(SIGMA)}
        least = Scaled(point["trace"] / n)  # of the best weight
        optimum = Prediction(least(published("mean.blue", point)), link=least)
        real = (best / n,) * n
        equal = {"real": real, "synthetic": ((1 - best) / m,) * m, "sigma": SIGMA, "steps": (step,)}
        tilt = np.linspace(0.4, 1.6, n)
        unequal = {**equal, "real": tuple(best * tilt / tilt.sum())}
        late = {**point, "t": step}
        excess = "error with unequal weights of the same total, minus the optimum"
        runs += [
            Run(
                f"equal-{n}-{m}",
                WeightedMeanErrors(equal),
                (Column(f"{QUANTITIES['mean']} with the best weights", late, optimum),),
            ),
            Run(
                f"unequal-{n}-{m}",
                Minus(WeightedMeanErrors(unequal), optimum.target),
                (Column(excess, late, "positive"),),
            ),
        ]
    return Check(tuple(runs))


@check("mean.naive")
def mean_naive() -> Check:
    """The error of the pooled mean."""
    runs = []
    for n, m, sigma in ((8, 5, SIGMA), (4, 12, SIGMA_3), (3, 2, SIGMA)):
        weight = n / (n + m)
        point: Parameters = {"n": n, "m": m, "t": 40, **spectrum(sigma)}
        settings = {"n": n, "m": m, "sigma": sigma, "weights": (weight,), "steps": (40,), "known_covariance": True}
        pooled = Column(f"{QUANTITIES['mean']} of the pooled mean", point, as_published("mean.naive", point))
        runs.append(Run(f"{n}-{m}", GaussianErrors(("mean",), settings), (pooled,)))
    return Check(
        tuple(runs), remark=r"Synthetic points with the true $\Sigma$: the pooled mean does not see $\Sigma_t$'s tail."
    )


@check("mean.floor")
def mean_floor() -> Check:
    """The error at the horizon, for a fixed weight and for weights that fall with the horizon."""
    fixed = [(2, 3, 5, 0.35), (3, 5, 3, 0.35)]
    falling = [(T, n, m, rounded(math.log(T) / T)) for T, n, m in ((10, 4, 40), (40, 4, 400), (160, 3, 4000))]
    runs = [
        gaussian_run(
            f"T{horizon}",
            "mean.floor",
            {"mean": mean_recursion()},
            n=n,
            m=m,
            sigma=SIGMA,
            weights=(weight,),
            steps=(horizon,),
        )
        for horizon, n, m, weight in (*fixed, *falling)
    ]
    return Check(
        tuple(runs),
        remark="Horizons T with w = log T / T and many synthetic points, and two short ones where mutants differ most.",
    )


@check("mean.stages")
def mean_stages() -> Check:
    """The weight at which synthetic data begin to help, between weights on both sides of it."""
    designs = ((8, 5, SIGMA, 0.03), (6, 10, SIGMA_3, 0.03))
    return Check(tuple(around_a_stage("mean.stages", "mean", *design) for design in designs))
