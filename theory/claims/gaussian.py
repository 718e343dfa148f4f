"""The claims about mean and covariance together: Corollary 1(1), (2) and (5)."""

from __future__ import annotations

import sympy as sp
from sympy import Eq, ImmutableMatrix, Symbol

from nocollapse.theory.claims.assumptions import EXPONENTIAL, STRONG_LAW
from nocollapse.theory.claims.claim import Claim, Inequality, positive
from nocollapse.theory.claims.coordinates import Coordinate
from nocollapse.theory.claims.covariance import COVARIANCE_LIMIT, POINTS, PUBLISHED, RADIUS, SPECTRUM, A, B, V, a, b
from nocollapse.theory.claims.entry import claim
from nocollapse.theory.claims.setting import FRESH, GAUSSIAN, OPTIMUM, SIZES, UNBIASED
from nocollapse.theory.models.derivation import q
from nocollapse.theory.models.gaussian import covariance, mean
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import latex, m, n, t, trace, w


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
    rate = RADIUS.subs(w, 0)
    lead = sum(mode.coefficient[0] for mode in spread.modes() if sp.cancel(mode.eigenvalue - rate) == 0)
    excess = spread.initial + ImmutableMatrix([A, B])  # distance from the unstable fixed point (-A, -B)
    return Claim(
        statement=Eq(Symbol(r"\mathrm{Err}(\mu_t)"), trace / n + t * trace / m, evaluate=False),
        published=trace / n + t * trace / m,
        derived=location.at(t)[0],
        assumptions=(GAUSSIAN, SIZES, UNBIASED, "$w = 0$: after step 0 only synthetic points are used."),
        steps=(
            *solution_at_zero(location),
            Step(
                "The covariance: the closed form obeys the recursion at $w = 0$ with growth rate $(m+1)/(m-1)$,",
                (closed.subs(t, t + 1) - spread.update(closed))[0],
                sp.Integer(0),
                label=rf"e_t = {latex(closed[0])},\qquad e_{{t+1}} - (M s_t + c)_e",
            ),
            Step("starts at the real-only error,", closed[0].subs(t, 0), (A + B) / (n - 1), label="e_0"),
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
                (c - 1 - sp.log(c)).subs(c, 1),
                sp.Integer(0),
                label="f(1)",
            ),
            Step(
                r"and decreases before 1 and increases after it, $\mathbb{E}\log c_i < \mathbb{E} c_i - 1 = 0$; by the "
                r"law of large numbers $\log x'\Sigma_t x \to -\infty$, for every vector of a basis.",
                sp.diff(c - 1 - sp.log(c), c),
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
    location, spread = (r.subs({w: sp.Integer(1)}) for r in (mean().recursion, covariance().recursion))
    return Claim(
        statement=Eq(COVARIANCE_LIMIT, (A + B) / (n - 1), evaluate=False),
        published=(A + B) / (n - 1),
        derived=spread.fixed_point()[0],
        assumptions=(GAUSSIAN, SIZES, UNBIASED, "$w = 1$."),
        steps=(
            Step(
                "The mean: the limit of its recursion at $w=1$.",
                location.fixed_point()[0],
                trace / n,
                label=r"\mathrm{Err}(\mu_\infty)",
            ),
            Step("Nothing of the past is kept,", sum(spread.matrix), sp.Integer(0), label=r"\sum_{ij} M_{ij}"),
            Step("so it is the error at every step.", spread.initial[0], spread.offset[0], label="e_0"),
            Step(
                "and the variance of the trace.",
                spread.offset[1],
                2 * A / (n - 1),
                label=r"\mathrm{Var}\operatorname{tr}\Sigma_t",
            ),
        ),
        inequalities=(Inequality("never zero", (A + B) / (n - 1), (n >= 2, *SPECTRUM)),),
        not_said="The baseline is one batch of n points, not all real points seen so far (mean.floor).",
    )


@claim(
    "gaussian.improvement",
    source="Corollary 1(5)",
    summary="At w* both errors are strictly below real data only, for all n, m ≥ 2 and every Σ.",
)
def improvement() -> Claim:
    """At w* both errors are strictly below those of real data only, for every n, m >= 2 and every Sigma."""
    y = Symbol("y", positive=True)
    limit = covariance().recursion.fixed_point()[0]
    gain = (1 - w) * (2 * a * w - (1 - w) * b * (1 + 2 * a))
    margin = (1 - q + b * q) * (1 - q - 2 * b * q)
    core = 2 * w * (m - 1) - (1 - w) * (n + 1)
    size = y + y**2 / n  # m on the optimum, with s = (1-w)/w = y/n
    weight = 1 / (1 + y / n)
    excess = Symbol("Y", nonnegative=True)
    return Claim(
        statement=sp.Lt(Symbol(r"\mathrm{Err}(\Sigma_\infty)|_{w^*}"), (A + B) / (n - 1), evaluate=False),
        published=(A + B) * a - PUBLISHED,
        derived=(A + B) * a - limit,
        assumptions=(GAUSSIAN, SIZES, UNBIASED, FRESH, "$w = w^*$: $0 < w < 1$ and $m w^2 = n(1-w)$."),
        steps=(
            Step(
                "The mean: at $w^*$ the error is $w^*$ times the real-only one, and $w^* < 1$.",
                mean().recursion.fixed_point()[0],
                w * trace / n,
                (m * w**2 - n * (1 - w),),
                r"\mathrm{Err}(\mu_\infty)",
            ),
            Step(
                "The covariance: the gain over real-only, times a positive amount, splits in two terms; the second has "
                r"the sign of $B - A = (\operatorname{tr}\Sigma)^2 - \operatorname{tr}\Sigma^2 \ge 0$.",
                ((A + B) * a - limit) * margin,
                (A + B) * (1 - q + b * q) * gain + V * b * q * (B - A),
                label="G",
            ),
            Step("The first has the sign of", gain * (n - 1) * (m - 1) / (1 - w), core, label=r"C"),
            Step(
                "It also keeps $w^*$ above the threshold: the radius is below 1 by more than a positive amount.",
                1 - q - 2 * b * q,
                (gain + V) / a,
                label=r"1-\varrho(M)",
            ),
            Step(
                "On the optimum put $s = (1-w)/w = y/n$, so that $m = y + y^2/n$. Then $y > 1$:",
                size - 1 - 1 / n,
                (y - 1) * (1 + (y + 1) / n),
                label="m - 1 - 1/n",
            ),
            Step(
                "and the sign in question is that of a sum of positive terms, as $m \\ge 2$.",
                core.subs({w: weight, m: size}) * n * (1 + y / n) / y,
                ((size - 2) + (y - 1) * y / n) * n / y,
                label=r"C\,n(1+y/n)/y",
            ),
        ),
        inequalities=(
            Inequality("so y > 1", (m - 1 - 1 / n) / (1 + (y + 1) / n), (*POINTS, positive(y))),
            Inequality(
                "so the first term is positive",
                (m - 2) + (y - 1) * y / n,
                (*POINTS, positive(y - 1)),
                coordinates={y: Coordinate(1 + excess, excess, y - 1)},
            ),
            Inequality(
                "the second is not negative", V * b * q * (B - A), (w > 0, w < 1, *POINTS, *SPECTRUM), strict=False
            ),
        ),
        obligations=(
            Inequality(
                "the first term is positive on the optimum", core, (*OPTIMUM[:2], *POINTS, Eq(m * w**2, n * (1 - w)))
            ),
            Inequality("w* is above the threshold", 1 - RADIUS, (*OPTIMUM[:2], *POINTS, Eq(m * w**2, n * (1 - w)))),
        ),
        not_said="w* is the optimum of the mean; for the covariance at finite n it improves, but need not be the best.",
    )
