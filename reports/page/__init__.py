"""The report as one self-contained HTML page."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from nocollapse.citation import PAPER, RECONSTRUCTED
from nocollapse.document import Document, EvidenceEntry, ExplorerParameter, MutantEntry, Outcome, PointEntry
from nocollapse.reports import numbers
from nocollapse.reports.comparisons import COMPARED
from nocollapse.reports.contents import EXIT_MEANING, STATUSES, ClaimEvidence, Contents, contents
from nocollapse.reports.inline_math import pieces
from nocollapse.reports.kinds import KINDS
from nocollapse.reports.latex.line_breaks import terms
from nocollapse.reports.page.inline_svg import inline
from nocollapse.reports.page.map import drawing
from nocollapse.reports.page.mathml import mathml

# A formula with a longer source is broken into terms; should it scroll even so, the keyboard can reach it.
_LONG_FORMULA = 160
_OUTCOMES: tuple[Outcome, ...] = ("survived", "equal", "killed")

# Names are single letters, so that no code but that of the page can be called.
_NAME = re.compile(r"[a-z]", re.ASCII)
_ARITHMETIC = re.compile(
    r"(?:Math\.(?:pow|sqrt|exp|log)\b|\b[a-z]\b|\b\d+(?:\.\d+)?(?:e-?\d+)?\b|[-+*(), ]|/(?![/*]))+", re.ASCII
)
_PUNCTUATION = re.compile(r"[.,;:)\]]+")


def page(document: Document, figures: Mapping[str, str]) -> str:
    """The whole report as HTML that needs no network and, but for its explorer, no scripts.

    `document` is the verdicts document, `figures` the SVG text of each of its figures by id.
    Raises ValueError if the document does not hang together or a formula in it cannot be shown.
    """
    environment = _environment()
    arranged = contents(document)
    standings = {claim.entry["id"]: claim.standing for claim in arranged.claims}
    script = environment.get_template("script.js").render(explorer=document["explorer"])
    return environment.get_template("page.html").render(
        document=document,
        contents=arranged,
        figures={name: Markup(inline(text)) for name, text in figures.items()},
        map=Markup(drawing(document["map"], standings)),
        kinds=KINDS,
        compared=COMPARED,
        statuses=STATUSES,
        exit_meaning=EXIT_MEANING,
        paper=PAPER,
        reconstructed=RECONSTRUCTED,
        script=Markup(script),
        policy=_policy(script),
        anchors=_anchors(arranged),
    )


def _anchors(arranged: Contents) -> set[str]:
    """What evidence may link to: claims, their kinds of evidence, and figures."""
    claims = {claim.entry["id"] for claim in arranged.claims}
    evidence = {f"{claim.entry['id']}/{kind}" for claim in arranged.claims for kind in claim.verdicts}
    figures = {figure["id"] for claim in arranged.claims for figure in claim.figures}
    return claims | evidence | figures


def _policy(script: str) -> str:
    """What a browser may do with the page: run this script, apply styles, and nothing else; no network at all."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'"
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=lambda name: name is None or not name.endswith(".js"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        prose=_prose,
        completed=lambda sentence, evidence: _prose(numbers.completed(sentence, evidence)),
        value=lambda row: _prose(numbers.value(row)),
        javascript=_javascript,
        names=_names,
        formula=_formula,
        deviation=_deviation,
        inline_formula=_inline_formula,
        sort_key=_sort_key,
        matrix=_matrix,
        letter=_letter,
        homes=_homes,
        survivors_first=_survivors_first,
        number=numbers.number,
        measured=numbers.measured,
        fixed=numbers.fixed,
        percent=numbers.percent,
        p_value=numbers.p_value,
        count=numbers.count,
        kills=numbers.kills,
    )
    return environment


def _prose(text: str) -> Markup:
    """Prose with its inline formulas as MathML and everything else escaped."""
    result = Markup()
    formula = Markup()  # the last one, which is not in the result yet
    for piece in pieces(text):
        if piece.is_formula:
            result += formula
            formula = Markup(mathml(piece.text))
            continue
        mark = _PUNCTUATION.match(piece.text)
        if formula and mark:  # a line must not break between a formula and the full stop after it
            formula = Markup('<span class="unbroken">{}{}</span>').format(formula, mark[0])
        result += formula + escape(piece.text[mark.end() :] if formula and mark else piece.text)
        formula = Markup()
    return result + formula


