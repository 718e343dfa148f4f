"""The claims about the Gaussian covariance: Theorem 1, and Corollary 1(1), (2), (4), (5) with the mean's side."""

from __future__ import annotations

import sympy as sp
from sympy import Eq, Expr, ImmutableMatrix, Symbol
from sympy.core.relational import Relational

from nocollapse.theory.claims import coordinates
from nocollapse.theory.claims.assumptions import EXCHANGE_OF_LIMITS
from nocollapse.theory.claims.claim import Claim, Deferred, Inequality, nonnegative, positive
from nocollapse.theory.claims.entry import claim
from nocollapse.theory.claims.setting import (
    DIVISOR_SIZE,
    FRESH,
    GAUSSIAN,
    ON_OPTIMUM,
    SIZES,
    UNBIASED,
    rho,
)
from nocollapse.theory.models.derivation import q
from nocollapse.theory.models.gaussian import covariance, growth, variance_gate
from nocollapse.theory.models.score import score
from nocollapse.theory.recursion import value_at_infinity
from nocollapse.theory.steps import Step, at_infinity, solution
from nocollapse.theory.symbols import frob2, k, m, n, trace, v, w

A = frob2
B = trace**2
a = 1 / (n - 1)
b = 1 / (m - 1)
V: Expr = w**2 * a + q * b
PUBLISHED: Expr = V * ((A + B) * (1 - q) + 2 * b * q * A) / ((1 - q + b * q) * (1 - q - 2 * b * q))
RADIUS: Expr = q * (m + 1) / (m - 1)
SPECTRUM: tuple[Relational, ...] = (positive(frob2), sp.GreaterThan(trace**2, frob2))
POINTS: tuple[Relational, ...] = (n >= 2, m >= 2)
COVARIANCE_LIMIT = Symbol(r"\lim_{t\to\infty}\mathbb{E}\|\Sigma_t-\Sigma\|_F^2")


@claim(
    "covariance.error",
    source="Theorem 1",
    summary="The error of the Gaussian covariance obeys a 2×2 affine recursion with an exact limit.",
    example=("n=30", "m=20", "w=0.4", "trace=3", "frob2=5"),
    variant="ddof=1",
)
def error() -> Claim:
    """The error of the covariance: the recursion of two moments, its value at t and its exact limit."""
    derivation = covariance()
    recursion = derivation.recursion
    limit = recursion.fixed_point()[0]
    stable = (w > 0, w <= 1, *POINTS, positive(m - 1 - q * (m + 1)))
    return Claim(
        left=COVARIANCE_LIMIT,
        published=PUBLISHED,
        derived=limit,
        assumptions=(GAUSSIAN, SIZES, UNBIASED, FRESH, r"$(1-w)^2\frac{m+1}{m-1} < 1$ for the limit."),
        steps=Deferred(lambda: (*derivation.steps, *solution(recursion))),
        inequalities=(
            Inequality(
                "the second eigenvalue is the smaller one",
                RADIUS**2 - (q * (m - 2) / (m - 1)) ** 2,
                (nonnegative(w), w < 1, *POINTS),
                coordinates=coordinates.FROM_ZERO,
            ),
        ),
        obligations=(Inequality("the limit is positive", limit, (*stable, *SPECTRUM)),),
        not_said="A finite limit of the error does not give the error a finite variance: see the validity gate in "
        "covariance.threshold.",
        recursion=recursion,
        start=((A + B) * a, 2 * A * a),
    )


@error.under("ddof=0")
def error_with_divisor_size() -> Claim:
    """The same with a biased covariance, whose bias is a third moment. The paper has no such statement."""
    derivation = covariance(ddof=0)
    recursion = derivation.recursion
    limit = recursion.fixed_point()[0]
    return Claim(
        left=COVARIANCE_LIMIT,
        published=limit,
        derived=limit,
        assumptions=(GAUSSIAN, SIZES, DIVISOR_SIZE, FRESH, "$0 < w \\le 1$."),
        steps=Deferred(lambda: (*derivation.steps, *solution(recursion))),
        inequalities=tuple(
            Inequality(f"eigenvalue {i} is below 1", 1 - eigenvalue**2, (w > 0, w <= 1, *POINTS))
            for i, eigenvalue in enumerate(recursion.eigenvalues(), 1)
        ),
        not_said="The paper's covariances are unbiased. With divisor size nothing diverges; "
        "w = 0 leads to Sigma_t = 0.",
        recursion=recursion,
        start=(A / n + (n - 1) * B / n**2, 2 * (n - 1) * A / n**2 + B / n**2, -1 / n),
    )


