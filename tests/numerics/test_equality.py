"""The statistical protocol: each formula against an independent route, each status, each bad input."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from nocollapse.numerics.protocol import equality as protocol
from nocollapse.numerics.protocol.equality import (
    Equality,
    combine,
    compare,
    deviation,
    equality,
    holm,
    replications_needed,
    status,
)
from nocollapse.numerics.protocol.sign_tests import OneSided, Sign, one_sided, sign_change
from nocollapse.numerics.protocol.weighted_fits import Fit, intercept, slope

unit = st.floats(0, 1)
samples = st.lists(st.integers(-1000, 1000), min_size=2, max_size=50).filter(lambda v: len(set(v)) > 1)


def comparison(estimate: float, error: float = 0.01, target: float = 1.0, **more: Any) -> Equality:
    return compare(estimate, error, target, **{"replications": 10**4, "margin": 0.05, **more})


# --- samples ---


@given(samples)
def test_summary_is_the_textbook_mean_and_standard_error(values: list[int]) -> None:
    x = np.array(values, dtype=float)
    summary = protocol.summarise(x)
    deviations = (x - x.mean()) ** 2
    assert summary.mean == pytest.approx(x.mean(), rel=1e-12, abs=1e-9)
    assert summary.standard_error == pytest.approx(np.std(x, ddof=1) / math.sqrt(x.size), rel=1e-9)
    assert summary.tail_share == pytest.approx(deviations.max() / deviations.sum(), rel=1e-9)
    assert summary.replications == len(values)


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_summary_neither_overflows_nor_underflows(size: float) -> None:
    summary = protocol.summarise(size * np.array([1.0, 2.0, 3.0]))
    assert summary.standard_error / size == pytest.approx(1 / math.sqrt(3))


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        ([1.0, math.nan, math.inf, 2.0], "2 of 4 are NaN or infinite"),
        ([1.0], r"R >= 2, not \(1,\)"),
        ([], r"R >= 2, not \(0,\)"),
        ([[1.0, 2.0], [3.0, 4.0]], r"not \(2, 2\)"),
        ([0.3, 0.3, 0.3], "all 3 values are 0.3"),
    ],
)
def test_bad_sample_is_named(sample: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        equality(sample, 1.0, margin=0.1)
    with pytest.raises(ValueError, match=message):
        one_sided(sample, sign=1)


def test_infinite_variance_raises_doubt_and_a_squared_normal_does_not() -> None:
    generator = np.random.default_rng(5)
    heavy = [protocol.summarise(generator.pareto(1.2, 10_000)).doubt for _ in range(100)]
    light = [protocol.summarise(generator.standard_normal(4000) ** 2).doubt for _ in range(100)]
    assert sum(map(bool, heavy)) >= 75
    assert not any(light)
    assert "heavy tail: 1 of 10000 replications carries" in max(heavy)


# --- equality ---


@pytest.mark.parametrize(
    ("estimate", "error", "margin", "expected"),
    [
        (1.001, 0.01, 0.05, "SUPPORTED"),
        (1.001, 0.05, 0.05, "INCONCLUSIVE"),  # agrees, but too imprecise to say so
        (1.035, 0.012, 0.05, "INCONCLUSIVE"),  # neither refuted nor within the margin
        (1.040, 0.01, 0.20, "REFUTED"),  # within the margin, yet different: REFUTED wins
        (1.500, 0.01, 0.05, "REFUTED"),
    ],
)
def test_each_status(estimate: float, error: float, margin: float, expected: str) -> None:
    one = comparison(estimate, error, margin=margin)
    assert status(one, one.p_value) == expected


def test_doubt_withholds_support_but_not_refutation() -> None:
    same = comparison(1.0, doubt="heavy tail")
    off = comparison(2.0, doubt="heavy tail")
    assert status(same, same.p_value) == "INCONCLUSIVE"
    assert status(off, off.p_value) == "REFUTED"


def test_adjustment_can_only_spare() -> None:
    one = comparison(1.04, margin=0.2)
    assert status(one, one.p_value) == "REFUTED"
    assert status(one, 1.0) == "SUPPORTED"
    with pytest.raises(ValueError, match=r"adjusted p-value lies in"):
        status(one, one.p_value / 2)


@given(samples, st.integers(-8, 8), st.sampled_from([-1, 1]), st.floats(0.5, 2000), st.floats(0.01, 1))
def test_equality_does_not_depend_on_the_unit(
    values: list[int], power: int, sign: int, target: float, margin: float
) -> None:
    scale = sign * 2.0**power
    a = equality(np.array(values), target, margin=margin)
    b = equality(scale * np.array(values), scale * target, margin=margin)
    assert (b.z, b.p_value, b.tost_p) == pytest.approx((sign * a.z, a.p_value, a.tost_p), rel=1e-9)
    assert (b.power, b.least_detectable) == pytest.approx((a.power, a.least_detectable), rel=1e-9)
    assert b.equivalent == a.equivalent


@given(st.floats(-5, 5), st.floats(0.001, 1), st.floats(0.01, 0.5), st.floats(0.001, 0.49))
def test_tost_is_the_inclusion_of_the_interval(z: float, error: float, margin: float, alpha: float) -> None:
    one = comparison(1 + z * error, error, margin=margin, alpha=alpha)
    low, high = one.interval(1 - 2 * alpha)
    slack = min(low - (1 - margin), (1 + margin) - high)
    assume(abs(slack) > 1e-9)
    assert one.equivalent == (slack > 0)


@given(st.floats(0.01, 0.5), st.floats(0.001, 0.2), st.floats(0.001, 0.5))
def test_margin_and_precision_raise_power(margin: float, error: float, more: float) -> None:
    base = comparison(1.0, error, margin=margin)
    assert comparison(1.0, error, margin=margin + more).power >= base.power
    sharper = comparison(1.0, error / (1 + more), margin=margin)
    assert sharper.power >= base.power
    assert sharper.least_detectable < base.least_detectable


@given(st.floats(0.001, 0.2), st.integers(1, 1000))
def test_least_detectable_is_refuted_with_the_stated_probability(error: float, tests: int) -> None:
    shift = comparison(1.0, error, tests=tests).least_detectable
    critical = float(-ndtri(protocol.FAMILY / tests / 2))
    assert float(ndtr(shift / error - critical)) == pytest.approx(protocol.DETECTION)


@given(st.floats(0.2, 5), st.floats(0.01, 0.3), st.floats(0.001, 0.4), st.floats(0.001, 0.9))
def test_planned_replications_have_the_stated_power(cv: float, margin: float, alpha: float, beta: float) -> None:
    planned = replications_needed(cv, margin, alpha=alpha, beta=beta, floor=2)
    assume(planned > 2)
    here, one_less = (
        comparison(1.0, cv / math.sqrt(r), margin=margin, alpha=alpha).power for r in (planned, planned - 1)
    )
    assert here >= 1 - beta - 1e-9
    assert one_less <= 1 - beta + 1e-9


@given(st.floats(0.01, 10), st.floats(0.001, 0.5), st.floats(1, 3))
def test_replications_are_monotone(cv: float, margin: float, factor: float) -> None:
    needed = replications_needed(cv, margin)
    assert replications_needed(cv, margin * factor) <= needed <= replications_needed(cv * factor, margin)
    assert needed >= protocol.FLOOR


def test_replications_of_the_protocol_by_hand() -> None:
    # CV = 1, d = 0.1, alpha = 0.05, beta = 0.1: (1.644854 + 1.644854)^2 / 0.01 = 1082.2
    assert replications_needed(1.0, 0.1) == 1083


@pytest.mark.parametrize("target", [math.nan, math.inf, -math.inf])
def test_a_target_that_is_not_finite_is_refuted_as_a_mutant_but_no_claim(target: float) -> None:
    assert deviation(1.0, 0.1, target) == (math.inf, 0.0)
    with pytest.raises(ValueError, match="target must be finite"):
        comparison(1.0, target=target)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": 0.0}, "target must be finite and not 0"),
        ({"margin": 0.0}, r"margin must lie in \(0, inf\), not 0.0"),
        ({"margin": math.nan}, "margin must lie"),
        ({"alpha": 0.5}, r"alpha must lie in \(0, 0.5\), not 0.5"),
        ({"family": 1.0}, r"family must lie in \(0, 1\)"),
        ({"tests": 0}, "tests must be >= 1, not 0"),
        ({"error": 0.0}, "standard error > 0"),
        ({"error": math.inf}, "standard error > 0"),
        ({"estimate": math.nan}, "estimate and standard error"),
    ],
)
def test_bad_comparison_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        comparison(**{"estimate": 1.0, **change})


@pytest.mark.parametrize(("cv", "margin", "floor"), [(0, 0.1, 2), (1, -1, 2), (math.nan, 0.1, 2), (1, 0.1, 1)])
def test_bad_plan_is_refused(cv: float, margin: float, floor: int) -> None:
    with pytest.raises(ValueError, match="must"):
        replications_needed(cv, margin, floor=floor)


# --- Holm ---


@given(st.lists(unit, max_size=20))
def test_holm_lies_between_raw_and_bonferroni_and_keeps_the_order(p: list[float]) -> None:
    raw = np.array(p)
    adjusted = holm(p)
    assert np.all(adjusted >= raw)
    assert np.all(adjusted <= np.minimum(1, raw * raw.size))
    assert np.all(np.diff(adjusted[np.argsort(raw)]) >= 0)


@given(st.lists(unit, min_size=9, max_size=9), st.permutations(range(9)))
def test_holm_does_not_depend_on_the_order(p: list[float], order: list[int]) -> None:
    assert np.array_equal(holm(np.array(p)[order]), holm(p)[order])


@given(st.lists(unit, min_size=1, max_size=12), st.floats(0.001, 0.5))
def test_holm_is_the_step_down_procedure(p: list[float], family: float) -> None:
    rejected: set[int] = set()
    for step, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        if p[i] * (len(p) - step) > family:
            break
        rejected.add(i)
    assert {i for i, a in enumerate(holm(p)) if a <= family} == rejected


@pytest.mark.parametrize("p", [[0.1, math.nan], [-0.1], [1.1], [[0.1], [0.2]]])
def test_holm_refuses_what_is_not_a_list_of_probabilities(p: list[float]) -> None:
    with pytest.raises(ValueError, match="p-values must"):
        holm(p)


# --- signs ---


def sign_test(z: float, sign: Sign = 1) -> OneSided:
    x = np.tile([-1.0, 1.0], 500)
    return one_sided(x + z * x.std(ddof=1) / math.sqrt(x.size), sign=sign)


@pytest.mark.parametrize(
    ("z", "expected"),
    [(5, "SUPPORTED"), (2, "INCONCLUSIVE"), (0, "INCONCLUSIVE"), (-2, "INCONCLUSIVE"), (-5, "REFUTED")],
)
def test_sign(z: float, expected: str) -> None:
    assert sign_test(z).status == expected
    assert sign_test(-z, sign=-1).status == expected
    assert sign_test(z).p_value == pytest.approx(float(ndtr(-z)))


def test_sign_of_a_heavy_tail_is_not_supported() -> None:
    sample = np.concatenate([np.linspace(4.0, 5.0, 999), [60.0]])
    assert one_sided(sample, sign=1).status == "INCONCLUSIVE"
    assert one_sided(sample, sign=-1).status == "REFUTED"


def test_least_detectable_sign() -> None:
    one = sign_test(0)
    power = ndtr(one.least_detectable / one.standard_error + ndtri(0.001))
    assert float(power) == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [(-5, 5, "SUPPORTED"), (-5, 0, "INCONCLUSIVE"), (0, -5, "REFUTED"), (5, 5, "REFUTED")],
)
def test_bracket(left: float, right: float, expected: str) -> None:
    assert sign_change(sign_test(left, sign=-1), sign_test(right)).status == expected


def test_bracket_refuses_the_wrong_way_round() -> None:
    with pytest.raises(ValueError, match=r"signs -1 \(left\) and \+1"):
        sign_change(sign_test(1), sign_test(1, sign=-1))
    with pytest.raises(ValueError, match="sign must be"):
        sign_test(1, sign=0)  # type: ignore[arg-type]


@given(st.lists(st.sampled_from(["SUPPORTED", "INCONCLUSIVE", "REFUTED"]), max_size=5))
def test_refuted_wins_and_nothing_is_no_support(statuses: list[protocol.Status]) -> None:
    order = ["SUPPORTED", "INCONCLUSIVE", "REFUTED"]
    expected = order[max(map(order.index, statuses))] if statuses else "INCONCLUSIVE"
    assert combine(statuses) == expected


# --- rates ---


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(-5, 5), st.floats(0.001, 1))
def test_exact_polynomials_are_recovered(a: float, b: float, c: float, error: float) -> None:
    x = 1 / np.array([100.0, 200.0, 400.0, 800.0])
    line = a + b * x
    parabola = a + b * x + c * x**2
    errors = np.full(4, error)
    assert intercept(x, line, errors).estimate == pytest.approx(a, abs=1e-9)
    assert intercept(x, parabola, errors, degree=2).estimate == pytest.approx(a, abs=1e-9)
    assert slope(x, line, errors).estimate == pytest.approx(b, abs=1e-6)
    assert intercept(x, line, errors).lack_of_fit == pytest.approx(1)


@given(st.lists(st.floats(0.1, 3), min_size=5, max_size=5), st.integers(0, 2**32))
def test_fit_agrees_with_the_normal_equations(errors: list[float], seed: int) -> None:
    x = np.array([1.0, 2.0, 3.0, 5.0, 8.0])
    se = np.array(errors)
    y = np.random.default_rng(seed).normal(size=5)
    design = np.stack([np.ones(5), x], axis=1)
    covariance = np.linalg.inv(design.T @ (design / se[:, None] ** 2))
    coefficients = covariance @ (design.T @ (y / se**2))
    for i, fit in enumerate((intercept(x, y, se), slope(x, y, se))):
        assert fit.estimate == pytest.approx(coefficients[i], abs=1e-9)
        assert fit.standard_error == pytest.approx(math.sqrt(covariance[i, i]))
        assert fit.chi_square == pytest.approx(float(np.sum((y - design @ coefficients) ** 2 / se**2)))


def test_a_line_through_a_parabola_lacks_fit_and_is_never_supported() -> None:
    x = np.array([0.01, 0.02, 0.04, 0.08])
    errors = np.full(4, 1e-4)
    y = 1 + x + 5 * x**2
    one = intercept(x, y, errors).compare(1.0, replications=4000, margin=0.05)
    assert one.doubt.startswith("lack of fit: chi-square")
    assert status(one, 1.0) == "INCONCLUSIVE"
    two = intercept(x, y, errors, degree=2).compare(1.0, replications=4000, margin=0.05)
    assert status(two, two.p_value) == "SUPPORTED"


def test_a_wrong_rate_is_refuted() -> None:
    t = np.array([10.0, 20.0, 40.0, 80.0])
    fit = slope(np.log(t), np.log(3 / t), np.full(4, 0.01))
    right, wrong = (fit.compare(rate, replications=4000, margin=0.05) for rate in (-1.0, -0.5))
    assert status(right, right.p_value) == "SUPPORTED"
    assert status(wrong, wrong.p_value) == "REFUTED"


@pytest.mark.parametrize(
    ("x", "y", "errors", "degree", "message"),
    [
        ([1, 2, 3], [1, 2], [1, 1, 1], 1, "share one shape"),
        ([1, 2], [1, 2], [1, 1], 1, "at least 3 points, not 2"),
        ([1, 2, 3], [1, 2, 3], [1, 1, 1], 2, "at least 4 points, not 3"),
        ([1, 2, 3], [1, 2, math.nan], [1, 1, 1], 1, "points must be finite"),
        ([1, 1, 1], [1, 2, 3], [1, 1, 1], 1, "2 different x"),
        ([1, 2, 3], [1, 2, 3], [1, 0, 1], 1, "standard errors must be finite and > 0"),
        ([1, 2, 3], [1, 2, 3], [1, 1, 1], 3, "degree must be 1 or 2, not 3"),
    ],
)
def test_bad_fit_is_named(x: list[float], y: list[float], errors: list[float], degree: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        intercept(x, y, errors, degree)


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_fit_carries_its_doubt_into_the_comparison(seed: int) -> None:
    y = np.random.default_rng(seed).normal(1.0, 0.01, 6)
    fit = slope(np.arange(6.0), y, np.full(6, 0.01))
    assert isinstance(fit, Fit)
    assert fit.compare(1.0, replications=6000, margin=0.1).doubt == fit.doubt
