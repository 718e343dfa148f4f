"""What the checks draw: simulators with their columns laid out, as named records that a worker can be sent.

A draw is called with a stream and replicates, and gives an array (replicates, columns). Its `kernel` tells the compiled
code that it runs from that of others.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.design import Draw, kernel_of
from nocollapse.numerics.checks.populations import table
from nocollapse.numerics.simulation import gaussian, regression
from nocollapse.numerics.simulation.gaussian import fitted_models, kept_data, one_step_and_tilted
from nocollapse.numerics.simulation.streams import Stream

Sigma = Sequence[Sequence[float]]
Settings = Mapping[str, Any]
MEAN = (0.5, -1.0, 0.25)
"""The mean of the Gaussian whose natural parameters are fitted: its first p entries."""
INTERPRETED = "nothing compiled"
"""The kernel of a draw that runs numpy alone."""


def flat(*arrays: FloatArray) -> FloatArray:
    """Arrays (R, S, W) side by side as (R, columns)."""
    return np.concatenate([array.reshape(len(array), -1) for array in arrays], axis=1)


# --- draws made of other draws ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Differences:
    """Linear combinations of a draw's columns, for comparisons under common random numbers.

    `pairs` has a row for each column of the draw, and a column for each combination.
    """

    draw: Draw
    pairs: FloatArray

    @property
    def kernel(self) -> Hashable:
        return kernel_of(self.draw)

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        columns = self.draw(stream, replicates)
        combined = sum(columns[:, i : i + 1] * row for i, row in enumerate(self.pairs))  # not BLAS: bits must not vary
        return np.asarray(combined)


@dataclass(frozen=True)
class Minus:
    """A draw less a constant."""

    draw: Draw
    level: float

    @property
    def kernel(self) -> Hashable:
        return kernel_of(self.draw)

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        return np.asarray(self.draw(stream, replicates) - self.level)


@dataclass(frozen=True)
class Averaged:
    """A draw whose columns are weights within steps within parts, averaged over the steps of each trajectory."""

    draw: Draw
    steps: int
    weights: int

    @property
    def kernel(self) -> Hashable:
        return kernel_of(self.draw)

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        columns = self.draw(stream, replicates)
        trajectories = columns.reshape(len(replicates), -1, self.steps, self.weights)
        return np.asarray(trajectories.mean(axis=2).reshape(len(replicates), -1))


@dataclass(frozen=True)
class Summed:
    """The sum of all columns of a draw, (replicates, 1)."""

    draw: Draw

    @property
    def kernel(self) -> Hashable:
        return kernel_of(self.draw)

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        return np.asarray(self.draw(stream, replicates).sum(axis=1, keepdims=True))


# --- simulators ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Errors:
    """Errors of trajectories, from a simulator that gives nothing else: an array (R, S, W)."""

    simulate: Callable[..., FloatArray]
    settings: Settings

    @property
    def kernel(self) -> Hashable:
        return self.simulate

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        return flat(self.simulate(stream, replicates, **self.settings))


@dataclass(frozen=True)
class GaussianErrors:
    """Gaussian trajectories: the named errors side by side; `variance` is the squared error of the trace."""

    parts: tuple[str, ...]
    settings: Settings

    @property
    def kernel(self) -> Hashable:
        return _gaussian_kernel(self.settings)

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        errors = gaussian.simulate(stream, replicates, **self.settings)
        by_name = {**errors._asdict(), "variance": errors.trace**2}
        return flat(*(by_name[part] for part in self.parts))


@dataclass(frozen=True)
class KeptMeanErrors:
    """Squared errors of the mean of all real points so far, a column a step."""

    settings: Settings

    kernel = INTERPRETED

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        return kept_data.kept_mean(stream, replicates, **self.settings)


def _gaussian_kernel(settings: Settings) -> Hashable:
    """Accumulation has a kernel of its own; slopes are a branch that is tried early, too."""
    return "gaussian", settings.get("framework") == "accumulation", bool(settings.get("slopes"))


@dataclass(frozen=True)
class LogTraceDecay:
    """The log of tr Sigma_t / tr Sigma on ordinary Gaussian trajectories."""

    settings: Settings

    @property
    def kernel(self) -> Hashable:
        return _gaussian_kernel(self.settings)

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        errors = gaussian.simulate(stream, replicates, **self.settings)
        truth = float(np.trace(np.asarray(self.settings["sigma"])))
        return np.asarray(np.log((errors.trace[:, :, 0] + truth).clip(1e-300) / truth))


@dataclass(frozen=True)
class OneStepGrowth:
    """The growth of 2 tr R^2 + (tr R)^2 over its value at the model's own covariance, `scale`."""

    m: int
    scale: Sigma

    kernel = INTERPRETED

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        squares = one_step_and_tilted.one_step(stream, replicates, m=self.m, scale=self.scale)
        model = np.asarray(self.scale)
        return np.asarray((2 * squares[:, :1] + squares[:, 1:]) / (2 * np.sum(model**2) + np.trace(model) ** 2))


