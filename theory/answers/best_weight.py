"""Which weight for n real and m synthetic points a step, exact at these sizes where theory is.

All is read off a claim's derived recursion: its fixed point is the error as a function of the weight, its start the
error of real data only, and its modes say when the limit is reached.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import flint
import sympy as sp
from flint import arb
from sympy import Expr, Rational

from nocollapse.theory.answers.estimands import Case, Given, case
from nocollapse.theory.answers.evaluate import check, spelled
from nocollapse.theory.answers.limit_error import Objective, rational
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import m, n, w

_DIGITS = 40
"""The best weight is rounded to so many where steps are counted."""


@dataclass(frozen=True)
class Advice:
    """The best constant weight on real data at sizes n and m, and what it gains; printing it shows all on one screen.

    Weights are on real data; errors are limits in the number of steps, of `claim` at `parameters`. The best weight
    has 17 certain `digits`, an `exact` form and a `formula` in letters (None where there is none), and is a root
    of the irreducible `polynomial` (None where that is too long). Real data only need `equivalent` points for the
    same error; weights between `better_above` and 1 have a smaller error than they. The error diverges at or below
    `collapse`, or never where that is None. From step `steps` on it is within 1 percent of its limit.
    """

    model: str
    n: int
    m: int
    claim: str
    parameters: Mapping[str, str] = field(hash=False)
    assumed: tuple[str, ...]
    weight: float
    digits: str
    exact: str | None
    formula: str | None
    polynomial: str | None
    degree: int
    error: float
    real_only: float
    naive: float
    naive_weight: float
    equivalent: float
    within_1_percent: tuple[float, float]
    within_5_percent: tuple[float, float]
    better_above: float
    collapse: float | None
    steps: int

    @property
    def saved_over_real_only(self) -> float:
        """The share of the error of real data only that the best weight saves."""
        return 1 - self.error / self.real_only

    @property
    def saved_over_naive(self) -> float:
        """The share of the error of naive mixing that the best weight saves."""
        return 1 - self.error / self.naive

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, for JSON."""
        saved = {"saved_over_real_only": self.saved_over_real_only, "saved_over_naive": self.saved_over_naive}
        return asdict(self) | saved

    def __str__(self) -> str:
        rows = list(self.rows())
        width = max(len(name) for name, _ in rows)
        return "\n".join([*self.heading(), "", *(f"{name:<{width}}  {text}" for name, text in rows)])

    def heading(self) -> tuple[str, ...]:
        """What it is about, and what is assumed."""
        return f"{self.model}: n = {self.n} real and m = {self.m} synthetic points a step.", *self.assumed

    def rows(self) -> Iterator[tuple[str, str]]:
        """What is shown, by name."""
        yield "best weight on real data", self.digits
        yield "exactly", self.exact or f"a root of a polynomial of degree {self.degree}; all digits are certain"
        if self.formula is not None:
            yield "in letters", self.formula
        yield "error at the best weight", f"{self.error:.6g}"
        yield "error of real data only", f"{self.real_only:.6g}; {_saved(self.saved_over_real_only)}"
        naive = f"{self.naive:.6g} at w = {_short(self.naive_weight)}"
        yield "error of naive mixing", f"{naive}; {_saved(self.saved_over_naive)}"
        yield "as good as", f"{self.equivalent:.1f} real points a step, and no synthetic ones"
        yield "within 1 % of the best", _band(*self.within_1_percent)
        yield "within 5 % of the best", _band(*self.within_5_percent)
        yield "better than real data only", f"above w = {_short(self.better_above)}, and below 1"
        yield "collapse", _collapse(self.collapse)
        yield "within 1 % of the limit", f"from step {self.steps} on, at the best weight"


def _short(weight: float) -> str:
    """A weight in 6 digits, or in more where these would not tell it from 1."""
    text = f"{weight:.6g}"
    return text if text != "1" else f"{weight:.15g}"


def _saved(share: float) -> str:
    return f"the best weight saves {100 * share:.1f} %"


def _band(low: float, high: float) -> str:
    return f"w from {_short(low)} to {_short(high)}"


def _collapse(weight: float | None) -> str:
    """Where the error diverges, in words."""
    if weight is None:
        return "never, but at w = 0 all that real data told is lost"
    return f"at or below w = {_short(weight)}" if weight else "only at w = 0"


def advise(
    model: str, real: Rational, synthetic: Rational, options: Given, probabilities: Sequence[Rational] | None = None
) -> Advice:
    """The advice for a model at so many real and synthetic points a step.

    Raises ValueError naming what is out of place.

    >>> advise("gaussian-mean", Rational(100), Rational(400), {}).exact
    '(-1 + sqrt(17))/8'
    """
    check("n", real)
    check("m", synthetic)
    chosen = case(model, options, probabilities)
    recursion = chosen.recursion()
    sized = recursion.subs({n: real, m: synthetic})
    objective = Objective.of(sized.fixed_point()[0])
    with flint.ctx.workprec(objective.bits):
        best = objective.least()
        digits = best.decimal()
        exact = best.exact()
        error = objective(best.ball)
        real_only = objective(arb(1))
        naive_weight = arb(rational(real / (real + synthetic)))
        edge = objective.collapse()
        return Advice(
            model=model,
            n=int(real),
            m=int(synthetic),
            claim=chosen.claim,
            parameters={name: str(value) for name, value in chosen.parameters.items()},
            assumed=chosen.assumed,
            weight=float(digits),
            digits=digits,
            exact=None if exact is None else spelled(exact),
            formula=chosen.formula,
            polynomial=spelled(best.equation()),
            degree=best.degree,
            error=_float(error),
            real_only=_float(real_only),
            naive=_float(objective(naive_weight)),
            naive_weight=_float(naive_weight),
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

    before = -1
    after = 1
    while not reached(after):
        before = after
        after *= 2
    while after - before > 1:
        middle = (before + after) // 2
        if reached(middle):
            after = middle
        else:
            before = middle
    return after


def _float(ball: arb) -> float:
    """The number as a float. Raises ValueError where it is too large or too small for one."""
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
        start = objective.crossing(highest * rational(rise), objective.least().ball, objective.collapse() or arb(0))
        first = _float(start)
        weights = [first ** (1 - i / intervals) for i in range(intervals + 1)]
        errors = [_float(objective(arb(weight))) for weight in weights]
    return weights, errors
