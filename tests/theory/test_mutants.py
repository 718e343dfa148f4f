"""Mutants: every single edit is there, once, and none is the original."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Expr

from nocollapse.theory.answers.quantity import quantity
from nocollapse.theory.claims.registry import CLAIMS
from nocollapse.theory.claims.setting import OPTIMAL, rho
from nocollapse.theory.proof.mutants import mutants
from nocollapse.theory.symbols import k, m, n, trace, w


def by_operator(expression: Expr) -> dict[str, set[Expr]]:
    operators: dict[str, set[Expr]] = {}
    for mutant in mutants(expression):
        operators.setdefault(mutant.operator, set()).add(mutant.expression)
    return operators


def test_the_exact_set_of_a_small_expression() -> None:
    """trace/n + 2: every edit, worked out by hand."""
    assert by_operator(trace / n + 2) == {
        "sign of the whole": {-trace / n - 2},
        "swap n and m": {trace / m + 2},
        "n to n - 1": {trace / (n - 1) + 2},
        "n to n + 1": {trace / (n + 1) + 2},
        "sign of a term": {trace / n - 2, 2 - trace / n},
        "drop a term": {trace / n, sp.Integer(2)},
        "drop a factor": {trace + 2, 1 / n + 2},
        "exponent - 1": {trace / n**2 + 2},
        "constant + 1": {trace / n + 3},
        "constant - 1": {trace / n + 1},
    }  # exponent + 1 makes trace + 2, which dropping the factor has made already


def test_the_operators_of_the_protocol_are_there() -> None:
    fresh = by_operator(trace / n * rho(w, n / m))
    ratio = by_operator(rho(w, k))
    assert {
        "swap n and m",
        "n to n - 1",
        "m to m + 1",
        "w to 1 - w",
        "sign of a term",
        "drop a term",
        "drop a factor",
        "exponent + 1",
        "exponent - 1",
        "constant + 1",
        "constant - 1",
    } <= set(fresh)
    assert fresh["swap n and m"] == {trace / m * rho(w, m / n)}
    assert ratio["k to 1/k"] == {rho(w, 1 / k)}
    assert by_operator(OPTIMAL)["k to 1/k"] == {OPTIMAL.subs(k, 1 / k)}


def expressions() -> dict[str, Expr]:
    """Every expression that a claim predicts, a recursion by its entries."""
    predictions: dict[str, Expr] = {"rho": rho(w, k), "optimum": OPTIMAL, "gain": 1 - rho(w, n / m)}
    for identifier, entry in CLAIMS.items():
        if entry.example is None:
            continue
        predicted = quantity(identifier)
        if predicted.expression is not None:
            predictions[identifier] = predicted.expression
        if predicted.recursion is not None:
            matrices = (predicted.recursion.matrix, predicted.recursion.offset, predicted.recursion.initial)
            predictions |= {f"{identifier} {i}": e for i, e in enumerate(e for part in matrices for e in part)}
    return predictions


EXPRESSIONS = expressions()


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_mutants_differ_from_the_original_and_from_each_other(expression: Expr) -> None:
    edited = [mutant.expression for mutant in mutants(expression)]
    assert expression not in edited
    assert len(edited) == len(set(edited))
    assert not any(e.has(sp.zoo, sp.nan) for e in edited)


def test_a_symbol_alone_has_only_its_global_edits() -> None:
    assert by_operator(trace) == {"sign of the whole": {-trace}}
    assert by_operator(n) == {
        "sign of the whole": {-n},
        "swap n and m": {m},
        "n to n - 1": {n - 1},
        "n to n + 1": {n + 1},
    }


def test_an_edit_at_one_place_shows_the_part_before_and_after() -> None:
    shown = {(mutant.operator, mutant.before, mutant.after) for mutant in mutants(trace / n + 2)}
    assert ("sign of a term", trace / n, -trace / n) in shown
    assert ("drop a factor", 1 / n, sp.Integer(1)) in shown
    assert ("constant + 1", sp.Integer(2), sp.Integer(3)) in shown
    assert ("swap n and m", None, None) in shown
