"""Outcomes of every kind write rows with the same keys, and refute what is off."""

import json
import math

import numpy as np
import pytest

from nocollapse.numerics.checks.design import Prediction
from nocollapse.numerics.checks.expected import same
from nocollapse.numerics.checks.outcomes import (
    NUMBERS,
    BracketOutcome,
    EqualityOutcome,
    Hit,
    Outcome,
    Place,
    RateOutcome,
    SignOutcome,
)
from nocollapse.numerics.protocol.equality import equality
from nocollapse.numerics.protocol.sign_tests import one_sided, sign_change

SAMPLE = 2 + 0.1 * np.tile([1.0, -1.0], 500)
PLACE = Place("mean.naive", "one", "the error", {"n": 5, "m": 4})
TWICE = Prediction(2.0, link=lambda value: 2 * value)
EQUAL = EqualityOutcome(PLACE, TWICE, equality(SAMPLE, 2.0, margin=0.05), adjusted=1.0)
SIGN = SignOutcome(PLACE, one_sided(SAMPLE, sign=1))
BRACKET = BracketOutcome(PLACE, sign_change(one_sided(-SAMPLE, sign=-1), one_sided(SAMPLE, sign=1)), 0.4, 0.6, 0.5)
RATE = RateOutcome(PLACE, Prediction(2.0), EQUAL.measured, adjusted=1.0)


@pytest.mark.parametrize("outcome", [EQUAL, SIGN, BRACKET, RATE], ids=["equality", "sign", "bracket", "rate"])
def test_a_row_has_every_key_in_order(outcome: Outcome) -> None:
    row = outcome.row()
    assert list(row) == ["label", "run", "test", "parameters", "quantity", "target", *NUMBERS]
    assert row["status"] == outcome.status == "SUPPORTED"
    assert json.loads(json.dumps(row, allow_nan=False)) == row


def test_what_does_not_apply_is_none() -> None:
    tests = {outcome.test: outcome.row() for outcome in (EQUAL, SIGN, BRACKET, RATE)}
    missing = {test: {key for key in ("target", *NUMBERS) if row[key] is None} for test, row in tests.items()}
    assert missing == {
        "equality": set(),
        "rate": set(),
        "one-sided": {"target", "margin", "least_detectable"},
        "bracket": {"estimate", "standard_error", "margin", "least_detectable"},
    }


def test_lost_trajectories_are_noted() -> None:
    place = Place("mean.naive", "one", "the error", {}, ended=3)
    lost = "3 trajectories ended without an estimate"
    assert EqualityOutcome(place, EQUAL.prediction, EQUAL.measured, 1.0).row()["note"] == lost
    assert BracketOutcome(place, BRACKET.measured, 0.4, 0.6, 0.5).row()["note"] == f"between 0.4 and 0.6; {lost}"
    assert EQUAL.row()["note"] == ""


def test_an_equality_refutes_other_values_through_its_link() -> None:
    assert EQUAL.tests_expression
    assert EQUAL.refutation(1.0, 1e-3) is None
    hit = EQUAL.refutation(1.1, 1e-3)
    assert hit is not None
    assert hit.where == "n = 5, m = 4"
    assert hit.z is not None
    assert abs(hit.z) > 10
    assert not hit.undefined
    for nothing in (None, math.nan, math.inf):
        assert EQUAL.refutation(nothing, 1e-3) == Hit("no finite value at n = 5, m = 4", undefined=True)


def test_a_bracket_refutes_what_lies_outside_and_a_sign_nothing() -> None:
    assert BRACKET.refutation(0.5, 1e-3) is None
    for outside in (0.39, 0.61):
        assert BRACKET.refutation(outside, 1e-3) == Hit("bracket at n = 5, m = 4")
    assert BRACKET.refutation(None, 1e-3) == Hit("no finite value at n = 5, m = 4", undefined=True)
    assert not SIGN.tests_expression
    assert not RATE.tests_expression
    assert EqualityOutcome(PLACE, Prediction(2.0, link=same), EQUAL.measured).tests_expression
