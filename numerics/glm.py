"""Recursive training of a random-design linear regression by weighted least squares, and its errors.

The truth is y = x'theta + e with x ~ N(0, Omega) and e ~ N(0, 1) independent; theta = 0 without loss of generality,
since the errors do not depend on it. Synthetic responses come from the fitted model, covariates from the law of x.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from numerics.streams import Stream, blocks
from numerics.validation import FloatArray, covariance_matrix, framework_weights, integer, recorded_steps


def simulate_linear(
    stream: Stream,
    replicates: range,
    *,
    n: int,
    m: int,
    omega: npt.ArrayLike,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
) -> FloatArray:
    """||theta_t - theta||^2, (R, S, W), at the recorded steps, for each weight on real data.

    From sufficient statistics: X'X is Wishart, and X'e given X'X is N(0, X'X). The cost does not grow with n and m.
    All weights share the driving numbers. ``omega`` is (p, p) and n, m > p + 1; ``ValueError`` otherwise. Source:
    Section 3.2.
    """
    root, w, at = _checked(n, m, omega, weights, steps)
    p, last = len(root), int(at[-1])
    out = np.empty((len(replicates), at.size, w.size))
    freedom = np.array([n, m])[:, None] - np.arange(p)
    for part, block in blocks(replicates, 8 * (last + 1) * 2 * (p * p + 2 * p)):
        normal = np.empty((len(block), last + 1, 2, p, p + 1))
        chi = np.empty((len(block), last + 1, 2, p))
        for row, replicate in enumerate(block):
            rng = stream.generator(replicate)
            rng.standard_normal(out=normal[row])
            chi[row] = rng.chisquare(freedom, size=(last + 1, 2, p))
        factors = np.tril(normal[..., :p], -1)
        np.einsum("...ii->...i", factors)[...] = np.sqrt(chi)
        factors = root @ factors  # X'X = factor factor', and X'e = factor u
        noise = np.einsum("...ij,...j->...i", factors, normal[..., p])
        out[part] = _trajectories(factors @ factors.mT, noise, (n, m), w, at)
    return out


def _trajectories(
    gram: FloatArray, noise: FloatArray, sizes: tuple[int, int], w: FloatArray, at: npt.NDArray[np.int64]
) -> FloatArray:
    """Squared errors, (R, S, W), from X'X, (R, steps, 2, p, p), and X'e, (R, steps, 2, p), of both batches."""
    n, m = sizes
    error = np.linalg.solve(gram[:, 0, 0], noise[:, 0, 0][..., None])[:, None, :, 0].repeat(w.size, axis=1)
    out = np.empty((len(gram), at.size, w.size))
    for t in range(int(at[-1]) + 1):
        if t > 0:
            real, synthetic = (w / n)[:, None], ((1 - w) / m)[:, None]
            drawn = noise[:, t, 1][:, None] + np.einsum("rij,rwj->rwi", gram[:, t, 1], error)
            right = real * noise[:, t, 0][:, None] + synthetic * drawn
            left = real[..., None] * gram[:, t, 0][:, None] + synthetic[..., None] * gram[:, t, 1][:, None]
            error = np.linalg.solve(left, right[..., None])[..., 0]
        if t in at:
            out[:, at.searchsorted(t)] = np.sum(error**2, axis=-1)
    return out


def simulate_linear_plain(
    stream: Stream,
    replicates: range,
    *,
    n: int,
    m: int,
    omega: npt.ArrayLike,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
) -> FloatArray:
    """What `simulate_linear` does, from raw data and a least-squares solver: slow, readable, the same law."""
    root, w, at = _checked(n, m, omega, weights, steps)
    p, last = len(root), int(at[-1])
    out = np.empty((len(replicates), at.size, w.size))
    for row, replicate in enumerate(replicates):
        rng = stream.generator(replicate)
        x = rng.standard_normal((last + 1, n + m, p)) @ root.T
        e = rng.standard_normal((last + 1, n + m))
        for column, weight in enumerate(w):
            theta = np.linalg.lstsq(x[0, :n], e[0, :n], rcond=None)[0]
            scale = np.sqrt(np.repeat([weight / n, (1 - weight) / m], [n, m]))
            for t in range(last + 1):
                if t > 0:
                    y = e[t] + np.concatenate([np.zeros(n), x[t, n:] @ theta])
                    theta = np.linalg.lstsq(scale[:, None] * x[t], scale * y, rcond=None)[0]
                if t in at:
                    out[row, at.searchsorted(t), column] = theta @ theta
    return out


def _checked(
    n: int, m: int, omega: npt.ArrayLike, weights: npt.ArrayLike, steps: tuple[int, ...]
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.int64]]:
    root = np.asarray(np.linalg.cholesky(covariance_matrix("omega", omega)), np.float64)
    for name, size in (("n", n), ("m", m)):
        integer(name, size, len(root) + 2)
    return root, framework_weights("fresh", weights), recorded_steps(steps)
