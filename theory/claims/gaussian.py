"""The claims about mean and covariance together: Corollary 1(1), (2) and (5)."""

from __future__ import annotations

import sympy as sp
from sympy import Eq, Expr, ImmutableMatrix, Symbol
from sympy.core.relational import Relational

from nocollapse.theory.claims.assumptions import EXPONENTIAL, STRONG_LAW
from nocollapse.theory.claims.claim import Claim, Inequality, nonnegative, positive
from nocollapse.theory.claims.coordinates import Coordinate, Coordinates
from nocollapse.theory.claims.covariance import COVARIANCE_LIMIT, POINTS, PUBLISHED, RADIUS, SPECTRUM, A, B, V, a, b
from nocollapse.theory.claims.entry import claim
from nocollapse.theory.claims.setting import FRESH, GAUSSIAN, SIZES, UNBIASED
from nocollapse.theory.models.derivation import q
from nocollapse.theory.models.gaussian import covariance, mean
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import frob2, latex, m, n, t, trace, w


def at_zero(recursion: Recursion) -> Recursion:
    """The fully synthetic recursion: no weight on real data after step 0."""
    return recursion.subs({w: sp.Integer(0)})


@claim(
    "gaussian.fully-synthetic",
    source="Corollary 1(1)",
    summary="With w = 0 both errors diverge, although the covariance shrinks to 0 almost surely.",
    rests_on=(STRONG_LAW, EXPONENTIAL),
)
def fully_synthetic() -> Claim:
    """With w = 0 both errors diverge, the mean's linearly and the covariance's geometrically, while Sigma_t -> 0."""
    location = at_zero(mean().recursion)
    spread = at_zero(covariance().recursion)
    closed = spread.at(t)
    c = Symbol("c", positive=True)
    slack = c - 1 - sp.log(c)
    rate = RADIUS.subs(w, 0)
    lead = sum(mode.coefficient[0] for mode in spread.modes() if sp.cancel(mode.eigenvalue - rate) == 0)
    excess = spread.initial + ImmutableMatrix([A, B])  # distance from the unstable fixed point (-A, -B)
    return Claim(
        left=Symbol(r"\mathrm{Err}(\mu_t)"),
        published=trace / n + t * trace / m,
        derived=location.at(t)[0],
        assumptions=(GAUSSIAN, SIZES, UNBIASED, "$w = 0$: after step 0 only synthetic points are used."),
        steps=(
            *solution_at_zero(location),
            *(
                Step(
                    "The covariance: the closed form obeys the recursion at $w = 0$ with growth rate $(m+1)/(m-1)$,",
                    (closed.subs(t, t + 1) - spread.update(closed))[i],
                    sp.Integer(0),
                    label=rf"{name}_t = {latex(closed[i])},\qquad {name}_{{t+1}} - (M s_t + c)_{name}",
                )
                for i, name in enumerate("eu")
            ),
            Step("starts at the real-only error,", closed[0].subs(t, 0), (A + B) / (n - 1), label="e_0"),
            Step("with the variance of the trace of one batch,", closed[1].subs(t, 0), 2 * A / (n - 1), label="u_0"),
            Step(
                "and its leading coefficient is the projection on the left eigenvector $(2,1)$.",
                lead,
                (2 * excess[0] + excess[1]) / 3,
                label="C",
            ),
            Step(
                r"Almost surely $\Sigma_t \to 0$: for a fixed unit vector $x$, $x'\Sigma_t x = x'\Sigma_0 x \prod c_i$ "
                r"with iid $c_i \sim \chi^2_{m-1}/(m-1)$ and $\mathbb{E} c_i = 1$ by Wick. Since "
                r"$f(c) = c - 1 - \log c$ vanishes at 1",
                slack.subs(c, 1),
                sp.Integer(0),
                label="f(1)",
            ),
            Step(
                r"and decreases before 1 and increases after it, $\mathbb{E}\log c_i < \mathbb{E} c_i - 1 = 0$; by the "
                r"law of large numbers $\log x'\Sigma_t x \to -\infty$, for every vector of a basis.",
                sp.diff(slack, c),
                (c - 1) / c,
                label="f'(c)",
            ),
        ),
        inequalities=(
            Inequality("the mean's error grows by a fixed amount", trace / m, (m >= 2, positive(trace))),
            Inequality("the covariance's growth rate exceeds 1", (m + 1) / (m - 1) - 1, (m >= 2,)),
            Inequality("the growing mode is excited", lead, (*POINTS, *SPECTRUM)),
        ),
        not_said=r"The divergence is carried by rare, huge $\Sigma_t$: no simulation of moderate size sees it.",
        recursion=location,
        start=(trace / n,),
    )


