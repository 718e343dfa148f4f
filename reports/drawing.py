"""Figures as SVG, PDF and PNG: the same bytes for the same figure."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any, Literal, cast

import matplotlib as mpl
import numpy as np
from matplotlib import figure as canvases
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.gridspec import SubplotSpec
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from nocollapse.figure import Band, Curve, Figure, Mark, Optimum, Panel, Reference, Series, Strip

Format = Literal["svg", "pdf", "png"]
FORMATS: dict[str, Format] = {".svg": "svg", ".pdf": "pdf", ".png": "png"}
"""By the suffix of a file's name."""

INK = "#1d2330"
MUTED = "#5f6875"
FAINT = "#d5d9e0"
CURVE = "#1f5fa8"
SAMPLE = "#b4430f"
SECOND = "#7a4ea3"
MARK = "#2f7d4f"
PAPER = "#ffffff"

_STYLE: dict[str, Any] = {
    # Text stays text: selectable, searchable, and set in the reader's own font.
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "text.color": INK,
}
# Without date, creator and the like nothing depends on when or with what it was drawn.
_NOTHING: dict[Format, tuple[str, ...]] = {
    "svg": ("Date", "Creator", "Format", "Type"),
    "pdf": ("CreationDate", "Creator", "Producer"),
    "png": ("Software",),
}
_PLAIN = FuncFormatter(lambda y, _: f"{y:g}")


@dataclass(frozen=True)
class Look:
    """How large panels (in inches) and what is in them (in points) are, and where things are told.

    The legend stands above the panel, where it hides no data. On a plate a panel has its title and note, and the
    optimum is in the legend; otherwise it is named beside its line.
    """

    width: float
    height: float
    columns: int
    curve: float
    marker: float
    bar: float
    cap: float
    cap_thickness: float
    margins: tuple[float, float]
    pdf_fonts: int
    legend: float
    plate: bool


SINGLE = Look(
    width=5.4,
    height=3.5,
    columns=99,
    curve=1.6,
    marker=3.2,
    bar=1.1,
    cap=1.8,
    cap_thickness=0.9,
    margins=(0.03, 0.08),
    pdf_fonts=3,
    legend=8.5,
    plate=False,
)
"""For a page or a document, whose captions have the titles."""
PLATE = Look(
    width=4.6,
    height=4.0,
    columns=3,
    curve=1.5,
    marker=2.8,
    bar=1.0,
    cap=1.5,
    cap_thickness=1.0,
    margins=(0.05, 0.05),
    pdf_fonts=42,
    legend=7.5,
    plate=True,
)
"""For a file of its own."""
WIDE_PLATE = replace(PLATE, columns=4)
"""The same for many panels."""


def plate_look(figure: Figure) -> Look:
    """How a figure of so many panels looks in a file of its own."""
    return WIDE_PLATE if len(figure.panels) > 6 else PLATE


