"""The claims about CDF and PMF (Section 4, Theorem 3)."""

from __future__ import annotations

import sympy as sp
from sympy import Eq, Expr, Symbol

from nocollapse.theory.claims.assumptions import INTEGRAL_TRANSFORM
from nocollapse.theory.claims.claim import Claim, Inequality, positive
from nocollapse.theory.claims.entry import claim
from nocollapse.theory.claims.setting import ON_OPTIMUM, OPTIMAL, SIZES
from nocollapse.theory.models.derivation import q
from nocollapse.theory.models.empirical import measure
from nocollapse.theory.steps import Step, at_infinity, increment
from nocollapse.theory.symbols import gini, k, m, n, v, w

SPREAD = Symbol("g", positive=True)
MEASURE = (
    r"$F_t = w F_n + (1-w)\tilde F_m$: $n$ new real points, and $m$ draws from the fitted discrete measure of "
    "step $t-1$."
)
WEIGHT: Expr = (sp.sqrt((n - 1) ** 2 + 4 * m * n) - n - 1) / (2 * (m - 1))
ON_WEIGHT: Expr = (m - 1) * w**2 + (n + 1) * w - n
SIXTH = sp.integrate(Symbol("F") * (1 - Symbol("F")), (Symbol("F"), 0, 1))
"""The total variance of an indicator under a continuous truth, uniform after the probability integral transform."""
EDGE: Expr = (n - 1) / (2 * m + n - 1)


def limit(spread: Expr) -> Expr:
    """The paper's limit: `spread (w^2/n + q/m) / (1 - q (1 - 1/m))`."""
    return spread * (w**2 / n + q / m) / (1 - q * (1 - 1 / m))


def _bounded(spread: Expr) -> tuple[Inequality, ...]:
    largest = limit(spread)
    return (
        Inequality("the memory fades for every weight", 1 - q * (1 - 1 / m), (n >= 2, m >= 2, positive(w), w <= 1)),
        Inequality("and without real data", 1 - (1 - 1 / m), (m >= 2,)),
        Inequality("the limit never exceeds the spread", spread - largest, (n >= 2, m >= 2, w > 0, w <= 1)),
    )


@claim(
    "cdf.error",
    source="Theorem 3",
    summary="The CDF's Cramér–von Mises error obeys a recursion with a bounded limit; it is 1/6 in collapse.",
    example=("n=30", "m=20", "w=0.4"),
    rests_on=(INTEGRAL_TRANSFORM,),
)
def cdf_error() -> Claim:
    """The Cramer-von Mises error of the weighted empirical CDF: recursion, limit, boundedness."""
    derivation = measure(SIXTH)
    derived = derivation.recursion.fixed_point()[0]
    return Claim(
        left=Symbol(r"\lim_{t\to\infty}\mathbb{E}\int(F_t-F)^2\,dF"),
        published=limit(sp.Rational(1, 6)),
        derived=derived,
        assumptions=(
            "$F$ is continuous: by the probability integral transform it is uniform on $[0,1]$.",
            SIZES,
            MEASURE,
        ),
        steps=(
            *derivation.steps[:3],
            Step("Integrated over the truth,", SIXTH, sp.Rational(1, 6), label=r"\int F(1-F)\,dF"),
            *derivation.steps[3:],
            Step(
                "As $w \\to 0$ the limit tends to that of collapse, whatever $n$ and $m$: it is below by a multiple of "
                "$w$.",
                sp.Rational(1, 6) - derived,
                w * (2 - w - w / n) / (6 * (1 - q * (1 - 1 / m))),
                label=r"\tfrac16 - e_\infty",
            ),
        ),
        inequalities=_bounded(sp.Rational(1, 6)),
        not_said="For a discrete truth the value 1/6 is replaced by another spread (pmf.error).",
        recursion=derivation.recursion,
        start=(1 / (6 * n),),
    )


