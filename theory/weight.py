"""Which weight for n real and m synthetic points a step, exact at these sizes where theory is.

All is read off a claim's derived recursion: its fixed point is the error as a function of the weight, its start the
error of real data only, and its modes say when the limit is reached.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flint
import sympy as sp
from flint import arb
from sympy import Expr, ImmutableMatrix, Rational

from theory.advice import Advice
from theory.evaluate import check, check_together, number, spelled
from theory.misspecified import k_eff
from theory.objective import Objective, rational
from theory.recursion import Recursion
from theory.registry import quantity
from theory.symbols import PARAMETERS, k, m, n, w

Given = Mapping[str, Rational]
_CURVE = 400
"""Intervals of the drawn curve."""
_DIGITS = 40
"""The best weight is rounded to so many where steps are counted."""


@dataclass(frozen=True)
class _Case:
    """A claim with its parameters besides the sizes, what is assumed, and the best weight in letters."""

    claim: str
    parameters: Given
    assumed: tuple[str, ...] = ()
    formula: str | None = None

    def recursion(self) -> Recursion:
        """The error's recursion in n, m and w; where the claim is about n times the error, divided by n."""
        found = quantity(self.claim).recursion
        assert found is not None
        if found.offset.has(k):
            scaled = (ImmutableMatrix(column / n) for column in (found.offset, found.initial))
            found = Recursion(found.state, found.matrix, *scaled).subs({k: n / m})
        return found.subs({PARAMETERS[name]: value for name, value in self.parameters.items()})


def _in_letters(claim: str, ratio: Expr = n / m) -> str:
    """A claim's formula, and what its k stands for."""
    formula = sp.together(quantity(claim).expression)
    return f"{formula} with k = {ratio}" if formula.has(k) else str(formula)


def _mean(given: Given) -> _Case:
    unit = () if given else ("Errors are in units of tr Sigma.",)
    return _Case("mean.error", {"trace": Rational(1), **given}, unit, _in_letters("mean.optimal-weight"))


def _covariance(given: Given) -> _Case:
    if given.keys() == {"trace", "frob2"}:
        return _Case("covariance.error", given)
    if not given.keys() <= {"p"}:
        raise ValueError("model covariance needs trace and frob2 together, or p alone")
    p = given.get("p", Rational(1))
    assumed = f"Sigma is the identity in p = {p} dimension{'' if p == 1 else 's'}: give p, or trace and frob2."
    return _Case("covariance.error", {"trace": p, "frob2": p}, (assumed,))


def _cdf(given: Given) -> _Case:
    return _Case("cdf.error", given, (), _in_letters("cdf.optimal-weight"))


def _pmf(given: Given) -> _Case:
    unit = () if given else ("Errors are in units of 1 - sum p_j^2.",)
    case = _Case("pmf.error", {"gini": Rational(1), **given}, unit, _in_letters("cdf.optimal-weight"))
    if case.parameters["gini"] == 0:
        raise ValueError("gini = 0 leaves nothing to estimate")
    return case


def _glm(given: Given) -> _Case:
    limits = "Errors are limits as n grows with n/m fixed: at finite n there is a bias of order 1/n."
    if not given:
        unit = "They are in units of tr(I^-1), which nocollapse information gives."
        return _Case("glm.error", given, (limits, unit), _in_letters("mean.optimal-weight"))
    if len(given) == 1:
        raise ValueError("model glm needs trace_model and trace_sandwich together, or neither")
    formula = _in_letters("mean.optimal-weight", k_eff.subs(k, n / m))
    return _Case("glm.misspecified", given, (limits, "The model does not hold: n/m is replaced by k."), formula)


_MODELS: dict[str, tuple[Callable[[Given], _Case], tuple[str, ...]]] = {
    "gaussian-mean": (_mean, ("trace",)),
    "covariance": (_covariance, ("p", "trace", "frob2")),
    "cdf": (_cdf, ()),
    "pmf": (_pmf, ("gini", "probabilities")),
    "glm": (_glm, ("trace_model", "trace_sandwich")),
}
MODELS = tuple(_MODELS)


