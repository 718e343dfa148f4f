"""From the texts of a model's own options to the arguments of its simulator; what was not given is None.

Each raises ValueError for what is missing, contradicts itself or is no number.
"""

from __future__ import annotations

from typing import Any

from nocollapse.cli import options


def nothing() -> dict[str, Any]:
    """Of a model without options."""
    return {}


def gaussian(sigma: str | None, ddof: int | None) -> dict[str, Any]:
    """Of a Gaussian: its covariance, and the divisor of sample covariances."""
    return {
        "sigma": options.matrix("sigma", "1" if sigma is None else sigma),
        "ddof": 1 if ddof is None else ddof,
    }


def pmf(probabilities: str | None, adult: str | None) -> dict[str, Any]:
    """Of a PMF: its probabilities, given or those of a column of Adult."""
    if (probabilities is None) == (adult is None):
        raise ValueError("pmf needs either --probabilities or --adult")
    if probabilities is not None:
        return {"probabilities": options.vector("probabilities", probabilities)}
    from nocollapse.numerics.simulation.adult import frequencies

    assert adult is not None
    _, shares = frequencies(adult)
    return {"probabilities": shares}


def regression(
    beta: str | None,
    omega: str | None,
    intercept: str | None,
    design: str | None,
    estimator: str | None,
    ridge: str | None,
) -> dict[str, Any]:
    """Of a regression: its coefficients, the intercept first, and how it is drawn and fitted."""
    if beta is None:
        raise ValueError("a regression needs --beta")
    coefficients = options.vector("beta", beta)
    setting: dict[str, Any] = {
        "omega": _identity(len(coefficients)) if omega is None else options.matrix("omega", omega)
    }
    if design is not None:
        setting["design"] = design
    if estimator is not None:
        setting["estimator"] = estimator
    if ridge is not None:
        setting["ridge"] = options.real_number("ridge", ridge)
    if intercept is not None:
        coefficients = [options.real_number("intercept", intercept), *coefficients]
    return {**setting, "beta": coefficients, "intercept": intercept is not None}


def _identity(size: int) -> list[list[float]]:
    return [[float(i == j) for j in range(size)] for i in range(size)]
