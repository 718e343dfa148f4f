from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from nocollapse.reports.figures import CSS_VARIABLES, contents, describe, inline, picture, svg


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
    title, description = root[0], root[1]
    assert title.text == "a < b & c"
    assert description.text == describe(figure)
    assert "13 simulated points" in describe(figure)
    assert "w* = 0.732" in describe(figure)
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


BANDS: dict[str, Any] = {
    "bands": [{"low": 0.6, "high": 0.9, "label": "wide"}, {"low": 0.7, "high": 0.8, "label": "narrow"}],
    "marks": [{"x": 0.5, "y": 1.0, "label": "pooled"}, {"x": 0.4, "y": 1.1, "label": "even"}],
    "collapse": {"x": 0.1, "label": "collapse"},
}


def test_bands_and_marks_are_drawn_and_described(document: Any) -> None:
    figure = document["figures"][0] | BANDS
    labels = ("wide", "narrow", "pooled", "even", "collapse")
    assert all(f">{label}</text>" in svg(figure) for label in labels)
    assert all(f"marked: {label}" in describe(figure) for label in labels)


def test_small_errors_carry_their_own_powers_of_ten(document: Any) -> None:
    figure = document["figures"][0] | {"log_y": False, "points": [], "reference": None}
    small = figure | {"curve": {"x": [0.0, 1.0], "y": [1e-9, 2e-9]}}
    assert re.search(r">1\.\de-09</text>", svg(small))


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_a_figure_as_a_file_has_the_same_bytes_every_time(document: Any, kind: str, start: bytes) -> None:
    figure = document["figures"][0] | BANDS
    assert contents(figure, kind).startswith(start)
    assert contents(figure, kind) == contents(figure, kind)
