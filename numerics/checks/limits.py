"""Limits and rates that several runs tell together, by weighted regression."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.design import Check, Extrapolation, Rate
from nocollapse.numerics.checks.run import Trial
from nocollapse.numerics.protocol.equality import summarise
from nocollapse.numerics.protocol.weighted_fits import Fit, intercept, slope

ENDED = 1e-3
"""The share of trajectories that may end without an estimate before the mean over the others is doubted."""


@dataclass(frozen=True)
class Limit:
    """An extrapolation carried out: scaled means with standard errors at each size, and the fit through them."""

    claim: str
    plan: Extrapolation
    means: FloatArray
    errors: FloatArray
    fit: Fit
    replications: int
    doubt: str
    ended: int


@dataclass(frozen=True)
class Growth:
    """A rate of growth carried out: the fit of the log means against t."""

    claim: str
    plan: Rate
    fit: Fit
    replications: int


def limits(trials: Sequence[Trial], checks: Mapping[str, Check]) -> Iterator[Limit]:
    """Every extrapolation to 1/n = 0."""
    by_name = {(trial.claim, trial.run.name): trial for trial in trials}
    for identifier, check in checks.items():
        for plan in check.extrapolations:
            yield _limit(identifier, plan, [by_name[identifier, name] for name in plan.runs])


def _limit(identifier: str, plan: Extrapolation, trials: Sequence[Trial]) -> Limit:
    scaled = [_scaled(plan, trial.sample, n) for trial, n in zip(trials, plan.sizes, strict=True)]
    means, errors = _means(scaled)
    fit = intercept(1 / np.asarray(plan.sizes, dtype=float), means, errors, degree=plan.degree)
    tails = [summarise(sample).doubt for sample in scaled]
    losses = [doubt(trial.ended, len(trial.sample)) for trial in trials]
    return Limit(
        claim=identifier,
        plan=plan,
        means=means,
        errors=errors,
        fit=fit,
        replications=sum(map(len, scaled)),
        doubt=joined(*tails, *losses),
        ended=sum(trial.ended for trial in trials),
    )


def _scaled(plan: Extrapolation, sample: FloatArray, n: int) -> FloatArray:
    """What is extrapolated, a value a replicate."""
    column = sample[:, plan.column]
    return _ratio(column, sample[:, -1]) if plan.ratio else column * n


def _ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """The ratio of two means, as the mean of values whose spread is the ratio's (the delta method)."""
    ratio = np.mean(top) / np.mean(bottom)
    return np.asarray(ratio + (top - ratio * bottom) / np.mean(bottom))


def _means(samples: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Means and their standard errors."""
    means = np.array([np.mean(sample) for sample in samples])
    errors = np.array([np.std(sample, ddof=1) / math.sqrt(len(sample)) for sample in samples])
    return means, errors


def growths(trials: Sequence[Trial], checks: Mapping[str, Check]) -> Iterator[Growth]:
    """Every slope of log means over independent runs, with a lack-of-fit test."""
    samples = {(trial.claim, trial.run.name): trial.sample[:, 0] for trial in trials}
    for identifier, check in checks.items():
        for plan in check.rates:
            columns = [samples[identifier, name] for name in plan.runs]
            means, errors = _means(columns)
            fit = slope(np.asarray(plan.steps, dtype=float), np.log(means), errors / means)
            yield Growth(identifier, plan, fit, sum(map(len, columns)))


def doubt(ended: int, complete: int) -> str:
    """Why a mean over the trajectories that kept their estimate is not the mean that a claim is about."""
    if ended <= ENDED * complete:
        return ""
    return f"{ended} of {complete + ended} trajectories ended without an estimate"


def joined(*doubts: str) -> str:
    """Several doubts in one line."""
    return "; ".join(filter(None, doubts))
