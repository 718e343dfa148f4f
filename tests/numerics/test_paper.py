"""The paper's figures: panels that do not depend on the workers, and summaries of samples whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from sympy import Rational

import nocollapse
from nocollapse.figure import Axis, Interval
from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.execution import workers
from nocollapse.numerics.execution.workers import ALONE, Workers
from nocollapse.numerics.figures import panels, paper, scenarios, theory_curves
from nocollapse.numerics.figures.panels import PanelPlan
from nocollapse.numerics.figures.theory_curves import path
from nocollapse.numerics.simulation.streams import Stream

GRID = (0.2, 0.4, 0.6, 0.8)


def parabola(stream: Stream, replicates: range, *, best: float) -> FloatArray:
    """Errors (w - best)^2 with noise that the columns of a replicate share."""
    noise = np.array([stream.generator(r).standard_normal() for r in replicates])
    return np.asarray((np.array(GRID) - best) ** 2 + 0.001 * noise[:, None])


PLAN = PanelPlan(
    "test", "a test", Axis("weight w"), Axis("error"), GRID, partial(parabola, best=0.55), panels.means, optimum=0.55
)


def test_a_bracket_holds_the_minimiser() -> None:
    ((panel, _),) = panels.simulated([PLAN], [100], 1, ALONE, lambda done, of: None)
    assert panel.optimum is not None
    assert panel.optimum.bracket == (0.4, 0.8)
    assert panel.replications == 100
    plan = replace(PLAN, draw=partial(parabola, best=0.0), optimum=0.2)
    ((flat, _),) = panels.simulated([plan], [50], 1, ALONE, lambda done, of: None)
    assert flat.optimum is not None
    assert flat.optimum.bracket is None  # nothing is larger on its left


def test_nothing_is_bracketed_by_what_is_lost() -> None:
    sample = np.hstack([np.full((5, 1), np.nan), np.arange(10.0).reshape(5, 2) ** 2])
    assert panels.bracket(sample, (0.1, 0.2, 0.3), 0.2) is None


def test_intervals_cover() -> None:
    sample = np.random.default_rng(1).standard_normal((400, 4)) + np.arange(4.0)
    mean, joint = panels.means(sample, GRID)
    for y, low, high, truth in zip(mean.y, mean.low, mean.high, range(4), strict=True):
        assert low < truth < high
        assert high - y == pytest.approx(1.96 / 20, rel=0.2)
    reach = np.subtract(joint.high, joint.y) / np.subtract(mean.high, mean.y)
    assert reach == pytest.approx(2.49771 / 1.95996, rel=1e-5)  # normal quantiles of 1 - 0.025/4 and 1 - 0.025


def test_lost_trajectories_are_left_out_and_counted() -> None:
    sample = np.ones((10, 3))
    sample[:4, 1] = sample[:, 2] = np.nan
    mean, joint, share = panels.means(sample, (1.0, 2.0, 3.0))
    assert mean.x == [1.0, 2.0]
    assert mean.y == joint.y == [1.0, 1.0]
    assert share.y == [0.0, 0.4, 1.0]
    assert len(panels.means(np.ones((10, 3)), (1.0, 2.0, 3.0))) == 2
    *_, lost = panels.side_by_side("kept", "lost")(np.hstack([np.ones((10, 3)), sample]), (1.0, 2.0, 3.0))
    assert lost == share


def test_a_typical_path_is_its_quantiles() -> None:
    sample = np.arange(1.0, 102.0)[:, None]
    median, joint, quartiles, most, mean = panels.typical(sample, (0.0,))
    assert (quartiles.low, quartiles.y, quartiles.high) == ([26.0], [51.0], [76.0])
    assert (median.low, median.high) == ([41.0], [61.0])  # P(Bin(101, 1/2) <= 40) = 0.023, <= 41: 0.037
    assert (joint.low, joint.high) == (median.low, median.high)  # there is one point
    assert (most.low, most.high) == ([3.0], [98.0])
    assert mean.low == mean.y == mean.high == [51.0]  # a heavy tail has no interval
    sample[60:] = np.nan
    median, _, quartiles, _, _, lost = panels.typical(sample, (0.0,))
    assert (median.x, quartiles.x) == ([], [])  # an end of each is infinite
    assert list(lost.y) == [pytest.approx(41 / 101)]


def test_the_median_of_few_has_their_whole_range() -> None:
    median = panels.typical(np.array([[3.0], [1.0], [2.0]]), (0.0,))[0]
    assert (median.low, median.y, median.high) == ([1.0], [2.0], [3.0])


def tried(stream: Stream, replicates: range) -> FloatArray:
    """Errors at two abscissae, at the best weight, the naive one, below and above; above is no worse at the second."""
    noise = np.array([stream.generator(r).standard_normal() for r in replicates])
    level = np.array([1.0, 1.0, 2.0, 2.0, 1.5, 1.5, 1.5, 0.9])
    return np.asarray(level + 0.001 * noise[:, None] * np.arange(8))


def test_weights_are_bracketed_where_both_sides_are_worse() -> None:
    plan = PanelPlan(
        "test",
        "a test",
        Axis("k", log=True),
        Axis("error"),
        (0.1, 0.5),
        tried,
        panels.side_by_side("best", "naive"),
        strip=(("w*", lambda k: k),),
        around=((0.2, 0.4), (0.5, 0.7)),
    )
    ((panel, _),) = panels.simulated([plan], [50], 1, ALONE, lambda done, of: None)
    means = [series.y[0] for series in panel.series if series.shape == "points"]
    assert means == [pytest.approx(1, abs=0.01), pytest.approx(2, abs=0.01)]
    assert panel.strip is not None
    assert panel.strip.intervals == (Interval(0.1, 0.2, 0.4),)
    assert panel.strip.curves[0].y[-1] == pytest.approx(0.5)


def test_curves_are_drawn_between_abscissae_only_where_there_is_something_between() -> None:
    plan = replace(PLAN, curves=(("law", lambda w: 1 + w),), optimum=None)
    for discrete, points in ((False, 121), (True, len(GRID))):
        ((panel, _),) = panels.simulated([replace(plan, discrete=discrete)], [5], 1, ALONE, lambda done, of: None)
        assert len(panel.curves[0].x) == points
        assert panel.curves[0].y[-1] == 1.8


@pytest.mark.parametrize(("model", "k", "weight", "step"), [
    ("mean", 0.25, 0.4, 7), ("covariance", 2.0, 0.7, 5), ("cdf", 0.5, 0.0, 9), ("logistic", 0.1, 0.3, 6),
])  # fmt: skip
def test_paths_are_those_of_the_recursions(model: str, k: float, weight: float, step: int) -> None:
    identifier = "glm.error" if model == "logistic" else f"{model}.error"
    size: dict[str, Any] = {"n": 100, "m": Rational(100) / Rational(str(k))} if model != "logistic" else {"k": k}
    spectrum: dict[str, Any] = {"mean": {"trace": 3}, "covariance": {"trace": 3, "frob2": 3}}.get(model, {})
    exact = nocollapse.evaluate(identifier, w=weight, t=step, **size, **spectrum)
    unit = path(model, 3, k, 1.0, 0)[0] if model == "logistic" else 1.0
    assert path(model, 3, k, weight, step)[step] == pytest.approx(float(exact.decimal) * unit, rel=1e-12)


def test_the_start_is_forgotten_before_steps_are_averaged() -> None:
    assert (1 - min(theory_curves.GRID)) ** (2 * scenarios.SETTLED[0]) < 1e-6
    assert len(scenarios.SETTLED) == 100
    assert (1 - min(theory_curves.GRID)) ** (2 * scenarios.ADULT[0]) < 1e-9


@pytest.mark.parametrize("number", paper.TITLES)
def test_panels_have_the_papers_settings(number: int) -> None:
    plans = scenarios.plans(number)
    assert len({plan.id for plan in plans}) == len(plans) == {7: 7, 8: 6, 9: 6, 10: 5}[number]
    for plan in plans:
        assert plan.curves
        assert all(np.isfinite(curve(x)) and curve(x) > 0 for _, curve in plan.curves for x in plan.abscissa[1:3])
    if number == 9:
        assert min(scenarios.RATIOS) == 0.01
        assert max(scenarios.RATIOS) >= 1


@pytest.mark.parametrize("number", [7, 9])
def test_a_few_replicates_fill_their_columns(number: int) -> None:
    for plan in scenarios.plans(number):
        if plan.id.endswith(("mean", "linear", "fixed")):
            sample = plan.draw(Stream(1, plan.id), range(2))
            assert sample.shape[0] == 2
            assert all(len(series.x) for series in plan.summary(sample, plan.abscissa))


def test_neither_workers_nor_the_size_of_tasks_change_a_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = next(plan for plan in scenarios.plans(8) if plan.id == "8-linear")
    ((one, alone),) = panels.simulated([plan], [30], 3, ALONE, lambda done, of: None)
    monkeypatch.setattr(workers, "SECONDS", 0.0)  # a replicate a task
    reported: list[tuple[int, int]] = []
    several = panels.simulated([plan], [30], 3, Workers(2), lambda done, of: reported.append((done, of)))
    ((other, sample),) = several
    assert other == one
    np.testing.assert_array_equal(sample, alone)
    assert reported == [(done, 30) for done in range(1, 31)]


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="figure = 6 is not one of 7, 8, 9, 10"):
        paper.figures([6])
    with pytest.raises(ValueError, match="effort = 'standard'"):
        paper.figures([8], effort="standard")
    with pytest.raises(ValueError, match="replications = 1 "):
        paper.figures([8], replications=1)
