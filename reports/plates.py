"""A figure of several panels as SVG and PDF, and each panel's numbers as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from textwrap import wrap
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec

from nocollapse.reports.figures import CURVE, FAINT, INK, MARK, MUTED, PAPER, SAMPLE, STYLE

_SECOND = "#7a4ea3"
_FORMATS = ("svg", "pdf")


def plate(title: str, panels: Sequence[dict[str, Any]]) -> dict[str, bytes]:
    """The figure in each vector format, by suffix; the same bytes for the same panels."""
    columns = min(len(panels), 4 if len(panels) > 6 else 3)
    rows = -(-len(panels) // columns)
    with mpl.rc_context(cast(Any, STYLE | {"svg.hashsalt": title, "pdf.fonttype": 42})):
        canvas = Figure(figsize=(4.6 * columns, 4 * rows), facecolor=PAPER, layout="constrained")
        canvas.suptitle(title, x=0.01, ha="left", fontsize=13, color=INK)
        places = canvas.add_gridspec(rows, columns, hspace=0.06)
        for i, panel in enumerate(panels):
            _place(canvas, places[i], panel)
        return {suffix: _saved(canvas, suffix) for suffix in _FORMATS}


def _saved(canvas: Figure, suffix: str) -> bytes:
    """Without dates and the like, so that nothing depends on when it was drawn."""
    names = ("Date", "Creator", "Format", "Type") if suffix == "svg" else ("Creator", "Producer", "CreationDate")
    buffer = io.BytesIO()
    canvas.savefig(buffer, format=suffix, metadata=dict.fromkeys(names))
    return buffer.getvalue()


def _place(canvas: Figure, place: SubplotSpec, panel: dict[str, Any]) -> None:
    """One panel, with its strip of weights below it if it has one."""
    if panel["strip"] is None:
        axes = canvas.add_subplot(place)
        _draw(axes, panel)
    else:
        halves = place.subgridspec(2, 1, height_ratios=(3, 1), hspace=0)
        axes = canvas.add_subplot(halves[0])
        below = canvas.add_subplot(halves[1], sharex=axes)
        _draw(axes, panel)
        axes.tick_params(labelbottom=False)
        axes.set_xlabel("")
        _draw_strip(below, panel)


def _draw_strip(axes: Axes, panel: dict[str, Any]) -> None:
    """Weights: theory lines, and the interval around the best whose ends a simulation finds worse."""
    axes.set_facecolor("none")
    axes.set_xlabel(panel["x"])
    axes.set_ylabel("weight w")
    axes.set_ylim(0, 1)
    for curve, colour in zip(panel["strip"]["curves"], (CURVE, MARK), strict=True):
        axes.plot(curve["x"], curve["y"], color=colour, linewidth=1.2, label=curve["label"])
    ends = panel["strip"]["brackets"]
    middle = [(end["low"] + end["high"]) / 2 for end in ends]
    reach = [(end["high"] - end["low"]) / 2 for end in ends]
    axes.errorbar([end["x"] for end in ends], middle, yerr=reach, fmt="none", capsize=2.5, elinewidth=1, color=SAMPLE,
                  label="minimiser between")  # fmt: skip
    axes.legend(fontsize=7, frameon=False)


def _draw(axes: Axes, panel: dict[str, Any]) -> None:
    axes.set_facecolor("none")
    axes.set_title(panel["title"], fontsize=10.5, loc="left")
    axes.set_xlabel(panel["x"] + "".join(f"\n{line}" for line in wrap(panel["note"], 60)))
    axes.set_ylabel(panel["y"])
    if panel["log_x"]:
        axes.set_xscale("symlog" if 0 in panel["curves"][0]["x"] else "log")
    if panel["log_y"]:
        axes.set_yscale("log")
    for curve, colour in zip(panel["curves"], (CURVE, MARK), strict=False):
        axes.plot(curve["x"], curve["y"], color=colour, linewidth=1.5, label=curve["label"], zorder=2)
    colours, strengths = iter((SAMPLE, _SECOND)), iter((0.3, 0.15))
    for series in panel["series"]:
        if series.get("share"):
            _draw_share(axes, series)
        elif series.get("band"):
            _draw_band(axes, series, next(strengths))
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


def _draw_band(axes: Axes, series: dict[str, Any], strength: float) -> None:
    axes.fill_between(series["x"], series["low"], series["high"], color=SAMPLE, alpha=strength, linewidth=0,
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
    strip = panel["strip"] or {"curves": [], "brackets": []}
    for series in panel["series"]:
        for row in zip(series["x"], series["y"], series["low"], series["high"], strict=True):
            writer.writerow([series["label"], *row])
    for curve in (*panel["curves"], *strip["curves"]):
        writer.writerows([curve["label"], x, y, "", ""] for x, y in zip(curve["x"], curve["y"], strict=True))
    if panel["optimum"] is not None:
        writer.writerow(["best weight from theory", panel["optimum"], "", "", ""])
    if panel["bracket"] is not None:
        writer.writerows(["a weight next to it, significantly worse", x, "", "", ""] for x in panel["bracket"])
    writer.writerows(["weights next to the best, significantly worse", end["x"], "", end["low"], end["high"]]
                     for end in strip["brackets"])  # fmt: skip
    return out.getvalue().encode()
