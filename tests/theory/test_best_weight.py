"""The advised weight against recursions that are written down here, searched and iterated."""

from __future__ import annotations

import dataclasses
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from fractions import Fraction
from html.parser import HTMLParser
from itertools import pairwise
from math import isclose
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import matrix, mp, mpf

import nocollapse
from nocollapse.models import WEIGHED
from nocollapse.notebook import Advice
from nocollapse.numerics.figures.weight import figure
from nocollapse.theory.answers.evaluate import evaluate, number

Moments = tuple[Any, ...]
Step = Callable[[Moments, Any, Any, Any], Moments]  # the moments of a step from those before, at n, m and w


def scalar(real: str, synthetic: str, remaining: Callable[[Any], Any] = lambda m: 1) -> Step:
    """The error of w times a mean of n real points plus 1-w times a mean of m points around the last estimate."""

    def step(moments: Moments, n: Any, m: Any, w: Any) -> Moments:
        return (w**2 * mpf(real) / n + (1 - w) ** 2 * (remaining(m) * moments[0] + mpf(synthetic) / m),)

    return step


def wishart(A: int, B: int) -> Step:
    """E tr D^2 and E (tr D)^2, by the covariance of a Wishart matrix about Sigma + D."""

    def step(moments: Moments, n: Any, m: Any, w: Any) -> Moments:
        e, u = moments
        a = 1 / (n - 1)
        b = 1 / (m - 1)
        q = (1 - w) ** 2
        return w**2 * a * (A + B) + q * (e + b * (A + e + B + u)), w**2 * a * 2 * A + q * (u + 2 * b * (A + e))

    return step


CASES: dict[str, tuple[str, dict[str, Any], Step]] = {
    "mean": ("gaussian-mean", {"trace": 3}, scalar("3", "3")),
    "variance": ("covariance", {}, wishart(1, 1)),
    "covariance": ("covariance", {"trace": 3, "frob2": 5}, wishart(5, 9)),
    "identity": ("covariance", {"p": 4}, wishart(4, 16)),
    "cdf": ("cdf", {}, scalar("1/6", "1/6", lambda m: 1 - 1 / m)),
    "pmf": ("pmf", {"probabilities": [0.5, 0.3, 0.2]}, scalar("0.62", "0.62", lambda m: 1 - 1 / m)),
    "glm": ("glm", {}, scalar("1", "1")),
    "misspecified": ("glm", {"trace_model": 217, "trace_sandwich": 301}, scalar("301", "217")),
}
SPECTRAL = ("variance", "covariance", "identity")
SIZES = [(7, 4), (20, 50), (2, 2)]
CELLS = [pytest.param(case, n, m, id=f"{case}-{n}-{m}") for case in CASES for n, m in SIZES]
sizes = st.integers(2, 60) | st.integers(2, 10**9)


@pytest.fixture(autouse=True)
def _precision() -> Iterator[None]:
    with mp.workdps(100):
        yield


def advised(case: str, n: int, m: int) -> Advice:
    model, options, _ = CASES[case]
    return nocollapse.weight(n, m, model, **options)


def stepped(case: str, n: int, m: int, w: Any) -> Callable[[Moments], Moments]:
    return lambda moments: CASES[case][2](moments, mpf(n), mpf(m), mpf(w))


def limit(case: str, n: int, m: int, w: Any) -> Any:
    """The error's limit: the fixed point of the affine map that a step is."""
    step = stepped(case, n, m, w)
    d = 2 if case in SPECTRAL else 1
    offset = step((0,) * d)
    columns = [step(tuple(int(i == j) for j in range(d))) for i in range(d)]
    system = matrix(d, d)
    for i in range(d):
        for j in range(d):
            system[i, j] = int(i == j) - (columns[j][i] - offset[i])
    return mp.lu_solve(system, matrix(offset))[0]


def real_only(case: str, n: Any) -> Any:
    return CASES[case][2]((0, 0) if case in SPECTRAL else (0,), mpf(n), mpf(2), mpf(1))[0]


