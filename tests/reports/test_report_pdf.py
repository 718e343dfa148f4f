from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typst

from nocollapse.citation import PAPER, RECONSTRUCTED
from nocollapse.reports.comparisons import COMPARED
from nocollapse.reports.latex import pdf as room
from nocollapse.reports.latex.pdf import check, report_pdf, source
from nocollapse.reports.write import write
from nocollapse.theory.claims.registry import CLAIMS
from nocollapse.theory.proof.assumed import ASSUMPTION, listed
from nocollapse.theory.proof.dependencies import assumptions
from nocollapse.theory.proof.verdicts import described

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is missing")


@pytest.fixture(scope="module")
def folder(example: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with its PDF."""
    out = tmp_path_factory.mktemp("pdf") / "report"
    write(example, out, pdf=True)
    return out


def text_of(folder: Path) -> str:
    """What the PDF of a folder's report says, line by line."""
    command = ["pdftotext", "-layout", str(folder / "report.pdf"), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@needs_poppler
def test_the_pdf_cites_the_paper_and_says_what_is_reconstructed_and_assumed(folder: Path) -> None:
    plain = re.sub(r"\s", "", text_of(folder))
    cited = (*PAPER.authors, PAPER.title, PAPER.journal, str(PAPER.year), PAPER.doi, PAPER.arxiv, PAPER.version)
    compared = [f"is {words}.".replace("'", chr(0x2019)) for words in COMPARED.values()]
    for part in (*cited, RECONSTRUCTED, "What is assumed", "Tested by: nothing.", *compared):
        assert re.sub(r"\s", "", part) in plain, part


@needs_poppler
def test_the_pdf_has_a_section_for_each_claim_and_its_figures(folder: Path, example: Any) -> None:
    lines = [line.strip() for line in text_of(folder).splitlines()]
    for claim in example["claims"]:
        assert sum(line.endswith(claim["id"]) and line[0].isdigit() for line in lines if line) == 1
    assert sum(line == "Result" for line in lines) == len(example["claims"])
    assert sum(line.startswith("Figure ") for line in lines) == len(example["figures"])


def test_the_pdf_has_every_formula(folder: Path) -> None:
    written = (folder / "report.tex").read_text(encoding="utf-8").partition(r"\begin{document}")[2]
    shown = typst.Compiler(source(folder).encode(), root=folder).query("math.equation.where(block: true)")
    assert len(json.loads(shown)) == written.count(r"\formula{") > 20


@pytest.mark.slow
def test_every_claim_can_be_set(document: Any, tmp_path: Path) -> None:
    claims = [described(identifier) for identifier in CLAIMS]
    nodes = [{"id": claim["id"], "kind": "claim", "title": claim["summary"]} for claim in claims]
    nothing: dict[str, Any] = {key: [] for key in ("figures", "tables", "findings")}
    named = {identifier: assumptions(identifier) for identifier in CLAIMS}
    verdicts = [ASSUMPTION.verdict(identifier, ones) for identifier, ones in named.items() if ones]
    assumed = {"assumptions": listed(CLAIMS), "verdicts": verdicts}
    document |= {**nothing, **assumed, "claims": claims, "map": {"nodes": nodes, "edges": []}}
    write(document, tmp_path / "all", pdf=True)
    assert (tmp_path / "all" / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_the_same_report_gives_the_same_pdf(folder: Path) -> None:
    assert report_pdf(folder) == (folder / "report.pdf").read_bytes()


def test_what_cannot_be_set_is_an_error(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    report = tmp_path / "copy" / "report.tex"
    report.write_text(report.read_text(encoding="utf-8").replace(r"\maketitle", r"$\nosuchmacro{$"), encoding="utf-8")
    with pytest.raises(ValueError, match="cannot be set as PDF"):
        report_pdf(tmp_path / "copy")


def test_a_missing_program_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "find_spec", lambda name: None if name == "typst" else importlib.util.find_spec(name))
    with pytest.raises(ValueError, match=r"without typst: pip install 'nocollapse\[pdf\]'"):
        check()
