"""The four frameworks of Figures 1-4 on the Gaussian mean: what each costs, and that only fresh data can gain."""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp
from sympy import Eq, Expr, Symbol

from nocollapse.theory.claims import coordinates
from nocollapse.theory.claims.assumptions import GAMMA_FUNCTIONS
from nocollapse.theory.claims.claim import Claim, Deferred, Inequality, positive
from nocollapse.theory.claims.entry import claim
from nocollapse.theory.claims.setting import (
    DIVISOR_SIZE,
    FRESH,
    GAUSSIAN,
    MEAN_LIMIT,
    ON_OPTIMUM,
    OPTIMUM,
    SIZES,
    UNBIASED,
    rho,
)
from nocollapse.theory.models.derivation import Derivation, q
from nocollapse.theory.models.gaussian import BIAS, mean
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.steps import Step, solution
from nocollapse.theory.symbols import k, latex, m, n, t, trace, w

REAL_ONLY: Expr = trace / n
ERROR = Symbol(r"\mathbb{E}\|\mu_t-\mu\|^2")
_NO_REAL_DATA = "No real points after step 0 (the paper has $m = n$)."
_POOLED = (
    "The first real batch and all synthetic batches are pooled; the published values are for equal batches, $m = n$."
)
_REESTIMATED = r"With a re-estimated covariance the limit is that of a product, not a multiple of $\pi^2/6$."
_SAME_BATCH = "The same real batch at every step, $0 < w \\le 1$."
_FULLY_SYNTHETIC = "Nothing about w = 0, which is the fully synthetic framework."


class Excess(NamedTuple):
    """Why the error never falls below that of the real batch: steps, and inequalities that finish the proof."""

    steps: tuple[Step, ...]
    inequalities: tuple[Inequality, ...]

    @classmethod
    def of(cls, recursion: Recursion) -> Excess:
        """The excess of the first moment over tr(Sigma)/n obeys a recursion without negative terms."""
        gain = recursion.matrix[0, 0]
        push = sp.factor(recursion.offset[0] + gain * REAL_ONLY - REAL_ONLY)
        domain = (n >= 2, m >= 2, positive(w), w <= 1, positive(t), positive(trace))
        obeyed = Step(
            r"The error starts at $\operatorname{tr}(\Sigma)/n$, so that the excess over it starts at 0. The excess "
            r"$d_t = e_t - \operatorname{tr}(\Sigma)/n$ obeys $d_t = M d_{t-1} + $",
            recursion.update(sp.ImmutableMatrix([REAL_ONLY]))[0] - REAL_ONLY,
            push,
            label=r"c + (M-1)\operatorname{tr}(\Sigma)/n",
        )
        return cls(
            (obeyed,),
            (
                Inequality("the excess is not pushed below 0", push, domain, strict=False),
                Inequality("nor pulled", gain, domain, strict=False),
            ),
        )


@claim(
    "framework.fully-synthetic",
    source="Figure 1",
    summary="Only synthetic data: the mean's error grows linearly and never beats the real batch.",
    example=("n=30", "m=20", "trace=3", "t=4"),
    variant="ddof=1",
)
def fully_synthetic() -> Claim:
    """Figure 1: only synthetic points after step 0; the mean's error grows linearly."""
    derivation = mean("fully-synthetic")
    excess = Excess.of(derivation.recursion)
    published = trace / n + t * trace / m
    return Claim(
        left=ERROR,
        published=published,
        derived=derivation.recursion.at(t)[0],
        assumptions=(GAUSSIAN, SIZES, UNBIASED, _NO_REAL_DATA),
        steps=(*derivation.steps, *_closed(derivation.recursion), *excess.steps),
        inequalities=excess.inequalities,
        not_said="The covariance of the fitted model is a claim of its own (gaussian.fully-synthetic).",
        recursion=derivation.recursion,
        start=(REAL_ONLY,),
    )


