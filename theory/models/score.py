"""Weighted maximum likelihood: Theorem 2's recursion from the score equation.

To first order in 1/sqrt(n) the error h_t = sqrt(n) (theta_t - theta) obeys a linear recursion; its second moment is
`r_t I^-1` with the scalar recursion `r_t = w^2 + q (r_{t-1} + k)`, whatever the model. I is the Fisher information.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Symbol

from nocollapse.theory.models.derivation import Derivation, q
from nocollapse.theory.moments.iid import quadratic
from nocollapse.theory.recursion import Recursion, affine
from nocollapse.theory.steps import Step, solution
from nocollapse.theory.symbols import k, w

R = Symbol("r", nonnegative=True)
Z, Y, HERE, PAST = sp.symbols("Z Y h_t h_{t-1}", real=True)
"""The scores of real and of synthetic data at theta over sqrt(n), and the errors of this step and the one before."""


@dataclass(frozen=True)
class ScoreEquation:
    """The weighted score equation to first order in epsilon, solved: h_t is linear in two scores and the past.

    `equation` vanishes at `solution`; `real`, `synthetic` and `memory` are the coefficients there of the real
    score Z, the synthetic score Y and h_{t-1}. `start` is what step 0 makes of Z: it has real data only.
    """

    equation: Expr
    solution: Expr
    real: Expr
    synthetic: Expr
    memory: Expr
    start: Expr


def score_equation(information: Symbol, bend: Expr = sp.S.Zero) -> ScoreEquation:
    """Solve the equation of mean scores at theta + eps h, where synthetic data come from theta + eps h_{t-1}.

    Both batches have the expected Hessian `-information`, and `bend` as their expected third derivative.
    """
    eps = Symbol(r"\varepsilon", real=True)
    root_k = sp.sqrt(k)
    real = eps * Z - information * eps * HERE + bend * (eps * HERE) ** 2 / 2
    synthetic = (
        eps * root_k * Y - information * eps * (HERE - PAST) + bend * ((eps * HERE) ** 2 - (eps * PAST) ** 2) / 2
    )
    equation = sp.expand(w * real + (1 - w) * synthetic).coeff(eps, 1)
    solution = sp.solve(equation, HERE)[0]
    alone = sp.solve(sp.expand(real).coeff(eps, 1), HERE)[0]
    linear = sp.Poly(solution, Z, Y, PAST)
    return ScoreEquation(
        equation,
        solution,
        real=sp.cancel(linear.coeff_monomial(Z)),
        synthetic=sp.cancel(linear.coeff_monomial(Y)),
        memory=sp.cancel(linear.coeff_monomial(PAST)),
        start=sp.cancel(alone / Z),
    )


def score() -> Derivation:
    """r_t, the scaled error over tr(I^-1), from the first order of the weighted score equation."""
    info, bend = sp.symbols("I b", real=True)
    solved = score_equation(info, bend)
    inner = {("Z", "Z"): info, ("Y", "Y"): info, ("H", "H"): R / info}
    square = sp.cancel(quadratic({"Z": solved.real, "Y": solved.synthetic, "H": solved.memory}, inner) * info)
    start = sp.cancel(quadratic({"Z": solved.start}, inner) * info)
    recursion = affine((R,), [square], [start])
    steps = (
        Step(
            r"Put $\theta_t = \theta + \varepsilon h_t$ with $\varepsilon = n^{-1/2}$. The mean score of real data is "
            r"$\varepsilon Z - I\varepsilon h_t$ and a bounded second-order term; that of synthetic data, drawn at "
            r"$\theta + \varepsilon h_{t-1}$ in $n/k$ draws, is $\varepsilon\sqrt{k}\,Y - I\varepsilon(h_t - h_{t-1})$ "
            "and another. The weighted score equation to first order:",
            solved.equation,
            w * (Z - info * HERE) + (1 - w) * (sp.sqrt(k) * Y - info * (HERE - PAST)),
            label=r"0",
        ),
        Step(
            "Its solution is linear in the past.",
            solved.solution,
            w * Z / info + (1 - w) * (sp.sqrt(k) * Y / info + PAST),
            label="h_t",
        ),
        Step(
            r"Scores have mean 0 and variance $I$ and are independent of the past; with $\mathbb{E}h_{t-1}^2 = r/I$,",
            square,
            w**2 + q * (R + k),
            label=r"r_t = I\,\mathbb{E}h_t^2",
        ),
        *_matrix_steps(),
    )
    return Derivation(recursion, (*steps, *solution(recursion)))


def _matrix_steps() -> Iterator[Step]:
    """The same for a vector parameter: I is a matrix, which does not commute with what it is multiplied by."""
    info, noise, drawn, past, here = sp.symbols("I Z Y G H", commutative=False)
    equation = sp.expand(w * (noise - info * here) + (1 - w) * (sp.sqrt(k) * drawn - info * (here - past)))
    hessian = sp.expand(equation.coeff(here, 1))  # on the left of h
    if hessian != -info:
        raise ValueError(f"the weighted score equation has the Hessian {hessian}, and no known inverse")
    solved = sp.expand(info**-1 * (equation - hessian * here))
    covariances = {noise: info, drawn: info, past: R * info**-1}
    second = sp.Add(*(_congruent(sp.expand(solved).coeff(part, 1), middle) for part, middle in covariances.items()))
    factor = sp.expand(second).coeff(info**-1)
    if sp.expand(second - factor * info**-1) != 0:
        raise ValueError(f"the second moment {second} is not a multiple of the inverse information")
    yield Step(
        r"For a vector parameter $h_t = I^{-1}(wZ + (1-w)(\sqrt{k}\,Y + I h_{t-1}))$ with a matrix $I$: if "
        r"$\mathbb{E}h_{t-1}h_{t-1}' = r I^{-1}$ then $\mathbb{E}h_t h_t'$ is a multiple of $I^{-1}$, with factor",
        factor,
        w**2 + q * (R + k),
        label="r_t",
    )


def _congruent(left: Expr, middle: Expr) -> Expr:
    """`left middle left'` for a product of symmetric matrices: the transpose has them in the other order."""
    total: Expr = sp.Integer(0)
    for one in sp.Add.make_args(sp.expand(left)):
        for other in sp.Add.make_args(sp.expand(left)):
            scalar, matrices = other.args_cnc()
            total += one * middle * sp.Mul(*scalar) * sp.Mul(*reversed(matrices))
    return sp.expand(total)


def scaled(recursion: Recursion, factor: Expr) -> Recursion:
    """The recursion of `factor` times the first moment."""
    return Recursion(recursion.state, recursion.matrix, recursion.offset * factor, recursion.initial * factor)
