"""Theorem 2 where the real data do not follow the model. This is new beside the paper.

The estimate then tends to the pseudo-true parameter theta*, the best one within the model. Real scores have there a
covariance V that need not be J, the expected Hessian; synthetic data do follow the model, and theirs is J.
"""

from __future__ import annotations

import sympy as sp
from sympy import Eq, Expr, Symbol

from nocollapse.theory.claims.claim import Claim, Inequality, positive
from nocollapse.theory.claims.entry import claim
from nocollapse.theory.claims.setting import FRESH, LARGE, rho
from nocollapse.theory.models.derivation import q
from nocollapse.theory.models.misspecified import misspecified_score
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import k, trace_model, trace_sandwich, v, w

k_eff: Expr = k * trace_model / trace_sandwich
_ON_OPTIMUM: Expr = w**2 * trace_sandwich - k * trace_model * (1 - w)
"""`w^2 = k_eff (1 - w)`."""


@claim(
    "glm.misspecified",
    source="New beside the paper",
    ours=True,
    summary="Where the real data do not follow the model, the best weight is w*(k_eff), in any metric.",
    example=("k=3/2", "w=0.4", "trace_model=3", "trace_sandwich=4"),
)
def misspecified() -> Claim:
    """The limit, its optimum w*(k_eff), and the regret."""
    derivation = misspecified_score()
    limit = derivation.recursion.fixed_point()[0]
    published = trace_sandwich * rho(w, k_eff)
    signs = (positive(k), positive(trace_model), positive(trace_sandwich))
    return Claim(
        left=Symbol(r"\sqrt{n}(\theta_t-\theta^*) \Rightarrow h_t,\qquad \lim_{t\to\infty}\mathbb{E}\|h_t\|_G^2"),
        published=published,
        derived=limit,
        assumptions=(
            r"Real points come from any law; $\theta^*$ is the unique maximiser of the expected log-likelihood of a "
            "model with the canonical link, under Assumptions 1 and 2 at $\\theta^*$. Synthetic covariates come from "
            "the known law of the real ones.",
            LARGE,
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
        start=(trace_sandwich,),
    )