@claim(
    "covariance.threshold",
    source="Theorem 1",
    summary="The covariance's error is finite iff w > 1 − √((m−1)/(m+1)).",
    example=("m=20",),
)
def threshold() -> Claim:
    """The error of the covariance is finite exactly above a weight, and the stricter gate for its variance."""
    recursion = covariance().recursion
    ones = ImmutableMatrix([1, 1])
    image = recursion.matrix * ones
    published = 1 - sp.sqrt((m - 1) / (m + 1))
    edge = Symbol("r", positive=True)  # r^2 = (m-1)/(m+1)
    offset = recursion.offset - 2 * A * V * ones
    fourth = growth(4)
    finite = sp.Lt(Symbol(r"\mathrm{Err}(\Sigma_\infty)"), sp.oo)
    return Claim(
        relation=lambda edge: sp.Equivalent(finite, sp.Gt(w, edge, evaluate=False), evaluate=False),
        published=published,
        derived=recursion.threshold(w, {n: sp.Integer(7), m: sp.Integer(5)}),
        assumptions=(GAUSSIAN, SIZES, UNBIASED, FRESH),
        steps=(
            *(
                Step(
                    f"Row {i + 1} of the non-negative matrix $M$ sums to the same value: it is the spectral radius, "
                    "with eigenvector $(1,1)$.",
                    image[i],
                    RADIUS,
                    label=f"(M \\mathbf{{1}})_{i + 1}",
                )
                for i in range(2)
            ),
            Step(
                "Below the threshold it is less than 1: with $u = 1-w$ and $r^2 = (m-1)/(m+1)$,",
                1 - (1 - w) ** 2 / edge**2,
                (edge - (1 - w)) * (edge + (1 - w)) / edge**2,
                label=r"1 - u^2/r^2",
            ),
            Step("where the radius is", RADIUS, (1 - w) ** 2 / edge**2, (edge**2 * (m + 1) - (m - 1),), r"\varrho(M)"),
            Step(
                r"At or above it: $c \ge \kappa\mathbf{1}$ with $\kappa = 2V\operatorname{tr}(\Sigma^2)$, so $M\ge 0$ "
                r"gives $s_t \ge \kappa\sum_{j<t}\varrho^j\,\mathbf{1} \ge \kappa t\,\mathbf{1}$: the error grows "
                "without bound. The first entry of $c$ exceeds $\\kappa$ by",
                offset[0],
                V * (B - A),
                label=r"c_1 - \kappa",
            ),
            Step("and the second equals it.", offset[1], sp.Integer(0), label=r"c_2 - \kappa"),
            *(
                Step(
                    "The gate: products of traces of total order 4 are mapped by a non-negative matrix; every row sums "
                    "to the same value, so that the variance of the squared error stays finite iff "
                    r"$(1-w)^4$ times it is below 1.",
                    sum(fourth[i, :]),
                    (m + 1) * (m + 3) * (m + 5) / (m - 1) ** 3,
                    label=f"(W_4 \\mathbf{{1}})_{i + 1}",
                )
                for i in range(fourth.rows)
            ),
            Step(
                "So the gate is", variance_gate(), (1 - w) ** 4 * (m + 1) * (m + 3) * (m + 5) / (m - 1) ** 3, label="g"
            ),
        ),
        inequalities=(
            *(
                Inequality(f"entry {i + 1} of M is non-negative", value, (w > 0, w < 1, *POINTS), strict=False)
                for i, value in enumerate(recursion.matrix)
            ),
            Inequality("the push is positive", 2 * A * V, (w > 0, w <= 1, *POINTS, *SPECTRUM)),
            Inequality("the push dominates", V * (B - A), (w > 0, w <= 1, *POINTS, *SPECTRUM), strict=False),
            Inequality(
                "the gate is stricter than the threshold",
                fourth_over_second(),
                (nonnegative(w), w < 1, *POINTS),
                coordinates=coordinates.FROM_ZERO,
            ),
        ),
        obligations=(
            Inequality(
                "above the threshold the radius is below 1",
                1 - RADIUS,
                (w <= 1, *POINTS, positive(edge), Eq(edge**2 * (m + 1), m - 1), positive(w - 1 + edge)),
            ),
            Inequality(
                "at or below it the radius is at least 1",
                RADIUS - 1,
                (nonnegative(w), *POINTS, positive(edge), Eq(edge**2 * (m + 1), m - 1), sp.LessThan(w, 1 - edge)),
                strict=False,
            ),
        ),
        not_said="Divergence of the mean error does not say what a typical run does (gaussian.fully-synthetic).",
    )


def fourth_over_second() -> Expr:
    """The gate's growth of order 4 minus the square of the growth of order 2: Lyapunov's inequality, at w."""
    return sp.factor(variance_gate() - RADIUS**2)


