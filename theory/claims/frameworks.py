"""The four frameworks of Figures 1-4 on the Gaussian mean: what each costs, and that only fresh data can gain."""

from __future__ import annotations

import sympy as sp
from sympy import Eq, Expr, Symbol

from nocollapse.theory.claims.claim import Claim, Inequality, Step, positive, solution
from nocollapse.theory.claims.mean import FRESH, GAUSSIAN, ON_OPTIMUM, OPTIMUM, SIZES, UNBIASED, rho
from nocollapse.theory.models.gaussian import BIAS, Derivation, mean, q
from nocollapse.theory.proof.certificates import OPTIMUM_COORDINATES
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import k, m, n, t, trace, w

REAL_ONLY: Expr = trace / n
LIMIT = Symbol(r"\lim_{t\to\infty}\mathbb{E}\|\mu_t-\mu\|^2")
_DIVISORS = {
    None: r"Synthetic points are drawn with the true $\Sigma$.",
    0: "Sample covariances have divisor size.",
    1: UNBIASED,
}


def never_better(derivation: Derivation) -> tuple[tuple[Step, ...], tuple[Inequality, ...]]:
    """Why the error never falls below trace/n: its excess over it obeys a recursion without negative terms."""
    recursion = derivation.recursion
    gain, push = recursion.matrix[0, 0], recursion.offset[0]
    excess = sp.factor(push + gain * REAL_ONLY - REAL_ONLY)
    step = Step(
        r"The excess $d_t = e_t - \operatorname{tr}(\Sigma)/n$ starts at 0 and obeys $d_t = M d_{t-1} + $",
        recursion.update(sp.ImmutableMatrix([REAL_ONLY]))[0] - REAL_ONLY,
        excess,
        label=r"c + (M-1)\operatorname{tr}(\Sigma)/n",
    )
    start = Step("with", recursion.initial[0], REAL_ONLY, label="e_0")
    domain = (n >= 2, m >= 2, positive(w), w <= 1, positive(t), positive(trace))
    return (step, start), (
        Inequality("the excess is not pushed below 0", excess, domain, strict=False),
        Inequality("nor pulled", gain, domain, strict=False),
    )


def fully_synthetic(ddof: int = 1) -> Claim:
    """Figure 1: only synthetic points after step 0; the mean's error grows linearly."""
    derivation = mean("fully-synthetic", ddof)
    closed = derivation.recursion.at(t)[0]
    published = trace / n + t * trace / m if ddof else closed
    steps, inequalities = never_better(derivation) if ddof else ((), ())
    biased = () if ddof else (Inequality("the bias fades", 1 - ((m - 1) / m) ** 2, (m >= 2,)),)
    return Claim(
        id="framework.fully-synthetic",
        statement=Eq(Symbol(r"\mathbb{E}\|\mu_t-\mu\|^2"), published, evaluate=False),
        published=published,
        derived=closed,
        assumptions=(GAUSSIAN, SIZES, _DIVISORS[ddof], "No real points after step 0 (the paper has $m = n$)."),
        steps=(
            *derivation.steps,
            Step("The closed form starts where the recursion does,", closed.subs(t, 0), REAL_ONLY, label="e_0"),
            Step(
                "and obeys it at every step.",
                (closed.subs(t, t + 1) - derivation.recursion.update(derivation.recursion.at(t))[0]),
                sp.Integer(0),
                label=r"e_{t+1} - (M s_t + c)_e",
            ),
            *steps,
        ),
        inequalities=(*inequalities, *biased),
        not_said="The covariance of the fitted model is a claim of its own (gaussian.fully-synthetic)."
        if ddof
        else "With divisor size the covariance shrinks to 0 and the error stops at tr Sigma.",
        recursion=derivation.recursion,
    )


def accumulated_limit(ddof: int | None) -> Expr | None:
    """The limit of the accumulated mean's error for any n and m; None where no closed form is known (ddof 1)."""
    ratio, root = n / m, 1 / sp.sqrt(m)
    if ddof is None:
        return trace / n + trace / m * sp.polygamma(1, 1 + ratio)
    if ddof == 0:
        product = sp.gamma(1 + ratio) ** 2 / (sp.gamma(1 + ratio - root) * sp.gamma(1 + ratio + root))
        return trace * (1 - (1 - 1 / n) * product)
    return None


