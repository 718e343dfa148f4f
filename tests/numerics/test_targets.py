"""What a simulation is held against is the published value itself: another one published is another target."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sympy as sp
from sympy import Expr

from nocollapse.numerics.checks import CHECKS
from nocollapse.numerics.checks.design import Check, Prediction
from nocollapse.numerics.checks.judge import judge, verdicts
from nocollapse.numerics.checks.run import run_all
from nocollapse.numerics.checks.sampling import Differences
from nocollapse.numerics.execution.workers import ALONE
from nocollapse.theory.claims.registry import claim_of, entry
from nocollapse.theory.symbols import n, trace


@contextmanager
def published_as(identifier: str, published: Expr) -> Iterator[None]:
    """The claim with another published side, for a while."""
    known = entry(identifier)
    claim = claim_of(identifier)
    known._claims[known.variant] = replace(claim, published=published)
    try:
        yield
    finally:
        known._claims[known.variant] = claim


def held_against(check: Check) -> list[float]:
    """The targets to which the claim's expression is linked; where there are none, those of brackets."""
    tests = [column.test for run in check.runs for column in run.columns]
    tests += [extrapolation.prediction for extrapolation in check.extrapolations]
    linked = [test.target for test in tests if isinstance(test, Prediction) and test.link is not None]
    return linked or [bracket.target for run in check.runs for bracket in run.brackets]


@pytest.mark.slow
@pytest.mark.parametrize("identifier", CHECKS)
def test_what_a_simulation_is_held_against_moves_with_the_published_expression(identifier: str) -> None:
    before = held_against(CHECKS[identifier]())
    with published_as(identifier, claim_of(identifier).published * sp.Rational(3, 2)):
        after = held_against(CHECKS[identifier]())
    assert len(before) == len(after) > 0
    assert all(new != pytest.approx(old, rel=1e-3) for old, new in zip(before, after, strict=True))


def test_what_extrapolation_leaves_of_the_way_to_accumulations_limit_is_negligible() -> None:
    """The derived errors at the two steps, combined as the simulated ones are: sums of 1/i^2, by hand."""
    (run,) = (run for run in CHECKS["framework.accumulation"]().runs if run.name.startswith("limit"))
    assert isinstance(run.draw, Differences)
    early, late = (sum(1 / i**2 for i in range(1, step + 2)) for step in (30, 60))
    combined = run.draw.pairs[0, 0] * early + run.draw.pairs[1, 0] * late
    assert abs(combined / (math.pi**2 / 6) - 1) < 2e-6
    assert run.draw.pairs.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(100 * trace / n, id="100 tr/n", marks=pytest.mark.slow),
        pytest.param(trace / n * sp.Rational(8, 5), id="1.6 for pi^2/6"),
    ],
)
def test_a_wrong_limit_of_accumulation_is_refuted(wrong: Expr) -> None:
    """The run of the limit alone: both values are further off than the least that it detects."""
    identifier = "framework.accumulation"
    with published_as(identifier, wrong):
        only = Check(tuple(run for run in CHECKS[identifier]().runs if run.name.startswith("limit")))
        trials = run_all({identifier: only}, 5, "standard", ALONE, lambda what, done, of: None)
        (verdict,) = verdicts(judge(trials, {identifier: only}, "standard"), {identifier: only})
    assert verdict["status"] == "REFUTED"
