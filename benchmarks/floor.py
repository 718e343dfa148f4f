"""The random numbers that trajectories need, generators made, and nothing else.

They come from the generators that the simulators use, by the same calls, compiled where theirs are. What is counted:

- gaussian: the mean and the Bartlett factor of each batch, as `numerics.simulation.wishart` says.
- linear: the same numbers, which serve as the factor of X'X and as X'e.
- cdf: a uniform a point.
- pmf: the multinomial counts of a real batch, a uniform a synthetic point.
- logistic: p normals a point, its covariates, and a uniform, its label.
- poisson: p normals a point, and the 1 + E y exponentials that end the arrivals of its count y at the true
  coefficients; that the models of the weights differ and need more is no part of it.
- adult: a uniform a point, which picks its row, and one more, its label, a synthetic point.

All weights share them.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.numerics.simulation.wishart import Batches, draw


def moments(stream: Stream, replicates: range, n: int, m: int, p: int, steps: int) -> None:
    """Draws the means and Bartlett factors of batches of n and of m points in dimension p."""
    kinds = Batches(n, p, steps + 1), Batches(m, p, steps)
    for replicate in replicates:
        draw(stream, range(replicate, replicate + 1), *kinds)


def uniforms(stream: Stream, replicates: range, count: int) -> None:
    """Draws that many uniforms a replicate."""
    room = np.empty(count)
    for replicate in replicates:
        stream.generator(replicate).random(out=room)


def counts(stream: Stream, replicates: range, n: int, truth: FloatArray, batches: int, count: int) -> None:
    """Draws the multinomial counts of batches of n points, and then uniforms."""
    room = np.empty(count)
    for replicate in replicates:
        rng = stream.generator(replicate)
        rng.multinomial(n, truth, size=batches)
        rng.random(out=room)


def points(stream: Stream, replicates: range, real: tuple[int, int, int], synthetic: tuple[int, int, int]) -> None:
    """Draws so many (normals, uniforms, exponentials) for a replicate's real points, and for its synthetic ones."""
    other = Stream(stream.seed, f"{stream.name}/synthetic")
    for replicate in replicates:
        one_by_one(stream.generator(replicate), *real)
        one_by_one(other.generator(replicate), *synthetic)


@njit(cache=True, nogil=True)
def one_by_one(rng: np.random.Generator, normals: int, uniforms: int, exponentials: int) -> None:
    """Draws in compiled code, where a number costs less than in an array of numpy's."""
    for _ in range(normals):
        rng.standard_normal()
    for _ in range(uniforms):
        rng.random()
    for _ in range(exponentials):
        rng.standard_exponential()
