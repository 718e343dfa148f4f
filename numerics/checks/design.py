"""How a check is laid out: runs of a simulator, and what each column of their results is held against."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.recursion import Recursion

Sign = Literal["positive", "negative"]
Estimate = Literal["estimate"]
FLOOR = 4000
"""Fewer replications would leave the far tails of a skewed mean too far from normal."""
Draw = Callable[[Stream, range], FloatArray]
"""Gives an array (replicates, columns). A `kernel`, if it has one, tells the compiled code that it runs from others."""


def kernel_of(draw: Draw) -> Hashable:
    """What tells the compiled kernel of a draw from others; a draw that names none counts as one of its own."""
    return getattr(draw, "kernel", id(draw))


@dataclass(frozen=True)
class Prediction:
    """What theory says that a mean is, and how wrong versions of the theory say something else.

    Where the claim's published expression applies, `link` takes its value to `target`, and the mutants of the
    expression are held against the mean; likewise those of `recursion`, of which the mean estimates `component`.
    """

    target: float
    link: Callable[[float], float] | None = None
    recursion: Recursion | None = None
    component: int = 0


@dataclass(frozen=True)
class Column:
    """One number a replicate: what it is, at which parameters, and which test its mean meets.

    The test is that it equals a prediction, or has a sign. An estimate meets none: it feeds an extrapolation or a rate.
    """

    quantity: str
    parameters: Mapping[str, float]
    test: Prediction | Sign | Estimate


@dataclass(frozen=True)
class Bracket:
    """A sign change between two columns: the claim's point lies between `low` and `high`."""

    quantity: str
    left: int
    right: int
    low: float
    high: float
    target: float
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class Run:
    """One simulation: `draw(stream, replicates)` gives an array (replicates, columns).

    `precision` multiplies the effort's margin; `floor` is the least number of replications.
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
class ErrorAgainstWeight:
    """A figure of the limiting error against the weight, drawn by a simulator that takes the claim's parameters.

    `what` is estimated, `axis` names its error. The curve is the claim's limit; its least value and the error of real
    data only are marked.
    """

    what: str
    axis: str
    simulate: Callable[..., FloatArray]
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class Extrapolation:
    """A limit in n: n times a column of several runs, against 1/n, must meet the prediction at 0.

    `sizes` are the n of the runs, `degree` is that of the regression. With `ratio` it is the column's mean over that of
    the last column that is extrapolated. `precision` multiplies the margin. `figure` is the one that it asks for.
    """

    quantity: str
    runs: tuple[str, ...]
    sizes: tuple[int, ...]
    parameters: Mapping[str, float]
    prediction: Prediction
    degree: int = 2
    column: int = 0
    ratio: bool = False
    precision: float = 1.0
    figure: AgainstSize | AgainstWeight | None = None

    @property
    def target(self) -> float:
        """The value that theory says the limit has."""
        return self.prediction.target


@dataclass(frozen=True)
class Rate:
    """A rate of growth: the logs of the first columns of several runs, against t, rise with slope `target`."""

    quantity: str
    runs: tuple[str, ...]
    steps: tuple[int, ...]
    target: float
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class Table:
    """Numbers that belong beside a claim: a title, column heads, and rows that begin with words.

    It is found by its `name`, and a column by its place among the `keys`.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]
    note: str = ""
    name: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """The simulations of one claim; the report prints the remark, and the tables beside it."""

    runs: tuple[Run, ...]
    extrapolations: tuple[Extrapolation, ...] = ()
    rates: tuple[Rate, ...] = field(default=(), kw_only=True)
    tables: tuple[Table, ...] = field(default=(), kw_only=True)
    figures: tuple[ErrorAgainstWeight, ...] = field(default=(), kw_only=True)
    remark: str = field(default="", kw_only=True)
