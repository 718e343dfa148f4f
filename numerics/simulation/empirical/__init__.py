"""Recursive training of a nonparametric model: errors of the fitted distribution along trajectories."""

from typing import Any

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation.arguments import framework_weights, integer, probability_vector, recorded_steps
from nocollapse.numerics.simulation.empirical.kernels import run_cdf, run_cdf_accumulation, run_pmf
from nocollapse.numerics.simulation.streams import Stream, blocks


def simulate_cdf(
    stream: Stream,
    replicates: range,
    *,
    n: int,
    m: int,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
    framework: str = "fresh",
) -> FloatArray:
    """Simulates int (F_t - F)^2 dF, (R, S, W), of the weighted empirical CDF; the truth is uniform on (0, 1).

    Step 0 fits n real points; at a later step m points are drawn from the discrete measure of the step
    before. The uniform truth stands for every continuous one, by the probability integral transform. Only
    recorded steps are evaluated: their atoms are traced back to the real points that they copy, or to the
    recorded step before. All weights share the driving numbers.

    Raises ValueError for arguments out of their domain. Source: Theorem 3; frameworks: Figures 1-4.
    """
    lanes = framework_weights(framework, weights)
    n = integer("n", n, 2)
    m = integer("m", m, 2)
    recorded = recorded_steps(steps)
    last = int(recorded[-1])
    real_batches = last + 1 if framework == "fresh" else 1
    order = np.argsort(-lanes)
    errors = np.empty((len(replicates), recorded.size, lanes.size))
    for rows, block in blocks(replicates, 8 * (real_batches * n + last * m)):
        real = np.empty((len(block), real_batches, n))
        uniform = np.empty((len(block), last, m))
        for row, replicate in enumerate(block):
            rng = stream.generator(replicate)
            rng.random(out=real[row])
            rng.random(out=uniform[row])
        real.sort(axis=-1)
        if framework == "accumulation":
            run_cdf_accumulation(real, uniform, recorded, errors[rows])
        else:
            run_cdf(real, uniform, lanes[order], recorded, errors[rows])
    return errors[:, :, np.argsort(order)]


def simulate_pmf(
    stream: Stream,
    replicates: range,
    *,
    n: int,
    m: int,
    probabilities: npt.ArrayLike,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
    framework: str = "fresh",
) -> FloatArray:
    """Simulates sum_j (p_t[j] - p[j])^2, (R, S, W), of the weighted empirical PMF; p = probabilities, (K,).

    Real batches enter by their multinomial counts. Synthetic counts come from m sorted uniforms a step,
    shared by the weights and cut at the cumulative fitted probabilities.

    Raises ValueError for arguments out of their domain. Source: Section 4; frameworks: Figures 1-4.
    """
    lanes = framework_weights(framework, weights)
    n = integer("n", n, 2)
    m = integer("m", m, 2)
    recorded = recorded_steps(steps)
    truth = probability_vector(probabilities)
    last = int(recorded[-1])
    real_batches = last + 1 if framework == "fresh" else 1
    pooled = framework == "accumulation"
    if pooled:
        sizes = n + m * np.arange(last + 1)
        shares = (sizes - m) / sizes  # of the points before a step
    else:
        shares = lanes
    errors = np.empty((len(replicates), recorded.size, lanes.size))
    for rows, block in blocks(replicates, 8 * (real_batches * truth.size + last * m)):
        counts = np.empty((len(block), real_batches, truth.size))
        uniform = np.empty((len(block), last, m))
        for row, replicate in enumerate(block):
            rng = stream.generator(replicate)
            counts[row] = rng.multinomial(n, truth, size=real_batches)
            rng.random(out=uniform[row])
        uniform.sort(axis=-1)
        run_pmf(counts / n, uniform, truth, shares, pooled, recorded, errors[rows])
    return errors


def cdf_errors(stream: Stream, replicates: range, **settings: Any) -> dict[str, FloatArray]:
    """The errors of the CDF, (R, S, W), by name; settings are those of `simulate_cdf`."""
    return {"cdf": simulate_cdf(stream, replicates, **settings)}


def pmf_errors(stream: Stream, replicates: range, **settings: Any) -> dict[str, FloatArray]:
    """The errors of the PMF, (R, S, W), by name; settings are those of `simulate_pmf`."""
    return {"pmf": simulate_pmf(stream, replicates, **settings)}
