"""From the Gaussian estimators to their recursions: the mean under every framework, the covariance, the gate.

The estimators are `mu_t = w xbar_t + (1-w) ybar_t` and `Sigma_t = w S_t + (1-w) R_t` with sample covariances of
divisor size - ddof; y is drawn from N(mu_{t-1}, Sigma_{t-1}). Each derivation returns its recursion and its steps.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy import Expr, ImmutableMatrix, Symbol
from sympy.utilities.iterables import partitions

from nocollapse.theory.models.derivation import Derivation, E, q
from nocollapse.theory.moments.iid import mean_product, quadratic
from nocollapse.theory.moments.wick import Monomial, TracePolynomial, expect, monomial, substitute
from nocollapse.theory.recursion import Recursion, affine
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import POWER_SUMS, frob2, m, n, t, trace, w

U: Symbol = Symbol("u", nonnegative=True)
BIAS: Symbol = Symbol("delta", real=True)
CROSS: Symbol = Symbol("c", real=True)
CENTRE: Symbol = Symbol(r"\|\mu\|^2", real=True)
"""The squared norm of the mean, which no error depends on."""

SQUARE = monomial(("D", "D"))
SQUARED_TRACE = monomial(("D",), ("D",))
MOMENTS: dict[Monomial, Symbol] = {SQUARE: E, SQUARED_TRACE: U}

WICK = "Wick: the three pairings of four Gaussian factors, for a sample covariance with "
CLOSING = (
    r"Independence of real and synthetic draws, $X = \Sigma + D_{t-1}$ and $\mathbb{E} D_{t-1} = \delta \Sigma$, "
    r"with $e = \mathbb{E}\operatorname{tr}(D_{t-1}^2)$ and $u = \mathbb{E}(\operatorname{tr} D_{t-1})^2$: "
)

FRAMEWORKS = ("fresh", "fully-synthetic", "accumulation", "augmentation")


def scale(size: Expr, ddof: int) -> Expr:
    """E S = scale * Sigma for the sample covariance of `size` points with divisor `size - ddof`: from Wick."""
    mean = expect({monomial(("S",)): sp.Integer(1)}, "S", "Sigma", size - 1, size - ddof)
    return mean[monomial(("Sigma",))]


# --- the covariance ----------------------------------------------------------------------------------------------


def covariance(ddof: int = 1) -> Derivation:
    """E||Sigma_t - Sigma||_F^2 and what it needs, under fresh data augmentation, for every n, m >= 2.

    State: `e = E tr D^2`, `u = E (tr D)^2` with `D = Sigma_t - Sigma` and, unless it stays 0, the bias
    `delta` of `E D = delta Sigma`. The set of moments is found by closing {tr D^2} under one step.
    """
    rows = {SQUARE: E}
    updates: dict[Monomial, TracePolynomial] = {}
    while pending := [key for key in rows if key not in updates]:
        for key in pending:
            updates[key] = _one_step(key, ddof)
            for other in updates[key]:
                if _degree(other) >= 2:
                    rows[other] = _letter(other)
    state = (*rows.values(), BIAS)
    bias = scale(n, ddof) * w + scale(m, ddof) * (1 - w) * (1 + BIAS) - 1
    expressions = [*(_in_state(updates[key], rows) for key in rows), bias]
    start = [*(_in_state(_real_only(key, ddof), rows) for key in rows), scale(n, ddof) - 1]
    recursion = affine(state, expressions, start).reduce()
    steps = (*_covariance_steps(updates, rows, ddof), *_bias_steps(bias, ddof))
    return Derivation(recursion, (*steps, *_closed_steps(recursion)) if ddof else steps)


def _letter(key: Monomial) -> Symbol:
    """The letter of a second moment of D; the closure of {tr D^2} needs no other than these."""
    if key not in MOMENTS:
        raise ValueError(f"the covariance recursion has no letter for the moment {key}; it has E tr D^2 and E (tr D)^2")
    return MOMENTS[key]


def _degree(key: Monomial) -> int:
    return sum(word.count("D") for word in key)


def _one_step(key: Monomial, ddof: int) -> TracePolynomial:
    """E of a product of traces of D_t = w S_t + (1-w) R_t - Sigma given Sigma_{t-1} = Sigma + D_{t-1}."""
    poly = substitute({key: sp.Integer(1)}, "D", {"S": w, "R": 1 - w, "Sigma": sp.Integer(-1)})
    poly = expect(poly, "S", "Sigma", n - 1, n - ddof)
    poly = expect(poly, "R", "X", m - 1, m - ddof)
    return substitute(poly, "X", {"Sigma": sp.Integer(1), "D": sp.Integer(1)})


def _real_only(key: Monomial, ddof: int) -> TracePolynomial:
    """The same at step 0, where D_0 = S_0 - Sigma."""
    poly = substitute({key: sp.Integer(1)}, "D", {"S": sp.Integer(1), "Sigma": sp.Integer(-1)})
    return expect(poly, "S", "Sigma", n - 1, n - ddof)


def _in_state(poly: TracePolynomial, rows: dict[Monomial, Symbol]) -> Expr:
    """The expectation of a trace polynomial in D and Sigma, in terms of the state and the power sums."""
    total: Expr = sp.Integer(0)
    for key, coefficient in poly.items():
        if _degree(key) >= 2:
            total += coefficient * rows[key]
        else:  # E D = delta Sigma, so that a word of first degree is delta times the word with Sigma in its place
            value = sp.prod([POWER_SUMS[len(word) - 1] for word in key])
            total += coefficient * value * (BIAS if _degree(key) else 1)
    return total


def _covariance_steps(
    updates: dict[Monomial, TracePolynomial], rows: dict[Monomial, Symbol], ddof: int
) -> tuple[Step, ...]:
    """The derivation as a reader follows it; the right-hand sides are the textbook forms, written out by hand."""
    return (
        _square_step(),
        *_real_moment_steps(ddof),
        *_synthetic_moment_steps(ddof),
        _first_moment_step(updates[SQUARE], rows, ddof),
        _second_moment_step(updates[SQUARED_TRACE], rows, ddof),
    )


def _square_step() -> Step:
    """tr D^2 as a polynomial in the traces of S, R and Sigma."""
    ss = Symbol(r"\operatorname{tr}(SS)")
    rs = Symbol(r"\operatorname{tr}(RS)")
    rr = Symbol(r"\operatorname{tr}(RR)")
    s_sigma = Symbol(r"\operatorname{tr}(S\Sigma)")
    r_sigma = Symbol(r"\operatorname{tr}(R\Sigma)")
    letters = {
        monomial(("S", "S")): ss,
        monomial(("R", "S")): rs,
        monomial(("R", "R")): rr,
        monomial(("S", "Sigma")): s_sigma,
        monomial(("R", "Sigma")): r_sigma,
        monomial(("Sigma", "Sigma")): frob2,
    }
    square = substitute({SQUARE: sp.Integer(1)}, "D", {"S": w, "R": 1 - w, "Sigma": sp.Integer(-1)})
    return Step(
        r"The estimator is $\Sigma_t = w S_t + (1-w) R_t$; write $D_t = \Sigma_t - \Sigma$ and expand the square.",
        sp.Add(*(coefficient * letters[key] for key, coefficient in square.items())),
        w**2 * ss + 2 * w * (1 - w) * rs + q * rr - 2 * w * s_sigma - 2 * (1 - w) * r_sigma + frob2,
        label=r"\operatorname{tr}(D_t^2)",
    )


def _real_moment_steps(ddof: int) -> tuple[Step, Step]:
    """E tr(S^2) and E (tr S)^2 of the covariance of n real points."""
    mean = scale(n, ddof)
    spread = 1 / (n - 1)
    square = expect({monomial(("S", "S")): sp.Integer(1)}, "S", "Sigma", n - 1, n - ddof)
    squared_trace = expect({monomial(("S",), ("S",)): sp.Integer(1)}, "S", "Sigma", n - 1, n - ddof)
    letters = {monomial(("Sigma", "Sigma")): frob2, monomial(("Sigma",), ("Sigma",)): trace**2}
    why = WICK + r"$(n-1)$ degrees of freedom about $\Sigma$."
    return (
        Step(
            why,
            _in_letters(square, letters),
            mean**2 * ((1 + spread) * frob2 + spread * trace**2),
            label=r"\mathbb{E}\,\operatorname{tr}(S^2)",
        ),
        Step(
            why,
            _in_letters(squared_trace, letters),
            mean**2 * (trace**2 + 2 * spread * frob2),
            label=r"\mathbb{E}\,(\operatorname{tr}S)^2",
        ),
    )


def _synthetic_moment_steps(ddof: int) -> tuple[Step, Step]:
    """E tr(R^2) and E (tr R)^2 of the covariance of m synthetic points, given X = Sigma_{t-1}."""
    mean = scale(m, ddof)
    spread = 1 / (m - 1)
    x_square = Symbol(r"\operatorname{tr}(X^2)")
    x_squared_trace = Symbol(r"\operatorname{tr}(X)^2")
    square = expect({monomial(("R", "R")): sp.Integer(1)}, "R", "X", m - 1, m - ddof)
    squared_trace = expect({monomial(("R",), ("R",)): sp.Integer(1)}, "R", "X", m - 1, m - ddof)
    letters = {monomial(("X", "X")): x_square, monomial(("X",), ("X",)): x_squared_trace}
    why = WICK + r"$(m-1)$ degrees of freedom about $X = \Sigma_{t-1}$, given $X$."
    return (
        Step(
            why,
            _in_letters(square, letters),
            mean**2 * ((1 + spread) * x_square + spread * x_squared_trace),
            label=r"\mathbb{E}\,\operatorname{tr}(R^2)",
        ),
        Step(
            why,
            _in_letters(squared_trace, letters),
            mean**2 * (x_squared_trace + 2 * spread * x_square),
            label=r"\mathbb{E}\,(\operatorname{tr}R)^2",
        ),
    )


def _in_letters(poly: TracePolynomial, letters: dict[Monomial, Expr]) -> Expr:
    """A trace polynomial with the letter of each of its products of traces."""
    return sp.Add(*(coefficient * letters[key] for key, coefficient in poly.items()))


def _first_moment_step(update: TracePolynomial, rows: dict[Monomial, Symbol], ddof: int) -> Step:
    """E tr D_t^2, closed in the state."""
    a = 1 / (n - 1)
    b = 1 / (m - 1)
    shift = 1 + BIAS
    fresh = w * scale(n, ddof)
    old = (1 - w) * scale(m, ddof)
    total = trace**2
    return Step(
        CLOSING + "the first moment.",
        _in_state(update, rows),
        fresh**2 * ((1 + a) * frob2 + a * total)
        + 2 * fresh * old * shift * frob2
        + old**2 * ((1 + b) * (frob2 + 2 * BIAS * frob2 + E) + b * (total + 2 * BIAS * total + U))
        - 2 * fresh * frob2
        - 2 * old * shift * frob2
        + frob2,
        label="e_t",
    )


def _second_moment_step(update: TracePolynomial, rows: dict[Monomial, Symbol], ddof: int) -> Step:
    """E (tr D_t)^2, closed in the state."""
    a = 1 / (n - 1)
    b = 1 / (m - 1)
    shift = 1 + BIAS
    fresh = w * scale(n, ddof)
    old = (1 - w) * scale(m, ddof)
    total = trace**2
    return Step(
        CLOSING + "the moment that it calls for.",
        _in_state(update, rows),
        fresh**2 * (total + 2 * a * frob2)
        + 2 * fresh * old * shift * total
        + old**2 * (total + 2 * BIAS * total + U + 2 * b * (frob2 + 2 * BIAS * frob2 + E))
        - 2 * fresh * total
        - 2 * old * shift * total
        + total,
        label="u_t",
    )


def _bias_steps(bias: Expr, ddof: int) -> Iterator[Step]:
    real = (n - 1) / (n - ddof)
    synthetic = (m - 1) / (m - ddof)
    why = r"The mean: $\mathbb{E}\Sigma_t = (1+\delta_t)\Sigma$, by the pairing of two factors."
    if ddof == 1:
        why += r" With unbiased covariances $\delta_0 = 0$ is a fixed point: the bias stays 0 and leaves the state."
    else:
        why += r" The divisor is biased, so $\delta_t$ never vanishes: the state needs it."
    yield Step(why, bias, w * real + (1 - w) * synthetic * (1 + BIAS) - 1, label=r"\delta_t")


def _closed_steps(recursion: Recursion) -> Iterator[Step]:
    """The 2x2 recursion without bias, in the form that the paper's notation suggests."""
    a = 1 / (n - 1)
    b = 1 / (m - 1)
    push = w**2 * a + q * b
    updated = recursion.update(ImmutableMatrix([E, U]))
    yield Step(
        r"Without bias the two moments close: with $V = \frac{w^2}{n-1} + \frac{(1-w)^2}{m-1}$ the offset is "
        r"$V(\operatorname{tr}(\Sigma^2) + \operatorname{tr}(\Sigma)^2,\; 2\operatorname{tr}(\Sigma^2))$,",
        updated[0],
        q * ((1 + b) * E + b * U) + push * (frob2 + trace**2),
        label="e_t",
    )
    yield Step(
        r"and the matrix is $(1-w)^2\begin{pmatrix} \frac{m}{m-1} & \frac{1}{m-1} \\ \frac{2}{m-1} & 1 \end{pmatrix}$ "
        "on $(e, u)$: the 2x2 affine recursion.",
        updated[1],
        q * (2 * b * E + U) + 2 * push * frob2,
        label="u_t",
    )


