"""What the checks draw: simulators with their columns laid out, as functions that a worker can be sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from nocollapse.numerics.checks.populations import table
from nocollapse.numerics.protocol.equality import FloatArray
from nocollapse.numerics.simulation import empirical, gaussian, regression
from nocollapse.numerics.simulation.gaussian import fitted_models, one_step_and_tilted
from nocollapse.numerics.simulation.streams import Stream

Sigma = Sequence[Sequence[float]]
Settings = Mapping[str, Any]
MEAN = (0.5, -1.0, 0.25)
"""The mean of the Gaussian whose natural parameters are fitted: its first p entries."""


def flat(*parts: FloatArray) -> FloatArray:
    """Arrays (R, S, W) side by side as (R, columns)."""
    return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)


def draw_gaussian(stream: Stream, replicates: range, *, parts: tuple[str, ...], settings: Settings) -> FloatArray:
    """Gaussian trajectories: the named errors side by side; ``variance`` is the squared error of the trace."""
    found = gaussian.simulate(stream, replicates, **settings)
    values = {**found._asdict(), "variance": found.trace**2}
    return flat(*(values[part] for part in parts))


def draw_averages(stream: Stream, replicates: range, *, parts: tuple[str, ...], settings: Settings) -> FloatArray:
    """The named errors, averaged over the recorded steps of each trajectory: a column a part and weight."""
    errors = draw_gaussian(stream, replicates, parts=parts, settings=settings)
    shape = (len(replicates), len(parts), len(settings["steps"]), len(settings["weights"]))
    return np.asarray(errors.reshape(shape).mean(axis=2).reshape(len(replicates), -1))


def draw_errors(
    stream: Stream,
    replicates: range,
    *,
    simulate: Callable[..., FloatArray],
    settings: Settings,
    averaged: bool = False,
) -> FloatArray:
    """Errors of trajectories, from a simulator that gives nothing else; or their averages over the recorded steps."""
    found = simulate(stream, replicates, **settings)
    return flat(found.mean(axis=1, keepdims=True) if averaged else found)


draw_cdf = partial(draw_errors, simulate=empirical.simulate_cdf)
draw_pmf = partial(draw_errors, simulate=empirical.simulate_pmf)


def differences(stream: Stream, replicates: range, *, draw: Callable[..., FloatArray], pairs: FloatArray) -> FloatArray:
    """Linear combinations of a draw's columns, for comparisons under common random numbers."""
    found = draw(stream, replicates)
    return np.asarray(sum(found[:, i : i + 1] * row for i, row in enumerate(pairs)))  # not BLAS: bits must not vary


def minus(stream: Stream, replicates: range, *, draw: Callable[..., FloatArray], level: float) -> FloatArray:
    return np.asarray(draw(stream, replicates) - level)


def draw_one_step(stream: Stream, replicates: range, *, m: int, scale: Sigma) -> FloatArray:
    """The growth of 2 tr R^2 + (tr R)^2 over its value at the model's own covariance."""
    found = one_step_and_tilted.one_step(stream, replicates, m=m, scale=scale)
    model = np.asarray(scale)
    return np.asarray((2 * found[:, :1] + found[:, 1:]) / (2 * np.sum(model**2) + np.trace(model) ** 2))


def draw_explosion(stream: Stream, replicates: range, *, m: int, sigma: Sigma, steps: tuple[int, ...]) -> FloatArray:
    """Importance-sampled tr Sigma_t^2 without real data."""
    return np.asarray(np.exp(one_step_and_tilted.tilted_growth(stream, replicates, m=m, sigma=sigma, steps=steps)))


def draw_decay(stream: Stream, replicates: range, *, settings: Settings) -> FloatArray:
    """The log of tr Sigma_t / tr Sigma on ordinary trajectories."""
    found = gaussian.simulate(stream, replicates, **settings)
    whole = float(np.trace(np.asarray(settings["sigma"])))
    return np.asarray(np.log((found.trace[:, :, 0] + whole).clip(1e-300) / whole))


def draw_glm(stream: Stream, replicates: range, *, settings: Settings, scale: float) -> FloatArray:
    """Squared errors of trajectories of a regression, in units of ``scale``; nan where an estimate does not exist."""
    return flat(regression.simulate(stream, replicates, **settings).error) / scale


def draw_weighted(stream: Stream, replicates: range, *, settings: Settings) -> FloatArray:
    """Squared errors of a mean with its own weight on every point."""
    return one_step_and_tilted.weighted_mean(stream, replicates, **settings)


def draw_operator_norm(
    stream: Stream, replicates: range, *, n: int, m: int, sigma: Sigma, weight: float, step: int
) -> FloatArray:
    """Squared errors of the covariance in operator norm, at ``step``, at 1 and at 0."""
    found = fitted_models.simulate(stream, replicates, n=n, m=m, sigma=sigma, weight=weight, steps=(0, 1, step))
    return np.asarray(np.abs(np.linalg.eigvalsh(found.covariance - np.asarray(sigma))).max(axis=2)[:, ::-1] ** 2)


def draw_natural(
    stream: Stream, replicates: range, *, n: int, m: int, sigma: Sigma, weight: float, step: int
) -> FloatArray:
    """Squared errors of the natural parameters (P mu, -P/2) of N(MEAN, sigma), by maximum likelihood: step, then 0."""
    found = fitted_models.simulate(
        stream, replicates, n=n, m=m, sigma=sigma, weight=weight, steps=(0, step), estimator="mle"
    )
    truth, mu = np.linalg.inv(np.asarray(sigma)), np.asarray(MEAN[: len(sigma)])
    precision = np.linalg.inv(found.covariance)
    tilt = (precision @ (found.mean + mu)[..., None])[..., 0] - (truth * mu).sum(axis=1)
    return np.asarray(np.sum(tilt**2, axis=2) + np.sum((precision - truth) ** 2, axis=(2, 3)) / 4)[:, ::-1]


def draw_joint(
    stream: Stream, replicates: range, *, n: int, m: int, sigma: Sigma, weight: float, step: int
) -> FloatArray:
    """Squared errors of a learned covariate law and of the regression on it, added: at ``step``, then at 0."""
    found = fitted_models.simulate_joint(stream, replicates, n=n, m=m, omega=sigma, weight=weight, steps=(0, step))
    return np.asarray(found.covariance + found.coefficients)[:, ::-1]


def draw_table(
    stream: Stream,
    replicates: range,
    *,
    name: str,
    metrics: tuple[str, ...],
    n: int,
    m: int,
    weights: tuple[float, ...],
    steps: tuple[int, ...],
) -> FloatArray:
    """Squared errors of logistic regressions on a table: weights within metrics within steps."""
    population = table(name)
    order = np.argsort(weights)
    found = regression.simulate_table(
        stream,
        replicates,
        features=population.features,
        labels=population.labels,
        theta=population.theta,
        n=n,
        m=m,
        weights=np.asarray(weights)[order],
        steps=tuple(sorted(steps)),
    )
    gap = found.gap[:, np.argsort(np.argsort(steps))][:, :, np.argsort(order)]
    factors = [population.metrics[metric] for metric in metrics]
    return flat(np.stack([np.sum((gap @ factor.T) ** 2, axis=3) for factor in factors], axis=2))
