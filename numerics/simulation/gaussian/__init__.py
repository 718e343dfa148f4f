"""Recursive training of a Gaussian: errors of the fitted mean and covariance along simulated trajectories."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.simulation.arguments import (
    FRAMEWORKS,
    FloatArray,
    IntArray,
    covariance_matrix,
    divisor_offset,
    framework_weights,
    integer,
    recorded_steps,
)
from nocollapse.numerics.simulation.gaussian.kernels import run_accumulation, run_weighted
from nocollapse.numerics.simulation.streams import Stream, blocks
from nocollapse.numerics.simulation.wishart import Batches, draw

__all__ = ["FRAMEWORKS", "GaussianErrors", "simulate", "simulate_plain"]


class GaussianErrors(NamedTuple):
    """Errors along trajectories, each array (R, S, W): replicate, recorded step, weight.

    The slopes are pathwise: the derivative in w with the driving numbers held fixed; None unless asked for.
    """

    mean: FloatArray  # ||mu_t - mu||^2
    covariance: FloatArray  # ||Sigma_t - Sigma||_F^2
    trace: FloatArray  # tr Sigma_t - tr Sigma
    mean_slope: FloatArray | None = None
    covariance_slope: FloatArray | None = None


def simulate(
    stream: Stream,
    replicates: range,
    *,
    n: int,
    m: int,
    sigma: npt.ArrayLike,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
    framework: str = "fresh",
    ddof: int = 1,
    known_covariance: bool = False,
    slopes: bool = False,
) -> GaussianErrors:
    """Simulates trajectories of the fitted mean and covariance from sufficient statistics.

    The truth is N(0, sigma), sigma (p, p). Step 0 fits n real points; a later step also fits m points drawn
    from the model of the step before (with the true covariance if known_covariance). Sample covariances have
    divisor size - ddof. A batch enters only by its mean, N(mu, Sigma/size), and its scatter L T T' L', with
    Sigma = L L' and T the Bartlett factor of a Wishart; the cost does not grow with n and m. All weights
    share the driving numbers. A singular Sigma (few points, many dimensions) is factored with zero columns,
    whose slopes are set to zero: where Sigma is singular the derivative does not exist.

    slopes=True adds pathwise derivatives in w, for the frameworks that have a weight (fresh, augmentation).
    Raises ValueError for arguments out of their domain. Frameworks: Figures 1-4; estimators: Section 3.1.
    """
    n, m, truth, w, at, ddof = _checked(n, m, sigma, weights, steps, framework, ddof)
    if slopes and framework not in ("fresh", "augmentation"):
        raise ValueError(f"slopes need a weight to vary, and framework = {framework!r} has none")
    out = np.empty((len(replicates), 5 if slopes else 3, at.size, w.size))
    rows, sizes = int(at[-1]) + 1, np.array([n, m], np.float64)
    root = np.asarray(np.linalg.cholesky(truth), np.float64)[:, :, None]
    real = Batches(n, len(truth), rows if framework == "fresh" else 1)
    synthetic = Batches(m, len(truth), rows - 1)
    for part, block in blocks(replicates, real.bytes_each + synthetic.bytes_each):
        first, second = draw(stream, block, real, synthetic)
        if framework == "accumulation":
            run_accumulation(first, second, sizes, ddof, truth, root, known_covariance, at, out[part])
        else:
            run_weighted(first, second, sizes, ddof, truth, root, known_covariance, w, at, out[part])
    return GaussianErrors(*np.moveaxis(out, 1, 0))


def errors(stream: Stream, replicates: range, **settings: Any) -> dict[str, FloatArray]:
    """The squared errors of mean and covariance, (R, S, W) each, by name; settings are those of `simulate`."""
    simulated = simulate(stream, replicates, **settings)
    return {"mean": simulated.mean, "covariance": simulated.covariance}


def simulate_plain(
    stream: Stream,
    replicates: range,
    *,
    n: int,
    m: int,
    sigma: npt.ArrayLike,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
    framework: str = "fresh",
    ddof: int = 1,
    known_covariance: bool = False,
) -> GaussianErrors:
    """Simulates what `simulate` does from raw data and textbook estimators: slow, readable, the same law.

    Arguments, shapes and errors are those of `simulate`, without slopes.
    """
    n, m, truth, w, at, ddof = _checked(n, m, sigma, weights, steps, framework, ddof)
    p, last = len(truth), int(at[-1])
    out = np.empty((3, len(replicates), at.size, w.size))
    for row, replicate in enumerate(replicates):
        rng = stream.generator(replicate)
        real = rng.standard_normal((last + 1, n, p)) @ _root(truth)
        noise = rng.standard_normal((last, m, p))
        if framework in ("augmentation", "accumulation"):
            real[:] = real[0]
        for column, weight in enumerate(w):
            mean, covariance = _fit(real[0], ddof)
            pool = real[0]
            for t in range(last + 1):
                if t > 0:
                    synthetic = mean + noise[t - 1] @ _root(truth if known_covariance else covariance)
                    if framework == "accumulation":
                        pool = np.concatenate([pool, synthetic])
                        mean, covariance = _fit(pool, ddof)
                    else:
                        mean, covariance = (
                            weight * a + (1 - weight) * b
                            for a, b in zip(_fit(real[t], ddof), _fit(synthetic, ddof), strict=True)
                        )
                if t in at:
                    gap = covariance - truth
                    out[:, row, at.searchsorted(t), column] = mean @ mean, np.sum(gap**2), np.trace(gap)
    return GaussianErrors(*out)


def _fit(points: FloatArray, ddof: int) -> tuple[FloatArray, FloatArray]:
    """The sample mean (p,) and the sample covariance (p, p), divisor size - ddof."""
    return points.mean(axis=0), np.atleast_2d(np.cov(points, rowvar=False, ddof=ddof))


def _root(covariance: FloatArray) -> FloatArray:
    """The symmetric square root of a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(values.clip(0))) @ vectors.T)


def _checked(
    n: int,
    m: int,
    sigma: npt.ArrayLike,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
    framework: str,
    ddof: int,
) -> tuple[int, int, FloatArray, FloatArray, IntArray, int]:
    return (
        integer("n", n, 2),
        integer("m", m, 2),
        covariance_matrix("sigma", sigma),
        framework_weights(framework, weights),
        recorded_steps(steps),
        divisor_offset(ddof),
    )
