"""The theory of figures as numbers: errors along the steps, limits against the weight, and where these are least."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import flint
import numpy as np
import sympy as sp
from sympy import Rational

from nocollapse.models import EXPERIMENTS, Experiment
from nocollapse.numerics.arrays import FloatArray
from nocollapse.theory.answers.information import information
from nocollapse.theory.answers.limit_error import Objective
from nocollapse.theory.claims.registry import claim_of, recursion_of
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import PARAMETERS

Law = Callable[[float], float]
Values = Mapping[str, Any]
"""Parameters by name: sympy's numbers, integers, or floats."""

GRID = tuple(round(0.2 + 0.02 * i, 2) for i in range(31))
"""The weights of the paper's Figure 8."""
N = 100
"""Real points a step in the paper's scenarios."""


# --- of any claim ----------------------------------------------------------------------------------------------------


def rationals(values: Values) -> dict[str, Rational]:
    """Parameters as the decimals that they print as, exactly."""
    return {name: Rational(str(value)) for name, value in values.items()}


def limit_of(identifier: str, values: Values, unit: float = 1.0) -> Law:
    """A claim's derived limit as a function of the weight, times a unit.

    Only what is not exact in the values is rounded before the law is evaluated.
    """
    substitution = {PARAMETERS[name]: value for name, value in values.items()}
    law = sp.lambdify(PARAMETERS["w"], unit * claim_of(identifier).derived.subs(substitution), "math")
    return lambda weight: float(law(weight))


def least_limit_weight(recursion: Recursion, values: Values) -> float:
    """The weight at which the limit of a recursion is least."""
    substitution = {PARAMETERS[name]: value for name, value in rationals(values).items()}
    objective = Objective.of(recursion.subs(substitution).fixed_point()[0])
    with flint.ctx.workprec(objective.bits):
        return float(objective.least().decimal())


@cache
def best_weight(k: float) -> float:
    """w*(k) to 12 digits."""
    return round(float(claim_of("mean.optimal-weight").derived.subs(PARAMETERS["k"], Rational(str(k)))), 12)


def naive_weight(k: float) -> float:
    """The weight on real data of pooling."""
    return k / (1 + k)


# --- of the paper's scenarios ----------------------------------------------------------------------------------------


def experiment(model: str) -> Experiment:
    """A model's part in the experiments; ValueError for a model without one."""
    found = EXPERIMENTS[model].experiment if model in EXPERIMENTS else None
    if found is None:
        raise ValueError(f"model = {model!r} is not one of {', '.join(EXPERIMENTS)}")
    return found


def theory_label(model: str) -> str:
    """What a theory curve is called: a fixed design's error has no terms beyond the first in 1/n."""
    return "exact mean" if experiment(model).exact else "theory, n to infinity"


@cache
def path(model: str, p: int, k: float, weight: float, last: int) -> FloatArray:
    """The derived error at the steps 0 .. last with n = 100 (in the limit of n for regressions, over n)."""
    names, numbers = _numbers(model)
    values = {**_parameters(model, k, p), "w": weight}
    matrix, offset, state = numbers(*(float(values[name]) for name in names))
    states = [state]
    for _ in range(last):
        states.append(matrix @ states[-1] + offset)
    return np.array([moments[0, 0] for moments in states]) * _unit(model, p)


def limit(model: str, p: int) -> Law:
    """The derived limit at n = m = 100 as a function of the weight."""
    return limit_of(_claim(model), rationals(_parameters(model, 1.0, p)), _unit(model, p))


def least(model: str, p: int) -> float:
    """The weight at which that limit is least: w* for a mean and a regression, close to it for the others."""
    return least_limit_weight(recursion_of(_claim(model)), _parameters(model, 1.0, p))


def _claim(model: str) -> str:
    """The claim with the error's recursion: of every regression the same, in units of tr(I^-1)/n."""
    return "glm.error" if experiment(model).information else EXPERIMENTS[model].claim


@cache
def _unit(model: str, p: int) -> float:
    """What the error of the recursion is multiplied by: tr(I^-1)/n for regressions, 1 for the others."""
    part = experiment(model)
    if not part.information:
        return 1.0
    fisher = information(part.information, [Rational(str(part.slope))] * p)
    return float(fisher.trace_inverse) / N


def _parameters(model: str, k: float, p: int) -> dict[str, float]:
    if experiment(model).information:
        return {"k": k}
    return {"n": N, "m": N / k, "trace": p, "frob2": p}


@cache
def _numbers(model: str) -> tuple[tuple[str, ...], Callable[..., tuple[FloatArray, ...]]]:
    """Matrix, offset and start of the recursion as a function of parameters, whose names come first."""
    recursion = recursion_of(_claim(model))
    arrays = (recursion.matrix, recursion.offset, recursion.initial)
    names = tuple(name for name, symbol in PARAMETERS.items() if any(array.has(symbol) for array in arrays))
    return names, sp.lambdify([PARAMETERS[name] for name in names], arrays, "numpy")
