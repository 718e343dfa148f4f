"""Figures of the verdicts document as SVG: a theory curve, simulated points with intervals, an optimum."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

INK, MUTED, FAINT = "#1d2330", "#5f6875", "#d5d9e0"
CURVE, SAMPLE, MARK = "#1f5fa8", "#b4430f", "#2f7d4f"
PAPER = "#ffffff"
# What a page puts in the place of each colour, so that a figure follows its light or dark scheme.
CSS_VARIABLES = {INK: "--ink", MUTED: "--muted", FAINT: "--rule", CURVE: "--curve", SAMPLE: "--sample",
                 MARK: "--mark", PAPER: "--card"}  # fmt: skip

_WIDTH, _HEIGHT = 5.4, 3.5  # inches
STYLE: dict[str, Any] = {
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


_PLAIN = FuncFormatter(lambda y, _: f"{y:g}")


def svg(figure: Mapping[str, Any]) -> str:
    """One entry of the document's "figures" as a standalone SVG, the same text for the same entry.

    Its ids start with the figure's own, so that several figures can share a page.
    """
    return _rendered([figure], name=figure["id"], title=figure["title"])


def picture(figures: Sequence[Mapping[str, Any]], title: str) -> str:
    """Several figures side by side as one standalone SVG, for a landing page."""
    return _rendered(figures, name="picture", title=title)


def contents(figure: Mapping[str, Any], kind: str) -> bytes:
    """One figure as the contents of a file of this kind: svg, pdf or png."""
    return svg(figure).encode() if kind == "svg" else _saved([figure], figure["id"], kind)


def _rendered(figures: Sequence[Mapping[str, Any]], name: str, title: str) -> str:
    description = " ".join(describe(figure) for figure in figures)
    return _named(_saved(figures, name, "svg").decode(), name, title, description)


# Without date, creator and the like nothing depends on when or with what it was drawn.
_NOTHING = {"svg": ("Date", "Creator", "Format", "Type"), "pdf": ("CreationDate", "Creator", "Producer"),
            "png": ("Software",)}  # fmt: skip


def _saved(figures: Sequence[Mapping[str, Any]], name: str, kind: str) -> bytes:
    """Figures side by side, in a format of matplotlib's."""
    # The keys are checked by matplotlib when they are set.
    with mpl.rc_context(cast(Any, STYLE | {"svg.hashsalt": name})):
        canvas = Figure(figsize=(_WIDTH * len(figures), _HEIGHT), facecolor=PAPER, layout="constrained")
        panels = canvas.subplots(1, len(figures), squeeze=False)[0]
        for axes, figure in zip(panels, figures, strict=True):
            _draw(axes, figure)
            if len(figures) > 1:
                axes.set_title(figure["title"], fontsize=10.5, loc="left", pad=24)
        buffer = io.BytesIO()
        canvas.savefig(buffer, format=kind, dpi=200, metadata=dict.fromkeys(_NOTHING[kind]))
    return buffer.getvalue()


def _draw(axes: Axes, figure: Mapping[str, Any]) -> None:
    axes.set_facecolor("none")
    axes.set_xlabel(figure["x"])
    axes.set_ylabel(figure["y"])
    axes.margins(x=0.03, y=0.08)
    curve, points = figure["curve"], figure["points"]
    if curve["x"]:
        axes.plot(curve["x"], curve["y"], color=CURVE, linewidth=1.6, label=curve.get("label", "theory"), zorder=2)
    for band, strength in zip(figure.get("bands", ()), (0.1, 0.2), strict=False):
        axes.axvspan(band["low"], band["high"], color=MARK, alpha=strength, linewidth=0, label=band["label"], zorder=0)
    if points:
        _draw_points(axes, points)
    for mark, fill in zip(figure.get("marks", ()), ("full", "none"), strict=False):
        axes.plot(mark["x"], mark["y"], "o", color=SAMPLE, markersize=5, fillstyle=fill, label=mark["label"], zorder=3)
    if collapse := figure.get("collapse"):
        axes.axvspan(0, collapse["x"], color=SAMPLE, alpha=0.2, linewidth=0, label=collapse["label"], zorder=0)
    if reference := figure["reference"]:
        dashes = (0, (4, 3))
        axes.axhline(reference["y"], color=MUTED, linewidth=1, linestyle=dashes, label=reference["label"])
    if figure["log_y"]:
        _log_scale(axes)
    elif axes.get_ylim()[1] < 1e-4:  # a common factor would stand where the legend is
        axes.yaxis.set_major_formatter(_PLAIN)
    if optimum := figure["optimum"]:
        _draw_optimum(axes, optimum)
    axes.grid(axis="y", color=FAINT, linewidth=0.6, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(length=3)
    # Above the axes: no data are ever hidden behind it.
    labels = axes.get_legend_handles_labels()[1]
    columns = 3 if len(labels) > 4 else 2 if sum(len(label) + 7 for label in labels) > 72 else 4  # letters in a row
    axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=columns, frameon=False, fontsize=8.5,
                handlelength=1.8, columnspacing=1.4, borderaxespad=0.2)  # fmt: skip


