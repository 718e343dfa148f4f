"""What claims assume is named, inherited along the map, and never hidden by a proof or hiding a failure."""

from __future__ import annotations

import re

import pytest

from nocollapse.reports.contents import standing
from nocollapse.theory.claims import assumptions as named
from nocollapse.theory.claims import registry
from nocollapse.theory.claims.assumption import Assumption
from nocollapse.theory.proof import assumed, dependencies, verdicts
from nocollapse.theory.proof.dependencies import assumptions

LISTED = {one.id: one for one in vars(named).values() if isinstance(one, Assumption)}


def ids(identifier: str) -> set[str]:
    return {one.id for one in assumptions(identifier)}


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("mean.error", set()),
        ("covariance.error", set()),
        ("covariance.asymptotic", set()),
        ("mean.floor", {"exponential"}),
        ("gaussian.fully-synthetic", {"strong-law", "exponential"}),
        ("glm.error", {"m-estimation"}),
        ("glm.misspecified", {"m-estimation"}),
        ("glm.synthetic-size", {"m-estimation"}),
        ("glm.logistic", {"m-estimation", "regularity"}),
        ("glm.joint", {"m-estimation", "regularity"}),
        ("covariance.operator-norm", {"m-estimation", "exchange-of-limits"}),
        ("cdf.error", {"integral-transform"}),
        ("pmf.error", set()),
    ],
)
def test_what_a_claim_rests_on(identifier: str, expected: set[str]) -> None:
    """Its own assumptions, and those of the claims and recursions that its derivation uses."""
    assert ids(identifier) == expected


def test_every_claim_about_weighted_likelihood_rests_on_its_linearity() -> None:
    assert all("m-estimation" in ids(identifier) for identifier in registry.OWN if identifier.startswith("glm."))


def test_each_assumption_is_stated_once_and_rested_on() -> None:
    assert len(LISTED) == len([one for one in vars(named).values() if isinstance(one, Assumption)])
    entries = assumed.listed(registry.OWN)
    assert {entry["id"] for entry in entries} == set(LISTED)
    assert all(entry["sentence"] and entry["source"] and entry["claims"] for entry in entries)


def test_what_tests_an_assumption_names_claims_that_there_are() -> None:
    for one in LISTED.values():
        assert set(re.findall(r"[a-z]+\.[a-z]+(?:-[a-z]+)*", one.tested_by)) <= set(registry.OWN)


def test_assumptions_are_inherited_along_every_edge_of_the_map() -> None:
    """Also along those that come from a shared result and not from the code."""
    theory = dependencies.theory_map(list(registry.OWN))
    for source, target in theory.edges:
        if source in registry.OWN:
            assert ids(source) <= ids(target), (source, target)
    taken = {dependencies._dotted(node): {one.id for one in ones} for node, ones in dependencies.TAKEN.items()}
    for source, target in theory.edges:
        if target in registry.OWN:
            assert taken.get(source, set()) <= ids(target), (source, target)


def test_a_claim_has_a_verdict_on_its_assumptions_only_if_it_has_some() -> None:
    assert [row["kind"] for row in verdicts.proved("mean.naive")] == ["derivation", "certificate", "smt"]
    row = verdicts.proved("mean.floor")[-1]
    assert row == {
        "claim": "mean.floor",
        "kind": "assumption",
        "status": "ASSUMED",
        "reason": "it rests on an assumption that nothing here proves: exponential",
        "rests_on": ["exponential"],
    }


def test_a_failure_is_not_hidden_and_a_proof_hides_nothing() -> None:
    rows = verdicts.proved("mean.floor")
    assert standing(row["status"] for row in rows) == "ASSUMED"
    for status in ("INCONCLUSIVE", "REFUTED"):
        assert standing([*(row["status"] for row in rows), status]) == status


@pytest.mark.parametrize("identifier", ["", "Strong", "strong law", "strong.law", "strong-", "law2"])
def test_an_id_has_a_form(identifier: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"assumption id {identifier!r} is not words of small letters")):
        Assumption(identifier, "Something.", "Somewhere")


def test_an_assumption_says_something() -> None:
    with pytest.raises(ValueError, match="'strong-law' says nothing"):
        Assumption("strong-law", " ", "Somewhere")


@pytest.mark.parametrize(
    ("identifier", "variant", "expected"),
    [
        ("mean.error", None, "published"),
        ("mean.error", "ddof=1", "published"),
        ("mean.error", "ddof=0", "ours"),
        ("framework.accumulation", None, "published"),
        ("framework.accumulation", "ddof=1", "ours"),
        ("glm.misspecified", None, "ours"),
        ("own.batch", None, "user"),
    ],
)
def test_what_a_derived_side_is_compared_with(identifier: str, variant: str | None, expected: str) -> None:
    assert registry.compared_with(identifier, variant) == expected


def test_a_certificate_says_what_it_compares_with() -> None:
    def conclusions(identifier: str) -> list[str]:
        (row,) = (row for row in verdicts.proved(identifier) if row["kind"] == "certificate")
        return [one["name"] for one in row["certificates"] if one["name"].startswith("the derived expression is")]

    assert conclusions("mean.error") == ["the derived expression is the published one, as reconstructed"]
    assert conclusions("glm.misspecified") == [
        "the derived expression is the one that is stated here, beyond the paper"
    ]
    assert conclusions("framework.accumulation") == [
        "the derived expression is the published one, as reconstructed",
        "the derived expression is the one that is stated here, beyond the paper",
        "the derived expression is the one that is stated here, beyond the paper",
    ]
