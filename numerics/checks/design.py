"""How a check is laid out: runs of a simulator, and what each column of their results is held against."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from nocollapse.numerics.protocol.equality import FloatArray
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.recursion import Recursion

FLOOR = 4000
"""Fewer replications would leave the far tails of a skewed mean too far from normal."""
Test = Literal["equality", "positive", "negative", "estimate"]
"""An estimate meets no test of its own: it feeds an extrapolation or a rate."""
Draw = Callable[[Stream, range], FloatArray]
"""Gives an array (replicates, columns). A `kernel`, if it has one, tells the compiled code that it runs from others."""


def kernel_of(draw: Draw) -> Hashable:
    """What tells the compiled kernel of a draw from others; a draw that names none counts as one of its own."""
    return getattr(draw, "kernel", id(draw))


@dataclass(frozen=True)
class Column:
    """One number a replicate: what it is, at which parameters, and which test it meets.

    ``target`` is the claim's value of its mean (equality). Where the claim's published expression applies, ``link``
    takes its value to that of the column, and the mutants of the expression are held against it; likewise those of
    ``recursion``, of which the column estimates ``component``.
    """

    quantity: str
    parameters: Mapping[str, float]
    test: Test = "equality"
    target: float | None = None
    link: Callable[[float], float] | None = None
    recursion: Recursion | None = None
    component: int = 0


@dataclass(frozen=True)
class Bracket:
    """A sign change between two columns: the claim's point lies between ``low`` and ``high``."""

    quantity: str
    left: int
    right: int
    low: float
    high: float
    target: float
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class Run:
    """One simulation: ``draw(stream, replicates)`` gives an array (replicates, columns).

    ``precision`` multiplies the effort's margin; ``floor`` is the least number of replications.
    """

    name: str
    draw: Draw
    columns: tuple[Column, ...]
    brackets: tuple[Bracket, ...] = ()
    precision: float = 1.0
    floor: int = FLOOR


@dataclass(frozen=True)
class AgainstSize:
    """A figure of one extrapolation against 1/n: its title, and what stands on its other axis."""

    title: str
    axis: str


@dataclass(frozen=True)
class AgainstWeight:
    """A figure of limits against the weight, of all extrapolations of a claim that have this one."""

    name: str
    title: str


@dataclass(frozen=True)
class Extrapolation:
    """A limit in n: n times a column of several runs, against 1/n, must meet ``target`` at 0.

    ``degree`` is that of the regression. ``linked`` says that the claim's published expression applies at the
    parameters, ``recursion`` that the target is its first moment. With ``ratio`` it is the column's mean over that of
    the last column that is extrapolated. ``precision`` multiplies the margin.
    """

    quantity: str
    runs: tuple[str, ...]
    sizes: tuple[int, ...]
    target: float
    parameters: Mapping[str, float]
    degree: int = 2
    linked: bool = True
    recursion: Recursion | None = None
    column: int = 0
    ratio: bool = False
    precision: float = 1.0
    figure: AgainstSize | AgainstWeight | None = None


@dataclass(frozen=True)
class Rate:
    """A rate of growth: the logs of the first columns of several runs, against t, rise with slope ``target``."""

    quantity: str
    runs: tuple[str, ...]
    steps: tuple[int, ...]
    target: float
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class Table:
    """Numbers that belong beside a claim: a title, column heads, and rows that begin with words.

    It is found by its ``name``, and a column by its place among the ``keys``.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]
    note: str = ""
    name: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """The simulations of one claim."""

    runs: tuple[Run, ...]
    rates: tuple[Rate, ...] = field(default=(), kw_only=True)
    extrapolations: tuple[Extrapolation, ...] = field(default=())
    remark: str = ""
    tables: tuple[Table, ...] = field(default=(), kw_only=True)
