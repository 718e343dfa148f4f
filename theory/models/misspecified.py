"""The score equation where the real data do not follow the model: another covariance of real scores.

The estimate tends to the pseudo-true parameter theta*, the best one within the model. Real scores have there a
covariance V that need not be J, the expected Hessian; synthetic data do follow the model, and theirs is J.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy import Expr, ImmutableMatrix, Symbol

from nocollapse.theory.models.derivation import Derivation, q
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.steps import Step, solution
from nocollapse.theory.symbols import k, trace_model, trace_sandwich, w

STATE = Symbol("e", nonnegative=True)


def misspecified_score() -> Derivation:
    """n E|theta_t - theta*|^2 in the metric G, from the first order of the weighted score equation."""
    info, score, past = sp.symbols("J V H", commutative=False)
    metric = {info**-1: trace_model, info**-1 * score * info**-1: trace_sandwich, past: STATE}

    def second(real: Expr, synthetic: Expr, memory: Expr) -> Expr:
        """tr G E h h' for independent parts of the score with these weights."""
        scores = real**2 * score + synthetic**2 * k * info + memory**2 * info * past * info
        return sp.Add(*(_traced(term, metric) for term in sp.expand(info**-1 * sp.expand(scores) * info**-1).args))

    square = second(w, 1 - w, 1 - w)
    found = sp.Poly(square, STATE)
    start = _traced(info**-1 * score * info**-1, metric)
    parts = (found.coeff_monomial(STATE), found.coeff_monomial(1), start)
    recursion = Recursion((STATE,), *(ImmutableMatrix([[sp.factor(part)]]) for part in parts))
    return Derivation(recursion, (*_steps(square), *solution(recursion)))


def _traced(term: Expr, metric: dict[Expr, Expr]) -> Expr:
    """The trace of ``G * term`` for a multiple of one of the matrices whose traces are known."""
    scalar, matrices = term.args_cnc()
    return sp.Mul(*scalar) * metric[sp.Mul(*matrices)]


def _steps(square: Expr) -> Iterator[Step]:
    eps, h, past, info, z, y = sp.symbols(r"\varepsilon h_t h_{t-1} J Z Y", real=True)
    partition, theta, label = sp.Function("Phi"), Symbol("theta"), Symbol("T")
    yield Step(
        r"The Hessian of a canonical log-likelihood $\theta'T - \Phi(\theta)$ does not depend on the response. So real "
        r"and synthetic data have the same expected Hessian at $\theta^*$, $J = \mathbb{E}\nabla^2\Phi$, and the "
        r"model's own score covariance is $J$; that of real data is $V$.",
        sp.diff(label * theta - partition(theta), theta, 2),
        -sp.diff(partition(theta), theta, 2),
        label=r"\nabla^2\log p",
    )
    root_k = sp.sqrt(k)
    scores = w * (eps * z - info * eps * h) + (1 - w) * (eps * root_k * y - info * eps * (h - past))
    yield Step(
        r"Real scores have mean 0 at $\theta^*$. With $\theta_t = \theta^* + \varepsilon h_t$ and "
        r"$\varepsilon = n^{-1/2}$, the weighted score equation is to first order linear in the past:",
        sp.solve(sp.expand(scores).coeff(eps, 1), h)[0],
        (w * z + (1 - w) * (root_k * y + info * past)) / info,
        label="h_t",
    )
    yield Step(
        r"For matrices, which do not commute: with $\operatorname{Var}Z = V$, $\operatorname{Var}Y = J$ and "
        r"$e = \operatorname{tr}(G\,\mathbb{E}h_{t-1}h_{t-1}')$ for a positive semi-definite metric $G$,",
        square,
        w**2 * trace_sandwich + q * (STATE + k * trace_model),
        label=r"\operatorname{tr}(G\,\mathbb{E}h_th_t')",
    )
