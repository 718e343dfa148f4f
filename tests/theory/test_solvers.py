"""The solvers as referees: counterexamples are found, vacuous hypotheses noticed, other functions refused."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import Eq, Symbol

from nocollapse.theory.claims.claim import Inequality, nonnegative, positive
from nocollapse.theory.claims.setting import rho
from nocollapse.theory.proof.solvers import opinion
from nocollapse.theory.symbols import k, m, n, v, w

ON_OPTIMUM = (w > 0, w < 1, Eq(w**2, k * (1 - w)), positive(k))
REGRET = rho(v, k) - rho(w, k)
FALSE = {
    "false": Inequality("", 1 / n - 1 / (n - 1), (n >= 2,)),
    "false somewhere": Inequality("", m - n, (n >= 2, m >= 2)),
    "not strict at the boundary": Inequality("", 1 - w, (w > 0, w <= 1)),
    "zero": Inequality("", w, (nonnegative(w), w <= 1)),
    "a pole": Inequality("", 1 / w, (nonnegative(w), w <= 1)),
    "a pole, not strict": Inequality("", 1 / w, (nonnegative(w), w <= 1), strict=False),
    "the optimum itself": Inequality("", REGRET, (*ON_OPTIMUM, v > 0, v <= 1)),
    "optimum for 1/k": Inequality(
        "", REGRET, (w > 0, w < 1, Eq(k * w**2, 1 - w), positive(k), v > 0, v <= 1, sp.Ne(v, w))
    ),
    "assumptions of a symbol do not count": Inequality("", Symbol("c", positive=True), (n >= 2,)),
}
TRUE = {
    "not strict": Inequality("", 1 - w, (w > 0, w <= 1), strict=False),
    "every other weight": Inequality("", REGRET, (*ON_OPTIMUM, v > 0, v <= 1, sp.Ne(v, w))),
    "constant": Inequality("", sp.Integer(1), (n >= 2,)),
}


@pytest.mark.parametrize("claim", FALSE.values(), ids=FALSE)
def test_both_solvers_have_a_counterexample(claim: Inequality) -> None:
    answers = opinion(claim)
    assert (answers.z3, answers.cvc5, answers.hypotheses) == ("sat", "sat", "sat")
    assert not answers.holds


@pytest.mark.parametrize("claim", TRUE.values(), ids=TRUE)
def test_both_solvers_refute_the_negation(claim: Inequality) -> None:
    assert opinion(claim).holds


def test_vacuous_hypotheses_prove_nothing() -> None:
    answers = opinion(Inequality("", 1 - w, (w > 1, sp.LessThan(w, 1, evaluate=False))))
    assert (answers.z3, answers.cvc5, answers.hypotheses) == ("unsat", "unsat", "unsat")
    assert not answers.holds


@pytest.mark.parametrize("expression", [sp.log(w), sp.sqrt(w), w**n, sp.exp(w)], ids=str)
def test_other_functions_than_rational_ones_are_refused(expression: sp.Expr) -> None:
    with pytest.raises(ValueError, match="not a polynomial"):
        opinion(Inequality("", expression, (w > 0,)))


def test_hypotheses_may_be_written_either_way_round() -> None:
    assert opinion(Inequality("", 3 - n, (sp.Lt(n, 3), sp.Gt(n, 2)))).holds
