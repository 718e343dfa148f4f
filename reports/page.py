"""The report as one self-contained HTML page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from reports import formats
from reports.breaks import terms
from reports.contents import EXIT_MEANING, KINDS, STATUSES, contents
from reports.figures import inline
from reports.mathml import mathml
from reports.prose import pieces

# A formula with a longer source is broken into terms; should it scroll even so, the keyboard can reach it.
_LONG_FORMULA = 160
_OUTCOMES = ("survived", "equal", "killed")

_PUNCTUATION = re.compile(r"[.,;:)\]]+")


def page(document: dict[str, Any], figures: Mapping[str, str]) -> str:
    """The whole report as HTML that needs no network and no scripts.

    `document` is the verdicts document, `figures` the SVG text of each of its figures by id.
    Raises ValueError if the document does not hang together or a formula in it cannot be shown.
    """
    template = _environment().get_template("page.html")
    return template.render(
        document=document,
        contents=contents(document),
        figures={name: Markup(inline(text)) for name, text in figures.items()},
        kinds=KINDS,
        statuses=STATUSES,
        exit_meaning=EXIT_MEANING,
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        prose=_prose,
        formula=_formula,
        deviation=_deviation,
        by_operator=_by_operator,
        survivors_first=_survivors_first,
        number=formats.number,
        measured=formats.measured,
        fixed=formats.fixed,
        percent=formats.percent,
        p_value=formats.p_value,
        count=formats.count,
    )
    return environment


def _prose(text: str) -> Markup:
    """Prose with its inline formulas as MathML and everything else escaped."""
    result, formula = Markup(), Markup()
    for piece in pieces(text):
        if piece.is_formula:
            result, formula = result + formula, Markup(mathml(piece.text))
            continue
        mark = _PUNCTUATION.match(piece.text)
        if formula and mark:  # a line must not break between a formula and the full stop after it
            formula = Markup('<span class="unbroken">{}{}</span>').format(formula, mark[0])
        result += formula + escape(piece.text[mark.end() :] if formula and mark else piece.text)
        formula = Markup()
    return result + formula


def _formula(latex: str) -> Markup:
    """A formula on lines of its own, in a box that scrolls where no break can make it fit."""
    if len(latex) <= _LONG_FORMULA:
        return Markup('<div class="formula" data-latex="{}">{}</div>').format(
            latex, Markup(mathml(latex, "block"))
        )
    parts = Markup("<wbr>").join(Markup(mathml(term, "term")) for term in terms(latex))
    reachable = Markup('tabindex="0" role="group" aria-label="long formula"')
    return Markup('<div class="formula long" data-latex="{}" {}>{}</div>').format(latex, reachable, parts)


def _deviation(point: Mapping[str, Any]) -> dict[str, float] | None:
    """Where a simulated point's 95 % interval lies, in units of its margin around the target.

    None for a point that has no margin to draw it against.
    """
    if not (point["margin"] and point["target"] and point["standard_error"]) or point["estimate"] is None:
        return None
    unit = abs(point["margin"] * point["target"])
    centre = (point["estimate"] - point["target"]) / unit
    half_width = 1.96 * point["standard_error"] / unit
    low, high = (max(-1.75, min(1.75, centre + side * half_width)) for side in (-1, 1))
    return {"centre": centre, "low": low, "high": high}


def _by_operator(mutants: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The outcomes of the mutants of each operator, the best detected last."""
    found: dict[str, list[str]] = {}
    for mutant in mutants:
        found.setdefault(mutant["operator"], []).append(mutant["outcome"])
    return {operator: sorted(outcomes, key=_OUTCOMES.index) for operator, outcomes in found.items()}


def _survivors_first(mutants: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(mutants, key=lambda mutant: _OUTCOMES.index(mutant["outcome"]))
