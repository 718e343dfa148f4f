"""Design points of the claims about the Gaussian mean."""

from __future__ import annotations

import math

import numpy as np

from nocollapse.numerics.checks.design import Bracket, Check, Column, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import (
    SIGMA,
    SIGMA_3,
    WORDS,
    Parameters,
    exact_weight,
    gaussian_run,
    mean_recursion,
    published,
    rounded,
    same,
    spectrum,
    value_at,
)
from nocollapse.numerics.checks.sampling import Differences, GaussianErrors, Minus, WeightedMeanErrors


@check("mean.error")
def mean_error() -> Check:
    return Check(
        tuple(
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
            for ddof, n, m, sigma, weights in (
                (1, 7, 4, SIGMA_3, (0.5, 0.8)),
                (1, 4, 9, SIGMA, (0.35, 0.7)),
                (0, 5, 4, SIGMA, (0.4, 0.7)),
            )
        )
    )


@check("mean.optimal-weight")
def mean_optimal_weight() -> Check:
    runs = []
    for n, m, sigma in ((4, 9, SIGMA), (9, 4, SIGMA_3), (6, 6, SIGMA)):
        best, step, reach = rounded(exact_weight("mean.optimal-weight", n, m)), 24, 0.03
        at: Parameters = {"n": n, "m": m, "t": step, **spectrum(sigma)}
        settings = {
            "n": n,
            "m": m,
            "sigma": sigma,
            "weights": (best - reach, best + reach, best),
            "steps": (step,),
            "slopes": True,
        }
        keep = np.eye(6)[:, [0, 1, 5]]  # slopes at the two outer weights, and the error at the best
        draw = Differences(GaussianErrors(("mean_slope", "mean"), settings), keep)
        runs.append(
            Run(
                f"{n}-{m}",
                draw,
                (
                    Column(f"pathwise derivative of the error at w = {best - reach:.4g}", at, "negative"),
                    Column(f"pathwise derivative of the error at w = {best + reach:.4g}", at, "positive"),
                    Column(
                        r"least error, $w^* \operatorname{tr}\Sigma/n$",
                        at,
                        target=value_at(mean_recursion(), {**at, "w": best}),
                    ),
                ),
                (Bracket("the minimiser of the error", 0, 1, best - reach, best + reach, best, {**at, "k": n / m}),),
            )
        )
    return Check(tuple(runs))


@check("mean.blue")
def mean_blue() -> Check:
    runs = []
    for n, m, step in ((4, 9, 20), (7, 3, 20)):
        best = rounded(exact_weight("mean.optimal-weight", n, m))
        at: Parameters = {"n": n, "m": m, "w": best, **spectrum(SIGMA)}
        optimum = published("mean.blue", at)
        equal = {"real": (best / n,) * n, "synthetic": ((1 - best) / m,) * m, "sigma": SIGMA, "steps": (step,)}
        runs.append(
            Run(
                f"equal-{n}-{m}",
                WeightedMeanErrors(equal),
                (Column(f"{WORDS['mean']} with the best weights", {**at, "t": step}, target=optimum, link=same),),
            )
        )
        tilt = np.linspace(0.4, 1.6, n)
        other = {**equal, "real": tuple(best * tilt / tilt.sum())}
        excess = Minus(WeightedMeanErrors(other), optimum)
        runs.append(
            Run(
                f"unequal-{n}-{m}",
                excess,
                (
                    Column(
                        "error with unequal weights of the same total, minus the optimum", {**at, "t": step}, "positive"
                    ),
                ),
            )
        )
    return Check(tuple(runs))


@check("mean.naive")
def mean_naive() -> Check:
    runs = []
    for n, m, sigma in ((8, 5, SIGMA), (4, 12, SIGMA_3), (3, 2, SIGMA)):
        weight = n / (n + m)
        at: Parameters = {"n": n, "m": m, "t": 40, **spectrum(sigma)}
        settings = {"n": n, "m": m, "sigma": sigma, "weights": (weight,), "steps": (40,), "known_covariance": True}
        target = published("mean.naive", at)
        runs.append(
            Run(
                f"{n}-{m}",
                GaussianErrors(("mean",), settings),
                (Column(f"{WORDS['mean']} of the pooled mean", at, target=target, link=same),),
            )
        )
    return Check(
        tuple(runs), remark=r"Synthetic points with the true $\Sigma$: the pooled mean does not see $\Sigma_t$'s tail."
    )


@check("mean.floor")
def mean_floor() -> Check:
    return Check(
        tuple(
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
            for horizon, n, m, weight in (
                (2, 3, 5, 0.35),
                (3, 5, 3, 0.35),
                *((T, n, m, rounded(math.log(T) / T)) for T, n, m in ((10, 4, 40), (40, 4, 400), (160, 3, 4000))),
            )
        ),
        remark="Horizons T with w = log T / T and many synthetic points, and two short ones where mutants differ most.",
    )
