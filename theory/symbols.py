"""The symbols of the theory, one object a letter, and how each is printed.

The paper's letters are used throughout: ``n`` real and ``m`` synthetic points a step, ``k = n/m``, ``w`` the
weight on real data, ``t`` the step. ``trace`` is tr Sigma, ``frob2`` is tr Sigma^2 and ``gini`` is 1 - sum p_j^2.

Regressions have covariates N(0, Omega): ``omega_inverse`` is tr Omega^-1, ``slope2`` is |theta|^2, ``spread`` is
theta'Omega theta, and ``curvature`` and ``curvature_along`` are E v and E[v eta^2]/spread for the variance function v
at eta = x'theta. ``precision1``, ``precision2``, ``distance1``, ``distance2`` are tr P, tr P^2, mu'P mu and mu'P^2 mu
for P = Sigma^-1. ``trace_model`` and ``trace_sandwich`` are tr(G J^-1) and tr(G J^-1 V J^-1) for a metric G.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import sympy as sp
from sympy import Expr, Symbol

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

POWER_SUMS: Final = (trace, frob2, Symbol("p3", positive=True), Symbol("p4", positive=True))
"""tr Sigma^j for j = 1, 2, 3, 4."""


class Letter(NamedTuple):
    """A letter of the claims: its symbol, what it stands for, and its LaTeX where that is not its name."""

    symbol: Symbol
    meaning: str
    latex: str = ""


LETTERS: Final = (
    Letter(n, "real points a step"),
    Letter(m, "synthetic points a step"),
    Letter(k, "$n/m$, real over synthetic"),
    Letter(w, "weight on real data"),
    Letter(v, "any other weight"),
    Letter(t, "step; step 0 sees real data only"),
    Letter(trace, "trace of the true covariance", r"\operatorname{tr}(\Sigma)"),
    Letter(frob2, "its squared Frobenius norm", r"\operatorname{tr}(\Sigma^{2})"),
    Letter(gini, r"$1 - \sum p_j^2$, the spread of a discrete truth", r"\gamma"),
    Letter(omega_inverse, r"for covariates $N(0,\Omega)$", r"\operatorname{tr}(\Omega^{-1})"),
    Letter(slope2, "squared length of the coefficients", r"\|\theta\|^{2}"),
    Letter(spread, r"$\theta'\Omega\theta$, variance of the linear predictor $\eta$", "s"),
    Letter(curvature, r"$\mathbb{E}v(\eta)$ for the variance function $v$", "a"),
    Letter(curvature_along, r"$\mathbb{E}[v(\eta)\eta^2]/s$", "b"),
    Letter(precision1, r"trace of the precision $P = \Sigma^{-1}$", r"\operatorname{tr}(P)"),
    Letter(precision2, "its squared Frobenius norm", r"\operatorname{tr}(P^{2})"),
    Letter(distance1, "squared length of the mean in the metric $P$", r"\mu'P\mu"),
    Letter(distance2, "the same in $P^2$", r"\mu'P^{2}\mu"),
    Letter(trace_model, r"for the expected Hessian $J$ and a metric $G$", r"\operatorname{tr}(GJ^{-1})"),
    Letter(trace_sandwich, r"the same for the score covariance $V$", r"\operatorname{tr}(GJ^{-1}VJ^{-1})"),
)
"""The glossary, in the order in which the reports print it."""

MEANINGS: Final[dict[Symbol, str]] = {letter.symbol: letter.meaning for letter in LETTERS}
PARAMETERS: Final[dict[str, Symbol]] = {symbol.name: symbol for symbol in MEANINGS if symbol != v}
"""What a user may set, by name: every letter but v, over which claims quantify."""
_NAMES: Final[dict[Symbol, str]] = {
    POWER_SUMS[2]: r"\operatorname{tr}(\Sigma^{3})",
    POWER_SUMS[3]: r"\operatorname{tr}(\Sigma^{4})",
    **{letter.symbol: letter.latex for letter in LETTERS if letter.latex},
}


SCALES: Final = (
    trace, frob2, gini, omega_inverse, slope2, precision1, precision2, distance1, distance2, trace_model, trace_sandwich
)  # fmt: skip
"""The letters that give an error its size."""


def arranged(expression: Expr) -> Expr:
    """An equal expression whose longer sums are ordered by the letters of size in them, for people to read.

    >>> arranged(trace * m * w - trace * m + trace * w - trace + frob2 * w)
    frob2*w + trace*(m*w - m + w - 1)
    """
    return expression.replace(
        lambda part: part.is_Add and len(part.args) > 3 and part.has(*SCALES),
        lambda part: sp.collect(part, [scale for scale in SCALES if part.has(scale)]),
    )


def latex(expression: sp.Basic) -> str:
    """LaTeX of an expression in the project's notation; a symbol whose name is no word has LaTeX for a name.

    >>> latex(trace**2 / n)
    '\\\\frac{\\\\operatorname{tr}(\\\\Sigma)^{2}}{n}'
    """
    typed = {symbol: symbol.name for symbol in expression.atoms(Symbol) if not symbol.name.isidentifier()}
    return str(sp.latex(arranged(expression), symbol_names=typed | _NAMES))
