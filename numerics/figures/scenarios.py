"""The experiments of Section 5 at the paper's sizes: the panels of Figures 7 to 10, with theory on top.

The paper's settings are n = m = 100 (Figures 7 and 8), n = 100 with m = 100/k (Figure 9) and n = m = 500 (Figure 10).
Covariates and Gaussian data are standard normal; the paper's coefficients were lost with its formulas, and are 1 here
for linear and logistic regression, 1/2 for Poisson regression.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from nocollapse.numerics.checks.design import Draw
from nocollapse.numerics.checks.populations import table
from nocollapse.numerics.checks.sampling import Settings, draw_cdf, draw_gaussian, draw_pmf, draw_table
from nocollapse.numerics.figures.panels import Panel, means, side_by_side, typical
from nocollapse.numerics.figures.theory_curves import (
    SLOPES,
    Law,
    N,
    best_weight,
    limit,
    limit_of,
    naive_weight,
    path,
    word,
)
from nocollapse.numerics.protocol.equality import FloatArray
from nocollapse.numerics.simulation import adult, regression
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.claims.registry import claim
from nocollapse.theory.symbols import PARAMETERS

GRID = tuple(round(0.2 + 0.02 * i, 2) for i in range(31))
MODELS = ("mean", "covariance", "cdf", "linear", "logistic", "poisson")
NAMES = {
    "mean": "Gaussian mean", "covariance": "Gaussian covariance", "cdf": "empirical CDF",
    "linear": "linear regression", "fixed": "linear regression, fixed design", "logistic": "logistic regression",
    "poisson": "Poisson regression",
}  # fmt: skip
HEAVY = ("mean", "covariance", "logistic")
"""Errors with heavy tails where there are no real data: their simulated means are no evidence."""
RATIOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SETTLED = tuple(range(31, 131))
"""Steps of Scenario 2. The paper averages the last 100 of 200. The memory of the start dies like (1-w)^(2t), and is a
millionth at step 31 for the least weight, so that the 100 steps from there on have the same law for every purpose."""
ADULT = tuple(range(51, 101))
"""Steps of Adult that are averaged, the last half of the paper's 100."""
LATE = tuple(range(35, 61, 5))
"""Steps of Scenario 3 that are averaged; those between would tell little more. They are not the limit where naive
mixing puts little weight on real data: theory is taken at these very steps."""
REPLICATIONS = {7: 1000, 8: 2000, 9: 1000, 10: 1000}


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
    return regression.simulate(
        stream, replicates, model=family, beta=beta, omega=np.eye(p), design=design, **settings
    ).error


def draw_path(stream: Stream, replicates: range, *, model: str, p: int, settings: Settings) -> FloatArray:
    """The errors at every step, (R, S), at the only weight."""
    return draw_model(stream, replicates, model=model, p=p, settings=settings)[:, :, 0]


def draw_settled(stream: Stream, replicates: range, *, model: str, p: int, settings: Settings) -> FloatArray:
    """The errors averaged over the recorded steps of each trajectory, (R, W)."""
    return np.asarray(draw_model(stream, replicates, model=model, p=p, settings=settings).mean(axis=1))


def averaged(stream: Stream, replicates: range, *, draw: Draw) -> FloatArray:
    """The errors of Adult, averaged over its late steps: (R, W)."""
    return np.asarray(draw(stream, replicates).reshape(len(replicates), len(ADULT), -1).mean(axis=1))


def _weights(k: float) -> tuple[float, float, float, float]:
    """The best weight, the naive one, and one below and above the best, where the error is larger by some percent."""
    star = best_weight(k)
    return star, naive_weight(k), 0.8 * star, min(1.2 * star, (1 + star) / 2)


def draw_ratios(stream: Stream, replicates: range, *, model: str, p: int) -> FloatArray:
    """The errors averaged over late steps for each ratio k, at its four weights: blocks of columns (R, 4 ratios)."""
    found = []
    for k in RATIOS:
        settings = {"n": N, "m": round(N / k), "weights": _weights(k), "steps": LATE}
        found.append(draw_settled(Stream(stream.seed, f"{stream.name}/{k}"), replicates, model=model, p=p,
                                  settings=settings))  # fmt: skip
    return np.stack(found, axis=2).reshape(len(replicates), -1)


# --- the figures ---------------------------------------------------------------------------------------------------