@dataclass(frozen=True)
class TiltedExplosion:
    """Importance-sampled tr Sigma_t^2 without real data, a column a step."""

    m: int
    sigma: Sigma
    steps: tuple[int, ...]

    kernel = INTERPRETED

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        logs = one_step_and_tilted.tilted_growth(stream, replicates, m=self.m, sigma=self.sigma, steps=self.steps)
        return np.asarray(np.exp(logs))


@dataclass(frozen=True)
class WeightedMeanErrors:
    """Squared errors of a mean with its own weight on every point."""

    settings: Settings

    kernel = INTERPRETED

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        return one_step_and_tilted.weighted_mean(stream, replicates, **self.settings)


@dataclass(frozen=True)
class RegressionErrors:
    """Squared errors of trajectories of a regression, in units of `scale`; nan where an estimate does not exist."""

    settings: Settings
    scale: float

    @property
    def kernel(self) -> Hashable:
        return "least squares" if self.settings["model"] == "linear" else "maximum likelihood"

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        return flat(regression.simulate(stream, replicates, **self.settings).error) / self.scale


@dataclass(frozen=True)
class PopulationErrors:
    """Squared errors of logistic regressions on a population, by its name: weights within metrics within steps."""

    name: str
    metrics: tuple[str, ...]
    n: int
    m: int
    weights: tuple[float, ...]
    steps: tuple[int, ...]

    kernel = "maximum likelihood"

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        population = table(self.name)
        by_weight = np.argsort(self.weights)
        paths = regression.simulate_table(
            stream,
            replicates,
            features=population.features,
            labels=population.labels,
            theta=population.theta,
            n=self.n,
            m=self.m,
            weights=np.asarray(self.weights)[by_weight],
            steps=tuple(sorted(self.steps)),
        )
        gap = paths.gap[:, _ranks(self.steps)][:, :, _ranks(self.weights)]
        factors = [population.metrics[metric] for metric in self.metrics]
        return flat(np.stack([np.sum((gap @ factor.T) ** 2, axis=3) for factor in factors], axis=2))


def _ranks(values: Sequence[float]) -> np.ndarray[Any, np.dtype[np.intp]]:
    """The place of each value among all of them sorted: what takes sorted results back to the order of `values`."""
    return np.argsort(np.argsort(values))


# --- Gaussian models fitted as wholes --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Fitted:
    """What the draws below share: sizes, the true covariance, the weight, and the late step."""

    n: int
    m: int
    sigma: Sigma
    weight: float
    step: int

    kernel = INTERPRETED


@dataclass(frozen=True)
class OperatorNormErrors(_Fitted):
    """Squared errors of the covariance in operator norm, at `step`, at 1 and at 0."""

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        models = fitted_models.simulate(
            stream, replicates, n=self.n, m=self.m, sigma=self.sigma, weight=self.weight, steps=(0, 1, self.step)
        )
        eigenvalues = np.linalg.eigvalsh(models.covariance - np.asarray(self.sigma))
        return np.asarray(np.abs(eigenvalues).max(axis=2)[:, ::-1] ** 2)


@dataclass(frozen=True)
class NaturalParameterErrors(_Fitted):
    """Squared errors of the natural parameters (P mu, -P/2) of N(MEAN, sigma), by maximum likelihood: step, then 0."""

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        models = fitted_models.simulate(
            stream,
            replicates,
            n=self.n,
            m=self.m,
            sigma=self.sigma,
            weight=self.weight,
            steps=(0, self.step),
            estimator="mle",
        )
        truth = np.linalg.inv(np.asarray(self.sigma))
        mu = np.asarray(MEAN[: len(self.sigma)])
        precision = np.linalg.inv(models.covariance)
        tilt = (precision @ (models.mean + mu)[..., None])[..., 0] - (truth * mu).sum(axis=1)
        return np.asarray(np.sum(tilt**2, axis=2) + np.sum((precision - truth) ** 2, axis=(2, 3)) / 4)[:, ::-1]


@dataclass(frozen=True)
class JointErrors(_Fitted):
    """Squared errors of a learned covariate law and of the regression on it, added: at `step`, then at 0."""

    def __call__(self, stream: Stream, replicates: range) -> FloatArray:
        models = fitted_models.simulate_joint(
            stream, replicates, n=self.n, m=self.m, omega=self.sigma, weight=self.weight, steps=(0, self.step)
        )
        return np.asarray(models.covariance + models.coefficients)[:, ::-1]
