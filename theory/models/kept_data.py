"""The Gaussian covariance where real batches are used again: augmentation and accumulation (Figures 2 and 3).

Augmentation has the first real batch at every step, `Sigma_t = w S_0 + (1-w) R_t`; accumulation pools all points, with
divisor size. The mean of both is derived in `gaussian`.
"""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp
from sympy import Expr, ImmutableMatrix, Symbol

from nocollapse.theory.models.derivation import Derivation, E
from nocollapse.theory.models.gaussian import U
from nocollapse.theory.moments.wick import Monomial, TracePolynomial, expect, monomial, substitute
from nocollapse.theory.recursion import affine
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import frob2, m, n, trace, w

PAST: Symbol = Symbol("N", positive=True)
"""The points of all batches before a step, N_{t-1} = n + (t-1) m."""


def augmented() -> Derivation:
    """E||Sigma_t - Sigma||_F^2 and E(tr Sigma_t - tr Sigma)^2 with the first real batch at every step.

    Divisors are size - 1. With `D_t = w F + (1-w)(R_t - Sigma)` and F = S_0 - Sigma, the products of F with D_t are
    moments, too. They start at the moments of F and stay there.
    """
    cross = Symbol("c", real=True)
    cross_trace = Symbol("d", real=True)
    square = monomial(("D", "D"))
    squared_trace = monomial(("D",), ("D",))
    first = _first_batch(monomial(("F", "F")))
    first_trace = _first_batch(monomial(("F",), ("F",)))
    letters = {
        square: E,
        squared_trace: U,
        monomial(("D", "F")): cross,
        monomial(("D",), ("F",)): cross_trace,
        monomial(("F", "F")): first,
        monomial(("F",), ("F",)): first_trace,
        monomial(("Sigma", "Sigma")): frob2,
        monomial(("Sigma",), ("Sigma",)): trace**2,
    }
    updates = [_augmented_step(key, letters) for key in list(letters)[:4]]
    state = (E, U, cross, cross_trace)
    recursion = affine(state, updates, [first, first_trace, first, first_trace]).reduce()
    spread = 1 / (n - 1)
    noise = 1 / (m - 1)
    steps = (
        Step(
            r"One step of $D_t = w F + (1-w)(R_t - \Sigma)$, $F = S_0 - \Sigma$: the product with the first batch is "
            r"$c = \mathbb{E}\operatorname{tr}(F D_{t-1})$.",
            updates[0],
            w**2 * first + 2 * w * (1 - w) * cross + (1 - w) ** 2 * (E + noise * (frob2 + E) + noise * (trace**2 + U)),
            label="e_t",
        ),
        Step(
            r"That product starts at $\mathbb{E}\operatorname{tr}(F^2)$, and stays there.",
            updates[2].subs(cross, first),
            first,
            label="c_t",
        ),
        Step("It is the error of the first batch.", first, (frob2 + trace**2) * spread, label="e_0"),
        Step(
            "Likewise the product of the traces,",
            updates[3].subs(cross_trace, first_trace),
            first_trace,
            label="d_t",
        ),
        Step("which is", first_trace, 2 * frob2 * spread, label="u_0"),
    )
    return Derivation(recursion, steps)


def _first_batch(key: Monomial) -> Expr:
    """The expectation of a product of traces of F = S_0 - Sigma, of degree 2."""
    poly = substitute({key: sp.Integer(1)}, "F", {"S": sp.Integer(1), "Sigma": sp.Integer(-1)})
    return _averaged(poly, n - 1)


def _averaged(poly: TracePolynomial, divisor: Expr) -> Expr:
    """The expectation over the covariance S of n real points, of degree 2."""
    poly = expect(poly, "S", "Sigma", n - 1, divisor)
    powers = {monomial(("Sigma", "Sigma")): frob2, monomial(("Sigma",), ("Sigma",)): trace**2}
    return sp.factor(sp.Add(*(coefficient * powers[other] for other, coefficient in poly.items())))


