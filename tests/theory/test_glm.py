"""Theorem 2 without real data, and how fast Corollary 2's limits are met, by numbers of a hand."""

from dataclasses import replace
from fractions import Fraction
from math import sqrt

import pytest
import sympy as sp

from nocollapse.theory.answers.evaluate import evaluate
from nocollapse.theory.claims import glm
from nocollapse.theory.claims.registry import claim_of
from nocollapse.theory.proof import certificates, referees
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import k, t, w

R = sp.Rational


@pytest.mark.parametrize(
    ("ratio", "step", "value"),
    [(R(3, 2), 4, 7), (R(2), 0, 1), (R(2), 3, 7), (R(1, 4), 6, R(5, 2)), (R(1), 100, 101)],
)
def test_without_real_data_each_step_adds_k(ratio: sp.Rational, step: int, value: sp.Rational) -> None:
    assert evaluate("glm.fully-synthetic", {"k": ratio, "t": R(step)}).exact == str(value)
    assert claim_of("glm.error").recursion.subs({w: R(0), k: ratio}).iterate(step)[0] == value  # type: ignore[union-attr]


@pytest.mark.parametrize("wrong", [1 + t / k, k + t, k * t, 1 + k * (t + 1), 1 + k * t**2], ids=str)
def test_another_growth_is_refuted(wrong: sp.Expr) -> None:
    claim = glm.fully_synthetic()
    assert certificates.identity(claim.conclusion, "").holds
    assert not referees.zero(Step("", claim.derived, wrong))


def naive_over_real_only(ratio: float) -> float:
    """r = w^2 + (1-w)^2 (r + k) at w = k/(1+k), solved."""
    weight = ratio / (1 + ratio)
    kept = (1 - weight) ** 2
    return (weight**2 + kept * ratio) / (1 - kept)


@pytest.mark.parametrize("ratio", [1e-6, 1e-3, 0.1, 1.0, 30.0])
def test_the_relative_loss_is_below_twice_the_root_of_k(ratio: float) -> None:
    best = 2 * ratio / (sqrt(ratio * ratio + 4 * ratio) + ratio)
    naive = naive_over_real_only(ratio)
    value = evaluate("glm.naive", {"k": R(str(ratio))})
    assert float(value.decimal) == pytest.approx(naive, rel=1e-9)
    assert 0.5 < naive < 0.5 + ratio / 4
    assert best**2 < ratio
    assert best / naive < 2 * sqrt(ratio)
    if ratio == 1e-6:
        assert best / naive == pytest.approx(2 * sqrt(ratio), rel=1e-3)  # no smaller multiple would do


def test_a_smaller_bound_on_the_relative_loss_is_not_certified() -> None:
    """With 3k for 4k it fails at small k."""
    (bound,) = (one for one in glm.naive().inequalities if one.name.startswith("the relative loss"))
    assert certificates.positivity(bound).holds
    tighter = replace(bound, expression=bound.expression - k)
    assert not certificates.positivity(tighter).holds


def test_the_cdf_comes_as_close_to_collapse_as_its_weight_is_small() -> None:
    """n = 5, m = 3 and w = 1/10: 1/6 (1/500 + 0.27) / (1 - 0.54), below 1/6 by 0.1 (2 - 0.1 - 0.02) / (6 * 0.46)."""
    limit = evaluate("cdf.error", {"n": R(5), "m": R(3), "w": R(1, 10)}).exact
    by_hand = Fraction(1, 6) * (Fraction(1, 500) + Fraction(81, 300)) / (1 - Fraction(81, 100) * Fraction(2, 3))
    assert Fraction(str(limit)) == by_hand
    gap = Fraction(1, 10) * (2 - Fraction(1, 10) - Fraction(1, 50)) / (6 * (1 - Fraction(81, 100) * Fraction(2, 3)))
    assert Fraction(1, 6) - by_hand == gap
