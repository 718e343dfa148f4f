"""Design points of Corollary 3, Remark 5 and the exponential family: Gaussian models, extrapolated in n."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np

from nocollapse.numerics.checks.design import Check, Column, Draw, Extrapolation, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import SIGMA, SIGMA_3, published, spectrum, value_at
from nocollapse.numerics.checks.sampling import MEAN, JointErrors, NaturalParameterErrors, OperatorNormErrors, Sigma
from nocollapse.theory.claims.registry import claim_of

SIZES = (100, 200, 400, 800)
STEP = 16
SETTINGS = (("k2", Fraction(2), 0.6, SIGMA), ("k-quarter", Fraction(1, 4), 0.45, SIGMA_3))
"""Label, k, weight and covariance."""


@check("covariance.operator-norm")
def operator_norm() -> Check:
    """The error over that of its own step 0, in which the constant cancels."""
    words = r"$\mathbb{E}\|\Sigma_t - \Sigma\|_{\mathrm{op}}^2 / \mathbb{E}\|\Sigma_0 - \Sigma\|_{\mathrm{op}}^2$"
    return _check("covariance.operator-norm", words, OperatorNormErrors, (STEP, 1, 0), _nothing, precision=1.2)


@check("glm.joint")
def joint() -> Check:
    """The covariates' covariance and the coefficients, learned side by side."""
    words = r"$n\,\mathbb{E}[\|\Omega_t - \Omega\|_F^2 + \|\theta_t - \theta\|^2]$"
    return _check("glm.joint", words, JointErrors, (STEP, 0), _covariates)


@check("glm.exponential-family")
def exponential_family() -> Check:
    """The natural parameters of a Gaussian, by weighted maximum likelihood."""
    words = r"$n\,\mathbb{E}[\|P_t\mu_t - P\mu\|^2 + \|P_t - P\|_F^2/4]$"
    return _check(
        "glm.exponential-family", words, NaturalParameterErrors, (STEP, 0), _precisions, degree=2, precision=0.8
    )


def _nothing(sigma: Sigma) -> dict[str, float]:
    return {}


def _covariates(sigma: Sigma) -> dict[str, float]:
    return {**spectrum(sigma), "omega_inverse": float(np.trace(np.linalg.inv(np.asarray(sigma))))}


def _precisions(sigma: Sigma) -> dict[str, float]:
    p, mu = np.linalg.inv(np.asarray(sigma)), np.array(MEAN[: len(sigma)])
    values = (np.trace(p), np.sum(p**2), mu @ p @ mu, mu @ p @ p @ mu)
    return dict(zip(("precision1", "precision2", "distance1", "distance2"), map(float, values), strict=True))


def _check(
    identifier: str,
    words: str,
    draw: Callable[..., Draw],
    steps: tuple[int, ...],
    invariants: Callable[[Sigma], Mapping[str, float]],
    *,
    degree: int = 1,
    precision: float = 1.8,
) -> Check:
    """For each setting the limits at two steps: one where the memory has faded, and an early one.

    With three steps the third is what the others are divided by.
    """
    recursion = claim_of(identifier).recursion
    assert recursion is not None
    runs: list[Run] = []
    found: list[Extrapolation] = []
    for label, k, weight, sigma in SETTINGS:
        names = []
        for n in SIZES:
            m = int(n / k)
            columns = tuple(Column(words, {"n": n, "m": m, "w": weight, "t": t}, "estimate") for t in steps)
            names.append(f"{label}-{n}")
            runs.append(
                Run(names[-1], draw(n=n, m=m, sigma=sigma, weight=weight, step=STEP), columns, precision=precision)
            )
        for column, t in enumerate(steps[:2]):
            at = {**invariants(sigma), "k": float(k), "w": weight, "t": t}
            last = t == STEP
            found.append(
                Extrapolation(
                    f"{words} at 1/n = 0",
                    tuple(names),
                    SIZES,
                    published(identifier, at) if last else value_at(recursion, at),
                    at,
                    degree=degree,
                    linked=last,
                    recursion=recursion,
                    column=column,
                    ratio=len(steps) == 3,
                )
            )
    return Check(tuple(runs), tuple(found))