@fully_synthetic.under("ddof=0")
def fully_synthetic_with_divisor_size() -> Claim:
    """The same with a biased covariance, which shrinks to 0 and ends the growth."""
    derivation = mean("fully-synthetic", ddof=0)
    closed = derivation.recursion.at(t)[0]
    return Claim(
        left=ERROR,
        published=closed,
        derived=closed,
        assumptions=(GAUSSIAN, SIZES, DIVISOR_SIZE, _NO_REAL_DATA),
        steps=(*derivation.steps, *_closed(derivation.recursion)),
        inequalities=(Inequality("the bias fades", 1 - ((m - 1) / m) ** 2, (m >= 2,)),),
        not_said="With divisor size the covariance shrinks to 0 and the error stops at tr Sigma.",
        recursion=derivation.recursion,
        start=(REAL_ONLY, -1 / n),
    )


def _closed(recursion: Recursion) -> tuple[Step, ...]:
    """The closed form of the moments where no fixed point exists."""
    closed = recursion.at(t)
    later = closed.subs(t, t + 1) - recursion.update(closed)
    steps = []
    for i, letter in enumerate(map(latex, recursion.state)):
        first = closed[i].subs(t, 0)
        after = rf"{letter}_{{t+1}} - (M s_t + c)_{{{letter}}}"
        steps += [
            Step("The closed form starts where the recursion does,", first, recursion.initial[i], label=f"{letter}_0"),
            Step("and obeys it at every step.", later[i], sp.Integer(0), label=after),
        ]
    return tuple(steps)


@claim(
    "framework.accumulation",
    source="Figure 2",
    summary="All synthetic batches kept: the mean's error settles at π²/6 times the real batch's.",
    example=("n=30", "m=20", "trace=3"),
    rests_on=(GAMMA_FUNCTIONS,),
    variant="known covariance",
)
def accumulation() -> Claim:
    """Figure 2: all batches are kept and Sigma is known; the error settles above that of the real batch."""
    derivation = mean("accumulation", ddof=None)
    recursion = derivation.recursion
    excess = Excess.of(recursion)
    limit = trace / n + trace / m * sp.polygamma(1, 1 + n / m)
    published = trace / n * sp.pi**2 / 6
    return Claim(
        left=MEAN_LIMIT,
        published=published,
        derived=sp.expand(limit.subs(m, n)),
        assumptions=(GAUSSIAN, SIZES, r"Synthetic points are drawn with the true $\Sigma$.", _POOLED),
        steps=(*derivation.steps, *_known(recursion), *excess.steps),
        inequalities=excess.inequalities,
        not_said=_REESTIMATED,
        given=(m - n,),
        recursion=recursion,
        start=(REAL_ONLY,),
        limit=limit,
    )


@accumulation.under("ddof=0")
def accumulation_with_divisor_size() -> Claim:
    """How the covariance shrinks when it is re-estimated by maximum likelihood from all points."""
    derivation = mean("accumulation", ddof=0)
    ratio = n / m
    root = 1 / sp.sqrt(m)
    product = sp.gamma(1 + ratio) ** 2 / (sp.gamma(1 + ratio - root) * sp.gamma(1 + ratio + root))
    steps = _estimated(derivation.recursion, product)
    return _shrinking(derivation, 0, DIVISOR_SIZE, steps, _left_over(derivation.recursion, product))


def _left_over(recursion: Recursion, product: Expr) -> Expr:
    """The error when the covariance has shrunk by a product of factors: tr(Sigma - E Sigma_t)."""
    return trace * (1 - (1 + recursion.initial[-1]) * product)


@accumulation.under("ddof=1")
def accumulation_unbiased() -> Claim:
    """The same with the pooled unbiased covariance, for which no closed limit is known."""
    return _shrinking(mean("accumulation", ddof=1), 1, UNBIASED)


