"""The simulations of Theorem 2 tell the right theorem from wrong ones, and say so where an estimate does not exist."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from sympy import Rational

from nocollapse.numerics.checks import misspecified
from nocollapse.numerics.checks.design import Check, Column, Prediction, Run
from nocollapse.numerics.checks.judge import judge, verdicts
from nocollapse.numerics.checks.populations import table
from nocollapse.numerics.checks.regression_limits import LATE, LINEAR, LOGISTIC, Setting, limits_in_n, scaled
from nocollapse.numerics.checks.run import Trial, run_all
from nocollapse.numerics.checks.sampling import Differences, RegressionErrors
from nocollapse.numerics.execution.workers import ALONE
from nocollapse.theory.claims.setting import OPTIMAL, rho
from nocollapse.theory.symbols import k as ratio
from nocollapse.theory.symbols import w

SEED = 11


def quiet(what: str, done: int, of: int) -> None:
    """No progress."""


def simulated(check: Check, effort: str = "standard") -> list[Trial]:
    return run_all({"glm.error": check}, SEED, effort, ALONE, quiet)


def status(check: Check, trials: list[Trial]) -> str:
    (verdict,) = verdicts(judge(trials, {"glm.error": check}, "standard"), {"glm.error": check})
    return str(verdict["status"])


@pytest.mark.parametrize(
    "setting",
    [pytest.param(LINEAR[0], id="linear"), pytest.param(LOGISTIC[0], id="logistic", marks=pytest.mark.slow)],
)
def test_a_wrong_theorem_2_is_refuted(setting: Setting) -> None:
    """rho for 1/k; and synthetic data that forget: variance k where the theorem has r_{t-1} + k."""
    k = float(setting.k)
    runs, (late, _) = limits_in_n("glm.error", setting, scaled(setting), (LATE, 1), {"k": k})
    trials = simulated(Check(tuple(runs), (late,)))
    for expression, verdict in (
        (rho(w, ratio), "SUPPORTED"),
        (rho(w, 1 / ratio), "REFUTED"),
        (w**2 + (1 - w) ** 2 * ratio, "REFUTED"),
    ):
        target = float(expression.subs({ratio: k, w: setting.weight}))
        assert status(Check(tuple(runs), (replace(late, prediction=Prediction(target)),)), trials) == verdict


def test_the_optimum_for_the_inverse_ratio_is_refuted() -> None:
    """Under common random numbers the error at w*(1/k) is above that at w*(k), not below."""
    setting = LINEAR[0]
    n = 200
    best, wrong = (round(float(OPTIMAL.subs(ratio, value)), 4) for value in (Rational(2), Rational(1, 2)))
    assert wrong < best
    settings = setting.settings(n, (LATE,), weights=(wrong, best))
    draw = Differences(RegressionErrors(settings, 1.0), np.array([[1.0], [-1.0]]))
    at = {"n": n, "m": n // 2, "k": 2.0, "t": LATE}
    loss = Check((Run("loss", draw, (Column("error at w*(1/k) minus at w*(k)", at, "positive"),)),))
    gain = Check((Run("loss", draw, (Column("error at w*(1/k) minus at w*(k)", at, "negative"),)),))
    trials = simulated(loss)
    assert status(loss, trials) == "SUPPORTED"
    assert status(gain, [replace(trials[0], run=gain.runs[0])]) == "REFUTED"


def test_separable_runs_are_reported_not_averaged() -> None:
    """Ten points and steep coefficients: many trajectories lose their estimate, and no number passes for the mean."""
    setting = replace(LOGISTIC[0], beta=(3.0, -2.0), k=Fraction(1))
    settings = setting.settings(10, (3,))
    column = Column("error", {"n": 10, "m": 10, "w": 0.6, "t": 3}, Prediction(1.0))
    check = Check((Run("separable", RegressionErrors(settings, 1.0), (column,), precision=20.0, floor=500),))
    trials = simulated(check, "quick")
    assert trials[0].ended > len(trials[0].sample) / 10
    (verdict,) = verdicts(judge(trials, {"glm.error": check}, "quick"), {"glm.error": check})
    assert verdict["status"] != "SUPPORTED"
    assert "ended without an estimate" in verdict["points"][0]["note"]


@pytest.mark.parametrize("name", ["product", "ring", "adult-all", "adult-complete"])
def test_the_pseudo_true_parameter_solves_the_score_equation(name: str) -> None:
    population = table(name)
    mean = 1 / (1 + np.exp(-population.features @ population.theta))
    assert np.abs(population.features.T @ (population.labels - mean)).max() / mean.size < 1e-12


def test_adult_is_misspecified_and_its_optimum_depends_on_the_scaling() -> None:
    best = {
        (name, metric): misspecified.best_weight(name, metric)
        for name in misspecified.ROWS
        for metric in misspecified.METRICS
    }
    assert {key: round(x, 3) for key, x in best.items()} == {
        ("adult-all", "raw"): 0.622, ("adult-all", "standardised"): 0.562,
        ("adult-complete", "raw"): 0.622, ("adult-complete", "standardised"): 0.572,
    }  # fmt: skip
    for name in misspecified.ROWS:
        j, v = table(name).matrices()
        assert np.linalg.norm(j - v) > 0.1 * np.linalg.norm(j)


def test_scaling_features_is_a_metric() -> None:
    """Raw coefficients are a linear map of the standardised ones: the fit on raw features is that map of theta."""
    population = table("adult-all")
    raw = population.metrics["raw"]
    features = population.features @ np.linalg.inv(raw)
    assert np.allclose(features @ (raw @ population.theta), population.features @ population.theta)
    assert features[:3, 1].tolist() == pytest.approx([39.0, 50.0, 38.0])  # ages as they are
