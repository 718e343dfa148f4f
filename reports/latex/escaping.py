# ruff: noqa: RUF001 - typographic and Greek characters are what is translated here
"""Text as LaTeX for plain pdflatex with amsmath."""

from __future__ import annotations

import re
import unicodedata

from nocollapse.reports.inline_math import pieces

_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "#": r"\#", "%": r"\%", "&": r"\&", "_": r"\_",
    "$": r"\$", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}", "|": r"\ensuremath{|}",
    "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\ldots{}", "\u00a0": "~",
    "\u202f": r"\,", "\u2009": r"\,", "−": r"\ensuremath{-}", "×": r"\ensuremath{\times}",
    "·": r"\ensuremath{\cdot}", "±": r"\ensuremath{\pm}", "≤": r"\ensuremath{\leq}",
    "≥": r"\ensuremath{\geq}", "≠": r"\ensuremath{\neq}", "≈": r"\ensuremath{\approx}",
    "→": r"\ensuremath{\to}", "∞": r"\ensuremath{\infty}", "‖": r"\ensuremath{\|}",
    "√": r"\ensuremath{\sqrt{\,}}", "°": r"\ensuremath{^\circ}",
}  # fmt: skip
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u0327": "c ", "\u030c": "v ",
}  # fmt: skip
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "θ": "theta", "λ": "lambda",
    "μ": "mu", "π": "pi", "ρ": "rho", "σ": "sigma", "φ": "varphi", "χ": "chi", "Σ": "Sigma", "Φ": "Phi",
    "Δ": "Delta", "Λ": "Lambda", "Ω": "Omega",
}  # fmt: skip
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_RUNS = re.compile("(--+|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")


class Latex(str):
    """LaTeX that needs no escaping any more."""


def prose(text: str) -> Latex:
    """Prose with inline formulas between dollars. Raises ValueError as `escaped` and `pieces` do."""
    return Latex("".join(f"${piece.text}$" if piece.is_formula else escaped(piece.text) for piece in pieces(text)))


def escaped(text: str) -> Latex:
    """Plain text, character by character.

    Raises ValueError naming a character that is not ASCII, Greek, accented or of common typography.

    >>> escaped("10⁻³ % by --out")
    '10\\\\ensuremath{^{-3}} \\\\% by -{}-out'
    """
    return Latex("".join(_run(run, text) for run in _RUNS.split(text)))


def _run(run: str, text: str) -> str:
    """A run of the text: hyphens that are to stay apart, an exponent, or anything else."""
    if run.startswith("--"):
        return "{}".join(run)
    if run.translate(_RAISED) != run:
        return rf"\ensuremath{{^{{{run.translate(_RAISED)}}}}}"
    return "".join(_character(character, text) for character in run)


def _character(character: str, text: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character.isascii():
        return character
    if character in _GREEK:
        return rf"\ensuremath{{\{_GREEK[character]}}}"
    decomposed = unicodedata.normalize("NFD", character)
    base = decomposed[0]
    mark = decomposed[1:]
    if base.isascii() and mark in _ACCENTS:
        return rf"\{_ACCENTS[mark]}{{{base}}}"
    raise ValueError(f"cannot set {character!r} of {text!r} in LaTeX: write it as a formula, between dollars")
