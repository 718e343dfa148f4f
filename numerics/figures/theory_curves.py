"""The theory of the paper's experiments as numbers: errors along the steps, and limits against the weight."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import sympy as sp
from sympy import Rational

from nocollapse.numerics.checks.expected import covariance_recursion, mean_recursion
from nocollapse.numerics.protocol.equality import FloatArray
from nocollapse.theory.answers.information import information
from nocollapse.theory.claims.registry import claim_of, recursion_of
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import PARAMETERS

Law = Callable[[float], float]
N = 100
SLOPES = {"linear": 1.0, "fixed": 1.0, "logistic": 1.0, "poisson": 0.5}


def theory_label(model: str) -> str:
    """What a theory curve is called: a fixed design's error has no terms beyond the first in 1/n."""
    return "exact mean" if model in ("mean", "covariance", "cdf", "fixed") else "theory, n to infinity"


@cache
def best_weight(k: float) -> float:
    """w*(k) to 12 digits."""
    return round(float(claim_of("mean.optimal-weight").derived.subs(PARAMETERS["k"], Rational(str(k)))), 12)


def naive_weight(k: float) -> float:
    """The weight on real data of pooling."""
    return k / (1 + k)


@cache
def _recursion(model: str) -> tuple[Recursion, str]:
    """The error's recursion, and the claim it belongs to."""
    if model == "mean":
        return mean_recursion(), "mean.error"
    if model == "covariance":
        return covariance_recursion(), "covariance.error"
    identifier = "cdf.error" if model == "cdf" else "glm.error"
    return recursion_of(identifier), identifier


@cache
def _unit(model: str, p: int) -> float:
    """What the error of the recursion is multiplied by: tr(I^-1)/n for regressions, 1 for the others."""
    if model in ("mean", "covariance", "cdf"):
        return 1.0
    family = "linear" if model == "fixed" else model
    found = information(family, [Rational(str(SLOPES[model]))] * p)
    return float(found.trace_inverse) / N


def _parameters(model: str, k: float, p: int) -> dict[str, float]:
    regression = model not in ("mean", "covariance", "cdf")
    return {"k": k} if regression else {"n": N, "m": N / k, **({} if model == "cdf" else {"trace": p, "frob2": p})}


@cache
def _numbers(model: str) -> tuple[tuple[str, ...], Callable[..., tuple[FloatArray, ...]]]:
    """Matrix, offset and start of the recursion as a function of parameters, whose names come first."""
    recursion, _ = _recursion(model)
    parts = (recursion.matrix, recursion.offset, recursion.initial)
    names = tuple(name for name, symbol in PARAMETERS.items() if any(part.has(symbol) for part in parts))
    return names, sp.lambdify([PARAMETERS[name] for name in names], parts, "numpy")


@cache
def path(model: str, p: int, k: float, weight: float, last: int) -> FloatArray:
    """The derived error at the steps 0 .. last with n = 100 (in the limit of n for regressions, over n)."""
    names, numbers = _numbers(model)
    at = {**_parameters(model, k, p), "w": weight}
    matrix, offset, state = numbers(*(float(at[name]) for name in names))
    found = [state]
    for _ in range(last):
        found.append(matrix @ found[-1] + offset)
    return np.array([moments[0, 0] for moments in found]) * _unit(model, p)


def limit(model: str, p: int) -> Law:
    """The derived limit at n = m = 100 as a function of the weight."""
    _, identifier = _recursion(model)
    return limit_of(identifier, _parameters(model, 1.0, p), _unit(model, p))


def limit_of(identifier: str, at: dict[str, float], unit: float) -> Law:
    """A claim's derived limit as a function of the weight, times a unit."""
    values = {PARAMETERS[name]: Rational(str(x)) for name, x in at.items()}
    law = sp.lambdify(PARAMETERS["w"], unit * claim_of(identifier).derived.subs(values), "math")
    return lambda x: float(law(x))