def _collapse() -> list[Panel]:
    """Figure 7: no real data after step 0."""
    steps = tuple(sorted({0, *np.unique(np.geomspace(1, 1000, 50).round().astype(int)).tolist()}))
    settings: dict[str, Any] = {"n": N, "m": N, "weights": (0.0,), "steps": steps}
    tail = "The exact mean is made by trajectories too rare to be met"
    notes = {
        "mean": f"{tail} at late steps, hence the median.",
        "covariance": f"{tail}: it explodes, while a typical one shrinks to Σₜ = 0.",
        "poisson": "Theory is for n to infinity at a fixed step: at n = 100 it is left behind.",
        "logistic": "A trajectory without an estimate counts as an infinite error; the mean is that of the others.",
    }
    made = []
    for model in (*MODELS[:3], "fixed", *MODELS[3:]):
        made.append(
            Panel(
                f"7-{model}", NAMES[model], "step t", "squared error", tuple(map(float, steps)),
                partial(draw_path, model=model, p=4, settings=settings),
                typical if model in HEAVY else means, ((word(model), partial(_at_step, model)),),
                log_x=model == "logistic", log_y=model != "cdf", note=notes.get(model, ""), discrete=True,
            )
        )  # fmt: skip
    return made


def _at_step(model: str, step: float) -> float:
    return float(path(model, 4, 1.0, 0.0, 1000)[int(step)])


def _golden() -> list[Panel]:
    """Figure 8: the limiting error against the weight at k = 1."""
    settings = {"n": N, "m": N, "weights": GRID, "steps": SETTLED}
    made = []
    for model in MODELS:
        draw = partial(draw_settled, model=model, p=2, settings=settings)
        made.append(
            Panel(
                f"8-{model}", NAMES[model], "weight w on real data", "limiting squared error", GRID, draw, means,
                ((word(model), limit(model, 2)),), best_weight(1.0),
            )
        )  # fmt: skip
    return made


def _ratios() -> list[Panel]:
    """Figure 9: optimal against naive weights, for many to few synthetic points."""
    around = tuple(_weights(k)[2:] for k in RATIOS)
    made = []
    for model in MODELS:
        weights: dict[str, Law] = {"w*": best_weight, "naive": naive_weight}
        curves = tuple((f"{word(model)}, {name}", partial(_at_ratio, model, law)) for name, law in weights.items())
        made.append(
            Panel(
                f"9-{model}", NAMES[model], "k = n/m", "squared error, late steps", RATIOS,
                partial(draw_ratios, model=model, p=2), side_by_side("simulated, w*", "simulated, naive"), curves,
                strip=tuple(weights.items()), around=around, log_x=True, log_y=True,
            )
        )  # fmt: skip
    return made


def _at_ratio(model: str, weight: Law, k: float) -> float:
    return float(path(model, 2, k, weight(k), LATE[-1])[list(LATE)].mean())


def _adult() -> list[Panel]:
    """Figure 10: the PMFs of three columns of Adult, and its logistic regression in both scalings."""
    n, made = 500, []
    x, y = "weight w on real data", "squared error"
    for column in adult.CATEGORICAL:
        _, probabilities = adult.frequencies(column)
        at = {"n": n, "m": n, "gini": float(1 - np.sum(probabilities**2))}
        settings = {"n": n, "m": n, "probabilities": probabilities, "weights": GRID, "steps": ADULT}
        best = float(claim("cdf.optimal-weight").derived.subs({PARAMETERS["n"]: n, PARAMETERS["m"]: n}))
        curve = limit_of("pmf.error", at, 1.0)
        made.append(
            Panel(f"10-{column}", f"PMF of {column.replace('_', ' ')}", x, y, GRID,
                  partial(averaged, draw=partial(draw_pmf, settings=settings)), means, (("theory", curve),), best)
        )  # fmt: skip
    for metric in ("raw", "standardised"):
        traces = table("adult-all").traces(metric)
        draw = partial(draw_table, name="adult-all", metrics=(metric,), n=n, m=n, weights=GRID, steps=ADULT)
        curves = (("theory, n to infinity", limit_of("glm.misspecified", {**traces, "k": 1}, 1 / n)),)
        ratio = traces["trace_model"] / traces["trace_sandwich"]
        made.append(
            Panel(f"10-logistic-{metric}", f"logistic regression, {metric} features", x, y, GRID,
                  partial(averaged, draw=draw), means, curves, best_weight(round(ratio, 12)),
                  note="Theory is that of a misspecified model, of which n = 500 keeps a bias of order 1/n.")
        )  # fmt: skip
    return made
