"""A kind of evidence is a row: its rulings become verdicts, and a new one is asked like the others."""

import pytest

from nocollapse.theory.claims import registry
from nocollapse.theory.proof import referees, verdicts
from nocollapse.theory.proof.referee import Referee, Ruling


def counted(claims: referees.Variants) -> Ruling:
    """A kind of evidence that counts variants."""
    return Ruling("PROVED", "they were counted", {"count": len(claims)})


def test_a_ruling_becomes_a_verdict() -> None:
    verdict = Referee("count", counted).verdict("mean.error", registry.entry("mean.error").variants())
    assert verdict == {
        "claim": "mean.error",
        "kind": "count",
        "status": "PROVED",
        "reason": "they were counted",
        "count": 2,
    }
    assert list(verdict) == ["claim", "kind", "status", "reason", "count"]


def test_a_further_kind_of_proof_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "PROOFS", (*referees.PROOFS[:1], Referee("count", counted)))
    assert [verdict["kind"] for verdict in verdicts.proved("mean.naive")] == ["derivation", "count"]


def test_no_two_kinds_of_proof_share_a_name() -> None:
    kinds = [referee.kind for referee in referees.PROOFS]
    assert len(set(kinds)) == len(kinds)
