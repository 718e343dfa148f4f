"""Fisher information against numerical integration over the covariates, and against the claims' traces."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational

from nocollapse.theory.answers.evaluate import evaluate, number
from nocollapse.theory.answers.information import information

OMEGA = [["2", "0.5", "0"], ["0.5", "1", "-0.25"], ["0", "-0.25", "0.5"]]
BETA = ["0.8", "-0.4", "0.3"]
VARIANCES: dict[str, Callable[[float], float]] = {
    "linear": lambda eta: 1.0,
    "logistic": lambda eta: 0.25 / np.cosh(eta / 2) ** 2,
    "poisson": np.exp,
}


def rationals(texts: list[str]) -> list[Rational]:
    return [number("x", text) for text in texts]


def floats(model: str, d: int, intercept: str | None = None) -> tuple[np.ndarray, float]:
    omega = [rationals(row[:d]) for row in OMEGA[:d]]
    result = information(model, rationals(BETA[:d]), omega, None if intercept is None else number("x", intercept))
    return np.array(result.information, float), float(result.trace_inverse)


def quadrature(model: str, d: int, intercept: str | None) -> np.ndarray:
    """E[v(eta) x x'] by a product Gauss-Hermite rule over the covariates themselves."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    grids = np.stack(np.meshgrid(*[nodes] * d, indexing="ij"), axis=-1).reshape(-1, d)
    mass = np.prod(np.stack(np.meshgrid(*[weights / weights.sum()] * d, indexing="ij"), axis=-1), axis=-1).ravel()
    x = grids @ np.linalg.cholesky(np.array(OMEGA, float)[:d, :d]).T
    eta = x @ np.array(BETA[:d], float) + float(intercept or 0)
    if intercept is not None:
        x = np.column_stack([np.ones(len(x)), x])
    v = np.array([VARIANCES[model](e) for e in eta])
    return np.asarray((x * (v * mass)[:, None]).T @ x)


@pytest.mark.parametrize("model", list(VARIANCES))
@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("intercept", [None, "0", "-0.7"])
def test_against_quadrature(model: str, d: int, intercept: str | None) -> None:
    matrix, trace = floats(model, d, intercept)
    expected = quadrature(model, d, intercept)
    assert np.allclose(matrix, expected, rtol=1e-9, atol=1e-12)
    assert trace == pytest.approx(np.trace(np.linalg.inv(expected)), rel=1e-9)


@pytest.mark.parametrize("model", list(VARIANCES))
def test_the_claims_give_the_same_trace(model: str) -> None:
    """At w = 1 the claim's limit is the trace itself: another route, through the inverse in closed form."""
    d = 3
    beta = np.array(BETA, float)
    omega = np.array(OMEGA, float)
    spread = Fraction(0)
    for i in range(d):
        for j in range(d):
            spread += Fraction(BETA[i]) * Fraction(OMEGA[i][j]) * Fraction(BETA[j])
    s = float(spread)
    a, b = (
        float(
            mpmath.quad(
                lambda z, j=j: VARIANCES[model](float(mpmath.sqrt(s) * z)) * z**j * mpmath.npdf(z), [-12, 0, 12]
            )
        )
        for j in (0, 2)
    )
    given_ = {
        "omega_inverse": np.trace(np.linalg.inv(omega)),
        "slope2": beta @ beta,
        "spread": s,
        "curvature": a,
        "curvature_along": b,
    }
    parameters = {name: number(name, repr(float(x))) for name, x in given_.items()}
    value = evaluate(f"glm.{model}", {**parameters, "k": Rational(2), "w": Rational(1)})
    assert float(value.decimal) == pytest.approx(floats(model, d)[1], rel=1e-9)


def test_digits_are_certain() -> None:
    """More digits never change the ones before, beyond the rounding of the last."""
    beta = rationals(["1", "-0.5"])
    few, many = (information("logistic", beta, digits=digits) for digits in (10, 60))
    for short, long in zip(
        [*few.information[0], few.trace_inverse], [*many.information[0], many.trace_inverse], strict=True
    ):
        assert abs(Fraction(short) - Fraction(long)) <= Fraction(1, 10**9) * abs(Fraction(long))
    with mpmath.workdps(70):
        exact = mpmath.quad(
            lambda z: mpmath.sech(mpmath.sqrt(1.25) * z / 2) ** 2 / 4 * z**2 * mpmath.npdf(z),
            mpmath.linspace(-18, 18, 73),
        )
        along = Fraction(many.information[0][0]) - Fraction(many.information[0][1]) / 2  # (I beta)_1 / beta_1 = b
        assert abs(mpmath.mpf(along.numerator) / along.denominator - exact) < mpmath.mpf(10) ** -50


@pytest.mark.parametrize(
    ("beta", "text"), [(["30000", "1"], "e-10"), (["1e30", "1"], "e-61")], ids=["large", "enormous"]
)
def test_steep_slopes_keep_their_digits(beta: list[str], text: str) -> None:
    """Across a steep direction the curvature is `1/sqrt(2 pi s)` to first order; exponents are kept whole."""
    result = information("logistic", rationals(beta))
    s = float(number("x", beta[0])) ** 2 + 1
    assert float(result.information[1][1]) == pytest.approx(1 / np.sqrt(2 * np.pi * s), rel=1e-3)
    assert result.information[0][1].endswith(text)


def test_an_entry_that_cancels_is_zero() -> None:
    half = Rational(1, 2)
    quarter = Rational(1, 4)
    omega = [[Rational(1), -quarter], [-quarter, Rational(1)]]
    c = [half - quarter * half, half - quarter * half]
    assert c[0] * c[1] != quarter  # so this one does not cancel,
    assert information("poisson", [half, half], omega).information[0][1] != "0"
    beta = [Rational(2, 3), Rational(2, 3)]  # and with Omega beta = (1/2, 1/2) it does
    assert information("poisson", beta, omega).information[0][1] == "0"


@given(st.lists(st.fractions(-3, 3), min_size=1, max_size=3), st.sampled_from(list(VARIANCES)))
@settings(max_examples=15, deadline=None)
def test_the_information_is_positive_definite(beta: list[Fraction], model: str) -> None:
    result = information(model, [Rational(b.numerator, b.denominator) for b in beta])
    assert np.linalg.eigvalsh(np.array(result.information, float))[0] > 0
    assert float(result.trace_inverse) > 0


@pytest.mark.parametrize(
    ("model", "beta", "omega", "named"),
    [
        ("gamma", ["1"], None, "model = 'gamma' is not one of linear, logistic, poisson"),
        ("linear", [], None, r"beta = \[\] is not one or more numbers"),
        ("linear", ["1"], [["1", "0"], ["0", "1"]], "omega = 1,0;0,1 is not a 1 x 1 matrix"),
        ("linear", ["1", "1"], [["1", "2"], ["2", "1"]], "not a symmetric positive definite"),
        ("linear", ["1", "1"], [["1", "0.5"], ["0.4", "1"]], "not a symmetric positive definite"),
    ],
)
def test_bad_input_is_named(model: str, beta: list[str], omega: list[list[str]] | None, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        information(model, rationals(beta), None if omega is None else [rationals(row) for row in omega])
