"""From claims to columns: what the mean of a simulated number should be, from the claims and their recursions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp
from sympy import Expr, Rational

from nocollapse.numerics.checks.design import Column, Run
from nocollapse.numerics.checks.sampling import Averaged, Errors, GaussianErrors, Sigma
from nocollapse.numerics.protocol.equality import FloatArray
from nocollapse.theory.claims.entry import divisor
from nocollapse.theory.claims.registry import claim_of, recursion_of
from nocollapse.theory.models.gaussian import variance_gate
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import PARAMETERS, m, w

SIGMA = ((2.0, 0.5), (0.5, 1.0))
LONG = ((3.0, 0.25), (0.25, 0.25))
SIGMA_3 = ((2.0, 0.5, 0.0), (0.5, 1.0, -0.25), (0.0, -0.25, 0.5))
NEGLIGIBLE = 1e-9
"""Relative distance to the limit below which a step counts as the limit: far below any standard error."""

Parameters = Mapping[str, float]


def spectrum(sigma: Sigma) -> Parameters:
    """tr Sigma and tr Sigma^2."""
    matrix = np.asarray(sigma)
    return {"trace": float(np.trace(matrix)), "frob2": float(np.sum(matrix**2))}


def substituted(expression: Expr, parameters: Parameters) -> Expr:
    """An expression at exact rational parameters."""
    values = {PARAMETERS[name]: Rational(str(value)) for name, value in parameters.items() if name in PARAMETERS}
    return sp.sympify(expression).subs(values)


def value_at(recursion: Recursion, parameters: Parameters, component: int = 0) -> float:
    """The derived moment at the step ``t`` of the parameters."""
    values = {PARAMETERS[name]: Rational(str(value)) for name, value in parameters.items() if name != "t"}
    return float(recursion.subs(values).iterate(int(parameters["t"]))[component])


def settled(recursion: Recursion, parameters: Parameters) -> bool:
    """Whether the derived value at ``t`` is the limit for every practical purpose."""
    values = {PARAMETERS[name]: Rational(str(value)) for name, value in parameters.items() if name != "t"}
    limit = recursion.subs(values).limit() if recursion.autonomous else sp.oo
    return bool(limit.is_finite and abs(value_at(recursion, parameters) / float(limit) - 1) < NEGLIGIBLE)


def columns(
    identifier: str,
    recursion: Recursion,
    quantity_name: str,
    common: Parameters,
    steps: Sequence[int],
    weights: Sequence[float],
    component: int = 0,
) -> tuple[Column, ...]:
    """One equality column a (step, weight), in the order in which simulators lay out their results."""
    made = []
    for step in steps:
        for weight in weights:
            at = {**common, "t": step, "w": weight}
            made.append(_column(identifier, recursion, quantity_name, at, component, step == max(steps)))
    return tuple(made)


def error_run(
    identifier: str,
    words: str,
    simulate: Callable[..., FloatArray],
    parameters: Parameters,
    weights: Sequence[float],
    steps: Sequence[int],
    averaged: bool = False,
) -> Run:
    """A run whose errors meet the claim's recursion, of a simulator that takes the claim's parameters.

    With ``averaged`` a trajectory's errors are averaged over the steps, which are all at the limit: still one number,
    but a less variable one, and so a more precise run. ``ValueError`` where the first step is not at the limit.
    """
    recursion = claim_of(identifier).recursion
    assert recursion is not None
    settings = {**parameters, "weights": weights, "steps": tuple(steps)}
    draw = Errors(simulate, settings)
    name = f"{parameters['n']}-{parameters['m']}"
    if not averaged:
        return Run(name, draw, columns(identifier, recursion, words, parameters, steps, weights))
    for weight in weights:
        if not settled(recursion, {**parameters, "t": steps[0], "w": weight}):
            raise ValueError(f"step {steps[0]} is not the limit at w = {weight}")
    made = columns(identifier, recursion, f"{words}, mean of {len(steps)} steps", parameters, steps[:1], weights)
    averages = Averaged(draw, len(steps), len(weights))
    return Run(f"{name}-averaged", averages, made, precision=1 / 4)


def _column(identifier: str, recursion: Recursion, words: str, at: Parameters, component: int, last: bool) -> Column:
    """An equality column: the published value where it applies, the derived moment at its step elsewhere."""
    default = claim_of(identifier).recursion
    at_each_step = claim_of(identifier).published.has(PARAMETERS["t"])
    if component == 0 and recursion == default and (at_each_step or (last and settled(recursion, at))):
        return Column(words, at, target=published(identifier, at), link=same, recursion=recursion)
    return Column(
        words,
        at,
        target=value_at(recursion, at, component),
        component=component,
        recursion=recursion if recursion == default else None,
    )


def published(identifier: str, at: Parameters) -> float:
    """The claim's published expression at a design point."""
    return float(substituted(claim_of(identifier).published, at))