def drawn(figure: Figure, form: Format, look: Look = SINGLE) -> bytes:
    """The figure as the contents of a file."""
    count = len(figure.panels)
    columns = min(count, look.columns)
    rows = -(-count // columns)
    settings = _STYLE | {"svg.hashsalt": figure.id, "pdf.fonttype": look.pdf_fonts}
    with mpl.rc_context(cast(Any, settings)):  # matplotlib checks the keys when they are set
        canvas = canvases.Figure(
            figsize=(look.width * columns, look.height * rows), facecolor=PAPER, layout="constrained"
        )
        if look.plate:
            canvas.suptitle(figure.title, x=0.01, ha="left", fontsize=13, color=INK)
            canvas.supxlabel("\n".join(wrap(figure.note, 75 * columns)), x=0.01, ha="left", fontsize=9.5, color=MUTED)
        places = canvas.add_gridspec(rows, columns, hspace=0.06 if look.plate else None)
        for i, panel in enumerate(figure.panels):
            _place(canvas, places[i], panel, look, titled=look.plate or count > 1)
        buffer = io.BytesIO()
        canvas.savefig(buffer, format=form, dpi=200, metadata=dict.fromkeys(_NOTHING[form]))
    return buffer.getvalue()


def _place(canvas: canvases.Figure, place: SubplotSpec, panel: Panel, look: Look, titled: bool) -> None:
    """One panel, with its strip of weights below it if it has one."""
    if panel.strip is None:
        axes = canvas.add_subplot(place)
    else:
        halves = place.subgridspec(2, 1, height_ratios=(3, 1), hspace=0)
        axes = canvas.add_subplot(halves[0])
        below = canvas.add_subplot(halves[1], sharex=axes)
    _draw(axes, panel, look)
    rows = _draw_legend(axes, look)
    if titled:
        axes.set_title(panel.title, fontsize=10.5, loc="left", pad=6 + 1.55 * look.legend * rows)
    if panel.strip is not None:
        axes.tick_params(labelbottom=False)
        axes.set_xlabel("")
        _draw_strip(below, panel.x.label, panel.strip)


def _draw(axes: Axes, panel: Panel, look: Look) -> None:
    axes.set_facecolor("none")
    axes.set_xlabel(panel.x.label + "".join(f"\n{line}" for line in wrap(panel.note, 60)))
    axes.set_ylabel(panel.y.label)
    axes.margins(*look.margins)
    if panel.x.log:
        axes.set_xscale("symlog" if any(0 in curve.x for curve in panel.curves) else "log")
    elif panel.x.whole:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=(1, 2, 5, 10)))
    for curve, colour in zip(panel.curves, (CURVE, MARK), strict=False):
        _draw_curve(axes, curve, colour, look, panel.x.whole)
    _draw_bands(axes, panel.bands)
    _draw_series(axes, panel.series, look)
    _draw_marks(axes, panel.marks)
    if panel.collapse is not None:
        _draw_band(axes, panel.collapse, SAMPLE, 0.2)
    if panel.reference is not None:
        _draw_reference(axes, panel.reference)
    if panel.y.log:
        axes.set_yscale("log")
        _thin_ticks(axes)
    elif axes.get_ylim()[1] < 1e-4:  # a common factor would stand where the legend is
        axes.yaxis.set_major_formatter(_PLAIN)
    if panel.optimum is not None:
        draw_optimum = _draw_optimum if look.plate else _draw_named_optimum
        draw_optimum(axes, panel.optimum)
    axes.grid(axis="y", color=FAINT, linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(length=3)


# --- the parts of a panel --------------------------------------------------------------------------------------------


def _draw_curve(axes: Axes, curve: Curve, colour: str, look: Look, whole: bool) -> None:
    """A line; where there is nothing between whole numbers, ticks at these, which a thin line joins for the eye."""
    style: dict[str, Any] = {"linewidth": look.curve}
    if whole:
        style = {"linewidth": 0.6, "marker": "_", "markersize": 7, "markeredgewidth": look.curve}
    axes.plot(curve.x, curve.y, color=colour, label=curve.label, zorder=2, **style)


def _draw_bands(axes: Axes, bands: Iterable[Band]) -> None:
    for band, strength in zip(bands, (0.1, 0.2), strict=False):
        _draw_band(axes, band, MARK, strength)


def _draw_band(axes: Axes, band: Band, colour: str, strength: float) -> None:
    axes.axvspan(band.low, band.high, color=colour, alpha=strength, linewidth=0, label=band.label, zorder=0)


def _draw_series(axes: Axes, listed: Iterable[Series], look: Look) -> None:
    colours = iter((SAMPLE, SECOND))
    colour = SAMPLE
    strengths = iter((0.3, 0.15))
    for series in listed:
        if series.shape == "share":
            _draw_share(axes, series)
        elif series.shape == "joint":
            axes.fill_between(
                series.x,
                series.low,
                series.high,
                facecolor=to_rgba(colour, 0.16),
                edgecolor=to_rgba(colour, 0.5),
                linewidth=0.6,
                label=series.label,
                zorder=1,
            )
        elif series.shape == "band":
            strength = next(strengths)
            axes.fill_between(
                series.x, series.low, series.high, color=SAMPLE, alpha=strength, linewidth=0, label=series.label
            )
        else:
            colour = next(colours)
            _draw_points(axes, series, colour, look)


def _draw_points(axes: Axes, series: Series, colour: str, look: Look) -> None:
    below = [max(y - low, 0.0) for low, y in zip(series.low, series.y, strict=True)]
    above = [max(high - y, 0.0) for high, y in zip(series.high, series.y, strict=True)]
    axes.errorbar(
        series.x,
        series.y,
        yerr=(below, above),
        label=series.label,
        color=colour,
        fmt="o",
        markersize=look.marker,
        elinewidth=look.bar,
        capsize=look.cap,
        capthick=look.cap_thickness,
        zorder=3,
    )


def _draw_share(axes: Axes, series: Series) -> None:
    """A share between 0 and 1, on an axis of its own."""
    other = axes.twinx()
    other.set_ylim(0, 1.02)
    other.set_ylabel(series.label, color=SECOND)
    other.spines["right"].set_visible(True)
    other.plot(series.x, series.y, color=SECOND, linewidth=1.2, linestyle=":")
    other.fill_between(series.x, series.low, series.high, color=SECOND, alpha=0.2, linewidth=0)


def _draw_marks(axes: Axes, marks: Iterable[Mark]) -> None:
    styles: tuple[Literal["full", "none"], ...] = ("full", "none")
    for mark, style in zip(marks, styles, strict=False):
        axes.plot(mark.x, mark.y, "o", color=SAMPLE, markersize=5, fillstyle=style, label=mark.label, zorder=3)


def _draw_reference(axes: Axes, reference: Reference) -> None:
    dashes = (0, (4, 3))
    axes.axhline(reference.y, color=MUTED, linewidth=1, linestyle=dashes, label=reference.label)


def _draw_optimum(axes: Axes, optimum: Optimum) -> None:
    """The best abscissa and its bracket, for the legend."""
    axes.axvline(optimum.x, color=MARK, linewidth=1.1, linestyle=":", label=optimum.label)
    if optimum.bracket is not None:
        low, high = optimum.bracket
        axes.axvspan(low, high, color=MARK, alpha=0.1, linewidth=0, label=f"minimiser in [{low:g}, {high:g}]")


def _draw_named_optimum(axes: Axes, optimum: Optimum) -> None:
    """The best abscissa with its name beside it, on the side where there is more room."""
    axes.axvline(optimum.x, color=MARK, linewidth=1.1, linestyle=(0, (1, 1.6)), zorder=1)
    left, right = axes.get_xlim()
    in_right_half = optimum.x > (left + right) / 2
    axes.annotate(
        optimum.label,
        (optimum.x, 1),
        xycoords=axes.get_xaxis_transform(),
        color=MARK,
        va="top",
        xytext=(-5 if in_right_half else 5, -2),
        textcoords="offset points",
        ha="right" if in_right_half else "left",
    )


def _thin_ticks(axes: Axes) -> None:
    """Few labels on a logarithmic axis."""
    low, high = axes.get_ylim()
    if high / low < 30:  # less than about a decade and a half: the powers of ten alone would leave it bare
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(_PLAIN)
        axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())


