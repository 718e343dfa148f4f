"""The claims about the Gaussian covariance: Theorem 1, and Corollary 1(1), (2), (4), (5) with the mean's side."""

from __future__ import annotations

import sympy as sp
from sympy import Eq, Expr, ImmutableMatrix, Symbol
from sympy.core.relational import Relational

from nocollapse.theory.claims.claim import Claim, Inequality, Step, nonnegative, positive, solution
from nocollapse.theory.claims.mean import FRESH, GAUSSIAN, ON_OPTIMUM, OPTIMUM, SIZES, UNBIASED, rho
from nocollapse.theory.models.gaussian import covariance, growth, mean, q, variance_gate
from nocollapse.theory.proof.certificates import FROM_ZERO
from nocollapse.theory.recursion import Recursion, value_at_infinity
from nocollapse.theory.symbols import frob2, k, latex, m, n, t, trace, v, w

A, B = frob2, trace**2
a, b = 1 / (n - 1), 1 / (m - 1)
V: Expr = w**2 * a + q * b
PUBLISHED: Expr = V * ((A + B) * (1 - q) + 2 * b * q * A) / ((1 - q + b * q) * (1 - q - 2 * b * q))
RADIUS: Expr = q * (m + 1) / (m - 1)
SPECTRUM: tuple[Relational, ...] = (positive(frob2), sp.GreaterThan(trace**2, frob2))
POINTS: tuple[Relational, ...] = (n >= 2, m >= 2)
LIMIT = Symbol(r"\lim_{t\to\infty}\mathbb{E}\|\Sigma_t-\Sigma\|_F^2")


def covariance_error(ddof: int = 1) -> Claim:
    """The error of the covariance: the recursion of two moments, its value at t and its exact limit."""
    derivation = covariance(ddof)
    limit = derivation.recursion.fixed_point()[0]
    published = PUBLISHED if ddof else limit
    eigenvalues = derivation.recursion.eigenvalues()
    conditions: tuple[Inequality, ...]
    obligations: tuple[Inequality, ...]
    if ddof:
        stable = (w > 0, w <= 1, *POINTS, positive(m - 1 - q * (m + 1)))
        conditions = (
            Inequality(
                "the second eigenvalue is the smaller one",
                RADIUS**2 - (q * (m - 2) / (m - 1)) ** 2,
                (nonnegative(w), w < 1, *POINTS),
                coordinates=FROM_ZERO,
            ),
        )
        domain, divisor = r"$(1-w)^2\frac{m+1}{m-1} < 1$ for the limit.", UNBIASED
        obligations = (Inequality("the limit is positive", limit, (*stable, *SPECTRUM)),)
    else:
        conditions = tuple(
            Inequality(f"eigenvalue {i + 1} is below 1", 1 - value**2, (w > 0, w <= 1, *POINTS))
            for i, value in enumerate(eigenvalues)
        )
        domain, divisor, obligations = "$0 < w \\le 1$.", "Sample covariances have divisor size.", ()
    return Claim(
        id="covariance.error",
        statement=Eq(LIMIT, published, evaluate=False),
        published=published,
        derived=limit,
        assumptions=(GAUSSIAN, SIZES, divisor, FRESH, domain),
        steps=(*derivation.steps, *solution(derivation.recursion)),
        inequalities=conditions,
        obligations=obligations,
        not_said="A finite limit of the error does not give the error a finite variance: see the validity gate in "
        "covariance.threshold."
        if ddof
        else "The paper's covariances are unbiased. With divisor size nothing diverges; w = 0 leads to Sigma_t = 0.",
        recursion=derivation.recursion,
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
    return Claim(
        id="covariance.threshold",
        statement=sp.Equivalent(sp.Lt(Symbol(r"\mathrm{Err}(\Sigma_\infty)"), sp.oo), w > published, evaluate=False),
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
                coordinates=FROM_ZERO,
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


def at_zero(recursion: Recursion) -> Recursion:
    """The fully synthetic recursion: no weight on real data after step 0."""
    return recursion.subs({w: sp.Integer(0)})


def fully_synthetic() -> Claim:
    """With w = 0 both errors diverge, the mean's linearly and the covariance's geometrically, while Sigma_t -> 0."""
    location, spread = at_zero(mean().recursion), at_zero(covariance().recursion)
    closed = spread.at(t)
    c = Symbol("c", positive=True)
    rate = RADIUS.subs(w, 0)
    lead = sum(mode.coefficient[0] for mode in spread.modes() if sp.cancel(mode.eigenvalue - rate) == 0)
    excess = spread.initial + ImmutableMatrix([A, B])  # distance from the unstable fixed point (-A, -B)
    return Claim(
        id="gaussian.fully-synthetic",
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


def real_only() -> Claim:
    """With w = 1 the synthetic points play no role: the errors of one real batch."""
    location, spread = (r.subs({w: sp.Integer(1)}) for r in (mean().recursion, covariance().recursion))
    return Claim(
        id="gaussian.real-only",
        statement=Eq(LIMIT, (A + B) / (n - 1), evaluate=False),
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


def asymptotic() -> Claim:
    """For n = km to infinity the covariance's error is (A+B) rho(w,k)/n, least at the same w*."""
    limit = covariance().recursion.fixed_point()[0]
    scaled = sp.cancel((n * limit).subs(m, n / k))
    derived = value_at_infinity(scaled, n)
    return Claim(
        id="covariance.asymptotic",
        statement=Eq(Symbol(r"\lim_{n\to\infty} n\,\mathrm{Err}(\Sigma_\infty)"), (A + B) * rho(w, k), evaluate=False),
        published=(A + B) * rho(w, k),
        derived=derived,
        assumptions=(GAUSSIAN, r"$n \to \infty$ with $n/m = k$ fixed.", UNBIASED, FRESH, "$0 < w \\le 1$."),
        steps=(
            Step(
                "The threshold tends to 0, so that every $w > 0$ is admitted in the end:",
                value_at_infinity(RADIUS, m),
                q,
                label=r"\lim \varrho(M)",
            ),
            Step(
                r"The limit of $n$ times the exact error, a rational function of $n$,",
                derived,
                (A + B) * rho(w, k),
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
        id="gaussian.improvement",
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
                coordinates={y: (1 + excess, excess, y - 1)},
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
