"""Decimals that are correctly rounded: once, from digits that are known beyond the last one written."""

from __future__ import annotations

from decimal import Context

from flint import arb
from sympy import Float


def decimal(text: str, digits: int) -> str:
    """A decimal number, rounded to so many significant digits.

    A Float of so many digits alone would round twice: to its own bits, then to decimals.

    >>> decimal("0.66666666666666666667", 17), decimal("2e-9", 3)
    ('0.66666666666666667', '2.00e-9')
    """
    rounded = Context(prec=digits).create_decimal(text)
    return str(Float(str(rounded), digits)) if rounded else "0"


def certain_decimal(ball: arb, digits: int) -> str | None:
    """The decimal that every number in the ball rounds to; None where they differ, or nearly so.

    >>> certain_decimal(arb(1) / 3, 5), certain_decimal(arb(0, 1), 5)
    ('0.33333', None)
    """
    if not ball.is_finite():
        return None
    if ball.contains(0):
        return "0" if ball.is_zero() else None
    texts = {decimal(end.str(digits + 25, radius=False), digits) for end in (ball.lower(), ball.upper())}
    return texts.pop() if len(texts) == 1 else None
