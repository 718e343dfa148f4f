from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nocollapse.reports.latex.macros import formulas_file, macros, name
from nocollapse.reports.latex.typeset import derivation, report
from nocollapse.reports.write import write

needs_pdflatex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


def compiled(path: Path) -> None:
    """Compile a document, twice for its references, which must succeed without a complaint."""
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name]
    for _ in range(2):
        run = subprocess.run(command, cwd=path.parent, capture_output=True, timeout=120, check=False)
    log = path.with_suffix(".log").read_text(encoding="latin-1")
    assert run.returncode == 0, log[-2000:]
    assert not re.findall(r"^(?:Over|Under)full.*|.*Warning:.*", log, flags=re.MULTILINE)
    assert path.with_suffix(".pdf").stat().st_size > 0


def spoilt(document: Any) -> Any:
    """The document with prose of any kind, and a formula wider than any page."""
    claim = document["claims"][0]
    claim["not_said"] = r"50 % of #1_a & {b} ~ ^ \ < > | “q” naïve – 3 ≤ 4, Σ − “x” a\b Gröbner, \$5, 10⁻³."
    claim["statement"] = r"\frac{" + " + ".join(f"a_{{{i}}}" for i in range(60)) + r"}{b} = c"
    return document


@needs_pdflatex
@pytest.mark.parametrize("change", [dict, spoilt])
def test_the_report_compiles_without_a_complaint(document: Any, tmp_path: Path, change: Any) -> None:
    write(change(document), tmp_path / "report")
    compiled(tmp_path / "report" / "report.tex")


@needs_pdflatex
def test_a_derivation_compiles_without_a_complaint(document: Any, tmp_path: Path) -> None:
    (tmp_path / "derivation.tex").write_text(derivation(spoilt(document)["claims"]), encoding="utf-8")
    compiled(tmp_path / "derivation.tex")


@needs_pdflatex
def test_the_macros_serve_a_foreign_document(document: Any, tmp_path: Path) -> None:
    (tmp_path / "formulas.tex").write_text(formulas_file(document["claims"], "1.2.3"), encoding="utf-8")
    uses = "\n\n".join(rf"$\displaystyle {macro}$" for claim in document["claims"] for macro in macros(claim))
    preamble = "\\documentclass{article}\n\\usepackage[margin=1cm,a3paper,landscape]{geometry}\n"
    preamble += "\\usepackage{amsmath,amssymb}\n\\input{formulas}\n"
    (tmp_path / "paper.tex").write_text(
        f"{preamble}\\begin{{document}}\\raggedright\n{uses}\n\\end{{document}}\n", encoding="utf-8"
    )
    compiled(tmp_path / "paper.tex")


def test_each_formula_has_its_macro(document: Any) -> None:
    text = formulas_file(document["claims"], "1.2.3").replace(r" \allowbreak ", " ")
    assert "nocollapse 1.2.3" in text
    for claim in document["claims"]:
        for part, latex in {"": claim["result"], "statement": claim["statement"], **(claim["recursion"] or {})}.items():
            (defined,) = re.findall(rf"^\\newcommand{{\{name(claim['id'], part)}}}{{(.*)}}$", text, re.MULTILINE)
            assert re.sub(r"\s", "", defined) == re.sub(r"\s", "", latex)


def test_names_are_made_of_ids_alone(document: Any) -> None:
    assert list(macros(document["claims"][0])) == [
        r"\ncMeanError",
        r"\ncMeanErrorStatement",
        r"\ncMeanErrorRecursion",
        r"\ncMeanErrorFixedPoint",
    ]
    assert name("covariance.operator-norm", "value") == r"\ncCovarianceOperatorNormValue"


@pytest.mark.parametrize("identifier", ["mean.error2", "mean_error", "Mean", "mean..error", "mean.error}", ""])
def test_an_id_without_a_macro_is_named(identifier: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(identifier))):
        name(identifier)


def test_two_claims_with_one_macro_are_named(document: Any) -> None:
    document["claims"][1]["id"] = "mean.error-statement"
    with pytest.raises(ValueError, match=r"'mean\.error' and 'mean\.error-statement' would both define"):
        formulas_file(document["claims"], "1.2.3")


def test_the_report_says_all_and_repeats_no_formula(document: Any) -> None:
    text = report(document)
    plain = text.replace(r" \allowbreak ", " ")
    for claim in document["claims"]:
        assert rf"\section{{\texttt{{{claim['id']}}}}}\label{{{claim['id']}}}" in text
        assert all(rf"\formula{{{macro}}}" in text for macro in macros(claim))
        assert claim["result"] not in plain
        assert all(re.sub(r"\s", "", step["latex"]) in re.sub(r"\s", "", plain) for step in claim["steps"])
    assert all(f"figures/{figure['id']}.pdf" in text for figure in document["figures"])
    assert all(rf"\textbf{{{table['title']}.}}" in text for table in document["tables"])
    assert all(str(document[fact]) in text for fact in ("version", "seed", "effort"))
    assert document["environment"]["commit"] in text


def test_what_is_only_inconclusive_is_called_open(document: Any) -> None:
    assert r"\section{What does not hold}" in report(document)
    for verdict in document["verdicts"]:
        verdict["status"] = "INCONCLUSIVE" if verdict["status"] == "REFUTED" else verdict["status"]
    assert r"\section{What is open}" in report(document)


def test_the_report_lists_what_is_assumed_and_links_to_it(document: Any) -> None:
    text = report(document)
    section = text[text.index(r"\section{What is assumed}") : text.index(r"\section{This run}")]
    assert r"\subsection*{interchange}\label{assumption-interchange}" in section
    assert r"\emph{Tested by:} nothing." in section
    assert r"\hyperref[mean.optimal-weight]{\texttt{mean.optimal-weight}}" in section
    assert r"\subsection*{Taken from outside: assumed}" in text
    assert r"\hyperref[assumption-interchange]{\textbf{interchange}}" in text
    for words in ("as published (reconstructed)", "ours", "the user's own"):
        assert rf"is \emph{{{words}}}." in text


def test_a_derivation_lists_what_it_assumes(document: Any) -> None:
    (assumed,) = document["assumptions"]
    assert "interchange" not in derivation(document["claims"])
    text = derivation([document["claims"][0] | {"assumed": [assumed]}])
    assert r"\item \textbf{interchange.}" in text
    assert "Tested by: nothing." in text


def test_a_derivation_needs_no_other_file(document: Any) -> None:
    text = derivation(document["claims"])
    assert r"\input" not in text
    assert all(text.count(macro + "}") == 2 for claim in document["claims"] for macro in macros(claim))


def test_a_character_without_latex_is_named(document: Any) -> None:
    document["claims"][0]["summary"] = "a 漢 b"
    with pytest.raises(ValueError, match="漢"):
        report(document)