def close(value: float, expected: Any, tolerance: float = 1e-15) -> bool:
    return bool(abs(mpf(value) - expected) <= tolerance * abs(expected))


def searched(case: str, n: int, m: int, low: Any, high: Any) -> Any:
    """The weight of the least limit on a grid, refined by thirds."""
    grid = [low + (high - low) * i / 200 for i in range(1, 201)]
    best = min(range(200), key=lambda i: limit(case, n, m, grid[i]))
    low = low if best == 0 else grid[best - 1]
    high = grid[min(best + 1, 199)]
    while high - low > mpf("1e-30"):
        third = (high - low) / 3
        if limit(case, n, m, low + third) < limit(case, n, m, high - third):
            high -= third
        else:
            low += third
    return low


# --- the best weight -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("case", "n", "m"), CELLS)
def test_the_weight_is_what_a_search_finds(case: str, n: int, m: int) -> None:
    advice = advised(case, n, m)
    weight = searched(case, n, m, mpf(advice.collapse or 0), mpf(1))
    assert abs(mpf(advice.digits) - weight) <= mpf("5.0001e-18")
    assert advice.weight == float(advice.digits)
    assert close(advice.error, limit(case, n, m, weight))


@pytest.mark.parametrize(("case", "n", "m"), CELLS)
def test_the_other_errors_are_limits_too(case: str, n: int, m: int) -> None:
    advice = advised(case, n, m)
    assert close(advice.real_only, real_only(case, n))
    assert close(advice.naive_weight, mpf(n) / (n + m))
    assert close(advice.naive, limit(case, n, m, mpf(n) / (n + m)))
    assert close(advice.saved_over_real_only, 1 - mpf(advice.error) / advice.real_only, 1e-12)
    assert close(advice.saved_over_naive, 1 - mpf(advice.error) / advice.naive, 1e-12)


@pytest.mark.parametrize(("case", "n", "m"), CELLS)
def test_closed_forms_and_the_polynomial(case: str, n: int, m: int) -> None:
    advice = advised(case, n, m)
    polynomial = sp.Poly(sp.sympify(advice.polynomial), sp.Symbol("w"))
    assert polynomial.is_irreducible
    assert polynomial.degree() == advice.degree
    assert any(close(advice.weight, mpf(str(root.evalf(40)))) for root in sp.real_roots(polynomial))
    assert (advice.exact is None) == (advice.degree > 2)
    if advice.exact is not None:
        assert close(advice.weight, mpf(str(sp.sympify(advice.exact).evalf(40))))


@pytest.mark.parametrize(("case", "n", "m"), [cell for cell in CELLS if cell.values[0] not in SPECTRAL])
def test_the_formula_in_letters(case: str, n: int, m: int) -> None:
    advice = advised(case, n, m)
    formula, _, ratio = (advice.formula or "").partition(" with k = ")
    values = {"n": n, "m": m, **advice.parameters}
    formula_value = sp.sympify(formula).subs("k", sp.sympify(ratio or "1").subs(values)).subs(values)
    assert close(advice.weight, mpf(str(formula_value.evalf(40))))


def test_the_published_weights() -> None:
    assert advised("mean", 7, 7).digits == "0.61803398874989485"
    assert advised("cdf", 101, 102).digits == evaluate("cdf.optimal-weight", sized(101, 102)).decimal
    k_eff = number("k", "217/301")
    assert advised("misspecified", 9, 9).digits == evaluate("mean.optimal-weight", {"k": k_eff}).decimal


def sized(n: int, m: int) -> dict[str, Any]:
    return {"n": number("n", str(n)), "m": number("m", str(m))}


@pytest.mark.parametrize("case", SPECTRAL)
def test_the_covariance_has_nearly_the_weight_of_the_mean(case: str) -> None:
    """As n = km grows, the distance shrinks like 1/n."""
    gaps = [abs(advised(case, n, 4 * n).weight - advised("mean", n, 4 * n).weight) for n in (100, 1000, 10000)]
    assert all(isclose(late, early / 10, rel_tol=0.1) for early, late in pairwise(gaps))
    assert gaps[0] < 0.001


