"""Every claim is proved, by all three kinds of proof; wrong ones, made for the purpose, are not."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sympy as sp
from sympy import Expr
from sympy.core.relational import Relational

from nocollapse.theory.answers.quantity import quantity
from nocollapse.theory.claims import lock, mean, registry, setting
from nocollapse.theory.claims.claim import Claim
from nocollapse.theory.claims.entry import claim
from nocollapse.theory.models import gaussian
from nocollapse.theory.moments import iid, wick
from nocollapse.theory.proof import certificates, solvers
from nocollapse.theory.proof import verdicts as proof
from nocollapse.theory.proof.referees import SIDES
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import k, latex, m, n, trace, w

IDS = list(registry.OWN)
VARIANTS = [(identifier, variant) for identifier, entry in registry.OWN.items() for variant in (None, *entry.others)]
WITH_DDOF = {
    "framework.fully-synthetic": ("ddof=1", "ddof=0"),
    "framework.accumulation": ("known covariance", "ddof=0", "ddof=1"),
    "framework.augmentation": ("ddof=1", "ddof=0"),
    "framework.fresh": ("ddof=1", "ddof=0"),
    "mean.error": ("ddof=1", "ddof=0"),
    "covariance.error": ("ddof=1", "ddof=0"),
}


def test_ids_are_permanent() -> None:
    """To add an id: python -m nocollapse.theory.claims.lock."""
    assert registry.locked() == IDS
    assert {i: (e.variant, *e.others) for i, e in registry.OWN.items() if e.variant or e.others} == WITH_DDOF


def test_the_lock_takes_new_ids_and_gives_none_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "claims.lock"
    monkeypatch.setattr(registry, "LOCK", file)
    file.write_text("\n".join(reversed(IDS[1:])) + "\n")
    lock.main()
    assert registry.locked() == [*reversed(IDS[1:]), IDS[0]]
    file.write_text("mean.error\nmean.gone\n")
    with pytest.raises(SystemExit, match=r"no claim has these any more: mean\.gone"):
        lock.main()
    assert file.read_text() == "mean.error\nmean.gone\n"


@pytest.mark.parametrize("identifier", ["mean", "Mean.error", "mean..error", "mean.error-", "mean.error2", "", "a.b_c"])
def test_an_id_has_a_form(identifier: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"claim id {identifier!r} is not of the form")):
        claim(identifier, source="", summary="")


def test_an_id_that_occurs_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"two claims have the id 'mean\.naive'"):
        registry.by_id([mean.naive, mean.naive])


@pytest.mark.parametrize("identifier", IDS)
def test_every_claim_is_proved_three_times(identifier: str) -> None:
    """Steps, conclusion, certificates and solvers, over every divisor that the claim admits."""
    verdicts = [verdict for verdict in proof.proved(identifier) if verdict["kind"] != "assumption"]
    assert [v["kind"] for v in verdicts] == ["derivation", "certificate", "smt"]
    assert [(v["status"], v["claim"]) for v in verdicts] == [("PROVED", identifier)] * 3, verdicts
    claims = registry.entry(identifier).variants()
    inequalities = sum(len(c.inequalities) for c in claims)
    assert verdicts[0]["steps"] == sum(len(c.steps) for c in claims) > 0
    names = [c["name"] for c in verdicts[1]["certificates"]]
    conclusions = sum(names.count(side) for side in SIDES.values())
    assert 1 <= conclusions <= len(claims)
    starts = names.count("the recursion starts at the stated value")
    assert starts == sum(len(c.recursion.state) for c in claims if c.recursion is not None)
    assert len(names) == conclusions + starts + inequalities
    assert len(verdicts[2]["obligations"]) == inequalities + sum(len(c.obligations) for c in claims) > 0
    assert all((o["z3"], o["cvc5"], o["hypotheses"]) == ("unsat", "unsat", "sat") for o in verdicts[2]["obligations"])


@pytest.mark.parametrize(("identifier", "variant"), VARIANTS)
def test_a_claim_is_whole(identifier: str, variant: str | None) -> None:
    claim = registry.claim_of(identifier, variant)
    assert claim.id == identifier
    assert claim.assumptions
    assert claim.not_said
    assert all(step.why and step.latex for step in claim.steps)
    assert latex(claim.statement)
    names = [i.name for i in (*claim.inequalities, *claim.obligations)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("identifier", "symbol"),
    [("mean.error", n), ("mean.floor", n), ("mean.naive", m), ("framework.fresh", n), ("framework.augmentation", n)],
    ids=str,
)
def test_the_derived_side_follows_the_primitive_and_the_published_side_does_not(
    identifier: str, symbol: sp.Symbol, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mean of iid draws loses a degree of freedom: only what is derived from it may notice."""
    before = registry.claim_of(identifier)
    right = iid.mean_product

    def wrong(size: Expr, together: Expr, apart: Expr) -> Expr:
        return right(size - 1, together, apart) if size == symbol else right(size, together, apart)

    monkeypatch.setattr(gaussian, "mean_product", wrong)
    after = registry.CLAIMS[identifier].build()
    assert after.published == before.published
    assert sp.cancel(after.derived - before.derived) != 0
    assert not certificates.identity(after.conclusion, "").holds


