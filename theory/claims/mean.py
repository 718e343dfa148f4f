"""The claims about the Gaussian mean (Theorem 1, Corollary 1(1)-(3), Proposition 1, Remarks 1-3)."""

from __future__ import annotations

import sympy as sp
from sympy import Eq, Expr, Symbol

from nocollapse.theory.claims import coordinates
from nocollapse.theory.claims.assumptions import EXPONENTIAL
from nocollapse.theory.claims.claim import Claim, Deferred, Inequality, positive
from nocollapse.theory.claims.entry import claim
from nocollapse.theory.claims.setting import (
    DIVISOR_SIZE,
    FRESH,
    GAUSSIAN,
    MEAN_LIMIT,
    ON_OPTIMUM,
    OPTIMAL,
    OPTIMUM,
    SIZES,
    UNBIASED,
    rho,
)
from nocollapse.theory.models.derivation import E, q
from nocollapse.theory.models.gaussian import mean
from nocollapse.theory.moments.iid import quadratic
from nocollapse.theory.recursion import affine
from nocollapse.theory.steps import Step, increment, solution
from nocollapse.theory.symbols import k, m, n, t, trace, v, w

_OVER = Symbol("S", nonnegative=True)
"""The coordinate of a total weight in (0, 2)."""
_NOT_SAID = (
    "Nothing about w = 0, where the error grows without bound (gaussian.fully-synthetic), nor about weights that "
    "change with t."
)


@claim(
    "mean.error",
    source="Theorem 1",
    summary="The error of the Gaussian mean obeys an affine recursion with limit (tr Σ/n) ρ(w,k).",
    example=("n=30", "m=20", "w=0.4", "trace=3"),
    variant="ddof=1",
)
def error() -> Claim:
    """The error of the mean: its recursion, its value at t and its limit."""
    derivation = mean("fresh")
    recursion = derivation.recursion
    limit = recursion.fixed_point()[0]
    published = trace / n * rho(w, n / m)
    return Claim(
        left=MEAN_LIMIT,
        published=published,
        derived=limit,
        assumptions=(GAUSSIAN, SIZES, UNBIASED, FRESH, "$0 < w \\le 1$."),
        steps=Deferred(lambda: (*derivation.steps, *solution(recursion))),
        inequalities=(
            Inequality("the memory fades: q < 1", 1 - q, (w > 0, w <= 1)),
            Inequality("the limit is positive", limit, (w > 0, w <= 1, n >= 2, m >= 2, positive(trace))),
        ),
        not_said=_NOT_SAID,
        recursion=recursion,
        start=(trace / n,),
    )


@error.under("ddof=0")
def error_with_divisor_size() -> Claim:
    """The same with a biased covariance, whose bias is a moment of its own. The paper has no such statement."""
    derivation = mean("fresh", ddof=0)
    recursion = derivation.recursion
    limit = recursion.fixed_point()[0]
    return Claim(
        left=MEAN_LIMIT,
        published=limit,
        derived=limit,
        assumptions=(GAUSSIAN, SIZES, DIVISOR_SIZE, FRESH, "$0 < w \\le 1$."),
        steps=Deferred(lambda: (*derivation.steps, *solution(recursion))),
        inequalities=(
            Inequality("the memory fades: q < 1", 1 - q, (w > 0, w <= 1)),
            Inequality("the bias fades", 1 - ((1 - w) * (m - 1) / m) ** 2, (w > 0, w <= 1, m >= 2)),
        ),
        not_said=_NOT_SAID,
        recursion=recursion,
        start=(trace / n, -1 / n),
    )


