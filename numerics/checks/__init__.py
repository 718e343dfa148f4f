"""Which simulation meets which claim. The only place where theory and simulators meet.

The design points are small and lopsided on purpose (n != m, p > 1, Sigma not a multiple of the identity): there a wrong
formula is far off, and a replication is cheap.
"""

from __future__ import annotations

from collections.abc import Callable

from nocollapse.numerics.checks import covariance, empirical, fitted_models, frameworks, glm, mean, misspecified
from nocollapse.numerics.checks.design import Check

CHECKS: dict[str, Callable[[], Check]] = {
    "framework.fully-synthetic": frameworks.fully_synthetic,
    "framework.accumulation": frameworks.accumulation,
    "framework.augmentation": frameworks.augmentation,
    "framework.fresh": frameworks.fresh,
    "mean.error": mean.mean_error,
    "covariance.error": covariance.covariance_error,
    "covariance.threshold": covariance.covariance_threshold,
    "gaussian.fully-synthetic": covariance.gaussian_fully_synthetic,
    "gaussian.real-only": covariance.gaussian_real_only,
    "mean.optimal-weight": mean.mean_optimal_weight,
    "covariance.asymptotic": covariance.covariance_asymptotic,
    "gaussian.improvement": covariance.gaussian_improvement,
    "mean.blue": mean.mean_blue,
    "mean.naive": mean.mean_naive,
    "mean.floor": mean.mean_floor,
    "glm.error": glm.error,
    "glm.linear": glm.linear,
    "glm.logistic": glm.logistic,
    "glm.poisson": glm.poisson,
    "glm.exponential-family": fitted_models.exponential_family,
    "glm.naive": glm.naive,
    "covariance.operator-norm": fitted_models.operator_norm,
    "glm.joint": fitted_models.joint,
    "glm.misspecified": misspecified.misspecified,
    "cdf.error": empirical.cdf_error,
    "cdf.optimal-weight": empirical.cdf_optimal_weight,
    "cdf.stages": empirical.cdf_stages,
    "pmf.error": empirical.pmf_error,
}
"""Every claim but mean.ridge and glm.synthetic-size, which compare expressions: nothing in them is random."""
