"""Numbers of the report, as a page and as LaTeX, against those of its document rounded here by other rules."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from html import unescape
from typing import Any

import pytest

from nocollapse.reports.figures import svg
from nocollapse.reports.latex.typeset import report
from nocollapse.reports.page import page
from nocollapse.reports.page.inline_svg import inline

POINT = {
    "estimate": 0.031562341,
    "target": 0.0312,
    "standard_error": 0.000220617,
    "replications": 23456,
    "margin": 0.025,
    "power": 0.987654,
    "least_detectable": 0.0312345,
    "z": -1.6457,
    "p_value": 0.03456,
}
RATE = {"rate": "a rate", "nominal": 0.95, "measured": 0.9375, "low": 0.9123, "high": 0.9581}


@pytest.fixture
def changed(document: Any) -> Any:
    """The example with one simulated point and one rate whose numbers are all different."""
    (verdict,) = (v for v in document["verdicts"] if (v["claim"], v["kind"]) == ("mean.error", "simulation"))
    verdict["points"] = [{**verdict["points"][0], **POINT}]
    document["calibration"] = [RATE]
    return document


def rounded(value: float, place: str) -> str:
    """To the decimal of a pattern such as 0.001, with a true minus."""
    return str(Decimal(repr(value)).quantize(Decimal(place), ROUND_HALF_EVEN)).replace("-", "−")


def html(document: Any) -> str:
    return page(document, {figure["id"]: "<svg></svg>" for figure in document["figures"]})


def row(text: str, start: str, end: str) -> str:
    place = text.index(start)
    return text[place : text.index(end, place)]


def cells(fragment: str) -> list[str]:
    """The text of each cell, without its tags."""
    return [unescape(re.sub(r"<[^>]*>", " ", cell)).strip() for cell in re.findall(r"<td.*?</td>", fragment, re.DOTALL)]


# to the second digit of the standard error, 0.00022, and a target to one more
WRITTEN = {
    "estimate": rounded(0.031562341, "0.00001"),
    "error": rounded(0.000220617, "0.00001"),
    "target": rounded(0.0312, "0.000001"),
    "z": rounded(-1.6457, "0.01"),
}


def test_the_page_shows_a_points_numbers(changed: Any) -> None:
    text = html(changed)
    shown = cells(row(text[text.index('id="mean.error/simulation') :], "<tbody>", "</tbody>"))
    _, estimate, target, margin, z, p, power, least, replications = shown
    assert estimate.split() == [WRITTEN["estimate"], "±", WRITTEN["error"]]
    assert target == WRITTEN["target"]
    assert margin == "2.5 %"
    assert z == WRITTEN["z"]
    assert p == "0.035"
    assert power == "98.77 %"
    assert least == "3.123 %"
    assert replications == "23 456"


def test_the_page_draws_a_points_interval_in_margins(changed: Any) -> None:
    """From the target, in units of 0.025 times it: 1.96 standard errors to either side of the estimate."""
    text = html(changed)
    drawn = row(text[text.index('id="mean.error/simulation') :], '<svg class="interval"', "</svg>")
    unit = 0.025 * 0.0312
    low, high = map(float, re.findall(r'd="M(\S+) 0H(\S+)" class="bar"', drawn)[0])
    (centre,) = map(float, re.findall(r'cx="(\S+)"', drawn))
    assert centre == pytest.approx((0.031562341 - 0.0312) / unit, abs=6e-4)
    assert low == pytest.approx((0.031562341 - 1.959964 * 0.000220617 - 0.0312) / unit, abs=6e-4)
    assert high == pytest.approx((0.031562341 + 1.959964 * 0.000220617 - 0.0312) / unit, abs=6e-4)
    assert 'x="-1"' in drawn
    assert 'width="2"' in drawn  # the margin itself


def test_the_page_and_the_document_in_latex_have_the_measured_rate_beside_the_nominal_one(changed: Any) -> None:
    text = html(changed)
    assert cells(row(text, 'scope="row">a rate<', "</tr>")) == ["0.950", "0.938", "0.912 – 0.958"]
    assert r"a rate & 0.950 & 0.938 & 0.912 -- 0.958 \\" in report(changed)


def test_the_document_in_latex_has_a_points_numbers(changed: Any) -> None:
    """A true minus is a formula there."""
    (line,) = (line for line in report(changed).splitlines() if WRITTEN["estimate"] in line)
    _, estimate, target, error, margin, z, status = (cell.strip(" \\") for cell in line.split("&"))
    assert (estimate, target, error) == (WRITTEN["estimate"], WRITTEN["target"], WRITTEN["error"])
    assert margin.replace("\\", "").split() == ["2.5", "%"]
    assert z.replace("ensuremath{-}", "−") == WRITTEN["z"]
    assert status == "supported"


def test_a_drawing_on_the_page_is_the_same_to_hundredths_of_a_point(document: Any) -> None:
    number = r"-?\d+\.\d+"
    for figure in document["figures"]:
        whole = svg(figure)
        exact, short = (
            [float(value) for value in re.findall(number, " ".join(re.findall(r' d="([^"]*)"', text)))]
            for text in (whole, inline(whole))
        )
        assert len(exact) > 100
        assert short == pytest.approx(exact, abs=0.0051)
