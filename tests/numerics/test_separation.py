"""Whether a maximum exists: every decision comes with an exact certificate, checked here in fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation.regression import separation
from nocollapse.numerics.simulation.regression.separation import certify

ULP = float(np.spacing(1.0))


def proved(model: str, x: FloatArray, y: FloatArray) -> str:
    """The decision, its certificate checked as `numerics.simulation.regression.separation.Certificate` describes it."""
    kind, vector = certify(model, x, y)
    exact = [Fraction(int(value.p), int(value.q)) for value in vector]
    rows = [[Fraction(float(value)) for value in row] for row in x]
    if kind == "exists":
        assert all(sum(c * row[j] for c, row in zip(exact, rows, strict=True)) == 0 for j in range(x.shape[1]))
        for c, value in zip(exact, y, strict=True):
            assert c < 0 if value == 0 else model == "poisson" or c > 0
        return kind
    products = [sum(a * b for a, b in zip(row, exact, strict=True)) for row in rows]
    if kind == "singular":
        assert any(exact)
        assert not any(products)
        return kind
    assert any(products)
    for product, value in zip(products, y, strict=True):
        if value == 0:
            assert product <= 0
        else:
            assert product == 0 if model == "poisson" else product >= 0
    return kind


def on_a_line(*values: float) -> FloatArray:
    return np.column_stack([np.ones(len(values)), values])


@pytest.mark.parametrize(
    ("values", "labels", "kind"),
    [
        ((0, 1, 2, 3), (0, 0, 1, 1), "separated"),
        ((0, 1, 2, 3), (0, 1, 0, 1), "exists"),
        ((0, 1, 1, 2), (0, 0, 1, 1), "separated"),  # quasi-complete: they meet at 1
        ((0, 1, 1, 1, 2), (0, 0, 1, 0, 1), "separated"),
        ((0, 1, 1 + ULP, 2), (0, 0, 1, 1), "separated"),
        ((0, 1, 1 + ULP, 2), (0, 1, 0, 1), "exists"),  # overlap of one unit in the last place
        ((0, 1, 2), (0, 0, 0), "separated"),
        ((1, 1, 1), (0, 1, 0), "singular"),
        ((0, 1), (0, 1), "separated"),
    ],
)
def test_labels_on_a_line(values: tuple[float, ...], labels: tuple[int, ...], kind: str) -> None:
    assert proved("logistic", on_a_line(*values), np.array(labels, float)) == kind


@pytest.mark.parametrize(
    ("values", "counts", "kind"),
    [
        ((-1, 0, 1), (0, 0, 0), "separated"),  # the intercept alone can fall for ever
        ((-1, 0, 1), (0, 3, 0), "exists"),
        ((-1, 0, 1), (0, 0, 3), "separated"),  # tilt around the point at 1
        ((-1, 0, 1), (1, 0, 1), "exists"),
        ((-1, 1 - ULP, 1), (0, 0, 3), "separated"),
        ((-1, 1 + ULP, 1), (0, 0, 3), "exists"),
    ],
)
def test_counts_on_a_line(values: tuple[float, ...], counts: tuple[int, ...], kind: str) -> None:
    assert proved("poisson", on_a_line(*values), np.array(counts, float)) == kind


def test_zero_counts_without_an_intercept_have_an_estimate_when_points_lie_on_all_sides() -> None:
    around = np.array([[1.0, 0.0], [-1.0, 1.0], [-1.0, -1.0]])
    assert proved("poisson", around, np.zeros(3)) == "exists"
    assert proved("poisson", np.abs(around), np.zeros(3)) == "separated"


@settings(max_examples=150)
@given(st.data())
def test_small_integer_tables_are_decided_and_proved(data: st.DataObject) -> None:
    """Integers make ties, quasi-complete separation and lost rank common."""
    size = data.draw(st.integers(1, 9))
    p = data.draw(st.integers(1, 3))
    row = st.lists(st.integers(-2, 2), min_size=p, max_size=p)
    x = np.array(data.draw(st.lists(row, min_size=size, max_size=size)))
    y = np.array(data.draw(st.lists(st.integers(0, 1), min_size=size, max_size=size)), float)
    proved(data.draw(st.sampled_from(["logistic", "poisson"])), x.astype(float), y)


@pytest.mark.parametrize("greedy", [0, 100])
def test_either_rule_of_exchange_decides(greedy: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separation, "GREEDY", greedy)
    rng = np.random.default_rng(1)
    kinds = set()
    for trial in range(8):
        x = rng.standard_normal((80, 4))
        noise = rng.logistic(size=80) * (trial % 4 > 0) * 0.3
        kinds.add(proved("logistic", x, (x @ [2.0, 2, 2, 2] + noise > 0).astype(float)))
    assert kinds == {"exists", "separated"}
