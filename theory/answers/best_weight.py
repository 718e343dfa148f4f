"""Which weight for n real and m synthetic points a step, exact at these sizes where theory is.

All is read off a claim's derived recursion: its fixed point is the error as a function of the weight, its start the
error of real data only, and its modes say when the limit is reached.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import flint
import sympy as sp
from flint import arb
from sympy import Expr, Rational

from nocollapse.theory.answers.advice import Advice
from nocollapse.theory.answers.evaluate import check, spelled
from nocollapse.theory.answers.limit_error import Objective, rational
from nocollapse.theory.answers.models import Case, Given, case
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import m, n, w

_DIGITS = 40
"""The best weight is rounded to so many where steps are counted."""


def advise(
    model: str, real: Rational, synthetic: Rational, options: Given, probabilities: Sequence[Rational] | None = None
) -> Advice:
    """The advice for a model at so many real and synthetic points a step; ``ValueError`` names what is out of place.

    >>> advise("gaussian-mean", Rational(100), Rational(400), {}).exact
    '(-1 + sqrt(17))/8'
    """
    check("n", real)
    check("m", synthetic)
    found = case(model, options, probabilities)
    recursion = found.recursion()
    sized = recursion.subs({n: real, m: synthetic})
    objective = Objective.of(sized.fixed_point()[0])
    with flint.ctx.workprec(objective.bits):
        best = objective.least()
        error, real_only = objective(best.ball), objective(arb(1))
        naive = arb(rational(real / (real + synthetic)))
        edge, digits, closed = objective.collapse(), best.decimal(), best.exact()
        return Advice(
            model=model,
            n=int(real),
            m=int(synthetic),
            claim=found.claim,
            parameters={name: str(value) for name, value in found.parameters.items()},
            assumed=found.assumed,
            weight=float(digits),
            digits=digits,
            exact=None if closed is None else spelled(closed),
            formula=found.formula,
            polynomial=spelled(best.equation()),
            degree=best.degree,
            error=_float(error),
            real_only=_float(real_only),
            naive=_float(objective(naive)),
            naive_weight=_float(naive),
            equivalent=_float(_points(recursion.initial[0], error)),
            within_1_percent=_within(objective, best.ball, 1),
            within_5_percent=_within(objective, best.ball, 5),
            better_above=_float(objective.crossing(real_only, best.ball, edge or arb(0))),
            collapse=None if edge is None else _float(edge),
            steps=_steps(sized.subs({w: Rational(best.decimal(_DIGITS))})),
        )


def _points(start: Expr, error: arb) -> arb:
    """The number of real points with which the first step, real data only, has this error: linear in 1/error."""
    top, bottom = sp.fraction(sp.factor(start))
    slope, shift = (arb(rational(c / top)) for c in sp.Poly(bottom, n).all_coeffs())
    return (1 / error - shift) / slope


def _within(objective: Objective, best: arb, percent: int) -> tuple[float, float]:
    """The band of weights in (collapse, 1] whose error exceeds the least one by so many percent at most."""
    level = objective(best) * (100 + percent) / 100
    low = objective.crossing(level, best, objective.collapse() or arb(0))
    high = objective.crossing(level, best, arb(1)) if objective(arb(1)) > level else arb(1)
    return _float(low), _float(high)


def _steps(recursion: Recursion) -> int:
    """The first step from which on the error is within 1 percent of its limit; parameters are numbers.

    The error falls to its limit: it exceeds it by positive multiples of powers of eigenvalues in [0, 1).
    """
    modes = recursion.modes()
    limit = sum(mode.coefficient[0] for mode in modes if mode.eigenvalue == 1)
    shares = [(mode.coefficient[0] / limit, mode.eigenvalue) for mode in modes if mode.eigenvalue != 1]
    fading = [(rational(share), rational(eigenvalue)) for share, eigenvalue in shares]
    if not all(share >= 0 and 0 <= eigenvalue < 1 for share, eigenvalue in shares):
        raise ArithmeticError(f"the error is not seen to fall to its limit: {modes}")

    def reached(step: int) -> bool:
        excess = sum((share * arb(eigenvalue) ** step for share, eigenvalue in fading), arb(0))
        return bool(100 * excess <= 1)

    before, after = -1, 1
    while not reached(after):
        before, after = after, 2 * after
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (before, middle) if reached(middle) else (middle, after)
    return after


def _float(ball: arb) -> float:
    """The number as a float; ``ValueError`` where it is too large or too small for one."""
    if ball.rel_accuracy_bits() < 60:
        raise ArithmeticError(f"{ball} cannot be settled to the precision of a float")
    value = float(ball)
    if math.isinf(value) or (value == 0) != ball.is_zero():
        raise ValueError(f"a result of {ball.str(5, radius=False)} is out of the range of floating-point numbers")
    return value


def limit_curve(advice: Advice, rise: Rational, intervals: int) -> tuple[list[float], list[float]]:
    """The limit of the error at weights in geometric progression up to 1: weights and errors, `intervals` + 1 of each.

    At the first weight the error is `rise` times the larger of those of naive mixing and of real data only.
    """
    shown = Case(advice.claim, {name: Rational(value) for name, value in advice.parameters.items()})
    recursion = shown.recursion().subs({n: sp.Integer(advice.n), m: sp.Integer(advice.m)})
    objective = Objective.of(recursion.fixed_point()[0])
    with flint.ctx.workprec(objective.bits):
        naive = arb(rational(Rational(advice.n, advice.n + advice.m)))
        highest = max(objective(arb(1)), objective(naive))
        start = objective.crossing(
            highest * rational(rise), objective.least().ball, objective.collapse() or arb(0)
        )
        first = _float(start)
        weights = [first ** (1 - i / intervals) for i in range(intervals + 1)]
        errors = [_float(objective(arb(weight))) for weight in weights]
    return weights, errors
