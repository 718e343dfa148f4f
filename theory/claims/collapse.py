"""Definition 1 applied to the four frameworks, and the benchmark that keeps all real data."""

from __future__ import annotations

import sympy as sp
from sympy import Expr, Symbol

from nocollapse.theory.claims import coordinates
from nocollapse.theory.claims.claim import Claim, Inequality, nonnegative, positive
from nocollapse.theory.claims.covariance import POINTS, RADIUS, SPECTRUM, A, B
from nocollapse.theory.claims.entry import claim
from nocollapse.theory.claims.gaussian import at_zero
from nocollapse.theory.claims.setting import FADED, FRESH, GAUSSIAN, UNBIASED, rho
from nocollapse.theory.models.derivation import E, q
from nocollapse.theory.models.gaussian import covariance, mean
from nocollapse.theory.models.kept_data import PAST, Accumulated, accumulated, augmented
from nocollapse.theory.moments.iid import mean_product, quadratic
from nocollapse.theory.recursion import affine, value_at_infinity
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import k, m, n, t, trace, w

_LEFT: Expr = Symbol("P", nonnegative=True)
_FROM_FIRST_BATCH: coordinates.Coordinates = {
    PAST: coordinates.Coordinate(coordinates.STANDARD[n].value + _LEFT, _LEFT, PAST - n),
}
"""The points of the past are at least those of step 0."""


@claim(
    "framework.collapse",
    source="Definition 1, Figures 1-4",
    summary="Of the four frameworks only w = 0 collapses: every other limit error of mean and covariance is O(1/n).",
    example=("k=3/2", "w=0.4", "trace=3", "frob2=5"),
    uses=("framework.accumulation",),
)
def collapse() -> Claim:
    """Definition 1: with sizes in proportion to n, the limit error is bounded away from 0 for w = 0 alone."""
    size = trace + A + B
    reused = size * (1 + k * q / (1 - q))
    pooled = accumulated()
    location = at_zero(mean().recursion)
    published = size * rho(w, k)
    derived = _scaled(mean().recursion.fixed_point()[0] + covariance().recursion.fixed_point()[0])
    kept = _scaled(mean("augmentation").recursion.fixed_point()[0] + augmented().recursion.fixed_point()[0])
    name = r"\lim_{n\to\infty} n\,\big[\mathrm{Err}(\mu_\infty) + \mathrm{Err}(\Sigma_\infty)\big]"
    return Claim(
        left=Symbol(name),
        published=published,
        derived=derived,
        assumptions=(
            GAUSSIAN,
            r"$n \to \infty$ with $n/m = k$ fixed, after $t \to \infty$.",
            UNBIASED + " Under accumulation the divisor is size, and the covariance is estimated anew at each step.",
            FRESH,
            FADED,
        ),
        steps=(
            Step(
                "Fresh data augmentation (Figure 4): $n$ times the limit errors of mean and covariance tends to",
                derived,
                published,
                label=name,
            ),
            Step(
                "Augmentation with the first real batch (Figure 3): the limit is finite, too.",
                kept,
                reused,
                label=name,
            ),
            *augmented().steps,
            *pooled.steps,
            *_pooled_steps(pooled),
            Step(
                r"Fully synthetic (Figure 1): each step adds to the mean's error, whatever $n$ and $m$, so that it "
                "exceeds every bound,",
                location.at(t)[0].subs(t, t + 1) - location.at(t)[0],
                trace / m,
                label="e_{t+1} - e_t",
            ),
            Step(
                "and the covariance's second moments are multiplied by more than 1.",
                RADIUS.subs(w, 0) - 1,
                2 / (m - 1),
                label=r"\varrho(M)|_{w=0} - 1",
            ),
        ),
        inequalities=(
            Inequality("fresh data: the limit is positive", rho(w, k), (w > 0, w <= 1, positive(k))),
            Inequality("the same batch: the memory fades", 1 - q, (w > 0, w <= 1)),
            *_pooled_inequalities(pooled),
            Inequality("without real data the mean's error grows", trace / m, (m >= 2, positive(trace))),
            Inequality("and the covariance's moments too", 2 / (m - 1), (m >= 2,)),
        ),
        not_said="Which frameworks can beat their own first batch is another statement (framework.fresh and its "
        r"siblings). At a fixed $n$ the covariance's error is infinite for $w \le 1-\sqrt{(m-1)/(m+1)}$, a weight that "
        "tends to 0 as m grows: by Definition 1 no weight above 0 collapses.",
    )