@settings(max_examples=40)
@given(st.sampled_from(sorted(CASES)), sizes, sizes, st.fractions(Fraction(1, 10**9), 1))  # the threshold is rounded
def test_no_weight_is_better(case: str, n: int, m: int, share: Fraction) -> None:
    with mp.workdps(100):
        advice = advised(case, n, m)
        low = mpf(advice.collapse or 0)
        weight = low + (1 - low) * share.numerator / share.denominator
        assert limit(case, n, m, weight) >= mpf(advice.error) * (1 - mpf("1e-14"))
        assert close(advice.error, limit(case, n, m, mpf(advice.digits)), 1e-14)


# --- what it gains ---------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.sampled_from(sorted(CASES)), sizes, sizes)
def test_bands_equivalents_and_thresholds(case: str, n: int, m: int) -> None:
    with mp.workdps(100):
        advice = advised(case, n, m)
        for percent, (low, high) in ((1, advice.within_1_percent), (5, advice.within_5_percent)):
            level = mpf(advice.error) * (100 + percent) / 100
            assert close(advice.error * (1 + percent / 100), limit(case, n, m, low), 1e-6)
            assert high == 1 or close(advice.error * (1 + percent / 100), limit(case, n, m, high), 1e-6)
            assert high < 1 or advice.real_only <= level
            assert advice.better_above <= low < advice.weight < high or m < n
        assert close(advice.error, real_only(case, advice.equivalent), 1e-12)
        assert close(advice.real_only, limit(case, n, m, advice.better_above), 1e-6)
        assert (advice.collapse or 0) < advice.better_above <= advice.weight <= 1
        assert n <= advice.equivalent * (1 + 1e-15)


@settings(max_examples=40)
@given(sizes, sizes)
def test_naive_mixing_never_collapses(n: int, m: int) -> None:
    """m^2 (m+1) < (n+m)^2 (m-1) for all n, m >= 2; it may be far worse than real data only, though."""
    advice = advised("covariance", n, m)
    assert advice.collapse is not None
    assert advice.collapse < advice.naive_weight
    assert advice.naive < float("inf")


def test_naive_mixing_can_be_worse_than_real_data_only() -> None:
    advice = advised("variance", 2, 2)
    assert (advice.naive, advice.real_only) == (4, 2)
    assert advice.better_above > advice.naive_weight


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_thresholds_are_those_of_the_claims(n: int, m: int) -> None:
    edge = evaluate("covariance.threshold", {"m": number("m", str(m))}).decimal
    assert {advised(case, n, m).collapse for case in SPECTRAL} == {float(edge)}
    assert {advised(case, n, m).collapse for case in ("mean", "glm", "misspecified")} == {0}
    stage = evaluate("cdf.stages", sized(n, m)).decimal
    for case in ("cdf", "pmf"):
        assert advised(case, n, m).collapse is None
        assert advised(case, n, m).better_above == pytest.approx(float(stage), rel=1e-15)


@pytest.mark.parametrize(("case", "n", "m"), CELLS)
def test_steps_by_iteration(case: str, n: int, m: int) -> None:
    advice = advised(case, n, m)
    step = stepped(case, n, m, mpf(advice.digits))
    moments = CASES[case][2]((0, 0) if case in SPECTRAL else (0,), mpf(n), mpf(m), mpf(1))  # real data only
    within = []
    for _ in range(2 * advice.steps + 50):
        within.append(abs(moments[0] - mpf(advice.error)) <= mpf(advice.error) / 100)
        moments = step(moments)
    assert all(within[advice.steps :])
    assert advice.steps == 0 or not within[advice.steps - 1]


