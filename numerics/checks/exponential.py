"""Design points of the exponential family: a Gaussian in its natural parameters, extrapolated in n."""

from __future__ import annotations

import numpy as np

from nocollapse.numerics.checks.design import Check
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.gaussian_limits import STEP, extrapolated
from nocollapse.numerics.checks.sampling import MEAN, NaturalParameterErrors, Sigma


@check("glm.exponential-family")
def exponential_family() -> Check:
    """The natural parameters of a Gaussian, by weighted maximum likelihood."""
    quantity = r"$n\,\mathbb{E}[\|P_t\mu_t - P\mu\|^2 + \|P_t - P\|_F^2/4]$"
    return extrapolated(
        "glm.exponential-family",
        quantity,
        NaturalParameterErrors,
        (STEP, 0),
        _precisions,
        degree=2,
        precision=0.8,
    )


def _precisions(sigma: Sigma) -> dict[str, float]:
    precision = np.linalg.inv(np.asarray(sigma))
    mu = np.array(MEAN[: len(sigma)])
    return {
        "precision1": float(np.trace(precision)),
        "precision2": float(np.sum(precision**2)),
        "distance1": float(mu @ precision @ mu),
        "distance2": float(mu @ precision @ precision @ mu),
    }
