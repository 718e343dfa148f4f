"""Points of Figures 7 to 9 are judged: by exact means of a hand, and refuted where theory or a weight is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from nocollapse.cli.main import group
from nocollapse.figure import Figure
from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.figures import exact_means, paper, scenarios, theory_curves
from nocollapse.numerics.figures.judging import Held, PanelVerdict, compared, count_of_tests, verdicts
from nocollapse.numerics.figures.panels import PanelPlan
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.models.least_squares import without_real_data

R = 1000
NOISE = np.random.default_rng(8).standard_normal((R, 1))
NOISE -= NOISE.mean()
NOISE /= NOISE.std(ddof=1)
"""Of mean 0 and standard deviation 1 as a sample, so that no test here is statistical."""


def plan_of(identifier: str) -> PanelPlan:
    number = int(identifier.partition("-")[0])
    return next(plan for plan in scenarios.plans(number) if plan.id == identifier)


# --- exact means by hand ---------------------------------------------------------------------------------------------


def covariance_step(a: float, b: float, w: float, m: float, p: int) -> tuple[float, float]:
    """E tr Sigma_t^2 and E (tr Sigma_t)^2 after a step, Sigma = I in p dimensions and n = 100: Wishart moments."""
    q = (1 - w) ** 2
    real = (p + (p + p * p) / 99, p * p + 2 * p / 99)
    cross = 2 * w * (1 - w)
    drawn = (a + (a + b) / (m - 1), b + 2 * a / (m - 1))
    return w * w * real[0] + cross * p + q * drawn[0], w * w * real[1] + cross * p * p + q * drawn[1]


def covariance_after(steps: int, w: float, m: float, p: int) -> float:
    a, b = covariance_step(p, p * p, 1.0, 100, p)
    for _ in range(steps):
        a, b = covariance_step(a, b, w, m, p)
    return a - p


def mean_late(k: float, w: float) -> float:
    """n = 100, two dimensions, averaged over steps 35, 40, ..., 60."""
    error = 2 / 100
    errors = [error]
    for _ in range(60):
        error = w * w * 2 / 100 + (1 - w) ** 2 * (error + 2 * k / 100)
        errors.append(error)
    return sum(errors[35::5]) / 6


@pytest.mark.parametrize(
    ("panel", "x", "mean"),
    [
        ("7-mean", 0, 4 / 100),
        ("7-mean", 10, 11 * 4 / 100),
        ("7-mean", 26, None),  # 1.0202^26 > 1.5
        ("7-covariance", 0, 20 / 99),
        ("7-covariance", 3, covariance_after(3, 0.0, 100, 4)),
        ("7-covariance", 4, None),  # 101 * 103 * 105 / 99^3 = 1.126 to the fourth
        ("7-cdf", 1, 1 / 600 + (1 / 6 - 1 / 600) / 100),
        ("7-cdf", 1000, 1 / 6 - (1 / 6 - 1 / 600) * 0.99**1000),
        ("7-fixed", 1000, 1001 * 4 / 100),
        ("7-linear", 0, 4 / 95),
        ("7-linear", 1000, 1001 * 4 / 95),  # E (X'X)^-1 = I/(100 - 4 - 1)
        ("7-logistic", 1, None),
        ("7-poisson", 0, None),
        ("8-mean", 0.5, 0.02 * (0.25 + 0.25) / 0.75),
        ("8-covariance", 0.5, covariance_after(130, 0.5, 100, 2)),
        ("8-cdf", 0.5, 1 / 6 * (0.25 + 0.25) / 100 / (1 - 0.25 * 0.99)),
        ("8-linear", 0.5, None),
    ],
)
def test_a_point_is_held_against_the_mean_of_a_hand(panel: str, x: float, mean: float | None) -> None:
    (held,) = plan_of(panel).held
    assert held.law(x) == (None if mean is None else pytest.approx(mean, rel=1e-7))
    assert held.untested or mean is not None


def test_figure_9_is_held_at_the_weights_that_its_names_mean() -> None:
    best, naive = plan_of("9-mean").held
    assert (best.series, naive.series) == ("mean at w*", "mean at naive")
    assert best.law(0.5) == pytest.approx(0.5 * 2 / 100)  # w*(1/2) = 1/2, and rho(w*) = w*
    assert naive.law(0.5) == pytest.approx(1.5 / 2.5 * 2 / 100)  # (k+1)/(k+2)
    for k in scenarios.RATIOS:  # at k = 0.01 half of the start is still remembered
        assert best.law(k) == pytest.approx(mean_late(k, (sqrt(k * k + 4 * k) - k) / 2), rel=1e-9)
        assert naive.law(k) == pytest.approx(mean_late(k, k / (1 + k)), rel=1e-9)
    best, naive = plan_of("9-covariance").held
    late = [covariance_after(step, 1 / 3, 200, 2) for step in range(35, 61, 5)]
    assert naive.law(0.5) == pytest.approx(sum(late) / 6, rel=1e-9)


def test_least_squares_without_real_data_waits_for_degrees_of_freedom() -> None:
    recursion = without_real_data(16, 64, 3)
    assert (1 / recursion.initial[0], recursion.matrix[0], 1 / recursion.offset[0]) == (12, 1, 60)
    with pytest.raises(ValueError, match="a chi-square of 2 degrees"):
        without_real_data(4, 64, 3)


# --- verdicts --------------------------------------------------------------------------------------------------------


def judged(plan: PanelPlan, sample: FloatArray, margin: float = 0.16) -> PanelVerdict:
    tests = count_of_tests(plan.held, plan.abscissa)
    (verdict,) = verdicts([compared(plan.id, plan.held, plan.abscissa, sample, margin=margin, tests=tests)])
    return verdict


HELD = (Held("mean.error", "mean", "w", lambda w: 2 * w if w < 0.5 else None, "too late"),)


def test_a_verdict_has_its_numbers() -> None:
    sample = np.hstack([0.2 + 0.05 * NOISE, 0.66 + 0.3 * NOISE, 5 + NOISE])
    points = compared("a", HELD, (0.1, 0.3, 0.7), sample, margin=0.05, tests=2)
    (verdict,) = verdicts([points])
    first, second = (outcome.row() for outcome in verdict.points)
    assert (first["target"], first["parameters"], first["status"]) == (0.2, {"w": 0.1}, "SUPPORTED")
    assert first["estimate"] == pytest.approx(0.2, rel=1e-12)
    assert second["standard_error"] == pytest.approx(0.3 / sqrt(1000))
    assert second["z"] == pytest.approx(0.06 / 0.3 * sqrt(1000))  # 6.32
    assert (second["status"], verdict.status) == ("REFUTED", "REFUTED")
    assert verdict.reason.startswith("1 of 2 points are off, the farthest by 6.3 standard errors (mean, w = 0.3)")
    assert verdict.reason.endswith("1 not tested: too late")


def test_points_that_are_too_few_or_too_noisy_are_no_pass() -> None:
    sample = np.hstack([0.2 + NOISE, 0.6 + NOISE])
    (few,) = verdicts([compared("a", HELD, (0.1, 0.3), sample[:999], margin=0.1, tests=2)])
    assert (few.status, few.points) == (None, ())
    assert few.reason == "999 replications, where a normal interval takes 1000"
    (noisy,) = verdicts([compared("a", HELD, (0.1, 0.3), sample, margin=0.1, tests=2)])
    assert noisy.status == "INCONCLUSIVE"
    (late,) = verdicts([compared("a", HELD, (0.6, 0.7), sample, margin=0.1, tests=1)])
    assert (late.status, late.reason) == (None, "too late")


def test_p_values_are_adjusted_over_the_whole_figure() -> None:
    """z = 4.0 has p = 6.3e-5: refuted among 2 points at 0.001, but not among 20."""
    off = 0.2 * (1 + 4.0 * 0.1 / sqrt(1000)) + 0.02 * NOISE
    rest = np.hstack([0.2 + 0.02 * NOISE] * 9)
    held = (Held("mean.error", "mean", "w", lambda w: 0.2),)
    one = compared("a", held, (0.1, 0.2), np.hstack([off, rest[:, :1]]), margin=0.5, tests=2)
    assert [verdict.status for verdict in verdicts([one])] == ["REFUTED"]
    many = [compared(name, held, tuple(range(9)), rest, margin=0.5, tests=20) for name in "bc"]
    statuses = [verdict.status for verdict in verdicts([one, *many])]
    assert statuses == ["SUPPORTED"] * 3
    assert verdicts([one, *many])[0].points[0].adjusted == pytest.approx(20 * 6.334e-5, rel=1e-3)


def test_trajectories_without_an_estimate_are_counted() -> None:
    sample = np.hstack([0.2 + 0.02 * NOISE, 0.6 + 0.02 * NOISE])
    sample[:3, 0] = np.nan
    (verdict,) = verdicts([compared("a", HELD, (0.1, 0.3), sample, margin=0.1, tests=2)])
    assert [point.row()["note"] for point in verdict.points] == ["3 trajectories ended without an estimate", ""]
    assert [point.row()["replications"] for point in verdict.points] == [997, 1000]


# --- planted ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], PanelVerdict]]:
    """The verdict on the Gaussian mean in Figure 9 when simulations have, at any weight and sizes, the hand's mean."""

    def simulated(stream: Stream, replicates: range, *, model: str, p: int, settings: Any) -> FloatArray:
        levels = np.array([mean_late(100 / settings["m"], weight) for weight in settings["weights"]])
        return levels * (1 + 0.5 * NOISE)

    monkeypatch.setattr(scenarios, "draw_settled", simulated)

    def verdict() -> PanelVerdict:
        plan = plan_of("9-mean")
        return judged(plan, scenarios.draw_ratios(Stream(1, "a test"), range(R), model="mean", p=2))

    theory_curves.path.cache_clear()
    yield verdict
    theory_curves.path.cache_clear()


