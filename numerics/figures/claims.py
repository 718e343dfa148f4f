"""The data of the report's figures: a theory curve, and simulated points with 95 % intervals on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from nocollapse.numerics.checks.design import Draw
from nocollapse.numerics.checks.expected import SIGMA, spectrum, value_at
from nocollapse.numerics.checks.limits import Limit
from nocollapse.numerics.checks.misspecified import best_weight
from nocollapse.numerics.checks.populations import table
from nocollapse.numerics.checks.sampling import draw_cdf, draw_errors, draw_gaussian, draw_pmf, draw_table
from nocollapse.numerics.protocol.equality import FloatArray, quantile
from nocollapse.numerics.simulation import adult
from nocollapse.numerics.simulation.empirical import simulate_cdf
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.claims.registry import claim, quantity
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import PARAMETERS, w

REPLICATIONS = {"quick": 500, "standard": 2000, "paper": 10_000}
GRID = tuple(round(0.2 + 0.02 * i, 2) for i in range(31))
"""The weights of the paper's Figure 8."""
WEIGHTS = tuple(round(0.2 + 0.025 * i, 3) for i in range(33))
"""The weights of the other figures, up to real data only."""
LATE = 40
"""The step at which errors are drawn for their limits."""
STEPS = tuple(range(21))
_WEIGHT, _STEP = "weight w on real data", "step t"


@dataclass(frozen=True)
class Plan:
    """One figure: what to draw, and the curve and marks that theory puts on it."""

    id: str
    claim: str
    title: str
    x: str
    y: str
    abscissa: Sequence[float]
    draw: Draw
    curve: Callable[[float], float]
    optimum: float | None = None
    reference: tuple[float, str] | None = None


def plans(identifiers: Sequence[str]) -> list[Plan]:
    """The figures of the given claims."""
    return [plan for plan in (*_against_weight(), *_regressions(), *_against_step()) if plan.claim in identifiers]


def _regressions() -> list[Plan]:
    """The Adult regression at the paper's n = m = 500, in both scalings."""
    n, weights = 500, tuple(round(0.2 + 0.1 * i, 2) for i in range(8))
    made = []
    for name in ("adult-all", "adult-complete"):
        for metric in ("raw", "standardised"):
            at = {**table(name).traces(metric), "k": 1.0}
            settings: dict[str, Any] = {
                "name": name,
                "metrics": (metric,),
                "n": n,
                "m": n,
                "weights": weights,
                "steps": (16,),
            }
            limit = _limit("glm.misspecified", at)
            kept = name.removeprefix("adult-")
            made.append(
                Plan(
                    f"glm.misspecified-{kept}-{metric}-{n}",
                    "glm.misspecified",
                    f"Adult regression, {kept} rows, {metric} features, n = m = {n}: the curve is the limit of large n",
                    _WEIGHT,
                    "squared error",
                    weights,
                    partial(draw_table, **settings),
                    partial(_over, limit, n),
                    best_weight(name, metric),
                    (limit(1.0) / n, "real data only"),
                )
            )
    return made


def _over(limit: Callable[[float], float], n: int, x: float) -> float:
    return limit(x) / n


def _limit(identifier: str, at: dict[str, float]) -> Callable[[float], float]:
    """The derived limit as a function of the weight."""
    values = {PARAMETERS[name]: value for name, value in at.items()}
    function = sp.lambdify(w, claim(identifier).derived.subs(values), "math")
    return lambda x: float(function(x))


def _best(recursion: Recursion, at: Mapping[str, float]) -> float:
    """The weight at which the limit is least."""
    return float(recursion.subs({PARAMETERS[name]: sp.Rational(str(x)) for name, x in at.items()}).optimum(w, {}))


def _over_weights(
    identifier: str, title: str, y: str, at: dict[str, float], draw: Draw, best: float, only: float
) -> Plan:
    """The limiting error against the weight, with the best weight and the error of real data only marked."""
    return Plan(
        f"{identifier}-weight",
        identifier,
        title,
        _WEIGHT,
        y,
        WEIGHTS,
        draw,
        _limit(identifier, at),
        best,
        (only, "real data only"),
    )


def _of_simulator(
    identifier: str, what: str, y: str, simulate: Callable[..., FloatArray], sizes: Mapping[str, float]
) -> Plan:
    """The same for a simulator that takes the claim's parameters, here ``sizes``."""
    settings, at = {**sizes, "weights": WEIGHTS, "steps": (LATE,)}, {name: float(x) for name, x in sizes.items()}
    title = f"Error of the {what} against the weight, n = {sizes['n']}, m = {sizes['m']}"
    draw = partial(draw_errors, simulate=simulate, settings=settings)
    recursion = claim(identifier).recursion
    assert recursion is not None
    only = value_at(recursion, {**sizes, "t": 0})
    return _over_weights(identifier, title, y, at, draw, _best(recursion, sizes), only)