def same(value: float) -> float:
    """The link of a column whose mean is the claim's expression itself."""
    return value


@dataclass(frozen=True)
class Scaled:
    """The link of a column whose mean is the claim's expression times a known factor."""

    factor: float

    def __call__(self, value: float) -> float:
        return self.factor * value


def rounded(value: float) -> float:
    """A weight with few digits, exactly the same in the simulator and in the theory."""
    return round(value, 4)


def exact_weight(identifier: str, n: int, m: int) -> float:
    """An optimal weight from its derived expression, in n and m or in their exact ratio."""
    values = {PARAMETERS["n"]: n, PARAMETERS["m"]: m, PARAMETERS["k"]: Rational(n, m)}
    return float(claim_of(identifier).published.subs(values))


def mean_recursion(framework: str = "fresh", ddof: int | None = 1) -> Recursion:
    return recursion_of(f"framework.{framework}", divisor(ddof))


def covariance_recursion(ddof: int = 1) -> Recursion:
    return recursion_of("covariance.error", divisor(ddof))


WORDS = {
    "mean": r"$\mathbb{E}\|\mu_t - \mu\|^2$",
    "covariance": r"$\mathbb{E}\|\Sigma_t - \Sigma\|_F^2$",
    "variance": r"$\operatorname{Var}\operatorname{tr}\Sigma_t$",
}


def gaussian_run(
    name: str,
    identifier: str,
    recursions: dict[str, Recursion],
    *,
    n: int,
    m: int,
    sigma: Sigma,
    weights: tuple[float, ...],
    steps: tuple[int, ...],
    components: dict[str, int] | None = None,
    **options: object,
) -> Run:
    """A Gaussian run whose named errors meet the first (or the given) component of their recursions."""
    common = {"n": n, "m": m, **spectrum(sigma)}
    settings = {"n": n, "m": m, "sigma": sigma, "weights": weights, "steps": steps, **options}
    made: tuple[Column, ...] = ()
    for part, recursion in recursions.items():
        component = (components or {}).get(part, 0)
        made += columns(identifier, recursion, WORDS[part], common, steps, weights, component)
        if part != "mean":
            require_gate(m, weights)
    return Run(name, GaussianErrors(tuple(recursions), settings), made)


def require_gate(size: int, weights: Sequence[float]) -> None:
    """A normal interval needs a finite variance of the squared error."""
    for weight in weights:
        gate = variance_gate().subs({m: size, w: Rational(str(weight))})
        if gate >= 1:
            raise ValueError(f"m = {size}, w = {weight} is outside the validity gate: {float(gate):.3g} is not below 1")


def bracket_columns(
    weights: Sequence[float], step: int, parameters: Parameters, words: str
) -> tuple[FloatArray, tuple[Column, ...]]:
    """Differences of errors that show a minimiser between the outer two of three weights.

    For an error with a single minimum, err(low) > err(best) puts the minimiser above low, err(high) > err(best) below
    high. Common random numbers make the differences sharp. (The sampled atoms jump with w: no pathwise derivative.)
    """
    low, best, high = weights
    pairs = np.array([[-1.0, 0.0], [1.0, -1.0], [0.0, 1.0]])
    at = {**parameters, "t": step}
    return pairs, (
        Column(f"{words}: at w = {best:.4g} minus at w = {low:.4g}", at, "negative"),
        Column(f"{words}: at w = {high:.4g} minus at w = {best:.4g}", at, "positive"),
    )
