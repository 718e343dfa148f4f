"""Probes of Gaussian training: one step from a given state, rare explosions, and weights point by point."""

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation.arguments import (
    covariance_matrix,
    divisor_offset,
    integer,
    real_vector,
    recorded_steps,
)
from nocollapse.numerics.simulation.streams import Stream, blocks
from nocollapse.numerics.simulation.wishart import Batches, draw


def one_step(stream: Stream, replicates: range, *, m: int, scale: npt.ArrayLike, ddof: int = 1) -> FloatArray:
    """Draws [tr R^2, (tr R)^2], (replicates, 2), for the sample covariance R of m points from N(0, scale).

    scale is (p, p), the divisor m - ddof; R comes from its Bartlett factor. Raises ValueError for arguments
    out of their domain.
    """
    m = integer("m", m, 2)
    root = np.linalg.cholesky(covariance_matrix("scale", scale))
    ddof = divisor_offset(ddof)
    kind = Batches(m, len(root), 1)
    squares = np.empty((len(replicates), 2))
    for rows, block in blocks(replicates, kind.bytes_each):
        ((normal, gamma),) = draw(stream, block, kind)
        half = root @ kind.factors(normal[:, 0], gamma[:, :, 0])
        squares[rows] = _squares(half @ half.mT / (m - ddof))
    return squares


def one_step_plain(stream: Stream, replicates: range, *, m: int, scale: npt.ArrayLike, ddof: int = 1) -> FloatArray:
    """Draws what `one_step` does from m points and np.cov: slow, readable, the same law."""
    m = integer("m", m, 2)
    root = np.linalg.cholesky(covariance_matrix("scale", scale))
    ddof = divisor_offset(ddof)
    squares = np.empty((len(replicates), 2))
    for row, replicate in enumerate(replicates):
        points = stream.generator(replicate).standard_normal((m, len(root))) @ root.T
        squares[row] = _squares(np.atleast_2d(np.cov(points, rowvar=False, ddof=ddof)))
    return squares


def tilted_growth(
    stream: Stream, replicates: range, *, m: int, sigma: npt.ArrayLike, steps: tuple[int, ...]
) -> FloatArray:
    """Draws logs, (R, S), of unbiased estimates of E tr(Sigma_t^2) in fully synthetic training (w = 0).

    Every batch, the real one of step 0 too, has m points from N(0, sigma) or from the model; divisor m - 1, v
    degrees of freedom. The expectation lives on trajectories too rare to be met, so they are made typical: in
    the frame of Sigma's eigenvectors the Wishart matrix G of a batch is drawn with density proportional to
    sum_i lambda_i^2 G_ii^2. That is a mixture over i, and a component only adds 4 degrees of freedom to the
    chi-square G_ii. The weight of a step is v (v + 2) sum_i lambda_i^2 / sum_i lambda_i^2 G_ii^2.
    Logs, because the estimates themselves may overflow. Raises ValueError for arguments out of their domain.
    """
    m = integer("m", m, 2)
    truth = covariance_matrix("sigma", sigma)
    recorded = recorded_steps(steps)
    kind = Batches(m, len(truth), int(recorded[-1]) + 1)
    logs = np.empty((len(replicates), recorded.size))
    for rows, block in blocks(replicates, kind.bytes_each + 16 * kind.rows):
        normal, gamma = kind.empty(len(block))
        extra = np.empty((len(block), kind.rows))
        choice = np.empty((len(block), kind.rows))
        for row, replicate in enumerate(block):
            rng = stream.generator(replicate)
            kind.fill(rng, normal[row], gamma[row])
            rng.standard_gamma(2.0, out=extra[row])
            rng.random(out=choice[row])
        gamma[:, 0] += extra
        covariance = np.broadcast_to(truth, (len(block), *truth.shape))
        log = np.zeros(len(block))
        for t in range(kind.rows):
            factor = kind.factors(normal[:, t], gamma[:, :, t])
            covariance, growth = _tilted_step(covariance, factor, choice[:, t], m - 1)
            log += growth
            if t in recorded:
                logs[rows, recorded.searchsorted(t)] = log + np.log(_squares(covariance)[:, 0])
    return logs


def weighted_mean(
    stream: Stream,
    replicates: range,
    *,
    real: npt.ArrayLike,
    synthetic: npt.ArrayLike,
    sigma: npt.ArrayLike,
    steps: tuple[int, ...],
) -> FloatArray:
    """Simulates ||mu_t - mu||^2, (R, S), of mu_t = sum_i real_i x_i + sum_j synthetic_j y_j from raw points.

    A step has n = len(real) new real points from N(mu, sigma) and m = len(synthetic) points from
    N(mu_{t-1}, sigma); the fixed weights sum to 1. Step 0 is the plain mean of n real points. Source:
    Proposition 1. Raises ValueError for arguments out of their domain.
    """
    a = real_vector("real", real)
    b = real_vector("synthetic", synthetic)
    recorded = recorded_steps(steps)
    if abs(a.sum() + b.sum() - 1) > 1e-9:
        raise ValueError(f"real and synthetic weights sum to {a.sum() + b.sum()}, not to 1")
    root = np.linalg.cholesky(covariance_matrix("sigma", sigma))
    last = int(recorded[-1])
    errors = np.empty((len(replicates), recorded.size))
    for row, replicate in enumerate(replicates):
        rng = stream.generator(replicate)
        points = rng.standard_normal((last + 1, a.size, len(root))) @ root.T
        noise = rng.standard_normal((last, b.size, len(root))) @ root.T
        real_means = a @ points
        shifts = b @ noise
        mean = points[0].mean(axis=0)
        for t in range(last + 1):
            if t > 0:
                mean = real_means[t] + b.sum() * mean + shifts[t - 1]
            if t in recorded:
                errors[row, recorded.searchsorted(t)] = mean @ mean
    return errors


def _squares(covariance: FloatArray) -> FloatArray:
    """[tr R^2, (tr R)^2], (..., 2), of symmetric matrices (..., p, p)."""
    return np.stack([np.sum(covariance**2, axis=(-2, -1)), np.trace(covariance, axis1=-2, axis2=-1) ** 2], axis=-1)


def _tilted_step(
    covariance: FloatArray, factor: FloatArray, choice: FloatArray, freedom: int
) -> tuple[FloatArray, FloatArray]:
    """The next covariances, (B, p, p), rescaled, and (B,) logs of scale^2 times importance weight.

    The first axis of factor, which has the extra degrees of freedom, is laid along the chosen eigenvector.
    """
    values, vectors = np.linalg.eigh(covariance)
    values = values.clip(0)
    mixture = values**2 / np.sum(values**2, axis=-1, keepdims=True)
    chosen = np.sum(np.cumsum(mixture[:, :-1], axis=-1) <= choice[:, None], axis=-1)
    # A cyclic shift of the axes puts the chosen one first; the others' order does not matter.
    axes = (chosen[:, None] + np.arange(values.shape[1])) % values.shape[1]
    values = np.take_along_axis(values, axes, 1)
    mixture = np.take_along_axis(mixture, axes, 1)
    half = (np.take_along_axis(vectors, axes[:, None], 2) * np.sqrt(values)[:, None]) @ factor
    result = half @ half.mT / freedom
    scale = np.trace(result, axis1=1, axis2=2)
    ratio = np.sum(mixture * np.sum(factor**2, axis=-1) ** 2, axis=-1) / (freedom * (freedom + 2))
    return result / scale[:, None, None], 2 * np.log(scale) - np.log(ratio)
