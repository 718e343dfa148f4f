"""At a fixed seed the verdicts stay what they were, digit by digit: nobody reshuffles a stream by accident.

`golden/verdicts.json` is a quick run of three claims. Environment, timings and the names of the map's nodes are no part
of it; keys that came later are not looked at. To change it on purpose: `python tests/test_same_verdicts.py`, and say in
the changelog why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nocollapse

GOLDEN = Path(__file__).parent / "golden" / "verdicts.json"
CLAIMS = ("mean.error", "cdf.optimal-weight", "mean.ridge")
APART = ("environment", "timings", "version")


def compared(document: dict[str, Any]) -> dict[str, Any]:
    """What two runs have in common, the map by the titles of its nodes."""
    titles = {node["id"]: node["title"] for node in document["map"]["nodes"]}
    nodes = [{"kind": node["kind"], "title": node["title"]} for node in document["map"]["nodes"]]
    edges = [[titles[source], titles[target]] for source, target in document["map"]["edges"]]
    kept = {key: value for key, value in document.items() if key not in APART}
    return kept | {"map": {"nodes": nodes, "edges": edges}}


def run() -> dict[str, Any]:
    """The same run, now."""
    document: dict[str, Any] = {**nocollapse.verify(*CLAIMS, effort="quick", seed=7, jobs=1)}
    return compared(json.loads(json.dumps(document)))


def differences(before: Any, after: Any, place: str = "") -> Iterator[str]:
    """Where a document differs from an older one; what is new in it does not count."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from (f"{place}/{key} is gone" for key in before.keys() - after.keys())
        for key in before.keys() & after.keys():
            yield from differences(before[key], after[key], f"{place}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for i, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{place}[{i}]")
    elif json.dumps(before) != json.dumps(after):
        yield f"{place}: {json.dumps(before)[:100]} became {json.dumps(after)[:100]}"


def test_a_difference_is_seen() -> None:
    before = {"a": [1.0, {"b": "x"}], "c": None}
    assert list(differences(before, {"a": [1.0, {"b": "x"}], "c": None, "new": 1})) == []
    assert list(differences(before, {"a": [1.0 + 2**-52, {}], "c": None})) == [
        "/a[0]: 1.0 became 1.0000000000000002",
        "/a[1]/b is gone",
    ]
    assert list(differences([1], [1, 2])) == [": [1] became [1, 2]"]


@pytest.mark.slow
def test_the_verdicts_are_what_they_were() -> None:
    assert list(differences(json.loads(GOLDEN.read_text(encoding="utf-8")), run())) == []


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(run(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