def _against_weight() -> list[Plan]:
    n, m = 20, 40
    at = {"n": float(n), "m": float(m), **spectrum(SIGMA)}
    settings = {"n": n, "m": m, "sigma": SIGMA, "weights": WEIGHTS, "steps": (LATE,)}
    best = float(claim("mean.optimal-weight").derived.subs(PARAMETERS["k"], sp.Rational(n, m)))
    made = []
    for identifier, part, only in (
        ("mean.error", "mean", at["trace"] / n),
        ("covariance.error", "covariance", (at["frob2"] + at["trace"] ** 2) / (n - 1)),
    ):
        draw = partial(draw_gaussian, parts=(part,), settings=settings)
        title = f"Error of the {part} against the weight, n = {n}, m = {m}"
        made.append(_over_weights(identifier, title, "limiting error", at, draw, best, only))
    y = "limiting Cramér-von Mises error"
    made.append(_of_simulator("cdf.error", "CDF", y, simulate_cdf, {"n": n, "m": m}))
    for column in ("workclass", "education", "marital_status"):
        made.append(_adult(column))
    return made


def _adult(column: str) -> Plan:
    n = m = 500
    _, probabilities = adult.frequencies(column, "all")
    spread = float(1 - np.sum(probabilities**2))
    settings = {"n": n, "m": m, "probabilities": probabilities, "weights": GRID, "steps": (30,)}
    best = float(claim("cdf.optimal-weight").derived.subs({PARAMETERS["n"]: n, PARAMETERS["m"]: m}))
    return Plan(
        f"pmf.error-{column}",
        "pmf.error",
        f"Adult, {column.replace('_', ' ')}: error of the PMF, n = m = {n}",
        _WEIGHT,
        "limiting squared error",
        GRID,
        partial(draw_pmf, settings=settings),
        _limit("pmf.error", {"n": n, "m": m, "gini": spread}),
        best,
        (spread / n, "real data only"),
    )


def _against_step() -> list[Plan]:
    n, m = 40, 20
    at = {"n": float(n), "m": float(m), **spectrum(SIGMA)}
    base = {"n": n, "m": m, "sigma": SIGMA, "steps": STEPS}
    made = []
    for framework, weight, ddof, words in (
        ("fully-synthetic", 0.0, 1, "only synthetic data"),
        ("accumulation", 1.0, None, "all batches kept, covariance known"),
        ("augmentation", 0.3, 1, "the same real batch at every step, w = 0.3"),
        ("fresh", 0.3, 1, "new real data at every step, w = 0.3"),
    ):
        identifier = f"framework.{framework}"
        recursion = quantity(identifier, ddof).recursion
        assert recursion is not None
        settings = {**base, "weights": (weight,), "framework": framework, "known_covariance": ddof is None}
        made.append(
            Plan(
                f"{identifier}-step",
                identifier,
                f"Error of the mean against the step: {words}",
                _STEP,
                "error of the mean",
                STEPS,
                partial(draw_gaussian, parts=("mean",), settings=settings),
                _at_steps(recursion, {**at, "w": weight}),
                None,
                (at["trace"] / n, "real data only"),
            )
        )
    for identifier, part in (("mean.error", "mean"), ("covariance.error", "covariance")):
        recursion = quantity(identifier).recursion
        assert recursion is not None
        draw = partial(draw_gaussian, parts=(part,), settings={**base, "weights": (0.25,)})
        made.append(
            Plan(
                f"{identifier}-step",
                identifier,
                f"Error of the {part} against the step, w = 0.25",
                _STEP,
                "error",
                STEPS,
                draw,
                _at_steps(recursion, {**at, "w": 0.25}),
            )
        )
    recursion = quantity("cdf.error").recursion
    assert recursion is not None
    draw = partial(draw_cdf, settings={"n": n, "m": m, "weights": (0.0,), "steps": tuple(2 * t for t in STEPS)})
    made.append(
        Plan(
            "cdf.error-step",
            "cdf.error",
            "Error of the CDF without real data: collapse",
            _STEP,
            "Cramér-von Mises error",
            [2 * t for t in STEPS],
            draw,
            _at_steps(recursion, {"n": n, "m": m, "w": 0.0}),
            None,
            (1 / 6, "collapse: 1/6"),
        )
    )
    return made


