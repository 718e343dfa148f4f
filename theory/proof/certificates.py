"""Checks that prove: polynomial identities in two kernels, and inequalities by non-negative coefficients.

An identity is a residual that is the zero polynomial, modulo the relations that define its square roots and the
constraints it is given, where no denominator is zero modulo these. It is decided in sympy and again in python-flint,
whose arithmetic shares no code with it.
An inequality is proved by a rational change of variables onto non-negative coordinates in which every coefficient
of numerator and denominator is non-negative and one is positive where it has to be. Nothing here is sampled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import flint
import sympy as sp
from sympy import Dummy, Expr, Symbol
from sympy.core.relational import Relational
from sympy.polys.rings import PolyRing

from nocollapse.theory.claims.claim import Inequality
from nocollapse.theory.claims.coordinates import STANDARD, Coordinate, Coordinates
from nocollapse.theory.proof.witness import vanishing_point, witness
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import frob2, latex, trace

_UNIT = Symbol("s")
"""A generator for polynomials that have none of their own."""


@dataclass(frozen=True)
class _Algebra:
    """Expressions as rational functions over the rationals, in symbols and opaque atoms.

    Square roots become generators with their defining relation; any other non-rational object (`lambda**t`, pi,
    a special function) becomes a free generator, so that what is proved holds whatever its value.
    """

    expressions: tuple[Expr, ...]
    given: tuple[Expr, ...]

    @cached_property
    def _atoms(self) -> dict[Expr, Symbol]:
        return {}

    def _atomise(self, expression: Expr) -> Expr:
        expression = sp.sympify(expression)
        if expression.is_Rational or expression.is_Symbol:
            return expression
        if expression.is_Add or expression.is_Mul:
            return expression.func(*(self._atomise(arg) for arg in expression.args))
        if expression.is_Pow:
            base, exponent = expression.as_base_exp()
            if exponent.is_Integer:
                return self._atomise(base) ** exponent
            if exponent.is_Rational and exponent.q == 2:
                return self._generator(sp.sqrt(sp.cancel(base))) ** exponent.p
            shift, growth = exponent.as_coeff_Add()
            times, step = growth.as_coeff_Mul()
            if shift.is_Integer and times.is_Integer:  # base**(times * step + shift), with one atom a base and step
                if step.is_integer or base.is_positive:  # else b**(2 x) need not be (b**2)**x
                    atom = self._generator(sp.expand(base ** abs(times)) ** step)
                else:
                    atom = self._generator(base ** (abs(times) * step))
                return self._atomise(base) ** shift * atom ** sp.sign(times)
        if isinstance(expression, sp.exp) and expression.exp.could_extract_minus_sign():
            return 1 / self._generator(1 / expression)
        return self._generator(expression)

    def _generator(self, expression: Expr) -> Symbol:
        return self._atoms.setdefault(expression, sp.Dummy(f"a{len(self._atoms)}"))

    @cached_property
    def rational(self) -> tuple[Expr, ...]:
        """The expressions with their atoms replaced by generators."""
        return tuple(self._atomise(e) for e in self.expressions)

    @cached_property
    def relations(self) -> tuple[Expr, ...]:
        """Polynomials that vanish: one a square root, then the given ones."""
        _ = self.rational
        given = tuple(self._atomise(g) for g in self.given)
        roots = []
        for atom, generator in list(self._atoms.items()):
            if atom.is_Pow and atom.exp == sp.Rational(1, 2):
                roots.append(sp.fraction(sp.together(generator**2 - self._atomise(atom.base)))[0])
        return (*roots, *given)

    @cached_property
    def generators(self) -> tuple[Symbol, ...]:
        """Every generator in an order whose leading terms reduce: roots, then w-like symbols, then the rest."""
        relations = self.relations
        free = sp.Tuple(*self.rational, *relations).free_symbols
        first = [g for g in self._atoms.values() if g in free]
        leading = [s for s in sorted(free - set(first), key=str) if any(sp.degree(r, s) == 2 for r in relations)]
        rest = [s for s in sorted(free, key=str) if s not in first and s not in leading]
        return (*first, *leading, *rest)


def refusal(step: Step) -> str:
    """Why a step is no identity of rational functions in what commutes and is finite; empty where it is one."""
    for expression in (step.left, step.right, *step.given):
        if not isinstance(expression, Expr):
            return f"{expression} is no expression"
        if expression.has(sp.nan, sp.zoo, sp.oo, -sp.oo):
            return f"{expression} is not finite"
        if not expression.is_commutative:
            return f"{expression} has symbols that do not commute"
    return ""


def zero_in_sympy(step: Step) -> bool:
    """Whether the residual of a step is zero modulo its relations, decided by sympy's polynomials."""
    if refusal(step):
        return False
    algebra = _Algebra((step.left, step.right), step.given)
    left, right = algebra.rational
    relations = algebra.relations
    ring = PolyRing(algebra.generators or (_UNIT,), sp.QQ, "lex")
    numerator, _ = sp.fraction(sp.together(left - right))
    divisors = [ring.from_expr(sp.fraction(sp.together(relation))[0]) for relation in relations]
    below = [ring.from_expr(sp.fraction(sp.together(side))[1]) for side in (left, right)]
    return all(one.rem(divisors) for one in below) and not ring.from_expr(numerator).rem(divisors)


