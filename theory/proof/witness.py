"""Points that satisfy hypotheses: from contradictory ones anything follows, so each set has to have a rational point.

A point is found by trying small rational numbers, with as many symbols solved for as there are equations; that it
satisfies the hypotheses is decided exactly. Where none is found nothing is said to be proved.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations

import sympy as sp
from sympy import Eq, Expr, Ne, Rational, Symbol
from sympy.core.relational import Relational

Point = Mapping[Symbol, Rational]
TRIES = 4000
_NUMBERS = tuple(
    Rational(top, bottom)
    for top, bottom in (
        (1, 2), (1, 3), (2, 3), (3, 4), (1, 4), (3, 5), (4, 5), (9, 10), (12, 25), (1, 10), (1, 100),
        (1, 1), (3, 2), (2, 1), (5, 2), (3, 1), (4, 1), (5, 1), (8, 1), (12, 1), (30, 1),
    )
)  # fmt: skip
"""What is tried for a symbol; a real one gets some of their negatives, too."""


def witness(hypotheses: Sequence[Relational]) -> Point | None:
    """A rational point at which all hypotheses hold, of the kind that its symbols are declared; None if none is found.

    >>> k, w = sp.symbols("k w", positive=True)
    >>> point = witness((w > 0, w < 1, Eq(w**2, k * (1 - w))))
    >>> point[w] ** 2 == point[k] * (1 - point[w])
    True
    >>> witness((w > 1, w < 1)) is None
    True
    """
    if any(h is sp.false for h in hypotheses):
        return None
    equations = tuple(h.lhs - h.rhs for h in hypotheses if isinstance(h, Eq))
    others = tuple(h for h in hypotheses if not isinstance(h, Eq) and h is not sp.true)
    return _point(equations, others)


def vanishing_point(given: Sequence[Expr]) -> Point | None:
    """A rational point at which all the given expressions vanish; None if none is found."""
    return _point(tuple(given), ())


@cache
def _point(equations: tuple[Expr, ...], others: tuple[Relational, ...]) -> Point | None:
    symbols = sorted(set().union(*(part.free_symbols for part in (*equations, *others))), key=sp.default_sort_key)
    if not symbols:
        return {} if all(sp.cancel(equation) == 0 for equation in equations) else None
    for solved in _solutions(equations, symbols):
        free = [symbol for symbol in symbols if symbol not in solved]
        numbers = random.Random(1)
        for _ in range(TRIES if free else 1):
            point = {symbol: _number(symbol, numbers) for symbol in free}
            whole = point | {symbol: value.subs(point) for symbol, value in solved.items()}
            if all(map(_admits, whole, whole.values())) and _holds(equations, others, whole):
                return whole
    return None


def _solutions(equations: tuple[Expr, ...], symbols: Sequence[Symbol]) -> Iterator[Mapping[Symbol, Expr]]:
    """Ways to solve the equations for as many symbols, in which they are linear."""
    if not equations:
        yield {}
        return
    tops = [sp.sqf_part(sp.numer(sp.together(equation)), *symbols) for equation in equations]  # of the same zeros
    for chosen in combinations(symbols, len(equations)):
        polynomials = [sp.Poly(top, *chosen) for top in tops]
        if any(polynomial.total_degree() > 1 for polynomial in polynomials):
            continue
        system = sp.Matrix([[polynomial.coeff_monomial(symbol) for symbol in chosen] for polynomial in polynomials])
        right = sp.Matrix([-polynomial.coeff_monomial(1) for polynomial in polynomials])
        if sp.cancel(system.det()) == 0:
            continue
        yield dict(zip(chosen, map(sp.cancel, system.LUsolve(right)), strict=True))


def _number(symbol: Symbol, numbers: random.Random) -> Rational:
    if symbol.is_integer:
        return Rational(numbers.randint(0, 9))
    value = numbers.choice(_NUMBERS)
    return value if symbol.is_nonnegative or numbers.random() < 0.5 else -value


def _admits(symbol: Symbol, value: Expr) -> bool:
    """Whether a symbol is declared for a value; a real number is admitted by a symbol without declaration."""
    if not value.is_Rational:
        return False
    if symbol.is_positive and value <= 0:
        return False
    if symbol.is_integer and value.q != 1:
        return False
    return not (symbol.is_nonnegative and value < 0)


def _holds(equations: tuple[Expr, ...], others: tuple[Relational, ...], point: Point) -> bool:
    for equation in equations:
        if equation.subs(point) != 0:
            return False
    for hypothesis in others:
        gap = (hypothesis.lhs - hypothesis.rhs).subs(point)
        holds = gap != 0 if isinstance(hypothesis, Ne) else hypothesis.func(gap, 0)
        if holds not in (True, sp.true):
            return False
    return True