# --- the mean ----------------------------------------------------------------------------------------------------


def mean(framework: str = "fresh", ddof: int | None = 1) -> Derivation:
    """E||mu_t - mu||^2 under a framework; `ddof=None` draws the synthetic points with the true Sigma.

    State: `e`, the bias `delta` of E Sigma_t where it matters, and under augmentation the covariance `c` of the
    estimate with the first batch. Accumulation pools batches, n real points first and m synthetic ones a step.
    """
    if framework not in FRAMEWORKS:
        raise ValueError(f"framework = {framework!r} is not one of {', '.join(FRAMEWORKS)}")
    if framework == "accumulation":
        return _accumulated_mean(ddof)
    weight = sp.Integer(0) if framework == "fully-synthetic" else w
    tau = trace * (1 + BIAS)
    real = mean_product(n, trace + CENTRE, CENTRE) - CENTRE
    synthetic = mean_product(m, tau + E, E)
    first = framework == "augmentation"
    inner = {("X", "X"): real, ("Y", "Y"): synthetic} | ({("X", "Y"): CROSS} if first else {})
    square = quadratic({"X": weight, "Y": 1 - weight}, inner)
    real_scale = sp.Integer(1) if ddof is None else scale(n, ddof)
    synthetic_scale = sp.Integer(1) if ddof is None else scale(m, ddof)
    bias = weight * real_scale + (1 - weight) * synthetic_scale * (1 + BIAS) - 1
    cross = weight * real + (1 - weight) * CROSS
    recursion = affine((E, CROSS, BIAS), [square, cross, bias], [real, real, real_scale - 1])
    return Derivation(_needed(recursion.reduce()), tuple(_mean_steps(weight, square, real, synthetic, first, ddof)))


