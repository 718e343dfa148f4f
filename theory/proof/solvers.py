"""A second opinion on every inequality: z3 and cvc5 on the hypotheses with the negated claim, over the reals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cvc5.pythonic as cvc
import sympy as sp
import z3
from sympy import Expr
from sympy.core.relational import Relational

from nocollapse.theory.claims.claim import Inequality

TIMEOUT_MS = 60_000


@dataclass(frozen=True)
class Opinion:
    """What the two solvers say: `unsat` for the negated claim, and `sat` for the hypotheses alone."""

    name: str
    statement: str
    z3: str
    cvc5: str
    hypotheses: str

    @property
    def holds(self) -> bool:
        """Whether both refute the negation and the proof is not vacuous."""
        return (self.z3, self.cvc5, self.hypotheses) == ("unsat", "unsat", "sat")


def opinion(claim: Inequality) -> Opinion:
    """Both solvers' verdict on one inequality, and z3's on the consistency of its hypotheses.

    Their variables stand for symbols, not for the names of symbols, of which two may be the same.
    """
    symbols = sorted(sp.Tuple(claim.expression, *claim.hypotheses).free_symbols, key=sp.default_sort_key)
    names = {symbol: f"x{i}" for i, symbol in enumerate(symbols)}
    hypotheses = [_relation(hypothesis) for hypothesis in claim.hypotheses]
    negated = _negation(claim)
    return Opinion(
        claim.name,
        claim.latex,
        _ask_z3([*hypotheses, negated], names),
        _ask_cvc5([*hypotheses, negated], names),
        _ask_z3(hypotheses, names),
    )


Names = Mapping[Expr, str]
"""The solvers' name of each symbol."""
Formula = Callable[[Any, Callable[[Expr], Any]], Any]  # (solver module, translation) -> the solver's formula


def _relation(hypothesis: Relational) -> Formula:
    difference, denominator = sp.fraction(sp.together(hypothesis.lhs - hypothesis.rhs))
    assert denominator.is_number, f"a hypothesis must be polynomial: {hypothesis}"
    return lambda solver, real: getattr(real(difference), _OPERATORS[type(hypothesis)])(real(sp.Integer(0)))


_OPERATORS = {
    sp.Eq: "__eq__",
    sp.Ne: "__ne__",
    sp.StrictGreaterThan: "__gt__",
    sp.GreaterThan: "__ge__",
    sp.StrictLessThan: "__lt__",
    sp.LessThan: "__le__",
}


def _negation(claim: Inequality) -> Formula:
    """The claim fails: its denominator vanishes, or numerator and denominator have the wrong signs."""
    top, bottom = (sp.factor(part) for part in sp.fraction(sp.factor(sp.together(claim.expression))))

    def formula(solver: Any, real: Callable[[Expr], Any]) -> Any:
        zero = real(sp.Integer(0))
        a = real(top)
        b = real(bottom)
        below = solver.Or(solver.And(a < zero, b > zero), solver.And(a > zero, b < zero))
        return solver.Or(b == zero, a == zero, below) if claim.strict else solver.Or(b == zero, below)

    return formula


def _ask_z3(formulas: list[Formula], names: Names) -> str:
    solver = z3.Tactic("qfnra-nlsat").solver()
    solver.set("timeout", TIMEOUT_MS)
    for formula in formulas:
        solver.add(formula(z3, lambda e: _translate(e, z3.Real, z3.RealVal, names)))
    return str(solver.check())


def _ask_cvc5(formulas: list[Formula], names: Names) -> str:
    solver = cvc.SolverFor("QF_NRA")
    solver.setOption("tlimit-per", TIMEOUT_MS)
    for formula in formulas:
        solver.add(formula(cvc, lambda e: _translate(e, cvc.Real, cvc.RealVal, names)))
    return str(solver.check())


def _translate(expression: Expr, real: Callable[[str], Any], value: Callable[[str], Any], names: Names) -> Any:
    """A polynomial in the solver's terms. Raises ValueError for anything else."""
    if expression.is_Rational:
        return value(str(expression))
    if expression.is_Symbol:
        return real(names[expression])
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        operands = [_translate(expression.base, real, value, names)] * int(expression.exp)
    elif expression.is_Add or expression.is_Mul:
        operands = [_translate(arg, real, value, names) for arg in expression.args]
    else:
        raise ValueError(f"{expression} is not a polynomial: the solvers cannot referee it")
    total = operands[0]
    for operand in operands[1:]:
        total = total + operand if expression.is_Add else total * operand
    return total
