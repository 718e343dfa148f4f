"""One weighted fit of a logistic or Poisson regression that must not be lost, in plain numpy.

The compiled fits of `regression.kernels` come here when they do not converge at once, and estimators other than
maximum likelihood always.
"""

from __future__ import annotations

import numpy as np

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation.regression.separation import certify

ITERATIONS = 100
HALVINGS = 40
ROUNDING = 1e-12  # of a score, against the largest |x_ij|
# Lengths of the last step in the norm of the information: Newton's converges quadratically, Fisher scoring linearly.
TOLERANCE = {"mle": 1e-5, "ridge": 1e-5, "firth": 1e-7}


def maximise(
    model: str, estimator: str, penalty: float, x: FloatArray, y: FloatArray, a: FloatArray, start: FloatArray
) -> tuple[FloatArray, str]:  # fmt: skip
    """The estimate (p,) and its outcome: converged, separated (no maximum exists), or failed.

    Maximises sum a_i log p(y_i | x_i'theta), x (N, p), plus penalty/2 log det of the information for Firth, or minus
    penalty/2 |theta|^2 for ridge, by damped Newton steps. Separated labels are seen when an estimate separates them;
    all other doubt whether a maximum exists is settled exactly.
    """
    theta = start
    value = _objective(model, estimator, penalty, x, y, a, start)
    for _ in range(ITERATIONS):
        if not np.isfinite(value):
            break
        step, decrement, leverage = _step(model, estimator, penalty, x, y, a, theta)
        # kernels.exists says why a small product proves that a maximum exists, but for rounding
        rounding = ROUNDING * leverage**2 if estimator == "mle" else 0.0
        if not (np.isfinite(decrement) and rounding < 0.1):
            break
        if decrement <= TOLERANCE[estimator] and (estimator != "mle" or decrement * leverage + rounding < 0.1):
            return theta + step, "converged"
        scale = 1.0
        rounding_of_value = 1e-13 * (1 + abs(value))
        for _ in range(HALVINGS):
            new = _objective(model, estimator, penalty, x, y, a, theta + scale * step)
            if new >= value + 1e-4 * scale * decrement**2 - rounding_of_value:
                break
            scale /= 2
        theta = theta + scale * step
        value = new
        if model == "logistic" and estimator == "mle" and _separates(x, y, theta):
            return theta, "separated"
    separated = estimator == "mle" and certify(model, x, y).kind == "separated"
    return theta, "separated" if separated else "failed"


def _moments(model: str, predictor: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, variance and third cumulant of the responses."""
    if model == "poisson":
        mean = np.exp(np.minimum(predictor, 700))
        return mean, mean, mean
    mean = 1 / (1 + np.exp(-predictor.clip(-700, 700)))
    complement = 1 / (1 + np.exp(predictor.clip(-700, 700)))  # 1 - mean would cancel
    return mean, mean * complement, mean * complement * (complement - mean)


def _information(variance: FloatArray, x: FloatArray, a: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ik->jk", x * (a * variance)[:, None], x))  # not BLAS: bits must not vary


def _objective(
    model: str, estimator: str, penalty: float, x: FloatArray, y: FloatArray, a: FloatArray, theta: FloatArray
) -> float:  # fmt: skip
    predictor = np.einsum("ij,j->i", x, theta)
    normaliser = np.exp(np.minimum(predictor, 700)) if model == "poisson" else np.logaddexp(0, predictor)
    total = float(np.sum(a * (y * predictor - normaliser)))
    if estimator == "ridge":
        return total - penalty / 2 * float(theta @ theta)
    if estimator == "firth":
        _, variance, _ = _moments(model, predictor)
        sign, log_determinant = np.linalg.slogdet(_information(variance, x, a))
        if sign <= 0:
            return -np.inf
        return total + penalty / 2 * float(log_determinant)
    return total


def _step(
    model: str, estimator: str, penalty: float, x: FloatArray, y: FloatArray, a: FloatArray, theta: FloatArray
) -> tuple[FloatArray, float, float]:  # fmt: skip
    """The Newton step (Fisher scoring for Firth), its length, and the largest |x_i| in the dual of the same norm."""
    mean, variance, skewness = _moments(model, np.einsum("ij,j->i", x, theta))
    information = _information(variance, x, a)
    if estimator == "ridge":
        information += penalty * np.eye(theta.size)
    try:
        inverse = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return np.full(theta.size, np.nan), np.nan, np.nan
    squares = np.einsum("ij,jk,ik->i", x, inverse, x)
    score = np.einsum("i,ij->j", a * (y - mean), x)
    if estimator == "ridge":
        score -= penalty * theta
    elif estimator == "firth":  # Firth (1993): each point adds half of its hat value times skewness over variance
        score += penalty / 2 * np.einsum("i,ij->j", a * skewness * squares, x)
    step = inverse @ score
    return step, float(np.sqrt(max(score @ step, 0.0))), float(np.sqrt(squares.max()))


def _separates(x: FloatArray, y: FloatArray, theta: FloatArray) -> bool:
    """Whether theta has every point with y = 1 above 0 and every one with y = 0 below, beyond rounding."""
    terms = x * theta
    return bool(np.all((2 * y - 1) * terms.sum(axis=1) > 1e-14 * np.abs(terms).sum(axis=1)))
