"""Fitted Gaussian states: the same law as raw data fitted the textbook way, and as the fast simulator of errors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy.stats import ks_2samp

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation import gaussian, training
from nocollapse.numerics.simulation.gaussian import fitted_models
from nocollapse.numerics.simulation.gaussian.textbook import Fitted, Gaussian
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.numerics.simulation.training import Batch

SIGMA = np.array(((2.0, 0.5), (0.5, 1.0)))
SETTING: dict[str, Any] = {"n": 9, "m": 14, "sigma": SIGMA, "weight": 0.4, "steps": (0, 1, 5)}
JOINT: dict[str, Any] = {"n": 9, "m": 14, "omega": SIGMA, "weight": 0.4, "steps": (0, 1, 5)}
TRAINING: dict[str, Any] = {"n": 9, "m": 14, "weights": (0.4,), "steps": (0, 1, 5)}
Joined = tuple[FloatArray, FloatArray]
# 21 comparisons, each at level 1e-5: a correct build fails with probability at most 3e-4, and the seeds are fixed
LEVEL = 1e-5


class MaximumLikelihood(Gaussian):
    """Weighted maximum likelihood: the covariance is about the common mean."""

    def fit(self, batches: Sequence[Batch], previous: Fitted | None) -> Fitted:
        points = np.concatenate([rows for rows, _ in batches])
        masses = np.concatenate([np.full(len(rows), share / len(rows)) for rows, share in batches])
        return Fitted(masses @ points, np.cov(points.T, aweights=masses, ddof=0))


@pytest.mark.parametrize("estimator", fitted_models.ESTIMATORS)
def test_states_have_the_law_of_raw_data(estimator: str) -> None:
    fast = fitted_models.simulate(Stream(1, estimator), range(6000), **SETTING, estimator=estimator)
    textbook = (MaximumLikelihood if estimator == "mle" else Gaussian)(SIGMA, 1, False)
    plain = training.simulate(textbook, Stream(2, estimator), range(1500), **TRAINING)[:, :, 0]
    for i in range(3):
        assert ks_2samp(np.sum(fast.mean[:, i] ** 2, axis=1), plain[:, i, 0]).pvalue > LEVEL
        errors = np.sum((fast.covariance[:, i] - SIGMA) ** 2, axis=(1, 2))
        assert ks_2samp(errors, plain[:, i, 1]).pvalue > LEVEL


def test_states_have_the_errors_of_the_fast_simulator() -> None:
    states = fitted_models.simulate(Stream(1, "a"), range(6000), **SETTING)
    errors = gaussian.simulate(Stream(2, "b"), range(6000), sigma=SIGMA, **TRAINING)
    for i in range(3):
        of_states = np.sum((states.covariance[:, i] - SIGMA) ** 2, axis=(1, 2))
        assert ks_2samp(of_states, errors.covariance[:, i, 0]).pvalue > LEVEL


class Joint:
    """Linear regression that learns the law of its covariates, too: a point is a row (x, y), a model (Omega, theta)."""

    quantities = ("covariance", "coefficients")

    def draw(self, rng: np.random.Generator, size: int) -> FloatArray:
        return self.sample((SIGMA, np.zeros(2)), rng, size)

    def fit(self, batches: Sequence[Batch], previous: Joined | None) -> Joined:
        points = np.concatenate([rows for rows, _ in batches])
        masses = np.concatenate([np.full(len(rows), share / len(rows)) for rows, share in batches])
        x = points[:, :2]
        scaled = np.sqrt(masses)[:, None] * points
        theta, *_ = np.linalg.lstsq(scaled[:, :2], scaled[:, 2], rcond=None)
        return (masses[:, None] * x).T @ x, theta

    def sample(self, model: Joined, rng: np.random.Generator, size: int) -> FloatArray:
        omega, theta = model
        x = rng.multivariate_normal(np.zeros(2), omega, size)
        return np.column_stack([x, x @ theta + rng.standard_normal(size)])

    def error(self, model: Joined) -> FloatArray:
        omega, theta = model
        return np.array([np.sum((omega - SIGMA) ** 2), theta @ theta])


def test_joint_learning_has_the_law_of_raw_data() -> None:
    fast = fitted_models.simulate_joint(Stream(3, "joint"), range(6000), **JOINT)
    plain = training.simulate(Joint(), Stream(4, "joint"), range(1500), **TRAINING)[:, :, 0]
    for i in range(3):
        assert ks_2samp(fast.covariance[:, i], plain[:, i, 0]).pvalue > LEVEL
        assert ks_2samp(fast.coefficients[:, i], plain[:, i, 1]).pvalue > LEVEL


def test_chunks_change_no_bit() -> None:
    whole = fitted_models.simulate(Stream(5, "c"), range(20), **SETTING)
    halves = [fitted_models.simulate(Stream(5, "c"), half, **SETTING) for half in (range(7), range(7, 20))]
    assert np.array_equal(whole.covariance, np.concatenate([half.covariance for half in halves]))
    joint = fitted_models.simulate_joint(Stream(5, "c"), range(20), **JOINT)
    joint_halves = [fitted_models.simulate_joint(Stream(5, "c"), half, **JOINT) for half in (range(9), range(9, 20))]
    assert np.array_equal(joint.coefficients, np.concatenate([half.coefficients for half in joint_halves]))


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
