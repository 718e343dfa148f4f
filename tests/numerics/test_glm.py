"""Generalised linear models: fast and plain have one law, fits are maxima, what has none is said to have none."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import float64, vectorize
from scipy.optimize import minimize

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation import regression, streams
from nocollapse.numerics.simulation.regression.kernels import exponential
from nocollapse.numerics.simulation.regression.textbook import simulate_plain, simulate_table_plain
from nocollapse.numerics.simulation.streams import Stream

# Laws are compared at the level of conftest.py: here 230 p-values, a chance of a false alarm below 3e-4 over new seeds.
SameLaw = Callable[[FloatArray, FloatArray], bool]

OMEGA = ((2.0, 0.5), (0.5, 1.0))
CASES: dict[str, dict[str, Any]] = {
    "two": {"beta": (0.5, -0.4), "omega": OMEGA},
    "intercept": {"beta": (0.3, 0.4, -0.3), "omega": OMEGA, "intercept": True},
    "fixed": {"beta": (0.3, 0.4, -0.3), "omega": OMEGA, "intercept": True, "design": "fixed"},
}
SIZES: dict[str, Any] = {"n": 40, "m": 60, "weights": (0.4,), "steps": (0, 2)}


def run(model: str, case: str, replicates: range, **changes: Any) -> regression.Paths:
    return regression.simulate(Stream(1, "glm"), replicates, model=model, **{**CASES[case], **SIZES, **changes})


@cache
def plain(model: str, case: str) -> FloatArray:
    """Replicates that no fast run shares, though the fixed design is the same."""
    return simulate_plain(Stream(1, "glm"), range(10_000, 10_150), model=model, **CASES[case], **SIZES)


def squares_too(gap: FloatArray) -> FloatArray:
    """The gaps and their squares, in which a wrong scale shows."""
    return np.concatenate([gap, gap**2], axis=-1)


def likelihood(model: str, x: FloatArray, y: FloatArray, a: FloatArray, theta: FloatArray) -> float:
    predictor = x @ theta
    normaliser = np.logaddexp(0, predictor) if model == "logistic" else np.exp(predictor)
    return float(np.sum(a * (y * predictor - normaliser)))


def variances(model: str, predictor: FloatArray) -> FloatArray:
    return np.asarray(np.exp(predictor) if model == "poisson" else 1 / (2 + 2 * np.cosh(predictor)))


def batch(rng: np.random.Generator, model: str, size: int, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
    mixing = np.eye(beta.size) + 0.3 * rng.standard_normal((beta.size, beta.size))
    x = rng.standard_normal((size, beta.size)) @ mixing
    x[:, 0] = 1
    rate = np.exp(x @ beta)
    return x, (rng.poisson(rate) if model == "poisson" else rng.random(size) < rate / (1 + rate)).astype(float)


# --- one law ---


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("model", regression.MODELS)
def test_fast_and_plain_have_the_same_law(model: str, case: str, same_law: SameLaw) -> None:
    paths = run(model, case, range(4000))
    assert np.all(paths.outcome == 0)
    assert same_law(squares_too(paths.gap), squares_too(plain(model, case)))


@pytest.mark.parametrize(
    "changes",
    [{"n": 120}, {"weights": (0.95,)}, {"beta": (1.5, 0.4, -0.3)}, {"omega": ((0.5, 0.1), (0.1, 2.0))}],
)
def test_the_comparison_can_fail(changes: dict[str, Any], same_law: SameLaw) -> None:
    gap = run("logistic", "intercept", range(4000), **changes).gap
    assert not same_law(squares_too(gap), squares_too(plain("logistic", "intercept")))


def test_swapped_sizes_would_be_seen(same_law: SameLaw) -> None:
    case: dict[str, Any] = {**CASES["two"], "model": "linear", "weights": (0.6,), "steps": (1,)}
    slow = simulate_plain(Stream(2, "plain"), range(1500), n=9, m=18, **case)
    for n, m in ((9, 18), (18, 9)):
        fast = regression.simulate(Stream(1, "fast"), range(6000), n=n, m=m, **case).gap
        assert same_law(squares_too(fast), squares_too(slow)) == (n == 9)


def test_many_arrivals_and_wide_gaps_between_weights_have_the_same_law(same_law: SameLaw) -> None:
    """Rates near 150 differ by more than `MANY` between weights of 0 and 1, when n is so small."""
    case: dict[str, Any] = {
        "model": "poisson", "n": 6, "m": 5, "beta": (5.0, 0.6), "omega": ((1.0,),), "intercept": True,
        "weights": (0, 1), "steps": (0, 3),
    }  # fmt: skip
    paths = regression.simulate(Stream(2, "rates"), range(4000), **case)
    assert np.all(paths.outcome == 0)
    slow = simulate_plain(Stream(3, "rates"), range(100), **case)
    assert same_law(squares_too(paths.gap), squares_too(slow))


def test_a_table_has_the_law_of_its_rows(same_law: SameLaw) -> None:
    rng = np.random.default_rng(4)
    features = np.column_stack([np.ones(9), rng.standard_normal(9)])
    labels = np.array([0, 1, 0, 1, 1, 0, 1, 0, 1.0])
    case: dict[str, Any] = {
        "features": features, "labels": labels, "theta": (0.2, 0.1), "n": 50, "m": 30, "weights": (0.6,),
        "steps": (0, 1),
    }  # fmt: skip
    paths = regression.simulate_table(Stream(5, "table"), range(4000), **case)
    assert np.all(paths.outcome == 0)
    assert same_law(squares_too(paths.gap), squares_too(simulate_table_plain(Stream(6, "table"), range(200), **case)))


def test_the_first_least_squares_fit_has_its_exact_mean_error() -> None:
    """E|theta_0 - theta|^2 = tr(Omega^-1)/(n-p-1), the mean of an inverse Wishart matrix."""
    error = run("linear", "two", range(20_000), steps=(0,)).error[:, 0, 0]
    exact = np.trace(np.linalg.inv(OMEGA)) / (40 - 2 - 1)
    assert abs(error.mean() - exact) < 5 * error.std() / np.sqrt(error.size)


def test_ridge_pulls_least_squares_by_what_it_must() -> None:
    """In a fixed design E theta_0 = (n Omega + ridge I)^-1 n Omega beta."""
    changes: dict[str, Any] = {"intercept": False, "beta": (0.4, -0.3), "estimator": "ridge", "ridge": 10.0}
    gap = run("linear", "fixed", range(5000), **changes).gap[:, 0, 0]
    exact = -np.linalg.solve(40 * np.array(OMEGA) + 10 * np.eye(2), 10 * np.array([0.4, -0.3]))
    assert np.all(np.abs(gap.mean(axis=0) - exact) < 5 * gap.std(axis=0) / np.sqrt(len(gap)))


@pytest.mark.parametrize("intercept", [False, True])
def test_a_fixed_design_has_the_moments_of_its_law(intercept: bool) -> None:
    case = {**CASES["intercept" if intercept else "two"], **SIZES, "design": "fixed", "model": "linear"}
    setting = regression.checked(estimator="mle", ridge=0.0, **{"intercept": False, **case})
    whole = np.eye(2 + intercept)
    whole[intercept:, intercept:] = OMEGA
    for points, size in zip(regression.design_points(Stream(6, "x"), setting), (40, 60), strict=True):
        np.testing.assert_allclose(points.T @ points / size, whole, atol=1e-13)


# --- fits ---


@pytest.mark.parametrize("model", ["logistic", "poisson"])
@pytest.mark.parametrize("p", [1, 2, 5, 8])
def test_a_fit_is_the_maximum(model: str, p: int) -> None:
    """Against Newton's method from the textbook; several blocks of points, both batches or one."""
    rng = np.random.default_rng(p)
    for weight in (0.0, 0.3, 0.9, 1.0):
        beta = rng.standard_normal(p) / np.sqrt(p)
        (x, y), (z, v) = batch(rng, model, 150, beta), batch(rng, model, 700, beta)
        theta, outcome = regression.fit(model, (x, y), (z, v), weight)
        points = np.concatenate([x, z])
        responses = np.concatenate([y, v])
        a = np.repeat([weight / 150, (1 - weight) / 700], [150, 700])
        maximum = beta
        for _ in range(30):
            predictor = points @ maximum
            mean = np.exp(predictor) if model == "poisson" else 1 / (1 + np.exp(-predictor))
            information = (points.T * (a * variances(model, predictor))) @ points
            maximum = maximum + np.linalg.solve(information, points.T @ (a * (responses - mean)))
        assert outcome == "converged"
        np.testing.assert_allclose(theta, maximum, atol=1e-6)