@claim(
    "cdf.optimal-weight",
    source="Theorem 3",
    summary="The CDF's exact best weight lies strictly below w* and tends to it.",
    example=("n=30", "m=20"),
)
def optimal_weight() -> Claim:
    """The exact optimal weight of the CDF and PMF, below w* and tending to it."""
    recursion = measure(SPREAD).recursion
    error = recursion.fixed_point()[0]
    best = Symbol("c", positive=True)  # the optimum, a root of ON_WEIGHT
    constraint = ON_WEIGHT.subs(w, best)
    slope = (m - 1) * (w + best) + n + 1
    return Claim(
        left=Symbol("w^*_F"),
        published=WEIGHT,
        derived=recursion.optimum(w, {n: sp.Integer(3), m: sp.Integer(5)}),
        assumptions=(SIZES, MEASURE, r"$c$ is the root of $(m-1)c^2 + (n+1)c = n$ in $(0,1)$; $g$ is the spread."),
        steps=(
            Step(
                r"Modulo $\varepsilon^2$ the increment of the derived limit is $\varepsilon$ times its derivative, in "
                "whose numerator one factor vanishes in $(0,1)$.",
                *increment(error, w, 2 * SPREAD * m * ON_WEIGHT / (n * (m - (m - 1) * q) ** 2)),
                label=r"e_\infty(w+\varepsilon) - e_\infty(w)",
            ),
            Step("The formula is a root of it.", ON_WEIGHT.subs(w, WEIGHT), sp.Integer(0), label="(m-1)c^2+(n+1)c-n"),
            Step(
                r"It is positive: $\sqrt{(n-1)^2+4mn}$ exceeds $n+1$, as the squares differ by",
                (n - 1) ** 2 + 4 * m * n - (n + 1) ** 2,
                4 * n * (m - 1),
                label="(n-1)^2+4mn - (n+1)^2",
            ),
            Step(
                r"and below 1: $\sqrt{(n-1)^2+4mn}$ is less than $2m+n-1$, as the squares differ by",
                (2 * m + n - 1) ** 2 - ((n - 1) ** 2 + 4 * m * n),
                4 * m * (m - 1),
                label="(2m+n-1)^2 - ((n-1)^2+4mn)",
            ),
            Step(
                "The regret identity: any other weight $v$ loses a square.",
                error.subs(w, v) - error.subs(w, best),
                SPREAD * m * (v - best) ** 2 / (best * ((m - 1) * best + 1) * (1 + (m - 1) * v * (2 - v))),
                (constraint,),
                label=r"e_\infty(v)-e_\infty(c)",
            ),
            Step(
                "At $w^*$ of the mean, where $mw^2 = n(1-w)$, the polynomial is positive: so $c$ lies below $w^*$.",
                ON_WEIGHT,
                w * (1 - w),
                (m * w**2 - n * (1 - w),),
                label="(m-1)w^2+(n+1)w-n",
            ),
            Step(
                "The gap between them, times a factor of at least $n+1$, is at most 1/4; so it vanishes as $n$ grows.",
                (w - best) * slope,
                w * (1 - w),
                (constraint, m * w**2 - n * (1 - w)),
                label="(w^*-c)((m-1)(w^*+c)+n+1)",
            ),
            Step(
                "In the limit the polynomial is the mean's.",
                *at_infinity((ON_WEIGHT / m).subs(n, k * m), m, ON_OPTIMUM),
                label=r"\lim \tfrac1m((m-1)w^2+(n+1)w-n)",
            ),
            Step(
                "At $k = 1$ that is solved by the reciprocal of the golden ratio.",
                OPTIMAL.subs(k, 1),
                2 / (1 + sp.sqrt(5)),
                label=r"1/\varphi",
            ),
        ),
        inequalities=(
            Inequality("the polynomial is negative at 0", n, (n >= 2,)),
            Inequality("and positive at 1: one root in between", ON_WEIGHT.subs(w, 1), (n >= 2, m >= 2)),
            Inequality("the polynomial increases", sp.diff(ON_WEIGHT, w), (n >= 2, m >= 2, w > 0, w <= 1)),
            Inequality("the regret has a positive denominator", 1 + (m - 1) * v * (2 - v), (m >= 2, v > 0, v <= 1)),
            Inequality("it is positive at w*", w * (1 - w), (w > 0, w < 1)),
        ),
        obligations=(
            Inequality(
                "strictly below w*",
                w - best,
                (n >= 2, m >= 2, w > 0, w < 1, Eq(m * w**2, n * (1 - w)), positive(best), best < 1, Eq(constraint, 0)),
            ),
        ),
        not_said="The optimum is exact at finite n and m and does not depend on the truth.",
    )


