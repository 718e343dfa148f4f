"""Design points of Corollaries 2 and 3 and of Remark 5, extrapolated in n."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nocollapse.numerics.checks.design import Check, Extrapolation, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import spectrum
from nocollapse.numerics.checks.gaussian_limits import STEP, extrapolated
from nocollapse.numerics.checks.glm import LINEAR, limits_in_n, scaled
from nocollapse.numerics.checks.sampling import JointErrors, OperatorNormErrors, Sigma


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


@check("covariance.operator-norm")
def operator_norm() -> Check:
    """The error over that of its own step 0, in which the constant cancels."""
    words = r"$\mathbb{E}\|\Sigma_t - \Sigma\|_{\mathrm{op}}^2 / \mathbb{E}\|\Sigma_0 - \Sigma\|_{\mathrm{op}}^2$"
    return extrapolated("covariance.operator-norm", words, OperatorNormErrors, (STEP, 1, 0), _nothing, precision=1.2)


@check("glm.joint")
def joint() -> Check:
    """The covariates' covariance and the coefficients, learned side by side."""
    words = r"$n\,\mathbb{E}[\|\Omega_t - \Omega\|_F^2 + \|\theta_t - \theta\|^2]$"
    return extrapolated("glm.joint", words, JointErrors, (STEP, 0), _covariates)


def _nothing(sigma: Sigma) -> dict[str, float]:
    return {}


def _covariates(sigma: Sigma) -> dict[str, float]:
    return {**spectrum(sigma), "omega_inverse": float(np.trace(np.linalg.inv(np.asarray(sigma))))}