def advise(
    model: str, real: Rational, synthetic: Rational, options: Given, probabilities: Sequence[Rational] | None = None
) -> Advice:
    """The advice for a model at so many real and synthetic points a step; ``ValueError`` names what is out of place.

    >>> advise("gaussian-mean", Rational(100), Rational(400), {}).exact
    '(-1 + sqrt(17))/8'
    """
    check("n", real)
    check("m", synthetic)
    case = _case(model, options, probabilities)
    recursion = case.recursion()
    sized = recursion.subs({n: real, m: synthetic})
    objective = Objective.of(sized.fixed_point()[0])
    naive = real / (real + synthetic)
    with flint.ctx.workprec(objective.bits):
        best = objective.least()
        error, real_only = objective(best.ball), objective(arb(1))
        edge, digits, closed = objective.collapse(), best.decimal(), best.exact()
        return Advice(
            model=model,
            n=int(real),
            m=int(synthetic),
            claim=case.claim,
            parameters={name: str(value) for name, value in case.parameters.items()},
            assumed=case.assumed,
            weight=float(digits),
            digits=digits,
            exact=None if closed is None else spelled(closed),
            formula=case.formula,
            polynomial=spelled(best.equation()),
            degree=best.degree,
            error=_float(error),
            real_only=_float(real_only),
            naive=_float(objective(arb(rational(naive)))),
            naive_weight=float(naive),
            equivalent=_float(_points(recursion.initial[0], error)),
            within_1_percent=_within(objective, best.ball, 1),
            within_5_percent=_within(objective, best.ball, 5),
            better_above=_float(objective.crossing(real_only, best.ball, edge or arb(0))),
            collapse=None if edge is None else _float(edge),
            steps=_steps(sized.subs({w: Rational(best.decimal(_DIGITS))})),
        )


def _case(model: str, options: Given, probabilities: Sequence[Rational] | None) -> _Case:
    """The case that a model's options make."""
    if model not in MODELS:
        raise ValueError(f"model = {model!r} is not one of {', '.join(MODELS)}")
    build, own = _MODELS[model]
    named = [*options, *([] if probabilities is None else ["probabilities"])]
    if foreign := [name for name in named if name not in own]:
        raise ValueError(f"{foreign[0]} does not apply to model {model}")
    for name, value in options.items():
        if name != "p":
            check(name, value)
        elif value.q != 1 or value < 1:
            raise ValueError(f"p = {value} is not a whole number >= 1")
    check_together(options)
    if probabilities is None:
        return build(options)
    if options:
        raise ValueError("model pmf needs gini or probabilities, not both")
    return build({"gini": _gini(probabilities)})


def _gini(probabilities: Sequence[Rational]) -> Rational:
    """1 - sum p_j^2 of probabilities that sum to 1 within 1e-9, and are rescaled to do so."""
    total = sum(probabilities, Rational(0))
    if min(probabilities, default=-1) < 0 or abs(total - 1) > Rational(1, 10**9):
        shown = ", ".join(str(p) for p in probabilities)
        raise ValueError(f"probabilities = {shown} are not values >= 0 that sum to 1")
    return 1 - sum(p**2 for p in probabilities) / total**2


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

    late = 1
    while not reached(late):
        late *= 2
    return bisect_left(range(late), True, key=reached)


def _float(ball: arb) -> float:
    """The number as a float; ``ValueError`` where it is too large or too small for one."""
    if ball.rel_accuracy_bits() < 60:
        raise ArithmeticError(f"{ball} cannot be settled to the precision of a float")
    value = float(ball)
    if math.isinf(value) or (value == 0) != ball.is_zero():
        raise ValueError(f"a result of {ball.str(5, radius=False)} is out of the range of floating-point numbers")
    return value


def figure(advice: Advice) -> dict[str, Any]:
    """The error against the weight, as the plain data that a figure is drawn from.

    >>> figure(advise("cdf", Rational(20), Rational(40), {}))["optimum"]["label"]
    'best w = 0.496'
    """
    case = _Case(advice.claim, {name: number(name, value) for name, value in advice.parameters.items()})
    recursion = case.recursion().subs({n: sp.Integer(advice.n), m: sp.Integer(advice.m)})
    objective = Objective.of(recursion.fixed_point()[0])
    with flint.ctx.workprec(objective.bits):
        highest = max(objective(arb(1)), objective(arb(rational(Rational(advice.n, advice.n + advice.m)))))
        left = _float(objective.crossing(highest * 3 / 2, objective.least().ball, objective.collapse() or arb(0)))
        weights = [left ** (1 - i / _CURVE) for i in range(_CURVE + 1)]
        errors = [_float(objective(arb(weight))) for weight in weights]
    bands = (("within 5 %", advice.within_5_percent), ("within 1 %", advice.within_1_percent))
    return {
        "id": "weight",
        "title": f"{advice.model}, n = {advice.n}, m = {advice.m}",
        "x": "weight on real data, w",
        "y": "error in the limit",
        "curve": {"x": weights, "y": errors, "label": "error"},
        "points": [],
        "optimum": {"x": advice.weight, "label": f"best w = {advice.weight:.3g}"},
        "reference": {"y": advice.real_only, "label": "real data only"},
        "log_y": max(errors) > 10 * min(errors),
        "bands": [{"low": low, "high": high, "label": label} for label, (low, high) in bands],
        "marks": [
            {"x": advice.naive_weight, "y": advice.naive, "label": "naive mixing"},
            {"x": advice.better_above, "y": advice.real_only, "label": f"gain above {advice.better_above:.3g}"},
        ],
        "collapse": {"x": advice.collapse, "label": "collapse"} if advice.collapse else None,
    }
