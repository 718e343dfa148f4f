"""What the package simulates, from raw points and textbook estimators: slow, readable, the same law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation import training
from nocollapse.numerics.simulation.arguments import covariance_matrix, divisor_offset, integer
from nocollapse.numerics.simulation.gaussian import GaussianErrors
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.numerics.simulation.training import Batch


class Fitted(NamedTuple):
    """A fitted Gaussian: mean (p,) and covariance (p, p)."""

    mean: FloatArray
    covariance: FloatArray


@dataclass(frozen=True)
class Gaussian:
    """Mean and covariance of N(0, sigma), sigma (p, p): weighted means of those of the batches (Section 3.1)."""

    sigma: FloatArray
    ddof: int
    known_covariance: bool
    quantities: ClassVar[tuple[str, ...]] = ("mean", "covariance", "trace")

    def draw(self, rng: np.random.Generator, size: int) -> FloatArray:
        return rng.standard_normal((size, len(self.sigma))) @ _root(self.sigma)

    def fit(self, batches: Sequence[Batch], previous: Fitted | None) -> Fitted:
        mean = np.zeros(len(self.sigma))
        covariance = np.zeros_like(self.sigma)
        for points, share in batches:
            mean += share * points.mean(axis=0)
            covariance += share * np.atleast_2d(np.cov(points, rowvar=False, ddof=self.ddof))
        return Fitted(mean, covariance)

    def sample(self, model: Fitted, rng: np.random.Generator, size: int) -> FloatArray:
        covariance = self.sigma if self.known_covariance else model.covariance
        return model.mean + rng.standard_normal((size, len(self.sigma))) @ _root(covariance)

    def error(self, model: Fitted) -> FloatArray:
        gap = model.covariance - self.sigma
        return np.array([model.mean @ model.mean, np.sum(gap**2), np.trace(gap)])


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
    """Simulates what `gaussian.simulate` does, of whose arguments and errors these are, without slopes."""
    errors = training.simulate(
        Gaussian(covariance_matrix("sigma", sigma), divisor_offset(ddof), known_covariance),
        stream,
        replicates,
        n=integer("n", n, 2),
        m=integer("m", m, 2),
        weights=weights,
        steps=steps,
        framework=framework,
    )
    return GaussianErrors(*np.moveaxis(errors, -1, 0))


def _root(covariance: FloatArray) -> FloatArray:
    """The symmetric square root of a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(values.clip(0))) @ vectors.T)
