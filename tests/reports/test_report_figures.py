from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from nocollapse.figure import Band, Figure, Mark
from nocollapse.reports.drawing import Format
from nocollapse.reports.figures import describe, described_svg, figure_file, figure_file_of, panel_of, picture, svg
from nocollapse.reports.page.inline_svg import CSS_VARIABLES, inline


def ids(text: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', text))


def test_a_figure_is_the_same_text_every_time(document: Any) -> None:
    for figure in document["figures"]:
        assert svg(figure) == svg(figure)


def test_figures_share_no_ids_and_refer_to_their_own(document: Any) -> None:
    first, second, third = (svg(figure) for figure in document["figures"])
    assert not ids(first) & ids(second)
    assert not ids(second) & ids(third)
    references = re.findall(r'(?:url\(#|href="#)([^")]+)', first)
    assert references
    assert set(references) <= ids(first)


def test_a_figure_says_what_it_shows(document: Any) -> None:
    figure = document["figures"][0] | {"title": "a < b & c"}
    root = ElementTree.fromstring(svg(figure))
    assert root.get("role") == "img"
    title = root[0]
    description = root[1]
    assert title.text == "a < b & c"
    said = describe(panel_of(figure))
    assert description.text == said
    assert "13 simulated points" in said
    assert "w* = 0.732" in said
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


def test_text_stays_text_and_no_date_is_kept(document: Any) -> None:
    text = svg(document["figures"][0])
    assert "w* = 0.732</text>" in text
    assert "metadata" not in text


@pytest.mark.parametrize("missing", ["curve", "points", "optimum", "reference"])
def test_a_figure_may_lack_a_part(document: Any, missing: str) -> None:
    nothing: dict[str, Any] = {"curve": {"x": [], "y": []}, "points": [], "optimum": None, "reference": None}
    figure = document["figures"][0] | {missing: nothing[missing]}
    ElementTree.fromstring(svg(figure))


def test_inline_figures_follow_the_page_and_leave_it_alone(document: Any) -> None:
    text = inline(svg(document["figures"][2]))
    assert text.startswith("<svg")
    assert "<style" not in text
    assert not [colour for colour in CSS_VARIABLES if colour in text]
    assert "var(--curve)" in text


def test_a_tick_keeps_its_decimals_on_the_page(document: Any) -> None:
    figure = document["figures"][0] | {"optimum": None, "reference": None, "points": []}
    figure["curve"] = {"x": [0.0, 0.006], "y": [1.0, 2.0]}
    assert ">0.002</text>" in inline(svg(figure))


def test_a_long_legend_does_not_run_off_its_figure(document: Any) -> None:
    figure = document["figures"][0] | {"reference": {"y": 1.0, "label": 30 * "x"}, "optimum": None}
    figure["curve"] = {**figure["curve"], "label": 30 * "y"}
    lines = re.findall(r' y="([\d.]+)"[^>]*>(?:x{30}|y{30}|simulated)', svg(figure))
    assert len(lines) == 3
    assert len(set(lines)) == 2


def test_several_figures_make_one_picture(document: Any) -> None:
    text = picture(document["figures"][:2], "Two views")
    assert text.count("w* = 0.732</text>") == 1
    assert "Two views" in text


def banded(entry: Any) -> Figure:
    """An entry's figure with all that an advised weight has on its own."""
    panel = replace(
        panel_of(entry),
        bands=(Band("wide", 0.6, 0.9), Band("narrow", 0.7, 0.8)),
        marks=(Mark("pooled", 0.5, 1.0), Mark("even", 0.4, 1.1)),
        collapse=Band("collapse", 0, 0.1),
    )
    return Figure("banded", "Bands", (panel,))


def test_bands_and_marks_are_drawn_and_described(document: Any) -> None:
    figure = banded(document["figures"][0])
    labels = ("wide", "narrow", "pooled", "even", "collapse")
    assert all(f">{label}</text>" in described_svg(figure) for label in labels)
    assert all(f"marked: {label}" in describe(figure.panels[0]) for label in labels)


def test_small_errors_carry_their_own_powers_of_ten(document: Any) -> None:
    figure = document["figures"][0] | {"log_y": False, "points": [], "reference": None}
    small = figure | {"curve": {"x": [0.0, 1.0], "y": [1e-9, 2e-9]}}
    assert re.search(r">1\.\de-09</text>", svg(small))


@pytest.mark.parametrize(("form", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_a_figure_as_a_file_has_the_same_bytes_every_time(document: Any, form: Format, start: bytes) -> None:
    figure = banded(document["figures"][0])
    assert figure_file_of(figure, form).startswith(start)
    assert figure_file_of(figure, form) == figure_file_of(figure, form)
    assert figure_file(document["figures"][1], form).startswith(start)
