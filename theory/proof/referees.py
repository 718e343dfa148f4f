"""The kinds of proof: what steps, certificates and solvers say of a claim and its variants.

A further kind is a function from a claim's variants to a `Ruling`, in a file of its own, and a row in `PROOFS`.
"""

from __future__ import annotations

from collections.abc import Sequence

from nocollapse.theory.claims import registry
from nocollapse.theory.claims.claim import Claim
from nocollapse.theory.proof.certificates import Certificate, identity, positivity, zero_in_flint, zero_in_sympy
from nocollapse.theory.proof.referee import Referee, Ruling
from nocollapse.theory.proof.solvers import opinion
from nocollapse.theory.proof.witness import vanishing_point
from nocollapse.theory.steps import Step

Variants = Sequence[Claim]
"""A claim and its variants, its own first."""
KERNELS = ["sympy", "python-flint"]
START = "the recursion starts at the stated value"


def derivation(claims: Variants) -> Ruling:
    """Whether every step has the residual zero, in two kernels, modulo what can vanish."""
    steps = [step for claim in claims for step in claim.steps]
    wrong = [step for step in steps if not zero(step)]
    computed = sum(step.computed for step in steps)
    identities = len(steps) - computed
    evidence = {"steps": len(steps), "identities": identities, "computed": computed, "kernels": KERNELS}
    if wrong:
        reason = f"{len(wrong)} of {len(steps)} steps have a residual that is not zero, the first: {wrong[0].why}"
        return Ruling("REFUTED", reason, evidence)
    if vacuous := [step for step in steps if vanishing_point(step.given) is None]:
        reason = f"no rational point is found at which what is given vanishes: {vacuous[0].why}"
        return Ruling("INCONCLUSIVE", reason, evidence)
    proved = f"{identities} {'identity' if identities == 1 else 'identities'} re-proved in two kernels"
    values = f"{computed} {'value' if computed == 1 else 'values'} computed"
    return Ruling("PROVED", f"all {len(steps)} steps hold: {proved}, {values}{_of_which(claims)}", evidence)


def zero(step: Step) -> bool:
    """Whether both kernels find the residual of a step to be zero."""
    return zero_in_sympy(step) and zero_in_flint(step)


def _of_which(claims: Variants) -> str:
    """How many of the steps belong to the variants, which the report does not print."""
    others = sum(len(claim.steps) for claim in claims[1:])
    if not others:
        return ""
    return f"; {others} of them are of the variants for other divisors, which nocollapse derive --ddof prints"


def certificate(claims: Variants) -> Ruling:
    """Whether the two sides agree, at step 0 too, and a certificate is known for every inequality."""
    equations = [equation for i, claim in enumerate(claims) for equation in conclusion(claim, own=i == 0)]
    equations += [equation for claim in claims for equation in starts(claim)]
    certificates = [*equations, *(positivity(inequality) for claim in claims for inequality in claim.inequalities)]
    missing = [one for one in certificates if not one.holds]
    evidence = {"certificates": [_plain(one) for one in certificates]}
    if wrong := [equation for equation in equations if not equation.holds]:
        return Ruling("REFUTED", _contrary(wrong[0]), evidence)
    if loose := [claim for claim in claims if not _pinned(claim)]:
        return Ruling("INCONCLUSIVE", _unpinned(loose[0]), evidence)
    if missing:
        return Ruling("INCONCLUSIVE", f"no certificate for: {missing[0].name}", evidence)
    return Ruling("PROVED", f"all {len(certificates)} certificates check", evidence)


SIDES = {
    "published": "the derived expression is the published one, as reconstructed",
    "ours": "the derived expression is the one that is stated here, beyond the paper",
    "user": "the derived expression is the one that the user states",
}
"""What it means that both sides agree, by what the derived one is compared with."""


def conclusion(claim: Claim, *, own: bool) -> list[Certificate]:
    """The certificate that both sides agree, for a claim's own or a variant; none for one that states no other side."""
    if not own and claim.published == claim.derived:
        return []
    compared = registry.compared_with(claim.id)
    side = compared if own or compared == "user" else "ours"
    return [identity(claim.conclusion, SIDES[side])]


def starts(claim: Claim) -> list[Certificate]:
    """The certificates that its recursion starts at what is published; none where that is not as much as is needed."""
    return [identity(step, START) for step in claim.starts] if _pinned(claim) else []


def _pinned(claim: Claim) -> bool:
    """Whether every moment of the recursion has a published value at step 0."""
    return claim.recursion is None or len(claim.start) == len(claim.recursion.state)


def _unpinned(claim: Claim) -> str:
    assert claim.recursion is not None
    values = f"of {len(claim.recursion.state)} values at step 0 the claim states {len(claim.start)}"
    return f"the start of its recursion is not pinned: {values}"


def _contrary(equation: Certificate) -> str:
    """Why a claim is refuted by one of its equations."""
    if equation.name == START:
        return f"the recursion does not start at the stated value: ${equation.statement}$"
    return f"it does not hold that {equation.name}"


def _plain(one: Certificate) -> dict[str, str]:
    return {
        "name": one.name if one.holds else f"{one.name} (NOT PROVED)",
        "statement": one.statement,
        "method": one.method,
        "detail": one.detail,
    }


def solvers(claims: Variants) -> Ruling:
    """Whether two solvers refute the negation of every inequality and obligation."""
    opinions = [opinion(one) for claim in claims for one in (*claim.inequalities, *claim.obligations)]
    refuted = [one for one in opinions if "sat" in (one.z3, one.cvc5)]
    unsettled = [one for one in opinions if not one.holds]
    evidence = {
        "obligations": [
            {
                "name": one.name,
                "statement": one.statement,
                "z3": one.z3,
                "cvc5": one.cvc5,
                "hypotheses": one.hypotheses,
            }
            for one in opinions
        ]
    }
    if refuted:
        return Ruling("REFUTED", f"a solver has a counterexample to: {refuted[0].name}", evidence)
    if unsettled:
        return Ruling("INCONCLUSIVE", f"not settled by both solvers: {unsettled[0].name}", evidence)
    reason = f"z3 and cvc5 refute the negation of all {len(opinions)}, and no hypothesis is vacuous"
    return Ruling("PROVED", reason, evidence)


PROOFS: tuple[Referee[Variants], ...] = (
    Referee("derivation", derivation),
    Referee("certificate", certificate),
    Referee("smt", solvers),
)
"""Every kind of proof, in the order of the document."""
