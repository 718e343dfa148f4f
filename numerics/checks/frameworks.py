"""Design points of the framework claims (Figures 1-4)."""

from __future__ import annotations

import numpy as np

from nocollapse.numerics.checks.design import Check, Column, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import (
    QUANTITIES,
    SIGMA,
    as_published,
    exact_weight,
    gaussian_run,
    mean_recursion,
    rounded,
    spectrum,
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
    return Check(
        (*runs, _extrapolated()),
        remark="The limit is met by extrapolation along each trajectory from steps 30 and 60: what remains is below "
        "two millionths of it, far below any standard error.",
    )


def _extrapolated() -> Run:
    """The limit, by Richardson's extrapolation along each trajectory.

    With equal batches step s pools n (s + 1) points and adds noise in proportion to their number to the power of -2.
    All that comes after step t is then 1/(t + 3/2) up to t^-3, by the midpoint rule: no limit enters the weights.
    """
    n = m = 3
    steps = (30, 60)
    early, late = (step + 3 / 2 for step in steps)
    weights = np.array([[-early], [late]]) / (late - early)
    sigma = tuple(tuple(float(x) for x in row) for row in np.diag([2.0, 1.5, 1.0, 1.0, 0.5, 0.5]) + 0.25)
    settings = {
        "n": n,
        "m": m,
        "sigma": sigma,
        "weights": (1.0,),
        "steps": steps,
        "framework": "accumulation",
        "known_covariance": True,
    }
    point = {"n": n, "m": m, **spectrum(sigma), "w": 1.0}
    limit = Column(f"{QUANTITIES['mean']} at 1/t = 0", point, as_published("framework.accumulation", point))
    errors = GaussianErrors(("mean",), settings)
    return Run(f"limit-{n}-{m}", Differences(errors, weights), (limit,), precision=1 / 2)


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
