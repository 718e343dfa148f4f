"""The score equation where the real data do not follow the model: another covariance of real scores.

The estimate tends to the pseudo-true parameter theta*, the best one within the model. Real scores have there a
covariance V that need not be J, the expected Hessian; synthetic data do follow the model, and theirs is J.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp
from sympy import Expr, Symbol

from nocollapse.theory.models.derivation import Derivation, q
from nocollapse.theory.models.score import PAST, ScoreEquation, Y, Z, score_equation
from nocollapse.theory.recursion import affine
from nocollapse.theory.steps import Step, solution
from nocollapse.theory.symbols import k, trace_model, trace_sandwich, w

STATE = Symbol("e", nonnegative=True)


def misspecified_score() -> Derivation:
    """n E|theta_t - theta*|^2 in the metric G, from the first order of the weighted score equation."""
    info = Symbol("J", real=True)
    solved = score_equation(info)
    square = _second_moment(solved, info)
    alone = replace(solved, real=solved.start, synthetic=sp.Integer(0), memory=sp.Integer(0))
    recursion = affine((STATE,), [square], [_second_moment(alone, info)])
    return Derivation(recursion, (*_steps(solved, info, square), *solution(recursion)))


def _second_moment(solved: ScoreEquation, scalar: Symbol) -> Expr:
    """tr G E h h' for the solution of the score equation, whose scalar Hessian stands for the matrix J.

    Scores enter it as J^-1 times them, and the past without a matrix.
    """
    info, score, past = sp.symbols("J V H", commutative=False)
    metric = {info**-1: trace_model, info**-1 * score * info**-1: trace_sandwich, past: STATE}
    real = sp.cancel(solved.real * scalar)
    synthetic = sp.cancel(solved.synthetic * scalar)
    scores = info**-1 * (real**2 * score + synthetic**2 * info) * info**-1
    second = sp.expand(scores + solved.memory**2 * past)
    return sp.Add(*(_traced(term, metric) for term in sp.Add.make_args(second) if term != 0))


def _traced(term: Expr, metric: dict[Expr, Expr]) -> Expr:
    """The trace of `G * term` for a multiple of one of the matrices whose traces are known."""
    scalar, matrices = term.args_cnc()
    return sp.Mul(*scalar) * metric[sp.Mul(*matrices)]


def _steps(solved: ScoreEquation, info: Symbol, square: Expr) -> Iterator[Step]:
    partition = sp.Function("Phi")
    theta = Symbol("theta")
    label = Symbol("T")
    yield Step(
        r"The Hessian of a canonical log-likelihood $\theta'T - \Phi(\theta)$ does not depend on the response. So real "
        r"and synthetic data have the same expected Hessian at $\theta^*$, $J = \mathbb{E}\nabla^2\Phi$, and the "
        r"model's own score covariance is $J$; that of real data is $V$.",
        sp.diff(label * theta - partition(theta), theta, 2),
        -sp.diff(partition(theta), theta, 2),
        label=r"\nabla^2\log p",
    )
    yield Step(
        r"Real scores have mean 0 at $\theta^*$. With $\theta_t = \theta^* + \varepsilon h_t$ and "
        r"$\varepsilon = n^{-1/2}$, the weighted score equation is to first order linear in the past:",
        solved.solution,
        (w * Z + (1 - w) * (sp.sqrt(k) * Y + info * PAST)) / info,
        label="h_t",
    )
    yield Step(
        r"For matrices, which do not commute: with $\operatorname{Var}Z = V$, $\operatorname{Var}Y = J$ and "
        r"$e = \operatorname{tr}(G\,\mathbb{E}h_{t-1}h_{t-1}')$ for a positive semi-definite metric $G$,",
        square,
        w**2 * trace_sandwich + q * (STATE + k * trace_model),
        label=r"\operatorname{tr}(G\,\mathbb{E}h_th_t')",
    )
