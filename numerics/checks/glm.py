"""Design points of Theorem 2, Corollary 2 and Remark 5."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nocollapse.numerics.checks.design import Check, Extrapolation, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import spectrum
from nocollapse.numerics.checks.gaussian_limits import STEP, extrapolated
from nocollapse.numerics.checks.regression_limits import LATE, LINEAR, WITH_INTERCEPT, limits_in_n, scaled
from nocollapse.numerics.checks.sampling import JointErrors, Sigma


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