@pytest.mark.parametrize("n", [2, 10**9])
@pytest.mark.parametrize("m", [2, 10**9])
@pytest.mark.parametrize("case", CASES)
def test_large_sizes_are_fast(case: str, n: int, m: int) -> None:
    start = time.perf_counter()
    advice = advised(case, n, m)
    figure(advice)
    assert time.perf_counter() - start < 2
    assert 0 < advice.weight < 1


def test_units() -> None:
    """Where no option is given errors are in units, and nothing else changes."""
    for plain, scaled in (
        (nocollapse.weight(7, 4), nocollapse.weight(7, 4, trace=1)),
        (nocollapse.weight(7, 4, "glm"), nocollapse.weight(7, 4, "glm", trace_model=1, trace_sandwich=1)),
    ):
        assert (plain.error, plain.digits, plain.steps) == (scaled.error, scaled.digits, scaled.steps)
    share = nocollapse.weight(7, 4, "pmf", gini="0.62").error
    assert share == advised("pmf", 7, 4).error == pytest.approx(0.62 * nocollapse.weight(7, 4, "pmf").error, rel=1e-15)
    rescaled = nocollapse.weight(7, 4, "covariance", trace=6, frob2=20)
    assert rescaled.error == pytest.approx(4 * advised("covariance", 7, 4).error, rel=1e-15)
    assert rescaled.digits == advised("covariance", 7, 4).digits


# --- how it is shown -------------------------------------------------------------------------------------------------


