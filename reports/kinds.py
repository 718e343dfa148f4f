"""The kinds of evidence, in the order in which a claim's are told, and what each is called where."""

from __future__ import annotations

from dataclasses import dataclass

from nocollapse.document import Kind


@dataclass(frozen=True)
class KindOfEvidence:
    """A kind by its id in the document; the terminal's table has that for a head.

    `column` is the head of its column on the page and in LaTeX, `section` the title of its section on the page, and
    `verdict` that of its verdict in LaTeX, where derivations stand in sections of their own.
    """

    id: Kind
    column: str
    section: str
    verdict: str


KINDS = (
    KindOfEvidence("derivation", "Derivation", "Derivation", "Residuals"),
    KindOfEvidence("certificate", "Certificate", "Certificates", "Certificates"),
    KindOfEvidence("smt", "SMT", "Solvers", "Solvers"),
    KindOfEvidence("assumption", "Assumed", "What is assumed", "Taken from outside"),
    KindOfEvidence("simulation", "Simulation", "Simulation", "Simulation"),
    KindOfEvidence("mutants", "Mutants", "Mutants", "Mutants"),
)
KIND_IDS = tuple(kind.id for kind in KINDS)