def _draw_points(axes: Axes, points: list[dict[str, float]]) -> None:
    y = [p["y"] for p in points]
    below = [max(p["y"] - p["low"], 0.0) for p in points]
    above = [max(p["high"] - p["y"], 0.0) for p in points]
    axes.errorbar(
        [p["x"] for p in points], y, yerr=(below, above), label="simulated, 95 % interval", color=SAMPLE,
        fmt="o", markersize=3.2, elinewidth=1.1, capsize=1.8, capthick=0.9, zorder=3,
    )  # fmt: skip


def _draw_optimum(axes: Axes, optimum: dict[str, Any]) -> None:
    axes.axvline(optimum["x"], color=MARK, linewidth=1.1, linestyle=(0, (1, 1.6)), zorder=1)
    left, right = axes.get_xlim()
    in_right_half = optimum["x"] > (left + right) / 2
    axes.annotate(
        optimum["label"], (optimum["x"], 1), xycoords=axes.get_xaxis_transform(), color=MARK, va="top",
        xytext=(-5 if in_right_half else 5, -2), textcoords="offset points",
        ha="right" if in_right_half else "left",
    )  # fmt: skip


def _log_scale(axes: Axes) -> None:
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    if high / low < 30:  # less than about a decade and a half: the powers of ten alone would leave it bare
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter(_PLAIN)
        axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(NullFormatter())


def describe(figure: Mapping[str, Any]) -> str:
    """One or two sentences saying what a figure shows, for those who do not see it."""
    shown = []
    if xs := figure["curve"]["x"]:
        shown.append(f"{figure['curve'].get('label', 'theory')} curve from {min(xs):.4g} to {max(xs):.4g}")
    if points := figure["points"]:
        shown.append(f"{len(points)} simulated points with 95 % intervals")
    labelled = [figure[part] for part in ("optimum", "reference")]
    labelled += [*figure.get("bands", ()), *figure.get("marks", ()), figure.get("collapse")]
    shown += [f"marked: {part['label']}" for part in labelled if part]
    scale = " (logarithmic)" if figure["log_y"] else ""
    return f"{figure['y']}{scale} against {figure['x']}: {'; '.join(shown)}."


def _named(text: str, name: str, title: str, description: str) -> str:
    """Give ids the figure's name, and the figure a title and a description."""
    prefix = re.sub(r"[^\w-]", "-", name)
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", text)
    label = (
        f'<title id="{prefix}-title">{escape(title)}</title>'
        f'<desc id="{prefix}-desc">{escape(description)}</desc>'
    )
    labelled = f'role="img" aria-labelledby="{prefix}-title {prefix}-desc"'
    return re.sub(r"<svg ([^>]*)>", lambda m: f"<svg {m[1]} {labelled}>{label}", text, count=1)


_LENGTH = re.compile(r"-?\d+\.\d{3,}")


def inline(svg_text: str) -> str:
    """A figure's SVG for a page: no XML prologue, the page's variables for colours, hundredths of a point."""
    text = svg_text[svg_text.index("<svg") :]
    text = re.sub(r"<[^>]*>", lambda tag: _LENGTH.sub(lambda found: f"{float(found[0]):.2f}", tag[0]), text)
    text = re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)  # it would apply to the whole page
    for colour, variable in CSS_VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    return text
