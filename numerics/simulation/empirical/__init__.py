"""Recursive training of a nonparametric model: errors of the fitted distribution along trajectories."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.simulation.arguments import (
    FloatArray,
    IntArray,
    framework_weights,
    integer,
    probability_vector,
    recorded_steps,
)
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
    n, m, w, at = _checked(n, m, weights, steps, framework)
    last, rows = int(at[-1]), int(at[-1]) + 1 if framework == "fresh" else 1
    out, order = np.empty((len(replicates), at.size, w.size)), np.argsort(-w)
    for part, block in blocks(replicates, 8 * (rows * n + last * m)):
        real, uniform = np.empty((len(block), rows, n)), np.empty((len(block), last, m))
        for row, replicate in enumerate(block):
            rng = stream.generator(replicate)
            rng.random(out=real[row])
            rng.random(out=uniform[row])
        real.sort(axis=-1)
        if framework == "accumulation":
            run_cdf_accumulation(real, uniform, at, out[part])
        else:
            run_cdf(real, uniform, w[order], at, out[part])
    return out[:, :, np.argsort(order)]


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
    n, m, w, at = _checked(n, m, weights, steps, framework)
    truth = probability_vector(probabilities)
    last, rows = int(at[-1]), int(at[-1]) + 1 if framework == "fresh" else 1
    out = np.empty((len(replicates), at.size, w.size))
    pooled = framework == "accumulation"
    sizes = n + m * np.arange(last + 1)
    shares = (sizes - m) / sizes if pooled else w
    for part, block in blocks(replicates, 8 * (rows * truth.size + last * m)):
        real, uniform = np.empty((len(block), rows, truth.size)), np.empty((len(block), last, m))
        for row, replicate in enumerate(block):
            rng = stream.generator(replicate)
            real[row] = rng.multinomial(n, truth, size=rows)
            rng.random(out=uniform[row])
        uniform.sort(axis=-1)
        run_pmf(real / n, uniform, truth, shares, pooled, at, out[part])
    return out


def cdf_errors(stream: Stream, replicates: range, **settings: Any) -> dict[str, FloatArray]:
    """The errors of the CDF, (R, S, W), by name; settings are those of `simulate_cdf`."""
    return {"cdf": simulate_cdf(stream, replicates, **settings)}


def pmf_errors(stream: Stream, replicates: range, **settings: Any) -> dict[str, FloatArray]:
    """The errors of the PMF, (R, S, W), by name; settings are those of `simulate_pmf`."""
    return {"pmf": simulate_pmf(stream, replicates, **settings)}


def simulate_cdf_plain(
    stream: Stream,
    replicates: range,
    *,
    n: int,
    m: int,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
    framework: str = "fresh",
) -> FloatArray:
    """Simulates what `simulate_cdf` does by drawing points one by one: slow, readable, the same law.

    Arguments, shape and errors are those of `simulate_cdf`.
    """
    n, m, w, at = _checked(n, m, weights, steps, framework)

    def points(rng: np.random.Generator) -> FloatArray:
        return rng.random((int(at[-1]) + 1, n))

    return _trajectories(stream, replicates, points, _cramer_von_mises, m, w, at, framework)


def simulate_pmf_plain(
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
    """Simulates what `simulate_pmf` does by drawing labels one by one: slow, readable, the same law.

    Arguments, shape and errors are those of `simulate_pmf`.
    """
    n, m, w, at = _checked(n, m, weights, steps, framework)
    truth = probability_vector(probabilities)

    def labels(rng: np.random.Generator) -> FloatArray:
        return rng.choice(np.arange(truth.size, dtype=np.float64), size=(int(at[-1]) + 1, n), p=truth)

    def error(atoms: FloatArray, masses: FloatArray) -> float:
        fitted = np.bincount(atoms.astype(np.int64), weights=masses, minlength=truth.size)
        return float(np.sum((fitted - truth) ** 2))

    return _trajectories(stream, replicates, labels, error, m, w, at, framework)


def _cramer_von_mises(atoms: FloatArray, masses: FloatArray) -> float:
    """int_0^1 (G(x) - x)^2 dx for the step function G with jumps `masses` at `atoms`, piece by piece."""
    order = np.argsort(atoms)
    edges = np.concatenate([[0.0], atoms[order], [1.0]])
    level = np.concatenate([[0.0], np.cumsum(masses[order])])
    return float(np.sum((level - edges[:-1]) ** 3 - (level - edges[1:]) ** 3) / 3)


def _trajectories(
    stream: Stream,
    replicates: range,
    draw_real: Callable[[np.random.Generator], FloatArray],
    error: Callable[[FloatArray, FloatArray], float],
    m: int,
    weights: FloatArray,
    steps: IntArray,
    framework: str,
) -> FloatArray:
    """Runs the recursion on raw data: the model is a list of atoms with masses, sampled by inversion."""
    out = np.empty((len(replicates), steps.size, weights.size))
    for row, replicate in enumerate(replicates):
        rng = stream.generator(replicate)
        real = draw_real(rng)
        uniform = rng.random((int(steps[-1]), m))
        if framework == "augmentation":
            real[:] = real[0]
        for column, w in enumerate(weights):
            atoms, masses = real[0], np.full(real[0].size, 1 / real[0].size)
            for t in range(int(steps[-1]) + 1):
                if t > 0:
                    chosen = np.searchsorted(np.cumsum(masses)[:-1], uniform[t - 1], side="right")
                    kept = atoms if framework == "accumulation" else real[t]
                    share = kept.size / (kept.size + m) if framework == "accumulation" else w
                    atoms = np.concatenate([kept, atoms[chosen]])
                    masses = np.repeat([share / kept.size, (1 - share) / m], [kept.size, m])
                if t in steps:
                    out[row, steps.searchsorted(t), column] = error(atoms, masses)
    return out


def _checked(
    n: int, m: int, weights: npt.ArrayLike, steps: tuple[int, ...], framework: str
) -> tuple[int, int, FloatArray, IntArray]:
    w = framework_weights(framework, weights)
    return integer("n", n, 2), integer("m", m, 2), w, recorded_steps(steps)
