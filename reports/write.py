"""The report's directory, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from nocollapse.document import Document
from nocollapse.reports.figures import figure_file, picture, svg
from nocollapse.reports.latex.macros import formulas_file
from nocollapse.reports.latex.pdf import report_pdf
from nocollapse.reports.latex.typeset import report
from nocollapse.reports.page import page

_FILE_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)


def check(out: Path) -> None:
    """Make sure that a report can be written to `out`; worth asking before a long run.

    Raises ValueError naming the path if it is a file, a directory that is neither empty nor a previous
    report (one with a verdicts.json), or if its parent is not a directory that can be written to.
    """
    out = out.resolve()
    if not out.parent.is_dir():
        raise ValueError(f"cannot write the report to {out}: {out.parent} is not an existing directory")
    try:  # asking for permission is not enough: some file systems refuse whoever has it
        os.rmdir(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise ValueError(f"cannot write the report to {out}: {out.parent} is not writable ({error.strerror})") from None
    if not out.exists():
        return
    if not out.is_dir():
        raise ValueError(f"cannot write the report to {out}: it exists and is not a directory")
    if not (out / "verdicts.json").is_file() and any(out.iterdir()):
        raise ValueError(f"cannot write the report to {out}: it exists and is neither empty nor a report")


def write(document: Document, out: Path, pdf: bool = False) -> None:
    """Write verdicts.json, index.html, formulas.tex, report.tex, figures/*.svg and *.pdf to the directory `out`.

    With `pdf` report.pdf is there, too, for which `reports.latex.pdf.check` must pass.

    Everything is rendered beside `out` first and then moved into place; whatever interrupts it, `out` is
    as it was and nothing else is left. A previous report in `out` is replaced.
    Raises ValueError as `check` does, and if the document cannot be rendered.
    """
    check(out)
    out = out.resolve()
    try:
        workshop = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise ValueError(f"cannot write the report to {out}: {error.strerror}") from error
    try:
        _render(document, workshop / "new")
        if pdf:
            (workshop / "new" / "report.pdf").write_bytes(report_pdf(workshop / "new"))
        _replace(workshop / "new", out, workshop / "old")
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _render(document: Document, folder: Path) -> None:
    figures = {}
    for figure in document["figures"]:
        if not _FILE_NAME.fullmatch(figure["id"]):
            raise ValueError(f"figure id {figure['id']!r} is no file name: [A-Za-z0-9._-]+ is")
        figures[figure["id"]] = svg(figure)
    files = {
        "verdicts.json": json.dumps(document, sort_keys=True, allow_nan=False, indent=1) + "\n",
        "index.html": page(document, figures),
        "formulas.tex": formulas_file(document["claims"], document["version"]),
        "report.tex": report(document),
        **{f"figures/{name}.svg": text for name, text in figures.items()},
    }
    overview = [figure for figure in document["figures"] if figure["role"] == "overview"]
    if overview:
        files["figures/overview.svg"] = picture(overview, "Error against the weight on real data")
    (folder / "figures").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    for figure in document["figures"]:
        (folder / "figures" / f"{figure['id']}.pdf").write_bytes(figure_file(figure, "pdf"))


def _replace(new: Path, out: Path, old: Path) -> None:
    """Put `new` in the place of `out`, which is put back if that fails."""
    if not out.exists():
        new.rename(out)
        return
    out.rename(old)
    try:
        new.rename(out)
    except BaseException:
        old.rename(out)
        raise
