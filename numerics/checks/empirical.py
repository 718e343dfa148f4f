"""Design points of the nonparametric claims, the Adult columns among them."""

from __future__ import annotations

import numpy as np

from nocollapse.numerics.checks.design import Bracket, Check, Column, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import Parameters, bracket_columns, columns, error_run, exact_weight, rounded
from nocollapse.numerics.checks.sampling import Differences, Errors
from nocollapse.numerics.protocol.equality import FloatArray
from nocollapse.numerics.simulation import adult
from nocollapse.numerics.simulation.empirical import simulate_cdf, simulate_pmf
from nocollapse.theory.claims.registry import recursion_of
from nocollapse.theory.recursion import Recursion

_CDF = r"$\mathbb{E}\int (F_t - F)^2\,dF$"


@check("cdf.error")
def cdf_error() -> Check:
    return Check(
        tuple(
            error_run("cdf.error", _CDF, simulate_cdf, {"n": n, "m": m}, weights, (1, 3, 30))
            for n, m, weights in ((7, 4, (0.4, 0.75)), (4, 9, (0.3, 0.6)), (5, 6, (0.0, 0.5)))
        )
    )


@check("cdf.optimal-weight")
def cdf_optimal_weight() -> Check:
    runs = []
    for n, m, reach in ((2, 2, 0.045), (3, 8, 0.09), (8, 3, 0.08)):
        best, step = rounded(exact_weight("cdf.optimal-weight", n, m)), 14
        weights = (best - reach, best, best + reach)
        at: Parameters = {"n": n, "m": m, "t": step}
        pairs, made = bracket_columns(weights, step, at, "error")
        base = Errors(simulate_cdf, {"n": n, "m": m, "weights": weights, "steps": (step,)})
        bracket = Bracket("the minimiser of the error", 0, 1, best - reach, best + reach, best, at)
        runs.append(Run(f"{n}-{m}", Differences(base, pairs), made, (bracket,)))
    return Check(tuple(runs))


@check("cdf.stages")
def cdf_stages() -> Check:
    runs = []
    for n, m, reach in ((9, 4, 0.06), (4, 9, 0.06), (4, 2, 0.045)):
        edge, step = rounded(exact_weight("cdf.stages", n, m)), 30
        weights = (edge - reach, edge + reach, 1.0)
        at: Parameters = {"n": n, "m": m, "t": step}
        pairs = np.array([[-1.0, 0.0], [0.0, -1.0], [1.0, 1.0]])
        base = Errors(simulate_cdf, {"n": n, "m": m, "weights": weights, "steps": (step,)})
        runs.append(
            Run(
                f"{n}-{m}",
                Differences(base, pairs),
                (
                    Column(f"gain over real data only at w = {edge - reach:.4g}", at, "negative"),
                    Column(f"gain over real data only at w = {edge + reach:.4g}", at, "positive"),
                ),
                (Bracket("the weight where the gain changes sign", 0, 1, edge - reach, edge + reach, edge, at),),
            )
        )
    return Check(tuple(runs))


@check("pmf.error")
def pmf_error() -> Check:
    """Adult's three categorical columns, all rows and complete ones, n = m = 500 and n != m."""
    recursion = recursion_of("pmf.error")
    runs = []
    for column in ("workclass", "education", "marital_status"):
        for rows in ("all", "complete"):
            _, probabilities = adult.frequencies(column, rows)
            spread = float(1 - np.sum(probabilities**2))
            for n, m in ((500, 500), (500, 125)):
                runs.append(_pmf_run(f"{column}-{rows}-{n}-{m}", recursion, n, m, probabilities, spread))
    skewed = np.array([0.7, 0.2, 0.1])
    steps, spread = (1, 3, 30), float(1 - np.sum(skewed**2))
    for n, m, weights in ((4, 9, (0.3, 0.6)), (9, 3, (0.45, 0.8))):
        settings = {"n": n, "m": m, "probabilities": skewed, "weights": weights, "steps": steps}
        made = columns("pmf.error", recursion, _PMF, {"n": n, "m": m, "gini": round(spread, 12)}, steps, weights)
        runs.append(Run(f"three-atoms-{n}-{m}", Errors(simulate_pmf, settings), made, precision=1 / 2))
    return Check(tuple(runs))


_PMF = r"$\mathbb{E}\sum_j (p_{tj} - p_j)^2$"


def _pmf_run(name: str, recursion: Recursion, n: int, m: int, probabilities: FloatArray, spread: float) -> Run:
    """Errors at the best weight and at two others, and the bracket of the minimiser they make."""
    best, reach, step = rounded(exact_weight("cdf.optimal-weight", n, m)), 0.1, 16
    weights = (best - reach, best, best + reach)
    common: Parameters = {"n": n, "m": m, "gini": round(spread, 12)}
    settings = {"n": n, "m": m, "probabilities": probabilities, "weights": weights, "steps": (step,)}
    made = columns("pmf.error", recursion, _PMF, common, (step,), weights)
    pairs, signs = bracket_columns(weights, step, common, "error")
    draw = Differences(Errors(simulate_pmf, settings), np.hstack([np.eye(3), pairs]))
    bracket = Bracket("the minimiser of the error", 3, 4, best - reach, best + reach, best, {**common, "t": step})
    return Run(name, draw, (*made, *signs), (bracket,))