def solution_at_zero(recursion: Recursion) -> tuple[Step, ...]:
    """The closed form of the mean's error without real data, where no fixed point exists."""
    closed = recursion.at(t)[0]
    return (
        Step("The mean starts at the real-only error", closed.subs(t, 0), trace / n, label="e_0"),
        Step(
            r"and gains $\operatorname{tr}(\Sigma)/m$ a step.",
            closed.subs(t, t + 1) - closed,
            trace / m,
            label=r"e_t = e_0 + t\operatorname{tr}(\Sigma)/m,\qquad e_{t+1} - e_t",
        ),
    )


@claim(
    "gaussian.real-only",
    source="Corollary 1(2)",
    summary="With w = 1 the errors are those of one real batch.",
)
def real_only() -> Claim:
    """With w = 1 the synthetic points play no role: the errors of one real batch."""
    location = mean().recursion
    spread = covariance().recursion
    alone = (w - 1,)
    return Claim(
        left=COVARIANCE_LIMIT,
        published=(A + B) / (n - 1),
        derived=spread.fixed_point()[0].subs(w, 1),
        assumptions=(GAUSSIAN, SIZES, UNBIASED, "$w = 1$."),
        steps=(
            Step(
                "The mean: the limit of its recursion at $w=1$.",
                location.fixed_point()[0],
                trace / n,
                alone,
                label=r"\mathrm{Err}(\mu_\infty)",
            ),
            Step("Nothing of the past is kept,", sum(spread.matrix), sp.Integer(0), alone, r"\sum_{ij} M_{ij}"),
            Step("so it is the error at every step.", spread.offset[0], spread.initial[0], alone, "e_t"),
            Step(
                "and the variance of the trace.",
                spread.offset[1],
                2 * A / (n - 1),
                alone,
                label=r"\mathrm{Var}\operatorname{tr}\Sigma_t",
            ),
        ),
        inequalities=(Inequality("never zero", (A + B) / (n - 1), (n >= 2, *SPECTRUM)),),
        not_said="The baseline is one batch of n points, not all real points seen so far (mean.floor).",
    )


_SYNTHETIC = n * (1 - w) / w**2
"""The m at which a weight is the optimum for n."""
_AT_OPTIMUM: tuple[Relational, ...] = (w > 0, w < 1, n >= 2, nonnegative(n * (1 - w) - 2 * w**2))
"""Weights w* of any n, m >= 2."""
_SQUARED = Symbol("B", positive=True)
"""`(tr Sigma)^2` as a letter of its own, which is easier for the solvers."""
_N, _X, _C = (Symbol(name, nonnegative=True) for name in ("N", "x", "C"))
_FROM_BELOW = (6 * n + 11) / (3 * n + 13)
"""Less than `n (1-w)/w` at every w* of n, m >= 2. The number has no meaning of its own: the gain is positive there."""
_ABOVE_IT: Expr = n * (1 - w) * (3 * n + 13) - w * (6 * n + 11)
_ALONG: Coordinates = {
    n: Coordinate(2 + _N, _N, n - 2),
    w: Coordinate(
        1 / (1 + (6 * (2 + _N) + 11 + _X) / ((2 + _N) * (3 * (2 + _N) + 13))),
        _X,
        _ABOVE_IT / w,
    ),
    _SQUARED: Coordinate(frob2 + _C, _C, _SQUARED - frob2),
}
"""With `y = n (1-w)/w` from `(6n + 11)/(3n + 13)` on, so that `m = y + y^2/n`, and n from 2 on."""


