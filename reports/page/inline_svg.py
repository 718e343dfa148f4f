"""A figure's SVG as a part of the page, which follows its light or dark scheme."""

from __future__ import annotations

import re

from nocollapse.reports.drawing import CURVE, FAINT, INK, MARK, MUTED, PAPER, SAMPLE

CSS_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    FAINT: "--rule",
    CURVE: "--curve",
    SAMPLE: "--sample",
    MARK: "--mark",
    PAPER: "--card",
}
"""What the page puts in the place of each colour."""
_TAG = re.compile(r"<[^>]*>")
_LENGTH = re.compile(r"-?\d+\.\d{3,}")
_STYLES = re.compile(r"<style.*?</style>", re.DOTALL)


def inline(svg: str) -> str:
    """A standalone SVG without its XML prologue, with variables for colours, to hundredths of a point."""
    text = svg[svg.index("<svg") :]
    text = _TAG.sub(lambda tag: _LENGTH.sub(lambda length: f"{float(length[0]):.2f}", tag[0]), text)
    text = _STYLES.sub("", text)  # they would apply to the whole page
    for colour, variable in CSS_VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    return text