def _draw_legend(axes: Axes, look: Look) -> int:
    """The legend above the panel; returns its rows."""
    handles, names = axes.get_legend_handles_labels()
    labels = list(dict.fromkeys(names))  # each once: several bands have the same one
    columns = _columns(labels, look)
    axes.legend(
        [handles[names.index(label)] for label in labels],
        labels,
        loc="lower left",
        bbox_to_anchor=(-0.01, 1.0),
        ncols=columns,
        frameon=False,
        fontsize=look.legend,
        handlelength=1.8,
        columnspacing=1.4,
        borderaxespad=0.2,
    )
    return -(-len(labels) // columns)


def _columns(labels: Sequence[str], look: Look) -> int:
    """As many columns of a legend as a panel is wide for, at half an em a letter and seven for a handle."""
    room = 72 * look.width - 60  # less the numbers beside the panel
    for count in range(min(len(labels), 4), 1, -1):
        longest = [max(map(len, part)) for part in np.array_split(labels, count)]  # as matplotlib fills columns
        if sum(length + 7 for length in longest) * look.legend / 2 <= room:
            return count
    return 1


def _draw_strip(axes: Axes, label: str, strip: Strip) -> None:
    """Weights: theory lines, and the interval around the best whose ends a simulation finds worse."""
    axes.set_facecolor("none")
    axes.set_xlabel(label)
    axes.set_ylabel("weight w")
    axes.set_ylim(0, 1)
    for curve, colour in zip(strip.curves, (CURVE, MARK), strict=True):
        axes.plot(curve.x, curve.y, color=colour, linewidth=1.2, label=curve.label)
    middles = [(interval.low + interval.high) / 2 for interval in strip.intervals]
    reaches = [(interval.high - interval.low) / 2 for interval in strip.intervals]
    bars = axes.errorbar(
        [interval.x for interval in strip.intervals],
        middles,
        yerr=reaches,
        fmt="none",
        capsize=2.5,
        elinewidth=1,
        color=SAMPLE,
        label="minimiser between",
    )
    axes.legend(handles=[bars], loc="lower right", fontsize=7, frameon=False)  # the panel above names the lines