@claim(
    "mean.optimal-weight",
    source="Corollary 1(3)",
    summary="The unique best weight is w* = (√(k² + 4k) − k)/2, and the least error is w* tr Σ/n.",
    example=("k=3/2",),
)
def optimal_weight() -> Claim:
    """The optimal weight w* for the mean, its uniqueness, and the error there."""
    recursion = mean().recursion.subs({n: k * m})
    scaled = sp.cancel(recursion.fixed_point()[0] * k * m / trace)
    return Claim(
        left=Symbol("w^*"),
        published=OPTIMAL,
        derived=recursion.optimum(w, {k: sp.Integer(1)}),
        assumptions=(GAUSSIAN, SIZES, UNBIASED, FRESH, "$w^*$ is the root in $(0,1)$ of $w^2 = k(1-w)$."),
        steps=(
            Step(
                r"The derived limit, with $n = km$, is $\operatorname{tr}(\Sigma)/n$ times",
                scaled,
                rho(w, k),
                label=r"\rho(w,k)",
            ),
            Step(
                r"Modulo $\varepsilon^2$ its increment is $\varepsilon$ times the derivative, in whose numerator one "
                "factor vanishes in $(0,1)$.",
                *increment(scaled, w, 2 * (w**2 - k * (1 - w)) / (w**2 * (2 - w) ** 2)),
                label=r"\rho(w+\varepsilon,k) - \rho(w,k)",
            ),
            Step(
                "The regret identity: against $w$ on the constraint, any other weight $v$ loses a square.",
                scaled.subs(w, v) - w,
                (v - w) ** 2 / ((1 - w) * v * (2 - v)),
                (ON_OPTIMUM,),
                r"\rho(v,k) - w",
            ),
            Step("In particular the minimum value is the weight itself.", scaled, w, (ON_OPTIMUM,), r"\rho(w^*,k)"),
            Step("The formula solves the constraint.", OPTIMAL**2, k * (1 - OPTIMAL), label="(w^*)^2"),
            Step(
                r"It is positive: $\sqrt{k^2+4k}$ exceeds $k$, as the squares differ by",
                (k**2 + 4 * k) - k**2,
                4 * k,
                label="(k^2+4k) - k^2",
            ),
            Step(
                r"and below 1: $\sqrt{k^2+4k}$ is less than $k+2$, as the squares differ by",
                (k + 2) ** 2 - (k**2 + 4 * k),
                sp.Integer(4),
                label="(k+2)^2 - (k^2+4k)",
            ),
            Step(
                "At $k = 1$ it is the reciprocal of the golden ratio.",
                OPTIMAL.subs(k, 1),
                2 / (1 + sp.sqrt(5)),
                label=r"w^*(1) = 1/\varphi",
            ),
        ),
        inequalities=(
            Inequality("the regret has a positive denominator", (1 - w) * v * (2 - v), (w > 0, w < 1, v > 0, v <= 1)),
        ),
        obligations=(
            Inequality(
                "every other weight is strictly worse",
                rho(v, k) - rho(w, k),
                (*OPTIMUM, positive(k), v > 0, v <= 1, sp.Ne(v, w)),
            ),
        ),
        not_said="Only weights constant in t are compared (mean.floor has weights that depend on the horizon).",
    )


def _linear(total: Expr) -> sp.Tuple:
    """Equal weights of a real and of a synthetic point, with this total on real data."""
    return sp.Tuple(total / n, (1 - total) / m)


