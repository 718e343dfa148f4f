"""Means and variances of many replicates, merged pairwise: the same bits however the replicates are shared out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from nocollapse.numerics.arrays import FloatArray


@dataclass(frozen=True)
class Moments:
    """Of samples: how many have a number, their mean, the sum of squared deviations from it; arrays of one shape."""

    count: FloatArray
    mean: FloatArray
    squares: FloatArray

    def __add__(self, right: Moments) -> Moments:
        """The moments of both together, without cancellation (Chan, Golub and LeVeque 1979)."""
        count = self.count + right.count
        gap = right.mean - self.mean
        share = right.count / np.maximum(count, 1)
        between = gap**2 * (self.count * share)
        return Moments(count, self.mean + gap * share, self.squares + right.squares + between)

    @property
    def standard_error(self) -> FloatArray:
        """Of the mean; nan where fewer than two samples have a number."""
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(self.squares / (self.count - 1) / self.count)
        return np.asarray(np.where(self.count > 1, error, np.nan))


def moments(values: FloatArray) -> Moments:
    """The moments of samples, (samples, ...), without those that are nan; a mean of none is 0.

    Raises ValueError where squares are not finite.
    """
    missing = np.isnan(values)
    counted = ~missing if missing.any() else True  # the default, which is much faster
    count = len(values) - np.count_nonzero(missing, axis=0).astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = np.sum(values, axis=0, where=counted) / np.maximum(count, 1)
        squares = np.sum((values - mean) ** 2, axis=0, where=counted)
    if not np.all(np.isfinite(squares)):
        raise ValueError("the squares of the errors are not finite numbers: take a smaller sigma")
    return Moments(count, mean, squares)


Forest = list[tuple[int, Moments]]
"""Trees of merged leaves, each with its height, highest first. A leaf is what samples are never parted into."""


def planted(forest: Forest, trees: Iterable[tuple[int, Moments]]) -> Forest:
    """The forest with more trees to its right; neighbours of one height are merged to the next height.

    Leaves in order give the same forest one by one or as the forests of their runs, if a run of up to 2^h leaves
    starts at a multiple of 2^h: like carries in binary addition.
    """
    grown = list(forest)
    for height, right in trees:
        while grown and grown[-1][0] == height:
            _, left = grown.pop()
            right = left + right
            height += 1
        grown.append((height, right))
    return grown


def total(forest: Forest) -> Moments:
    """The moments of all leaves, the smaller trees merged first."""
    _, whole = forest[-1]
    for _, left in reversed(forest[:-1]):
        whole = left + whole
    return whole
