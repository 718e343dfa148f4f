"""The experiments of Section 5 at the paper's sizes: the panels of Figures 7 to 10, with theory on top.

The paper's settings are n = m = 100 (Figures 7 and 8), n = 100 with m = 100/k (Figure 9) and n = m = 500 (Figure 10).
Covariates and Gaussian data are standard normal; the paper's coefficients were lost with its formulas, and are 1 here
for linear and logistic regression, 1/2 for Poisson regression.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sympy import Rational

from numerics import adult, glm
from numerics.checks.draws import Settings, draw_cdf, draw_gaussian, draw_pmf, draw_table
from numerics.checks.panels import Panel, means, surviving, two_means, typical
from numerics.checks.tables import table
from numerics.checks.targets import covariance_recursion, mean_recursion, value_at
from numerics.statistics import FloatArray
from numerics.streams import Stream
from theory.information import information
from theory.recursion import Recursion
from theory.registry import claim, quantity
from theory.symbols import PARAMETERS

N = 100
GRID = tuple(round(0.2 + 0.02 * i, 2) for i in range(31))
MODELS = ("mean", "covariance", "cdf", "linear", "logistic", "poisson")
NAMES = {
    "mean": "Gaussian mean", "covariance": "Gaussian covariance", "cdf": "empirical CDF",
    "linear": "linear regression", "fixed": "linear regression, fixed design", "logistic": "logistic regression",
    "poisson": "Poisson regression",
}  # fmt: skip
SLOPES = {"linear": 1.0, "fixed": 1.0, "logistic": 1.0, "poisson": 0.5}
RATIOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
LAST, HORIZON = 200, 60
"""Steps of Scenario 2, of which the last half is averaged, and of Scenario 3."""
REPLICATIONS = {7: 1000, 8: 2000, 9: 1000, 10: 1000}
Law = Callable[[float], float]


def panels(figure: int) -> list[Panel]:
    """The panels of one of the paper's Figures 7 to 10; ``ValueError`` for another number."""
    made = {7: _collapse, 8: _golden, 9: _ratios, 10: _adult}
    if figure not in made:
        raise ValueError(f"figure = {figure} is not one of {', '.join(map(str, made))}")
    return made[figure]()


# --- what is drawn -------------------------------------------------------------------------------------------------


def draw_model(stream: Stream, replicates: range, *, model: str, p: int, settings: Settings) -> FloatArray:
    """Squared errors of one model with standard normal data in p dimensions, (R, S, W)."""
    shape = (len(replicates), len(settings["steps"]), len(settings["weights"]))
    if model == "cdf":
        return draw_cdf(stream, replicates, settings=settings).reshape(shape)
    if model in ("mean", "covariance"):
        found = draw_gaussian(stream, replicates, parts=(model,), settings={**settings, "sigma": np.eye(p)})
        return found.reshape(shape)
    family, design = ("linear", "fixed") if model == "fixed" else (model, "random")
    beta = np.full(p, SLOPES[model])
    return glm.simulate(
        stream, replicates, model=family, beta=beta, omega=np.eye(p), design=design, **settings
    ).error


def draw_path(stream: Stream, replicates: range, *, model: str, p: int, settings: Settings) -> FloatArray:
    """The errors at every step, (R, S), at the only weight."""
    return draw_model(stream, replicates, model=model, p=p, settings=settings)[:, :, 0]


def draw_settled(stream: Stream, replicates: range, *, model: str, p: int, settings: Settings) -> FloatArray:
    """The errors averaged over the recorded steps of each trajectory, (R, W)."""
    return np.asarray(draw_model(stream, replicates, model=model, p=p, settings=settings).mean(axis=1))


def draw_ratios(stream: Stream, replicates: range, *, model: str, p: int) -> FloatArray:
    """The errors at the horizon for each ratio k: at the optimal weights, then at the naive ones, (R, 2 ratios)."""
    columns = []
    for k in RATIOS:
        weights = sorted((_best(k), k / (1 + k)), reverse=True)  # w* is the larger one for every k
        settings = {"n": N, "m": round(N / k), "weights": weights[::-1], "steps": (HORIZON,)}
        found = draw_model(Stream(stream.seed, f"{stream.name}/{k}"), replicates, model=model, p=p, settings=settings)
        columns.append(found[:, 0, ::-1])
    return np.concatenate([np.stack([c[:, i] for c in columns], axis=1) for i in (0, 1)], axis=1)


# --- theory --------------------------------------------------------------------------------------------------------


def _best(k: float) -> float:
    """w*(k) to 12 digits."""
    return round(float(claim("mean.optimal-weight").derived.subs(PARAMETERS["k"], Rational(str(k)))), 12)


def _recursion(model: str) -> tuple[Recursion, str]:
    """The error's recursion, and the claim it belongs to."""
    if model == "mean":
        return mean_recursion(), "mean.error"
    if model == "covariance":
        return covariance_recursion(), "covariance.error"
    identifier = "cdf.error" if model == "cdf" else "glm.error"
    found = quantity(identifier).recursion
    assert found is not None
    return found, identifier


def _unit(model: str, p: int) -> float:
    """What the error of the recursion is multiplied by: tr(I^-1)/n for regressions, 1 for the others."""
    if model in ("mean", "covariance", "cdf"):
        return 1.0
    family = "linear" if model == "fixed" else model
    found = information(family, [Rational(str(SLOPES[model]))] * p)
    return float(found.trace_inverse) / N


def _parameters(model: str, n: int, m: int, p: int) -> dict[str, float]:
    regression = model not in ("mean", "covariance", "cdf")
    return {"k": n / m} if regression else {"n": n, "m": m, **({} if model == "cdf" else {"trace": p, "frob2": p})}