@claim(
    "mean.blue",
    source="Proposition 1",
    summary="Among all linear weights, w*/n on real and (1−w*)/m on synthetic points is best.",
    uses=("mean.error",),
)
def blue() -> Claim:
    """The best linear weights: equal within the real and within the synthetic points."""
    p1, p2, q1, q2 = sp.symbols("P_1 P_2 Q_1 Q_2", real=True)
    noise = quadratic({"X": sp.Integer(1), "Y": sp.Integer(1)}, {("X", "X"): p2 * trace, ("Y", "Y"): q2 * trace})
    step = noise + q1**2 * E
    recursion = affine((E,), [step], [noise])
    general = recursion.fixed_point()[0]
    spread = Symbol("d", nonnegative=True)
    split = ((p2 - p1**2 / n) + (q2 - q1**2 / m)) * trace / (1 - q1**2)
    equal = recursion.subs({p2: p1**2 / n, q2: q1**2 / m}).subs({p1: w, q1: 1 - w})
    best = Symbol(r"(\alpha_i^*, \beta_j^*)")
    return Claim(
        relation=lambda weight: Eq(best, _linear(weight), evaluate=False),
        published=(sp.sqrt(n**2 + 4 * m * n) - n) / (2 * m),
        derived=equal.optimum(w, {n: sp.Integer(1), m: sp.Integer(1)}),
        assumptions=(
            GAUSSIAN,
            SIZES,
            UNBIASED,
            FRESH,
            r"$\mu_t = \sum_i \alpha_i x_i + \sum_j \beta_j y_j$ with constant weights of any sign and total 1; write "
            r"$P_1 = \sum\alpha_i$, $P_2 = \sum\alpha_i^2$, $Q_1 = \sum\beta_j$, $Q_2 = \sum\beta_j^2$.",
            "$|Q_1| < 1$: otherwise the error has no limit.",
        ),
        steps=(
            Step(
                r"Given the past, the noise of the draws enters with the squares of their weights, and "
                r"$\mu_{t-1}-\mu$ with their total.",
                step,
                trace * (p2 + q2) + q1**2 * E,
                label="e_t",
            ),
            Step("The fixed point.", step.subs(E, general), general, label=r"e_\infty"),
            Step(
                r"Spread within the real points: $\sum(\alpha_i - P_1/n)^2$ expands to a non-negative amount.",
                p2 - 2 * (p1 / n) * p1 + n * (p1 / n) ** 2,
                p2 - p1**2 / n,
                label=r"\sum_i (\alpha_i-P_1/n)^2",
            ),
            Step(
                "So the error is that of equal weights with $w = P_1$, plus the spreads.",
                general - general.subs({p2: p1**2 / n, q2: q1**2 / m}),
                split,
                label=r"e_\infty - e_\infty^{\mathrm{equal}}",
            ),
            Step(
                "Equal weights give the limit of mean.error, which holds for $0 < w < 2$,",
                equal.fixed_point()[0],
                trace / n * rho(w, n / m),
                label=r"e_\infty^{\mathrm{equal}}",
            ),
            Step(
                "(where $n$ real and $m$ synthetic points have, as they must, the total weight)",
                n * _linear(w)[0] + m * _linear(w)[1],
                sp.Integer(1),
                label=r"n\alpha_i^* + m\beta_j^*",
            ),
            Step(
                "and the regret identity makes $w^*$ the best of these.",
                rho(v, k) - rho(w, k),
                (v - w) ** 2 / ((1 - w) * v * (2 - v)),
                (ON_OPTIMUM,),
                label=r"\rho(v,k) - \rho(w^*,k)",
            ),
        ),
        inequalities=(
            Inequality(
                "unequal weights only add",
                spread * trace / (1 - (1 - w) ** 2),
                (w > 0, w < 2, positive(trace), positive(spread)),
                coordinates={w: coordinates.Coordinate(2 / (1 + _OVER), _OVER, 2 / w - 1)},
            ),
        ),
        obligations=(
            Inequality(
                "any total weight in (0,2) other than w* is worse",
                rho(v, k) - rho(w, k),
                (*OPTIMUM, positive(k), v > 0, v < 2, sp.Ne(v, w)),
            ),
        ),
        not_said="Weights that change with t or depend on the data are not compared.",
    )


@claim(
    "mean.naive",
    source="Remark 1",
    summary="Pooling gives w = k/(1+k) < w*: strictly suboptimal, with risk (k+1)/(k+2) tr Σ/n.",
    example=("n=30", "m=20", "trace=3"),
)
def naive() -> Claim:
    """Pooling real and synthetic points gives w = k/(1+k), its risk, and that it is never optimal."""
    pooled = n / (n + m)
    ratio = k / (1 + k)
    risk = sp.factor(mean().recursion.fixed_point()[0].subs(w, pooled))
    return Claim(
        left=Symbol(r"\mathrm{Err}(n/(n+m))"),
        published=(n + m) / (n + 2 * m) * trace / n,
        derived=risk,
        assumptions=(GAUSSIAN, SIZES, UNBIASED, FRESH, "All $n+m$ points are pooled and averaged."),
        steps=(
            Step(
                r"The pooled mean minimises $\sum\|x_i-\theta\|^2 + \sum\|y_j-\theta\|^2$: it is "
                r"$(n\bar x + m\bar y)/(n+m)$, a weight on real data of",
                pooled.subs(n, k * m),
                ratio,
                label="w",
            ),
            Step("Its limit error, from the derived one:", rho(ratio, k), (k + 1) / (k + 2), label=r"\rho(w,k)"),
            Step(
                "It lies below the optimum: with $w$ on the constraint, the gap times a positive factor is",
                (w - ratio) * (w + ratio + k),
                k / (1 + k) ** 2,
                (ON_OPTIMUM,),
                label=r"(w^*-\tfrac{k}{1+k})(w^*+\tfrac{k}{1+k}+k)",
            ),
            Step(
                "and loses",
                (k + 1) / (k + 2) - w,
                (ratio - w) ** 2 / ((1 - w) * ratio * (2 - ratio)),
                (ON_OPTIMUM,),
                label=r"\rho(\tfrac{k}{1+k},k)-\rho(w^*,k)",
            ),
        ),
        inequalities=(
            Inequality("naive weight below w*", k / (1 + k) ** 2, (positive(k),)),
            Inequality(
                "naive risk above the optimum",
                (k + 1) / (k + 2) - w,
                (*OPTIMUM, positive(k)),
                coordinates=coordinates.ALONG_OPTIMUM,
            ),
        ),
        not_said="The comparison is at the same n and m for both schemes.",
    )