def zero_in_flint(step: Step) -> bool:
    """Whether the residual of a step is zero modulo its relations, decided by FLINT's sparse polynomials."""
    if refusal(step):
        return False
    algebra = _Algebra((step.left, step.right), step.given)
    names = {symbol: f"g{i}" for i, symbol in enumerate(algebra.generators)}
    context = flint.fmpq_mpoly_ctx.get(tuple(names.values()) or ("g0",), flint.Ordering.lex)
    values = dict(zip(algebra.generators, context.gens(), strict=False))
    left, right = (_fraction(e, values, context) for e in algebra.rational)
    relations = [_fraction(r, values, context)[0] for r in algebra.relations]
    if 0 in (_reduced(left[1], relations), _reduced(right[1], relations)):
        return False
    return bool(_reduced(left[0] * right[1] - right[0] * left[1], relations) == 0)


def _reduced(polynomial: Any, relations: Sequence[Any]) -> Any:
    """What is left of a polynomial in FLINT modulo relations."""
    while polynomial != 0:
        before = polynomial
        for relation in relations:
            polynomial = divmod(polynomial, relation)[1]
        if polynomial == before:
            break
    return polynomial


def _fraction(expression: Expr, values: Mapping[Symbol, Any], context: Any) -> tuple[Any, Any]:
    """Numerator and denominator in FLINT, by walking the tree: no help from sympy's algebra."""
    one = context.constant(1)
    if expression.is_Rational:
        return one * int(expression.p), one * int(expression.q)
    if expression.is_Symbol:
        return values[expression], one
    if expression.is_Pow:
        top, bottom = _fraction(expression.base, values, context)
        power = int(expression.exp)
        return (top**power, bottom**power) if power >= 0 else (bottom**-power, top**-power)
    total = None
    for arg in expression.args:
        top, bottom = _fraction(arg, values, context)
        if total is None:
            total = (top, bottom)
        elif expression.is_Mul:
            total = (total[0] * top, total[1] * bottom)
        else:
            total = (total[0] * bottom + top * total[1], total[1] * bottom)
    assert total is not None
    return total


@dataclass(frozen=True)
class Certificate:
    """The outcome of a check: whether it proves its statement, and how."""

    name: str
    statement: str
    holds: bool
    method: str
    detail: str


def identity(step: Step, name: str) -> Certificate:
    """The certificate of an identity: zero residual in both kernels."""
    is_zero = all([zero_in_sympy(step), zero_in_flint(step)])
    can_vanish = vanishing_point(step.given) is not None
    detail = "residual is the zero polynomial" if is_zero else "residual is not zero"
    if not can_vanish:
        detail += ", but no rational point is found at which what is given vanishes,"
    if step.given:
        detail += " modulo $" + ",\\; ".join(latex(g) for g in step.given) + "$"
    return Certificate(name, step.latex, is_zero and can_vanish, "identity in sympy and python-flint", detail)


def positivity(claim: Inequality) -> Certificate:
    """The certificate of an inequality: non-negative coefficients after a change of variables onto its domain."""
    symbols = sp.Tuple(claim.expression, *claim.hypotheses).free_symbols
    printed = _change(claim.coordinates, symbols)
    try:
        if witness(claim.hypotheses) is None:
            raise ValueError("no rational point is found that satisfies the hypotheses")
        change = _fresh(printed, symbols)
        strict = _strict_coordinates(change, claim.hypotheses)
    except ValueError as error:
        return Certificate(claim.name, claim.latex, False, "non-negative coefficients", str(error))
    new = claim.expression.subs({old: coordinate.value for old, coordinate in change.items()}, simultaneous=True)
    generators = sorted(new.free_symbols, key=str) or [_UNIT]
    numerator, denominator = (sp.Poly(side, *generators) for side in sp.fraction(sp.cancel(sp.together(new))))
    if all(c < 0 for c in denominator.coeffs()):
        numerator = -numerator
        denominator = -denominator
    holds = _positive(denominator, strict, True) and _positive(numerator, strict, claim.strict)
    where = ", ".join(f"${latex(old)} = {latex(coordinate.value)}$" for old, coordinate in printed.items())
    terms = len(numerator.terms()) + len(denominator.terms())
    least = min([*numerator.coeffs(), *denominator.coeffs()])
    detail = f"{f'with {where}: ' if where else ''}{terms} coefficients, the least of them ${latex(least)}$"
    return Certificate(claim.name, claim.latex, holds, "non-negative coefficients", detail)


