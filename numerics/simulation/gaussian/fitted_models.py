"""Recursive training of a Gaussian, state by state: for errors that are no sums of squares of the estimates.

One weight, plain arrays: `gaussian` is the fast way to squared errors over a grid of weights.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.simulation.arguments import (
    FloatArray,
    covariance_matrix,
    framework_weights,
    integer,
    recorded_steps,
)
from nocollapse.numerics.simulation.streams import Stream, blocks
from nocollapse.numerics.simulation.wishart import Batches, draw

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
    covariance is taken about the common mean. Batches come from their sufficient statistics. ValueError for
    arguments out of their domain: n, m > p among them, so that no fitted covariance is singular.
    """
    root, at = np.linalg.cholesky(covariance_matrix("sigma", sigma)), recorded_steps(steps)
    (w,), p = framework_weights("fresh", (weight,)), len(root)
    if estimator not in ESTIMATORS:
        raise ValueError(f"estimator = {estimator!r} is not one of {', '.join(ESTIMATORS)}")
    kinds = [Batches(integer(name, size, p + 1), p, int(at[-1]) + 1) for name, size in (("n", n), ("m", m))]
    divisors = [kind.size - (estimator == "unbiased") for kind in kinds]
    out = States(np.empty((len(replicates), at.size, p)), np.empty((len(replicates), at.size, p, p)))
    for part, block in blocks(replicates, sum(kind.bytes_each for kind in kinds)):
        driving = draw(stream, block, *kinds)
        mean, covariance = np.zeros((len(block), p)), np.broadcast_to(root @ root.T, (len(block), p, p))
        for t in range(int(at[-1]) + 1):
            batches = [
                _batch(kind, normal[:, t], gamma[:, :, t], factor, divisor)
                for kind, (normal, gamma), factor, divisor in zip(
                    kinds, driving, (root, np.linalg.cholesky(covariance)), divisors, strict=True
                )
            ]
            (real, spread), (synthetic, model) = batches
            synthetic = synthetic + mean
            share = w if t > 0 else 1.0
            mean, covariance = share * real + (1 - share) * synthetic, share * spread + (1 - share) * model
            if estimator == "mle":
                gap = real - synthetic
                covariance = covariance + share * (1 - share) * gap[:, :, None] * gap[:, None, :]
            if t in at:
                out.mean[part, at.searchsorted(t)], out.covariance[part, at.searchsorted(t)] = mean, covariance
    return out


def _batch(
    kind: Batches, normal: FloatArray, gamma: FloatArray, root: FloatArray, divisor: int
) -> tuple[FloatArray, FloatArray]:
    """Mean (R, p) and covariance (R, p, p) of a batch from N(0, root root'); root is (p, p) or (R, p, p)."""
    half = root @ kind.factors(normal, gamma)
    return (root @ normal[:, : kind.p, None])[..., 0] / np.sqrt(kind.size), half @ half.mT / divisor


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
    X'X is Wishart, and X'e given X'X is N(0, X'X). ValueError for arguments out of their domain (n, m > p + 1).
    Source: Remark 5.
    """
    root, at = np.linalg.cholesky(covariance_matrix("omega", omega)), recorded_steps(steps)
    (w,), p, rows = framework_weights("fresh", (weight,)), len(root), int(at[-1]) + 1
    for name, size in (("n", n), ("m", m)):
        integer(name, size, p + 2)
    kinds = [Batches(size + 1, p, rows) for size in (n, m)]  # the mean's normals drive X'e
    out = JointErrors(np.empty((len(replicates), at.size)), np.empty((len(replicates), at.size)))
    for part, block in blocks(replicates, sum(kind.bytes_each for kind in kinds)):
        driving = draw(stream, block, *kinds)
        theta, omega_t = np.zeros((len(block), p, 1)), np.broadcast_to(root @ root.T, (len(block), p, p))
        for t in range(rows):
            grams, scores = [], []
            for kind, (normal, gamma), factor in zip(kinds, driving, (root, np.linalg.cholesky(omega_t)), strict=True):
                half = factor @ kind.factors(normal[:, t], gamma[:, :, t])
                grams.append(half @ half.mT / (kind.size - 1))
                scores.append(half @ normal[:, t, :p, None] / (kind.size - 1))
            share = w if t > 0 else 1.0
            omega_t = share * grams[0] + (1 - share) * grams[1]
            score = share * scores[0] + (1 - share) * (scores[1] + grams[1] @ theta)
            theta = np.linalg.solve(omega_t, score)
            if t in at:
                row = at.searchsorted(t)
                out.covariance[part, row] = np.sum((omega_t - root @ root.T) ** 2, axis=(1, 2))
                out.coefficients[part, row] = np.sum(theta**2, axis=(1, 2))
    return out

