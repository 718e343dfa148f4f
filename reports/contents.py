"""What a verdicts document says as a whole: how each claim stands, the totals, the exit status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from nocollapse.document import (
    AssumptionEntry,
    ClaimEntry,
    Document,
    FigureEntry,
    Kind,
    Map,
    Node,
    Status,
    TableEntry,
    Verdict,
)
from nocollapse.reports.kinds import KIND_IDS

STATUSES: tuple[Status, ...] = get_args(Status)
"""From best to worst: a claim stands no better than its worst verdict."""
EXIT_MEANING = {
    0: "everything holds",
    1: "something is refuted",
    3: "nothing is refuted, but something is inconclusive",
}


@dataclass(frozen=True)
class ClaimEvidence:
    """A claim's entry in the document with what belongs to it: its verdicts by kind, and how it stands.

    `uses` and `used_by` are its neighbours on the map of the theory.
    """

    entry: ClaimEntry
    verdicts: dict[Kind, Verdict]
    figures: tuple[FigureEntry, ...]
    tables: tuple[TableEntry, ...]
    uses: tuple[Node, ...]
    used_by: tuple[Node, ...]
    standing: Status

    def status(self, kind: Kind) -> Status | None:
        """The verdict of a kind of evidence; None where there is none."""
        return self.verdicts[kind]["status"] if kind in self.verdicts else None


@dataclass(frozen=True)
class Contents:
    """A verdicts document arranged by claim, in the document's order, with what its claims assume by id."""

    claims: tuple[ClaimEvidence, ...]
    assumptions: dict[str, AssumptionEntry]

    def tally(self, kind: Kind | None = None) -> list[tuple[Status, int]]:
        """How many claims have each status, best first: as they stand, or in one kind of evidence."""
        counts = Counter(claim.standing if kind is None else claim.status(kind) for claim in self.claims)
        return [(status, counts[status]) for status in STATUSES if counts[status]]

    def amounts(self) -> list[tuple[int, str]]:
        """What all the evidence comes to: how many there are of each part, and its name."""
        identities = 0
        computed = 0
        certificates = 0
        obligations = 0
        points = 0
        mutants = 0
        undefined = 0
        survivors = 0
        for verdict in (verdict for claim in self.claims for verdict in claim.verdicts.values()):
            if verdict["kind"] == "derivation":
                identities += verdict["identities"]
                computed += verdict["computed"]
            elif verdict["kind"] == "certificate":
                certificates += len(verdict["certificates"])
            elif verdict["kind"] == "smt":
                obligations += len(verdict["obligations"])
            elif verdict["kind"] == "simulation":
                points += len(verdict["points"])
            elif verdict["kind"] == "mutants":
                mutants += len(verdict["mutants"])
                undefined += verdict["killed"]["undefined"]
                survivors += sum(mutant["outcome"] == "survived" for mutant in verdict["mutants"])
        return [
            (identities, "identities re-proved"),
            (computed, "values computed"),
            (certificates, "certificates"),
            (obligations, "solver obligations"),
            (points, "simulated points"),
            (mutants, "wrong versions"),
            (undefined, "of them killed without a finite value"),
            (survivors, "survivors"),
            (len(self.assumptions), "assumption" if len(self.assumptions) == 1 else "assumptions"),
        ]

    @property
    def exit_status(self) -> int:
        """0 everything holds, 1 something is refuted, 3 nothing refuted but something inconclusive."""
        standings = {claim.standing for claim in self.claims}
        if "REFUTED" in standings:
            return 1
        return 3 if "INCONCLUSIVE" in standings or not standings else 0

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        total = len(self.claims)
        counts = dict(self.tally())
        refuted = counts.get("REFUTED", 0)
        open_ = counts.get("INCONCLUSIVE", 0)
        if refuted:
            return f"{refuted} of {_claims(total)} {'is' if refuted == 1 else 'are'} refuted."
        if open_:
            verb = "is" if open_ == 1 else "are"
            return f"Nothing is refuted, but {open_} of {_claims(total)} {verb} inconclusive."
        if not total:
            return "No claim was checked."
        return f"The claim holds{self._rest}." if total == 1 else f"All {total} claims hold{self._rest}."

    @property
    def _rest(self) -> str:
        """How many of the claims rest on how many assumptions, as the rest of a sentence; empty where none does."""
        resting = sum("assumption" in claim.verdicts for claim in self.claims)
        if not resting:
            return ""
        subject = "it" if len(self.claims) == 1 else f"{resting} of them"
        verb = "rests" if resting == 1 else "rest"
        number = len(self.assumptions)
        return f"; {subject} {verb} on {number} assumption{'s' if number != 1 else ''}"


