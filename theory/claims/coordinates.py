"""Changes of variables onto non-negative coordinates, in which an inequality is read off its coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sympy as sp
from sympy import Expr, Symbol

from nocollapse.theory.symbols import frob2, k, m, n, trace, v, w


class Coordinate(NamedTuple):
    """A symbol's `value` in terms of the `new` symbol, and that symbol's `inverse` in terms of the old ones.

    Both are None where the value needs no symbol of its own, being in terms of another's.
    """

    value: Expr
    new: Symbol | None = None
    inverse: Expr | None = None


Coordinates = Mapping[Symbol, Coordinate]
"""The symbols that change, each with its coordinate."""

_N, _M, _C, _S, _R = (Symbol(name, nonnegative=True) for name in ("N", "M", "C", "s", "r"))
STANDARD: Coordinates = {
    n: Coordinate(2 + _N, _N, n - 2),
    m: Coordinate(2 + _M, _M, m - 2),
    w: Coordinate(1 / (1 + _S), _S, (1 - w) / w),
    v: Coordinate(1 / (1 + _R), _R, (1 - v) / v),
    trace: Coordinate(sp.sqrt(frob2 + _C), _C, trace**2 - frob2),
}
"""For the sizes n, m >= 2, weights in (0, 1], and `tr(Sigma)^2 >= tr(Sigma^2)`."""
FROM_ZERO: Coordinates = {w: Coordinate(_S / (1 + _S), _S, w / (1 - w))}
"""For `0 <= w < 1`, where the standard `w = 1/(1+s)` leaves out 0."""
ALONG_OPTIMUM: Coordinates = {k: Coordinate(1 / (_S * (_S + 1)))}
"""On `w^2 = k (1 - w)`: `w = 1/(1+s)` and `k = 1/(s(s+1))`."""