def _needed(recursion: Recursion) -> Recursion:
    """The recursion without moments that the first one never looks at."""
    needed = {0}
    while more := {j for i in needed for j in range(len(recursion.state)) if recursion.matrix[i, j] != 0} - needed:
        needed |= more
    keep = sorted(needed)
    return Recursion(
        tuple(recursion.state[i] for i in keep),
        ImmutableMatrix(recursion.matrix.extract(keep, keep)),
        ImmutableMatrix(recursion.offset.extract(keep, [0])),
        ImmutableMatrix(recursion.initial.extract(keep, [0])),
    )


def _mean_steps(
    weight: Expr, square: Expr, real: Expr, synthetic: Expr, first: bool, ddof: int | None
) -> Iterator[Step]:
    x, y = sp.symbols("x y", real=True)
    letters = {"X": weight, "Y": 1 - weight}
    yield Step(
        r"The estimator is $\mu_t = w \bar x_t + (1-w) \bar y_t$ (with $w = 0$ when fully synthetic). Where, in one "
        r"coordinate, $\bar x_t - \mu$ is $x$ and $\bar y_t - \mu$ is $y$, the terms of the square add up to",
        quadratic(letters, {("X", "X"): x**2, ("X", "Y"): x * y, ("Y", "Y"): y**2}),
        (weight * x + (1 - weight) * y) ** 2,
        label=r"(\mu_t-\mu)^2",
    )
    yield Step(
        r"The mean of $n$ iid draws: $n$ of the $n^2$ pairs are a draw with itself, the others are independent.",
        real,
        trace / n,
        label=r"\mathbb{E}\|\bar{x}-\mu\|^2",
    )
    if ddof is None:
        drawn = "the true covariance"
    elif ddof == 1:
        drawn = r"$\mathbb{E}\Sigma_{t-1} = \Sigma$ ($\delta = 0$)"
    else:
        drawn = r"$\mathbb{E}\Sigma_{t-1} = (1+\delta)\Sigma$"
    yield Step(
        rf"The mean of $m$ draws from the model of step $t-1$, around $\mu_{{t-1}}$, with {drawn}.",
        synthetic,
        E + trace * (1 + BIAS) / m,
        label=r"\mathbb{E}\|\bar{y}-\mu\|^2",
    )
    if first:
        cross = CROSS
        reason = (
            r"The real batch is the first one again: its product with the estimate is the moment $c$, started at "
            r"$\operatorname{tr}(\Sigma)/n$ and fixed there."
        )
    else:
        cross = sp.Integer(0)
        reason = "Fresh real draws are independent of the past."
    yield Step(
        reason + " Together:",
        square,
        weight**2 * trace / n + 2 * weight * (1 - weight) * cross + (1 - weight) ** 2 * (E + trace * (1 + BIAS) / m),
        label="e_t",
    )


