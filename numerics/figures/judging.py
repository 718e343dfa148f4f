"""Whether the points that a figure shows are what theory says: the protocol of the checks, on the figure's own draws.

Points of a panel share trajectories, and weights their driving numbers: Holm's adjustment over all points of a figure
is valid under any dependence. The tests are normal ones, and the error of a trajectory is skewed. With 1000 of them and
200 tests, a test is wrong 7 times as often as its level says where the skewness is 2.6 (the CDF of real data), twice
where it is 1.4 (four coefficients): a figure whose theory is true is refuted with a probability of 0.1 to 0.5 %.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.design import Prediction
from nocollapse.numerics.checks.outcomes import EqualityOutcome, Place
from nocollapse.numerics.protocol.equality import FLOOR, Status, combine, equality, holm


@dataclass(frozen=True)
class Held:
    """A series of a panel, and what its means are held against.

    `law` gives theory's exact mean at an abscissa, which is the parameter `letter`; None where there is no test, for
    the reason `untested`. Of the sample's blocks of columns, of one an abscissa each, the series is the one at `block`.
    `claim` is the id of what is tested.
    """

    claim: str
    series: str
    letter: str
    law: Callable[[float], float | None]
    untested: str = ""
    block: int = 0


@dataclass(frozen=True)
class Points:
    """The points of a panel: how many have a test and how many none, and the tests made, not adjusted yet."""

    panel: str
    held: tuple[Held, ...]
    outcomes: tuple[EqualityOutcome, ...]
    tested: int
    untested: int
    replications: int


@dataclass(frozen=True)
class PanelVerdict:
    """What the points of a panel say of the theory: a status, None where nothing is tested, and the reason for it."""

    panel: str
    status: Status | None
    reason: str
    points: tuple[EqualityOutcome, ...]

    def plain(self) -> dict[str, Any]:
        """The verdict as plain data, with a row a point as in `verdicts.json`."""
        rows = [point.row() for point in self.points]
        return {"panel": self.panel, "status": self.status, "reason": self.reason, "points": rows}


def count_of_tests(held: Sequence[Held], abscissa: Sequence[float]) -> int:
    """How many points have a test."""
    return sum(one.law(x) is not None for one in held for x in abscissa)


def compared(
    panel: str,
    held: tuple[Held, ...],
    abscissa: Sequence[float],
    sample: FloatArray,
    *,
    margin: float,
    tests: int,
) -> Points:
    """The test of each point of a panel that has one; `tests` are made in the whole figure, of which this is a part.

    `sample` is (replicates, columns). There are no tests with too few replicates for a normal interval.
    """
    blocks = sample.reshape(len(sample), -1, len(abscissa))
    points = [(one, i, x, one.law(x)) for one in held for i, x in enumerate(abscissa)]
    outcomes = [
        _outcome(panel, one, x, blocks[:, one.block, i], target, margin, tests)
        for one, i, x, target in points
        if target is not None and len(sample) >= FLOOR
    ]
    count = count_of_tests(held, abscissa)
    return Points(panel, held, tuple(outcomes), count, len(points) - count, len(sample))


def _outcome(
    panel: str, held: Held, x: float, values: FloatArray, target: float, margin: float, tests: int
) -> EqualityOutcome:
    kept = values[~np.isnan(values)]
    place = Place(held.claim, panel, held.series, {held.letter: x}, len(values) - len(kept))
    return EqualityOutcome(place, Prediction(target), equality(kept, target, margin=margin, tests=tests))


def verdicts(panels: Sequence[Points]) -> list[PanelVerdict]:
    """The verdict on each panel of a figure, with p-values adjusted for all points of the figure."""
    family = map(float, holm([outcome.measured.p_value for points in panels for outcome in points.outcomes]))
    return [
        _verdict(points, tuple(replace(outcome, adjusted=next(family)) for outcome in points.outcomes))
        for points in panels
    ]


def in_one_line(panels: Sequence[PanelVerdict]) -> str:
    """How many panels have which status, for the figure itself; empty where none is judged.

    >>> in_one_line([PanelVerdict("7-mean", "SUPPORTED", "", ()), PanelVerdict("7-logistic", None, "", ())])
    'Points against exact means: 1 panel SUPPORTED, 1 not tested.'
    """
    counts = Counter(verdict.status or "not tested" for verdict in panels)
    if not counts:
        return ""
    parts = [f"{count} {status}" for status, count in counts.items()]
    first, _, rest = parts[0].partition(" ")
    parts[0] = f"{first} {'panel' if first == '1' else 'panels'} {rest}"
    return f"Points against exact means: {', '.join(parts)}."


def _verdict(points: Points, outcomes: tuple[EqualityOutcome, ...]) -> PanelVerdict:
    without = "; ".join(dict.fromkeys(one.untested for one in points.held if one.untested))
    if not outcomes:
        few = f"{points.replications} replications, where a normal interval takes {FLOOR}"
        return PanelVerdict(points.panel, None, few if points.tested else without, ())
    status = combine(outcome.status for outcome in outcomes)
    reason = _reason(status, outcomes)
    if points.untested:
        reason += f"; {points.untested} not tested: {without}"
    return PanelVerdict(points.panel, status, reason, outcomes)


def _reason(status: Status, outcomes: Sequence[EqualityOutcome]) -> str:
    """What is said of the points that are tested."""
    count = len(outcomes)
    deciding = [outcome for outcome in outcomes if outcome.status == status]
    within = f"within {outcomes[0].measured.margin:.0%} of the exact mean"
    if status == "REFUTED":
        farthest = max(deciding, key=lambda outcome: abs(outcome.measured.z))
        off = f"{len(deciding)} of {count} points are off, the farthest by {farthest.measured.z:.1f} standard errors"
        return f"{off} ({farthest.place.quantity}, {farthest.place.sizes})"
    power = min(outcome.measured.power for outcome in deciding)
    if status == "SUPPORTED":
        return f"{count} points {within}; the least power is {power:.3f}"
    return f"{len(deciding)} of {count} points are not shown to be {within}; the least power is {power:.3f}"