def _shrinking(
    derivation: Derivation, ddof: int, divisor: str, steps: tuple[Step, ...] = (), limit: Expr | None = None
) -> Claim:
    """The ratio of the fitted covariance to the one before it, for equal batches."""
    published = 1 - n / (n * (t + 1) * (n * (t + 1) - ddof))
    return Claim(
        left=Symbol(r"\mathbb{E}\Sigma_t / \mathbb{E}\Sigma_{t-1}"),
        published=published,
        derived=derivation.recursion.subs({m: n}).matrix[-1, -1],
        assumptions=(GAUSSIAN, SIZES, divisor, _POOLED),
        steps=(*derivation.steps, *steps),
        inequalities=(
            Inequality("the estimated covariance shrinks but stays positive", published, (n >= 2, positive(t))),
        ),
        not_said=_REESTIMATED,
        given=(m - n,),
        recursion=derivation.recursion,
        start=(REAL_ONLY, sp.Integer(ddof - 1) / n),
        limit=limit,
    )


def _known(recursion: Recursion) -> tuple[Step, ...]:
    """The sum of the increments when Sigma is known."""
    index = Symbol("i", integer=True, positive=True)
    return (
        Step(
            "With equal batches each step adds",
            recursion.subs({m: n}).offset[0],
            trace / n / (t + 1) ** 2,
            label="e_t - e_{t-1}",
        ),
        Step(
            r"so $e_t = \frac{\operatorname{tr}\Sigma}{n}\sum_{i\le t+1} i^{-2}$, a sum that tends to",
            sp.Sum(1 / index**2, (index, 1, sp.oo)).doit(),
            sp.pi**2 / 6,
            label=r"\sum_{i\ge1} i^{-2}",
        ),
        Step(
            r"For any batches it adds $\operatorname{tr}(\Sigma)/m$ times the terms of the trigamma function at $1+k$.",
            recursion.offset[0],
            trace / m / (t + n / m) ** 2,
            label="e_t - e_{t-1}",
        ),
    )


def _estimated(recursion: Recursion, product: Expr) -> tuple[Step, ...]:
    """The telescoping sum, and the product that is its limit, when Sigma is the pooled maximum-likelihood estimate."""
    shrunk = recursion.update(sp.ImmutableMatrix([-trace * BIAS, BIAS]))
    root = 1 / sp.sqrt(m)
    rest = sp.expand_func(sp.expand(product.subs(n, n + m)))
    return (
        Step(
            r"The sum telescopes: if $e_{t-1} = -\operatorname{tr}(\Sigma)\delta_{t-1}$ the same holds at $t$, that is "
            r"$\mathrm{Cov}\,\mu_t = \Sigma - \mathbb{E}\Sigma_t$ (in trace).",
            shrunk[0],
            -trace * shrunk[1],
            label="e_t",
        ),
        Step("It holds at the start.", recursion.initial[0], -trace * recursion.initial[1], label="e_0"),
        Step(
            r"Each factor splits, so that "
            r"$\prod_{t\ge1} r_t = \Gamma(1+k)^2 / (\Gamma(1+k-m^{-1/2})\,\Gamma(1+k+m^{-1/2}))$.",
            recursion.matrix[-1, -1],
            (t + n / m - root) * (t + n / m + root) / (t + n / m) ** 2,
            label="r_t",
        ),
        Step(
            r"Without its first factor the product is that of $k+1$ for $k$, as $\Gamma(x+1) = x\,\Gamma(x)$; it tends "
            "to 1 as $k$ grows.",
            recursion.matrix[-1, -1].subs(t, 1) * rest,
            sp.expand_func(product),
            label=r"r_1\prod_{t\ge2} r_t",
        ),
        Step(
            "With no factor yet the error is that of the batch.",
            _left_over(recursion, sp.S.One),
            REAL_ONLY,
            label="e_0",
        ),
    )


@claim(
    "framework.augmentation",
    source="Figure 3",
    summary="The same real batch again and again: no weight beats that batch alone.",
    example=("n=30", "m=20", "w=0.4", "trace=3"),
    variant="ddof=1",
)
def augmentation() -> Claim:
    """Figure 3: the first real batch at every step; no weight does better than that batch alone."""
    derivation = mean("augmentation")
    recursion = derivation.recursion
    excess = Excess.of(recursion)
    published = trace / n * (1 + n / m * q / (1 - q))
    return Claim(
        left=MEAN_LIMIT,
        published=published,
        derived=recursion.fixed_point()[0],
        assumptions=(GAUSSIAN, SIZES, UNBIASED, _SAME_BATCH),
        steps=Deferred(lambda: (*derivation.steps, *solution(recursion), *excess.steps)),
        inequalities=excess.inequalities,
        not_said=_FULLY_SYNTHETIC,
        recursion=recursion,
        start=(REAL_ONLY,),
    )


