"""Wick moments against brute force: polynomials in explicit Gaussian coordinates, integrated term by term."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from nocollapse.theory.moments.wick import (
    Monomial,
    TracePolynomial,
    Word,
    canonical,
    expect,
    monomial,
    pairings,
    substitute,
)

FACTOR = [[2, 0], [1, 3]]  # Sigma = FACTOR FACTOR', so that z = FACTOR g with g standard normal
SIGMA = [[4, 2], [2, 10]]
FIXED = {"A": [[1, -2], [-2, 5]], "B": [[0, 3], [3, 1]], "Sigma": SIGMA}
Matrix = Sequence[Sequence[Any]]
CASES: list[list[Word]] = [
    [("S",)],
    [("S", "S")],
    [("S",), ("S",)],
    [("S", "A")],
    [("S", "A", "S", "B")],
    [("A", "B"), ("S", "S")],
    [("A",), ("S", "B"), ("S", "A")],
    [("S", "S", "S")],
    [("S", "S"), ("S", "A")],
    [("S", "A", "S"), ("B", "S")],
    [("S", "S", "S", "S")],
    [("S", "S"), ("S", "S")],
    [("S", "S"), ("S",), ("S",)],
    [("S", "A", "S", "B"), ("S", "S")],
]


def times(a: Matrix, b: Matrix) -> list[list[Any]]:
    columns = list(zip(*b, strict=True))
    return [[sum(x * y for x, y in zip(row, c, strict=True)) for c in columns] for row in a]


def trace_of(word: Word, matrices: Mapping[str, Matrix]) -> Any:
    result: Matrix = [[1, 0], [0, 1]]
    for letter in word:
        result = times(result, matrices[letter])
    return result[0][0] + result[1][1]


def numeric(poly: TracePolynomial, matrices: Mapping[str, Matrix]) -> Fraction:
    total = sum(c * prod(trace_of(word, matrices) for word in key) for key, c in poly.items())
    value = sp.Rational(total)
    return Fraction(int(value.p), int(value.q))


def brute(words: list[Word], dof: int, divisor: int) -> Fraction:
    """E of a product of traces: expand it in the 2 dof coordinates, then E g^j = (j-1)!!, or 0 for odd j."""
    _, *g = sp.ring(f"g0:{2 * dof}", sp.QQ)
    draws = [[FACTOR[i][0] * g[2 * a] + FACTOR[i][1] * g[2 * a + 1] for i in range(2)] for a in range(dof)]
    scatter = [[sum(z[i] * z[j] for z in draws) for j in range(2)] for i in range(2)]
    expanded: Any = prod(trace_of(word, {**FIXED, "S": scatter}) for word in words)
    order = sum(word.count("S") for word in words)
    total = Fraction(0)
    for powers, coefficient in expanded.terms():
        if all(power % 2 == 0 for power in powers):
            total += Fraction(int(coefficient)) * prod(int(sp.factorial2(power - 1)) for power in powers)
    return total / Fraction(divisor) ** order


@pytest.mark.parametrize("words", CASES, ids=str)
@pytest.mark.parametrize(("dof", "divisor"), [(1, 1), (2, 3)])
def test_moments_are_those_of_explicit_gaussians(words: list[Word], dof: int, divisor: int) -> None:
    symbolic = expect({monomial(*words): sp.Integer(1)}, "S", "Sigma", sp.Symbol("d"), sp.Symbol("c"))
    evaluated = {key: value.subs({sp.Symbol("d"): dof, sp.Symbol("c"): divisor}) for key, value in symbolic.items()}
    assert numeric(evaluated, FIXED) == brute(words, dof, divisor)


@pytest.mark.parametrize(
    "powers", [[1], [2], [1, 1], [3], [2, 1], [1, 1, 1], [4], [3, 1], [2, 2], [2, 1, 1], [1, 1, 1, 1]], ids=str
)
def test_one_dimension_gives_the_moments_of_chi_square(powers: list[int]) -> None:
    """With p = 1 every product of traces of order r is (chi^2_d / c)^r."""
    d, c = sp.symbols("d c", positive=True)
    moment = expect({monomial(*(("S",) * j for j in powers)): sp.Integer(1)}, "S", "Sigma", d, c)
    order = sum(powers)
    assert sp.expand(sum(moment.values()) * c**order - prod(d + 2 * i for i in range(order))) == 0


def test_a_letter_that_is_absent_leaves_the_polynomial_alone() -> None:
    poly = {monomial(("A", "B")): sp.Integer(3)}
    assert expect(poly, "S", "Sigma", sp.Symbol("d"), sp.Symbol("c")) == poly


@pytest.mark.parametrize("order", range(6))
def test_pairings_are_all_distinct_and_cover_every_item(order: int) -> None:
    items = tuple(range(2 * order))
    every = list(pairings(items))
    assert len(every) == len(set(every)) == sp.factorial2(2 * order - 1)
    assert all(sorted(i for pair in pairing for i in pair) == list(items) for pairing in every)


words = st.lists(st.sampled_from("ABS"), min_size=1, max_size=6).map(tuple)


@given(words, st.integers(0, 5), st.booleans())
def test_rotation_and_reversal_do_not_change_the_canonical_word(word: Word, turn: int, back: bool) -> None:
    turned = word[turn % len(word) :] + word[: turn % len(word)]
    same = turned[::-1] if back else turned
    assert canonical(same) == canonical(word) == canonical(canonical(word))
    assert sorted(canonical(word)) == sorted(word)


symmetric = st.tuples(*[st.integers(-3, 3)] * 3).map(lambda e: [[e[0], e[1]], [e[1], e[2]]])


@settings(max_examples=40, deadline=None)
@given(st.lists(words, min_size=1, max_size=2), symmetric, symmetric, symmetric)
def test_substitution_is_that_of_matrices(
    key: list[Word], a: list[list[int]], b: list[list[int]], x: list[list[int]]
) -> None:
    """tr of words in S = 2A - B/3 equals the expanded polynomial, at integer matrices."""
    poly = {monomial(*key): sp.Integer(1)}
    expanded = substitute(poly, "S", {"A": sp.Integer(2), "X": sp.Rational(-1, 3)})
    assert all("S" not in word for m in expanded for word in m)
    combined = [[2 * a[i][j] - Fraction(x[i][j], 3) for j in range(2)] for i in range(2)]
    exact = prod(trace_of(word, {"A": a, "B": b, "S": combined}) for word in key)
    assert numeric(expanded, {"A": a, "B": b, "X": x}) == exact


def test_substitution_adds_equal_terms_and_drops_zeros() -> None:
    square: Monomial = monomial(("S", "S"))
    assert substitute({square: sp.Integer(1)}, "S", {"A": sp.Integer(1), "B": sp.Integer(1)}) == {
        monomial(("A", "A")): 1,
        monomial(("A", "B")): 2,
        monomial(("B", "B")): 1,
    }
    difference = {monomial(("S",)): sp.Integer(1), monomial(("A",)): sp.Integer(-1)}
    assert substitute(difference, "S", {"A": sp.Integer(1)}) == {}


def test_every_matrix_product_of_the_cases_is_covered() -> None:
    """The brute force itself: E S = dof/divisor Sigma entry by entry, through tr(S A)."""
    for dof, divisor in product((1, 2, 3), (1, 2)):
        assert brute([("S", "A")], dof, divisor) == Fraction(dof, divisor) * Fraction(trace_of(("Sigma", "A"), FIXED))
