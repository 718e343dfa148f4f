"""The Gaussian mean from all real points so far: the benchmark of those who throw nothing away."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation.arguments import covariance_matrix, integer, recorded_steps
from nocollapse.numerics.simulation.streams import Stream


def kept_mean(stream: Stream, replicates: range, *, n: int, sigma: npt.ArrayLike, steps: tuple[int, ...]) -> FloatArray:
    """Draws the squared errors, (replicates, steps), of the mean of all n (t + 1) real points at each step t.

    sigma is (p, p). Every point is drawn. Raises ValueError for arguments out of their domain.
    """
    n = integer("n", n, 1)
    root = np.linalg.cholesky(covariance_matrix("sigma", sigma))
    recorded = recorded_steps(steps)
    points = (int(recorded[-1]) + 1) * n
    counts = (recorded + 1) * n
    errors = np.empty((len(replicates), recorded.size))
    for row, replicate in enumerate(replicates):
        sums = np.cumsum(stream.generator(replicate).standard_normal((points, len(root))) @ root.T, axis=0)
        errors[row] = np.sum((sums[counts - 1] / counts[:, None]) ** 2, axis=1)
    return errors
