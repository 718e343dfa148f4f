"""Plates of panels: vector files that depend on nothing but the panels, and CSV files that hold their numbers."""

from __future__ import annotations

import csv
import io
from typing import Any

from nocollapse.reports.plates import numbers, plate

SERIES: dict[str, Any] = {
    "label": "simulated", "x": [0.2, 0.4], "y": [1.0, 0.5], "low": [0.9, 0.4], "high": [1.1, 0.6],
}  # fmt: skip
PANEL: dict[str, Any] = {
    "id": "8-test", "title": "a test", "x": "weight w", "y": "error", "log_x": False, "log_y": True, "replications": 9,
    "series": [
        SERIES, {**SERIES, "label": "quartiles", "band": True}, {**SERIES, "label": "share lost", "share": True},
    ],
    "curves": [{"label": "theory", "x": [0.2, 0.4], "y": [1.0, 0.5]}], "optimum": 0.3, "bracket": (0.2, 0.4),
    "reference": {"y": 0.7, "label": "real only"}, "note": "a remark", "strip": None,
}  # fmt: skip


def test_files_are_vector_graphics_and_reproducible() -> None:
    first, second = plate("Figure 8", [PANEL] * 4), plate("Figure 8", [PANEL] * 4)
    assert first == second
    assert first["svg"].startswith(b"<?xml")
    assert first["pdf"].startswith(b"%PDF")
    text = first["svg"].decode()
    assert "w* = 0.300" in text
    assert "minimiser in [0.2, 0.4]" in text
    assert "share lost" in text
    assert "a remark" in text


STRIP: dict[str, Any] = {
    "curves": [{"label": "w*", "x": [0.2, 0.4], "y": [0.3, 0.4]}, {"label": "naive", "x": [0.2, 0.4], "y": [0.1, 0.2]}],
    "brackets": [{"x": 0.2, "low": 0.25, "high": 0.35}],
}  # fmt: skip


def test_a_strip_of_weights_stands_below_its_panel() -> None:
    panel = {**PANEL, "strip": STRIP, "optimum": None, "bracket": None}
    text = plate("Figure 9", [panel])["svg"].decode()
    assert "weight w" in text
    assert "minimiser between" in text
    rows = list(csv.DictReader(io.StringIO(numbers(panel).decode())))
    assert rows[-1] == {
        "series": "weights next to the best, significantly worse", "x": "0.2", "y": "", "low": "0.25", "high": "0.35",
    }  # fmt: skip
    assert [row["series"] for row in rows[-5:-1]] == ["w*", "w*", "naive", "naive"]


def test_numbers_are_those_of_the_panel() -> None:
    rows = list(csv.DictReader(io.StringIO(numbers(PANEL).decode())))
    assert rows[0] == {"series": "simulated", "x": "0.2", "y": "1.0", "low": "0.9", "high": "1.1"}
    assert rows[7] == {"series": "theory", "x": "0.4", "y": "0.5", "low": "", "high": ""}
    assert [(row["series"], row["x"]) for row in rows[8:]] == [
        ("best weight from theory", "0.3"),
        ("a weight next to it, significantly worse", "0.2"),
        ("a weight next to it, significantly worse", "0.4"),
    ]
