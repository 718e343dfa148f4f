"""Fitted Gaussian states: the same law as raw data fitted the textbook way, and as the fast simulator of errors."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from scipy.stats import ks_2samp

from nocollapse.numerics.simulation import gaussian
from nocollapse.numerics.simulation.gaussian import fitted_models
from nocollapse.numerics.simulation.streams import Stream

SIGMA = np.array(((2.0, 0.5), (0.5, 1.0)))
SETTING: dict[str, Any] = {"n": 9, "m": 14, "sigma": SIGMA, "weight": 0.4, "steps": (0, 1, 5)}
JOINT: dict[str, Any] = {"n": 9, "m": 14, "omega": SIGMA, "weight": 0.4, "steps": (0, 1, 5)}
# 21 comparisons, each at level 1e-5: a correct build fails with probability at most 3e-4, and the seeds are fixed
LEVEL = 1e-5


def plain(rng: np.random.Generator, estimator: str) -> list[tuple[float, float]]:
    """(|mu_t|^2, ||Sigma_t - Sigma||^2) at the recorded steps of one trajectory, from raw data."""
    n, m, w = SETTING["n"], SETTING["m"], SETTING["weight"]
    mean, covariance, found = np.zeros(2), SIGMA, []
    for t in range(6):
        real = rng.multivariate_normal(np.zeros(2), SIGMA, n)
        points, masses = real, np.full(n, 1 / n)
        synthetic = rng.multivariate_normal(mean, covariance, m)
        if t > 0:
            points = np.concatenate([real, synthetic])
            masses = np.concatenate([np.full(n, w / n), np.full(m, (1 - w) / m)])
        if estimator == "mle":
            mean, covariance = masses @ points, np.cov(points.T, aweights=masses, ddof=0)
        elif t > 0:
            mean = w * real.mean(axis=0) + (1 - w) * synthetic.mean(axis=0)
            covariance = w * np.cov(real.T) + (1 - w) * np.cov(synthetic.T)
        else:
            mean, covariance = real.mean(axis=0), np.cov(real.T)
        if t in SETTING["steps"]:
            found.append((float(mean @ mean), float(np.sum((covariance - SIGMA) ** 2))))
    return found


@pytest.mark.parametrize("estimator", fitted_models.ESTIMATORS)
def test_states_have_the_law_of_raw_data(estimator: str) -> None:
    fast = fitted_models.simulate(Stream(1, estimator), range(6000), **SETTING, estimator=estimator)
    rng = np.random.default_rng(2)
    slow = np.array([plain(rng, estimator) for _ in range(1500)])
    for i in range(3):
        assert ks_2samp(np.sum(fast.mean[:, i] ** 2, axis=1), slow[:, i, 0]).pvalue > LEVEL
        errors = np.sum((fast.covariance[:, i] - SIGMA) ** 2, axis=(1, 2))
        assert ks_2samp(errors, slow[:, i, 1]).pvalue > LEVEL


def test_states_have_the_errors_of_the_fast_simulator() -> None:
    states = fitted_models.simulate(Stream(1, "a"), range(6000), **SETTING)
    options = {**SETTING, "weights": (SETTING["weight"],)}
    del options["weight"]
    errors = gaussian.simulate(Stream(2, "b"), range(6000), **options)
    for i in range(3):
        found = np.sum((states.covariance[:, i] - SIGMA) ** 2, axis=(1, 2))
        assert ks_2samp(found, errors.covariance[:, i, 0]).pvalue > LEVEL


def plain_joint(rng: np.random.Generator) -> list[tuple[float, float]]:
    n, m, w = JOINT["n"], JOINT["m"], JOINT["weight"]
    omega, theta, found = SIGMA, np.zeros(2), []
    for t in range(6):
        x, x2 = rng.multivariate_normal(np.zeros(2), SIGMA, n), rng.multivariate_normal(np.zeros(2), omega, m)
        y, y2 = rng.standard_normal(n), x2 @ theta + rng.standard_normal(m)
        a, b = (w / n, (1 - w) / m) if t > 0 else (1 / n, 0.0)
        omega = a * x.T @ x + b * x2.T @ x2
        scale = np.sqrt(np.concatenate([np.full(n, a), np.full(m, b)]))
        theta = np.linalg.lstsq(scale[:, None] * np.vstack([x, x2]), scale * np.concatenate([y, y2]), rcond=None)[0]
        if t in JOINT["steps"]:
            found.append((np.sum((omega - SIGMA) ** 2), theta @ theta))
    return found


def test_joint_learning_has_the_law_of_raw_data() -> None:
    fast = fitted_models.simulate_joint(Stream(3, "joint"), range(6000), **JOINT)
    rng = np.random.default_rng(4)
    slow = np.array([plain_joint(rng) for _ in range(1500)])
    for i in range(3):
        assert ks_2samp(fast.covariance[:, i], slow[:, i, 0]).pvalue > LEVEL
        assert ks_2samp(fast.coefficients[:, i], slow[:, i, 1]).pvalue > LEVEL


def test_chunks_change_no_bit() -> None:
    whole = fitted_models.simulate(Stream(5, "c"), range(20), **SETTING)
    parts = [fitted_models.simulate(Stream(5, "c"), part, **SETTING) for part in (range(7), range(7, 20))]
    assert np.array_equal(whole.covariance, np.concatenate([part.covariance for part in parts]))
    joint = fitted_models.simulate_joint(Stream(5, "c"), range(20), **JOINT)
    halves = [fitted_models.simulate_joint(Stream(5, "c"), part, **JOINT) for part in (range(9), range(9, 20))]
    assert np.array_equal(joint.coefficients, np.concatenate([half.coefficients for half in halves]))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"n": 2}, "n = 2"),
        ({"weight": -0.1}, "-0.1"),
        ({"estimator": "map"}, "estimator = 'map'"),
        ({"steps": ()}, "steps"),
    ],
)
def test_bad_input_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=re.escape(named)):
        fitted_models.simulate(Stream(1, "bad"), range(1), **{**SETTING, **change})
