"""Numbers that leave the program by a command or a file, against ones that are worked out here another way."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import fsum, sqrt
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

import nocollapse
from nocollapse.figure import Axis, Curve, Interval, Optimum, Panel, Reference, Series, Strip
from nocollapse.numerics.figures.explorer import explorer
from nocollapse.reports.panel_csv import panel_csv
from nocollapse.theory.claims.registry import CLAIMS

Command = Callable[..., Any]
Law = Callable[[float], float]

# --- recursions by hand, exact where their arguments are -------------------------------------------------------------


def share_steps(n: Any, m: Any, spread: Any, w: Any, steps: int, shrinks: bool = True) -> list[Any]:
    """e_0 = s/n and e_t = w^2 s/n + (1-w)^2 (e + (s - e)/m); a mean, whose model's variance stays, has s/m there."""
    errors = [spread / n]
    for _ in range(steps):
        left = spread - errors[-1] if shrinks else spread
        errors.append(w**2 * spread / n + (1 - w) ** 2 * (errors[-1] + left / m))
    return errors


def covariance_steps(n: Any, m: Any, trace: Any, frob2: Any, w: Any, steps: int) -> list[Any]:
    """By the errors of tr Sigma_t^2 and of (tr Sigma_t)^2, with divisor size - 1."""
    of_frob2 = (frob2 + trace**2) / (n - 1)
    of_trace = 2 * frob2 / (n - 1)
    errors = [of_frob2]
    for _ in range(steps):
        model_frob2 = frob2 + of_frob2
        model_trace = trace**2 + of_trace
        grown = of_frob2 + (model_frob2 + model_trace) / (m - 1)
        spread = of_trace + 2 * model_frob2 / (m - 1)
        of_frob2 = w**2 * (frob2 + trace**2) / (n - 1) + (1 - w) ** 2 * grown
        of_trace = w**2 * 2 * frob2 / (n - 1) + (1 - w) ** 2 * spread
        errors.append(of_frob2)
    return errors


def covariance_limit(n: Any, m: Any, trace: Any, frob2: Any, w: Any) -> Any:
    """The fixed point of the same, by Cramer's rule."""
    q = (1 - w) ** 2
    inverse = 1 / (m - 1)
    a, b = 1 - q * (1 + inverse), -q * inverse
    c, d = -2 * q * inverse, 1 - q
    first = w**2 * (frob2 + trace**2) / (n - 1) + q * (frob2 + trace**2) * inverse
    second = w**2 * 2 * frob2 / (n - 1) + q * 2 * frob2 * inverse
    return (first * d - b * second) / (a * d - b * c)


# --- evaluate --------------------------------------------------------------------------------------------------------

N, M, W, TRACE, FROB2 = Fraction(100), Fraction(50), Fraction("0.6"), Fraction(3), Fraction(5)
Q = (1 - W) ** 2
EVALUATED = {
    "mean.error": (("trace=3", "t=3"), share_steps(N, M, TRACE, W, 3, shrinks=False)[-1]),
    "cdf.error": ((), (W**2 / N + Q / M) / 6 / (1 - Q * (1 - 1 / M))),
    "pmf.error": (("gini=3/7", "t=2"), share_steps(N, M, Fraction(3, 7), W, 2)[-1]),
    "covariance.error": (("trace=3", "frob2=5"), covariance_limit(N, M, TRACE, FROB2, W)),
}


@pytest.mark.parametrize("identifier", EVALUATED)
def test_evaluate_prints_the_exact_number_and_17_digits_of_it(identifier: str, command: Command) -> None:
    settings, exact = EVALUATED[identifier]
    options = [text for setting in ("n=100", "m=50", "w=0.6", *settings) for text in ("--set", setting)]
    printed = json.loads(command("evaluate", identifier, *options, "--json").out)
    assert Fraction(printed["exact"]) == exact
    assert abs(Fraction(printed["value"]) / exact - 1) < Fraction(1, 2 * 10**16)
    assert command("evaluate", identifier, *options).out == printed["value"] + "\n"