def accumulation(ddof: int | None = None) -> Claim:
    """Figure 2: all batches are kept; the error settles above that of the real batch."""
    derivation = mean("accumulation", ddof)
    recursion = derivation.recursion
    if ddof is None:
        found = accumulated_limit(None)
        assert found is not None
        published, derived = trace / n * sp.pi**2 / 6, sp.expand(found.subs(m, n))
        more, inequalities = never_better(derivation)
        steps = (*_known(recursion), *more)
    else:
        equal = recursion.subs({m: n})
        published = 1 - n / (n * (t + 1) * (n * (t + 1) - ddof))
        derived = equal.matrix[-1, -1]
        steps = tuple(_estimated(recursion)) if ddof == 0 else ()
        inequalities = (
            Inequality("the estimated covariance shrinks but stays positive", published, (n >= 2, positive(t))),
        )
    return Claim(
        id="framework.accumulation",
        statement=Eq(
            LIMIT if ddof is None else Symbol(r"\mathbb{E}\Sigma_t / \mathbb{E}\Sigma_{t-1}"), published, evaluate=False
        ),
        published=published,
        derived=derived,
        assumptions=(
            GAUSSIAN,
            SIZES,
            _DIVISORS[ddof],
            "The first real batch and all synthetic batches are pooled; "
            "the published values are for equal batches, $m = n$.",
        ),
        steps=(*derivation.steps, *steps),
        inequalities=inequalities,
        not_said=r"With a re-estimated covariance the limit is that of a product, not a multiple of $\pi^2/6$.",
        given=(m - n,),
        recursion=recursion,
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


def _estimated(recursion: Recursion) -> tuple[Step, ...]:
    """The telescoping sum, and the product that is its limit, when Sigma is the pooled maximum-likelihood estimate."""
    shrunk = recursion.update(sp.ImmutableMatrix([-trace * BIAS, BIAS]))
    root = 1 / sp.sqrt(m)
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
    )


def augmentation(ddof: int = 1) -> Claim:
    """Figure 3: the first real batch at every step; no weight does better than that batch alone."""
    derivation = mean("augmentation", ddof)
    found = derivation.recursion.fixed_point()[0]
    published = trace / n * (1 + n / m * q / (1 - q)) if ddof else found
    steps, inequalities = (
        never_better(derivation) if ddof else ((), (Inequality("the memory fades", 1 - q, (w > 0, w <= 1)),))
    )
    return Claim(
        id="framework.augmentation",
        statement=Eq(LIMIT, published, evaluate=False),
        published=published,
        derived=found,
        assumptions=(GAUSSIAN, SIZES, _DIVISORS[ddof], "The same real batch at every step, $0 < w \\le 1$."),
        steps=(*derivation.steps, *solution(derivation.recursion), *steps),
        inequalities=inequalities,
        not_said="Nothing about w = 0, which is the fully synthetic framework.",
        recursion=derivation.recursion,
    )


def fresh(ddof: int = 1) -> Claim:
    """Figure 4: with new real points at every step the right weight beats real data only."""
    derivation = mean("fresh", ddof)
    found = derivation.recursion.fixed_point()[0]
    published = REAL_ONLY * rho(w, n / m)
    biased = (
        ()
        if ddof
        else (
            Inequality(
                "divisor size only lowers the error",
                sp.factor(published - found),
                (n >= 2, m >= 2, w > 0, w <= 1, positive(trace)),
                strict=False,
            ),
        )
    )
    return Claim(
        id="framework.fresh",
        statement=sp.Lt(Symbol(r"\mathrm{Err}(\mu_\infty)|_{w^*}"), REAL_ONLY, evaluate=False),
        published=published if ddof else found,
        derived=found,
        assumptions=(GAUSSIAN, SIZES, _DIVISORS[ddof], FRESH, "$w^*$ solves $w^2 = k(1-w)$ in $(0,1)$."),
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
            Inequality("the optimum gains", 1 - rho(w, k), (*OPTIMUM, positive(k)), coordinates=OPTIMUM_COORDINATES),
            *biased,
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
    )