def _accumulated_mean(ddof: int | None) -> Derivation:
    """Accumulation: `mu_t = mu_{t-1} + (m/N_t)(ybar_t - mu_{t-1})` over N_t = n + t m points."""
    size = n + t * m
    before = size - m
    share = m / size
    noise = mean_product(m, trace * (1 + BIAS), sp.Integer(0))
    square = quadratic({"D": sp.Integer(1), "Z": share}, {("D", "D"): E, ("Z", "Z"): noise})
    steps = [
        Step(
            r"Pooling $N_t = n + t m$ points: $\mu_t = \mu_{t-1} + (m/N_t)(\bar y_t - \mu_{t-1})$, and "
            r"$\bar y_t - \mu_{t-1}$ has mean 0 given the past.",
            square,
            E + trace * (1 + BIAS) * m / (n + t * m) ** 2,
            label="e_t",
        )
    ]
    ratio = sp.Integer(1)
    start = sp.Integer(0)
    if ddof is not None:
        # scatter about the pooled mean: the old scatter, the new one, and the one between the two means
        between = mean_product(m, sp.Integer(1), sp.Integer(0)) * before * m / size
        ratio = sp.factor(((before - ddof) + (m - 1) + between) / (size - ddof))
        start = scale(n, ddof) - 1
        steps.append(
            Step(
                r"The pooled scatter gains $(m-1)\Sigma_{t-1}$ within the new batch and $(N_{t-1}/N_t)\Sigma_{t-1}$ "
                r"between the two means, so that $\mathbb{E}\Sigma_t = r_t \mathbb{E}\Sigma_{t-1}$ with this $r_t$.",
                ratio,
                1 - m / ((n + t * m) * (n + t * m - ddof)),
                label="r_t",
            )
        )
    recursion = affine((E, BIAS), [square, ratio * (1 + BIAS) - 1], [mean_product(n, trace, sp.Integer(0)), start])
    return Derivation(_needed(recursion.reduce()), tuple(steps))


# --- growth of the moments of Sigma_t ----------------------------------------------------------------------------


def growth(order: int) -> ImmutableMatrix:
    """The matrix of E[. | X] on products of traces of total order `order`, for R of m points about X, ddof 1.

    Rows and columns are the products `prod tr(R^j)` over the partitions of `order`.
    """
    products = [[power for power, times in p.items() for _ in range(times)] for p in partitions(order)]
    keys = [monomial(*((("R",) * j) for j in powers)) for powers in products]
    columns = [monomial(*((("X",) * j) for j in powers)) for powers in products]
    rows = [expect({key: sp.Integer(1)}, "R", "X", m - 1, m - 1) for key in keys]
    return ImmutableMatrix([[row.get(c, sp.Integer(0)) for c in columns] for row in rows])


def variance_gate() -> Expr:
    """The squared covariance error has a finite limiting variance iff this is below 1.

    The moments of order 4 of Sigma_t are multiplied by (1-w)^4 times the matrix `growth(4)`, which is non-negative
    and has equal row sums; that row sum is its spectral radius.
    """
    return sp.factor((1 - w) ** 4 * sum(growth(4)[0, :]))
