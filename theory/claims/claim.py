"""What a claim is: a statement, the steps that derive it, and the inequalities that finish its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp
from sympy import Expr
from sympy.core.relational import Relational

from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import latex, t


@dataclass(frozen=True)
class Step:
    """One equation of a derivation, with the reason for it: ``left - right`` is zero.

    ``given`` are polynomials that vanish under the claim's assumptions; the residual is zero modulo them. ``label``
    is the LaTeX shown on the left where ``left`` is the value of a formal object (an expectation, say).
    """

    why: str
    left: Expr
    right: Expr
    given: tuple[Expr, ...] = ()
    label: str | None = None

    @property
    def latex(self) -> str:
        """The equation as printed."""
        left = latex(self.left) if self.label is None else self.label
        return f"{left} = {latex(self.right)}"


@dataclass(frozen=True)
class Inequality:
    """``expression > 0`` (or ``>= 0`` where not ``strict``) whenever the hypotheses hold.

    ``coordinates`` overrides the rational change of variables of the certificate: old symbol -> (its expression in
    the new coordinate, new symbol, the new coordinate in the old symbols).
    """

    name: str
    expression: Expr
    hypotheses: tuple[Relational, ...]
    strict: bool = True
    coordinates: Mapping[sp.Symbol, tuple[Expr, sp.Symbol | None, Expr | None]] = field(default_factory=dict)

    @property
    def latex(self) -> str:
        """The implication as printed."""
        sign = ">" if self.strict else r"\ge"
        premises = r",\; ".join(latex(h) for h in self.hypotheses)
        return rf"{premises} \;\Longrightarrow\; {latex(self.expression)} {sign} 0"


@dataclass(frozen=True)
class Claim:
    """A statement of the paper with everything that supports it on the side of theory.

    ``published`` is the paper's side and ``derived`` the program's, reached from one-step moments; the claim is that
    they agree (modulo ``given``). ``recursion`` gives the same quantity at a finite step, as its first moment.
    ``obligations`` are consequences of the steps that the solvers check once more in one piece.
    """

    id: str
    statement: sp.Basic
    published: Expr
    derived: Expr
    assumptions: tuple[str, ...]
    steps: tuple[Step, ...]
    inequalities: tuple[Inequality, ...]
    not_said: str
    obligations: tuple[Inequality, ...] = ()
    given: tuple[Expr, ...] = ()
    recursion: Recursion | None = None

    @property
    def conclusion(self) -> Step:
        """The equation of the two sides."""
        return Step("The derived expression is the published one.", self.derived, self.published, self.given)


def positive(expression: Expr) -> Relational:
    """The hypothesis ``expression > 0``, kept as such where the assumptions on symbols would make it ``True``."""
    return sp.StrictGreaterThan(expression, sp.Integer(0), evaluate=False)


def nonnegative(expression: Expr) -> Relational:
    """The hypothesis ``expression >= 0``, kept likewise."""
    return sp.GreaterThan(expression, sp.Integer(0), evaluate=False)


def solution(recursion: Recursion) -> tuple[Step, ...]:
    """The steps that prove the closed form of an autonomous recursion, and its fixed point."""
    closed, fixed = recursion.at(t), recursion.fixed_point()
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
