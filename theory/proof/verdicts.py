"""The verdicts of theory on a claim: every step, every certificate, every solver's opinion, as plain data."""

from __future__ import annotations

from typing import Any

from sympy import Symbol

from nocollapse.theory.claims import registry
from nocollapse.theory.claims.claim import Claim
from nocollapse.theory.proof.certificates import Certificate, identity, positivity, zero_in_flint, zero_in_sympy
from nocollapse.theory.proof.solvers import opinion
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import GLOSSARY, latex

KERNELS = ["sympy", "python-flint"]


def described(identifier: str, variant: str | None = None) -> dict[str, Any]:
    """A claim as the report prints it: statement, assumptions, steps and result, in prose and LaTeX."""
    entry, claim = registry.entry(identifier), registry.claim_of(identifier, variant)
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
    parts = [claim.published, claim.derived]
    if claim.recursion is not None:
        parts += [claim.recursion.matrix, claim.recursion.offset, claim.recursion.initial]
    used = set().union(*(part.free_symbols for part in parts))
    return [symbol for symbol in GLOSSARY if symbol in used]


def variants(identifier: str) -> tuple[Claim, ...]:
    """The claim and its variants; its own first."""
    return registry.entry(identifier).variants()


def proved(identifier: str) -> list[dict[str, Any]]:
    """The verdicts of kind derivation, certificate and smt on a claim and its variants."""
    claims = variants(identifier)
    return [_derivation(identifier, claims), _certificates(identifier, claims), _opinions(identifier, claims)]


def _derivation(identifier: str, claims: tuple[Claim, ...]) -> dict[str, Any]:
    steps = [step for claim in claims for step in claim.steps]
    wrong = [step for step in steps if not zero(step)]
    return {
        "claim": identifier,
        "kind": "derivation",
        "status": "REFUTED" if wrong else "PROVED",
        "reason": f"{len(wrong)} of {len(steps)} steps have a residual that is not zero, the first: {wrong[0].why}"
        if wrong
        else f"all {len(steps)} steps have the zero polynomial for a residual, in two kernels{_of_which(claims)}",
        "steps": len(steps),
        "kernels": KERNELS,
    }


def _of_which(claims: tuple[Claim, ...]) -> str:
    """How many of the steps belong to the variants, which the report does not print."""
    others = sum(len(claim.steps) for claim in claims[1:])
    return (
        f"; {others} of them are of the variants for other divisors, which nocollapse derive --ddof prints"
        if others
        else ""
    )


def zero(step: Step) -> bool:
    """Whether both kernels find the residual of a step to be zero."""
    return zero_in_sympy(step) and zero_in_flint(step)


def _certificates(identifier: str, claims: tuple[Claim, ...]) -> dict[str, Any]:
    equations = [c for i, claim in enumerate(claims) for c in conclusion(claim, published=i == 0)]
    found = [*equations, *(positivity(i) for claim in claims for i in claim.inequalities)]
    missing = [c for c in found if not c.holds]
    if any(not c.holds for c in equations):
        status, reason = "REFUTED", "the derived expression is not the published one"
    elif missing:
        status, reason = "INCONCLUSIVE", f"no certificate for: {missing[0].name}"
    else:
        status, reason = "PROVED", f"all {len(found)} certificates check"
    return {
        "claim": identifier,
        "kind": "certificate",
        "status": status,
        "reason": reason,
        "certificates": [_certificate(c) for c in found],
    }


def conclusion(claim: Claim, published: bool) -> list[Certificate]:
    """The certificate that both sides agree; none for a variant that the paper does not state."""
    if not published and claim.published == claim.derived:
        return []
    return [identity(claim.conclusion, "the derived expression is the published one")]


def _certificate(certificate: Certificate) -> dict[str, str]:
    return {
        "name": certificate.name if certificate.holds else f"{certificate.name} (NOT PROVED)",
        "statement": certificate.statement,
        "method": certificate.method,
        "detail": certificate.detail,
    }


def _opinions(identifier: str, claims: tuple[Claim, ...]) -> dict[str, Any]:
    found = [opinion(i) for claim in claims for i in (*claim.inequalities, *claim.obligations)]
    refuted = [o for o in found if "sat" in (o.z3, o.cvc5)]
    open_ = [o for o in found if not o.holds]
    if refuted:
        status, reason = "REFUTED", f"a solver has a counterexample to: {refuted[0].name}"
    elif open_:
        status, reason = "INCONCLUSIVE", f"not settled by both solvers: {open_[0].name}"
    else:
        status, reason = "PROVED", f"z3 and cvc5 refute the negation of all {len(found)}, and no hypothesis is vacuous"
    return {
        "claim": identifier,
        "kind": "smt",
        "status": status,
        "reason": reason,
        "obligations": [
            {"name": o.name, "statement": o.statement, "z3": o.z3, "cvc5": o.cvc5, "hypotheses": o.hypotheses}
            for o in found
        ],
    }
