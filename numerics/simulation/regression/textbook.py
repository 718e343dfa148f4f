"""What the package simulates, from raw points and scikit-learn's estimators: slow, readable, the same law.

A point is a row (x_1, ..., x_p, y).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor
from threadpoolctl import threadpool_limits

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation import training
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.numerics.simulation.training import Batch


@dataclass(frozen=True)
class _MaximumLikelihood:
    """Weighted maximum likelihood; the errors are the coefficients less those of the truth, theta (p,)."""

    model: str
    truth: FloatArray

    @property
    def quantities(self) -> tuple[str, ...]:
        return tuple(f"coefficient {j + 1}" for j in range(self.truth.size))

    def fit(self, batches: Sequence[Batch], previous: FloatArray | None) -> FloatArray:
        points = np.concatenate([rows for rows, _ in batches])
        weights = np.concatenate([np.full(len(rows), share / len(rows)) for rows, share in batches])
        return maximise(self.model, points[:, :-1], points[:, -1], weights)

    def error(self, model: FloatArray) -> FloatArray:
        return model - self.truth


@dataclass(frozen=True)
class Regression(_MaximumLikelihood):
    """Covariates are N(0, omega) beside the intercept, if there is one; or those of a fixed design, real and synthetic.

    Responses follow the truth, or the fitted model.
    """

    omega: FloatArray
    intercept: bool
    fixed: tuple[FloatArray, FloatArray] | None

    def draw(self, rng: np.random.Generator, size: int) -> FloatArray:
        x = self.fixed[0] if self.fixed else self._covariates(rng, size)
        return np.column_stack([x, respond(rng, self.model, x @ self.truth)])

    def sample(self, model: FloatArray, rng: np.random.Generator, size: int) -> FloatArray:
        x = self.fixed[1] if self.fixed else self._covariates(rng, size)
        return np.column_stack([x, respond(rng, self.model, x @ model)])

    def _covariates(self, rng: np.random.Generator, size: int) -> FloatArray:
        x = rng.multivariate_normal(np.zeros(len(self.omega)), self.omega, size)
        return _beside_intercept(x) if self.intercept else x


@dataclass(frozen=True)
class Table(_MaximumLikelihood):
    """Rows of a table of points drawn with replacement; the responses of synthetic ones follow the fitted model."""

    rows: FloatArray

    def draw(self, rng: np.random.Generator, size: int) -> FloatArray:
        return self.rows[rng.integers(len(self.rows), size=size)]

    def sample(self, model: FloatArray, rng: np.random.Generator, size: int) -> FloatArray:
        x = self.draw(rng, size)[:, :-1]
        return np.column_stack([x, respond(rng, self.model, x @ model)])


def simulate_plain(
    stream: Stream,
    replicates: range,
    *,
    model: str,
    n: int,
    m: int,
    beta: npt.ArrayLike,
    omega: npt.ArrayLike,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
    intercept: bool = False,
    design: str = "random",
) -> FloatArray:
    """theta_t - theta, (R, S, W, p); arguments are those of `regression.simulate`, for maximum likelihood.

    Where a likelihood has no maximum, what comes out means nothing.
    """
    truth = np.asarray(beta, np.float64)
    covariance = np.asarray(omega, np.float64)
    fixed = None
    if design == "fixed":
        rng = Stream(stream.seed, f"{stream.name}/design").generator(0)
        real, synthetic = (rng.standard_normal((size, len(covariance))) for size in (n, m))
        fixed = (_standardised(real, covariance, intercept), _standardised(synthetic, covariance, intercept))
    estimator = Regression(model, truth, covariance, intercept, fixed)
    with threadpool_limits(1):  # fits this small only keep threads waiting for each other
        return training.simulate(estimator, stream, replicates, n=n, m=m, weights=weights, steps=steps)


def simulate_table_plain(
    stream: Stream,
    replicates: range,
    *,
    features: npt.ArrayLike,
    labels: npt.ArrayLike,
    theta: npt.ArrayLike,
    n: int,
    m: int,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
) -> FloatArray:
    """theta_t - theta, (R, S, W, p); arguments are those of `regression.simulate_table`.

    Where a likelihood has no maximum, what comes out means nothing.
    """
    rows = np.column_stack([np.asarray(features, np.float64), np.asarray(labels, np.float64)])
    estimator = Table("logistic", np.asarray(theta, np.float64), rows)
    with threadpool_limits(1):
        return training.simulate(estimator, stream, replicates, n=n, m=m, weights=weights, steps=steps)


def respond(rng: np.random.Generator, model: str, predictor: FloatArray) -> FloatArray:
    """Responses at linear predictors."""
    if model == "linear":
        return predictor + rng.standard_normal(predictor.size)
    if model == "logistic":
        return rng.binomial(1, 1 / (1 + np.exp(-predictor))).astype(np.float64)
    return rng.poisson(np.exp(predictor)).astype(np.float64)


def maximise(model: str, x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """The weighted maximum-likelihood estimate by scikit-learn; an intercept is a column of x."""
    solver = {
        "linear": LinearRegression(fit_intercept=False),
        "logistic": LogisticRegression(C=np.inf, fit_intercept=False, solver="newton-cholesky", tol=1e-6),
        "poisson": PoissonRegressor(alpha=0, fit_intercept=False, solver="newton-cholesky", tol=1e-6),
    }[model]
    return np.ravel(solver.fit(x, y, sample_weight=weights).coef_)


def _standardised(x: FloatArray, omega: FloatArray, intercept: bool) -> FloatArray:
    """The points of a fixed design: second moments omega, and means of zero beside an intercept."""
    if intercept:
        x = x - x.mean(axis=0)
    white = np.linalg.solve(np.linalg.cholesky(x.T @ x / len(x)), x.T)
    x = white.T @ np.linalg.cholesky(omega).T
    return _beside_intercept(x) if intercept else x


def _beside_intercept(x: FloatArray) -> FloatArray:
    return np.column_stack([np.ones(len(x)), x])
