"""The recursion's closed form, limit and reduction against plain iteration in fractions."""

from __future__ import annotations

import operator
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import ImmutableMatrix, Integer, Rational, Symbol

from nocollapse.theory.models.gaussian import covariance, mean
from nocollapse.theory.recursion import Recursion, root_in_unit_interval, stationary, value_at_infinity
from nocollapse.theory.symbols import frob2, m, n, t, trace, w

x = Symbol("x")
EIGENVALUES = [Fraction(v) for v in ("0", "1", "-1", "1/2", "-1/3", "2", "3/4")]
entries = st.fractions(-2, 2, max_denominator=3)


def system(matrix: list[list[Fraction]], offset: list[Fraction], initial: list[Fraction]) -> Recursion:
    def column(values: list[Fraction]) -> ImmutableMatrix:
        return ImmutableMatrix(len(values), 1, [Rational(v.numerator, v.denominator) for v in values])

    rows = ImmutableMatrix([[Rational(v.numerator, v.denominator) for v in row] for row in matrix])
    return Recursion(sp.symbols(f"s0:{len(offset)}"), rows, column(offset), column(initial))


@st.composite
def systems(draw: st.DrawFn, eigenvalues: list[Fraction] = EIGENVALUES) -> Recursion:
    """Triangular matrices with chosen, often repeated eigenvalues, mixed by integer row and column operations."""
    d = draw(st.integers(1, 4))
    diagonal = draw(st.lists(st.sampled_from(eigenvalues), min_size=d, max_size=d))
    matrix = [[Fraction(0)] * d for _ in range(d)]
    for i in range(d):
        matrix[i][i] = diagonal[i]
        for j in range(i + 1, d):
            matrix[i][j] = draw(entries)
    if d > 1:
        for i, j, c in draw(
            st.lists(st.tuples(st.integers(0, d - 1), st.integers(0, d - 1), st.integers(-2, 2)), max_size=3)
        ):
            if i != j:  # similarity by the elementary matrix 1 + c e_ij
                matrix[i] = [a + c * b for a, b in zip(matrix[i], matrix[j], strict=True)]
                for row in matrix:
                    row[j] -= c * row[i]
    vectors = st.lists(entries, min_size=d, max_size=d)
    return system(matrix, draw(vectors), draw(vectors))


def iterated(recursion: Recursion, steps: int) -> ImmutableMatrix:
    state = recursion.initial
    for _ in range(steps):
        state = recursion.matrix * state + recursion.offset
    return ImmutableMatrix(state)


@settings(max_examples=50, deadline=None)
@given(systems())
def test_the_closed_form_is_the_iteration(recursion: Recursion) -> None:
    closed = recursion.at(t)
    for steps in (0, 1, 2, 3, 4, 5, 9):
        exact = iterated(recursion, steps)
        assert closed.subs(t, steps) == exact
        assert recursion.at(Integer(steps)) == exact
        assert recursion.iterate(steps) == exact


@settings(max_examples=40, deadline=None)
@given(systems())
def test_the_eigenvalues_are_roots_of_the_characteristic_polynomial(recursion: Recursion) -> None:
    eigenvalues = recursion.eigenvalues()
    assert sp.expand(sp.prod([x - value for value in eigenvalues]) - recursion.matrix.charpoly(x).as_expr()) == 0


@settings(max_examples=40, deadline=None)
@given(systems([Fraction(v) for v in ("0", "-1/3", "1/2")]))
def test_a_stable_recursion_tends_to_its_fixed_point(recursion: Recursion) -> None:
    fixed = recursion.fixed_point()
    assert recursion.update(fixed) == fixed
    late = iterated(recursion, 120)
    for i in range(len(recursion.state)):
        assert recursion.limit(i) == fixed[i]
        assert abs(late[i] - fixed[i]) < Rational(1, 10**20)


