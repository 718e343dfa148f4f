"""The map of the theory: its edges follow the code, the constants and the steps, and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import replace

import pytest
import sympy as sp

from nocollapse import theory
from nocollapse.theory.claims import registry, setting
from nocollapse.theory.claims.registry import CLAIMS
from nocollapse.theory.models import gaussian
from nocollapse.theory.proof import dependencies
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import k, w


@pytest.fixture(scope="module")
def whole() -> dependencies.Map:
    return dependencies.theory_map(list(CLAIMS))


def sources(drawn: dependencies.Map, target: str) -> set[str]:
    return {source for source, end in drawn.edges if end == target}


def test_every_claim_is_on_the_map_and_rests_on_something(whole: dependencies.Map) -> None:
    assert [node.id for node in whole.nodes if node.kind == "claim"] == list(CLAIMS)
    for identifier in CLAIMS:
        assert sources(whole, identifier), identifier


def test_the_map_has_no_cycle_and_names_nothing_twice(whole: dependencies.Map) -> None:
    left = {node.id for node in whole.nodes}
    edges = set(whole.edges)
    assert len(left) == len(whole.nodes)
    assert len(edges) == len(whole.edges)
    while left:
        ready = {name for name in left if not any(target == name and source in left for source, target in edges)}
        assert ready, left
        left -= ready


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("theory.models.gaussian.covariance", {"theory.moments.wick.expect"}),
        ("theory.models.score.score", {"theory.moments.iid.quadratic"}),
        ("covariance.threshold", {"theory.models.gaussian.covariance", "theory.models.gaussian.growth"}),
        ("mean.ridge", {"mean.optimal-weight"}),
        ("glm.joint", {"theory.models.score.score", "covariance.asymptotic", "glm.linear"}),
        (
            "gaussian.improvement",
            {
                "theory.models.gaussian.mean",
                "theory.models.gaussian.covariance",
                "covariance.error",
                "mean.optimal-weight",
            },
        ),
    ],
)
def test_edges_that_a_reader_of_the_derivation_would_draw(
    whole: dependencies.Map, target: str, expected: set[str]
) -> None:
    assert sources(whole, target) == expected


def test_what_derives_a_recursion_is_on_the_map() -> None:
    """Every public function of the room that returns a `Derivation` is a node."""
    modules = [importlib.import_module(m.name) for m in pkgutil.walk_packages(theory.__path__, "nocollapse.theory.")]
    derivations = {
        thing
        for module in modules
        for name, thing in vars(module).items()
        if getattr(thing, "__annotations__", {}).get("return") == "Derivation" and not name.startswith("_")
    }
    assert derivations <= set(dependencies.RECURSIONS)


def test_a_part_of_the_map_holds_what_the_part_rests_on() -> None:
    excerpt = dependencies.theory_map(["mean.ridge", "pmf.error"])
    assert {node.id for node in excerpt.nodes} == {
        "mean.ridge",
        "pmf.error",
        "theory.models.empirical.measure",
        "theory.moments.iid.mean_product",
        "theory.moments.iid.quadratic",
    }
    assert sources(excerpt, "mean.ridge") == set()  # the claim that it uses is not in this part


def test_code_is_followed_into_inner_functions_but_not_into_attributes() -> None:
    def outer(recursion: Recursion) -> object:
        return [lambda: gaussian for _ in recursion.state], recursion.limit

    assert dependencies.loads(outer) == [gaussian]  # type: ignore[arg-type]  # not recursion.limit, an attribute


def test_a_constant_belongs_to_the_claim_whose_result_it_is() -> None:
    published = setting.OPTIMAL
    assert dependencies._is_result(published, published)
    assert dependencies._is_result(w**2 - k * (1 - w), published)
    assert dependencies._is_result(setting.OPTIMUM, published)
    assert not dependencies._is_result(w**2 - k, published)
    assert not dependencies._is_result(sp.Rational(1, 2), sp.Rational(1, 2))  # a number is nobody's result


def test_a_claim_that_is_used_by_name_makes_an_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = registry.entry("cdf.stages")
    monkeypatch.setitem(registry.CLAIMS, "cdf.stages", replace(entry, uses=("mean.blue",)))
    whole = dependencies.theory_map(["mean.blue", "mean.naive", "cdf.stages"])
    assert {"mean.blue"} == sources(whole, "cdf.stages") & set(CLAIMS)


def test_what_a_reason_names_is_on_the_map(whole: dependencies.Map) -> None:
    """No sentence draws an edge, but none may name a claim that has none."""
    for identifier, entry in CLAIMS.items():
        reasons = " ".join(step.why for step in entry().steps)
        named = {other for other in CLAIMS if re.search(rf"(?<![\w.-]){re.escape(other)}(?![\w-])", reasons)}
        assert named - {identifier} <= sources(whole, identifier)


def test_a_reference_in_the_code_makes_an_edge_and_its_absence_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "theory.models.score.score" in sources(dependencies.theory_map(["glm.naive"]), "glm.naive")
    row = CLAIMS["glm.naive"]
    monkeypatch.setitem(registry.CLAIMS, "glm.naive", replace(row, build=CLAIMS["mean.ridge"].build))
    assert sources(dependencies.theory_map(["glm.naive"]), "glm.naive") == set()
