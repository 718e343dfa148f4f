"""The adversary's list: every known way to pass a false statement off as a proved one, tried again at each run.

One section a way, in the order in which they were found; `tests/theory/test_soundness.py` has more of some.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import sympy as sp
from sympy import Eq, Expr, Symbol

from nocollapse.numerics.checks import CHECKS, attack
from nocollapse.numerics.checks.design import Prediction
from nocollapse.reports.contents import standing
from nocollapse.theory.claims.claim import Claim, Inequality, nonnegative, positive
from nocollapse.theory.claims.registry import OWN
from nocollapse.theory.models import score
from nocollapse.theory.proof import referees, verdicts
from nocollapse.theory.proof.certificates import identity, positivity, zero_in_flint, zero_in_sympy
from nocollapse.theory.proof.dependencies import assumptions
from nocollapse.theory.proof.mutants import mutants
from nocollapse.theory.proof.solvers import opinion
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import k, m, n, trace, v, w

x = Symbol("x", positive=True)


def changed(name: str, **fields: Any) -> Claim:
    """A claim of the project with something wrong about it."""
    return dataclasses.replace(OWN[name](), **fields)


def statuses(claim: Claim) -> set[str]:
    return {judge([claim]).status for judge in (referees.derivation, referees.certificate)}


def in_a_kernel(left: Expr, right: Expr, given: tuple[Expr, ...] = ()) -> bool:
    step = Step("", sp.sympify(left), sp.sympify(right), given)
    return zero_in_sympy(step) or zero_in_flint(step)


# --- 1. a simulation whose target moves with what it tests -----------------------------------------------------------


@pytest.mark.parametrize("name", ["framework.accumulation", "mean.blue", "mean.error", "cdf.error"])
def test_a_simulation_is_held_against_the_published_value_itself(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the published side 100 times as large the targets move: none has it above and below a fraction line."""
    right = targets(name)
    wrong = changed(name, published=100 * OWN[name]().published)
    monkeypatch.setitem(OWN[name]._claims, OWN[name].variant, wrong)
    assert right
    assert all(abs(after / before - 1) > 0.5 for before, after in zip(right, targets(name), strict=True))


def targets(name: str) -> list[float]:
    """What the means are that are held against the claim's published side."""
    tests = [column.test for run in CHECKS[name]().runs for column in run.columns]
    return [test.target for test in tests if isinstance(test, Prediction) and test.link is not None]


# --- 2. a kill by nothing that could have said no --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mean.ridge", "glm.synthetic-size"])
def test_without_a_simulation_it_is_the_derived_side_that_kills(name: str) -> None:
    right = attack.attacked(attack.Target(OWN[name](), ()))
    assert right.status == "SUPPORTED"
    assert right.evidence["killed"]["derived"] == len(right.evidence["mutants"]) > 0
    assert {row["means"] for row in right.evidence["mutants"]} == {"derived"}
    rigged = attack.attacked(attack.Target(changed(name, derived=OWN[name]().derived + 1), ()))
    assert rigged.status == "INCONCLUSIVE"
    assert rigged.evidence["killed"]["derived"] == 0


def test_a_wrong_version_that_is_derived_is_not_killed() -> None:
    right = OWN["mean.ridge"]()
    one = mutants(right.published)[0].expression
    rows = attack.attacked(attack.Target(changed("mean.ridge", derived=one), ())).evidence["mutants"]
    assert {row["outcome"] for row in rows} == {"survived"}


# --- 3. prose under the word PROVED ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["glm.error", "glm.logistic", "glm.poisson", "glm.joint", "covariance.operator-norm"])
def test_what_rests_on_m_estimation_is_assumed_and_stands_so(name: str) -> None:
    assert "m-estimation" in [one.id for one in assumptions(name)]
    rows = verdicts.proved(name)
    assert {row["kind"]: row["status"] for row in rows}["assumption"] == "ASSUMED"
    assert standing(row["status"] for row in rows) == "ASSUMED"


# --- 4. a recursion that is typed beside the equation it should come from --------------------------------------------