@augmentation.under("ddof=0")
def augmentation_with_divisor_size() -> Claim:
    """The same with a biased covariance."""
    derivation = mean("augmentation", ddof=0)
    recursion = derivation.recursion
    limit = recursion.fixed_point()[0]
    return Claim(
        left=MEAN_LIMIT,
        published=limit,
        derived=limit,
        assumptions=(GAUSSIAN, SIZES, DIVISOR_SIZE, _SAME_BATCH),
        steps=Deferred(lambda: (*derivation.steps, *solution(recursion))),
        inequalities=(Inequality("the memory fades", 1 - q, (w > 0, w <= 1)),),
        not_said=_FULLY_SYNTHETIC,
        recursion=recursion,
        start=(REAL_ONLY, -1 / n),
    )


@claim(
    "framework.fresh",
    source="Figure 4",
    summary="New real data at each step: the right weight beats real data only.",
    example=("n=30", "m=20", "w=0.4", "trace=3"),
    variant="ddof=1",
)
def fresh() -> Claim:
    """Figure 4: with new real points at every step the right weight beats real data only."""
    derivation = mean("fresh")
    return _gaining(derivation, UNBIASED, REAL_ONLY * rho(w, n / m), (REAL_ONLY,))


@fresh.under("ddof=0")
def fresh_with_divisor_size() -> Claim:
    """The same with a biased covariance, which only lowers the error."""
    derivation = mean("fresh", ddof=0)
    limit = derivation.recursion.fixed_point()[0]
    lower = Inequality(
        "divisor size only lowers the error",
        sp.factor(REAL_ONLY * rho(w, n / m) - limit),
        (n >= 2, m >= 2, w > 0, w <= 1, positive(trace)),
        strict=False,
    )
    return _gaining(derivation, DIVISOR_SIZE, limit, (REAL_ONLY, -1 / n), lower)


def _gaining(
    derivation: Derivation, divisor: str, published: Expr, start: tuple[Expr, ...], *more: Inequality
) -> Claim:
    """The gain of fresh real data over real data only, at the best weight and above k/(k+2)."""
    left = Symbol(r"\mathrm{Err}(\mu_\infty)|_{w^*}")
    return Claim(
        relation=lambda error: sp.Lt(Eq(left, error, evaluate=False), REAL_ONLY, evaluate=False),
        published=published,
        derived=derivation.recursion.fixed_point()[0],
        assumptions=(GAUSSIAN, SIZES, divisor, FRESH, "$w^*$ solves $w^2 = k(1-w)$ in $(0,1)$."),
        steps=(
            *derivation.steps,
            Step(
                r"The gain over real data only, in units of $\operatorname{tr}(\Sigma)/n$, at any weight:",
                1 - rho(w, k),
                (1 - w) * (w * (2 + k) - k) / (w * (2 - w)),
                label=r"1 - \rho(w,k)",
            ),
            Step("At the optimum it is $1 - w^*$.", 1 - rho(w, k), 1 - w, (ON_OPTIMUM,), label=r"1 - \rho(w^*,k)"),
        ),
        inequalities=(
            Inequality(
                "the optimum gains", 1 - rho(w, k), (*OPTIMUM, positive(k)), coordinates=coordinates.ALONG_OPTIMUM
            ),
            *more,
        ),
        obligations=(
            Inequality(
                "so does every weight above k/(k+2)",
                1 - rho(w, k),
                (w > 0, w < 1, positive(k), positive(w * (k + 2) - k)),
            ),
        ),
        not_said="The gain needs new real data at each step; the other three frameworks have none.",
        recursion=derivation.recursion,
        start=start,
    )
