"""The report, or a derivation, as a LaTeX document for pdflatex."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nocollapse.citation import PAPER, RECONSTRUCTED
from nocollapse.document import ClaimEntry, Document
from nocollapse.reports import numbers
from nocollapse.reports.comparisons import COMPARED
from nocollapse.reports.contents import EXIT_MEANING, contents
from nocollapse.reports.kinds import KINDS
from nocollapse.reports.latex.escaping import Latex, escaped, prose
from nocollapse.reports.latex.line_breaks import breakable
from nocollapse.reports.latex.macros import definitions, name


def report(document: Document) -> str:
    """The contents of report.tex, which needs formulas.tex and figures/*.pdf beside it.

    `document` is the verdicts document. Raises ValueError if it does not hang together, or if a text in it cannot be
    set.
    """
    template = _environment().get_template("report.tex")
    return template.render(
        document=document,
        contents=contents(document),
        exit_meaning=EXIT_MEANING,
        kinds=KINDS,
        paper=PAPER,
        reconstructed=RECONSTRUCTED,
    )


def derivation(claims: Iterable[ClaimEntry]) -> str:
    """A document of its own with the derivation of each of the document's "claims" entries, and without evidence.

    Raises ValueError as `report` does.
    """
    listed = list(claims)
    return _environment().get_template("derivation.tex").render(claims=listed, macros=Latex(definitions(listed)))


def _environment() -> Environment:
    """Templates whose values are escaped unless a filter has made LaTeX of them."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates" / "latex"),
        autoescape=False,  # that would be for HTML
        finalize=lambda value: value if isinstance(value, Latex) else escaped(str(value)),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    environment.filters |= {
        "prose": prose,
        "completed": lambda sentence, evidence: prose(numbers.completed(sentence, evidence)),
        "value": lambda row: prose(numbers.value(row)),
        "formula": lambda latex: Latex(rf"\formula{{{breakable(latex)}}}"),
        "inline_formula": lambda latex: Latex(f"${latex}$"),
        "macro": lambda identifier, part="": Latex(rf"\formula{{{name(identifier, part)}}}"),
        **{
            form.__name__: form
            for form in (numbers.number, numbers.measured, numbers.fixed, numbers.percent, numbers.kills)
        },
    }
    environment.globals["compared"] = COMPARED
    environment.globals["wide"] = lambda share: Latex(rf">{{\raggedright\arraybackslash}}p{{{share}\linewidth}}")
    return environment