@claim(
    "covariance.asymptotic",
    source="Corollary 1(4)",
    summary="As n = km grows, n times the covariance's error tends to (A+B) ρ(w,k), least at w*.",
)
def asymptotic() -> Claim:
    """For n = km to infinity the covariance's error is (A+B) rho(w,k)/n, least at the same w*."""
    limit = covariance().recursion.fixed_point()[0]
    scaled = sp.cancel((n * limit).subs(m, n / k))
    derived = value_at_infinity(scaled, n)
    return Claim(
        left=Symbol(r"\lim_{n\to\infty} n\,\mathrm{Err}(\Sigma_\infty)"),
        published=(A + B) * rho(w, k),
        derived=derived,
        assumptions=(GAUSSIAN, r"$n \to \infty$ with $n/m = k$ fixed.", UNBIASED, FRESH, "$0 < w \\le 1$."),
        steps=(
            Step(
                "The threshold tends to 0, so that every $w > 0$ is admitted in the end:",
                *at_infinity(RADIUS, m, q),
                label=r"\lim \varrho(M)",
            ),
            Step(
                r"The limit of $n$ times the exact error, a rational function of $n$,",
                *at_infinity(scaled, n, (A + B) * rho(w, k)),
                label=r"\lim n\,\mathrm{Err}(\Sigma_\infty)",
            ),
            Step(
                "with the same minimiser as the mean's, by the regret identity.",
                (derived / (A + B)).subs(w, v) - w,
                (v - w) ** 2 / ((1 - w) * v * (2 - v)),
                (ON_OPTIMUM,),
                label=r"\rho(v,k)-w^*",
            ),
        ),
        inequalities=(
            Inequality("the regret has a positive denominator", (1 - w) * v * (2 - v), (w > 0, w < 1, v > 0, v <= 1)),
            Inequality("the limit is positive", (A + B) * rho(w, k), (w > 0, w <= 1, positive(k), *SPECTRUM)),
        ),
        not_said="At finite n the minimiser of the covariance's error is not exactly w*.",
    )


@claim(
    "covariance.stages",
    source="Figure 6",
    ours=True,
    summary="Synthetic data improve the covariance for every Σ iff w > (n+1)/(n+2m−1), a weight that tends to k/(k+2).",
    example=("n=30", "m=20"),
    uses=("mean.stages",),
)
def stages() -> Claim:
    """Mixing in synthetic data improves the covariance above a weight, and below it not in one dimension."""
    gain = (A + B) * a - covariance().recursion.fixed_point()[0]
    alone = sp.factor(gain.subs(frob2, trace**2))  # one dimension: A = B
    linear = [factor for factor, _ in sp.factor_list(sp.fraction(alone)[0])[1] if sp.degree(factor, w) == 1]
    changing = next(factor for factor in linear if factor.has(m))
    edge = (n + 1) / (n + 2 * m - 1)
    sign = w * (n + 2 * m - 1) - (n + 1)
    stable = 1 - RADIUS
    first = (1 - w) * (2 * a * w - (1 - w) * b * (1 + 2 * a))
    gains = sp.Lt(Symbol(r"\sup_\Sigma\mathrm{Err}(\Sigma_\infty)/\mathrm{Err}(\Sigma_0)"), 1)
    return Claim(
        relation=lambda edge: sp.Equivalent(gains, sp.Gt(w, edge, evaluate=False), evaluate=False),
        published=edge,
        derived=sp.factor(sp.solve(changing, w)[0]),
        assumptions=(GAUSSIAN, SIZES, UNBIASED, FRESH, "$0 < w < 1$."),
        steps=(
            Step(
                "The gain over real data only, times what is positive where the error is finite, splits in two terms; "
                r"the second has the sign of $B - A = (\operatorname{tr}\Sigma)^2 - \operatorname{tr}\Sigma^2 \ge 0$.",
                gain * (1 - q + b * q) * stable,
                (A + B) * (1 - q + b * q) * first + V * b * q * (B - A),
                label="G",
            ),
            Step(
                "The first has the sign of a factor that increases in $w$.",
                first * (n - 1) * (m - 1) / (1 - w),
                sign,
                label="C",
            ),
            Step(
                "Where it is positive the error is finite: the radius is below 1 by",
                stable,
                (first + V) / a,
                label=r"1-\varrho(M)",
            ),
            Step(
                "In one dimension $A = B$, the second term vanishes and the sign is that of the first.",
                alone * stable,
                2 * trace**2 * first,
                label="G|_{A=B}",
            ),
            Step("The factor vanishes at the threshold,", sign.subs(w, edge), sp.Integer(0), label="C"),
            Step(
                "which tends to that of the mean, mean.stages, as $n = km$ grows:",
                *at_infinity(edge.subs(n, k * m), m, k / (k + 2)),
                label=r"\lim",
            ),
        ),
        inequalities=(
            Inequality("the factor increases in w", n + 2 * m - 1, POINTS),
            Inequality("the threshold is positive", edge, POINTS),
            Inequality("and below 1", 1 - edge, POINTS),
            Inequality("it is above the mean's", edge - (n / m) / (n / m + 2), POINTS),
            Inequality(
                "the second term is not negative", V * b * q * (B - A), (w > 0, w < 1, *POINTS, *SPECTRUM), strict=False
            ),
        ),
        obligations=(
            Inequality("above it, a gain", gain, (w > 0, w < 1, *POINTS, *SPECTRUM, positive(sign))),
            Inequality("and a finite error", stable, (w > 0, w < 1, *POINTS, positive(sign))),
            Inequality(
                "at or below it, none in one dimension, where the error is finite",
                -alone,
                (w > 0, w < 1, *POINTS, positive(trace), positive(m - 1 - q * (m + 1)), sp.LessThan(sign, 0)),
                strict=False,
            ),
        ),
        not_said=r"For a $\Sigma$ of more than one dimension the error improves from some smaller weight on, which "
        r"depends on $\operatorname{tr}(\Sigma^2)/(\operatorname{tr}\Sigma)^2$; below the threshold of "
        "covariance.threshold it is infinite and nothing improves.",
    )


