"""One-step moments of the two primitives besides Wick's theorem: means of iid draws, and quadratic expansions.

`F~_m(x)` is the mean of m indicators, `xbar` the mean of n vectors: both are covered by `mean_product`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import sympy as sp
from sympy import Expr, Symbol

from nocollapse.theory.symbols import m, n, w


def mean_product(size: Expr, together: Expr, apart: Expr) -> Expr:
    """E[mean(g) mean(h)] over `size` iid draws, from `together = E[g h]` and `apart = E[g] E[h]`.

    Of the size^2 pairs of draws, `size` are a draw with itself and size (size - 1) are of two independent draws.
    """
    pairs_together = size
    pairs_apart = size * (size - 1)
    return (pairs_together * together + pairs_apart * apart) / size**2


def quadratic(combination: Mapping[str, Expr], inner: Mapping[tuple[str, str], Expr]) -> Expr:
    """E of the square of `sum coefficient * letter`, from the expected inner products of the letters.

    `inner` holds each unordered pair once; a missing pair is orthogonal.
    """
    return sp.Add(
        *(
            combination[a] * combination[b] * inner.get((a, b), inner.get((b, a), sp.Integer(0)))
            for a, b in product(combination, repeat=2)
        )
    )


def weighted_error(truth: Expr, second: Expr, gap: Symbol, error: Symbol) -> tuple[Expr, Expr, Expr]:
    """The squared error of `w mean(x) + (1-w) mean(y)` after one step, where both means are unbiased.

    The n draws x have `E x = truth` and `E x^2 = second`; the m draws y are from the model of the step before, the
    same law at `truth + gap`. Returned are the squared error of mean(x), that of mean(y) given the gap, and that of
    the weighted mean with `E gap = 0` and `E gap^2 = error`, since fresh draws are independent of the past.
    """
    real = mean_product(n, second, truth**2) - truth**2
    past = truth + gap
    drawn = mean_product(m, second.subs(truth, past), past**2)
    synthetic = sp.expand(drawn - 2 * truth * past + truth**2)
    averaged = synthetic.coeff(gap, 0) + synthetic.coeff(gap, 2) * error
    return real, synthetic, quadratic({"X": w, "Y": 1 - w}, {("X", "X"): real, ("Y", "Y"): averaged})
