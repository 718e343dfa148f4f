"""Drawn figures: vector files that depend on nothing but the figure, in which everything is where its number is."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from nocollapse.figure import Axis, Band, Curve, Figure, Interval, Mark, Optimum, Panel, Reference, Series, Strip
from nocollapse.reports.drawing import PLATE, SAMPLE, SINGLE, WIDE_PLATE, Format, Look, drawn, plate_look
from nocollapse.reports.panel_csv import panel_csv

SERIES = Series("simulated", [0.2, 0.4], [1.0, 0.5], [0.9, 0.4], [1.1, 0.6])
PANEL = Panel(
    "8-test",
    "a test",
    Axis("weight w"),
    Axis("error", log=True),
    curves=(Curve("theory", [0.2, 0.4], [1.0, 0.5]),),
    series=(SERIES, replace(SERIES, label="quartiles", shape="band"), replace(SERIES, label="lost", shape="share")),
    optimum=Optimum("w* = 0.300", 0.3, (0.2, 0.4)),
    reference=Reference("real only", 0.7),
    note="a remark",
    replications=9,
)
STRIP = Strip(
    (Curve("w*", [0.2, 0.4], [0.3, 0.4]), Curve("naive", [0.2, 0.4], [0.1, 0.2])), (Interval(0.2, 0.25, 0.35),)
)


def figure(*panels: Panel) -> Figure:
    return Figure("figure-8", "Figure 8", panels)


def text(*panels: Panel, look: Look = PLATE) -> str:
    return drawn(figure(*panels), "svg", look).decode()


@pytest.mark.parametrize("look", [SINGLE, PLATE], ids=["single", "plate"])
@pytest.mark.parametrize(("form", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_files_are_reproducible(form: Format, start: bytes, look: Look) -> None:
    first = drawn(figure(*[PANEL] * 4), form, look)
    assert first == drawn(figure(*[PANEL] * 4), form, look)
    assert first.startswith(start)


def test_a_plate_has_everything_in_words() -> None:
    assert text(PANEL).startswith("<?xml")
    for phrase in ("Figure 8", "a test", "w* = 0.300", "minimiser in [0.2, 0.4]", "lost", "quartiles", "a remark"):
        assert phrase in text(PANEL)
    assert "real only" in text(replace(PANEL, optimum=None))


def test_many_panels_make_a_wide_plate() -> None:
    assert plate_look(figure(*[PANEL] * 6)) is PLATE
    assert plate_look(figure(*[PANEL] * 7)) is WIDE_PLATE


def test_a_strip_of_weights_stands_below_its_panel() -> None:
    panel = replace(PANEL, strip=STRIP, optimum=None)
    assert "weight w" in text(panel)
    assert "minimiser between" in text(panel)
    rows = list(csv.DictReader(io.StringIO(panel_csv(panel).decode())))
    assert rows[-1] == {
        "series": "weights next to the best, significantly worse",
        "x": "0.2",
        "y": "",
        "low": "0.25",
        "high": "0.35",
    }
    assert [row["series"] for row in rows[-5:-1]] == ["w*", "w*", "naive", "naive"]


def test_numbers_are_those_of_the_panel() -> None:
    rows = list(csv.DictReader(io.StringIO(panel_csv(PANEL).decode())))
    assert rows[0] == {"series": "simulated", "x": "0.2", "y": "1.0", "low": "0.9", "high": "1.1"}
    assert rows[7] == {"series": "theory", "x": "0.4", "y": "0.5", "low": "", "high": ""}
    assert [(row["series"], row["x"]) for row in rows[8:]] == [
        ("best weight from theory", "0.3"),
        ("a weight next to it, significantly worse", "0.2"),
        ("a weight next to it, significantly worse", "0.4"),
    ]


# --- everything is where its number is -------------------------------------------------------------------------------

PLAIN = Panel("plain", "plain", Axis("x"), Axis("y"), curves=(Curve("theory", [0.0, 1.0, 2.0], [0.0, 3.0, 1.0]),))


def paths(svg: str, start: str) -> list[list[tuple[float, float]]]:
    """The corners of the paths whose style starts so; y grows downwards."""
    shapes = re.findall(rf'<path d="([^"]*)"[^>]*style="{start}', svg)
    return [[(float(x), float(y)) for x, y in re.findall(r"[ML] (\S+) (\S+)", shape)] for shape in shapes]


def scale(svg: str) -> tuple[float, float, float, float]:
    """Where x = 0 and y = 0 are in the drawing, and how long a unit is, by the curve of `PLAIN`."""
    ((left, bottom), (middle, top), _), *_ = paths(svg, "fill: none; stroke: #1f5fa8")
    return left, bottom, middle - left, (top - bottom) / 3


def test_points_and_their_intervals_are_where_their_numbers_are() -> None:
    series = Series("simulated", [0.5, 1.5], [1.0, 2.0], [0.5, 1.75], [1.25, 2.25])
    svg = text(replace(PLAIN, series=(series,)), look=SINGLE)
    left, bottom, width, height = scale(svg)
    centres = [
        ((float(x) - left) / width, (float(y) - bottom) / height)
        for x, y in re.findall(rf'<use [^>]*x="(\S+)" y="(\S+)" style="fill: {SAMPLE}; stroke: {SAMPLE}"', svg)
    ]
    assert (0.5, 1.0) in [(round(x, 3), round(y, 3)) for x, y in centres]
    assert (1.5, 2.0) in [(round(x, 3), round(y, 3)) for x, y in centres]
    bars = [
        tuple(round((y - bottom) / height, 3) for _, y in bar) for bar in paths(svg, f"fill: none; stroke: {SAMPLE}")
    ]
    assert (0.5, 1.25) in bars
    assert (1.75, 2.25) in bars


def test_lines_stand_where_their_numbers_are() -> None:
    panel = replace(PLAIN, optimum=Optimum("best", 0.75), reference=Reference("real only", 2.5))
    for look in (SINGLE, PLATE):
        svg = text(panel, look=look)
        left, bottom, width, height = scale(svg)
        green = paths(svg, "fill: none; stroke-dasharray: [^;]*; [^;]*; stroke: #2f7d4f")
        (optimum,) = (line for line in green if line[0][0] == line[1][0])
        assert (optimum[0][0] - left) / width == pytest.approx(0.75, abs=1e-3)
        reference = paths(svg, "fill: none; stroke-dasharray: [^;]*; [^;]*; stroke: #5f6875")[0]
        assert (reference[0][1] - bottom) / height == pytest.approx(2.5, abs=1e-3)


def test_bands_and_marks_are_where_their_numbers_are() -> None:
    panel = replace(PLAIN, bands=(Band("wide", 0.25, 1.75),), marks=(Mark("pooled", 1.25, 0.5),))
    svg = text(replace(panel, collapse=Band("collapse", 0, 0.125)), look=SINGLE)
    left, _, width, _ = scale(svg)
    for colour, ends in (("#2f7d4f", (0.25, 1.75)), (SAMPLE, (0.0, 0.125))):
        corners = paths(svg, f"fill: {colour}; opacity")[0]
        assert sorted({round((x - left) / width, 3) for x, _ in corners}) == list(ends)
    assert "pooled" in svg
    ElementTree.fromstring(svg)
