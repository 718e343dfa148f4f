"""From claims to columns: what the mean of a simulated number should be, from the claims and their recursions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp
from sympy import Expr, Rational

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.design import Bracket, Column, Prediction, Run
from nocollapse.numerics.checks.sampling import Averaged, Differences, Errors, GaussianErrors, Sigma
from nocollapse.theory.claims.entry import divisor
from nocollapse.theory.claims.registry import claim_of, recursion_of
from nocollapse.theory.models.gaussian import variance_gate
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import PARAMETERS, m, w

SIGMA = ((2.0, 0.5), (0.5, 1.0))
LONG = ((3.0, 0.25), (0.25, 0.25))
SIGMA_3 = ((2.0, 0.5, 0.0), (0.5, 1.0, -0.25), (0.0, -0.25, 0.5))
STATIONARY = tuple(range(40, 80))
"""Steps after the memory has died, averaged along a trajectory into one number a replicate."""
NEGLIGIBLE = 1e-9
"""Relative distance to the limit below which a step counts as the limit: far below any standard error."""
QUANTITIES = {
    "mean": r"$\mathbb{E}\|\mu_t - \mu\|^2$",
    "covariance": r"$\mathbb{E}\|\Sigma_t - \Sigma\|_F^2$",
    "variance": r"$\operatorname{Var}\operatorname{tr}\Sigma_t$",
}

Parameters = Mapping[str, float]


# --- what claims say -------------------------------------------------------------------------------------------------


def mean_recursion(framework: str = "fresh", ddof: int | None = 1) -> Recursion:
    """The error of the Gaussian mean in a framework; without a `ddof` at the default of its claim."""
    return recursion_of(f"framework.{framework}", divisor(ddof))


def covariance_recursion(ddof: int = 1) -> Recursion:
    """The error of the Gaussian covariance, and the variance of its trace."""
    return recursion_of("covariance.error", divisor(ddof))


def published(identifier: str, parameters: Parameters) -> float:
    """The claim's published expression at a design point."""
    return float(substituted(claim_of(identifier).published, parameters))


def letters_of(identifier: str) -> set[str]:
    """The names of the parameters in the claim's published expression."""
    return {str(symbol) for symbol in claim_of(identifier).published.free_symbols}


def exact_weight(identifier: str, n: int, m: int) -> float:
    """An optimal weight from its published expression, in n and m or in their exact ratio."""
    values = {PARAMETERS["n"]: n, PARAMETERS["m"]: m, PARAMETERS["k"]: Rational(n, m)}
    return float(claim_of(identifier).published.subs(values))


def best_weight_at(ratio: Expr) -> float:
    """The derived best weight w* for a ratio k."""
    return float(claim_of("mean.optimal-weight").derived.subs(PARAMETERS["k"], ratio))


def substituted(expression: Expr, parameters: Parameters) -> Expr:
    """An expression at exact rational parameters; those that are no letters of the theory are left out."""
    return sp.sympify(expression).subs(_exact({name: x for name, x in parameters.items() if name in PARAMETERS}))


def value_at(recursion: Recursion, parameters: Parameters, component: int = 0) -> float:
    """The derived moment at the step `t` of the parameters."""
    return float(recursion.subs(_without_step(parameters)).iterate(int(parameters["t"]))[component])


def settled(recursion: Recursion, parameters: Parameters) -> bool:
    """Whether the derived value at `t` is the limit for every practical purpose."""
    limit = recursion.subs(_without_step(parameters)).limit() if recursion.autonomous else sp.oo
    return bool(limit.is_finite and abs(value_at(recursion, parameters) / float(limit) - 1) < NEGLIGIBLE)


def require_settled(recursion: Recursion, parameters: Parameters) -> None:
    """Raises ValueError where the step `t` is not the limit."""
    if not settled(recursion, parameters):
        raise ValueError(f"step {parameters['t']} is not the limit at w = {parameters['w']}")


def _exact(parameters: Parameters) -> dict[sp.Symbol, Rational]:
    return {PARAMETERS[name]: Rational(str(value)) for name, value in parameters.items()}


def _without_step(parameters: Parameters) -> dict[sp.Symbol, Rational]:
    return _exact({name: value for name, value in parameters.items() if name != "t"})


def spectrum(sigma: Sigma) -> Parameters:
    """tr Sigma and tr Sigma^2."""
    matrix = np.asarray(sigma)
    return {"trace": float(np.trace(matrix)), "frob2": float(np.sum(matrix**2))}


def rounded(value: float) -> float:
    """A weight with few digits, exactly the same in the simulator and in the theory."""
    return round(value, 4)


# --- links: from the value of a claim's expression to a column's mean ------------------------------------------------


def same(value: float) -> float:
    """The link of a column whose mean is the claim's expression itself."""
    return value


@dataclass(frozen=True)
class Scaled:
    """The link of a column whose mean is the claim's expression times a known factor."""

    factor: float

    def __call__(self, value: float) -> float:
        return self.factor * value


# --- columns and runs ------------------------------------------------------------------------------------------------


def as_published(identifier: str, parameters: Parameters, recursion: Recursion | None = None) -> Prediction:
    """That a mean is the claim's expression, and the first moment of the recursion if one is given."""
    return Prediction(published(identifier, parameters), link=same, recursion=recursion)


def limit_prediction(identifier: str, parameters: Parameters, *, late: bool) -> Prediction:
    """What a limit in n is at a step: the published value where the step is late, the derived moment elsewhere."""
    recursion = claim_of(identifier).recursion
    if late or recursion is None:
        return as_published(identifier, parameters, recursion)
    return Prediction(value_at(recursion, parameters), recursion=recursion)


