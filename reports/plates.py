"""A figure of several panels as SVG and PDF, and each panel's numbers as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reports.figures import CURVE, FAINT, INK, MARK, MUTED, PAPER, SAMPLE, STYLE

_SECOND = "#7a4ea3"
_COLOURS = (SAMPLE, _SECOND, MUTED)
_FORMATS = ("svg", "pdf")


def plate(title: str, panels: Sequence[dict[str, Any]]) -> dict[str, bytes]:
    """The figure in each vector format, by suffix; the same bytes for the same panels."""
    columns = min(len(panels), 4 if len(panels) > 6 else 3)
    rows = -(-len(panels) // columns)
    with mpl.rc_context(cast(Any, STYLE | {"svg.hashsalt": title, "pdf.fonttype": 42})):
        canvas = Figure(figsize=(4.3 * columns, 3.5 * rows), facecolor=PAPER, layout="constrained")
        canvas.suptitle(title, x=0.01, ha="left", fontsize=13, color=INK)
        places = canvas.subplots(rows, columns, squeeze=False).ravel()
        for axes, panel in zip(places, panels, strict=False):
            _draw(axes, panel)
        for axes in places[len(panels) :]:
            axes.set_axis_off()
        return {suffix: _saved(canvas, suffix) for suffix in _FORMATS}


def _saved(canvas: Figure, suffix: str) -> bytes:
    """Without dates and the like, so that nothing depends on when it was drawn."""
    names = ("Date", "Creator", "Format", "Type") if suffix == "svg" else ("Creator", "Producer", "CreationDate")
    buffer = io.BytesIO()
    canvas.savefig(buffer, format=suffix, metadata=dict.fromkeys(names))
    return buffer.getvalue()


def _draw(axes: Axes, panel: dict[str, Any]) -> None:
    axes.set_facecolor("none")
    axes.set_title(panel["title"], fontsize=10.5, loc="left")
    axes.set_xlabel(panel["x"])
    axes.set_ylabel(panel["y"])
    if panel["log_x"]:
        axes.set_xscale("log")
    if panel["log_y"]:
        axes.set_yscale("log")
    for curve, colour in zip(panel["curves"], (CURVE, MARK), strict=False):
        axes.plot(curve["x"], curve["y"], color=colour, linewidth=1.5, label=curve["label"], zorder=2)
    colours = iter(_COLOURS)
    for series in panel["series"]:
        if series.get("share"):
            _draw_share(axes, series)
        elif series.get("band"):
            _draw_band(axes, series, next(colours))
        else:
            _draw_points(axes, series, next(colours))
    if panel["optimum"] is not None:
        _draw_optimum(axes, panel)
    if panel["reference"] is not None:
        reference = panel["reference"]
        axes.axhline(reference["y"], color=MUTED, linewidth=1, linestyle="--", label=reference["label"])
    axes.grid(axis="y", color=FAINT, linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    axes.legend(fontsize=7.5, frameon=False)


def _draw_points(axes: Axes, series: dict[str, Any], colour: str) -> None:
    y = series["y"]
    reach = ([max(b - a, 0.0) for a, b in zip(series["low"], y, strict=True)],
             [max(b - a, 0.0) for a, b in zip(y, series["high"], strict=True)])  # fmt: skip
    axes.errorbar(series["x"], y, yerr=reach, fmt="o", markersize=2.8, elinewidth=1, capsize=1.5, color=colour,
                  label=series["label"], zorder=3)  # fmt: skip


def _draw_band(axes: Axes, series: dict[str, Any], colour: str) -> None:
    axes.plot(series["x"], series["y"], color=colour, linewidth=1)
    axes.fill_between(series["x"], series["low"], series["high"], color=colour, alpha=0.2, linewidth=0,
                      label=series["label"])  # fmt: skip


def _draw_share(axes: Axes, series: dict[str, Any]) -> None:
    """A share between 0 and 1, on an axis of its own."""
    other = axes.twinx()
    other.set_ylim(0, 1.02)
    other.set_ylabel(series["label"], color=_SECOND)
    other.spines["right"].set_visible(True)
    other.plot(series["x"], series["y"], color=_SECOND, linewidth=1.2, linestyle=":")
    other.fill_between(series["x"], series["low"], series["high"], color=_SECOND, alpha=0.2, linewidth=0)


def _draw_optimum(axes: Axes, panel: dict[str, Any]) -> None:
    label = f"w* = {panel['optimum']:.3f}"
    axes.axvline(panel["optimum"], color=MARK, linewidth=1.1, linestyle=":", label=label)
    if panel["bracket"] is not None:
        low, high = panel["bracket"]
        axes.axvspan(low, high, color=MARK, alpha=0.1, linewidth=0, label=f"minimiser in [{low:g}, {high:g}]")


def numbers(panel: dict[str, Any]) -> bytes:
    """A panel's series and curves as CSV: label, x, y, and the interval where there is one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["series", "x", "y", "low", "high"])
    for series in panel["series"]:
        for row in zip(series["x"], series["y"], series["low"], series["high"], strict=True):
            writer.writerow([series["label"], *row])
    for curve in panel["curves"]:
        writer.writerows([curve["label"], x, y, "", ""] for x, y in zip(curve["x"], curve["y"], strict=True))
    return out.getvalue().encode()
