"""From the weighted empirical measure to the recursion of its error (Section 4)."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy import Expr, ImmutableMatrix, Symbol

from nocollapse.theory.models.derivation import Derivation, E, q
from nocollapse.theory.moments.iid import weighted_error
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.steps import Step, solution
from nocollapse.theory.symbols import m, n, w


def measure(spread: Expr) -> Derivation:
    """The expected squared error of the weighted empirical measure, integrated or summed over points.

    `spread` is the total variance of one indicator: the integral of F (1-F) dF, or the sum of p_j (1-p_j).
    """
    truth = Symbol("F", real=True)
    delta = Symbol("Delta", real=True)
    real, synthetic, square = weighted_error(truth, truth, delta, E)  # an indicator is its own square
    local = sp.Poly(square, E)
    per_variance = [sp.cancel(part / (truth * (1 - truth))) for part in (local.coeff_monomial(1), real)]
    offset, start = (sp.factor(part * spread) for part in per_variance)
    matrix = sp.factor(local.coeff_monomial(E))
    recursion = Recursion((E,), *(ImmutableMatrix([[x]]) for x in (matrix, offset, start)))
    steps = _local_steps(truth, truth + delta, real, synthetic, local.as_expr())
    return Derivation(recursion, (*steps, *solution(recursion)))


def _local_steps(truth: Expr, past: Expr, real: Expr, synthetic: Expr, local: Expr) -> Iterator[Step]:
    """The derivation at one point, where F is the truth and F + Delta the estimate of step t-1."""
    yield Step(
        r"At one point let $F$ be the truth and $F + \Delta$ the estimate of step $t-1$. The mean of $n$ indicators of "
        "real points: a pair of draws is one draw with itself $n$ times out of $n^2$.",
        real,
        truth * (1 - truth) / n,
        label=r"\mathbb{E}(F_n - F)^2",
    )
    yield Step(
        r"The mean of $m$ indicators of synthetic points, given $\Delta$.",
        synthetic,
        (past - truth) ** 2 + past * (1 - past) / m,
        label=r"\mathbb{E}[(\tilde F_m - F)^2 \mid \Delta]",
    )
    yield Step(
        r"Fresh draws are independent of the past and all parts are unbiased ($\mathbb{E}\Delta = 0$), so with "
        r"$e = \mathbb{E}\Delta^2$ the estimate $w F_n + (1-w)\tilde F_m$ has",
        local,
        w**2 * truth * (1 - truth) / n + q * (E + (truth * (1 - truth) - E) / m),
        label=r"\mathbb{E}(F_t - F)^2",
    )
