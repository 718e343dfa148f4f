"""Design points of the nonparametric claims, the Adult columns among them."""

from __future__ import annotations

import numpy as np

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.design import Bracket, Check, Column, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import (
    Parameters,
    bracket_columns,
    columns,
    error_run,
    exact_weight,
    rounded,
)
from nocollapse.numerics.checks.sampling import Differences, Errors
from nocollapse.numerics.simulation import adult
from nocollapse.numerics.simulation.empirical import simulate_cdf, simulate_pmf
from nocollapse.theory.claims.registry import recursion_of

_CDF = r"$\mathbb{E}\int (F_t - F)^2\,dF$"
_PMF = r"$\mathbb{E}\sum_j (p_{tj} - p_j)^2$"


@check("cdf.error")
def cdf_error() -> Check:
    """Early and late steps, with and without real data."""
    designs = ((7, 4, (0.4, 0.75)), (4, 9, (0.3, 0.6)), (5, 6, (0.0, 0.5)))
    runs = [
        error_run("cdf.error", _CDF, simulate_cdf, {"n": n, "m": m}, weights, (1, 3, 30)) for n, m, weights in designs
    ]
    return Check(tuple(runs))


@check("cdf.optimal-weight")
def cdf_optimal_weight() -> Check:
    """The minimiser between weights on both sides of it."""
    step = 14
    runs = []
    for n, m, reach in ((2, 2, 0.045), (3, 8, 0.09), (8, 3, 0.08)):
        best = rounded(exact_weight("cdf.optimal-weight", n, m))
        weights = (best - reach, best, best + reach)
        common: Parameters = {"n": n, "m": m, "t": step}
        pairs, signs = bracket_columns(weights, step, common, "error")
        errors = Errors(simulate_cdf, {"n": n, "m": m, "weights": weights, "steps": (step,)})
        bracket = Bracket("the minimiser of the error", 0, 1, best - reach, best + reach, best, common)
        runs.append(Run(f"{n}-{m}", Differences(errors, pairs), signs, (bracket,)))
    return Check(tuple(runs))


@check("cdf.stages")
def cdf_stages() -> Check:
    """The weight at which synthetic data begin to help, between weights on both sides of it."""
    step = 30
    pairs = np.array([[-1.0, 0.0], [0.0, -1.0], [1.0, 1.0]])
    runs = []
    for n, m, reach in ((9, 4, 0.06), (4, 9, 0.06), (4, 2, 0.045)):
        edge = rounded(exact_weight("cdf.stages", n, m))
        low = edge - reach
        high = edge + reach
        point: Parameters = {"n": n, "m": m, "t": step}
        errors = Errors(simulate_cdf, {"n": n, "m": m, "weights": (low, high, 1.0), "steps": (step,)})
        gains = (
            Column(f"gain over real data only at w = {low:.4g}", point, "negative"),
            Column(f"gain over real data only at w = {high:.4g}", point, "positive"),
        )
        bracket = Bracket("the weight where the gain changes sign", 0, 1, low, high, edge, point)
        runs.append(Run(f"{n}-{m}", Differences(errors, pairs), gains, (bracket,)))
    return Check(tuple(runs))


@check("pmf.error")
def pmf_error() -> Check:
    """Adult's three categorical columns, all rows and complete ones, n = m = 500 and n != m."""
    adults = [
        _adult(column, rows, n, m)
        for column in ("workclass", "education", "marital_status")
        for rows in ("all", "complete")
        for n, m in ((500, 500), (500, 125))
    ]
    three_atoms = [_three_atoms(4, 9, (0.3, 0.6)), _three_atoms(9, 3, (0.45, 0.8))]
    return Check((*adults, *three_atoms))


def _adult(column: str, rows: str, n: int, m: int) -> Run:
    """Errors at the best weight and at two others, and the bracket of the minimiser they make."""
    _, probabilities = adult.frequencies(column, rows)
    best = rounded(exact_weight("cdf.optimal-weight", n, m))
    reach = 0.1
    step = 16
    weights = (best - reach, best, best + reach)
    common: Parameters = {"n": n, "m": m, "gini": _spread(probabilities)}
    settings = {"n": n, "m": m, "probabilities": probabilities, "weights": weights, "steps": (step,)}
    errors = columns("pmf.error", recursion_of("pmf.error"), _PMF, common, (step,), weights)
    pairs, signs = bracket_columns(weights, step, common, "error")
    draw = Differences(Errors(simulate_pmf, settings), np.hstack([np.eye(3), pairs]))
    bracket = Bracket("the minimiser of the error", 3, 4, best - reach, best + reach, best, {**common, "t": step})
    return Run(f"{column}-{rows}-{n}-{m}", draw, (*errors, *signs), (bracket,))


def _three_atoms(n: int, m: int, weights: tuple[float, float]) -> Run:
    """Early and late steps of a skewed law."""
    probabilities = np.array([0.7, 0.2, 0.1])
    steps = (1, 3, 30)
    common: Parameters = {"n": n, "m": m, "gini": _spread(probabilities)}
    settings = {"n": n, "m": m, "probabilities": probabilities, "weights": weights, "steps": steps}
    errors = columns("pmf.error", recursion_of("pmf.error"), _PMF, common, steps, weights)
    return Run(f"three-atoms-{n}-{m}", Errors(simulate_pmf, settings), errors, precision=1 / 2)


def _spread(probabilities: FloatArray) -> float:
    """1 - sum p_j^2, with digits that are the same in the simulator and in the theory."""
    return round(float(1 - np.sum(probabilities**2)), 12)
