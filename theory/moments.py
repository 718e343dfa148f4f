"""One-step moments of the two primitives besides Wick's theorem: means of iid draws, and quadratic expansions.

``F~_m(x)`` is the mean of m indicators, ``xbar`` the mean of n vectors: both are covered by `mean_product`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import sympy as sp
from sympy import Expr


def mean_product(size: Expr, together: Expr, apart: Expr) -> Expr:
    """E[mean(g) mean(h)] over ``size`` iid draws, from ``together = E[g h]`` and ``apart = E[g] E[h]``.

    Of the size^2 pairs of draws, ``size`` are a draw with itself and size (size - 1) are of two independent draws.
    """
    pairs_together, pairs_apart = size, size * (size - 1)
    return sp.cancel((pairs_together * together + pairs_apart * apart) / size**2)


def quadratic(combination: Mapping[str, Expr], inner: Mapping[tuple[str, str], Expr]) -> Expr:
    """E of the square of ``sum coefficient * letter``, from the expected inner products of the letters.

    ``inner`` holds each unordered pair once; a missing pair is orthogonal.
    """
    return sp.Add(
        *(
            combination[a] * combination[b] * inner.get((a, b), inner.get((b, a), sp.Integer(0)))
            for a, b in product(combination, repeat=2)
        )
    )
