"""Weighted maximum likelihood: Theorem 2's recursion from the score equation.

To first order in 1/sqrt(n) the error h_t = sqrt(n) (theta_t - theta) obeys a linear recursion; its second moment is
``r_t I^-1`` with the scalar recursion ``r_t = w^2 + q (r_{t-1} + k)``, whatever the model. I is the Fisher information.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy import Expr, ImmutableMatrix, Symbol

from nocollapse.theory.models.derivation import Derivation, q
from nocollapse.theory.moments.iid import quadratic
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.steps import Step, solution
from nocollapse.theory.symbols import k, w

R = Symbol("r", nonnegative=True)


def score() -> Derivation:
    """r_t, the scaled error over tr(I^-1), from the first order of the weighted score equation."""
    eps, h, past, info, z, y, bend = sp.symbols(r"\varepsilon h_t h_{t-1} I Z Y b", real=True)
    root_k = sp.sqrt(k)
    # mean scores at theta + eps h, to second order; synthetic data come from theta + eps past, in n/k draws
    real = eps * z - info * eps * h + bend * (eps * h) ** 2 / 2
    synthetic = eps * root_k * y - info * eps * (h - past) + bend * ((eps * h) ** 2 - (eps * past) ** 2) / 2
    first_order = sp.expand(w * real + (1 - w) * synthetic).coeff(eps, 1)
    linear = sp.solve(first_order, h)[0]
    inner = {("Z", "Z"): info, ("Y", "Y"): info, ("H", "H"): R / info}
    square = quadratic({"Z": w / info, "Y": (1 - w) * root_k / info, "H": 1 - w}, inner)
    found = sp.Poly(sp.cancel(square * info), R)
    parts = (found.coeff_monomial(R), found.coeff_monomial(1), sp.cancel(quadratic({"Z": 1 / info}, inner) * info))
    recursion = Recursion((R,), *(ImmutableMatrix([[sp.factor(part)]]) for part in parts))
    weighted = w * (z - info * h) + (1 - w) * (root_k * y - info * (h - past))
    steps = (
        Step(
            r"Put $\theta_t = \theta + \varepsilon h_t$ with $\varepsilon = n^{-1/2}$. The mean score of real data is "
            r"$\varepsilon Z - I\varepsilon h_t$ and a bounded second-order term; that of synthetic data, drawn at "
            r"$\theta + \varepsilon h_{t-1}$ in $n/k$ draws, is $\varepsilon\sqrt{k}\,Y - I\varepsilon(h_t - h_{t-1})$ "
            "and another. The weighted score equation to first order:",
            first_order,
            weighted,
            label=r"0",
        ),
        Step(
            "Its solution is linear in the past.",
            linear,
            w * z / info + (1 - w) * (root_k * y / info + past),
            label="h_t",
        ),
        Step(
            r"Scores have mean 0 and variance $I$ and are independent of the past; with $\mathbb{E}h_{t-1}^2 = r/I$,",
            square * info,
            w**2 + q * (R + k),
            label=r"r_t = I\,\mathbb{E}h_t^2",
        ),
        *_matrix_steps(),
    )
    return Derivation(recursion, (*steps, *solution(recursion)))


def _matrix_steps() -> Iterator[Step]:
    """The same for a vector parameter: I is a matrix, which does not commute with what it is multiplied by."""
    info = Symbol("I", commutative=False)
    inverse = info**-1
    second = sp.expand(inverse * (w**2 * info + q * (k * info + info * (R * inverse) * info)) * inverse)
    factor = second.coeff(inverse)
    if sp.expand(second - factor * inverse) != 0:
        raise ValueError(f"the second moment {second} is not a multiple of the inverse information")
    yield Step(
        r"For a vector parameter $h_t = I^{-1}(wZ + (1-w)(\sqrt{k}\,Y + I h_{t-1}))$ with a matrix $I$: if "
        r"$\mathbb{E}h_{t-1}h_{t-1}' = r I^{-1}$ then $\mathbb{E}h_t h_t'$ is a multiple of $I^{-1}$, with factor",
        factor,
        w**2 + q * (R + k),
        label="r_t",
    )


def scaled(recursion: Recursion, factor: Expr) -> Recursion:
    """The recursion of ``factor`` times the first moment."""
    return Recursion(recursion.state, recursion.matrix, recursion.offset * factor, recursion.initial * factor)
