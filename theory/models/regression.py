"""The information of a regression with covariates N(0, Omega), from curvatures along and across theta."""

from __future__ import annotations

import sympy as sp
from sympy import Expr, Symbol

from nocollapse.theory.symbols import omega_inverse, slope2, spread


def inverse_trace(a: Expr, b: Expr) -> Expr:
    """tr(I^-1) from the curvatures across and along theta: I^-1 is `x Omega^-1 + y theta theta'`, solved for."""
    x, y = sp.symbols("x y")
    cycle = Symbol("T")  # Omega theta theta', whose square is s times itself
    product = sp.rem(sp.expand((a + (b - a) / spread * cycle) * (x + y * cycle)), cycle**2 - spread * cycle, cycle)
    solved = sp.solve(sp.Poly(product - 1, cycle).all_coeffs(), [x, y], dict=True)[0]
    return sp.factor(solved[x] * omega_inverse + solved[y] * slope2)