def _scaled(limit: Expr) -> Expr:
    """The limit of n times an error with n/m = k."""
    return value_at_infinity(sp.cancel((n * limit).subs(m, n / k)), n)


def _pooled_steps(pooled: Accumulated) -> tuple[Step, ...]:
    """Why the error of the pooled covariance stays below 2 (A + B)/n: three products, bounded by telescoping sums."""
    size = PAST + m
    square, squared_trace, product, loss, times = sp.symbols(r"x y Y \xi \kappa", real=True)
    above = 1 - times * (1 / n - 1 / PAST)
    still_above = 1 - times * (1 / n - 1 / size)
    return (
        Step(
            r"The error of the pooled covariance follows from these. With $x = \operatorname{tr}\Sigma_t^2$, "
            r"$y = (\operatorname{tr}\Sigma_t)^2$, $S = \mathbb{E}[2x + y]$, $D = \mathbb{E}[y - x]$, "
            r"$\mathbb{E}\Sigma_t = r\Sigma$ and $A = \operatorname{tr}\Sigma^2$ it is $(S-D)/3 - 2rA + A$, as",
            ((2 * square + squared_trace) - (squared_trace - square)) / 3,
            square,
            label=r"\tfrac13[(2x+y)-(y-x)]",
        ),
        Step(
            r"$S$ falls from step to step. A product $Y \le 1$ of factors $1-\xi$, each with "
            r"$0 \le \xi \le \kappa m/(N_{t-1}N_t)$, that is at least $1-\kappa(1/n-1/N_{t-1})$ stays so at $N_t$: the "
            r"difference is a sum of terms that are not negative. So $D$ keeps a share of $1-3/n$ ($\kappa = 3$) and "
            r"$r$ one of $1-1/n$ ($\kappa = 1$).",
            (1 - loss) * product - still_above,
            (product - above) + (times * m / (PAST * size) - loss) + loss * (1 - product),
            label=r"(1-\xi)Y - [1-\kappa(1/n-1/N_t)]",
        ),
        Step(
            r"By framework.accumulation the mean's error is $\operatorname{tr}(\Sigma - \mathbb{E}\Sigma_t) "
            r"= (1-r)\operatorname{tr}\Sigma$, where $r$ starts at",
            pooled.start[0],
            1 - 1 / n,
            label="r_0",
        ),
    )


def _pooled_inequalities(pooled: Accumulated) -> tuple[Inequality, ...]:
    """The bounds on the factors, and what they come to."""
    domain = (n >= 2, m >= 2, sp.GreaterThan(PAST, n))
    share = m / (PAST * (PAST + m))
    average, total, spread = pooled.start
    bound = total / 3 - spread * (1 - 3 / n) / 3 - 2 * A * average * (1 - 1 / n) + A
    first_to_last = (
        ("pooled: S falls", 1 - pooled.total),
        ("pooled: D falls", 1 - pooled.spread),
        ("but by a share of at most 3m/(NN')", 3 * share - (1 - pooled.spread)),
        ("pooled: r falls", 1 - pooled.mean),
        ("but by a share of at most m/(NN')", share - (1 - pooled.mean)),
    )
    return (
        *(
            Inequality(words, expression, domain, strict=False, coordinates=_FROM_FIRST_BATCH)
            for words, expression in first_to_last
        ),
        Inequality("so the covariance's error is at most 2(A+B)/n", 2 * (A + B) / n - bound, (*POINTS[:1], *SPECTRUM)),
        Inequality(
            "and the mean's at most 2 tr(Sigma)/n",
            2 * trace / n - trace * (1 - average * (1 - 1 / n)),
            (*POINTS[:1], positive(trace)),
        ),
    )


