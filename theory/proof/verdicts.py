"""A claim as it is printed, and the verdicts of theory on it, as plain data."""

from __future__ import annotations

from typing import Any

from sympy import Symbol

from nocollapse.theory.claims import registry
from nocollapse.theory.claims.claim import Claim
from nocollapse.theory.proof.referees import PROOFS
from nocollapse.theory.symbols import GLOSSARY, latex


def described(identifier: str, variant: str | None = None) -> dict[str, Any]:
    """A claim as the report prints it: statement, assumptions, steps and result, in prose and LaTeX."""
    entry = registry.entry(identifier)
    claim = entry(variant)
    return {
        "id": identifier,
        "source": entry.source,
        "summary": entry.summary,
        "statement": latex(claim.statement),
        "symbols": [{"latex": latex(symbol), "meaning": GLOSSARY[symbol].meaning} for symbol in _letters(claim)],
        "assumptions": list(claim.assumptions),
        "steps": [{"why": step.why, "latex": step.latex} for step in claim.steps],
        "recursion": None if claim.recursion is None else claim.recursion.latex(),
        "result": latex(claim.derived),
        "not_said": claim.not_said,
    }


def _letters(claim: Claim) -> list[Symbol]:
    """The letters of both sides and of the recursion, in the order of the glossary."""
    printed = [claim.published, claim.derived]
    if claim.recursion is not None:
        printed += [claim.recursion.matrix, claim.recursion.offset, claim.recursion.initial]
    used = set().union(*(one.free_symbols for one in printed))
    return [symbol for symbol in GLOSSARY if symbol in used]


def proved(identifier: str) -> list[dict[str, Any]]:
    """The verdicts of every kind of proof on a claim and its variants."""
    claims = registry.entry(identifier).variants()
    return [referee.verdict(identifier, claims) for referee in PROOFS]
