"""Design points of the framework claims (Figures 1-4)."""

from __future__ import annotations

import numpy as np

from nocollapse.numerics.checks.design import Check, Column, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import (
    SIGMA,
    Scaled,
    exact_weight,
    gaussian_run,
    mean_recursion,
    published,
    rounded,
    spectrum,
)
from nocollapse.numerics.checks.sampling import Differences, GaussianErrors


@check("framework.fully-synthetic")
def fully_synthetic() -> Check:
    return Check(
        tuple(
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
        ),
        remark="The closed form has no limit: every column is a finite step.",
    )


@check("framework.accumulation")
def accumulation() -> Check:
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
        for name, ddof, n, m in (("known", None, 2, 3), ("known", None, 7, 4), ("mle", 0, 4, 9), ("unbiased", 1, 9, 4))
    ]
    equal = gaussian_run(
        "known-6-6",
        "framework.accumulation",
        {"mean": mean_recursion("accumulation", None)},
        n=6,
        m=6,
        sigma=SIGMA,
        weights=(1.0,),
        steps=(60,),
        framework="accumulation",
        known_covariance=True,
    )
    # The limit is approached like 1/t: at step 60 it is met in the claim's own proportion of value to limit.
    last = equal.columns[-1]
    assert last.target is not None
    ratio = last.target / published("framework.accumulation", dict(last.parameters))
    scaled = Column(last.quantity, last.parameters, target=last.target, link=Scaled(ratio))
    return Check((*runs, Run(equal.name, equal.draw, (scaled,))))


@check("framework.augmentation")
def augmentation() -> Check:
    return Check(
        tuple(
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
        )
    )


@check("framework.fresh")
def fresh() -> Check:
    n, m, step = 5, 12, 24
    best = rounded(exact_weight("mean.optimal-weight", n, m))
    recursion = mean_recursion()
    settings = {"n": n, "m": m, "sigma": SIGMA, "weights": (best, 1.0), "steps": (step,)}
    base = GaussianErrors(("mean",), settings)
    at = {"n": n, "m": m, "t": step, "w": best, **spectrum(SIGMA)}
    return Check(
        (
            gaussian_run(
                "error",
                "framework.fresh",
                {"mean": recursion},
                n=4,
                m=6,
                sigma=SIGMA,
                weights=(0.45, 0.8),
                steps=(1, 3, 26),
            ),
            Run(
                "gain",
                Differences(base, np.array([[1.0], [-1.0]])),
                (Column("error at w* minus error of real data only", at, "negative"),),
            ),
        )
    )
