"""What a figure shows: panels of curves, simulated values and marks, and nothing about how they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Numbers = Sequence[float]
Shape = Literal["points", "band", "share", "joint"]


@dataclass(frozen=True)
class Axis:
    """What is on an axis, in words, and whether it is logarithmic; on a `whole` one there are integers only."""

    label: str
    log: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Curve:
    """A line through points."""

    label: str
    x: Numbers
    y: Numbers


@dataclass(frozen=True)
class Series:
    """Values with intervals: shown as points, as the band between the ends, or as a share with an axis from 0 to 1.

    A `joint` band holds all values at once, and belongs to the points that come before it.
    """

    label: str
    x: Numbers
    y: Numbers
    low: Numbers
    high: Numbers
    shape: Shape = "points"


@dataclass(frozen=True)
class Band:
    """All that lies between two abscissae."""

    label: str
    low: float
    high: float


@dataclass(frozen=True)
class Mark:
    """A point of its own."""

    label: str
    x: float
    y: float


@dataclass(frozen=True)
class Optimum:
    """The best abscissa by theory, and two around it at which a simulation finds it to be worse."""

    label: str
    x: float
    bracket: tuple[float, float] | None = None


@dataclass(frozen=True)
class Reference:
    """An ordinate to compare with."""

    label: str
    y: float


@dataclass(frozen=True)
class Interval:
    """Between which ordinates something lies, at an abscissa."""

    x: float
    low: float
    high: float


@dataclass(frozen=True)
class Strip:
    """A second, low panel under the same abscissae, for weights from 0 to 1: theory, and where minimisers are."""

    curves: tuple[Curve, ...]
    intervals: tuple[Interval, ...]


@dataclass(frozen=True)
class Panel:
    """One pair of axes.

    The first curve is that of the theory, or of the better choice. `bands` are where an error is small, the wide one
    first; `collapse` is where it diverges. `replications` is how many trajectories the series are made of.
    """

    id: str
    title: str
    x: Axis
    y: Axis
    curves: tuple[Curve, ...] = ()
    series: tuple[Series, ...] = ()
    bands: tuple[Band, ...] = ()
    marks: tuple[Mark, ...] = ()
    collapse: Band | None = None
    optimum: Optimum | None = None
    reference: Reference | None = None
    strip: Strip | None = None
    note: str = ""
    replications: int | None = None


@dataclass(frozen=True)
class Figure:
    """Panels side by side under one title; `id` does for the name of a file, `note` is for all panels."""

    id: str
    title: str
    panels: tuple[Panel, ...]
    note: str = ""