@claim(
    "mean.ridge",
    source="Remark 2",
    summary="The weighted mean is a ridge estimate pulled to the synthetic mean, with penalty w*/k at best.",
)
def ridge() -> Claim:
    """The weighted mean is a ridge estimate pulled to the synthetic mean."""
    theta, xbar, ybar, lam, x2 = sp.symbols(r"\theta \bar{x} \bar{y} \lambda x_2", real=True)
    objective = x2 - 2 * theta * xbar + theta**2 + lam * (theta - ybar) ** 2
    published = (1 - w) / w
    minimiser = sp.solve(sp.diff(objective, theta), theta)[0]
    penalty = sp.solve(minimiser - (w * xbar + (1 - w) * ybar), lam)[0]
    return Claim(
        left=Symbol(r"\lambda"),
        published=published,
        derived=penalty,
        assumptions=(
            r"The objective $\mathrm{mean}\|x_i-\theta\|^2 + \lambda\|\theta-\bar y\|^2$ separates into coordinates; "
            r"$x_2$ is the mean square of a coordinate.",
            "$0 < w \\le 1$.",
        ),
        steps=(
            Step(
                r"The gradient vanishes only at one point: modulo $\varepsilon^2$ the objective $O$ grows by",
                *increment(objective, theta, 2 * (1 + lam) * (theta - (xbar + lam * ybar) / (1 + lam))),
                label=r"O(\theta+\varepsilon) - O(\theta)",
            ),
            Step(
                "The second derivative is constant,",
                sp.diff(objective, theta, 2),
                2 * (1 + lam),
                label=r"\partial_\theta^2",
            ),
            Step(
                r"With $\lambda = (1-w)/w$ that point is the weighted mean.",
                minimiser.subs(lam, published),
                w * xbar + (1 - w) * ybar,
                label=r"\theta",
            ),
            Step(r"At the optimum the penalty is $w^*/k$.", published, w / k, (ON_OPTIMUM,), label=r"\lambda^*"),
        ),
        inequalities=(Inequality("strictly convex", 2 * (1 + published), (w > 0, w <= 1)),),
        not_said="An identity of estimators, for each sample: it says nothing about risk.",
    )


@claim(
    "mean.floor",
    source="Remark 3",
    summary="A fixed weight leaves an error floor; a weight log T / T for T steps removes it.",
    rests_on=(EXPONENTIAL,),
)
def floor() -> Claim:
    """A fixed weight keeps an error floor; a weight log T / T for the horizon T removes it."""
    exact = mean().recursion
    steps, x, L = sp.symbols("T x L", positive=True)
    slack = sp.exp(-x) - 1 + x
    scaled = sp.cancel(n * exact.at(t)[0] / trace)
    memory = q**t
    units = (w**2 + (n / m) * q) * (1 - memory) / (1 - q) + memory
    left = Symbol(r"\tfrac{n}{\operatorname{tr}\Sigma}\mathrm{Err}(\mu_t)")
    return Claim(
        relation=lambda error: Eq(left, n / trace * error, evaluate=False),
        published=trace / n * units,
        derived=exact.at(t)[0],
        assumptions=(
            GAUSSIAN,
            SIZES,
            UNBIASED,
            FRESH,
            "For the rate: $T \\ge 2$ steps, $w = L/T$ with $L = \\log T$, and $m$ so large that $k \\le w^2$.",
        ),
        steps=(
            Step("The error at every step, in units of the real-only error,", scaled, units, label=r"r_t"),
            Step(
                "tends for a fixed weight to a positive floor, whatever the sizes.",
                n / trace * exact.fixed_point()[0],
                rho(w, n / m),
                label=r"r_\infty",
            ),
            Step(
                r"Horizon: the first part is at most $\rho(w,k) \le w + k/w$, as the difference has positive terms.",
                w + k / w - rho(w, k),
                (w**2 * (1 - w) + k * (1 + w * (1 - w))) / (w * (2 - w)),
                label=r"w + k/w - \rho(w,k)",
            ),
            Step(
                r"The memory is at most $e^{-2wT}$: $f(x) = e^{-x} - 1 + x$ vanishes at 0",
                slack.subs(x, 0),
                sp.Integer(0),
                label="f(0)",
            ),
            Step(
                "and increases, so $1-w \\le e^{-w}$ and $q^T \\le e^{-2wT}$.",
                sp.diff(slack, x),
                1 - sp.exp(-x),
                label="f'(x)",
            ),
            Step("With $wT = L = \\log T$ that is $T^{-2}$.", 2 * (L / steps) * steps, 2 * L, label="2wT"),
            Step(
                r"Altogether $r_T \le w + k/w + T^{-2} \le 2L/T + T^{-2}$, and $1/T \le 1/2 \le \log 2 \le L$ bounds "
                r"the last term: $\mathrm{Err}(\mu_T) \le 3\frac{\operatorname{tr}\Sigma}{n}\frac{\log T}{T}$.",
                3 * L / steps - (2 * L / steps + 1 / steps**2),
                (L - 1 / steps) / steps,
                label=r"3L/T - (2L/T + T^{-2})",
            ),
        ),
        inequalities=(
            Inequality("the floor is positive", rho(w, k), (w > 0, w <= 1, positive(k))),
            Inequality(
                "the bound on the first part",
                (w**2 * (1 - w) + k * (1 + w * (1 - w))) / (w * (2 - w)),
                (w > 0, w <= 1, positive(k)),
            ),
        ),
        obligations=(
            Inequality(
                "synthetic noise within the weight",
                w - k / w,
                (w > 0, w <= 1, positive(k), sp.LessThan(k, w**2)),
                strict=False,
            ),
        ),
        not_said=r"The rate needs $m$ of order $n(T/\log T)^2$; keeping all real data gives $1/(n(T+1))$ without any.",
        recursion=exact,
        start=(trace / n,),
    )


