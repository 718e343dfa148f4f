"""What a claim is: a statement, the steps that derive it, and the inequalities that finish its proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import overload

import sympy as sp
from sympy import Expr, Symbol
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
    is that they agree (modulo `given`). What is printed is made of `published`: `left = published` with the symbol
    `left`, or whatever else `relation` makes of it. `recursion` gives the same quantity at a finite step, as its first
    moment, and `start` has what is published of its moments at step 0, in the order of its state; where it is not
    autonomous, `limit` is its value in the limit, if that is known. `obligations` are consequences of the steps that
    the solvers check once more in one piece. `id` is set by the entry that states the claim. Raises ValueError unless
    either `left` or `relation` is given, and where `relation` drops the published side.
    """

    published: Expr
    derived: Expr
    assumptions: tuple[str, ...]
    steps: Sequence[Step]
    inequalities: tuple[Inequality, ...]
    not_said: str
    left: Symbol | None = None
    relation: Callable[[Expr], sp.Basic] | None = None
    obligations: tuple[Inequality, ...] = ()
    given: tuple[Expr, ...] = ()
    recursion: Recursion | None = None
    start: tuple[Expr, ...] = ()
    limit: Expr | None = None
    id: str = ""

    def __post_init__(self) -> None:
        if (self.left is None) == (self.relation is None):
            raise ValueError("a claim takes either left or relation, by which its statement is printed")
        anything = sp.Dummy()
        if not self._printed(anything).has(anything):
            raise ValueError("the relation of a claim makes a statement without the published expression in it")

    @property
    def statement(self) -> sp.Basic:
        """What is printed, as the published expression has it."""
        return self._printed(self.published)

    def _printed(self, published: Expr) -> sp.Basic:
        if self.relation is not None:
            return self.relation(published)
        return sp.Eq(self.left, published, evaluate=False)

    @property
    def conclusion(self) -> Step:
        """The equation of the two sides."""
        return Step(
            "The derived expression is the one that it is compared with.", self.derived, self.published, self.given
        )

    @property
    def starts(self) -> tuple[Step, ...]:
        """The equations of each moment at step 0: the recursion's, and the published one. Both have to be as many."""
        if self.recursion is None:
            return ()
        rows = zip(self.recursion.state, self.recursion.initial, self.start, strict=True)
        return tuple(
            Step("The recursion starts at the stated value.", initial, published, label=f"{latex(name)}_0")
            for name, initial, published in rows
        )


def positive(expression: Expr) -> Relational:
    """The hypothesis `expression > 0`, kept as such where the assumptions on symbols would make it `True`."""
    return sp.StrictGreaterThan(expression, sp.Integer(0), evaluate=False)


def nonnegative(expression: Expr) -> Relational:
    """The hypothesis `expression >= 0`, kept likewise."""
    return sp.GreaterThan(expression, sp.Integer(0), evaluate=False)