@pytest.mark.parametrize("part", ["real", "synthetic", "memory", "start"])
def test_theorem_2_comes_from_the_solved_equation(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = score.score_equation

    def wrong(*arguments: Any) -> score.ScoreEquation:
        solved = right(*arguments)
        return dataclasses.replace(solved, **{part: 2 * getattr(solved, part)})

    monkeypatch.setattr(score, "score_equation", wrong)
    assert "REFUTED" in statuses(OWN["glm.error"].build())


# --- 5. from a contradiction everything follows ----------------------------------------------------------------------


@pytest.mark.parametrize("given", [(sp.Integer(1),), (x + 1,), (k - 1, k - 2), (Symbol("z", real=True) ** 2 + 1,)])
def test_what_is_given_has_a_point(given: tuple[Expr, ...]) -> None:
    assert not identity(Step("False.", sp.Integer(1), sp.Integer(2), given), "").holds
    rigged = changed("mean.naive", published=2 * OWN["mean.naive"]().published, given=given)
    assert referees.certificate([rigged]).status == "REFUTED"
    assert not positivity(Inequality("vacuous", n, (positive(w - 1), w < 1))).holds


# --- 6. a symbol of the statement taken for a new one ----------------------------------------------------------------


def test_a_coordinate_is_a_fresh_symbol() -> None:
    r = Symbol("r", nonnegative=True)  # by name and kind the one that v is changed to, in 1/(1 + r)
    captured = Inequality("captured", v * (1 + r) - 1, (positive(v), v <= 1, nonnegative(r)), strict=False)
    assert not positivity(captured).holds


# --- 7. two symbols of one name --------------------------------------------------------------------------------------


def test_solvers_are_given_symbols_and_not_names() -> None:
    twin = Symbol("x", nonnegative=True)
    false = Inequality("false", 1 - (x - twin) ** 2, (positive(x), nonnegative(twin)))
    assert (opinion(false).z3, opinion(false).cvc5) == ("sat", "sat")


# --- 8. what is no rational function, or is undefined ----------------------------------------------------------------


@pytest.mark.parametrize("value", [sp.nan, sp.zoo, sp.oo, -sp.oo], ids=str)
def test_what_is_not_finite_is_no_identity(value: Expr) -> None:
    assert not in_a_kernel(value, value)
    assert not in_a_kernel(w, w, (value,))


def test_what_does_not_commute_or_has_many_values_is_no_identity() -> None:
    one, other = sp.symbols("A B", commutative=False)
    real = Symbol("z", real=True)
    assert not in_a_kernel(one * other, other * one)
    assert not in_a_kernel(real ** (2 * x), (real**2) ** x)


def test_a_denominator_that_vanishes_where_the_step_is_made_proves_nothing() -> None:
    """(w^2 - 1)/(w - 1) is 2 and not 7 at w = 1, where it is not defined; the same with 0/0 inside a sum."""
    undefined = (w**2 - 1) / (w - 1)
    assert in_a_kernel(undefined, w + 1)
    for claimed in (sp.Integer(2), sp.Integer(7)):
        assert not in_a_kernel(undefined, claimed, (w - 1,))
        assert not in_a_kernel(claimed, undefined, (w - 1,))
    assert not in_a_kernel(k + undefined, k + 7, (w - 1,))
    assert in_a_kernel((w**2 - 1) / (w + 1), sp.Integer(0), (w - 1,))


# --- 9. a statement that nothing holds -------------------------------------------------------------------------------


def test_a_statement_cannot_be_written_beside_what_is_published() -> None:
    right = OWN["mean.error"]()
    with pytest.raises(TypeError, match="statement"):
        changed("mean.error", statement=Eq(Symbol("e"), trace**7 / m))
    with pytest.raises(ValueError, match="without the published expression"):
        changed("mean.error", left=None, relation=lambda published: Eq(Symbol("e"), trace**7 / m, evaluate=False))
    for neither_or_both in ({"left": None}, {"relation": lambda published: published}):
        with pytest.raises(ValueError, match="either left or relation"):
            dataclasses.replace(right, **neither_or_both)


@pytest.mark.parametrize("name", OWN)
def test_another_published_side_is_another_statement(name: str) -> None:
    claim = OWN[name]()
    wrong = [mutant.expression for mutant in mutants(claim.published)]
    printed = {dataclasses.replace(claim, published=expression).statement for expression in wrong}
    assert claim.statement not in printed
    assert len(printed) == len(wrong) > 0


# --- 10. a recursion from a wrong start ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OWN)
def test_every_start_is_pinned(name: str) -> None:
    """A moment that starts off by one, or with the other sign, is not the published one."""
    for claim in OWN[name].variants():
        assert all(one.holds for one in referees.starts(claim))
        if claim.recursion is None:
            continue
        for i, value in enumerate(claim.recursion.initial):
            for wrong in {value + 1, -value} - {value}:
                initial = claim.recursion.initial.as_mutable()
                initial[i] = wrong
                recursion = dataclasses.replace(claim.recursion, initial=initial.as_immutable())
                assert not all(one.holds for one in referees.starts(dataclasses.replace(claim, recursion=recursion)))


def test_a_claim_without_a_published_start_is_open_and_with_a_wrong_one_refuted() -> None:
    loose = referees.certificate([changed("mean.error", start=())])
    assert loose.status == "INCONCLUSIVE"
    assert loose.reason == "the start of its recursion is not pinned: of 1 values at step 0 the claim states 0"
    wrong = referees.certificate([changed("mean.error", start=(trace / m,))])
    assert wrong.status == "REFUTED"
    assert "does not start at the stated value" in wrong.reason


# --- 11. a value that is taken for an identity -----------------------------------------------------------------------


def test_a_step_with_one_term_on_both_sides_is_no_identity_re_proved() -> None:
    right = OWN["mean.naive"]()
    before = referees.derivation([right]).evidence
    more = (Step("So it is.", trace / n, trace / n), Step("An identity.", (w + 1) ** 2 - 1, w * (w + 2)))
    after = referees.derivation([dataclasses.replace(right, steps=(*right.steps, *more))])
    assert after.status == "PROVED"
    assert after.evidence["identities"] == before["identities"] + 1
    assert after.evidence["computed"] == before["computed"] + 1
    assert after.evidence["steps"] == before["steps"] + 2
