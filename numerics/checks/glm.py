"""Design points of Theorem 2, Corollary 2, Remark 5, and of training without real data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nocollapse.numerics.checks.design import Check, Column, Extrapolation, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import as_published, spectrum
from nocollapse.numerics.checks.gaussian_limits import STEP, extrapolated
from nocollapse.numerics.checks.regression_limits import (
    LATE,
    LINEAR,
    LOGISTIC,
    POISSON,
    WITH_INTERCEPT,
    Setting,
    limits_in_n,
    scaled,
)
from nocollapse.numerics.checks.sampling import JointErrors, RegressionErrors, Sigma


@check("glm.error")
def error() -> Check:
    """The scaled error at an early and a late step, with and without an intercept."""
    runs: list[Run] = []
    extrapolations: list[Extrapolation] = []
    for setting in WITH_INTERCEPT:
        series, limits = limits_in_n("glm.error", setting, scaled(setting), (LATE, 1), {"k": float(setting.k)})
        runs += series
        extrapolations += limits
    return Check(tuple(runs), tuple(extrapolations))


@check("glm.fully-synthetic")
def fully_synthetic() -> Check:
    """Least squares with a fixed design, of which the claim is exact at any n; the other models extrapolated in n.

    Early steps only: without real data a bias of order t/n builds up.
    """
    runs = [_random_walk(setting) for setting in LINEAR]
    extrapolations: list[Extrapolation] = []
    for setting in (LINEAR[1], LOGISTIC[1], POISSON[0]):
        alone = replace(setting, label=f"{setting.model}-{setting.label}", weight=0.0, degree=2, precision=1.2)
        series, limits = limits_in_n("glm.fully-synthetic", alone, scaled(alone), (3, 1), {"k": float(alone.k)})
        runs += series
        extrapolations += limits
    return Check(tuple(runs), tuple(extrapolations))


def _random_walk(setting: Setting) -> Run:
    """The scaled error of least squares with a fixed design, without real data after step 0."""
    n = 20
    steps = (0, 1, 5, 40)
    measure = scaled(setting)
    settings = setting.settings(n, steps, weights=(0.0,), design="fixed")
    points = [{"n": n, "m": settings["m"], "k": float(setting.k), "w": 0.0, "t": t} for t in steps]
    quantity = f"{measure.quantity}, fixed design"
    columns = tuple(Column(quantity, point, as_published("glm.fully-synthetic", point)) for point in points)
    return Run(f"fixed-design-{setting.label}", RegressionErrors(settings, measure.unit / n), columns)


@check("glm.naive")
def naive() -> Check:
    """The scaled error at the naive weight k/(1+k)."""
    runs: list[Run] = []
    extrapolations: list[Extrapolation] = []
    for setting in LINEAR:
        pooled = replace(setting, weight=float(setting.k / (1 + setting.k)))
        series, limits = limits_in_n("glm.naive", pooled, scaled(pooled), (40,), {"k": float(pooled.k)})
        runs += series
        extrapolations += limits
    return Check(tuple(runs), tuple(extrapolations))


@check("glm.joint")
def joint() -> Check:
    """The covariates' covariance and the coefficients, learned side by side."""
    quantity = r"$n\,\mathbb{E}[\|\Omega_t - \Omega\|_F^2 + \|\theta_t - \theta\|^2]$"
    return extrapolated("glm.joint", quantity, JointErrors, (STEP, 0), _covariates)


def _covariates(sigma: Sigma) -> dict[str, float]:
    return {**spectrum(sigma), "omega_inverse": float(np.trace(np.linalg.inv(np.asarray(sigma))))}
