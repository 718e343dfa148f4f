"""The experiments of Section 5 at the paper's sizes: the panels of Figures 7 to 10, with theory on top.

The paper's settings are n = m = 100 (Figures 7 and 8), n = 100 with m = 100/k (Figure 9) and n = m = 500 (Figure 10).
Covariates and Gaussian data are standard normal; the paper's coefficients were lost with its formulas, and are 1 here
for linear and logistic regression, 1/2 for Poisson regression.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from nocollapse.figure import Axis
from nocollapse.models import EXPERIMENTS, resolve
from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.design import Draw
from nocollapse.numerics.checks.expected import QUANTITIES
from nocollapse.numerics.checks.populations import table
from nocollapse.numerics.checks.sampling import Averaged, Errors, PopulationErrors, Settings
from nocollapse.numerics.figures.panels import PanelPlan, means, side_by_side, typical
from nocollapse.numerics.figures.theory_curves import (
    GRID,
    Law,
    N,
    best_weight,
    experiment,
    least,
    least_limit_weight,
    limit,
    limit_of,
    naive_weight,
    path,
    rationals,
    theory_label,
)
from nocollapse.numerics.simulation import adult
from nocollapse.numerics.simulation.empirical import simulate_pmf
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.claims.registry import recursion_of

IN_ALL = tuple(name for name in EXPERIMENTS if not experiment(name).alone)
"""The models of Figures 8 and 9; Figure 7 has all."""
RATIOS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SETTLED = tuple(range(31, 131))
"""Steps of Scenario 2. The paper averages the last 100 of 200. The memory of the start dies like (1-w)^(2t), and is a
millionth at step 31 for the least weight, so that the 100 steps from there on have the same law for every purpose."""
ADULT = tuple(range(51, 101))
"""Steps of Adult that are averaged, the last half of the paper's 100."""
LATE = tuple(range(35, 61, 5))
"""Steps of Scenario 3 that are averaged; those between would tell little more. They are not the limit where naive
mixing puts little weight on real data: theory is taken at these very steps."""
N_ADULT = 500
"""Real points a step of Adult, and as many synthetic ones."""
_WEIGHT = Axis("weight w on real data")
_SPECIAL = {
    "mean": QUANTITIES["mean"],
    "covariance": QUANTITIES["covariance"],
    "cdf": r"$\mathbb{E}\int (F_t - F)^2\,dF$",
}
ERRORS = {model: _SPECIAL.get(model, r"$\mathbb{E}\|\theta_t - \theta\|^2$") for model in EXPERIMENTS}
"""The error of each model as a formula: of a regression that of its coefficients."""
REPLICATIONS = {7: 1000, 8: 2000, 9: 1000, 10: 1000}


def plans(figure: int) -> list[PanelPlan]:
    """The panels of one of the paper's Figures 7 to 10.

    Raises ValueError for another number.
    """
    planners = {7: _collapse, 8: _golden, 9: _ratios, 10: _adult}
    if figure not in planners:
        raise ValueError(f"figure = {figure} is not one of {', '.join(map(str, planners))}")
    return planners[figure]()


# --- what is drawn -------------------------------------------------------------------------------------------------


def draw_model(stream: Stream, replicates: range, *, model: str, p: int, settings: Settings) -> FloatArray:
    """Squared errors of one model with standard normal data in p dimensions, (R, S, W)."""
    part = experiment(model)
    simulator = EXPERIMENTS[model].simulator
    assert simulator is not None, model
    truth: dict[str, Any] = {}
    if part.information:
        truth = {"beta": np.full(p, part.slope), "omega": np.eye(p), "design": part.design}
    elif "sigma" in simulator.options:
        truth = {"sigma": np.eye(p)}
    errors: FloatArray = resolve(simulator.errors)(stream, replicates, **truth, **settings)[EXPERIMENTS[model].quantity]
    return errors


def draw_path(stream: Stream, replicates: range, *, model: str, p: int, settings: Settings) -> FloatArray:
    """The errors at every step, (R, S), at the only weight."""
    return draw_model(stream, replicates, model=model, p=p, settings=settings)[:, :, 0]


def draw_settled(stream: Stream, replicates: range, *, model: str, p: int, settings: Settings) -> FloatArray:
    """The errors averaged over the recorded steps of each trajectory, (R, W)."""
    return np.asarray(draw_model(stream, replicates, model=model, p=p, settings=settings).mean(axis=1))


def _averaged(draw: Draw) -> Averaged:
    """The errors of Adult, averaged over its late steps."""
    return Averaged(draw, len(ADULT), len(GRID))


def _weights(k: float) -> tuple[float, float, float, float]:
    """The best weight, the naive one, and one below and above the best, where the error is larger by some percent."""
    star = best_weight(k)
    return star, naive_weight(k), 0.8 * star, min(1.2 * star, (1 + star) / 2)


