# ruff: noqa: RUF001 - typographic characters are the subject
from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reports.latex import document as latex_document

needs_pdflatex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


def compiled(text: str, folder: Path) -> str:
    """The log of a compilation, which must succeed at once."""
    (folder / "formulas.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "formulas.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    log = (folder / "formulas.log").read_text(encoding="latin-1")
    assert run.returncode == 0, log[-2000:]
    assert (folder / "formulas.pdf").stat().st_size > 0
    return log


@needs_pdflatex
def test_it_compiles_without_a_complaint(document: dict[str, Any], tmp_path: Path) -> None:
    log = compiled(latex_document(document["claims"]), tmp_path)
    assert not re.findall(r"^(?:Over|Under)full.*|.*Warning:.*", log, flags=re.MULTILINE)


@needs_pdflatex
def test_prose_of_any_kind_compiles_and_wide_formulas_stay_on_the_page(
    document: dict[str, Any], tmp_path: Path
) -> None:
    claim = document["claims"][0]
    claim["not_said"] = r"50 % of #1_a & {b} ~ ^ \ < > | “q” naïve – 3 ≤ 4, Σ − “x” a\b Gröbner, \$5."
    claim["statement"] = r"\frac{" + " + ".join(f"a_{{{i}}}" for i in range(60)) + r"}{b} = c"
    log = compiled(latex_document([claim]), tmp_path)
    assert "Overfull" not in log


def test_each_claim_has_its_section(document: dict[str, Any]) -> None:
    text = latex_document(document["claims"])
    for claim in document["claims"]:
        assert rf"\section{{\texttt{{{claim['id']}}}" in text
        assert claim["result"] in text
        assert all(step["latex"] in text for step in claim["steps"])


def test_a_character_without_latex_is_named(document: dict[str, Any]) -> None:
    document["claims"][0]["summary"] = "a 漢 b"
    with pytest.raises(ValueError, match="漢"):
        latex_document(document["claims"])