class Table(HTMLParser):
    """The cells of a table."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.cells: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.cells.append(data)


@pytest.mark.parametrize("case", CASES)
def test_one_readable_screen(case: str) -> None:
    advice = advised(case, 20, 50)
    lines = str(advice).splitlines()
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 110
    assert lines[0] == f"{advice.model}: n = 20 real and m = 50 synthetic points a step."
    assert any(line.split() == ["best", "weight", "on", "real", "data", advice.digits] for line in lines)
    assert f"as good as                  {advice.equivalent:.1f} real points" in str(advice)


def test_a_weight_near_1_is_not_shown_as_1() -> None:
    assert "at w = 0.999999998;" in str(advised("mean", 10**9, 2))
    assert re.search("within 1 % of the best .* to 1$", str(advised("mean", 10**9, 2)), re.MULTILINE)


def test_a_notebook_shows_the_same() -> None:
    advice = advised("misspecified", 20, 50)
    table = Table(advice._repr_html_())
    caption, *cells = table.cells
    assert caption == " ".join(str(advice).partition("\n\n")[0].splitlines())
    shown = str(advice).partition("\n\n")[2].splitlines()
    assert [f"{name:<26}  {text}" for name, text in zip(cells[::2], cells[1::2], strict=True)] == shown
    assert table.tags.count("tr") == len(shown)


def test_markup_is_escaped() -> None:
    advice = dataclasses.replace(advised("mean", 7, 4), assumed=("<script>",), formula="a < b & c")
    assert "<script>" not in advice._repr_html_()
    assert "a &lt; b &amp; c" in advice._repr_html_()


def test_advice_is_frozen_comparable_and_plain() -> None:
    advice = advised("covariance", 7, 4)
    assert advice == advised("covariance", 7, 4)
    assert hash(advice) == hash(advised("covariance", 7, 4))
    with pytest.raises(dataclasses.FrozenInstanceError):
        advice.weight = 0.5  # type: ignore[misc]
    data = advice.to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == {**data, **json.loads(json.dumps(data))}
    texts = {**advice.parameters, "n": 7, "m": 4, "w": advice.digits}
    error = evaluate(advice.claim, {name: number(name, str(text)) for name, text in texts.items()})
    assert error.decimal[:15] == f"{advice.error:.17g}"[:15]


@pytest.mark.parametrize("case", CASES)
def test_the_figure_shows_the_curve_and_its_marks(case: str) -> None:
    advice = advised(case, 20, 50)
    (panel,) = figure(advice).panels
    (curve,) = panel.curves
    assert all(close(y, limit(case, 20, 50, x), 1e-12) for x, y in zip(curve.x[::40], curve.y[::40], strict=True))
    assert curve.x[-1] == 1
    assert min(curve.y) == pytest.approx(advice.error, rel=1e-3)
    assert curve.x[0] < min(advice.naive_weight, advice.better_above)
    assert [(band.low, band.high) for band in panel.bands] == [advice.within_5_percent, advice.within_1_percent]
    assert panel.optimum is not None
    assert panel.optimum.x == advice.weight
    assert panel.reference is not None
    assert panel.reference.y == advice.real_only
    assert [(mark.x, mark.y) for mark in panel.marks] == [
        (advice.naive_weight, advice.naive),
        (advice.better_above, advice.real_only),
    ]
    assert (panel.collapse is None) == (not advice.collapse)
    assert advice.collapse is None or panel.collapse is None or panel.collapse.high == advice.collapse
    json.dumps(asdict(panel), allow_nan=False)


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n": 1}, "n = 1 is not a whole number >= 2"),
        ({"m": "5/2"}, "m = 5/2 is not a whole number >= 2"),
        ({"n": "x"}, "n = 'x' is not a number: write an integer, a decimal or p/q"),
        ({"model": "mean"}, "model = 'mean' is not one of gaussian-mean, covariance, cdf, pmf, glm"),
        ({"p": 2}, "p does not apply to model gaussian-mean"),
        ({"shape": 2}, "shape does not apply to model gaussian-mean"),
        ({"trace": 0}, "trace = 0 is not a number > 0"),
        ({"model": "cdf", "probabilities": [1]}, "probabilities does not apply to model cdf"),
        ({"model": "covariance", "trace": 3}, "model covariance needs trace and frob2 together, or p alone"),
        (
            {"model": "covariance", "trace": 3, "frob2": 5, "p": 2},
            "model covariance needs trace and frob2 together, or p alone",
        ),
        ({"model": "covariance", "trace": 3, "frob2": 10}, "frob2 = 10 is not at most trace^2 = 9"),
        ({"model": "covariance", "p": 0}, "p = 0 is not a whole number >= 1"),
        ({"model": "covariance", "p": "1.5"}, "p = 3/2 is not a whole number >= 1"),
        ({"model": "pmf", "gini": 1}, "gini = 1 is not a number in [0, 1)"),
        ({"model": "pmf", "gini": 0}, "gini = 0 leaves nothing to estimate"),
        ({"model": "pmf", "probabilities": [1]}, "gini = 0 leaves nothing to estimate"),
        ({"model": "pmf", "probabilities": []}, "probabilities =  are not values >= 0 that sum to 1"),
        (
            {"model": "pmf", "probabilities": ["0.5", "0.6"]},
            "probabilities = 1/2, 3/5 are not values >= 0 that sum to 1",
        ),
        (
            {"model": "pmf", "probabilities": ["1.5", "-0.5"]},
            "probabilities = 3/2, -1/2 are not values >= 0 that sum to 1",
        ),
        (
            {"model": "pmf", "probabilities": [0.5, 0.5], "gini": "0.5"},
            "model pmf needs gini or probabilities, not both",
        ),
        ({"model": "glm", "trace_model": 2}, "model glm needs trace_model and trace_sandwich together, or neither"),
        ({"trace": "1e999"}, "a result of 1.0158e+998 is out of the range of floating-point numbers"),
    ],
)
def test_bad_input_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        nocollapse.weight(**{"n": 7, "m": 4, **given})


def test_probabilities_may_be_rounded() -> None:
    advice = nocollapse.weight(7, 4, "pmf", probabilities=[0.1] * 7 + [0.3 - 1e-16])
    assert advice.error == pytest.approx(nocollapse.weight(7, 4, "pmf", gini="0.84").error, rel=1e-15)


def test_every_model_is_met_here() -> None:
    assert {model for model, _, _ in CASES.values()} == set(WEIGHED)