def draw_ratios(stream: Stream, replicates: range, *, model: str, p: int) -> FloatArray:
    """The errors averaged over late steps for each ratio k, at its four weights: blocks of columns (R, 4 ratios)."""
    errors = []
    for k in RATIOS:
        settings = {"n": N, "m": round(N / k), "weights": _weights(k), "steps": LATE}
        own = Stream(stream.seed, f"{stream.name}/{k}")
        errors.append(draw_settled(own, replicates, model=model, p=p, settings=settings))
    return np.stack(errors, axis=2).reshape(len(replicates), -1)


# --- the figures ---------------------------------------------------------------------------------------------------


def _collapse() -> list[PanelPlan]:
    """Figure 7: no real data after step 0."""
    steps = tuple(sorted({0, *np.unique(np.geomspace(1, 1000, 50).round().astype(int)).tolist()}))
    settings: dict[str, Any] = {"n": N, "m": N, "weights": (0.0,), "steps": steps}
    return [
        PanelPlan(
            f"7-{model}",
            EXPERIMENTS[model].title,
            Axis("step t", log=experiment(model).log_steps, whole=True),
            Axis(f"error, {ERRORS[model]}", log=experiment(model).log_error),
            tuple(map(float, steps)),
            partial(draw_path, model=model, p=4, settings=settings),
            typical if experiment(model).heavy else means,
            curves=((theory_label(model), partial(_at_step, model)),),
            note=experiment(model).note,
            discrete=True,
        )
        for model in EXPERIMENTS
    ]


def _at_step(model: str, step: float) -> float:
    return float(path(model, 4, 1.0, 0.0, 1000)[int(step)])


def _golden() -> list[PanelPlan]:
    """Figure 8: the limiting error against the weight at k = 1."""
    settings = {"n": N, "m": N, "weights": GRID, "steps": SETTLED}
    return [
        PanelPlan(
            f"8-{model}",
            EXPERIMENTS[model].title,
            _WEIGHT,
            Axis(f"error in the limit, {ERRORS[model]}"),
            GRID,
            partial(draw_settled, model=model, p=2, settings=settings),
            means,
            curves=((theory_label(model), limit(model, 2)),),
            optimum=least(model, 2),
        )
        for model in IN_ALL
    ]


def _ratios() -> list[PanelPlan]:
    """Figure 9: optimal against naive weights, for many to few synthetic points."""
    weights: dict[str, Law] = {"w*": best_weight, "naive": naive_weight}
    around = tuple(_weights(k)[2:] for k in RATIOS)
    return [
        PanelPlan(
            f"9-{model}",
            EXPERIMENTS[model].title,
            Axis("k = n/m", log=True),
            Axis(f"error, {ERRORS[model]}", log=True),
            RATIOS,
            partial(draw_ratios, model=model, p=2),
            side_by_side("simulated, w*", "simulated, naive"),
            curves=tuple(
                (f"{theory_label(model)}, {name}", partial(_at_ratio, model, law)) for name, law in weights.items()
            ),
            strip=tuple(weights.items()),
            around=around,
        )
        for model in IN_ALL
    ]


def _at_ratio(model: str, weight: Law, k: float) -> float:
    return float(path(model, 2, k, weight(k), LATE[-1])[list(LATE)].mean())


def _adult() -> list[PanelPlan]:
    """Figure 10: the PMFs of three columns of Adult, and its logistic regression in both scalings."""
    metrics = ("raw", "standardised")
    return [*map(_adult_pmf, adult.CATEGORICAL), *map(_adult_regression, metrics)]


def _adult_pmf(column: str) -> PanelPlan:
    _, probabilities = adult.frequencies(column)
    settings = {"n": N_ADULT, "m": N_ADULT, "probabilities": probabilities, "weights": GRID, "steps": ADULT}
    parameters = {"n": N_ADULT, "m": N_ADULT, "gini": float(1 - np.sum(probabilities**2))}
    squared = r"$\mathbb{E}\|p_t - p\|^2$"
    return PanelPlan(
        f"10-{column}",
        f"PMF of {column.replace('_', ' ')}",
        _WEIGHT,
        Axis(f"error, {squared}"),
        GRID,
        _averaged(Errors(simulate_pmf, settings)),
        means,
        curves=(("theory", limit_of("pmf.error", rationals(parameters))),),
        optimum=least_limit_weight(recursion_of("pmf.error"), parameters),
    )


def _adult_regression(metric: str) -> PanelPlan:
    name = "adult-all"
    traces = table(name).traces(metric)
    draw = PopulationErrors(name, (metric,), N_ADULT, N_ADULT, GRID, ADULT)
    ratio = traces["trace_model"] / traces["trace_sandwich"]
    return PanelPlan(
        f"10-logistic-{metric}",
        f"logistic regression, {metric} features",
        _WEIGHT,
        Axis(r"error, $\mathbb{E}\|\theta_t - \theta^*\|^2$"),
        GRID,
        _averaged(draw),
        means,
        curves=(("theory, n to infinity", limit_of("glm.misspecified", rationals({**traces, "k": 1}), 1 / N_ADULT)),),
        optimum=best_weight(round(ratio, 12)),
        note="Theory is that of a misspecified model, of which n = 500 keeps a bias of order 1/n.",
    )