def _at_steps(recursion: Recursion, at: dict[str, float]) -> Callable[[float], float]:
    return lambda step: value_at(recursion, {**at, "t": step})


def extrapolated(found: Sequence[Limit]) -> list[dict[str, Any]]:
    """The figures that extrapolations ask for: against 1/n, and their intercepts against the weight."""
    panels = dict.fromkeys((limit.claim, limit.plan.panel) for limit in found if limit.plan.panel)
    biases = [_bias(limit) for limit in found if limit.plan.title]
    return [*biases, *(_panel([x for x in found if (x.claim, x.plan.panel) == panel]) for panel in panels)]


def _panel(found: list[Limit]) -> dict[str, Any]:
    """The intercepts at several weights, on the derived limit as a function of the weight."""
    first, reach = found[0], quantile(0.975)
    at = {name: value for name, value in first.plan.parameters.items() if name not in ("w", "t")}
    weights = [limit.plan.parameters["w"] for limit in found]
    curve, recursion = _limit(first.claim, at), claim(first.claim).recursion
    assert recursion is not None
    best = _best(recursion, at)
    fine = np.linspace(min(weights), max(weights), 121)
    return {
        "id": f"{first.claim}-{re.sub('[ ,]+', '-', first.plan.panel)}",
        "claim": first.claim,
        "title": f"{first.plan.panel}: extrapolated to n = infinity",
        "x": _WEIGHT,
        "y": "limit of n times the squared error",
        "log_y": False,
        "curve": {"x": fine.tolist(), "y": [curve(float(x)) for x in fine]},
        "points": [
            {
                "x": x,
                "y": fit.estimate,
                "low": fit.estimate - reach * fit.standard_error,
                "high": fit.estimate + reach * fit.standard_error,
            }
            for x, fit in zip(weights, (limit.fit for limit in found), strict=True)
        ],
        "optimum": {"x": best, "label": f"best w = {best:.3f}"},
        "reference": None,
    }


def _bias(limit: Limit) -> dict[str, Any]:
    reach, at = quantile(0.975), 1 / np.asarray(limit.plan.sizes, dtype=float)
    line = np.linspace(0, at.max(), 61)
    fitted = sum(c * line**i for i, c in enumerate(limit.fit.coefficients))
    x, y = [0.0, *at], [limit.fit.estimate, *limit.means]
    errors = [limit.fit.standard_error, *limit.errors]
    return {
        "id": f"{limit.claim}-bias",
        "claim": limit.claim,
        "title": limit.plan.title,
        "x": "1/n (the point at 0 is extrapolated)",
        "y": limit.plan.quantity.split(" at ")[0],
        "log_y": False,
        "curve": {"x": line.tolist(), "y": np.asarray(fitted).tolist(), "label": "regression on 1/n"},
        "points": [
            {"x": float(a), "y": float(b), "low": float(b - reach * e), "high": float(b + reach * e)}
            for a, b, e in zip(x, y, errors, strict=True)
        ],
        "optimum": None,
        "reference": {"y": limit.plan.target, "label": "theory, n to infinity"},
    }


def sample(draw: Draw, stream: Stream, replications: int) -> FloatArray:
    """The mean and its standard error at every abscissa, (2, points)."""
    found = draw(stream, range(replications))
    found = found[~np.isnan(found).any(axis=1)]  # trajectories that lost their estimate; the check counts them
    return np.array([found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(len(found))])


def figure(plan: Plan, found: FloatArray) -> dict[str, Any]:
    """The figure as plain data."""
    fine = np.linspace(min(plan.abscissa), max(plan.abscissa), 121) if plan.x == _WEIGHT else plan.abscissa
    reach = quantile(0.975)
    return {
        "id": plan.id,
        "claim": plan.claim,
        "title": plan.title,
        "x": plan.x,
        "y": plan.y,
        "log_y": False,
        "curve": {"x": [float(x) for x in fine], "y": [plan.curve(float(x)) for x in fine]},
        "points": [
            {"x": float(x), "y": float(y), "low": float(y - reach * e), "high": float(y + reach * e)}
            for x, y, e in zip(plan.abscissa, *found, strict=True)
        ],
        "optimum": None if plan.optimum is None else {"x": plan.optimum, "label": f"w* = {plan.optimum:.3f}"},
        "reference": None if plan.reference is None else {"y": plan.reference[0], "label": plan.reference[1]},
    }
