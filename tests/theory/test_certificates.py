"""Certificates can fail: false statements, missing hypotheses and unsound changes of variables get none."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Eq, Expr, Rational, Symbol, sqrt
from sympy.core.relational import Relational

from nocollapse.theory.claims import coordinates as changes
from nocollapse.theory.claims.claim import Inequality, nonnegative, positive
from nocollapse.theory.claims.coordinates import Coordinate, Coordinates
from nocollapse.theory.claims.setting import ON_OPTIMUM, OPTIMAL, rho
from nocollapse.theory.proof.certificates import identity, positivity, zero_in_flint, zero_in_sympy
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import frob2, k, m, n, t, trace, v, w

x = Symbol("x", nonnegative=True)
y = Symbol("y", nonnegative=True)
s = Symbol("s", nonnegative=True)
q = (1 - w) ** 2

TRUE = {
    "polynomial": Step("", (w + 1) ** 2, w**2 + 2 * w + 1),
    "rational": Step("", 1 / (n - 1) - 1 / n, 1 / (n * (n - 1))),
    "square root": Step("", OPTIMAL**2, k * (1 - OPTIMAL)),
    "golden ratio": Step("", OPTIMAL.subs(k, 1), 2 / (1 + sqrt(5))),
    "powers of t": Step("", q ** (t + 1), q * q**t),
    "squared powers": Step("", (1 - w) ** (2 * t + 2), (1 - w) ** 2 * ((1 - w) ** 2) ** t),
    "given": Step("", rho(v, k) - w, (v - w) ** 2 / ((1 - w) * v * (2 - v)), (ON_OPTIMUM,)),
    "two givens": Step("", x * y, sp.Integer(6), (x - 2, y - 3)),
    "numbers": Step("", Rational(1, 3) + Rational(1, 6), Rational(1, 2)),
}
FALSE = {
    "polynomial": Step("", (w + 1) ** 2, w**2 + 2 * w + 2),
    "rational": Step("", 1 / (n - 1) - 1 / n, 1 / (n * (n + 1))),
    "square root": Step("", OPTIMAL**2, k * (1 + OPTIMAL)),
    "other root": Step("", OPTIMAL, (-sqrt(k**2 + 4 * k) - k) / 2),
    "golden ratio": Step("", OPTIMAL.subs(k, 1), 1 / (1 + sqrt(5))),
    "powers of t": Step("", q ** (t + 1), q * q ** (t - 1)),
    "powers of different bases": Step("", (m - 1) ** t, (m + 1) ** t),
    "given missing": Step("", rho(v, k) - w, (v - w) ** 2 / ((1 - w) * v * (2 - v))),
    "given not enough": Step("", x * y, sp.Integer(6), (x - 2,)),
    "wrong given": Step("", rho(w, k), w, (k * w**2 - (1 - w),)),
    "numbers": Step("", Rational(1, 3), Rational(1, 2)),
    "nearly": Step("", w, w + Rational(1, 10**30)),
}


@pytest.mark.parametrize("step", TRUE.values(), ids=TRUE)
def test_a_true_identity_holds_in_both_kernels(step: Step) -> None:
    assert zero_in_sympy(step)
    assert zero_in_flint(step)
    assert identity(step, "true").holds


@pytest.mark.parametrize("step", FALSE.values(), ids=FALSE)
def test_a_false_identity_is_rejected_by_both_kernels(step: Step) -> None:
    assert not zero_in_sympy(step)
    assert not zero_in_flint(step)
    assert not identity(step, "false").holds


def inequality(
    expression: Expr,
    *hypotheses: Relational,
    strict: bool = True,
    coordinates: Coordinates | None = None,
) -> Inequality:
    return Inequality("an inequality", sp.sympify(expression), hypotheses, strict, coordinates or {})


PROVED = {
    "sizes": inequality(1 / (n - 1) - 1 / n, n >= 2),
    "weights": inequality(1 - q, w > 0, w <= 1),
    "weights from 0": inequality(
        1 - w / 2, nonnegative(w), w < 1, coordinates={w: Coordinate(s / (1 + s), s, w / (1 - w))}
    ),
    "on the optimum": inequality(
        1 - rho(w, k), w > 0, w < 1, Eq(w**2, k * (1 - w)), positive(k), coordinates=changes.ALONG_OPTIMUM
    ),
    "trace": inequality(trace**2 - frob2, positive(frob2), sp.GreaterThan(trace**2, frob2), strict=False),
    "not strict": inequality(x, nonnegative(x), strict=False),
    "strict": inequality(x + y, positive(x), nonnegative(y)),
    "negative over negative": inequality((1 - w) / (w - 2) * (-1), w > 0, w < 1),
}
UNPROVED = {
    "false": inequality(1 / n - 1 / (n - 1), n >= 2),
    "false for some sizes": inequality(m - n, n >= 2, m >= 2),
    "false at a boundary": inequality(1 - w, w > 0, w <= 1),
    "a size may be 2": inequality(n - 2, n >= 2),
    "no hypothesis on n": inequality(n - 1, positive(n)),
    "no lower bound on w": inequality(1 - rho(w, k), w > 0, w < 1, positive(k)),
    "zero is not positive": inequality(x, nonnegative(x)),
    "a sum may vanish": inequality(x + y, nonnegative(x), nonnegative(y)),
    "zero": inequality(sp.Integer(0), positive(x)),
    "tr Sigma^2 may be (tr Sigma)^2": inequality(trace**2 - frob2, positive(frob2), sp.GreaterThan(trace**2, frob2)),
    "a pole inside the domain": inequality(1 / x, nonnegative(x)),
    "no sign of a real symbol": inequality(Symbol("z", real=True) ** 3, n >= 2),
    "w = 0 left out": inequality(w, nonnegative(w), w <= 1),
    "w = 1 left out": inequality(
        1 - w, nonnegative(w), w <= 1, coordinates={w: Coordinate(s / (1 + s), s, w / (1 - w))}
    ),
    "w above 1 left out": inequality(1 - w / 2, w > 0),
    "sizes below 2 left out": inequality(n - 1, n >= 1),
    "the image is half of the domain": inequality(
        w, w > 0, w <= 1, coordinates={w: Coordinate(1 / (2 + s), s, (1 - w) / w)}
    ),
    "the inverse is wrong": inequality(w, w > 0, w <= 1, coordinates={w: Coordinate(1 / (1 + s), s, 1 / w)}),
    "k is not on the constraint": inequality(
        1 - rho(w, k), w > 0, w < 1, positive(k), coordinates=changes.ALONG_OPTIMUM
    ),
    "k is on another constraint": inequality(
        1 - rho(w, k), w > 0, w < 1, Eq(k * w**2, 1 - w), coordinates=changes.ALONG_OPTIMUM
    ),
    "the square of a negative": inequality(
        1 + y, positive(x - 1), coordinates={y: Coordinate(s, s, y), x: Coordinate(1 + s, s, (x - 1) ** 2)}
    ),
}


@pytest.mark.parametrize("claim", PROVED.values(), ids=PROVED)
def test_a_true_inequality_has_a_certificate(claim: Inequality) -> None:
    certificate = positivity(claim)
    assert certificate.holds, certificate.detail


@pytest.mark.parametrize("claim", UNPROVED.values(), ids=UNPROVED)
def test_no_certificate_where_the_domain_or_the_sign_is_wrong(claim: Inequality) -> None:
    assert not positivity(claim).holds


@pytest.mark.parametrize("dropped", range(3))
def test_every_hypothesis_of_a_sharp_inequality_is_needed(dropped: int) -> None:
    """w + n - 2 > 0 on 0 < w <= 1 and n >= 2 fails without any of its three hypotheses, or cannot be covered."""
    hypotheses = (w > 0, w <= 1, n >= 2)
    assert positivity(inequality(w + n - 2, *hypotheses)).holds
    others = hypotheses[:dropped] + hypotheses[dropped + 1 :]
    assert not positivity(inequality(w + n - 2, *others)).holds


def test_a_certificate_says_what_was_done() -> None:
    certificate = positivity(PROVED["weights"])
    assert r"w = \frac{1}{s + 1}" in certificate.detail
    assert certificate.statement == PROVED["weights"].latex
    assert "does not give back" in positivity(UNPROVED["the inverse is wrong"]).detail
    assert "vanish" in positivity(UNPROVED["w = 0 left out"]).detail
    assert "modulo" in identity(TRUE["given"], "given").detail
