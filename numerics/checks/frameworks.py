"""Design points of the framework claims (Figures 1-4)."""

from __future__ import annotations

import numpy as np

from nocollapse.numerics.checks.design import Check, Column, Prediction, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import (
    QUANTITIES,
    SIGMA,
    Scaled,
    exact_weight,
    gaussian_run,
    mean_recursion,
    published,
    rounded,
    spectrum,
    value_at,
)
from nocollapse.numerics.checks.sampling import Differences, GaussianErrors


@check("framework.fully-synthetic")
def fully_synthetic() -> Check:
    """Steps without real data, for both divisors."""
    runs = [
        gaussian_run(
            f"ddof{ddof}",
            "framework.fully-synthetic",
            {"mean": mean_recursion("fully-synthetic", ddof)},
            n=7,
            m=12,
            sigma=SIGMA,
            weights=(0.0,),
            steps=(1, 3, 8),
            framework="fully-synthetic",
            ddof=ddof,
        )
        for ddof in (1, 0)
    ]
    return Check(tuple(runs), remark="The closed form has no limit: every column is a finite step.")


@check("framework.accumulation")
def accumulation() -> Check:
    """Steps for each way to fit the covariance, and a late one in proportion to the limit."""
    designs = (("known", None, 2, 3), ("known", None, 7, 4), ("mle", 0, 4, 9), ("unbiased", 1, 9, 4))
    runs = [
        gaussian_run(
            f"{name}-{n}-{m}",
            "framework.accumulation",
            {"mean": mean_recursion("accumulation", ddof)},
            n=n,
            m=m,
            sigma=SIGMA,
            weights=(1.0,),
            steps=(1, 4, 60),
            framework="accumulation",
            known_covariance=ddof is None,
            ddof=1 if ddof is None else ddof,
        )
        for name, ddof, n, m in designs
    ]
    return Check((*runs, _in_proportion_to_the_limit()))


def _in_proportion_to_the_limit() -> Run:
    """The limit is approached like 1/t: at step 60 it is met in the claim's own proportion of value to limit."""
    n = m = 6
    step = 60
    settings = {
        "n": n,
        "m": m,
        "sigma": SIGMA,
        "weights": (1.0,),
        "steps": (step,),
        "framework": "accumulation",
        "known_covariance": True,
    }
    point = {"n": n, "m": m, **spectrum(SIGMA), "t": step, "w": 1.0}
    target = value_at(mean_recursion("accumulation", None), point)
    link = Scaled(target / published("framework.accumulation", point))
    column = Column(QUANTITIES["mean"], point, Prediction(target, link))
    return Run("known-6-6", GaussianErrors(("mean",), settings), (column,))


@check("framework.augmentation")
def augmentation() -> Check:
    """Steps with one real batch, for both divisors."""
    runs = [
        gaussian_run(
            f"ddof{ddof}-{n}-{m}",
            "framework.augmentation",
            {"mean": mean_recursion("augmentation", ddof)},
            n=n,
            m=m,
            sigma=SIGMA,
            weights=(0.4, 0.75),
            steps=(1, 2, 24),
            framework="augmentation",
            ddof=ddof,
        )
        for ddof, n, m in ((1, 9, 5), (1, 4, 11), (0, 6, 5))
    ]
    return Check(tuple(runs))


@check("framework.fresh")
def fresh() -> Check:
    """Steps with new real data, and the gain at w* over real data only."""
    errors = gaussian_run(
        "error",
        "framework.fresh",
        {"mean": mean_recursion()},
        n=4,
        m=6,
        sigma=SIGMA,
        weights=(0.45, 0.8),
        steps=(1, 3, 26),
    )
    return Check((errors, _gain()))


def _gain() -> Run:
    n = 5
    m = 12
    step = 24
    best = rounded(exact_weight("mean.optimal-weight", n, m))
    settings = {"n": n, "m": m, "sigma": SIGMA, "weights": (best, 1.0), "steps": (step,)}
    point = {"n": n, "m": m, "t": step, "w": best, **spectrum(SIGMA)}
    return Run(
        "gain",
        Differences(GaussianErrors(("mean",), settings), np.array([[1.0], [-1.0]])),
        (Column("error at w* minus error of real data only", point, "negative"),),
    )