@settings(max_examples=80, deadline=None)
@given(systems())
def test_the_limit_is_where_a_long_iteration_goes(recursion: Recursion) -> None:
    """Finite exactly where the iteration settles: eigenvalue 1 alone, and no growing or alternating mode."""
    limit = recursion.limit()
    matrix, offset, start = (
        [[Fraction(int(e.p), int(e.q)) for e in part.row(i)] for i in range(part.rows)]
        for part in (recursion.matrix, recursion.offset, recursion.initial)
    )
    state = [row[0] for row in start]
    path = []
    for step in range(303):
        path += [state[0]] if step >= 300 else []
        state = [sum(map(operator.mul, row, state), c[0]) for row, c in zip(matrix, offset, strict=True)]
    if limit == sp.oo:
        assert max(abs(path[1] - path[0]), abs(path[2] - path[1])) > Fraction(1, 10**6)
    else:
        assert abs(path[0] - Fraction(int(limit.p), int(limit.q))) < Fraction(1, 10**20)


@pytest.mark.parametrize(
    ("matrix", "offset", "initial", "limit"),
    [
        ("1", "0", "5", "5"),
        ("1", "1", "5", "oo"),
        ("-1", "0", "5", "oo"),
        ("-1", "2", "1", "1"),
        ("2", "-3", "3", "3"),
        ("0", "7", "5", "7"),
    ],
)
def test_limits_on_the_edge_of_stability(matrix: str, offset: str, initial: str, limit: str) -> None:
    recursion = system([[Fraction(matrix)]], [Fraction(offset)], [Fraction(initial)])
    assert recursion.limit() == sp.sympify(limit)


def test_a_nilpotent_matrix_forgets_after_as_many_steps_as_its_size() -> None:
    zero = Fraction(0)
    one = Fraction(1)
    shift = system([[zero, one, zero], [zero, zero, one], [zero, zero, zero]], [zero] * 3, [zero, zero, one])
    assert [shift.at(t)[0].subs(t, s) for s in range(5)] == [0, 0, 1, 0, 0]
    assert shift.limit() == 0


def test_coupled_modes_with_eigenvalue_one_grow() -> None:
    one = Fraction(1)
    zero = Fraction(0)
    recursion = system([[one, one], [zero, one]], [zero, zero], [zero, one])
    assert sp.expand(recursion.at(t)[0] - t) == 0
    assert (recursion.limit(0), recursion.limit(1)) == (sp.oo, 1)


@pytest.mark.parametrize("ddof", [0, 1])
def test_symbolic_modes_of_the_covariance_are_the_iteration(ddof: int) -> None:
    recursion = covariance(ddof).recursion
    assert len(recursion.state) == 3 - ddof
    values = {n: Integer(7), m: Integer(4), w: Rational(2, 5), trace: Rational(9, 2), frob2: Rational(13, 2)}
    closed = recursion.at(t)
    numeric = recursion.subs(values)
    for steps in range(4):
        assert closed.subs(t, steps).subs(values) == iterated(numeric, steps)
    assert ImmutableMatrix(recursion.fixed_point().subs(values)) == numeric.fixed_point()


def test_symbolic_iteration_by_doubling_and_step_by_step() -> None:
    recursion = mean().recursion
    doubled = recursion.iterate(3)
    plain = recursion.initial
    for _ in range(3):
        plain = recursion.update(plain)
    assert sp.cancel(doubled[0] - plain[0]) == 0


def test_a_recursion_that_depends_on_the_step_is_iterated_with_it() -> None:
    recursion = Recursion(
        (x,), ImmutableMatrix([[t / (t + 1)]]), ImmutableMatrix([[1 / t]]), ImmutableMatrix([[Integer(2)]])
    )
    assert not recursion.autonomous
    value = Fraction(2)
    for step in range(1, 7):
        value = Fraction(step, step + 1) * value + Fraction(1, step)
    assert recursion.iterate(6)[0] == Rational(value.numerator, value.denominator)
    assert recursion.iterate(0)[0] == 2


