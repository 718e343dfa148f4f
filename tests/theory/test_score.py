"""Theorem 2 comes out of the solved score equation: a sign changed in it refutes all that rests on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

from nocollapse.theory.claims import covariance, exponential, glm, misspecified, regression
from nocollapse.theory.claims.entry import Entry
from nocollapse.theory.claims.registry import OWN
from nocollapse.theory.models import misspecified as misspecified_model
from nocollapse.theory.models import score
from nocollapse.theory.proof import certificates, referees
from nocollapse.theory.proof.dependencies import DERIVATIONS, theory_map
from nocollapse.theory.proof.verdicts import unsound
from nocollapse.theory.symbols import k, w

SIGNS = {
    "the real Hessian": ("real = eps * Z - information * eps * HERE", "real = eps * Z + information * eps * HERE"),
    "the synthetic Hessian": ("- information * eps * (HERE - PAST)", "+ information * eps * (HERE - PAST)"),
    "the past": ("* eps * (HERE - PAST)", "* eps * (HERE + PAST)"),
    "the number of synthetic draws": ("eps * root_k * Y", "eps * Y / root_k"),
}
REST_ON_IT = (
    misspecified.misspecified,
    glm.error,
    glm.fully_synthetic,
    glm.naive,
    glm.joint,
    covariance.operator_norm,
    exponential.family,
    regression.linear,
    regression.logistic,
    regression.poisson,
)


RECURSIONS_BELOW = {
    entry.id: [node.id for node in theory_map([entry.id]).nodes if node.kind == "recursion"] for entry in REST_ON_IT
}


@pytest.fixture(params=list(SIGNS.values()), ids=list(SIGNS))
def wrong(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything that asks for the score's recursion gets a wrong one."""
    before, after = request.param
    names: dict[str, Any] = {"__name__": score.__name__}
    text = Path(str(score.__file__)).read_text(encoding="utf-8")
    assert text.count(before) == 1
    exec(compile(text.replace(before, after), str(score.__file__), "exec"), names)
    for module in (glm, covariance, exponential, regression):
        monkeypatch.setattr(module, "score", names["score"])
    monkeypatch.setattr(misspecified_model, "score_equation", names["score_equation"])
    monkeypatch.setitem(DERIVATIONS, "theory.models.score.score", names["score"])
    forget()
    yield
    forget()


def forget() -> None:
    """Claims are built once; none is kept from one equation to another."""
    for entry in OWN.values():
        entry._claims.clear()


def refuted(entry: Entry) -> bool:
    """Whether the derived side no longer holds, or a step of the claim, or of a recursion that it rests on."""
    claim = entry.build()
    return (
        not certificates.identity(claim.conclusion, "").holds
        or referees.derivation([claim]).status == "REFUTED"
        or any(map(unsound, RECURSIONS_BELOW[entry.id]))
    )


def test_the_right_equation_gives_theorem_2() -> None:
    solved = score.score_equation(sp.Symbol("I", real=True))
    assert solved.memory == 1 - w
    assert score.score().recursion.offset[0] == sp.factor(w**2 + k * (1 - w) ** 2)


@pytest.mark.usefixtures("wrong")
def test_a_wrong_equation_refutes_theorem_2_and_what_rests_on_it() -> None:
    assert all(refuted(entry) for entry in REST_ON_IT)
