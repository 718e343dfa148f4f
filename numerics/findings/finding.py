"""What a finding is: what the paper or its code says, what is found, and evidence from a run or from the theory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nocollapse.document import FigureEntry, Form, MutantEntry, PointEntry, Role, TableEntry, Verdict


@dataclass(frozen=True)
class Evidence:
    """One value: what it is, how to print it, and where on the page it comes from.

    `key` is the name by which sentences refer to it; `link` is a claim's id, one with a kind of evidence
    (`mean.error/simulation`), or a figure's.
    """

    what: str
    value: float | str
    form: Form = "number"
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


class MissingEvidence(LookupError):
    """A run that simulated a claim lacks what a finding about the claim is made of."""


@dataclass(frozen=True)
class Run:
    """What a run has gathered so far: the document's verdicts, figures and tables, and the seed.

    Evidence is looked up by ids. Of a claim that this run did not simulate there is none; where there should be some,
    `MissingEvidence` is raised.
    """

    seed: int
    verdicts: Sequence[Verdict]
    figures: Sequence[FigureEntry]
    tables: Sequence[TableEntry]

    def simulated(self, claim: str) -> bool:
        """Whether this run simulated a claim."""
        return any(verdict["kind"] == "simulation" for verdict in self.verdicts if verdict["claim"] == claim)

    def points(self, claim: str, *, run: str = "", test: str = "") -> list[PointEntry]:
        """The points of a claim, in one of its runs or of one kind of test."""
        points = [
            point
            for point in self._points(claim)
            if (not run or point["run"] == run) and (not test or point["test"] == test)
        ]
        if not points and self.simulated(claim):
            raise MissingEvidence(f"{claim} has no points with run = {run!r} and test = {test!r}")
        return points

    def _points(self, claim: str) -> Iterator[PointEntry]:
        for verdict in self.verdicts:
            if verdict["claim"] == claim and verdict["kind"] == "simulation":
                yield from verdict["points"]

    def figure(self, claim: str, role: Role) -> FigureEntry | None:
        """The figure of a claim that shows this; None where the claim was not simulated."""
        for figure in self.figures:
            if figure["claim"] == claim and figure["role"] == role:
                return figure
        if self.simulated(claim):
            raise MissingEvidence(f"{claim} has no figure with the role {role!r}")
        return None

    def table(self, claim: str, name: str) -> TableEntry | None:
        """A table of a claim by its name; None where the claim was not simulated."""
        for table in self.tables:
            if table["claim"] == claim and table["name"] == name:
                return table
        if self.simulated(claim):
            raise MissingEvidence(f"{claim} has no table {name!r}")
        return None

    def mutants(self, operator: str) -> list[tuple[str, MutantEntry]]:
        """The wrong versions that an operator made of the claims' own expressions, with their claims."""
        return [
            (verdict["claim"], mutant)
            for verdict in self.verdicts
            if verdict["kind"] == "mutants"
            for mutant in verdict["mutants"]
            if mutant["operator"] == operator and not mutant["part"]
        ]


def point_evidence(what: str, point: PointEntry, claim: str) -> Evidence:
    """A simulated point beside its target, if it has one."""
    parameters = point["parameters"]
    sizes = ", ".join(f"${name} = {value:g}$" for name, value in parameters.items() if name in ("n", "m", "t"))
    target = "" if point["target"] is None else f", exact {point['target']:.4g}"
    assert point["estimate"] is not None
    return Evidence(f"{what} ({sizes}{target})", point["estimate"], link=f"{claim}/simulation")