def _change(own: Coordinates, symbols: set[Symbol]) -> Coordinates:
    """The changes of the symbols that occur; the inequality's own take the place of the standard ones.

    A trace alone keeps its letter: it is changed to make room for the squared Frobenius norm below its square.
    """
    coordinates = {**STANDARD, **own}
    if frob2 not in symbols and trace not in own:
        del coordinates[trace]
    return {old: new for old, new in coordinates.items() if old in symbols}


def _fresh(change: Coordinates, symbols: set[Symbol]) -> Coordinates:
    """The same with new symbols that occur nowhere else, whatever they are called.

    Raises ValueError for a value with a symbol that neither the statement has nor a coordinate introduces.
    """
    introduced = [coordinate.new for coordinate in change.values() if coordinate.new is not None]
    fresh = {symbol: Dummy(symbol.name, **symbol.assumptions0) for symbol in introduced}
    coordinates = {}
    for old, coordinate in change.items():
        if strange := coordinate.value.free_symbols - symbols - set(introduced):
            raise ValueError(f"the value of {old} has the symbol {min(strange, key=str)}, which nothing introduces")
        new = None if coordinate.new is None else fresh[coordinate.new]
        coordinates[old] = Coordinate(coordinate.value.subs(fresh), new, coordinate.inverse)
    return coordinates


def _strict_coordinates(change: Coordinates, hypotheses: Sequence[Relational]) -> frozenset[Symbol]:
    """The coordinates that are strictly positive. Raises ValueError unless the change covers the domain."""
    signs = {
        _monic(h.gts - h.lts): isinstance(h, sp.StrictGreaterThan | sp.StrictLessThan)
        for h in hypotheses
        if not isinstance(h, sp.Eq | sp.Ne)
    }
    equations = tuple(h.lhs - h.rhs for h in hypotheses if isinstance(h, sp.Eq))
    back = {c.new: c.inverse for c in change.values() if c.new is not None and c.inverse is not None}
    for old, coordinate in change.items():
        image = sp.sympify(coordinate.value).subs(back, simultaneous=True)
        if not zero_in_sympy(Step("", image, old, equations)):
            raise ValueError(f"the change of variables does not give back {old}")
    strict = set()
    for new, inverse in back.items():
        above, below = ([_signed(f, signs) for f in _factors(part)] for part in sp.fraction(sp.factor(inverse)))
        if None in (*above, *below) or sp.prod([sign for sign, _ in filter(None, (*above, *below))]) < 0:
            raise ValueError(f"no hypothesis gives the sign of {new} = {inverse}")
        if not all(is_strict for _, is_strict in filter(None, below)):
            raise ValueError(f"the hypotheses let the denominator of {new} = {inverse} vanish")
        if all(is_strict for _, is_strict in filter(None, above)):
            strict.add(new)
    return frozenset(strict | {f for f, is_strict in signs.items() if f.is_Symbol and is_strict})


def _factors(expression: Expr) -> list[Expr]:
    """The irreducible factors of a polynomial with their multiplicity, the numerical one included."""
    content, factors = sp.factor_list(expression)
    return [content, *(factor for factor, power in factors for _ in range(power))]


def _signed(factor: Expr, signs: Mapping[Expr, bool]) -> tuple[int, bool] | None:
    """The sign of a factor and whether it is strict, by the hypotheses; None where they do not tell."""
    if factor.is_number:
        return int(sp.sign(factor)), True
    for sign in (1, -1):
        if (key := _monic(sign * factor)) in signs:
            return sign, signs[key]
    return None


def _monic(expression: Expr) -> Expr:
    """A hypothesis `expression >= 0` up to a positive factor."""
    content, primitive = sp.sympify(expression).as_content_primitive()
    return sp.expand(primitive if content > 0 else -primitive)


def _positive(poly: sp.Poly, strict_symbols: frozenset[Symbol], strict: bool) -> bool:
    """Whether all coefficients are >= 0 and, if `strict`, some positive term has only strictly positive factors."""
    known = {s for s in poly.gens if s in strict_symbols or s.is_nonnegative}
    if any(c < 0 for c in poly.coeffs()) or any(g not in known for g in poly.gens if poly.degree(g) > 0):
        return False
    if not strict:
        return True
    return any(
        c > 0 and all(power == 0 or g in strict_symbols for g, power in zip(poly.gens, powers, strict=True))
        for powers, c in poly.terms()
    )
