"""The formulas of claims as LaTeX macros, one a formula, named after the claim's permanent id."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nocollapse.document import ClaimEntry
from nocollapse.reports.latex.line_breaks import breakable

_ID = re.compile(r"[a-z]+(?:[.-][a-z]+)*", re.ASCII)
_HEAD = r"""% The derived formulas of nocollapse {version}, one macro each. To use them, write in a preamble
%
%   \usepackage{{amsmath,amssymb}}
%   \input{{formulas}}
%
% and in a formula {example}, say. \allowbreak stands where a long one may be broken.
"""


def name(identifier: str, part: str = "") -> str:
    r"""The macro of a claim's result, or of another part of it; the same for ever, as ids are.

    Raises ValueError for an id that is not of small letters with dots and hyphens between them.

    >>> name("mean.optimal-weight"), name("mean.error", "fixed point")
    ('\\ncMeanOptimalWeight', '\\ncMeanErrorFixedPoint')
    """
    if not _ID.fullmatch(identifier):
        raise ValueError(f"claim id {identifier!r} gives no LaTeX macro: small letters do, with . and - between them")
    return r"\nc" + "".join(word.capitalize() for word in re.split(r"[.\- ]", f"{identifier} {part}"))


def macros(claim: ClaimEntry) -> dict[str, str]:
    """The formula of each macro of one of the document's "claims" entries."""
    formulas = {"": claim["result"], "statement": claim["statement"], **(claim["recursion"] or {})}
    return {name(claim["id"], part): breakable(latex) for part, latex in formulas.items()}


def definitions(claims: Iterable[ClaimEntry]) -> str:
    """The definitions of the macros of claims, which name their sources.

    Raises ValueError naming two claims whose macros would have one name.
    """
    owners: dict[str, str] = {}
    lines = []
    for claim in claims:
        lines.append(f"\n% {claim['id']}: {' '.join(claim['source'].split())}")
        for macro, latex in macros(claim).items():
            if macro in owners:
                raise ValueError(f"claims {owners[macro]!r} and {claim['id']!r} would both define {macro}")
            owners[macro] = claim["id"]
            lines.append(rf"\newcommand{{{macro}}}{{{latex}}}")
    return "\n".join(lines) + "\n"


def formulas_file(claims: Iterable[ClaimEntry], version: str) -> str:
    """The contents of formulas.tex, for \\input into any document; raises as `definitions` does."""
    listed = list(claims)
    example = f"${name(listed[0]['id'])}$" if listed else "the name of one"
    return _HEAD.format(version=version, example=example) + definitions(listed)