@pytest.mark.parametrize("estimator", ["firth", "ridge"])
@pytest.mark.parametrize("model", ["logistic", "poisson"])
def test_other_estimators_maximise_what_they_say(model: str, estimator: str) -> None:
    rng = np.random.default_rng(7)
    penalty = 1.5
    (x, y), (z, v) = batch(rng, model, 12, np.array([0.2, 0.5])), batch(rng, model, 15, np.array([0.2, 0.5]))
    points = np.concatenate([x, z])
    responses = np.concatenate([y, v])
    a = np.repeat([0.4, 0.6 * 12 / 15], [12, 15])

    def negative(theta: FloatArray) -> float:
        information = (points.T * (a * variances(model, points @ theta))) @ points
        jeffreys = np.linalg.slogdet(information)[1] / 2
        shrinkage = -penalty / 2 * theta @ theta
        return -likelihood(model, points, responses, a, theta) - float(jeffreys if estimator == "firth" else shrinkage)

    exact = minimize(negative, np.zeros(2), method="BFGS", options={"gtol": 1e-8}).x
    theta, outcome = regression.fit(model, (x, y), (z, v), 0.4, estimator=estimator, ridge=penalty)
    assert outcome == "converged"
    np.testing.assert_allclose(theta, exact, atol=1e-6)


