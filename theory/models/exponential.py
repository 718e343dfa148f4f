"""The information of the canonical exponential family, and of the multivariate Gaussian in it (Section 3.2, (4)).

The density is `h(y) exp(theta'T(y) - Phi(theta))`; its Fisher information is the Hessian of Phi.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import sympy as sp
from sympy import Expr, ImmutableMatrix, Symbol

from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import distance1, distance2, precision1, precision2

MEAN = sp.symbols("mu_1 mu_2", real=True)
VARIANCES = sp.symbols("sigma_1 sigma_2", positive=True)
"""Both variances of a bivariate Gaussian in its principal axes. The natural parameters' norm does not see rotations."""
_TURNED = Symbol("tau", real=True)
_HALF = sp.Rational(1, 2)
_INVARIANTS = (precision1, precision1 * distance1, distance2, precision2, precision1**2)


def cumulants() -> Iterator[Step]:
    """The derivatives of any log-partition are the mean and the covariance of T."""
    theta, u = sp.symbols("theta u")
    partition = sp.Function("Phi")
    generating = sp.exp(partition(theta + u) - partition(theta))
    first, second = (sp.diff(generating, u, order).subs(u, 0).doit() for order in (1, 2))
    slopes = [sp.diff(partition(theta), theta, order) for order in (1, 2)]
    yield Step(
        r"As $h e^{\theta'T-\Phi(\theta)}$ integrates to 1 for every $\theta$, along any direction "
        r"$\mathbb{E}e^{uT} = e^{\Phi(\theta+u)-\Phi(\theta)}$. Its first derivative at $u = 0$ is the mean,",
        first,
        slopes[0],
        label=r"\mathbb{E}T",
    )
    yield Step(
        "and with the second, the Hessian is the covariance of $T$. It is the Fisher information.",
        second - first**2,
        slopes[1],
        label=r"\operatorname{Var}T",
    )


@cache
def gaussian() -> tuple[ImmutableMatrix, ImmutableMatrix]:
    """The information of a bivariate Gaussian in its natural parameters, and the same in (mu, Sigma): (5, 5) each.

    Natural: `(P mu, -P/2)` with `P = Sigma^-1`. A symmetric matrix M has the coordinates (M11, M22, sqrt2 M12), so
    that their norm is the Frobenius norm.
    """
    natural = sp.symbols("h_1 h_2 p_11 p_22 p_12", real=True)
    h1, h2, p11, p22, p12 = natural
    h = sp.Matrix([h1, h2])
    precision = sp.Matrix([[p11, p12], [p12, p22]])
    partition = (h.T * precision.inv() * h)[0] / 2 - sp.log(precision.det()) / 2
    scale = sp.diag(1, 1, -2, -2, -sp.sqrt(2))  # from the parameters (h, -P/2) to (h, P), in those coordinates
    here = dict(
        zip(natural, (MEAN[0] / VARIANCES[0], MEAN[1] / VARIANCES[1], *(1 / s for s in VARIANCES), 0), strict=True)
    )
    hessian = (scale.T * sp.hessian(partition, natural) * scale).subs(here).applyfunc(sp.cancel)
    covariance = sp.Matrix([[VARIANCES[0], _TURNED], [_TURNED, VARIANCES[1]]])
    turned = covariance.inv()
    moved = sp.Matrix([*(turned * sp.Matrix(MEAN)), -turned[0, 0] / 2, -turned[1, 1] / 2, -turned[0, 1] / sp.sqrt(2)])
    jacobian = moved.jacobian([*MEAN, *VARIANCES, _TURNED]) * sp.diag(1, 1, 1, 1, 1 / sp.sqrt(2))
    jacobian = jacobian.subs(_TURNED, 0).applyfunc(sp.cancel)
    usual = (jacobian.T * hessian * jacobian).applyfunc(sp.cancel)
    return ImmutableMatrix(hessian), ImmutableMatrix(usual)


def natural_trace() -> Expr:
    """tr(I^-1) of the natural parameters in rotation invariants: their coefficients are found, not assumed."""
    trace = sp.expand(sp.cancel(gaussian()[0].inv().trace()))
    coefficients = sp.symbols(f"c:{len(_INVARIANTS)}")
    ansatz = sp.Add(*(c * i for c, i in zip(coefficients, _INVARIANTS, strict=True))).subs(explicit())
    residual = sp.Poly(sp.expand((trace - ansatz) * (VARIANCES[0] * VARIANCES[1]) ** 2), *MEAN, *VARIANCES)
    solutions = sp.solve(residual.coeffs(), coefficients, dict=True)
    return sp.Add(*(solutions[0][c] * i for c, i in zip(coefficients, _INVARIANTS, strict=True)))


def explicit() -> dict[Symbol, Expr]:
    """The invariants in the principal axes."""
    precisions = [1 / s for s in VARIANCES]
    return {
        precision1: sp.Add(*precisions),
        precision2: sp.Add(*(p**2 for p in precisions)),
        distance1: sp.Add(*(p * x**2 for p, x in zip(precisions, MEAN, strict=True))),
        distance2: sp.Add(*(p**2 * x**2 for p, x in zip(precisions, MEAN, strict=True))),
    }
