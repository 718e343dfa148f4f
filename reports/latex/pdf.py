"""The report as PDF without a system LaTeX: pandoc reads report.tex, typst sets it; both come as wheels."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_TEMPLATES = Path(__file__).parents[1] / "templates" / "latex"
_BEGIN = r"\begin{document}"


def check() -> None:
    """Make sure that both programs are there; worth asking before a long run.

    Raises ValueError with the command that installs them.
    """
    missing = [name for name in ("pypandoc", "typst") if find_spec(name) is None]
    if not missing and not _has_pandoc():
        missing = ["pandoc"]
    if missing:
        raise ValueError(f"no PDF without {' and '.join(missing)}: pip install 'nocollapse[pdf]'")


def _has_pandoc() -> bool:
    """Whether pypandoc brings pandoc along, or finds one; there is a package of it that does not."""
    import pypandoc

    try:
        pypandoc.get_pandoc_version()
    except OSError:
        return False
    return True


def report_pdf(folder: Path) -> bytes:
    """The PDF of a folder's report.tex, with its formulas.tex and figures; the same for the same files.

    Raises ValueError as `check` does, or if something in the report cannot be set.
    """
    check()
    import typst

    try:
        compiler = typst.Compiler(source(folder).encode(), root=folder, ignore_system_fonts=True)
        compiled = compiler.compile(format="pdf")
    except RuntimeError as error:
        raise ValueError(f"report.tex cannot be set as PDF: {error}") from None
    assert isinstance(compiled, bytes)  # as one file is asked for
    return compiled


def source(folder: Path) -> str:
    """A folder's report.tex for typst; RuntimeError if pandoc does not understand all of it.

    The preamble is for LaTeX alone. pandoc.tex and report.typ stand for it here: macros, and how a page looks.
    """
    import pypandoc

    _, begin, body = (folder / "report.tex").read_text(encoding="utf-8").partition(_BEGIN)
    macros = (_TEMPLATES / "pandoc.tex").read_text(encoding="utf-8")
    options = ["--standalone", f"--template={_TEMPLATES / 'report.typ'}", "--fail-if-warnings"]
    return str(pypandoc.convert_text(macros + begin + body, "typst", "latex", options, cworkdir=folder))
