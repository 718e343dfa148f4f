"""A claim as it is printed, and the verdicts of theory on it, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sympy import Symbol

from nocollapse.theory.claims import registry
from nocollapse.theory.claims.claim import Claim
from nocollapse.theory.proof.assumed import ASSUMPTION
from nocollapse.theory.proof.dependencies import DERIVATIONS, assumptions
from nocollapse.theory.proof.referees import PROOFS, zero
from nocollapse.theory.symbols import GLOSSARY, latex


def described(identifier: str, variant: str | None = None) -> dict[str, Any]:
    """A claim as the report prints it: statement, assumptions, steps and result, in prose and LaTeX."""
    entry = registry.entry(identifier)
    claim = entry(variant)
    return {
        "id": identifier,
        "source": entry.source,
        "compared_with": registry.compared_with(identifier, variant),
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
    """The verdicts of every kind of proof on a claim and its variants, and that on what it assumes, if it does."""
    claims = registry.entry(identifier).variants()
    named = assumptions(identifier)
    rulings = [referee.verdict(identifier, claims) for referee in PROOFS]
    return [*rulings, ASSUMPTION.verdict(identifier, named)] if named else rulings


def unsound(node: str) -> bool:
    """Whether a step of a recursion on the map, by the name of its code, is refuted."""
    derive = DERIVATIONS.get(node)
    return derive is not None and not all(zero(step) for step in derive().steps)


def taken_along(
    verdicts: Iterable[dict[str, Any]], edges: Iterable[tuple[str, str]], unsound: Iterable[str] = ()
) -> Iterator[dict[str, Any]]:
    """Yields the verdicts of kind derivation anew where a claim rests, by the map's edges, on what is refuted.

    That is a claim whose derivation is, or an unsound recursion.

    >>> rows = [{"claim": "a.b", "kind": "derivation", "status": "REFUTED", "reason": "a slip"}]
    >>> rows += [{"claim": "c.d", "kind": "derivation", "status": "PROVED", "reason": "all"}]
    >>> [row["reason"] for row in taken_along(rows, [("a.b", "c.d")])]
    ['it rests on a.b, whose derivation is refuted']
    """
    derivations = {row["claim"]: row for row in verdicts if row["kind"] == "derivation"}
    above: dict[str, list[str]] = {}
    for source, target in edges:
        above.setdefault(source, []).append(target)
    refuted = [*unsound, *(name for name, row in derivations.items() if row["status"] == "REFUTED")]
    reached = set(refuted)
    pending = [(name, name) for name in refuted]
    while pending:
        origin, place = pending.pop()
        for target in above.get(place, ()):
            if target in reached:
                continue
            reached.add(target)
            pending.append((origin, target))
            if target in derivations:
                reason = f"it rests on {origin}, whose derivation is refuted"
                yield derivations[target] | {"status": "REFUTED", "reason": reason}