def test_reduce_drops_exactly_the_frozen_moments() -> None:
    """The second moment stays at 3; the third starts at a fixed point too, but depends on one that moves."""
    matrix = ImmutableMatrix([[Rational(1, 2), 1, 0], [0, Rational(1, 3), 0], [1, 0, 0]])
    recursion = Recursion(sp.symbols("a b c"), matrix, ImmutableMatrix([1, 2, 0]), ImmutableMatrix([0, 3, 0]))
    reduced = recursion.reduce()
    assert reduced.state == sp.symbols("a c")
    for steps in range(5):
        whole = recursion.iterate(steps)
        assert reduced.iterate(steps) == ImmutableMatrix([whole[0], whole[2]])


def test_reduce_keeps_a_moment_that_pauses_at_the_start() -> None:
    """b(1) = b(0), but b moves afterwards because a does."""
    matrix = ImmutableMatrix([[2, 0], [1, 0]])
    recursion = Recursion(sp.symbols("a b"), matrix, ImmutableMatrix([0, 0]), ImmutableMatrix([1, 1]))
    assert recursion.reduce().state == recursion.state


@settings(max_examples=40, deadline=None)
@given(systems())
def test_reduce_never_changes_a_value(recursion: Recursion) -> None:
    reduced = recursion.reduce()
    moving = [recursion.state.index(s) for s in reduced.state]
    whole = iterated(recursion, 5)
    part = iterated(reduced, 5)
    assert [whole[i] for i in moving] == list(part)
    assert all(whole[i] == recursion.initial[i] for i in range(len(recursion.state)) if i not in moving)


def test_irrational_eigenvalues_are_an_error() -> None:
    two = Fraction(2)
    one = Fraction(1)
    zero = Fraction(0)
    recursion = system([[zero, two], [one, zero]], [zero, zero], [one, one])
    with pytest.raises(ValueError, match="irreducible factor"):
        recursion.eigenvalues()
    with pytest.raises(ValueError, match="irreducible factor"):
        recursion.at(t)


@pytest.mark.parametrize(
    ("matrix", "offset", "initial"), [((2, 2), (1, 1), (1, 1)), ((1, 1), (2, 1), (1, 1)), ((1, 1), (1, 1), (1, 2))]
)
def test_wrong_shapes_are_an_error(matrix: tuple[int, int], offset: tuple[int, int], initial: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="1 x 1 matrix"):
        Recursion((x,), *(ImmutableMatrix(sp.zeros(*shape)) for shape in (matrix, offset, initial)))


def test_roots_and_limits_of_rational_functions() -> None:
    objective = (w**2 + 2 * (1 - w) ** 2) / (w * (2 - w))
    best = root_in_unit_interval(stationary(objective, w), w, {})
    assert best == sp.sqrt(3) - 1
    with pytest.raises(ValueError, match="0 roots"):
        root_in_unit_interval(x**2 + 1 - 4 * x + 8, x, {})
    with pytest.raises(ValueError, match="2 roots"):
        root_in_unit_interval((3 * x - 1) * (3 * x - 2), x, {})
    assert value_at_infinity(3 / n + 1 / m, n) == 1 / m
    with pytest.raises(ValueError, match="no finite limit"):
        value_at_infinity(n**2 / (n + 1), n)


def test_radius_threshold_and_optimum_of_a_recursion() -> None:
    """e' = (1-w)^2 (m+1) e + w^2: radius, threshold and optimum worked out by hand."""
    gain = (1 - W) ** 2 * (M + 1)
    r = Recursion((X,), ImmutableMatrix([[gain]]), ImmutableMatrix([[W**2]]), ImmutableMatrix([[0]]))
    where = {M: sp.Integer(3)}
    assert sp.cancel(r.spectral_radius({**where, W: sp.Rational(1, 2)}) - gain) == 0
    assert sp.N((r.threshold(W, where) - (1 - 1 / sp.sqrt(M + 1))).subs(M, 3)) == 0
    still = Recursion((X,), ImmutableMatrix([[(1 - W) ** 2]]), ImmutableMatrix([[W**2 + 1]]), ImmutableMatrix([[0]]))
    best = still.optimum(W, {})
    assert sp.simplify(sp.diff(still.fixed_point()[0], W).subs(W, best)) == 0
    assert {"recursion", "start", "value", "fixed point", "eigenvalues"} == set(still.latex())


W, M, X = sp.symbols("w m x", positive=True)
