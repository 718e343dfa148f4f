"""The report's figures: what each shows is said by its role, and its curve is the claim's."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import nocollapse
from nocollapse.numerics.checks.design import AgainstSize, AgainstWeight, Extrapolation, Prediction
from nocollapse.numerics.checks.limits import Limit
from nocollapse.numerics.figures import claims
from nocollapse.numerics.figures.claims import Plan
from nocollapse.numerics.protocol.weighted_fits import intercept
from nocollapse.theory.claims.registry import CLAIMS

PLANS = claims.plans(list(CLAIMS))
AT: dict[str, Any] = {"n": 20, "m": 40, "trace": 3, "frob2": "5.5"}


def plan(identifier: str) -> Plan:
    (chosen,) = (plan for plan in PLANS if plan.id == identifier)
    return chosen


def test_three_figures_stand_for_all() -> None:
    assert [plan.id for plan in PLANS if plan.role == "overview"] == [
        "mean.error-weight", "covariance.error-weight", "cdf.error-weight",
    ]  # fmt: skip
    assert {plan.role for plan in PLANS} == {"overview", "weight", "step"}
    assert len({plan.id for plan in PLANS}) == len(PLANS)


@pytest.mark.parametrize("weight", [0.2, 0.5, 1.0])
def test_a_curve_is_the_limit_of_its_claim(weight: float) -> None:
    exact = float(nocollapse.evaluate("covariance.error", w=str(weight), **AT).decimal)
    assert plan("covariance.error-weight").curve(weight) == pytest.approx(exact, rel=1e-14)


@pytest.mark.parametrize(("identifier", "points"), [("mean.error-weight", 121), ("mean.error-step", 21)])
def test_only_steps_have_nothing_between_them(identifier: str, points: int) -> None:
    chosen = plan(identifier)
    entry = claims.figure(chosen, [(1.0, 1.0)] * len(chosen.abscissa), 50)
    assert len(entry["curve"]["x"]) == points
    assert len(entry["points"]) == len(chosen.abscissa)
    assert entry["points"][0]["high"] == pytest.approx(1 + 1.959964, rel=1e-6)
    assert "; 50 trajectories a point, independent" in entry["note"]
    json.dumps(entry, allow_nan=False)


def limit(weight: float, figure: AgainstSize | AgainstWeight | None) -> Limit:
    """An extrapolation of 2 + 10/n."""
    sizes = (100, 200, 400)
    values = {"trace_model": 1.0, "trace_sandwich": 2.0, "k": 1.0, "w": weight, "t": 6}
    runs = ("a", "b", "c")
    extrapolation = Extrapolation("error", runs, sizes, values, Prediction(2.0), degree=1, figure=figure)
    inverse = 1 / np.array(sizes, dtype=float)
    means = 2 + 10 * inverse
    errors = np.full(3, 0.01)
    fit = intercept(inverse, means, errors, degree=1)
    return Limit("glm.misspecified", extrapolation, means, errors, fit, 300, "", 0)


def test_extrapolations_make_the_figures_that_they_name() -> None:
    first = AgainstWeight("first", "The first")
    second = AgainstWeight("second", "The second")
    limits = [
        limit(0.5, first),
        limit(0.4, second),
        limit(0.6, AgainstSize("The bias", "scaled error")),
        limit(0.7, first),
        limit(0.8, None),
    ]
    bias, one, two = claims.extrapolated(limits)
    assert [figure["role"] for figure in (bias, one, two)] == ["bias", "limits", "limits"]
    assert (bias["id"], bias["title"], bias["y"]) == ("glm.misspecified-bias", "The bias", "scaled error")
    assert [point["x"] for point in bias["points"]] == [0.0, 0.01, 0.005, 0.0025]
    assert bias["points"][0]["y"] == pytest.approx(2)
    assert one["id"] == "glm.misspecified-first"
    assert [point["x"] for point in one["points"]] == [0.5, 0.7]
    assert [point["x"] for point in two["points"]] == [0.4]


def test_another_title_is_another_figure() -> None:
    first = AgainstWeight("first", "The first")
    limits = [limit(0.5, first), limit(0.7, replace(first, name="other"))]
    assert [figure["id"] for figure in claims.extrapolated(limits)] == [
        "glm.misspecified-first", "glm.misspecified-other",
    ]  # fmt: skip
