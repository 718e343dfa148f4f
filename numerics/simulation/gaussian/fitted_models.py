"""Recursive training of a Gaussian, state by state: for errors that are no sums of squares of the estimates.

One weight, plain arrays: `gaussian` is the fast way to squared errors over a grid of weights.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation.arguments import covariance_matrix, framework_weights, integer, recorded_steps
from nocollapse.numerics.simulation.streams import Stream, blocks
from nocollapse.numerics.simulation.wishart import Batches, Driving, draw

ESTIMATORS = ("unbiased", "mle")


class States(NamedTuple):
    """Fitted models along trajectories: mean (R, S, p), the truth being 0, and covariance (R, S, p, p)."""

    mean: FloatArray
    covariance: FloatArray


def simulate(
    stream: Stream,
    replicates: range,
    *,
    n: int,
    m: int,
    sigma: npt.ArrayLike,
    weight: float,
    steps: tuple[int, ...],
    estimator: str = "unbiased",
) -> States:
    """Simulates the fitted N(mu_t, Sigma_t) under fresh data augmentation; the truth is N(0, sigma), sigma (p, p).

    The estimator is Section 3.1's with unbiased covariances, or weighted maximum likelihood ("mle"), in which the
    covariance is taken about the common mean. Batches come from their sufficient statistics.

    Raises ValueError for arguments out of their domain: n, m > p among them, so that no fitted covariance is singular.
    """
    root = np.asarray(np.linalg.cholesky(covariance_matrix("sigma", sigma)), np.float64)
    recorded = recorded_steps(steps)
    (w,) = framework_weights("fresh", (weight,))
    if estimator not in ESTIMATORS:
        raise ValueError(f"estimator = {estimator!r} is not one of {', '.join(ESTIMATORS)}")
    p = len(root)
    last = int(recorded[-1])
    lost = 1 if estimator == "unbiased" else 0  # degrees of freedom, by the divisor
    real_batches = Batches(integer("n", n, p + 1), p, last + 1)
    synthetic_batches = Batches(integer("m", m, p + 1), p, last + 1)
    states = States(np.empty((len(replicates), recorded.size, p)), np.empty((len(replicates), recorded.size, p, p)))
    for rows, block in blocks(replicates, real_batches.bytes_each + synthetic_batches.bytes_each):
        real, synthetic = draw(stream, block, real_batches, synthetic_batches)
        mean = np.zeros((len(block), p))
        covariance = np.broadcast_to(root @ root.T, (len(block), p, p))
        for t in range(last + 1):
            share = w if t > 0 else 1.0
            real_mean, real_covariance = _batch(real_batches, real, t, root, lost)
            fitted_root = np.asarray(np.linalg.cholesky(covariance), np.float64)
            shift, synthetic_covariance = _batch(synthetic_batches, synthetic, t, fitted_root, lost)
            synthetic_mean = shift + mean
            mean = share * real_mean + (1 - share) * synthetic_mean
            covariance = share * real_covariance + (1 - share) * synthetic_covariance
            if estimator == "mle":
                gap = real_mean - synthetic_mean
                covariance = covariance + share * (1 - share) * gap[:, :, None] * gap[:, None, :]
            if t in recorded:
                place = recorded.searchsorted(t)
                states.mean[rows, place] = mean
                states.covariance[rows, place] = covariance
    return states


def _batch(kind: Batches, driving: Driving, t: int, root: FloatArray, lost: int) -> tuple[FloatArray, FloatArray]:
    """Mean (R, p) and covariance (R, p, p) of the batch of step t from N(0, root root').

    `root` is (p, p) or (R, p, p); the covariance has divisor size - lost.
    """
    normals, gammas = driving
    normal = normals[:, t]
    half = root @ kind.factors(normal, gammas[:, :, t])
    mean = (root @ normal[:, : kind.p, None])[..., 0] / np.sqrt(kind.size)
    return mean, half @ half.mT / (kind.size - lost)


class JointErrors(NamedTuple):
    """Squared errors along trajectories, each (R, S): of the covariates' covariance and of the coefficients."""

    covariance: FloatArray
    coefficients: FloatArray


def simulate_joint(
    stream: Stream,
    replicates: range,
    *,
    n: int,
    m: int,
    omega: npt.ArrayLike,
    weight: float,
    steps: tuple[int, ...],
) -> JointErrors:
    """Simulates linear regression whose covariate law N(0, Omega) is learned too, by weighted maximum likelihood.

    Omega_t is the weighted second moment, known to be about 0, and theta_t the weighted least-squares estimate;
    synthetic points are drawn from both. Errors of y have unit variance; theta = 0, on which no error depends.
    X'X is Wishart, and X'e given X'X is N(0, X'X).

    Raises ValueError for arguments out of their domain (n, m > p + 1). Source: Remark 5.
    """
    root = np.asarray(np.linalg.cholesky(covariance_matrix("omega", omega)), np.float64)
    truth = root @ root.T
    recorded = recorded_steps(steps)
    (w,) = framework_weights("fresh", (weight,))
    p = len(root)
    last = int(recorded[-1])
    # one point more than counts, and the mean's normals drive X'e
    real_batches = Batches(integer("n", n, p + 2) + 1, p, last + 1)
    synthetic_batches = Batches(integer("m", m, p + 2) + 1, p, last + 1)
    errors = JointErrors(np.empty((len(replicates), recorded.size)), np.empty((len(replicates), recorded.size)))
    for rows, block in blocks(replicates, real_batches.bytes_each + synthetic_batches.bytes_each):
        real, synthetic = draw(stream, block, real_batches, synthetic_batches)
        theta = np.zeros((len(block), p, 1))
        omega_t = np.broadcast_to(truth, (len(block), p, p))
        for t in range(last + 1):
            share = w if t > 0 else 1.0
            real_gram, real_noise = _products(real_batches, real, t, root)
            fitted_root = np.asarray(np.linalg.cholesky(omega_t), np.float64)
            synthetic_gram, synthetic_noise = _products(synthetic_batches, synthetic, t, fitted_root)
            omega_t = share * real_gram + (1 - share) * synthetic_gram
            score = share * real_noise + (1 - share) * (synthetic_noise + synthetic_gram @ theta)
            theta = np.linalg.solve(omega_t, score)
            if t in recorded:
                place = recorded.searchsorted(t)
                errors.covariance[rows, place] = np.sum((omega_t - truth) ** 2, axis=(1, 2))
                errors.coefficients[rows, place] = np.sum(theta**2, axis=(1, 2))
    return errors


def _products(kind: Batches, driving: Driving, t: int, root: FloatArray) -> tuple[FloatArray, FloatArray]:
    """X'X (R, p, p) and X'e (R, p, 1), over the number of points, of the batch of step t from N(0, root root')."""
    normals, gammas = driving
    half = root @ kind.factors(normals[:, t], gammas[:, :, t])
    size = kind.size - 1
    return half @ half.mT / size, half @ normals[:, t, : kind.p, None] / size
