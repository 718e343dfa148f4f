"""What a finding is: what the paper or its code says, what is found, and evidence from a run or from the theory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Evidence:
    """One value: what it is, how to print it (number, count, percent or prose), and where on the page it comes from.

    ``key`` is the name by which sentences refer to it; ``link`` is a claim's id, one with a kind of evidence
    (``mean.error/simulation``), or a figure's.
    """

    what: str
    value: float | str
    form: str = "number"
    key: str = ""
    link: str = ""


@dataclass(frozen=True)
class Finding:
    """What the paper, or its code, says; what is found; and the evidence."""

    id: str
    source: str
    title: str
    said: str
    found: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Run:
    """What a run has gathered so far: the document's verdicts, figures and tables, and the seed."""

    seed: int
    verdicts: Sequence[Mapping[str, Any]]
    figures: Sequence[Mapping[str, Any]]
    tables: Sequence[Mapping[str, Any]]

    def points(self, identifier: str) -> list[Mapping[str, Any]]:
        """The simulated points of a claim."""
        return [p for row in self.verdicts if row["claim"] == identifier for p in row.get("points", ())]

    def mutants(self, operator: str) -> list[tuple[str, Mapping[str, Any]]]:
        """The wrong versions that an operator made of the claims' expressions, with their claims."""
        found = [(row["claim"], mutant) for row in self.verdicts for mutant in row.get("mutants", ())]
        return [(home, mutant) for home, mutant in found if mutant["operator"] == operator and not mutant["part"]]


def point(words: str, row: Mapping[str, Any], home: str) -> Evidence:
    """A simulated point beside its target, if it has one."""
    at = ", ".join(f"${name} = {value:g}$" for name, value in row["parameters"].items() if name in ("n", "m", "t"))
    target = "" if row["target"] is None else f", exact {row['target']:.4g}"
    return Evidence(f"{words} ({at}{target})", row["estimate"], link=f"{home}/simulation")