@pytest.mark.parametrize("identifier", ["cdf.error", "cdf.optimal-weight", "cdf.stages", "pmf.error"])
def test_the_empirical_claims_follow_their_primitive(identifier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = iid.mean_product
    monkeypatch.setattr(iid, "mean_product", lambda size, *rest: right(size + 1 if size == m else size, *rest))
    assert not certificates.identity(registry.CLAIMS[identifier].build().conclusion, "").holds


@pytest.mark.parametrize("identifier", ["covariance.error", "covariance.threshold", "covariance.asymptotic"])
def test_the_covariance_claims_follow_wick(identifier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more degree of freedom in the synthetic covariance, at the same divisor."""
    right = wick.expect

    def wrong(poly: object, letter: str, scale: str, dof: Expr, divisor: Expr) -> object:
        return right(poly, letter, scale, 2 * dof if letter == "R" else dof, 2 * divisor if letter == "R" else divisor)  # type: ignore[arg-type]

    monkeypatch.setattr(gaussian, "expect", wrong)
    claim = registry.CLAIMS[identifier].build()
    steps = [certificates.zero_in_sympy(s) for s in claim.steps]
    assert not (all(steps) and certificates.identity(claim.conclusion, "").holds)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Claim], None]:
    """Put a claim in the place of another for one test."""

    def put(identifier: str, claim: Claim) -> None:
        entry = dataclasses.replace(registry.CLAIMS[identifier], build=lambda: claim, others={})
        monkeypatch.setitem(registry.CLAIMS, identifier, entry)

    return put


def statuses(identifier: str) -> list[str]:
    return [verdict["status"] for verdict in proof.proved(identifier)]


def test_the_mean_with_1_over_k_is_refuted(registered: Callable[[str, Claim], None]) -> None:
    right = registry.claim_of("mean.error")
    registered("mean.error", dataclasses.replace(right, published=trace / n * setting.rho(w, m / n)))
    assert statuses("mean.error") == ["PROVED", "REFUTED", "PROVED"]


def test_the_optimum_for_1_over_k_is_refuted(registered: Callable[[str, Claim], None]) -> None:
    right = registry.claim_of("mean.optimal-weight")

    def swapped(hypothesis: Relational) -> Relational:
        """An equation for 1/k, multiplied by k to be polynomial again; the others as they are."""
        if not isinstance(hypothesis, sp.Eq):
            return hypothesis
        other = hypothesis.subs(k, 1 / k)
        return sp.Eq(k * other.lhs, k * other.rhs)

    obligations = tuple(
        dataclasses.replace(i, hypotheses=tuple(swapped(h) for h in i.hypotheses)) for i in right.obligations
    )
    wrong = dataclasses.replace(right, published=right.published.subs(k, 1 / k), obligations=obligations)
    registered("mean.optimal-weight", wrong)
    assert statuses("mean.optimal-weight") == ["PROVED", "REFUTED", "REFUTED"]


def test_one_wrong_step_refutes_the_derivation(registered: Callable[[str, Claim], None]) -> None:
    right = registry.claim_of("cdf.stages")
    wrong = Step("A slip.", right.steps[0].left, right.steps[0].right + 1)
    registered("cdf.stages", dataclasses.replace(right, steps=(*right.steps, wrong)))
    verdict = proof.proved("cdf.stages")[0]
    assert verdict["status"] == "REFUTED"
    assert "1 of" in verdict["reason"]
    assert "A slip." in verdict["reason"]


def test_a_false_inequality_has_no_certificate_and_a_counterexample(
    registered: Callable[[str, Claim], None],
) -> None:
    right = registry.claim_of("cdf.stages")
    negated = dataclasses.replace(right.inequalities[0], expression=-right.inequalities[0].expression)
    registered("cdf.stages", dataclasses.replace(right, inequalities=(negated,)))
    assert statuses("cdf.stages") == ["PROVED", "INCONCLUSIVE", "REFUTED", "ASSUMED"]  # which hides neither


@pytest.mark.parametrize("identifier", IDS)
def test_the_negation_of_an_inequality_is_never_proved(identifier: str) -> None:
    """The strongest test of soundness at hand: no certificate and no solver proves both a claim and its contrary."""
    for inequality in registry.claim_of(identifier).inequalities:
        contrary = dataclasses.replace(inequality, expression=-inequality.expression)
        assert not certificates.positivity(contrary).holds
        assert not solvers.opinion(contrary).holds


def test_unknown_claims_and_divisors_are_errors() -> None:
    with pytest.raises(ValueError, match=r"unknown claim 'mean\.eror'; the nearest are mean\.error, "):
        registry.claim_of("mean.eror")
    with pytest.raises(ValueError, match="ddof = 2 is not one of 1, 0"):
        registry.claim_of("mean.error", "ddof=2")
    with pytest.raises(ValueError, match=r"ddof = 0 does not apply to cdf\.error"):
        registry.claim_of("cdf.error", "ddof=0")
    with pytest.raises(ValueError, match=r"mean\.ridge has no single number to evaluate; these have: "):
        quantity("mean.ridge")
