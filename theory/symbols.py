"""The symbols of the theory, one object a letter, and how each is printed.

The paper's letters are used throughout: ``n`` real and ``m`` synthetic points a step, ``k = n/m``, ``w`` the
weight on real data, ``t`` the step. ``trace`` is tr Sigma, ``frob2`` is tr Sigma^2 and ``gini`` is 1 - sum p_j^2.

Regressions have covariates N(0, Omega): ``omega_inverse`` is tr Omega^-1, ``slope2`` is |theta|^2, ``spread`` is
theta'Omega theta, and ``curvature`` and ``curvature_along`` are E v and E[v eta^2]/spread for the variance function v
at eta = x'theta. ``precision1``, ``precision2``, ``distance1``, ``distance2`` are tr P, tr P^2, mu'P mu and mu'P^2 mu
for P = Sigma^-1. ``trace_model`` and ``trace_sandwich`` are tr(G J^-1) and tr(G J^-1 V J^-1) for a metric G.
"""

from __future__ import annotations

from typing import Final

import sympy as sp
from sympy import Symbol

n: Final = Symbol("n", positive=True)
m: Final = Symbol("m", positive=True)
k: Final = Symbol("k", positive=True)
w: Final = Symbol("w", nonnegative=True)
v: Final = Symbol("v", nonnegative=True)
t: Final = Symbol("t", integer=True, nonnegative=True)
trace: Final = Symbol("trace", positive=True)
frob2: Final = Symbol("frob2", positive=True)
gini: Final = Symbol("gini", nonnegative=True)
omega_inverse, slope2, spread, curvature, curvature_along = sp.symbols(
    "omega_inverse slope2 spread curvature curvature_along", positive=True
)
precision1, precision2, distance1, distance2 = sp.symbols("precision1 precision2 distance1 distance2", positive=True)
trace_model, trace_sandwich = sp.symbols("trace_model trace_sandwich", positive=True)

_REGRESSION = (omega_inverse, slope2, spread, curvature, curvature_along)
_NATURAL = (precision1, precision2, distance1, distance2)
PARAMETERS: Final[dict[str, Symbol]] = {
    "n": n, "m": m, "k": k, "w": w, "t": t, "trace": trace, "frob2": frob2, "gini": gini,
    **{symbol.name: symbol for symbol in (*_REGRESSION, *_NATURAL, trace_model, trace_sandwich)},
}  # fmt: skip

POWER_SUMS: Final = (trace, frob2, Symbol("p3", positive=True), Symbol("p4", positive=True))
"""tr Sigma^j for j = 1, 2, 3, 4."""

_NAMES: Final[dict[Symbol, str]] = {
    trace: r"\operatorname{tr}(\Sigma)",
    frob2: r"\operatorname{tr}(\Sigma^{2})",
    POWER_SUMS[2]: r"\operatorname{tr}(\Sigma^{3})",
    POWER_SUMS[3]: r"\operatorname{tr}(\Sigma^{4})",
    gini: r"\gamma",
    omega_inverse: r"\operatorname{tr}(\Omega^{-1})",
    slope2: r"\|\theta\|^{2}",
    spread: "s",
    curvature: "a",
    curvature_along: "b",
    precision1: r"\operatorname{tr}(P)",
    precision2: r"\operatorname{tr}(P^{2})",
    distance1: r"\mu'P\mu",
    distance2: r"\mu'P^{2}\mu",
    trace_model: r"\operatorname{tr}(GJ^{-1})",
    trace_sandwich: r"\operatorname{tr}(GJ^{-1}VJ^{-1})",
}


MEANINGS: Final[dict[Symbol, str]] = {
    n: "real points a step",
    m: "synthetic points a step",
    k: "$n/m$, real over synthetic",
    w: "weight on real data",
    v: "any other weight",
    t: "step; step 0 sees real data only",
    trace: r"trace of the true covariance",
    frob2: "its squared Frobenius norm",
    gini: r"$1 - \sum p_j^2$, the spread of a discrete truth",
    omega_inverse: r"for covariates $N(0,\Omega)$",
    slope2: "squared length of the coefficients",
    spread: r"$\theta'\Omega\theta$, variance of the linear predictor $\eta$",
    curvature: r"$\mathbb{E}v(\eta)$ for the variance function $v$",
    curvature_along: r"$\mathbb{E}[v(\eta)\eta^2]/s$",
    precision1: r"trace of the precision $P = \Sigma^{-1}$",
    precision2: "its squared Frobenius norm",
    distance1: "squared length of the mean in the metric $P$",
    distance2: "the same in $P^2$",
    trace_model: r"for the expected Hessian $J$ and a metric $G$",
    trace_sandwich: r"the same for the score covariance $V$",
}
"""What the letters of the claims stand for; a glossary that the reports print."""


def latex(expression: sp.Basic) -> str:
    """LaTeX of an expression in the project's notation; a symbol whose name is no word has LaTeX for a name.

    >>> latex(trace**2 / n)
    '\\\\frac{\\\\operatorname{tr}(\\\\Sigma)^{2}}{n}'
    """
    typed = {symbol: symbol.name for symbol in expression.atoms(Symbol) if not symbol.name.isidentifier()}
    return str(sp.latex(expression, symbol_names=typed | _NAMES))
