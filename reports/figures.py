"""The figures of a verdicts document: standalone SVG that says what it shows, and PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from nocollapse.document import FigureEntry
from nocollapse.figure import Axis, Curve, Figure, Optimum, Panel, Reference, Series
from nocollapse.reports.drawing import Format, drawn
from nocollapse.reports.inline_math import pieces

_THEORY = "theory"
_SIMULATED = "simulated, 95 % interval"


def svg(entry: FigureEntry) -> str:
    """One entry of the document's "figures" as a standalone SVG.

    Its ids start with the figure's own, so that several figures can share a page.
    """
    return described_svg(figure_of(entry))


def picture(entries: Sequence[FigureEntry], title: str) -> str:
    """Several entries side by side as one standalone SVG, for a landing page."""
    return described_svg(Figure("picture", title, tuple(panel_of(entry) for entry in entries)))


def figure_file(entry: FigureEntry, form: Format) -> bytes:
    """One entry as the contents of a file."""
    return figure_file_of(figure_of(entry), form)


def figure_file_of(figure: Figure, form: Format) -> bytes:
    """A figure as the contents of a file; an SVG says what it shows."""
    return described_svg(figure).encode() if form == "svg" else drawn(figure, form)


def figure_of(entry: FigureEntry) -> Figure:
    """An entry as a figure of one panel."""
    return Figure(entry["id"], entry["title"], (panel_of(entry),))


def panel_of(entry: FigureEntry) -> Panel:
    """An entry as a panel."""
    curve = entry["curve"]
    optimum = entry["optimum"]
    reference = entry["reference"]
    return Panel(
        entry["id"],
        entry["title"],
        Axis(entry["x"], whole=entry["role"] == "step"),
        Axis(entry["y"], entry["log_y"]),
        curves=(Curve(curve.get("label", _THEORY), curve["x"], curve["y"]),) if curve["x"] else (),
        series=(_series(entry),) if entry["points"] else (),
        optimum=None if optimum is None else Optimum(optimum["label"], optimum["x"]),
        reference=None if reference is None else Reference(reference["label"], reference["y"]),
    )


def _series(entry: FigureEntry) -> Series:
    points = entry["points"]
    return Series(
        _SIMULATED,
        [point["x"] for point in points],
        [point["y"] for point in points],
        [point["low"] for point in points],
        [point["high"] for point in points],
    )


# --- what is said to those who do not see it -------------------------------------------------------------------------


def describe(panel: Panel) -> str:
    """One or two sentences saying what a panel shows."""
    scale = " (logarithmic)" if panel.y.log else ""
    return f"{_words(panel.y.label)}{scale} against {panel.x.label}: {'; '.join(_shown(panel))}."


def _words(label: str) -> str:
    """A label without a formula that follows its words."""
    return pieces(label)[0].text.removesuffix(", ")


def _shown(panel: Panel) -> Iterator[str]:
    for curve in panel.curves:
        yield f"{curve.label} curve from {min(curve.x):.4g} to {max(curve.x):.4g}"
    for series in panel.series:
        yield f"{len(series.x)} simulated points with 95 % intervals"
    for marked in (panel.optimum, panel.reference, *panel.bands, *panel.marks, panel.collapse):
        if marked is not None:
            yield f"marked: {marked.label}"


def described_svg(figure: Figure) -> str:
    """A figure as a standalone SVG whose ids start with the figure's, with a title and a description."""
    prefix = re.sub(r"[^\w-]", "-", figure.id)
    description = " ".join(describe(panel) for panel in figure.panels)
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", drawn(figure, "svg").decode())
    labels = (
        f'<title id="{prefix}-title">{escape(figure.title)}</title>'
        f'<desc id="{prefix}-desc">{escape(description)}</desc>'
    )
    role = f'role="img" aria-labelledby="{prefix}-title {prefix}-desc"'
    return re.sub(r"<svg ([^>]*)>", lambda tag: f"<svg {tag[1]} {role}>{labels}", text, count=1)