@claim(
    "mean.stages",
    source="Figure 6",
    ours=True,
    summary="Synthetic data improve the mean iff w > k/(k+2); both w* and naive mixing are above that.",
    example=("k=3/2",),
)
def stages() -> Claim:
    """Mixing in synthetic data improves the mean on real data only exactly above a weight."""
    recursion = mean().recursion.subs({n: k * m})
    scaled = sp.cancel(recursion.fixed_point()[0] * k * m / trace)
    gain = sp.factor(1 - scaled)
    changing = [factor for factor, _ in sp.factor_list(sp.fraction(gain)[0])[1] if factor.has(w) and factor.has(k)]
    edge = k / (k + 2)
    gains = sp.Lt(Symbol(r"\mathrm{Err}(\mu_\infty)"), trace / n)
    return Claim(
        relation=lambda edge: sp.Equivalent(gains, sp.Gt(w, edge, evaluate=False), evaluate=False),
        published=edge,
        derived=sp.factor(sp.solve(changing[0], w)[0]),
        assumptions=(GAUSSIAN, SIZES, UNBIASED, FRESH, "$0 < w < 1$."),
        steps=(
            Step(
                r"The gain over real data only, in units of $\operatorname{tr}(\Sigma)/n$, factors, and one factor "
                "changes sign.",
                gain,
                (1 - w) * (w * (k + 2) - k) / (w * (2 - w)),
                label=r"1 - \rho(w,k)",
            ),
            Step("That factor vanishes at the threshold.", (w * (k + 2) - k).subs(w, edge), sp.Integer(0)),
            Step(
                "Naive mixing is above the threshold, by",
                k / (1 + k) - edge,
                k / ((k + 1) * (k + 2)),
                label=r"\tfrac{k}{1+k} - \tfrac{k}{k+2}",
            ),
            Step(
                "and so is the optimum: with $w$ on the constraint, the gap times a positive factor is",
                (w - edge) * (k + 2) * (1 - w),
                w * (1 - w) * (2 - w),
                (ON_OPTIMUM,),
                label=r"(w^*-\tfrac{k}{k+2})(k+2)(1-w^*)",
            ),
        ),
        inequalities=(
            Inequality("the other factors are positive", (1 - w) / (w * (2 - w)), (w > 0, w < 1)),
            Inequality("the factor increases in w", k + 2, (positive(k),)),
            Inequality("the threshold is positive", edge, (positive(k),)),
            Inequality("and below 1", 1 - edge, (positive(k),)),
            Inequality("w* is above it", w - edge, (*OPTIMUM, positive(k)), coordinates=coordinates.ALONG_OPTIMUM),
            Inequality("so is naive mixing", k / (1 + k) - edge, (positive(k),)),
        ),
        obligations=(
            Inequality("above it, a gain", 1 - rho(w, k), (w > 0, w < 1, positive(k), positive(w * (k + 2) - k))),
            Inequality(
                "at or below it, none",
                rho(w, k) - 1,
                (w > 0, w < 1, positive(k), sp.LessThan(w * (k + 2), k)),
                strict=False,
            ),
        ),
        not_said="The comparison is of limits in t, with one batch of n real points.",
    )
