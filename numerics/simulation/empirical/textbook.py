"""What the package simulates, from points one by one: slow, readable, the same law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation import training
from nocollapse.numerics.simulation.arguments import integer, probability_vector
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.numerics.simulation.training import Batch


class Measure(NamedTuple):
    """A discrete measure: masses, which sum to 1, at atoms; both (atoms,)."""

    atoms: FloatArray
    masses: FloatArray


class _Empirical:
    """The weighted empirical measure, sampled by inversion."""

    def fit(self, batches: Sequence[Batch], previous: Measure | None) -> Measure:
        atoms = np.concatenate([points for points, _ in batches])
        masses = np.concatenate([np.full(len(points), share / len(points)) for points, share in batches])
        return Measure(atoms, masses)

    def sample(self, model: Measure, rng: np.random.Generator, size: int) -> FloatArray:
        levels = np.cumsum(model.masses)[:-1]
        chosen = np.searchsorted(levels, rng.random(size), side="right")
        return model.atoms[chosen]


@dataclass(frozen=True)
class Cdf(_Empirical):
    """The empirical CDF; the truth is uniform on (0, 1)."""

    quantities: ClassVar[tuple[str, ...]] = ("cdf",)

    def draw(self, rng: np.random.Generator, size: int) -> FloatArray:
        return rng.random(size)

    def error(self, model: Measure) -> FloatArray:
        return np.array([cramer_von_mises(model.atoms, model.masses)])


@dataclass(frozen=True)
class Pmf(_Empirical):
    """The empirical PMF of labels 0, 1, ..., K - 1; `truth` is (K,)."""

    truth: FloatArray
    quantities: ClassVar[tuple[str, ...]] = ("pmf",)

    def draw(self, rng: np.random.Generator, size: int) -> FloatArray:
        labels = np.arange(self.truth.size, dtype=np.float64)
        return rng.choice(labels, size=size, p=self.truth)

    def error(self, model: Measure) -> FloatArray:
        fitted = np.bincount(model.atoms.astype(np.int64), weights=model.masses, minlength=self.truth.size)
        return np.array([np.sum((fitted - self.truth) ** 2)])


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
    """Simulates what `empirical.simulate_cdf` does, of whose arguments, shape and errors these are."""
    return _simulate(Cdf(), stream, replicates, n, m, weights, steps, framework)


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
    """Simulates what `empirical.simulate_pmf` does, of whose arguments, shape and errors these are."""
    return _simulate(Pmf(probability_vector(probabilities)), stream, replicates, n, m, weights, steps, framework)


def _simulate(
    estimator: Cdf | Pmf,
    stream: Stream,
    replicates: range,
    n: int,
    m: int,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
    framework: str,
) -> FloatArray:
    errors = training.simulate(
        estimator,
        stream,
        replicates,
        n=integer("n", n, 2),
        m=integer("m", m, 2),
        weights=weights,
        steps=steps,
        framework=framework,
    )
    return errors[..., 0]


def cramer_von_mises(atoms: FloatArray, masses: FloatArray) -> float:
    """int_0^1 (G(x) - x)^2 dx for the step function G with jumps `masses` at `atoms`, piece by piece."""
    order = np.argsort(atoms)
    edges = np.concatenate([[0.0], atoms[order], [1.0]])
    level = np.concatenate([[0.0], np.cumsum(masses[order])])
    return float(np.sum((level - edges[:-1]) ** 3 - (level - edges[1:]) ** 3) / 3)
