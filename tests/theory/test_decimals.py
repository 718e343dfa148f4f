"""Decimals against exact fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st

from nocollapse.theory.answers.decimals import certain_decimal, decimal
from nocollapse.theory.answers.evaluate import evaluate, number


@given(st.fractions().filter(bool), st.integers(1, 40))
def test_a_ball_is_rounded_correctly(value: Fraction, digits: int) -> None:
    with ctx.workprec(400):
        text = certain_decimal(arb(fmpq(value.numerator, value.denominator)), digits)
    if text is not None:  # else it lies halfway between two decimals
        written = Decimal(text)
        unit = Fraction(10) ** (written.adjusted() + 1 - digits)
        assert abs(Fraction(written) - value) <= unit / 2


def test_what_is_not_certain_is_not_written() -> None:
    assert certain_decimal(arb(1, 0.1), 2) is None
    assert certain_decimal(arb(1, 1e-9), 2) == "1.0"
    assert certain_decimal(arb("nan"), 2) is None
    assert (certain_decimal(arb(0), 3), decimal("0.00", 3)) == ("0", "0")


@pytest.mark.parametrize(("k", "text"), [("217/172", "0.65742288455515096")])
def test_nothing_is_rounded_twice(k: str, text: str) -> None:
    """0.65742288455515096463...: certain_decimal to the 60 bits of 17 digits first, it would end in 7."""
    assert evaluate("mean.optimal-weight", {"k": number("k", k)}).decimal == text