@claim(
    "framework.kept",
    source="Remark 3",
    summary="All real data kept and no synthetic: the mean's error is tr Σ/(n(t+1)), below every weighted scheme.",
    example=("n=30", "trace=3", "t=4"),
)
def kept() -> Claim:
    """The benchmark of Remark 3: the mean of all real points so far, against every weighted scheme."""
    before = Symbol("E_{t-1}", nonnegative=True)
    excess = Symbol("x", nonnegative=True)
    share = 1 / (t + 1)
    batch = mean_product(n, trace, sp.Integer(0))
    square = quadratic({"D": 1 - share, "X": share}, {("D", "D"): E, ("X", "X"): batch})
    scaled = affine((E,), [sp.cancel((square * (t + 1) ** 2).subs(E, E / t**2))], [batch])
    published = trace / (n * (t + 1))
    weighted = w**2 * trace / n + q * (before + trace / m)
    gap = trace / n * (w * (t + 1) - 1) ** 2 / (t * (t + 1)) + q * (excess + trace / m)
    return Claim(
        left=Symbol(r"\mathbb{E}\|\mu_t-\mu\|^2"),
        published=published,
        derived=sp.factor(scaled.at(t)[0] / (t + 1) ** 2),
        assumptions=(
            GAUSSIAN,
            r"$n \ge 2$ new real points at every step, all of which are kept; no synthetic points are used.",
            r"The weighted schemes are those of mean.error, with any weights $w_t \in [0, 1]$, constant or not.",
        ),
        steps=(
            Step(
                r"The mean of all $(t+1)n$ real points is $\mu_t = \frac{t}{t+1}\mu_{t-1} + \frac1{t+1}\bar x_t$.",
                square,
                (t / (t + 1)) ** 2 * E + trace / (n * (t + 1) ** 2),
                label="e_t",
            ),
            Step(
                "In units of $1/(t+1)^2$ each step adds the same amount, from the first batch on.",
                scaled.update(scaled.initial)[0],
                2 * trace / n,
                label="4 e_1",
            ),
            Step("The first batch:", scaled.initial[0], trace / n, label="e_0"),
            Step("The value starts there", published.subs(t, 0), scaled.initial[0], label="e_0"),
            Step(
                "and obeys the recursion.",
                square.subs(E, published.subs(t, t - 1)),
                published,
                label="e_t",
            ),
            Step(
                r"A weighted scheme that was above it by $x \ge 0$ is above it again:",
                weighted.subs(before, trace / (n * t) + excess) - published,
                gap,
                label=r"\mathrm{Err}(\mu_t^{w}) - \tfrac{\operatorname{tr}\Sigma}{n(t+1)}",
            ),
            Step(
                "and at step 0 both have the same batch.",
                mean().recursion.initial[0],
                published.subs(t, 0),
                label="e_0",
            ),
        ),
        inequalities=(
            Inequality("the square counts", trace / (n * t * (t + 1)), (n >= 2, positive(t), positive(trace))),
            Inequality(
                "synthetic points add noise",
                q * (excess + trace / m),
                (nonnegative(w), w < 1, m >= 2, positive(trace), nonnegative(excess)),
                coordinates=coordinates.FROM_ZERO,
            ),
            Inequality(
                "without them it is one batch, which is worse",
                gap.subs(w, 1),
                (n >= 2, positive(t), positive(trace)),
            ),
        ),
        obligations=(
            Inequality(
                "every weighted scheme is worse",
                gap,
                (nonnegative(w), w <= 1, n >= 2, m >= 2, positive(t), positive(trace), nonnegative(excess)),
            ),
        ),
        not_said="It needs all real data of the past: weighting is for those who cannot keep them.",
    )
