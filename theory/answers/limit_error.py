"""The limit error as a function of the weight alone: its least value, its collapse, and where it takes a level.

At given sizes it is a rational function with integer coefficients. Roots are those of irreducible integer polynomials,
enclosed in FLINT's ball arithmetic: what is returned is certain, or refused as an `ArithmeticError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import flint
import sympy as sp
from flint import acb, arb, fmpq, fmpz_poly
from sympy import Expr, Rational

from nocollapse.theory.answers.decimals import certain_decimal, decimal
from nocollapse.theory.symbols import w

_NARROW = arb(2) ** -70
"""The relative width at which a bisection stops: well below what a float can tell."""


@dataclass(frozen=True)
class Root:
    """A real algebraic number: its irreducible polynomial over the integers, and a ball that holds this root alone."""

    polynomial: fmpz_poly
    ball: arb

    @property
    def degree(self) -> int:
        """The degree of the number: 1 where it is rational, 2 where a square root writes it."""
        return self.polynomial.degree()

    def equation(self) -> Expr:
        """The polynomial in the weight."""
        return sp.Poly([int(c) for c in reversed(self.polynomial.coeffs())], w).as_expr()

    def exact(self) -> Expr | None:
        """The number in closed form, for degrees 1 and 2.

        >>> [root.exact() for root, _ in roots(fmpz_poly([-2, -2, 4]))]
        [1, -1/2]
        """
        if self.degree > 2:
            return None
        c, b, a = (sp.Integer(int(self.polynomial[i])) for i in range(3))
        if a == 0:
            return -c / b
        side = 1 if 2 * self.polynomial[2] * self.ball + self.polynomial[1] > 0 else -1
        return sp.together((side * sp.sqrt(b**2 - 4 * a * c) - b) / (2 * a))

    def decimal(self, digits: int = 17) -> str:
        """Its decimal; all digits are certain.

        >>> [root.decimal(7) for root, _ in roots(fmpz_poly([-3, 0, 4]))]
        ['-0.8660254', '0.8660254']
        """
        if self.degree == 1:  # it may lie halfway between two decimals, which no ball could settle
            return decimal(str(sp.N(self.exact(), digits + 10)), digits)
        text = certain_decimal(self.ball, digits)
        if text is None:
            raise ArithmeticError(f"{digits} digits of a root of {self.polynomial} cannot be settled")
        return text


def roots(polynomial: fmpz_poly) -> Iterator[tuple[Root, int]]:
    """The real roots of a polynomial with their multiplicities.

    >>> [(root.decimal(5), multiplicity) for root, multiplicity in roots(fmpz_poly([0, 0, -2, 0, 1]))]
    [('0', 2), ('-1.4142', 1), ('1.4142', 1)]
    """
    for factor, multiplicity in polynomial.factor()[1]:
        for z, _ in cast(list[tuple[acb, int]], factor.complex_roots()):
            if z.imag == 0:  # exactly so for real roots, and for no others
                yield Root(factor, z.real), multiplicity


@dataclass(frozen=True)
class Objective:
    """`top / bottom` at a weight in (collapse, 1], where it is finite; the two are coprime and positive at 1.

    What it is asked for is certain at a precision of `bits`.
    """

    top: fmpz_poly
    bottom: fmpz_poly

    @classmethod
    def of(cls, error: Expr) -> Objective:
        """An expression in the weight alone, with rational coefficients.

        >>> Objective.of((w**2 + (1 - w)**2 / 4) / (w * (2 - w)))
        Objective(top=5*x^2 + (-2)*x + 1, bottom=(-4)*x^2 + 8*x)
        """
        fraction = sp.fraction(sp.factor(error))
        top, bottom = (fmpz_poly([int(c) for c in reversed(sp.Poly(part, w).all_coeffs())]) for part in fraction)
        return cls(top, bottom) if bottom(1) > 0 else cls(-top, -bottom)

    def __call__(self, weight: arb) -> arb:
        return self.top(weight) / self.bottom(weight)

    @property
    def bits(self) -> int:
        """A precision at which roots of these coefficients are told apart."""
        return 256 + 16 * max(self.top.height_bits(), self.bottom.height_bits())

    def collapse(self) -> arb | None:
        """The weight at or below which the error diverges: its largest pole in [0, 1); None where there is none.

        >>> Objective.of(1 / w).collapse()
        0
        """
        poles = [root.ball for root, _ in roots(self.bottom) if 0 <= root.ball < 1]
        return max(poles, default=None)

    def least(self) -> Root:
        """The weight of the least error in (collapse, 1]: the error falls down to it and rises after it.

        That is certain where the derivative changes sign nowhere else, and is positive at 1.

        >>> Objective.of((w**2 + (1 - w)**2) / (w * (2 - w))).least().exact()
        (-1 + sqrt(5))/2
        """
        slope = self.top.derivative() * self.bottom - self.top * self.bottom.derivative()
        edge = self.collapse() or arb(0)
        inside = [(root, multiplicity) for root, multiplicity in roots(slope) if edge < root.ball < 1]
        if len(inside) != 1 or inside[0][1] != 1 or not slope(1) > 0:
            raise ArithmeticError(f"({self.top}) / ({self.bottom}) is not seen to have one minimum in (0, 1)")
        return inside[0][0]

    def crossing(self, level: arb, below: arb, above: arb) -> arb:
        """The weight between `below` and `above` at which the error is `level`, by bisection.

        The error is less than the level at `below`, greater at `above`, and monotone between the two.

        >>> float(Objective.of(w**2).crossing(arb("1/4"), arb("0.1"), arb(1)))
        0.5
        """
        with flint.ctx.workprec(self.bits):
            while not abs(above - below) < below * _NARROW:
                middle = ((below + above) / 2).mid()
                if self(middle) > level:
                    above = middle
                else:
                    below = middle
        return below


def rational(value: Rational) -> fmpq:
    """A rational number for FLINT."""
    return fmpq(int(value.p), int(value.q))
