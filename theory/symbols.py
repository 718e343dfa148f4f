"""The symbols of the theory, one object a letter, and how each is printed.

The paper's letters are used throughout: ``n`` real and ``m`` synthetic points a step, ``k = n/m``, ``w`` the
weight on real data, ``t`` the step. ``trace`` is tr Sigma, ``frob2`` is tr Sigma^2 and ``gini`` is 1 - sum p_j^2.
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

PARAMETERS: Final[dict[str, Symbol]] = {
    "n": n, "m": m, "k": k, "w": w, "t": t, "trace": trace, "frob2": frob2, "gini": gini,
}  # fmt: skip

POWER_SUMS: Final = (trace, frob2, Symbol("p3", positive=True), Symbol("p4", positive=True))
"""tr Sigma^j for j = 1, 2, 3, 4."""

_NAMES: Final[dict[Symbol, str]] = {
    trace: r"\operatorname{tr}(\Sigma)",
    frob2: r"\operatorname{tr}(\Sigma^{2})",
    POWER_SUMS[2]: r"\operatorname{tr}(\Sigma^{3})",
    POWER_SUMS[3]: r"\operatorname{tr}(\Sigma^{4})",
    gini: r"\gamma",
}


def latex(expression: sp.Basic) -> str:
    """LaTeX of an expression in the project's notation.

    >>> latex(trace**2 / n)
    '\\\\frac{\\\\operatorname{tr}(\\\\Sigma)^{2}}{n}'
    """
    return str(sp.latex(expression, symbol_names=_NAMES))