@pytest.mark.parametrize(
    ("model", "rows", "responses", "outcome"),
    [
        ("logistic", (0, 1, 2, 3, 4, 5), (0, 0, 0, 1, 1, 1), "separated"),
        ("logistic", (0, 1, 2, 2, 4, 5), (0, 0, 0, 1, 1, 1), "separated"),  # quasi-completely
        ("logistic", (0, 1, 2, 3, 4, 5), (1, 1, 1, 1, 1, 1), "separated"),
        ("logistic", (0, 1, 2, 3, 4, 5), (0, 0, 1, 0, 1, 1), "converged"),
        ("logistic", (2, 2, 2, 2), (0, 1, 0, 1), "failed"),  # no unique maximum
        ("poisson", (0, 1, 2, 3, 4, 5), (0, 0, 0, 0, 0, 0), "separated"),
        ("poisson", (0, 1, 2, 3, 4, 5), (0, 0, 0, 0, 0, 3), "separated"),
        ("poisson", (0, 1, 2, 3, 4, 5), (0, 0, 0, 1, 0, 3), "converged"),
    ],
)
def test_what_has_no_estimate_is_said_to_have_none(
    model: str, rows: tuple[int, ...], responses: tuple[int, ...], outcome: str
) -> None:
    theta, reached = regression.fit(model, (np.column_stack([np.ones(len(rows)), rows]), responses))
    assert reached == outcome
    assert np.all(np.isfinite(theta)) == (outcome == "converged")


def test_firth_and_ridge_exist_where_maximum_likelihood_does_not() -> None:
    x = np.column_stack([np.ones(6), np.arange(6)])
    y = (0, 0, 0, 1, 1, 1)
    assert regression.fit("logistic", (x, y))[1] == "separated"
    assert regression.fit("logistic", (x, y), estimator="firth")[1] == "converged"
    assert regression.fit("logistic", (x, y), estimator="ridge", ridge=0.1)[1] == "converged"


def test_fully_synthetic_logistic_estimates_cease_to_exist() -> None:
    """Scenario 1: at n = m = 100 and p = 4 in every replicate but few within 100 steps, at step 17 or so."""
    paths = run(
        "logistic", "two", range(100), n=100, m=100, beta=np.ones(4), omega=np.eye(4), weights=(0.0,), steps=range(101)
    )
    ended = paths.ended[:, 0]
    assert np.mean(paths.outcome[:, 0] == regression.OUTCOMES.index("separated")) > 0.97
    assert 13 < np.median(ended) < 21
    for gap, end in zip(paths.gap[:, :, 0, 0], ended, strict=True):
        assert np.array_equal(np.isnan(gap), np.arange(101) >= (end if end >= 0 else 101))


def test_rates_too_large_for_a_float_are_a_failure() -> None:
    paths = run("poisson", "intercept", range(3), beta=(35.0, 0.9, 0.0), weights=(0.0, 0.5))
    assert set(paths.outcome.ravel()) <= {0, regression.OUTCOMES.index("failed")}
    assert np.any(paths.outcome > 0)


def test_the_exponential_is_that_of_numpy() -> None:
    maker: Any = vectorize  # has no types
    compiled = maker([float64(float64)])(exponential.py_func)
    x = np.concatenate([np.linspace(-700, 700, 200_001), np.linspace(-1, 1, 100_001)])
    assert np.max(np.abs(compiled(x) - np.exp(x)) / np.spacing(np.exp(x))) <= 2


# --- what the numbers depend on ---


def the_same(one: regression.Paths, *parts: regression.Paths) -> bool:
    return all(np.array_equal(one[i], np.concatenate([part[i] for part in parts]), equal_nan=i == 0) for i in range(3))


