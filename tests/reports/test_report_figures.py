from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from reports.figures import CSS_VARIABLES, describe, inline, picture, svg


def ids(text: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', text))


def test_a_figure_is_the_same_text_every_time(document: dict[str, Any]) -> None:
    for figure in document["figures"]:
        assert svg(figure) == svg(figure)


def test_figures_share_no_ids_and_refer_to_their_own(document: dict[str, Any]) -> None:
    first, second, third = (svg(figure) for figure in document["figures"])
    assert not ids(first) & ids(second)
    assert not ids(second) & ids(third)
    references = re.findall(r'(?:url\(#|href="#)([^")]+)', first)
    assert references
    assert set(references) <= ids(first)


def test_a_figure_says_what_it_shows(document: dict[str, Any]) -> None:
    figure = document["figures"][0] | {"title": "a < b & c"}
    root = ElementTree.fromstring(svg(figure))
    assert root.get("role") == "img"
    title, description = root[0], root[1]
    assert title.text == "a < b & c"
    assert description.text == describe(figure)
    assert "13 simulated points" in describe(figure)
    assert "w* = 0.732" in describe(figure)
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


def test_text_stays_text_and_no_date_is_kept(document: dict[str, Any]) -> None:
    text = svg(document["figures"][0])
    assert "w* = 0.732</text>" in text
    assert "metadata" not in text


@pytest.mark.parametrize("missing", ["curve", "points", "optimum", "reference"])
def test_a_figure_may_lack_a_part(document: dict[str, Any], missing: str) -> None:
    nothing: dict[str, Any] = {"curve": {"x": [], "y": []}, "points": [], "optimum": None, "reference": None}
    figure = document["figures"][0] | {missing: nothing[missing]}
    ElementTree.fromstring(svg(figure))


def test_inline_figures_follow_the_page_and_leave_it_alone(document: dict[str, Any]) -> None:
    text = inline(svg(document["figures"][2]))
    assert text.startswith("<svg")
    assert "<style" not in text
    assert not [colour for colour in CSS_VARIABLES if colour in text]
    assert "var(--curve)" in text


def test_several_figures_make_one_picture(document: dict[str, Any]) -> None:
    text = picture(document["figures"][:2], "Two views")
    assert text.count("w* = 0.732</text>") == 1
    assert "Two views" in text
