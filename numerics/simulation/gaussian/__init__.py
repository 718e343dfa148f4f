"""Recursive training of a Gaussian: errors of the fitted mean and covariance along simulated trajectories."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation.arguments import (
    covariance_matrix,
    divisor_offset,
    framework_weights,
    integer,
    recorded_steps,
)
from nocollapse.numerics.simulation.gaussian.kernels import run_accumulation, run_weighted
from nocollapse.numerics.simulation.streams import Stream, blocks
from nocollapse.numerics.simulation.wishart import Batches, draw


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
    n = integer("n", n, 2)
    m = integer("m", m, 2)
    truth = covariance_matrix("sigma", sigma)
    lanes = framework_weights(framework, weights)
    recorded = recorded_steps(steps)
    ddof = divisor_offset(ddof)
    if slopes and framework not in ("fresh", "augmentation"):
        raise ValueError(f"slopes need a weight to vary, and framework = {framework!r} has none")
    last = int(recorded[-1])
    sizes = np.array([n, m], np.float64)
    root = np.asarray(np.linalg.cholesky(truth), np.float64)[:, :, None]
    real_batches = Batches(n, len(truth), last + 1 if framework == "fresh" else 1)
    synthetic_batches = Batches(m, len(truth), last)
    errors = np.empty((len(replicates), 5 if slopes else 3, recorded.size, lanes.size))
    for rows, block in blocks(replicates, real_batches.bytes_each + synthetic_batches.bytes_each):
        real, synthetic = draw(stream, block, real_batches, synthetic_batches)
        if framework == "accumulation":
            run_accumulation(real, synthetic, sizes, ddof, truth, root, known_covariance, recorded, errors[rows])
        else:
            run_weighted(
                real, synthetic, sizes, ddof, truth, root, known_covariance, slopes, lanes, recorded, errors[rows]
            )
    return GaussianErrors(*np.moveaxis(errors, 1, 0))


def errors(stream: Stream, replicates: range, **settings: Any) -> dict[str, FloatArray]:
    """The squared errors of mean and covariance, (R, S, W) each, by name; settings are those of `simulate`."""
    simulated = simulate(stream, replicates, **settings)
    return {"mean": simulated.mean, "covariance": simulated.covariance}