@pytest.mark.parametrize("estimator", ["mle", "firth"])
@pytest.mark.parametrize("model", regression.MODELS)
def test_replicates_do_not_depend_on_their_company(model: str, estimator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changes: dict[str, Any] = {"n": 9, "m": 7, "weights": (0.6, 0, 1), "estimator": estimator}
    whole = run(model, "two", range(10), **changes)
    assert the_same(whole, *(run(model, "two", part, **changes) for part in (range(3), range(3, 3), range(3, 10))))
    monkeypatch.setattr(streams, "BLOCK_BYTES", 1)
    assert the_same(whole, run(model, "two", range(10), **changes))


@pytest.mark.parametrize("model", regression.MODELS)
def test_weight_one_forgets_synthetic_data(model: str) -> None:
    one, other = (run(model, "two", range(20), weights=(1.0,), m=m).gap for m in (15, 80))
    np.testing.assert_allclose(one, other, atol=1e-7)


@pytest.mark.parametrize("model", regression.MODELS)
def test_recording_more_steps_changes_nothing(model: str) -> None:
    few, every = (run(model, "two", range(20), steps=steps).gap for steps in ((0, 2), (0, 1, 2)))
    np.testing.assert_array_equal(few, every[:, [0, 2]])


@pytest.mark.parametrize("model", ["linear", "logistic"])
def test_weights_share_their_driving_numbers(model: str) -> None:
    """But for Poisson counts, whose numbers depend on how far the estimates of all weights lie apart."""
    many = run(model, "two", range(20), weights=(0.7, 0.2, 0.35, 0.2)).gap
    np.testing.assert_allclose(many[:, :, [2]], run(model, "two", range(20), weights=(0.35,)).gap, atol=1e-6)
    np.testing.assert_allclose(many[:, :, 1], many[:, :, 3], atol=1e-6)


# --- bad input ---


@given(
    st.sampled_from(["linear", "logistic", "poisson"]),
    st.sampled_from(["n", "m"]),
    st.one_of(st.integers(max_value=2), st.floats(), st.text(), st.booleans()),
)
def test_sizes_must_identify_the_parameter(model: str, name: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"^{name} = .* is not an integer >= {4 if model == 'linear' else 3}$"):
        run(model, "two", range(1), **{name: value})


@given(st.floats())
def test_ridge_must_be_positive_for_ridge_alone(value: float) -> None:
    for estimator in regression.ESTIMATORS:
        if value != 0 and (estimator != "ridge" or not 0 < value < np.inf):
            with pytest.raises(ValueError, match=r"^ridge = "):
                run("logistic", "two", range(1), estimator=estimator, ridge=value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "probit"}, "model = 'probit' is not one of linear, logistic, poisson"),
        ({"design": "d-optimal"}, "design = 'd-optimal' is not one of random, fixed"),
        ({"estimator": "lasso"}, "estimator = 'lasso' is not one of mle, firth, ridge"),
        ({"estimator": "ridge"}, "ridge = 0.0 is not a finite number, positive for the ridge estimator"),
        ({"beta": (1.0,)}, "beta = (1.0,) has 1 entries, and 2 are needed"),
        ({"beta": (1.0, np.nan)}, "is not a non-empty vector of finite numbers"),
        ({"intercept": True}, "has 2 entries, and 3 are needed"),
        ({"omega": ((1.0, 2.0), (2.0, 1.0))}, "is not a symmetric positive definite matrix"),
        ({"weights": (0.5, 1.5)}, "leave the interval [0, 1]"),
        ({"steps": (3, 2)}, "steps = (3, 2) is not a strictly increasing"),
        ({"n": 3, "model": "linear"}, "n = 3 is not an integer >= 4"),
    ],
)
def test_bad_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        run(changes.pop("model", "logistic"), "two", range(1), **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"features": ((1.0,), (2.0,))}, "((1.0,), (2.0,)) is not a matrix of finite numbers with 2 columns"),
        ({"features": ((1.0, np.inf),)}, "is not a matrix of finite numbers"),
        ({"labels": (0, 2)}, "labels = (0, 2) are not a 0 or 1 for each of 2 rows"),
        ({"labels": (0, 1, 1)}, "labels = (0, 1, 1) are not a 0 or 1 for each of 2 rows"),
        ({"n": 2}, "n = 2 is not an integer >= 3"),
    ],
)
def test_bad_tables_are_named(changes: dict[str, Any], message: str) -> None:
    table: dict[str, Any] = {"features": ((1, 2), (1, 3)), "labels": (0, 1), "theta": (0, 0)}
    good = {**table, "n": 5, "m": 5, "weights": (1,), "steps": (0,)}
    with pytest.raises(ValueError, match=re.escape(message)):
        regression.simulate_table(Stream(1, "bad"), range(1), **{**good, **changes})
