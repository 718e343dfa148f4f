# ruff: noqa: RUF001 - typographic and Greek characters are what is translated here
"""Claims as a LaTeX document for plain pdflatex with amsmath."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from reports.breaks import terms
from reports.prose import pieces

# A formula that fits stands as it is. One that does not is set as a paragraph of its terms, each of which
# is scaled down only if it is wider than a whole line: nothing runs off the page, and breaks fall where
# a mathematician would put them.
_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[margin=25mm]{geometry}
\usepackage{amsmath,amssymb,graphicx}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.5\baselineskip}
\setlength{\emergencystretch}{4em}
\hbadness=10000
\renewcommand{\labelitemi}{$\bullet$}
\newsavebox{\formulabox}
\newlength{\formulaindent}
\setlength{\formulaindent}{1.5em}
\newcommand{\term}[1]{%
  \sbox{\formulabox}{$\displaystyle #1$}%
  \ifdim\wd\formulabox>\dimexpr\linewidth-2\formulaindent\relax
    \resizebox{\dimexpr\linewidth-2\formulaindent\relax}{!}{\usebox{\formulabox}}%
  \else\usebox{\formulabox}\fi
  \hskip 0pt\relax}
\newcommand{\formula}[2]{%
  \sbox{\formulabox}{$\displaystyle #1$}%
  \par\nopagebreak\medskip
  \ifdim\wd\formulabox>\dimexpr\linewidth-\formulaindent\relax
    {\raggedright\leftskip=2\formulaindent\parindent=-\formulaindent\lineskip=0.6\baselineskip
     \lineskiplimit=0.3\baselineskip\leavevmode #2\par}%
  \else{\leftskip=\formulaindent\leavevmode\usebox{\formulabox}\par}\fi
  \medskip}
"""
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "#": r"\#", "%": r"\%", "&": r"\&", "_": r"\_",
    "$": r"\$", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\ensuremath{<}",
    ">": r"\ensuremath{>}", "|": r"\ensuremath{|}",
    "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\ldots{}", "\u00a0": "~",
    "\u202f": r"\,", "\u2009": r"\,", "−": r"\ensuremath{-}", "×": r"\ensuremath{\times}",
    "·": r"\ensuremath{\cdot}", "±": r"\ensuremath{\pm}", "≤": r"\ensuremath{\leq}",
    "≥": r"\ensuremath{\geq}", "≠": r"\ensuremath{\neq}", "≈": r"\ensuremath{\approx}",
    "→": r"\ensuremath{\to}", "∞": r"\ensuremath{\infty}", "‖": r"\ensuremath{\|}",
    "√": r"\ensuremath{\surd}", "°": r"\ensuremath{^\circ}", "²": r"\ensuremath{^2}", "³": r"\ensuremath{^3}",
}  # fmt: skip
_ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u0327": "c ", "\u030c": "v ",
}  # fmt: skip
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "θ": "theta", "λ": "lambda",
    "μ": "mu", "π": "pi", "ρ": "rho", "σ": "sigma", "φ": "varphi", "χ": "chi", "Σ": "Sigma", "Φ": "Phi",
    "Δ": "Delta", "Λ": "Lambda", "Ω": "Omega",
}  # fmt: skip


def document(claims: Iterable[Mapping[str, Any]]) -> str:
    """A LaTeX document with one section for each of the document's "claims" entries.

    Each section has statement, assumptions, derivation step by step, result and what is not said.
    Raises ValueError naming the text if its prose cannot be set.
    """
    sections = "\n".join(_section(claim) for claim in claims)
    return f"{_PREAMBLE}\\begin{{document}}\n{sections}\\end{{document}}\n"


def _section(claim: Mapping[str, Any]) -> str:
    lines = [
        f"\\section{{\\texttt{{{_escaped(claim['id'])}}}: {_prose(claim['source'])}}}",
        _prose(claim["summary"]),
        _formula(claim["statement"]),
    ]
    if claim["assumptions"]:
        lines += [r"\subsection*{Assumptions}", r"\begin{itemize}"]
        lines += [rf"\item {_prose(assumption)}" for assumption in claim["assumptions"]]
        lines.append(r"\end{itemize}")
    if claim["steps"]:
        lines += [r"\subsection*{Derivation}", r"\begin{enumerate}"]
        lines += [rf"\item {_prose(step['why'])}{_formula(step['latex'])}" for step in claim["steps"]]
        lines.append(r"\end{enumerate}")
    lines += [r"\subsection*{Result}", _formula(claim["result"])]
    if claim["not_said"]:
        lines += [r"\subsection*{What this claim does not say}", _prose(claim["not_said"])]
    return "\n".join(lines) + "\n"


def _formula(latex: str) -> str:
    parts = "".join(f"\\term{{{term}}}" for term in terms(latex))
    return f"\\formula{{{latex}}}{{{parts}}}"


def _prose(text: str) -> str:
    return "".join(f"${piece.text}$" if piece.is_formula else _escaped(piece.text) for piece in pieces(text))


def _escaped(text: str) -> str:
    return "".join(_character(character, text) for character in text)


def _character(character: str, text: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character.isascii():
        return character
    if character in _GREEK:
        return rf"\ensuremath{{\{_GREEK[character]}}}"
    decomposed = unicodedata.normalize("NFD", character)
    base, mark = decomposed[0], decomposed[1:]
    if base.isascii() and mark in _ACCENTS:
        return rf"\{_ACCENTS[mark]}{{{base}}}"
    raise ValueError(f"cannot set {character!r} of {text!r} in LaTeX: write it as a formula, between dollars")
