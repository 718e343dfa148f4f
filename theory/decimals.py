"""From balls to decimals: only digits that every number in the ball shares are written."""

from __future__ import annotations

from flint import arb
from sympy import Float


def rounded(ball: arb, digits: int) -> str | None:
    """The decimal that every number in the ball rounds to; None where they differ, or nearly so.

    >>> rounded(arb(1) / 3, 5), rounded(arb(0, 1), 5)
    ('0.33333', None)
    """
    if not ball.is_finite():
        return None
    if ball.contains(0):
        return "0" if ball.is_zero() else None
    low, high = (Float(end.str(digits + 25, radius=False), digits + 20) for end in (ball.lower(), ball.upper()))
    texts = {str(Float(end, digits)) for end in (low, high)}
    return texts.pop() if len(texts) == 1 else None
