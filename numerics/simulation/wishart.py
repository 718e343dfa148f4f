"""Driving numbers of Gaussian batches: the mean and the scatter of a sample, without the sample."""

from typing import NamedTuple, TypeAlias

import numpy as np

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation.streams import Stream

Driving: TypeAlias = tuple[FloatArray, FloatArray]
"""Normals (B, rows, normals) and gammas (B, rank, rows) of B replicates, as `Batches` says."""


class Batches(NamedTuple):
    """The driving numbers of `rows` batches of `size` points in dimension p.

    The mean of a batch takes p normals. Its scatter is Wishart, T T' with T lower triangular (Bartlett):
    normals under the diagonal, roots of chi-squares of size - 1, size - 2, ... degrees of freedom on it.
    With fewer than p degrees of freedom T has a column for each of them, and the scatter is singular.
    """

    size: int
    p: int
    rows: int

    @property
    def rank(self) -> int:
        """Columns of the Bartlett factor."""
        return min(self.p, self.size - 1)

    @property
    def normals(self) -> int:
        """Normals a batch: those of the mean, then those under the diagonal of T, column by column."""
        return self.p + sum(self.p - 1 - j for j in range(self.rank))

    @property
    def bytes_each(self) -> int:
        """Memory of a replicate's driving numbers."""
        return 8 * self.rows * (self.normals + self.rank)

    def empty(self, replicates: int) -> Driving:
        """Room for normals, and for gammas, which are halves of chi-squares."""
        return np.empty((replicates, self.rows, self.normals)), np.empty((replicates, self.rank, self.rows))

    def fill(self, rng: np.random.Generator, normal: FloatArray, gamma: FloatArray) -> None:
        """Draws one replicate's numbers into its part of that room."""
        rng.standard_normal(out=normal)
        for j in range(self.rank):
            rng.standard_gamma((self.size - 1 - j) / 2, out=gamma[j])

    def factors(self, normal: FloatArray, gamma: FloatArray) -> FloatArray:
        """The Bartlett factors T, (..., p, rank), from normals (..., normals) and gammas (..., rank)."""
        out = np.zeros((*normal.shape[:-1], self.p, self.rank))
        below = [(i, j) for j in range(self.rank) for i in range(j + 1, self.p)]
        rows, columns = np.array(below, int).reshape(-1, 2).T
        out[..., rows, columns] = normal[..., self.p :]
        diagonal = np.arange(self.rank)
        out[..., diagonal, diagonal] = np.sqrt(2 * gamma)
        return out


def draw(stream: Stream, block: range, *batches: Batches) -> list[Driving]:
    """Draws each replicate's driving numbers from its own generator, one kind of batch after the other."""
    arrays = [kind.empty(len(block)) for kind in batches]
    for row, replicate in enumerate(block):
        rng = stream.generator(replicate)
        for kind, (normal, gamma) in zip(batches, arrays, strict=True):
            kind.fill(rng, normal[row], gamma[row])
    return arrays
