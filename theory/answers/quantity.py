"""What a claim predicts, as an expression or a recursion, and in which sizes it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import Expr, ImmutableMatrix

from nocollapse.theory.claims.registry import CLAIMS, entry
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import k, m, n


@dataclass(frozen=True)
class Quantity:
    """A closed expression, a recursion whose first moment has values at each step, or both.

    Where both are there, the expression is the limit. An autonomous recursion finds its limit by itself.
    """

    expression: Expr | None = None
    recursion: Recursion | None = None

    @property
    def symbols(self) -> set[sp.Symbol]:
        """The symbols that it depends on."""
        return set().union(*(part.free_symbols for part in self._parts()))

    def in_sizes(self) -> Quantity:
        """A quantity of k, in n and m."""
        return Quantity(
            None if self.expression is None else self.expression.subs(k, n / m),
            None if self.recursion is None else self.recursion.subs({k: n / m}),
        )

    def scaled(self) -> Quantity | None:
        """n times the quantity as a function of k = n/m alone, or None where it is not one."""
        expression = None if self.expression is None else _scaled(self.expression, n)
        recursion = None
        if self.recursion is not None:
            r = self.recursion
            matrix = ImmutableMatrix(r.matrix.applyfunc(lambda entry: _scaled(entry, sp.Integer(1))))
            columns = [ImmutableMatrix(c.applyfunc(lambda entry: _scaled(entry, n))) for c in (r.offset, r.initial)]
            recursion = Recursion(r.state, matrix, *columns)
        quantity = Quantity(expression, recursion)
        return None if {n, m} & quantity.symbols else quantity

    def per_real_point(self) -> Recursion:
        """The recursion of the error in n and m; where the claim is about n times the error, divided by n."""
        if self.recursion is None:
            raise ValueError("only a recursion has an error at each step")
        if not self.recursion.offset.has(k):
            return self.recursion
        r = self.recursion
        columns = (ImmutableMatrix(column / n) for column in (r.offset, r.initial))
        return Recursion(r.state, r.matrix, *columns).subs({k: n / m})

    def _parts(self) -> list[sp.Basic]:
        r = self.recursion
        matrices = [] if r is None else [r.matrix, r.offset, r.initial]
        return matrices if self.expression is None else [*matrices, self.expression]


def _scaled(part: Expr, factor: Expr) -> Expr:
    return sp.cancel((part * factor).subs(n, k * m))


def quantity(identifier: str, variant: str | None = None) -> Quantity:
    """What a claim, or a variant of it, predicts. Raises ValueError where it predicts no single number.

    >>> quantity("mean.naive").expression
    trace*(m + n)/(n*(2*m + n))
    """
    if entry(identifier).example is None:
        having = [name for name, other in CLAIMS.items() if other.example is not None]
        raise ValueError(f"{identifier} has no single number to evaluate; these have: {', '.join(having)}")
    claim = entry(identifier)(variant)
    if claim.recursion is None:
        return Quantity(claim.derived)
    return Quantity(claim.limit, claim.recursion)