@claim(
    "cdf.stages",
    source="Section 4",
    summary="Synthetic data improve the CDF iff w > (n−1)/(2m+n−1).",
    example=("n=30", "m=20"),
    rests_on=(INTEGRAL_TRANSFORM,),
)
def stages() -> Claim:
    """Mixing in synthetic data improves on real data only exactly above a weight."""
    error = measure(SIXTH).recursion.fixed_point()[0]
    gain = 1 / (6 * n) - error
    numerator = [f for f, _ in sp.factor_list(sp.fraction(sp.factor(gain))[0])[1] if f.has(w) and f.has(m)]
    gains = sp.Lt(Symbol(r"\mathrm{Err}(F_\infty)"), 1 / (6 * n))
    return Claim(
        relation=lambda edge: sp.Equivalent(gains, sp.Gt(w, edge, evaluate=False), evaluate=False),
        published=EDGE,
        derived=sp.factor(sp.solve(numerator[0], w)[0]),
        assumptions=("$F$ is continuous.", SIZES, MEASURE, "$0 < w < 1$."),
        steps=(
            Step(
                "The gain over real data only factors, and one factor changes sign.",
                gain,
                (1 - w) * (w * (2 * m + n - 1) - (n - 1)) / (6 * n * (m - (m - 1) * q)),
                label=r"\tfrac{1}{6n} - e_\infty",
            ),
            Step(
                "That factor vanishes at the threshold,",
                (w * (2 * m + n - 1) - (n - 1)).subs(w, EDGE),
                sp.Integer(0),
                label="w(2m+n-1)-(n-1)",
            ),
            Step("which tends to 0 as $m$ grows.", *at_infinity(EDGE, m, sp.Integer(0)), label=r"\lim_{m\to\infty}"),
        ),
        inequalities=(
            Inequality(
                "the other factors are positive", (1 - w) / (6 * n * (m - (m - 1) * q)), (n >= 2, m >= 2, w > 0, w < 1)
            ),
            Inequality("the factor increases in w", 2 * m + n - 1, (n >= 2, m >= 2)),
            Inequality("the threshold is positive", EDGE, (n >= 2, m >= 2)),
            Inequality("and below 1", 1 - EDGE, (n >= 2, m >= 2)),
        ),
        obligations=(
            Inequality(
                "above it, a gain",
                1 / (6 * n) - limit(sp.Rational(1, 6)),
                (n >= 2, m >= 2, w > 0, w < 1, positive(w * (2 * m + n - 1) - (n - 1))),
            ),
            Inequality(
                "at or below it, none",
                limit(sp.Rational(1, 6)) - 1 / (6 * n),
                (n >= 2, m >= 2, w > 0, w < 1, sp.LessThan(w * (2 * m + n - 1), n - 1)),
                strict=False,
            ),
        ),
        not_said="The comparison is of limits, with one batch of real points.",
    )


@claim(
    "pmf.error",
    source="Section 4",
    summary="A PMF's squared error obeys the same recursion with 1 − Σ p_j² for 1/6, exactly.",
    example=("n=30", "m=20", "w=0.4", "gini=0.6"),
)
def pmf_error() -> Claim:
    """The squared error of a weighted PMF: the same recursion with 1 - sum p_j^2 for 1/6, exactly."""
    derivation = measure(gini)
    p1, p2 = sp.symbols("P_1 P_2", positive=True)
    return Claim(
        left=Symbol(r"\lim_{t\to\infty}\mathbb{E}\sum_j(p_{t,j}-p_j)^2"),
        published=limit(gini),
        derived=derivation.recursion.fixed_point()[0],
        assumptions=(r"A discrete truth $p$ with $\gamma = 1 - \sum_j p_j^2$.", SIZES, MEASURE),
        steps=(
            *derivation.steps[:3],
            Step(
                r"Summed over the atoms, with $P_1 = \sum p_j = 1$ and $P_2 = \sum p_j^2$,",
                p1 - p2,
                1 - p2,
                (p1 - 1,),
                label=r"\sum_j p_j(1-p_j)",
            ),
            *derivation.steps[3:],
        ),
        inequalities=(
            Inequality("the memory fades for every weight", 1 - q * (1 - 1 / m), (n >= 2, m >= 2, positive(w), w <= 1)),
            Inequality(
                "the limit never exceeds the spread",
                SPREAD - limit(SPREAD),
                (n >= 2, m >= 2, w > 0, w <= 1, positive(SPREAD)),
            ),
        ),
        not_said="The optimal weight is that of the CDF, cdf.optimal-weight: the spread is only a factor.",
        recursion=derivation.recursion,
        start=(gini / n,),
    )