def _on_optimum(name: str, expression: Expr, *hypotheses: Relational) -> Inequality:
    """That an expression is positive at w* for all n, m >= 2."""
    there = sp.factor(expression.subs(m, _SYNTHETIC))
    return Inequality(name, there, (w > 0, w < 1, n >= 2, nonnegative(_ABOVE_IT), *hypotheses), coordinates=_ALONG)


@claim(
    "gaussian.improvement",
    source="Corollary 1(5)",
    summary="At w* both errors are strictly below real data only, for all n, m ≥ 2 and every Σ.",
    uses=("mean.optimal-weight",),
)
def improvement() -> Claim:
    """At w* both errors are strictly below those of real data only, for every n, m >= 2 and every Sigma."""
    spectrum = (positive(frob2), sp.GreaterThan(_SQUARED, frob2))
    limit = covariance().recursion.fixed_point()[0]
    location = mean().recursion.fixed_point()[0]
    gain = (A + B) * a - limit
    first = (1 - w) * (2 * a * w - (1 - w) * b * (1 + 2 * a))
    margin = (1 - q + b * q) * (1 - q - 2 * b * q)
    reach = n * (1 - w) / w
    beyond = 2 - _FROM_BELOW - _FROM_BELOW**2 / n
    distance = ((m - 2) + beyond) / (1 + (reach + _FROM_BELOW) / n)
    left = Symbol(r"\mathrm{Err}(\Sigma_0) - \mathrm{Err}(\Sigma_\infty)|_{w^*}")
    return Claim(
        relation=lambda gained: sp.Gt(Eq(left, gained, evaluate=False), 0, evaluate=False),
        published=(A + B) * a - PUBLISHED,
        derived=gain,
        assumptions=(GAUSSIAN, SIZES, UNBIASED, FRESH, "$w = w^*$: $0 < w < 1$ and $m w^2 = n(1-w)$."),
        steps=(
            Step(
                "At $w^*$ the number of synthetic points is",
                (m * w**2 - n * (1 - w)).subs(m, _SYNTHETIC),
                sp.Integer(0),
                label=r"(m w^2 - n(1-w))|_{m = n(1-w)/w^2}",
            ),
            Step(
                r"There $y = n(1-w)/w$ is at least $c = (6n+11)/(3n+13)$, as their difference is",
                reach - _FROM_BELOW,
                distance,
                (m * w**2 - n * (1 - w),),
                label=r"\tfrac{n(1-w^*)}{w^*} - c",
            ),
            Step(
                "The mean: at $w^*$ the error is $w^*$ times the real-only one.",
                location,
                w * trace / n,
                (m * w**2 - n * (1 - w),),
                r"\mathrm{Err}(\mu_\infty)",
            ),
            Step(
                "The covariance: the gain over real-only, times a positive amount, splits in two terms; the second has "
                r"the sign of $B - A = (\operatorname{tr}\Sigma)^2 - \operatorname{tr}\Sigma^2 \ge 0$.",
                gain * margin,
                (A + B) * (1 - q + b * q) * first + V * b * q * (B - A),
                label="G",
            ),
            Step(
                "The first has the sign of an amount that grows with $w$.",
                first * (n - 1) * (m - 1) / (1 - w),
                2 * w * (m - 1) - (1 - w) * (n + 1),
                label="C",
            ),
        ),
        inequalities=(
            Inequality("w* of n, m >= 2 is far enough from 1", distance, (w > 0, w < 1, *POINTS)),
            _on_optimum("the mean gains", trace / n - location, positive(trace)),
            _on_optimum(
                r"the covariance gains, with $B = (\operatorname{tr}\Sigma)^2$",
                gain.subs(trace, sp.sqrt(_SQUARED)),
                *spectrum,
            ),
            _on_optimum("w* is above the threshold: the radius is below 1", 1 - RADIUS),
        ),
        obligations=(
            Inequality(
                r"the covariance gains at any w*, with $B = (\operatorname{tr}\Sigma)^2$",
                sp.factor(gain.subs({m: _SYNTHETIC, trace: sp.sqrt(_SQUARED)})),
                (*_AT_OPTIMUM, *spectrum),
            ),
        ),
        not_said="w* is the optimum of the mean; for the covariance at finite n it improves, but need not be the best.",
    )