def test_information_is_an_integral(command: Command) -> None:
    """By Gauss and Hermite in two dimensions, at 80 x 80 points."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    points = np.linalg.cholesky([[2, 0.5], [0.5, 1]]) @ np.array([a.ravel() for a in np.meshgrid(nodes, nodes)])
    mass = np.outer(weights, weights).ravel() / weights.sum() ** 2
    eta = np.array([1, -0.5]) @ points
    for model, variance in (("logistic", 1 / (2 + 2 * np.cosh(eta))), ("poisson", np.exp(eta))):
        arguments = ("information", model, "--beta", "1,-0.5", "--omega", "2,0.5;0.5,1")
        printed = json.loads(command(*arguments, "--json").out)
        information = (points * (mass * variance)) @ points.T
        np.testing.assert_allclose(np.array(printed["information"], dtype=float), information, rtol=1e-8)
        trace = float(np.trace(np.linalg.inv(information)))
        assert float(printed["trace_inverse"]) == pytest.approx(trace, rel=1e-8)
        assert command(*arguments).out.splitlines()[-1] == f"trace of the inverse: {printed['trace_inverse']}"


# --- weight ----------------------------------------------------------------------------------------------------------


class Weighed(NamedTuple):
    """A model at n and m: its options, the limit of its error, its errors at the steps, and where it diverges.

    `points` is the number of real points with which real data only have an error.
    """

    model: str
    options: tuple[str, ...]
    limit: Law
    steps: Callable[[float], list[float]]
    points: Law
    collapse: float | None


def scaled(model: str, options: tuple[str, ...], n: float, m: float, spread: float, shrinks: bool) -> Weighed:
    def limit(w: float) -> float:
        q = (1 - w) ** 2
        memory = q * (1 - 1 / m) if shrinks else q
        return spread * (w**2 / n + q / m) / (1 - memory)

    return Weighed(
        model,
        options,
        limit,
        lambda w: share_steps(n, m, spread, w, 99, shrinks),
        lambda error: spread / error,
        None if shrinks else 0.0,
    )


def sandwich(n: float, m: float) -> Weighed:
    """A regression that does not hold, with tr J^-1 = 5 and tr J^-1 V J^-1 = 2: synthetic points have the former."""

    def noise(w: float) -> float:
        return w**2 * 2 / n + (1 - w) ** 2 * 5 / m

    def steps(w: float) -> list[float]:
        errors = [2 / n]
        for _ in range(99):
            errors.append(noise(w) + (1 - w) ** 2 * errors[-1])
        return errors

    return Weighed(
        "glm",
        ("--trace-model", "5", "--trace-sandwich", "2"),
        lambda w: noise(w) / (1 - (1 - w) ** 2),
        steps,
        lambda error: 2 / error,
        0.0,
    )


WEIGHED = (
    scaled("gaussian-mean", ("--trace", "3"), 30, 90, 3.0, shrinks=False),
    scaled("cdf", (), 30, 90, 1 / 6, shrinks=True),
    scaled("pmf", ("--probabilities", "0.5,0.3,0.2"), 30, 90, 0.62, shrinks=True),
    sandwich(30, 90),
    Weighed(
        "covariance",
        ("--trace", "3", "--frob2", "5"),
        lambda w: float(covariance_limit(30, 90, 3, 5, w)),
        lambda w: covariance_steps(30, 90, 3, 5, w, 99),
        lambda error: 1 + (5 + 3**2) / error,
        1 - sqrt(89 / 91),
    ),
)


@pytest.mark.parametrize("case", WEIGHED, ids=lambda case: case.model)
def test_weight_prints_minimum_bands_and_gains_of_the_limit(case: Weighed, command: Command) -> None:
    law = case.limit
    edge = case.collapse or 0.0
    result = minimize_scalar(law, bounds=(edge + 1e-6, 1), method="bounded", options={"xatol": 1e-11})
    best = float(result.x)
    least = float(result.fun)
    naive = 30 / 120

    def crossing(level: float, other: float) -> float:
        return float(brentq(lambda w: law(w) - level, best, other, xtol=1e-14))

    left = {level: crossing(level, edge + 1e-6) for level in (1.01 * least, 1.05 * least, law(1))}
    right = {level: crossing(level, 1) if law(1) > level else 1.0 for level in (1.01 * least, 1.05 * least)}
    path = case.steps(best)
    reached = max(t for t, error in enumerate(path) if error > 1.01 * least) + 1
    arguments = ("weight", "--n", "30", "--m", "90", "--model", case.model, *case.options)
    printed = json.loads(command(*arguments, "--json").out)
    expected = {
        "error": least,
        "real_only": law(1),
        "naive": law(naive),
        "naive_weight": naive,
        "equivalent": case.points(least),
        "better_above": left[law(1)],
        "saved_over_real_only": 1 - least / law(1),
        "saved_over_naive": 1 - least / law(naive),
    }
    assert {name: printed[name] for name in expected} == pytest.approx(expected, rel=1e-9)
    assert printed["weight"] == pytest.approx(best, abs=1e-7)
    assert printed["weight"] == float(printed["digits"])
    assert law(printed["weight"]) <= least * (1 + 1e-14)
    for percent in (1, 5):
        level = least * (1 + percent / 100)
        assert printed[f"within_{percent}_percent"] == pytest.approx((left[level], right[level]), rel=1e-7)
    if case.collapse is None:
        assert printed["collapse"] is None
    else:
        assert printed["collapse"] == pytest.approx(case.collapse, abs=1e-15)
    assert printed["steps"] == reached
    rows = dict(re.split(r"\s{2,}", row, maxsplit=1) for row in command(*arguments).out.splitlines() if "  " in row)
    assert rows["best weight on real data"] == printed["digits"]
    assert rows["error at the best weight"] == f"{least:.6g}"
    for name, error, place in (("real data only", law(1), ""), ("naive mixing", law(naive), " at w = 0.25")):
        saved = 100 * (1 - least / error)
        assert rows[f"error of {name}"] == f"{error:.6g}{place}; the best weight saves {saved:.1f} %"
    assert rows["as good as"].startswith(f"{case.points(least):.1f} real points")
    for percent in (1, 5):
        level = least * (1 + percent / 100)
        assert rows[f"within {percent} % of the best"] == f"w from {left[level]:.6g} to {right[level]:.6g}"
    assert rows["better than real data only"] == f"above w = {left[law(1)]:.6g}, and below 1"
    assert rows["within 1 % of the limit"] == f"from step {reached} on, at the best weight"
    if case.collapse:
        assert rows["collapse"] == f"at or below w = {case.collapse:.6g}"


# --- simulate --------------------------------------------------------------------------------------------------------

SIMULATED: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "cdf": ((), {}),
    "gaussian": (("--sigma", "2,0.5;0.5,1"), {"sigma": [[2.0, 0.5], [0.5, 1.0]]}),
    "logistic": (("--beta", "1.5,-1"), {"beta": [1.5, -1.0], "omega": [[1.0, 0.0], [0.0, 1.0]]}),
}
SIZES = ("--n", "8", "--m", "6", "--w", "0.4,0.8", "--steps", "3", "--replications", "300", "--seed", "5")
Averages = Mapping[tuple[str, float, int], tuple[float, float, int]]


def averages(model: str) -> Averages:
    """Mean, standard error and number of the errors of all trajectories, by quantity, weight and step."""
    errors = nocollapse.trajectories(
        model, n=8, m=6, weights=[0.4, 0.8], steps=3, replications=300, seed=5, **SIMULATED[model][1]
    )
    table = {}
    for quantity, array in errors.items():
        for j, w in enumerate((0.4, 0.8)):
            for t in range(4):
                values = [value for value in array[:, t, j].tolist() if not math.isnan(value)]
                count = len(values)
                mean = fsum(values) / count if count else math.nan
                spread = fsum((value - mean) ** 2 for value in values)
                table[quantity, w, t] = mean, sqrt(spread / (count - 1) / count) if count > 1 else math.nan, count
    return table


@pytest.mark.parametrize("model", SIMULATED)
def test_simulate_writes_the_means_of_its_trajectories_with_their_standard_errors(
    model: str, command: Command, tmp_path: Path
) -> None:
    expected = averages(model)
    arguments = ("simulate", model, *SIZES, *SIMULATED[model][0])
    assert command(*arguments, "--out", tmp_path / "table.csv").status == 0
    assert command(*arguments, "--out", tmp_path / "table.npz").status == 0
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO((tmp_path / "table.csv").read_text())))
    assert [(row["quantity"], float(row["w"]), int(row["t"])) for row in rows] == list(expected)
    for listed in (rows, json.loads(command(*arguments, "--json").out)):
        for row, (mean, error, count) in zip(listed, expected.values(), strict=True):
            written = (math.nan if row[name] is None else float(row[name]) for name in ("error", "standard_error"))
            assert list(written) == pytest.approx([mean, error], rel=1e-9, abs=1e-15, nan_ok=True)
            assert int(row["replications"]) == count
    with np.load(tmp_path / "table.npz") as arrays:
        assert (arrays["steps"].tolist(), arrays["weights"].tolist()) == ([0, 1, 2, 3], [0.4, 0.8])
        for (quantity, w, t), (mean, error, _) in expected.items():
            place = (t, (0.4, 0.8).index(w))
            assert arrays[f"{quantity}_error"][place] == pytest.approx(mean, rel=1e-9, abs=1e-15, nan_ok=True)
            assert arrays[f"{quantity}_standard_error"][place] == pytest.approx(
                error, rel=1e-9, abs=1e-15, nan_ok=True
            )  # fmt: skip


def test_some_simulated_estimates_are_lost_and_counted() -> None:
    """So that the test above is about such rows, too."""
    counts = {count for _, _, count in averages("logistic").values()}
    assert {300} < counts


def test_simulated_errors_are_those_of_the_recursion(command: Command) -> None:
    """Means of 300 trajectories of a CDF within 5 standard errors: false alarms in 8 means, 5e-6 for a new seed."""
    rows = csv.DictReader(io.StringIO(command("simulate", "cdf", *SIZES).out))
    for row in rows:
        exact = share_steps(8, 6, 1 / 6, float(row["w"]), 3)[int(row["t"])]
        assert abs(float(row["error"]) - exact) < 5 * float(row["standard_error"])


# --- panels as CSV ---------------------------------------------------------------------------------------------------


def test_a_panels_file_has_every_number_in_its_place() -> None:
    panel = Panel(
        "9-test",
        "a test",
        Axis("k", log=True),
        Axis("error"),
        curves=(Curve("theory, w*", [0.1, 0.2], [0.3, 0.4]), Curve("theory, naive", [0.1, 0.2], [0.5, 0.6])),
        series=(
            Series("simulated, w*", [0.1, 0.2], [1.1, 1.2], [1.01, 1.02], [1.31, 1.32]),
            Series("simulated, naive", [0.1], [2.1], [2.01], [2.31]),
        ),
        optimum=Optimum("w* = 0.618", 0.61803398875, (0.5, 0.75)),
        reference=Reference("real data only", 7.0),
        strip=Strip((Curve("w*", [0.1], [0.7]), Curve("naive", [0.1], [0.8])), (Interval(0.2, 0.85, 0.95),)),
    )
    assert list(csv.reader(io.StringIO(panel_csv(panel).decode()))) == [
        ["series", "x", "y", "low", "high"],
        ["simulated, w*", "0.1", "1.1", "1.01", "1.31"],
        ["simulated, w*", "0.2", "1.2", "1.02", "1.32"],
        ["simulated, naive", "0.1", "2.1", "2.01", "2.31"],
        ["theory, w*", "0.1", "0.3", "", ""],
        ["theory, w*", "0.2", "0.4", "", ""],
        ["theory, naive", "0.1", "0.5", "", ""],
        ["theory, naive", "0.2", "0.6", "", ""],
        ["w*", "0.1", "0.7", "", ""],
        ["naive", "0.1", "0.8", "", ""],
        ["best weight from theory", "0.61803398875", "", "", ""],
        ["a weight next to it, significantly worse", "0.5", "", "", ""],
        ["a weight next to it, significantly worse", "0.75", "", "", ""],
        ["weights next to the best, significantly worse", "0.2", "", "0.85", "0.95"],
    ]


# --- what the page's explorer computes with --------------------------------------------------------------------------


class _Math:
    """JavaScript's functions, by Python's."""

    pow = staticmethod(pow)
    sqrt = staticmethod(math.sqrt)
    exp = staticmethod(math.exp)
    log = staticmethod(math.log)


def computed(expression: str, values: Mapping[str, float]) -> float:
    return float(eval(expression, {"Math": _Math, "__builtins__": {}}, dict(values)))


def test_the_explorer_has_the_errors_relative_to_one_real_batch() -> None:
    n, m, w, d, c = 30, 70, 0.35, 4.0, 0.5
    values = {"n": n, "m": m, "w": w, "d": d, "c": c, "t": 3}
    q = (1 - w) ** 2
    k = n / m

    def star(ratio: float) -> float:
        return (sqrt(ratio**2 + 4 * ratio) - ratio) / 2

    def of_cdf(weight: float) -> float:
        return (weight**2 / n + (1 - weight) ** 2 / m) / (1 - (1 - weight) ** 2 * (1 - 1 / m))

    def iterated(step: Callable[[float], float], start: float) -> list[float]:
        errors = [start]
        for _ in range(3):
            errors.append(step(errors[-1]))
        return errors

    best_of_cdf = float(minimize_scalar(of_cdf, bounds=(0.1, 1), method="bounded", options={"xatol": 1e-11}).x)
    cdf = share_steps(n, m, 1 / 6, w, 3)
    augmented = [1 / n + sum(q**i for i in range(1, t + 1)) / m for t in range(4)]
    expected: dict[str, tuple[list[float], float, float | None]] = {
        "mean.error": (share_steps(n, m, 1, w, 3, shrinks=False), (w**2 / n + q / m) / (1 - q), star(k)),
        "covariance.error": (
            covariance_steps(n, m, 1, 1 / d, w, 3), covariance_limit(n, m, 1, 1 / d, w), None,
        ),
        "cdf.error": (cdf, of_cdf(w) / 6, best_of_cdf),
        "pmf.error": ([6 * error for error in cdf], of_cdf(w), best_of_cdf),
        "glm.error": (iterated(lambda e: w**2 + q * (e + k), 1.0), (w**2 + q * k) / (1 - q), star(k)),
        "glm.misspecified": (
            iterated(lambda e: w**2 + q * (e + k * c), 1.0), (w**2 + q * k * c) / (1 - q), star(k * c),
        ),
        "framework.augmentation": (augmented, 1 / n + q / (1 - q) / m, None),
    }  # fmt: skip
    data = explorer(list(CLAIMS))
    assert data is not None
    assert [model["claim"] for model in data["models"]] == list(expected)
    for model in data["models"]:
        path, limit, best = expected[model["claim"]]
        matrix = [[computed(cell, values) for cell in row] for row in model["matrix"]]
        offset = np.array([computed(cell, values) for cell in model["offset"]])
        state = np.array([computed(cell, values) for cell in model["initial"]])
        states = [state]
        for _ in range(3):
            states.append(np.array(matrix) @ states[-1] + offset)
        assert [moments[0] for moments in states] == pytest.approx(path, rel=1e-12), model["claim"]
        assert computed(model["limit"], values) == pytest.approx(limit, rel=1e-12)
        if best is not None:
            assert model["optimum"] is not None
            assert computed(model["optimum"], values) == pytest.approx(best, abs=1e-7)
    (threshold,) = (model["threshold"] for model in data["models"] if model["claim"] == "covariance.error")
    assert threshold is not None
    assert computed(threshold, values) == pytest.approx(1 - sqrt(69 / 71))
    assert computed(data["best"], values) == pytest.approx(star(k))
    assert (computed(data["pooled"], values), computed(data["ratio"], values)) == pytest.approx((0.3, k))
