"""Theorem 2 where the real data do not follow the model. This is new beside the paper.

The estimate then tends to the pseudo-true parameter theta*, the best one within the model. Real scores have there a
covariance V that need not be J, the expected Hessian; synthetic data do follow the model, and theirs is J.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy import Eq, Expr, ImmutableMatrix, Symbol

from nocollapse.theory.claims.claim import Claim, Inequality, Step, positive, solution
from nocollapse.theory.claims.glm import LARGE
from nocollapse.theory.claims.mean import FRESH, rho
from nocollapse.theory.models.gaussian import Derivation, q
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import k, trace_model, trace_sandwich, v, w

STATE = Symbol("e", nonnegative=True)
k_eff: Expr = k * trace_model / trace_sandwich
_ON_OPTIMUM: Expr = w**2 * trace_sandwich - k * trace_model * (1 - w)
"""``w^2 = k_eff (1 - w)``."""


def error() -> Derivation:
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


def misspecified() -> Claim:
    """The limit, its optimum w*(k_eff), and the regret."""
    derivation = error()
    limit = derivation.recursion.fixed_point()[0]
    published = trace_sandwich * rho(w, k_eff)
    signs = (positive(k), positive(trace_model), positive(trace_sandwich))
    return Claim(
        id="glm.misspecified",
        statement=Eq(
            Symbol(r"\lim_{t\to\infty}\lim_{n\to\infty}n\,\mathbb{E}\|\theta_t-\theta^*\|_G^2"),
            published,
            evaluate=False,
        ),
        published=published,
        derived=limit,
        assumptions=(
            r"Real points come from any law; $\theta^*$ is the unique maximiser of the expected log-likelihood of a "
            "model with the canonical link, under Assumptions 1 and 2 at $\\theta^*$. Synthetic covariates come from "
            "the known law of the real ones.",
            LARGE.replace("theta_t-\\theta\\|", "theta_t-\\theta^*\\|_G"),
            FRESH,
            "$0 < w \\le 1$ for the limit in $t$.",
        ),
        steps=(
            *derivation.steps,
            Step(
                r"With $k_{\mathrm{eff}} = k\,\operatorname{tr}(GJ^{-1})/\operatorname{tr}(GJ^{-1}VJ^{-1})$ this is "
                r"Theorem 2's limit at another ratio, and on $w^2 = k_{\mathrm{eff}}(1-w)$ any other weight $v$ loses "
                "a square:",
                limit.subs(w, v) / trace_sandwich - w,
                (v - w) ** 2 / ((1 - w) * v * (2 - v)),
                (_ON_OPTIMUM,),
                label=r"\rho(v,k_{\mathrm{eff}}) - w",
            ),
            Step(
                "Where the model is right, V = J, and Theorem 2 returns.",
                limit.subs(trace_sandwich, trace_model) / trace_model,
                rho(w, k),
                label=r"k_{\mathrm{eff}} = k:\quad \rho",
            ),
        ),
        inequalities=(
            Inequality("the memory fades", 1 - q, (w > 0, w <= 1)),
            Inequality("the limit is positive", limit, (w > 0, w <= 1, *signs)),
            Inequality("the regret has a positive denominator", (1 - w) * v * (2 - v), (w > 0, w < 1, v > 0, v <= 1)),
        ),
        obligations=(
            Inequality(
                "every other weight is strictly worse",
                rho(v, k_eff) - rho(w, k_eff),
                (
                    w > 0,
                    w < 1,
                    Eq(w**2 * trace_sandwich, k * trace_model * (1 - w)),
                    *signs,
                    v > 0,
                    v <= 1,
                    sp.Ne(v, w),
                ),
            ),
        ),
        not_said="This is not in the paper. The optimum depends on the metric, and so on how features are scaled: "
        "only where V is a multiple of J does it not. Nothing about finite n.",
        recursion=derivation.recursion,
    )