@claim(
    "covariance.operator-norm",
    source="Corollary 3",
    summary="In operator norm too, n times the covariance's error tends to ρ(w,k) times a constant of Σ.",
    example=("k=3/2", "w=0.4"),
    uses=("covariance.asymptotic", "glm.error"),
    rests_on=(EXCHANGE_OF_LIMITS,),
)
def operator_norm() -> Claim:
    """Corollary 3: in any norm, n times the covariance's error tends to rho(w,k) times a constant of Sigma."""
    recursion = score().recursion
    size, unit = sp.symbols("r N", positive=True)
    return Claim(
        left=Symbol(r"\lim_{n\to\infty}\frac{n\,\mathbb{E}\|\Sigma_\infty-\Sigma\|_{\mathrm{op}}^2}{C(\Sigma)}"),
        published=rho(w, k),
        derived=recursion.fixed_point()[0],
        assumptions=(
            r"Real points are iid $N(\mu,\Sigma)$ with $\Sigma$ positive definite.",
            r"$n \to \infty$ with $k = n/m$ and $w$ fixed. $C(\Sigma)$ is what one real batch has: "
            r"$\lim n\,\mathbb{E}\|\Sigma_0-\Sigma\|_{\mathrm{op}}^2$.",
            FRESH,
            "$0 < w \\le 1$.",
        ),
        steps=(
            Step(
                "To first order the error is linear in independent, asymptotically Gaussian matrices that all have the "
                r"covariance $K(\Sigma)$ of a sample covariance, so that $\sqrt{n}(\Sigma_t-\Sigma)$ tends to "
                r"$\sqrt{r_t}\,Z$ with $Z \sim N(0,K(\Sigma))$, and $r_t$ obeys the recursion of glm.error:",
                recursion.update(recursion.initial)[0],
                w**2 + (1 - w) ** 2 * (1 + k),
                label="r_1",
            ),
            Step(
                r"A norm is homogeneous, and so the error is $r_t\,\mathbb{E}\|Z\|^2$ in every norm, with "
                r"$C(\Sigma) = \mathbb{E}\|Z\|_{\mathrm{op}}^2$ free of $w$ and $k$:",
                (sp.sqrt(size) * unit) ** 2 / unit**2,
                size,
                label=r"\|\sqrt{r}\,Z\|^2 / \|Z\|^2",
            ),
            Step(
                r"In the Frobenius norm this is the derived limit of covariance.asymptotic, with "
                r"$A = \operatorname{tr}(\Sigma^2)$, $B = (\operatorname{tr}\Sigma)^2$.",
                asymptotic().derived / (frob2 + trace**2),
                recursion.fixed_point()[0],
                label=r"\lim n\,\mathrm{Err}(\Sigma_\infty)/(A+B)",
            ),
            Step(
                "The minimiser is $w^*$, where the least value is",
                recursion.fixed_point()[0],
                w,
                (ON_OPTIMUM,),
                r"\rho(w^*,k)",
            ),
        ),
        inequalities=(Inequality("the limit is positive", rho(w, k), (w > 0, w <= 1, positive(k))),),
        not_said=r"The constant $C(\Sigma)$ itself; nothing about finite n.",
        recursion=recursion,
        start=(sp.Integer(1),),
    )
