"""Moments of means of iid draws against the enumeration of every sample of a small law."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from nocollapse.theory.models.gaussian import mean
from nocollapse.theory.moments.iid import mean_product, quadratic, weighted_error
from nocollapse.theory.symbols import m, n, w

LAW = {Fraction(-1): Fraction(1, 2), Fraction(2): Fraction(1, 3), Fraction(5, 3): Fraction(1, 6)}


def rational(value: Fraction) -> sp.Rational:
    return sp.Rational(value.numerator, value.denominator)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_product_of_two_means_by_enumeration(size: int) -> None:
    """E[mean(g) mean(h)] with g(x) = x and h(x) = x^2 + 1, over all samples of the size."""
    exact = Fraction(0)
    for sample in product(LAW, repeat=size):
        probability = prod((LAW[x] for x in sample), start=Fraction(1))
        exact += probability * sum(sample) / size * sum(x**2 + 1 for x in sample) / size
    together = sum(p * x * (x**2 + 1) for x, p in LAW.items())
    apart = sum(p * x for x, p in LAW.items()) * sum(p * (x**2 + 1) for x, p in LAW.items())
    product_of_means = mean_product(sp.Symbol("n"), rational(Fraction(together)), rational(Fraction(apart)))
    assert product_of_means.subs(sp.Symbol("n"), size) == rational(exact)


integers = st.integers(-5, 5)


@given(st.lists(st.tuples(integers, integers), min_size=3, max_size=3), st.lists(integers, min_size=3, max_size=3))
def test_the_quadratic_is_the_square_of_the_combination(vectors: list[tuple[int, int]], weights: list[int]) -> None:
    named = dict(zip("xyz", vectors, strict=True))
    inner = {
        (a, b): sp.Integer(named[a][0] * named[b][0] + named[a][1] * named[b][1])
        for a, b in ("xx", "xy", "zx", "yy", "yz", "zz")
    }
    total = [sum(w * named[x][i] for w, x in zip(weights, "xyz", strict=True)) for i in range(2)]
    assert quadratic(dict(zip("xyz", map(sp.Integer, weights), strict=True)), inner) == total[0] ** 2 + total[1] ** 2


def test_a_missing_pair_is_orthogonal() -> None:
    assert quadratic({"x": sp.Integer(2), "y": sp.Integer(3)}, {("x", "x"): sp.Integer(1)}) == 4


def test_an_unknown_framework_is_refused() -> None:
    with pytest.raises(ValueError, match="framework = 'stale' is not one of fresh"):
        mean("stale")


def test_one_step_of_unbiased_means_by_variances() -> None:
    """A Poisson law, whose variance is its mean: e_t = w^2 r/n + (1-w)^2 (e + r/m)."""
    rate = sp.Symbol("r")
    gap = sp.Symbol("d")
    error = sp.Symbol("e")
    real, synthetic, square = weighted_error(rate, rate + rate**2, gap, error)
    assert sp.cancel(real - rate / n) == 0
    assert sp.cancel(synthetic - gap**2 - (rate + gap) / m) == 0
    assert sp.cancel(square - w**2 * rate / n - (1 - w) ** 2 * (error + rate / m)) == 0