def _augmented_step(key: Monomial, letters: dict[Monomial, Expr]) -> Expr:
    """The expectation of a product of traces of D_t given the past, in letters; words of degree 1 in D or F vanish."""
    poly = substitute({key: sp.Integer(1)}, "D", {"F": w, "R": 1 - w, "Sigma": -(1 - w)})
    poly = expect(poly, "R", "X", m - 1, m - 1)
    poly = substitute(poly, "X", {"Sigma": sp.Integer(1), "D": sp.Integer(1)})
    degrees = {other: sum(word.count("D") + word.count("F") for word in other) for other in poly}
    return sp.Add(*(value * letters[other] for other, value in poly.items() if degrees[other] != 1))


class Accumulated(NamedTuple):
    """What a step of accumulation multiplies, given N_{t-1} points before it.

    `mean` is the factor of E Sigma_t, `total` that of E[2 tr Sigma_t^2 + (tr Sigma_t)^2] and `spread` that of
    E[(tr Sigma_t)^2 - tr Sigma_t^2]; `start` has the three at step 0.
    """

    mean: Expr
    total: Expr
    spread: Expr
    start: tuple[Expr, Expr, Expr]
    steps: tuple[Step, ...]


def accumulated() -> Accumulated:
    """The moments of the pooled covariance, with divisor N_t, under accumulation.

    The pooled scatter is N_{t-1} Sigma_{t-1}, plus a Wishart matrix R with m - 1 degrees of freedom, plus
    N_{t-1}/N_t times one, Z, with a single degree of freedom: the new batch's mean against the old one.
    """
    size = PAST + m
    between = PAST / size
    combination = {"X": PAST / size, "R": 1 / size, "Z": between / size}

    def mapped(key: Monomial) -> dict[Monomial, Expr]:
        poly = substitute({key: sp.Integer(1)}, "S", combination)
        return expect(expect(poly, "R", "X", m - 1, sp.Integer(1)), "Z", "X", sp.Integer(1), sp.Integer(1))

    square = monomial(("X", "X"))
    squared_trace = monomial(("X",), ("X",))
    rows = [mapped(monomial(("S", "S"))), mapped(monomial(("S",), ("S",)))]
    matrix = ImmutableMatrix([[row[square], row[squared_trace]] for row in rows])
    mean = sp.factor(mapped(monomial(("S",)))[monomial(("X",))])
    total = sp.factor((2 * matrix[0, 0] + matrix[1, 0]) / 2)
    spread = sp.factor(matrix[1, 1] - matrix[0, 1])
    steps = (
        Step(
            r"Accumulation: the pooled scatter is $N_{t-1}\Sigma_{t-1}$ and two Wishart matrices about $\Sigma_{t-1}$, "
            r"of $m-1$ degrees of freedom within the new batch and of one between the means: the mean shrinks by",
            mean,
            1 - m / size**2,
            label=r"\mathbb{E}\Sigma_t / \mathbb{E}\Sigma_{t-1}",
        ),
        Step(
            r"$2\operatorname{tr}(X^2) + \operatorname{tr}(X)^2$ is a left eigenvector of the second moments:",
            2 * matrix[0, 1] + matrix[1, 1],
            total,
            label=r"\lambda_1",
        ),
        Step(
            r"and so is $\operatorname{tr}(X)^2 - \operatorname{tr}(X^2)$.",
            matrix[1, 0] - matrix[0, 0],
            -spread,
            label=r"-\lambda_2",
        ),
    )
    average = expect({monomial(("S",)): sp.Integer(1)}, "S", "Sigma", n - 1, n)[monomial(("Sigma",))]
    first, first_trace = (
        _averaged({monomial(*words): sp.Integer(1)}, n) for words in ((("S", "S"),), (("S",), ("S",)))
    )
    start = (average, sp.factor(2 * first + first_trace), sp.factor(first_trace - first))
    return Accumulated(mean, total, spread, start, (*steps, *_pooled_start(start)))


def _pooled_start(start: tuple[Expr, Expr, Expr]) -> tuple[Step, Step]:
    """Both second moments at step 0, where the pooled covariance is that of the real batch."""
    return (
        Step(
            "At step 0, where only the first batch is pooled, the first of these is",
            start[1],
            (n - 1) * (n + 1) * (2 * frob2 + trace**2) / n**2,
            label="S_0",
        ),
        Step("and the second", start[2], (n - 1) * (n - 2) * (trace**2 - frob2) / n**2, label="D_0"),
    )