def columns(
    identifier: str,
    recursion: Recursion,
    quantity: str,
    common: Parameters,
    steps: Sequence[int],
    weights: Sequence[float],
    component: int = 0,
) -> tuple[Column, ...]:
    """One equality column a (step, weight), in the order in which simulators lay out their results."""
    points = [{**common, "t": step, "w": weight} for step in steps for weight in weights]
    return tuple(
        Column(quantity, point, _predicted(identifier, recursion, point, component, last=point["t"] == max(steps)))
        for point in points
    )


def _predicted(identifier: str, recursion: Recursion, point: Parameters, component: int, *, last: bool) -> Prediction:
    """The published value where it applies, the derived moment at its step elsewhere."""
    own = recursion == claim_of(identifier).recursion
    at_each_step = "t" in letters_of(identifier)
    if own and component == 0 and (at_each_step or (last and settled(recursion, point))):
        return as_published(identifier, point, recursion)
    return Prediction(
        value_at(recursion, point, component),
        recursion=recursion if own else None,
        component=component,
    )


def error_run(
    identifier: str,
    quantity: str,
    simulate: Callable[..., FloatArray],
    parameters: Parameters,
    weights: Sequence[float],
    steps: Sequence[int],
    averaged: bool = False,
) -> Run:
    """A run whose errors meet the claim's recursion, of a simulator that takes the claim's parameters.

    With `averaged` a trajectory's errors are averaged over the steps, which are all at the limit: still one number,
    but a less variable one, and so a more precise run. Raises ValueError where the first step is not at the limit.
    """
    recursion = recursion_of(identifier)
    draw = Errors(simulate, {**parameters, "weights": weights, "steps": tuple(steps)})
    name = f"{parameters['n']}-{parameters['m']}"
    if not averaged:
        return Run(name, draw, columns(identifier, recursion, quantity, parameters, steps, weights))
    for weight in weights:
        require_settled(recursion, {**parameters, "t": steps[0], "w": weight})
    return Run(
        f"{name}-averaged",
        Averaged(draw, len(steps), len(weights)),
        columns(identifier, recursion, f"{quantity}, mean of {len(steps)} steps", parameters, steps[:1], weights),
        precision=1 / 4,
    )


def gaussian_run(
    name: str,
    identifier: str,
    recursions: Mapping[str, Recursion],
    *,
    n: int,
    m: int,
    sigma: Sigma,
    weights: tuple[float, ...],
    steps: tuple[int, ...],
    components: Mapping[str, int] | None = None,
    **options: object,
) -> Run:
    """A Gaussian run whose named errors meet the first (or the given) component of their recursions."""
    common = {"n": n, "m": m, **spectrum(sigma)}
    settings = {"n": n, "m": m, "sigma": sigma, "weights": weights, "steps": steps, **options}
    laid_out: list[Column] = []
    for part, recursion in recursions.items():
        component = (components or {}).get(part, 0)
        laid_out += columns(identifier, recursion, QUANTITIES[part], common, steps, weights, component)
        if part != "mean":
            require_gate(m, weights)
    return Run(name, GaussianErrors(tuple(recursions), settings), tuple(laid_out))


def require_gate(size: int, weights: Sequence[float]) -> None:
    """A normal interval needs a finite variance of the squared error. Raises ValueError where there is none."""
    for weight in weights:
        gate = variance_gate().subs({m: size, w: Rational(str(weight))})
        if gate >= 1:
            raise ValueError(f"m = {size}, w = {weight} is outside the validity gate: {float(gate):.3g} is not below 1")


def bracket_columns(
    weights: Sequence[float], step: int, parameters: Parameters, quantity: str
) -> tuple[FloatArray, tuple[Column, ...]]:
    """Differences of errors that show a minimiser between the outer two of three weights.

    For an error with a single minimum, err(low) > err(best) puts the minimiser above low, err(high) > err(best) below
    high. Common random numbers make the differences sharp. (The sampled atoms jump with w: no pathwise derivative.)
    """
    low, best, high = weights
    pairs = np.array([[-1.0, 0.0], [1.0, -1.0], [0.0, 1.0]])
    point = {**parameters, "t": step}
    return pairs, (
        Column(f"{quantity}: at w = {best:.4g} minus at w = {low:.4g}", point, "negative"),
        Column(f"{quantity}: at w = {high:.4g} minus at w = {best:.4g}", point, "positive"),
    )


def around_a_stage(identifier: str, part: str, n: int, m: int, sigma: Sigma, reach: float) -> Run:
    """Gains over real data only on both sides of a claim's weight, from which synthetic data help.

    `part` is the error that is compared, mean or covariance, averaged over steps at the limit. Raises ValueError
    outside the validity gate of the covariance.
    """
    edge = rounded(exact_weight(identifier, n, m))
    low = edge - reach
    high = edge + reach
    if part == "covariance":
        require_gate(m, (low, high))
    point: Parameters = {"n": n, "m": m, "t": STATIONARY[0], **spectrum(sigma)}
    settings = {"n": n, "m": m, "sigma": sigma, "weights": (low, high, 1.0), "steps": STATIONARY}
    errors = Averaged(GaussianErrors((part,), settings), len(STATIONARY), 3)
    pairs = np.array([[-1.0, 0.0], [0.0, -1.0], [1.0, 1.0]])
    gains = (
        Column(f"gain over real data only at w = {low:.4g}", point, "negative"),
        Column(f"gain over real data only at w = {high:.4g}", point, "positive"),
    )
    ratio: Parameters = {**point, "k": n / m}
    bracket = Bracket("the weight where the gain changes sign", 0, 1, low, high, edge, ratio)
    return Run(f"{n}-{m}", Differences(errors, pairs), gains, (bracket,))
