"""Doors through which a false statement could pass for a proved one: each is tried, and stays shut."""

from __future__ import annotations

import dataclasses

import pytest
import sympy as sp
from sympy import Eq, Expr, Rational, Symbol
from sympy.core.relational import Relational

from nocollapse.theory.claims.claim import Inequality, nonnegative, positive
from nocollapse.theory.claims.coordinates import Coordinate
from nocollapse.theory.claims.registry import OWN
from nocollapse.theory.proof import referees
from nocollapse.theory.proof.certificates import identity, positivity, zero_in_flint, zero_in_sympy
from nocollapse.theory.proof.solvers import opinion
from nocollapse.theory.proof.witness import vanishing_point, witness
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import k, n, t, v, w

x = Symbol("x", positive=True)
z = Symbol("z", real=True)
r = Symbol("r", nonnegative=True)
"""By name and kind the coordinate that v is changed to, in 1/(1 + r)."""


def in_a_kernel(left: Expr, right: Expr, given: tuple[Expr, ...] = ()) -> bool:
    step = Step("", sp.sympify(left), sp.sympify(right), given)
    return zero_in_sympy(step) or zero_in_flint(step)


# --- what is given ---------------------------------------------------------------------------------------------------

CONTRADICTORY: dict[str, tuple[Expr, ...]] = {
    "a constant": (sp.Integer(1),),
    "a constant in disguise": ((w + 1) ** 2 - w**2 - 2 * w - 2,),
    "no real point": (z**2 + 1,),
    "no point of its kind": (x + 1,),
    "two that exclude each other": (k - 1, k - 2),
}


@pytest.mark.parametrize("given", CONTRADICTORY.values(), ids=CONTRADICTORY)
def test_from_what_contradicts_itself_nothing_follows(given: tuple[Expr, ...]) -> None:
    assert vanishing_point(given) is None
    assert not identity(Step("False.", sp.Integer(1), sp.Integer(2), given), "").holds


@pytest.mark.parametrize("given", CONTRADICTORY.values(), ids=CONTRADICTORY)
def test_a_step_from_a_contradiction_is_no_derivation(given: tuple[Expr, ...]) -> None:
    claim = OWN["mean.ridge"]()
    rigged = Step("From nothing,", n, n + sum(given), given)
    ruling = referees.derivation([dataclasses.replace(claim, steps=(*claim.steps, rigged))])
    assert ruling.status in ("INCONCLUSIVE", "REFUTED")


def test_a_conclusion_from_a_contradiction_is_refuted() -> None:
    claim = OWN["mean.naive"]()
    rigged = dataclasses.replace(claim, published=2 * claim.published, given=(sp.Integer(1),))
    assert referees.certificate([rigged]).status == "REFUTED"


UNSATISFIABLE: dict[str, tuple[Relational, ...]] = {
    "between nothing": (positive(w - 1), w < 1),
    "no size": (n >= 2, sp.LessThan(n, 1)),
    "an equation without a root": (Eq(z**2, -1),),
    "against the kind of a symbol": (sp.StrictLessThan(x, 0, evaluate=False),),
}


@pytest.mark.parametrize("hypotheses", UNSATISFIABLE.values(), ids=UNSATISFIABLE)
def test_hypotheses_that_no_point_satisfies_prove_nothing(hypotheses: tuple[Relational, ...]) -> None:
    assert witness(hypotheses) is None
    assert not positivity(Inequality("vacuous", n, hypotheses)).holds


def test_every_hypothesis_of_the_project_has_a_point_that_satisfies_it() -> None:
    """The points themselves, put into what they are to satisfy."""
    for entry in OWN.values():
        for claim in entry.variants():
            for inequality in (*claim.inequalities, *claim.obligations):
                point = witness(inequality.hypotheses)
                assert point is not None, (claim.id, inequality.name)
                assert all(hypothesis.subs(point) == sp.true for hypothesis in inequality.hypotheses)
            for step in (*claim.steps, claim.conclusion):
                point = vanishing_point(step.given)
                assert point is not None, (claim.id, step.why)
                assert all(sp.cancel(given.subs(point)) == 0 for given in step.given)


# --- names -----------------------------------------------------------------------------------------------------------


def test_a_symbol_of_the_statement_is_not_taken_for_a_coordinate() -> None:
    """v (1 + r) >= 1 fails at v = r = 0.1; with v = 1/(1 + r) for the same r it would be 0 >= 0."""
    captured = Inequality("captured", v * (1 + r) - 1, (positive(v), v <= 1, nonnegative(r)), strict=False)
    assert not positivity(captured).holds
    assert not opinion(captured).holds


def test_a_value_may_not_have_a_symbol_of_nobody() -> None:
    strange = Inequality("strange", k, (positive(k),), coordinates={k: Coordinate(1 / (1 + r))})
    certificate = positivity(strange)
    assert not certificate.holds
    assert "which nothing introduces" in certificate.detail


def test_two_symbols_of_one_name_are_two_variables() -> None:
    """x > y for every positive x and nonnegative y is false, whatever they are called."""
    twin = Symbol("x", nonnegative=True)
    merged = Inequality("merged", (x - twin) ** 2, (positive(x), nonnegative(twin)))
    assert opinion(merged).z3 == opinion(merged).cvc5 == "sat"  # they may be equal
    false = Inequality("false", 1 - (x - twin) ** 2, (positive(x), nonnegative(twin)))
    assert opinion(false).z3 == opinion(false).cvc5 == "sat"  # merged, it would be 1 > 0
    assert not opinion(false).holds


# --- what is no rational function ------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [sp.zoo, sp.oo, -sp.oo, sp.nan], ids=str)
def test_what_is_not_finite_is_no_identity(value: Expr) -> None:
    assert not in_a_kernel(value, value)
    assert not in_a_kernel(value + w, value)
    assert not in_a_kernel(w, w, (value,))
    assert not identity(Step("Not finite,", value, value), "").holds


def test_what_does_not_commute_is_no_identity() -> None:
    one, other = sp.symbols("A B", commutative=False)
    assert not in_a_kernel(one * other, other * one)
    assert not in_a_kernel(one, one)


def test_powers_are_taken_apart_only_where_that_is_true() -> None:
    assert in_a_kernel(z ** (2 * t), (z**2) ** t)  # t is a whole number
    assert in_a_kernel(x ** (2 * z), (x**2) ** z)  # x is positive
    assert not in_a_kernel(z ** (2 * x), (z**2) ** x)  # (-1)^1 is not 1^(1/2)
    assert in_a_kernel(z ** (x + 1), z * z**x)
    assert not in_a_kernel(z**x, z ** (x + Rational(1, 2)))