def _error(model: str, p: int, m: int, weight: float, step: int) -> float:
    """The derived error at a step (in the limit of n for regressions, over n)."""
    recursion, _ = _recursion(model)
    at = {**_parameters(model, N, m, p), "w": weight, "t": step}
    return value_at(recursion, at) * _unit(model, p)


def _limit(model: str, p: int) -> Law:
    """The derived limit at n = m = 100 as a function of the weight."""
    _, identifier = _recursion(model)
    values = {PARAMETERS[name]: Rational(str(x)) for name, x in _parameters(model, N, N, p).items()}
    expression = claim(identifier).derived.subs(values)
    unit = _unit(model, p)
    return lambda x: float(expression.subs(PARAMETERS["w"], x)) * unit


# --- the figures ---------------------------------------------------------------------------------------------------


def _collapse() -> list[Panel]:
    """Figure 7: no real data after step 0."""
    steps = tuple(sorted({0, *np.unique(np.geomspace(1, 1000, 50).round().astype(int)).tolist()}))
    settings: dict[str, Any] = {"n": N, "m": N, "weights": (0.0,), "steps": steps}
    notes = {
        "covariance": "The exact mean explodes, on trajectories too rare to be met; a typical one shrinks to 0.",
        "logistic": "The mean is over trajectories that keep their estimate, while a tenth of them do.",
    }
    made = []
    for model in (*MODELS[:3], "fixed", *MODELS[3:]):
        exact = model in ("mean", "covariance", "cdf")
        made.append(
            Panel(
                f"7-{model}",
                NAMES[model],
                "step t",
                "squared error",
                tuple(map(float, steps)),
                partial(draw_path, model=model, p=4, settings=settings),
                {"covariance": typical, "logistic": surviving, "poisson": surviving}.get(model, means),
                (("exact mean" if exact else "theory, n to infinity", partial(_at_step, model)),),
                log_y=model != "cdf",
                note=notes.get(model, ""),
            )
        )
    return made


def _at_step(model: str, step: float) -> float:
    return _error(model, 4, N, 0.0, int(step))


def _golden() -> list[Panel]:
    """Figure 8: the limiting error against the weight at k = 1."""
    settings = {"n": N, "m": N, "weights": GRID, "steps": tuple(range(LAST // 2 + 1, LAST + 1))}
    made = []
    for model in MODELS:
        exact = model in ("mean", "covariance", "cdf")
        draw = partial(draw_settled, model=model, p=2, settings=settings)
        curve = ("theory" if exact else "theory, n to infinity", _limit(model, 2))
        made.append(
            Panel(
                f"8-{model}", NAMES[model], "weight w on real data", "limiting squared error", GRID, draw, means,
                (curve,), _best(1.0),
            )
        )  # fmt: skip
    return made


def _ratios() -> list[Panel]:
    """Figure 9: optimal against naive weights, for few to many synthetic points."""
    made = []
    for model in MODELS:
        curves = (
            ("theory, w*", partial(_at_ratio, model, True)),
            ("theory, naive", partial(_at_ratio, model, False)),
        )
        made.append(
            Panel(
                f"9-{model}", NAMES[model], "k = n/m", f"squared error at step {HORIZON}", RATIOS,
                partial(draw_ratios, model=model, p=2), two_means("w*", "naive mixing"), curves,
                log_x=True, log_y=True,
            )
        )  # fmt: skip
    return made


def _at_ratio(model: str, optimal: bool, k: float) -> float:
    return _error(model, 2, round(N / k), _best(k) if optimal else k / (1 + k), HORIZON)


def _adult() -> list[Panel]:
    """Figure 10: the PMFs of three columns of Adult, and its logistic regression in both scalings."""
    n, made = 500, []
    x, y = "weight w on real data", "squared error"
    for column in adult.CATEGORICAL:
        _, probabilities = adult.frequencies(column)
        at = {"n": n, "m": n, "gini": float(1 - np.sum(probabilities**2))}
        settings = {"n": n, "m": n, "probabilities": probabilities, "weights": GRID, "steps": (100,)}
        best = float(claim("cdf.optimal-weight").derived.subs({PARAMETERS["n"]: n, PARAMETERS["m"]: n}))
        curve = _curve("pmf.error", at, 1.0)
        made.append(
            Panel(f"10-{column}", f"PMF of {column.replace('_', ' ')}", x, y, GRID,
                  partial(draw_pmf, settings=settings), means, (("theory", curve),), best)
        )  # fmt: skip
    for metric in ("raw", "standardised"):
        traces = table("adult-all").traces(metric)
        draw = partial(draw_table, name="adult-all", metrics=(metric,), n=n, m=n, weights=GRID, steps=(100,))
        curve = _curve("glm.misspecified", {**traces, "k": 1}, 1 / n)
        ratio = traces["trace_model"] / traces["trace_sandwich"]
        made.append(
            Panel(f"10-logistic-{metric}", f"logistic regression, {metric} features", x, y, GRID, draw, means,
                  (("theory, n to infinity", curve),), _best(round(ratio, 12)),
                  note="Theory is that of a misspecified model, with its sandwich variance.")
        )  # fmt: skip
    return made


def _curve(identifier: str, at: dict[str, float], unit: float) -> Law:
    """A claim's derived limit as a function of the weight, times a unit."""
    values = {PARAMETERS[name]: Rational(str(x)) for name, x in at.items()}
    expression = claim(identifier).derived.subs(values)
    return lambda x: float(expression.subs(PARAMETERS["w"], x)) * unit
