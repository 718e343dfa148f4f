"""The canonical exponential family as a case of Theorem 2, with the multivariate Gaussian in it (Section 3.2, (4)).

The density is ``h(y) exp(theta'T(y) - Phi(theta))``; its Fisher information is the Hessian of Phi.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import sympy as sp
from sympy import Eq, Expr, ImmutableMatrix, Symbol

from nocollapse.theory.claims.claim import Claim, Inequality, Step, positive
from nocollapse.theory.claims.glm import LARGE, error
from nocollapse.theory.claims.mean import FRESH, rho
from nocollapse.theory.claims.regression import scaled
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import distance1, distance2, k, precision1, precision2, w

_MEAN = sp.symbols("mu_1 mu_2", real=True)
_SPREAD = sp.symbols("sigma_1 sigma_2", positive=True)
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

    Natural: ``(P mu, -P/2)`` with ``P = Sigma^-1``. A symmetric matrix M has the coordinates (M11, M22, sqrt2 M12), so
    that their norm is the Frobenius norm.
    """
    h1, h2, p11, p22, p12 = natural = sp.symbols("h_1 h_2 p_11 p_22 p_12", real=True)
    h, precision = sp.Matrix([h1, h2]), sp.Matrix([[p11, p12], [p12, p22]])
    partition = (h.T * precision.inv() * h)[0] / 2 - sp.log(precision.det()) / 2
    scale = sp.diag(1, 1, -2, -2, -sp.sqrt(2))  # from the parameters (h, -P/2) to (h, P), in those coordinates
    here = dict(zip(natural, (_MEAN[0] / _SPREAD[0], _MEAN[1] / _SPREAD[1], *(1 / s for s in _SPREAD), 0), strict=True))
    hessian = (scale.T * sp.hessian(partition, natural) * scale).subs(here).applyfunc(sp.cancel)
    covariance = sp.Matrix([[_SPREAD[0], _TURNED], [_TURNED, _SPREAD[1]]])
    turned = covariance.inv()
    moved = sp.Matrix([*(turned * sp.Matrix(_MEAN)), -turned[0, 0] / 2, -turned[1, 1] / 2, -turned[0, 1] / sp.sqrt(2)])
    jacobian = moved.jacobian([*_MEAN, *_SPREAD, _TURNED]) * sp.diag(1, 1, 1, 1, 1 / sp.sqrt(2))
    jacobian = jacobian.subs(_TURNED, 0).applyfunc(sp.cancel)
    usual = (jacobian.T * hessian * jacobian).applyfunc(sp.cancel)
    return ImmutableMatrix(hessian), ImmutableMatrix(usual)


def natural_trace() -> Expr:
    """tr(I^-1) of the natural parameters in rotation invariants: their coefficients are found, not assumed."""
    trace = sp.expand(sp.cancel(gaussian()[0].inv().trace()))
    coefficients = sp.symbols(f"c:{len(_INVARIANTS)}")
    ansatz = sp.Add(*(c * i for c, i in zip(coefficients, _INVARIANTS, strict=True))).subs(_explicit())
    residual = sp.Poly(sp.expand((trace - ansatz) * (_SPREAD[0] * _SPREAD[1]) ** 2), *_MEAN, *_SPREAD)
    found = sp.solve(residual.coeffs(), coefficients, dict=True)
    return sp.Add(*(found[0][c] * i for c, i in zip(coefficients, _INVARIANTS, strict=True)))


def _explicit() -> dict[Symbol, Expr]:
    """The invariants in the principal axes."""
    precisions = [1 / s for s in _SPREAD]
    return {
        precision1: sp.Add(*precisions),
        precision2: sp.Add(*(p**2 for p in precisions)),
        distance1: sp.Add(*(p * x**2 for p, x in zip(precisions, _MEAN, strict=True))),
        distance2: sp.Add(*(p**2 * x**2 for p, x in zip(precisions, _MEAN, strict=True))),
    }


def _recovered() -> Iterator[Step]:
    """Section 3.1: in (mu, Sigma) the inverse information is Sigma, and the covariance of a sample covariance."""
    natural, usual = gaussian()
    s1, s2 = _SPREAD
    yield Step(
        r"The Gaussian: $\Phi = \frac12h'P^{-1}h - \frac12\log\det P$ in $h = P\mu$, $P = \Sigma^{-1}$, with natural "
        r"parameters $(h, -P/2)$; two dimensions, in the principal axes of $\Sigma$. Its Hessian, taken to "
        r"$(\mu,\Sigma)$ by the chain rule, gives the mean the variance $\operatorname{tr}\Sigma$ of Theorem 1,",
        sp.Add(*(usual.inv()[i, i] for i in (0, 1))),
        s1 + s2,
        label=r"\operatorname{tr}(I^{-1})_{\mu\mu}",
    )
    yield Step(
        r"the covariance that of Corollary 1(4), $\operatorname{tr}(\Sigma^2) + (\operatorname{tr}\Sigma)^2$,",
        sp.Add(*(usual.inv()[i, i] for i in (2, 3, 4))),
        s1**2 + s2**2 + (s1 + s2) ** 2,
        label=r"\operatorname{tr}(I^{-1})_{\Sigma\Sigma}",
    )
    yield Step(
        "and nothing is shared between them.",
        sp.Add(*(usual[i, j] ** 2 for i in (0, 1) for j in (2, 3, 4))),
        sp.Integer(0),
        label=r"\|I_{\mu\Sigma}\|^2",
    )
    yield Step(
        r"In the natural parameters, in terms that do not depend on the axes,",
        natural.inv().trace(),
        natural_trace().subs(_explicit()),
        label=r"\operatorname{tr}(\nabla^2\Phi)^{-1}",
    )


def family() -> Claim:
    """The canonical exponential family; the Gaussian's natural parameters, and Section 3.1 again."""
    published = (precision1 * (1 + distance1) + distance2 + (precision2 + precision1**2) / 4) * rho(w, k)
    recursion: Recursion = scaled(error().recursion, natural_trace())
    name = r"\lim_{t\to\infty}\lim_{n\to\infty}n\,\mathbb{E}\big[\|P_t\mu_t-P\mu\|^2+\tfrac14\|P_t-P\|_F^2\big]"
    signs = (positive(precision1), positive(precision2), positive(distance1), positive(distance2))
    return Claim(
        id="glm.exponential-family",
        statement=Eq(Symbol(name), published, evaluate=False),
        published=published,
        derived=recursion.fixed_point()[0],
        assumptions=(
            r"Responses are iid from a canonical exponential family; here $N(\mu,\Sigma)$ with $\Sigma$ positive "
            r"definite, $P = \Sigma^{-1}$, fitted by weighted maximum likelihood in its natural parameters.",
            LARGE,
            FRESH,
            "$0 < w \\le 1$ for the limit in $t$.",
            "Assumption 1 is empty, as there are no covariates; Assumption 2 holds in the interior of the natural "
            r"parameters, where $\Phi$ is analytic and strictly convex. These are arguments in prose.",
        ),
        steps=(*cumulants(), *_recovered()),
        inequalities=(Inequality("the limit is positive", published, (w > 0, w <= 1, positive(k), *signs)),),
        not_said="The Hessian is inverted in two dimensions; in three the formula is checked by simulation only. The "
        "estimate of Section 3.1 differs from weighted maximum likelihood in terms of order 1/n.",
        recursion=recursion,
    )