def standing(statuses: Iterable[Status]) -> Status:
    """How a claim stands on its verdicts: refuted or inconclusive if any is, assumed if it rests on an assumption.

    Otherwise it is proved if a proof is among them: that never covers what is assumed. Without any evidence it is
    inconclusive.
    """
    reached = set(statuses)
    decisions: tuple[Status, ...] = ("REFUTED", "INCONCLUSIVE", "ASSUMED", "PROVED", "SUPPORTED")
    for decisive in decisions:
        if decisive in reached:
            return decisive
    return "INCONCLUSIVE"


def contents(document: Document) -> Contents:
    """Arrange a verdicts document by claim.

    Raises ValueError if an id, a kind within a claim or a figure occurs twice, if a verdict or figure
    belongs to no claim, if the map is not one of these claims, if a kind or status is none of KINDS or STATUSES, or if
    the assumptions are not those on which claims rest.
    """
    verdicts: dict[str, dict[Kind, Verdict]] = {}
    for entry in document["claims"]:
        if entry["id"] in verdicts:
            raise ValueError(f"claim {entry['id']!r} occurs twice in the document: ids are unique")
        verdicts[entry["id"]] = {}
    for verdict in document["verdicts"]:
        _place(verdict, verdicts)
    _check_figures(document["figures"], set(verdicts))
    assumptions = _assumptions(document)
    nodes = _nodes(document["map"], set(verdicts))
    edges = document["map"]["edges"]
    return Contents(
        tuple(
            ClaimEvidence(
                entry,
                verdicts[entry["id"]],
                tuple(figure for figure in document["figures"] if figure["claim"] == entry["id"]),
                tuple(table for table in document["tables"] if table["claim"] == entry["id"]),
                tuple(nodes[source] for source, target in edges if target == entry["id"]),
                tuple(nodes[target] for source, target in edges if source == entry["id"]),
                standing(verdict["status"] for verdict in verdicts[entry["id"]].values()),
            )
            for entry in document["claims"]
        ),
        assumptions,
    )


def _place(verdict: Verdict, verdicts: dict[str, dict[Kind, Verdict]]) -> None:
    claim = verdict["claim"]
    kind: Kind = verdict["kind"]
    status = verdict["status"]
    if claim not in verdicts:
        raise ValueError(f"a verdict on {claim!r}, which is not among the document's claims")
    if kind not in KIND_IDS:
        raise ValueError(f"a verdict of kind {kind!r} on {claim!r}: the kinds are {', '.join(KIND_IDS)}")
    if status not in STATUSES:
        raise ValueError(f"a verdict {status!r} on {claim!r}: the statuses are {', '.join(STATUSES)}")
    if kind in verdicts[claim]:
        raise ValueError(f"two verdicts of kind {kind!r} on {claim!r}: there is one a kind")
    verdicts[claim][kind] = verdict


def _assumptions(document: Document) -> dict[str, AssumptionEntry]:
    assumptions = {one["id"]: one for one in document["assumptions"]}
    if len(assumptions) < len(document["assumptions"]):
        raise ValueError("an assumption occurs twice in the document: ids are unique")
    resting: dict[str, list[str]] = {}
    for verdict in document["verdicts"]:
        if verdict["kind"] == "assumption":
            for identifier in verdict["rests_on"]:
                resting.setdefault(identifier, []).append(verdict["claim"])
    listed = {identifier: one["claims"] for identifier, one in assumptions.items()}
    if strange := [name for name in {**resting, **listed} if resting.get(name) != listed.get(name)]:
        raise ValueError(f"assumption {strange[0]!r} is not listed with the claims whose verdicts name it")
    return assumptions


def _check_figures(figures: Iterable[FigureEntry], claims: set[str]) -> None:
    seen = set()
    for figure in figures:
        if figure["claim"] not in claims:
            raise ValueError(f"figure {figure['id']!r} belongs to no claim here: {figure['claim']!r}")
        if figure["id"] in seen:
            raise ValueError(f"figure {figure['id']!r} occurs twice in the document: ids are unique")
        seen.add(figure["id"])


def _nodes(theory: Map, claims: set[str]) -> dict[str, Node]:
    nodes = {node["id"]: node for node in theory["nodes"]}
    if strange := {name for name, node in nodes.items() if node["kind"] == "claim"} ^ claims:
        raise ValueError(f"{sorted(strange)[0]!r} is on the map or among the claims, but not both")
    if strange := {name for edge in theory["edges"] for name in edge} - set(nodes):
        raise ValueError(f"an edge of the map ends at {sorted(strange)[0]!r}, which is not on it")
    return nodes


def _claims(number: int) -> str:
    return f"{number} claim" if number == 1 else f"{number} claims"
