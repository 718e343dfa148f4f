"""What a simulation is held against is the published value itself: another one published is another target."""

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
from nocollapse.numerics.execution.workers import ALONE
from nocollapse.theory.claims.registry import claim_of, entry
from nocollapse.theory.symbols import n, trace

LINKED = [
    "framework.accumulation", "framework.collapse", "framework.kept", "framework.augmentation", "mean.error",
    "covariance.error", "covariance.threshold", "gaussian.improvement", "glm.error", "cdf.error", "pmf.error",
]  # fmt: skip


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


def linked(check: Check) -> list[Prediction]:
    tests = [column.test for run in check.runs for column in run.columns]
    tests += [extrapolation.prediction for extrapolation in check.extrapolations]
    return [test for test in tests if isinstance(test, Prediction) and test.link is not None]


@pytest.mark.parametrize("identifier", LINKED)
def test_every_linked_target_moves_with_the_published_expression(identifier: str) -> None:
    before = linked(CHECKS[identifier]())
    with published_as(identifier, claim_of(identifier).published * sp.Rational(9, 10)):
        after = linked(CHECKS[identifier]())
    assert len(before) == len(after) > 0
    assert all(new.target != pytest.approx(old.target, rel=1e-3) for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize("wrong", [100 * trace / n, trace / n * sp.Rational(8, 5)], ids=["100 tr/n", "1.6 for pi^2/6"])
def test_a_wrong_limit_of_accumulation_is_refuted(wrong: Expr) -> None:
    """The run of the limit alone: both values are further off than the least that it detects."""
    identifier = "framework.accumulation"
    with published_as(identifier, wrong):
        only = Check(tuple(run for run in CHECKS[identifier]().runs if run.name.startswith("limit")))
        trials = run_all({identifier: only}, 5, "standard", ALONE, lambda what, done, of: None)
        (verdict,) = verdicts(judge(trials, {identifier: only}, "standard"), {identifier: only})
    assert verdict["status"] == "REFUTED"