def _javascript(expression: str) -> str:
    """A printed expression, once it is known to be arithmetic and nothing else.

    Raises ValueError naming it otherwise: a document must not bring code into the page.
    """
    if not _ARITHMETIC.fullmatch(expression):
        raise ValueError(f"{expression!r} is not plain arithmetic in JavaScript")
    return expression


def _names(parameters: Iterable[ExplorerParameter]) -> str:
    """The parameters of every printed expression."""
    names = [parameter["name"] for parameter in parameters]
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a parameter in JavaScript: a small letter is")
    return ", ".join(names)


def _formula(latex: str) -> Markup:
    """A formula on lines of its own, in a box that scrolls where no break can make it fit.

    The box keeps its LaTeX, for a script to offer it for copying.
    """
    if len(latex) <= _LONG_FORMULA:
        inside = Markup('<div class="formula">{}</div>').format(Markup(mathml(latex, "block")))
    else:
        lines = Markup("<wbr>").join(Markup(mathml(term, "term")) for term in terms(latex))
        box = Markup('<div class="formula long" tabindex="0" role="group" aria-label="long formula">{}</div>')
        inside = box.format(lines)
    return Markup('<div class="display" data-latex="{}">{}</div>').format(latex, inside)


def _inline_formula(latex: str) -> Markup:
    return Markup(mathml(latex))


def _sort_key(value: float | None) -> Markup:
    """The attribute by which a script sorts a cell whose text is made for reading."""
    return Markup("") if value is None else Markup(' data-value="{}"').format(f"{value:.6g}")


class Deviation(TypedDict):
    """An interval and its centre, in margins from the target."""

    centre: float
    low: float
    high: float


def _deviation(point: PointEntry) -> Deviation | None:
    """Where a simulated point's 95 % interval lies, in units of its margin around the target.

    None for a point that has no margin to draw it against.
    """
    margin = point["margin"]
    target = point["target"]
    estimate = point["estimate"]
    error = point["standard_error"]
    if not (margin and target and error) or estimate is None:
        return None
    unit = abs(margin * target)
    centre = (estimate - target) / unit
    half_width = 1.96 * error / unit
    low, high = (max(-1.75, min(1.75, centre + side * half_width)) for side in (-1, 1))
    return {"centre": round(centre, 3), "low": round(low, 3), "high": round(high, 3)}


def _matrix(mutants: Sequence[MutantEntry]) -> tuple[list[str], dict[str, list[dict[Outcome, int]]]]:
    """The parts that were edited, and for each operator how many of its mutants came to what outcome in each part."""
    edited_parts = list(dict.fromkeys(mutant["part"] for mutant in mutants))
    operators = list(dict.fromkeys(mutant["operator"] for mutant in mutants))
    counts = Counter((mutant["operator"], mutant["part"], mutant["outcome"]) for mutant in mutants)
    rows = {
        operator: [
            {outcome: counts[operator, part, outcome] for outcome in _OUTCOMES if counts[operator, part, outcome]}
            for part in edited_parts
        ]
        for operator in operators
    }
    return edited_parts, rows


def _letter(latex: str) -> Markup:
    """The name of a parameter in the notation of the formulas; a plain letter takes no MathML."""
    return Markup("<i>{}</i>").format(latex) if latex.isalpha() else _inline_formula(latex)


def _homes(evidence: Iterable[EvidenceEntry], claims: Sequence[ClaimEvidence]) -> list[str]:
    """The claims on this page that a finding's evidence links to, themselves or by their figures."""
    homes = {figure["id"]: claim.entry["id"] for claim in claims for figure in claim.figures}
    homes |= {claim.entry["id"]: claim.entry["id"] for claim in claims}
    linked = (row["link"].partition("/")[0] for row in evidence)
    return list(dict.fromkeys(homes[name] for name in linked if name in homes))


def _survivors_first(mutants: Iterable[MutantEntry]) -> list[MutantEntry]:
    return sorted(mutants, key=lambda mutant: _OUTCOMES.index(mutant["outcome"]))
