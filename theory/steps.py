"""One equation of a derivation, with its reason; and the steps that prove the closed form of a recursion."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Symbol

from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import latex, t


@dataclass(frozen=True)
class Step:
    """One equation of a derivation, with the reason for it: `left - right` is zero.

    `given` are polynomials that vanish under the claim's assumptions; the residual is zero modulo them. `label`
    is the LaTeX shown on the left where `left` is the value of a formal object (an expectation, say).
    """

    why: str
    left: Expr
    right: Expr
    given: tuple[Expr, ...] = ()
    label: str | None = None

    @property
    def computed(self) -> bool:
        """Whether both sides are one term: a value that was worked out before, of which no kernel is asked anything."""
        return bool(self.left == self.right)

    @property
    def latex(self) -> str:
        """The equation as printed."""
        left = latex(self.left) if self.label is None else self.label
        return f"{left} = {latex(self.right)}"


Sides = tuple[Expr, Expr, tuple[Expr, ...]]
"""Both sides of a step and what is given."""


def increment(expression: Expr, variable: Symbol, slope: Expr) -> Sides:
    """What has to hold for `slope` to be the derivative of a rational function: modulo epsilon^2, for the kernels."""
    epsilon = Symbol(r"\varepsilon", real=True)
    return expression.subs(variable, variable + epsilon) - expression, epsilon * slope, (epsilon**2,)


def at_infinity(expression: Expr, variable: Symbol, limit: Expr) -> Sides:
    """What has to hold for a rational function to tend to `limit`: as one of x = 1/variable it is that modulo x."""
    x = Symbol("x", real=True)
    return sp.cancel(sp.together(expression.subs(variable, 1 / x))), limit, (x,)


def solution(recursion: Recursion) -> tuple[Step, ...]:
    """The steps that prove the closed form of an autonomous recursion, and its fixed point."""
    closed = recursion.at(t)
    fixed = recursion.fixed_point()
    zero = sp.Integer(0)
    later = closed.subs(t, t + 1) - recursion.update(closed)
    steps = []
    for i, name in enumerate(recursion.state):
        letter = latex(name)
        steps += [
            Step(
                f"The closed form of ${letter}_t$ starts where the recursion does,",
                closed[i].subs(t, 0),
                recursion.initial[i],
                label=f"{letter}_0",
            ),
            Step(
                "and obeys it at every step, so by induction it is the solution.",
                later[i],
                zero,
                label=rf"{letter}_t = {latex(closed[i])},\qquad {letter}_{{t+1}} - (M s_t + c)_{{{letter}}}",
            ),
            Step(
                "The fixed point is mapped to itself.",
                recursion.update(fixed)[i] - fixed[i],
                zero,
                label=rf"{letter}_\infty = {latex(fixed[i])},\qquad (M s_\infty + c)_{{{letter}}} - {letter}_\infty",
            ),
        ]
    return tuple(steps)