def test_what_is_right_is_supported(by_hand: Callable[[], PanelVerdict]) -> None:
    verdict = by_hand()
    assert verdict.status == "SUPPORTED"
    assert verdict.reason == "20 points within 16% of the exact mean; the least power is 1.000"


def test_the_wrong_naive_weight_is_refuted(
    by_hand: Callable[[], PanelVerdict], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(scenarios, "naive_weight", lambda k: 1 / (1 + k))
    verdict = by_hand()
    assert verdict.status == "REFUTED"
    assert {point.place.quantity for point in verdict.points if point.status == "REFUTED"} == {"mean at naive"}


def test_the_best_weight_of_the_inverse_ratio_is_refuted(
    by_hand: Callable[[], PanelVerdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    best = theory_curves.best_weight
    monkeypatch.setattr(scenarios, "best_weight", lambda k: best(1 / k))
    assert by_hand().status == "REFUTED"


def test_a_law_in_the_inverse_ratio_is_refuted(
    by_hand: Callable[[], PanelVerdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = theory_curves._parameters
    monkeypatch.setattr(theory_curves, "_parameters", lambda model, k, p: parameters(model, 1 / k, p))
    assert by_hand().status == "REFUTED"


def test_the_limit_law_in_the_place_of_an_exact_mean_is_refuted() -> None:
    """For least squares with random covariates it is 5 % off, which standard errors of 0.3 % tell."""
    plan = plan_of("7-linear")
    sample = np.array([4 / 95 * (1 + step) for step in plan.abscissa]) * (1 + 0.1 * NOISE)
    assert judged(plan, sample).status == "SUPPORTED"
    limit = replace(plan.held[0], law=lambda step: 4 / 100 * (1 + step))
    assert judged(replace(plan, held=(limit,)), sample).status == "REFUTED"


# --- what the command says -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "status", "said"), [(0.2, 0, "SUPPORTED"), (0.3, 1, "REFUTED")])
def test_the_command_prints_and_keeps_its_verdicts(
    level: float, status: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = np.hstack([level + 0.02 * NOISE, 0.6 + 0.02 * NOISE, NOISE])
    points = compared("7-mean", HELD, (0.1, 0.3, 0.6), sample, margin=0.1, tests=2)
    plate = paper.PaperFigure(Figure("figure-7", "a title", ()), tuple(verdicts([points])), 1.0, 0.0)
    monkeypatch.setattr(paper, "figures", lambda *arguments, **options: [plate])
    monkeypatch.setattr("nocollapse.reports.drawing.drawn", lambda *arguments: b"")
    result = CliRunner().invoke(group, ["figures", "7", "--out", str(tmp_path)])
    assert result.exit_code == status
    assert f"7-mean: {said}: " in result.output
    (panel,) = json.loads((tmp_path / "figure-7.json").read_text())
    assert (panel["panel"], panel["status"]) == ("7-mean", said)
    assert [point["target"] for point in panel["points"]] == [0.2, 0.6]
    assert panel["points"][0]["estimate"] == pytest.approx(level)


def test_the_gate_is_open_at_every_weight_of_figures_8_and_9() -> None:
    """(1-w)^4 (m+1)(m+3)(m+5)/(m-1)^3 is 0.46 at w = 0.2 and m = 100, and 0.962 at w = 1/101 and m = 10^4."""
    assert exact_means._growth("covariance", 100, 0.2) == pytest.approx(0.8**4 * 101 * 103 * 105 / 99**3)
    for identifier in ("8-covariance", "9-covariance", "8-mean", "9-mean"):
        plan = plan_of(identifier)
        assert count_of_tests(plan.held, plan.abscissa) == len(plan.held) * len(plan.abscissa)
