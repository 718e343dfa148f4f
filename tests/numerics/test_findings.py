"""Findings: each has its evidence, and its sentences take every number from there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest

from nocollapse.document import FindingEntry
from nocollapse.numerics.findings import experiments
from nocollapse.numerics.findings import listed as room
from nocollapse.numerics.findings.finding import Finding, MissingEvidence, Run
from nocollapse.theory.claims.registry import CLAIMS
from nocollapse.theory.proof.mutants import mutants
from nocollapse.theory.symbols import k

NAMED = re.compile(r"%\(([^)]*)\)s")


def figure(claim: str) -> Any:
    """A bias of 10 % at n = 50, of a limit of 2."""
    points = [{"x": x, "y": y, "low": y - 0.1, "high": y + 0.1} for x, y in ((0.0, 2.0), (0.01, 2.1), (0.02, 2.2))]
    return {"id": f"{claim}-bias", "claim": claim, "role": "bias", "points": points, "reference": {"y": 2.0}}


@pytest.fixture(scope="module")
def run() -> Run:
    """What the findings look for in a run, in small."""
    mutant = {"operator": "k to 1/k", "part": "", "outcome": "killed", "by": "k = 0.5"}
    decay = {"run": "decay", "test": "one-sided", "quantity": "decay", "parameters": {"n": 10, "t": 200, "w": 0},
             "target": None, "estimate": -30.0}  # fmt: skip
    early, late = (
        {"run": "explosion", "test": "equality", "quantity": "moment", "parameters": {"n": 100, "m": 100, "t": step},
         "target": 2e8, "estimate": 2.1e8}
        for step in (10, 1000)
    )  # fmt: skip
    bracket = {"run": "a", "test": "bracket", "quantity": "minimiser", "status": "SUPPORTED",
               "note": "between 0.4 and 0.6"}  # fmt: skip
    verdicts: list[Any] = [
        {"claim": "mean.optimal-weight", "kind": "mutants", "mutants": [mutant]},
        {"claim": "glm.naive", "kind": "mutants", "mutants": [{**mutant, "outcome": "survived"}]},
        {"claim": "gaussian.fully-synthetic", "kind": "simulation", "points": [decay, early, late]},
        {"claim": "glm.misspecified", "kind": "simulation", "points": [bracket]},
    ]
    table: Any = {"claim": "glm.misspecified", "name": "best-weights", "keys": ["rows", "best-weight"],
                  "rows": [["a", 0.4], ["b", 0.7]]}  # fmt: skip
    return Run(3, verdicts, [figure("glm.logistic"), figure("glm.linear")], [table])


@pytest.fixture(scope="module")
def found(run: Run) -> dict[str, Any]:
    return {finding["id"]: finding for finding in room.findings(list(CLAIMS), run)}


def values(finding: Mapping[str, Any]) -> dict[str, Any]:
    return {row["key"]: row["value"] for row in finding["evidence"] if row["key"]}


def test_the_five_known_places_and_more_are_told(found: dict[str, Any]) -> None:
    assert list(found) == [
        "heavy-tail", "heavy-mean", "misspecified", "divisor", "definition", "inverse-ratio", "finite-size",
        "adult-rows", "horizon", "best-weights",
    ]  # fmt: skip


def test_sentences_name_evidence_that_is_there_and_hold_no_numbers(found: dict[str, Any]) -> None:
    for finding in found.values():
        keys = [row["key"] for row in finding["evidence"] if row["key"]]
        assert len(keys) == len(set(keys))
        assert set(NAMED.findall(finding["found"])) == set(keys), finding["id"]
        plain = re.sub(r"\$[^$]*\$", "", NAMED.sub("", finding["found"]))
        assert not re.search(r"\d{2}|\d\.", plain), plain


def test_they_are_plain_data(found: dict[str, Any]) -> None:
    assert json.loads(json.dumps(found, allow_nan=False))
    assert {row["form"] for finding in found.values() for row in finding["evidence"]} == {
        "number", "count", "percent", "prose",
    }  # fmt: skip


def test_only_the_chosen_claims_are_told_of_and_only_with_evidence(run: Run) -> None:
    assert [f["id"] for f in room.findings(["mean.floor", "mean.ridge"], run)] == ["horizon"]
    empty = Run(3, [], [], [])
    assert room.findings(["glm.misspecified", "glm.linear", "mean.optimal-weight"], empty) == []


WANTED = [
    ("gaussian.fully-synthetic", "points", "decay"),
    ("gaussian.fully-synthetic", "points", "explosion"),
    ("glm.misspecified", "points", "bracket"),
    ("glm.misspecified", "tables", "best-weights"),
    ("glm.linear", "figures", "bias"),
]


@pytest.mark.parametrize(("claim", "part", "name"), WANTED, ids=[name for _, _, name in WANTED])
def test_evidence_that_is_missing_from_a_run_of_its_claim_is_an_error(
    run: Run, claim: str, part: str, name: str
) -> None:
    def without(rows: Sequence[Any]) -> list[Any]:
        return [row for row in rows if row["claim"] != claim or name not in row.values()]

    def stripped(verdict: Any) -> Any:
        points = [point for point in verdict.get("points", []) if name not in (point["run"], point["test"])]
        return {**verdict, "points": points} if verdict["claim"] == claim else verdict

    simulated: Any = {"claim": "glm.linear", "kind": "simulation", "points": []}
    verdicts = [*run.verdicts, simulated]
    whole = replace(run, verdicts=verdicts)
    assert room.findings([claim], whole)
    changed: dict[str, Any] = {"verdicts": [stripped(verdict) for verdict in verdicts]}
    if part != "points":
        changed = {part: without(getattr(whole, part))}
    with pytest.raises(MissingEvidence, match=name):
        room.findings([claim], replace(whole, **changed))


def test_the_inversion_of_a_ratio_is_an_edit() -> None:
    assert experiments._INVERSION in {mutant.operator for mutant in mutants(k)}
    assert experiments._same_at_one("mean.optimal-weight")


def test_the_exact_error_is_out_of_sight(found: dict[str, Any]) -> None:
    seen = values(found["heavy-tail"])
    assert seen["exact"] == pytest.approx(2.4765e8, rel=1e-4)
    assert seen["plain"] < 1e4
    assert seen["median"] == pytest.approx(0.25, rel=0.01)


def test_a_simulated_mean_is_heavy_tailed_too(found: dict[str, Any]) -> None:
    seen = values(found["heavy-mean"])
    assert seen["exact"] == pytest.approx(1 / 100 + 1000 / 100)
    assert seen["median"] < 2 < seen["plain"]
    assert seen["share"] < 0.15
    assert 0.02 < seen["largest"] < 1
    assert seen["least"] == pytest.approx(6.97, abs=0.01)


def test_a_fixed_weight_is_above_the_threshold_of_large_batches(found: dict[str, Any]) -> None:
    seen = values(found["definition"])
    assert seen["weight"] < seen["threshold"] == pytest.approx(0.00995, rel=1e-3)
    assert seen["small"] > 90 * seen["large"] > 0  # already all but proportional to 1/n


def test_nothing_diverges_with_the_biased_divisor(found: dict[str, Any]) -> None:
    seen = values(found["divisor"])
    assert seen["limit"] == 0.25
    assert r"\left(m - 1\right) \left(m + 1\right)" in seen["biased"]


def test_numbers_of_a_run_are_taken_from_it(found: dict[str, Any]) -> None:
    excess = values(found["finite-size"])
    assert excess["glm.linear"] == pytest.approx(0.1)
    assert excess["glm.linear/n"] == 50
    assert excess["separable"] == 2.0**-49
    assert (values(found["inverse-ratio"])["formulas"], values(found["inverse-ratio"])["caught"]) == (2, 1)
    weights = values(found["misspecified"])
    assert (weights["low"], weights["high"]) == (0.4, 0.7)


def test_numbers_of_the_theory_are_those_of_its_claims(found: dict[str, Any]) -> None:
    rows, horizon, best = (values(found[name]) for name in ("adult-rows", "horizon", "best-weights"))
    assert (rows["all"], rows["complete"]) == (48_842, 45_222)
    assert horizon["needed"] == 2_095_686
    assert horizon["ratio"] == pytest.approx(6.89, abs=0.01)
    assert best["cdf"] < best["mean"] < best["covariance"] < 1


def test_the_same_seed_gives_the_same_findings(run: Run) -> None:
    def told(seed: int) -> list[FindingEntry]:
        return room.findings(["gaussian.fully-synthetic"], Run(seed, run.verdicts, [], []))

    assert told(3) == told(3) != told(4)


def test_a_finding_is_data() -> None:
    assert asdict(Finding("a", "b", "c", "d", "e", ())) == {
        "id": "a", "source": "b", "title": "c", "said": "d", "found": "e", "evidence": (),
    }  # fmt: skip
