"""The numbers of a panel as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from nocollapse.figure import Panel

Row = tuple[str | float, ...]
_NOTHING = ""


def panel_csv(panel: Panel) -> bytes:
    """A panel's series, curves and marks, a row a point: label, x, y, and the interval where there is one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["series", "x", "y", "low", "high"])
    writer.writerows(_rows(panel))
    return out.getvalue().encode()


def _rows(panel: Panel) -> Iterator[Row]:
    for series in panel.series:
        for x, y, low, high in zip(series.x, series.y, series.low, series.high, strict=True):
            yield series.label, x, y, low, high
    for curve in (*panel.curves, *(panel.strip.curves if panel.strip else ())):
        for x, y in zip(curve.x, curve.y, strict=True):
            yield curve.label, x, y, _NOTHING, _NOTHING
    if panel.optimum is not None:
        yield "best weight from theory", panel.optimum.x, _NOTHING, _NOTHING, _NOTHING
        for x in panel.optimum.bracket or ():
            yield "a weight next to it, significantly worse", x, _NOTHING, _NOTHING, _NOTHING
    for interval in panel.strip.intervals if panel.strip else ():
        yield (
            "weights next to the best, significantly worse",
            interval.x,
            _NOTHING,
            interval.low,
            interval.high,
        )
