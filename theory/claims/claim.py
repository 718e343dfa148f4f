"""What a claim is: a statement, the steps that derive it, and the inequalities that finish its proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import overload

import sympy as sp
from sympy import Expr
from sympy.core.relational import Relational

from nocollapse.theory.claims.coordinates import Coordinates
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import latex


@dataclass(frozen=True)
class Inequality:
    """`expression > 0` (or `>= 0` where not `strict`) whenever the hypotheses hold.

    `coordinates` overrides the rational change of variables of the certificate.
    """

    name: str
    expression: Expr
    hypotheses: tuple[Relational, ...]
    strict: bool = True
    coordinates: Coordinates = field(default_factory=dict)

    @property
    def latex(self) -> str:
        """The implication as printed."""
        sign = ">" if self.strict else r"\ge"
        premises = r",\; ".join(latex(h) for h in self.hypotheses)
        return rf"{premises} \;\Longrightarrow\; {latex(self.expression)} {sign} 0"


class Deferred(Sequence[Step]):
    """Steps that are worked out when they are first looked at: a claim's number does not need them.

    >>> Deferred(lambda: (Step("Counting,", sp.Integer(1) + 1, sp.Integer(2)),))[0].why
    'Counting,'
    """

    def __init__(self, steps: Callable[[], Sequence[Step]]) -> None:
        self._work = steps

    @cached_property
    def _steps(self) -> tuple[Step, ...]:
        return tuple(self._work())

    def __len__(self) -> int:
        return len(self._steps)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Step, ...]: ...
    def __getitem__(self, index: int | slice) -> Step | tuple[Step, ...]:
        return self._steps[index]

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps)


@dataclass(frozen=True)
class Claim:
    """A statement with everything that supports it on the side of theory.

    `published` is the side that is typed in and `derived` the program's, reached from one-step moments; the claim
    is that they agree (modulo `given`). `recursion` gives the same quantity at a finite step, as its first moment;
    where it is not autonomous, `limit` is its value in the limit, if that is known. `obligations` are consequences
    of the steps that the solvers check once more in one piece. `id` is set by the entry that states the claim.
    """

    statement: sp.Basic
    published: Expr
    derived: Expr
    assumptions: tuple[str, ...]
    steps: Sequence[Step]
    inequalities: tuple[Inequality, ...]
    not_said: str
    obligations: tuple[Inequality, ...] = ()
    given: tuple[Expr, ...] = ()
    recursion: Recursion | None = None
    limit: Expr | None = None
    id: str = ""

    @property
    def conclusion(self) -> Step:
        """The equation of the two sides."""
        return Step(
            "The derived expression is the one that it is compared with.", self.derived, self.published, self.given
        )


def positive(expression: Expr) -> Relational:
    """The hypothesis `expression > 0`, kept as such where the assumptions on symbols would make it `True`."""
    return sp.StrictGreaterThan(expression, sp.Integer(0), evaluate=False)


def nonnegative(expression: Expr) -> Relational:
    """The hypothesis `expression >= 0`, kept likewise."""
    return sp.GreaterThan(expression, sp.Integer(0), evaluate=False)
