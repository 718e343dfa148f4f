"""What the package simulates, from raw points and scikit-learn's estimators: slow, readable, the same law."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor
from threadpoolctl import threadpool_limits

from nocollapse.numerics.simulation.arguments import FloatArray
from nocollapse.numerics.simulation.streams import Stream


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

    The weights share nothing. Where a likelihood has no maximum, what comes out means nothing.
    """
    truth, shares = np.asarray(beta, np.float64), np.asarray(weights, np.float64)
    out = np.empty((len(replicates), len(steps), shares.size, truth.size))
    designer = Stream(stream.seed, f"{stream.name}/design").generator(0)
    normals = [designer.standard_normal((size, len(truth) - intercept)) for size in (n, m)]
    frozen = [_standardised(z, omega, intercept) for z in normals]

    def batches(rng: np.random.Generator) -> list[FloatArray]:
        return frozen if design == "fixed" else [_points(rng, size, omega, intercept) for size in (n, m)]

    with threadpool_limits(1):  # fits this small only keep threads waiting for each other
        for row, replicate in enumerate(replicates):
            rng = stream.generator(replicate)
            for lane, weight in enumerate(shares):
                theta = truth
                for t in range(max(steps) + 1):
                    real, synthetic = batches(rng)
                    y = respond(rng, model, real @ truth)
                    if t == 0:
                        theta = fit(model, real, y, np.full(n, 1 / n))
                    else:
                        x = np.concatenate([real, synthetic])
                        y = np.concatenate([y, respond(rng, model, synthetic @ theta)])
                        theta = fit(model, x, y, np.repeat([weight / n, (1 - weight) / m], [n, m]))
                    if t in steps:
                        out[row, steps.index(t), lane] = theta - truth
    return out


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
    """theta_t - theta, (R, S, W, p); arguments are those of `regression.simulate_table`. The weights share nothing.

    Where a likelihood has no maximum, what comes out means nothing.
    """
    rows, flags = np.asarray(features, np.float64), np.asarray(labels, np.float64)
    target, shares = np.asarray(theta, np.float64), np.asarray(weights, np.float64)
    out = np.empty((len(replicates), len(steps), shares.size, target.size))
    with threadpool_limits(1):
        for row, replicate in enumerate(replicates):
            rng = stream.generator(replicate)
            for lane, weight in enumerate(shares):
                fitted = target
                for t in range(max(steps) + 1):
                    real = rng.integers(len(rows), size=n)
                    if t == 0:
                        fitted = fit("logistic", rows[real], flags[real], np.full(n, 1 / n))
                    else:
                        synthetic = rows[rng.integers(len(rows), size=m)]
                        x = np.concatenate([rows[real], synthetic])
                        y = np.concatenate([flags[real], respond(rng, "logistic", synthetic @ fitted)])
                        fitted = fit("logistic", x, y, np.repeat([weight / n, (1 - weight) / m], [n, m]))
                    if t in steps:
                        out[row, steps.index(t), lane] = fitted - target
    return out


def respond(rng: np.random.Generator, model: str, predictor: FloatArray) -> FloatArray:
    """Responses at linear predictors."""
    if model == "linear":
        return predictor + rng.standard_normal(predictor.size)
    if model == "logistic":
        return rng.binomial(1, 1 / (1 + np.exp(-predictor))).astype(np.float64)
    return rng.poisson(np.exp(predictor)).astype(np.float64)


def fit(model: str, x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """The weighted maximum-likelihood estimate by scikit-learn; an intercept is a column of x."""
    solver = {
        "linear": LinearRegression(fit_intercept=False),
        "logistic": LogisticRegression(C=np.inf, fit_intercept=False, solver="newton-cholesky", tol=1e-6),
        "poisson": PoissonRegressor(alpha=0, fit_intercept=False, solver="newton-cholesky", tol=1e-6),
    }[model]
    positive = weights > 0
    return np.ravel(solver.fit(x[positive], y[positive], sample_weight=weights[positive]).coef_)


def _points(rng: np.random.Generator, size: int, omega: npt.ArrayLike, intercept: bool) -> FloatArray:
    x = rng.multivariate_normal(np.zeros(len(np.asarray(omega))), np.asarray(omega), size)
    return np.column_stack([np.ones(size), x]) if intercept else x


def _standardised(x: FloatArray, omega: npt.ArrayLike, intercept: bool) -> FloatArray:
    """The points of a fixed design: second moments omega, and means of zero beside an intercept."""
    if intercept:
        x = x - x.mean(axis=0)
    white = np.linalg.solve(np.linalg.cholesky(x.T @ x / len(x)), x.T)
    x = white.T @ np.linalg.cholesky(np.asarray(omega)).T
    return np.column_stack([np.ones(len(x)), x]) if intercept else x
