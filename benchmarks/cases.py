"""What is timed: each simulator, fast and plain, at one setting, and the draws of its random numbers alone.

The base settings are those of Section 5: Scenario 2 with n = m = 100, p = 2, 31 weights from 0.2 to 0.8 and 200 steps,
and for the PMF and Adult's regression n = m = 500 and 100 steps.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from benchmarks import floor
from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation import adult, empirical, gaussian, regression
from nocollapse.numerics.simulation.empirical import textbook as empirical_textbook
from nocollapse.numerics.simulation.gaussian import textbook as gaussian_textbook
from nocollapse.numerics.simulation.regression import textbook as regression_textbook
from nocollapse.numerics.simulation.streams import Stream

Work = Callable[[range], object]  # of replicates
STREAM = Stream(1, "benchmark")


class Size(NamedTuple):
    """A setting in numbers. p is that of dimensions or coefficients, for a PMF of categories, and idle for a CDF."""

    n: int
    m: int
    p: int
    weights: int
    steps: int

    @property
    def shared(self) -> dict[str, Any]:
        """The arguments that all simulators have; only the last step is recorded."""
        weights = np.linspace(0.2, 0.8, self.weights)
        return {"n": self.n, "m": self.m, "weights": weights, "steps": (self.steps,)}

    @property
    def points(self) -> tuple[int, int]:
        """Real and synthetic points of a trajectory."""
        return self.n * (self.steps + 1), self.m * self.steps


class Case(NamedTuple):
    """The same replicates simulated fast, simulated plainly, and their random numbers alone."""

    fast: Work
    plain: Work
    floor: Work


def normal(size: Size, **more: Any) -> Case:
    """Mean and covariance of a Gaussian; the plain twin knows no slopes."""
    arguments = {**size.shared, "sigma": np.eye(size.p), **more}
    plain_arguments = {name: value for name, value in arguments.items() if name != "slopes"}
    return Case(
        _runner(gaussian.simulate, arguments),
        _runner(gaussian_textbook.simulate_plain, plain_arguments),
        lambda r: floor.moments(STREAM, r, size.n, size.m, size.p, size.steps),
    )


def cdf(size: Size, **more: Any) -> Case:
    """The empirical CDF."""
    arguments = {**size.shared, **more}
    return Case(
        _runner(empirical.simulate_cdf, arguments),
        _runner(empirical_textbook.simulate_cdf_plain, arguments),
        lambda r: floor.uniforms(STREAM, r, sum(size.points)),
    )


def pmf(size: Size, **more: Any) -> Case:
    """The empirical PMF, on categories whose probabilities are as 1, 2, ..., p."""
    truth = np.arange(1.0, size.p + 1) / (size.p * (size.p + 1) / 2)
    arguments = {**size.shared, "probabilities": truth, **more}
    return Case(
        _runner(empirical.simulate_pmf, arguments),
        _runner(empirical_textbook.simulate_pmf_plain, arguments),
        lambda r: floor.counts(STREAM, r, size.n, truth, size.steps + 1, size.points[1]),
    )


def linear(size: Size) -> Case:
    """Least squares on covariates N(0, I); X'X of n points is a scatter of n + 1."""
    return _regression(
        "linear", 2.0, size, lambda r: floor.moments(STREAM, r, size.n + 1, size.m + 1, size.p, size.steps)
    )


def logistic(size: Size) -> Case:
    """Logistic regression on covariates N(0, I)."""
    real, synthetic = ((size.p * points, points, 0) for points in size.points)
    return _regression("logistic", 2.0, size, lambda r: floor.points(STREAM, r, real, synthetic))


def poisson(size: Size) -> Case:
    """Poisson regression on covariates N(0, I)."""
    variance = 0.5
    arrivals = 1 + np.exp(variance / 2)  # E y = E exp(eta), eta the linear predictor
    real, synthetic = ((size.p * points, 0, round(points * arrivals)) for points in size.points)
    return _regression("poisson", variance, size, lambda r: floor.points(STREAM, r, real, synthetic))


def _regression(model: str, variance: float, size: Size, numbers: Work) -> Case:
    """The linear predictor has that variance for any p, lest estimates cease to exist."""
    beta = np.full(size.p, np.sqrt(variance / size.p))
    arguments = {**size.shared, "model": model, "beta": beta, "omega": np.eye(size.p)}
    fast = _runner(regression.simulate, arguments)
    return Case(fast, _runner(regression_textbook.simulate_plain, arguments), numbers)


def table(size: Size) -> Case:
    """Logistic regression on rows of Adult, of whose six columns the first p are taken."""
    arguments = {**size.shared, **_adult(size.p)}
    real, synthetic = size.points
    return Case(
        _runner(regression.simulate_table, arguments),
        _runner(regression_textbook.simulate_table_plain, arguments),
        lambda r: floor.points(STREAM, r, (0, real, 0), (0, 2 * synthetic, 0)),
    )


@cache
def _adult(p: int) -> dict[str, FloatArray]:
    whole = adult.regression()
    columns = np.ascontiguousarray(whole.features[:, :p])
    return {"features": columns, "labels": whole.labels, "theta": adult.maximiser(columns, whole.labels)}


def _runner(simulator: Callable[..., object], arguments: dict[str, Any]) -> Work:
    return partial(_run, simulator, arguments)


def _run(simulator: Callable[..., object], arguments: dict[str, Any], replicates: range) -> object:
    return simulator(STREAM, replicates, **arguments)


SCENARIO_2 = Size(n=100, m=100, p=2, weights=31, steps=200)
SECTION_5_2 = Size(n=500, m=500, p=16, weights=31, steps=100)
MODELS: dict[str, tuple[Callable[..., Case], Size]] = {
    "gaussian": (normal, SCENARIO_2),
    "cdf": (cdf, SCENARIO_2),
    "pmf": (pmf, SECTION_5_2),
    "linear": (linear, SCENARIO_2),
    "logistic": (logistic, SCENARIO_2),
    "poisson": (poisson, SCENARIO_2),
    "adult": (table, SECTION_5_2._replace(p=6)),
}
"""How a case of a model is made, and its base setting."""


def variants(model: str, size: Size) -> dict[str, Case]:
    """The cases of a model by name: with the last step recorded, then what else its simulator is used for."""
    make, _ = MODELS[model]
    cases = {model: make(size)}
    if model in ("gaussian", "cdf", "pmf"):
        cases[f"{model}, every step"] = make(size, steps=tuple(range(size.steps + 1)))
    if model == "gaussian":
        cases["gaussian, slopes"] = make(size, slopes=True)
    return cases


def growth(model: str, size: Size) -> dict[str, dict[int, Case]]:
    """For each part of a setting the cases in which it alone is doubled, and doubled again.

    A CDF has no p, and Adult no more columns than its base, which are halved instead.
    """
    make, _ = MODELS[model]
    grown = {}
    for axis in Size._fields:
        if (model, axis) == ("cdf", "p"):
            continue
        base = getattr(size, axis)
        values = (base // 2, base) if (model, axis) == ("adult", "p") else (base, 2 * base, 4 * base)
        grown[axis] = {value: make(size._replace(**{axis: value})) for value in values}
    return grown
