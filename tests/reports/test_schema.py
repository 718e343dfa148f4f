"""The schema of verdicts.json is that of its types, holds real documents, and refuses broken ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator, ValidationError

import nocollapse
from nocollapse.document import SCHEMA, FigureEntry, Kind, PointEntry, Verdict
from nocollapse.reports import schemas
from nocollapse.reports.kinds import KIND_IDS


@pytest.fixture(scope="module")
def validator() -> Any:
    """Other people's reading of the file in the package."""
    schema = json.loads(schemas.path().read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_the_file_is_what_the_types_say() -> None:
    """If it is not: `python -m nocollapse.reports.schemas`, after `SCHEMA` has been raised."""
    assert schemas.path().read_text(encoding="utf-8") == schemas.text()


def test_there_is_a_verdict_for_every_kind_of_evidence() -> None:
    definitions = schemas.derived()["$defs"]
    kinds = [definitions[verdict.__name__]["properties"]["kind"] for verdict in get_args(Verdict)]
    assert kinds == [{"enum": [kind]} for kind in KIND_IDS]
    assert get_args(Kind) == KIND_IDS


def test_a_document_of_the_tests_is_valid(validator: Any, document: Any) -> None:
    validator.validate(document)


def test_what_a_run_says_is_valid(validator: Any) -> None:
    document = nocollapse.verify("mean.ridge", effort="quick", jobs=1)
    assert document["schema"] == SCHEMA
    validator.validate(json.loads(json.dumps(document, allow_nan=False)))


BROKEN: dict[str, Callable[[Any], object]] = {
    "no schema": lambda d: d.pop("schema"),
    "another version": lambda d: d.update(schema="0.9"),
    "no seed": lambda d: d.pop("seed"),
    "an unknown key": lambda d: d.update(remark="none"),
    "a claim without a source": lambda d: d["claims"][0].pop("source"),
    "a seed in words": lambda d: d.update(seed="one"),
    "a kind that is none": lambda d: d["verdicts"][0].update(kind="rumour"),
    "a status that is none": lambda d: d["verdicts"][0].update(status="LIKELY"),
    "steps of a certificate": lambda d: d["verdicts"][1].update(steps=3),
    "a point without a target": lambda d: d["verdicts"][3]["points"][0].pop("target"),
    "an estimate in words": lambda d: d["verdicts"][3]["points"][0].update(estimate="much"),
    "a mutant with a new fate": lambda d: d["verdicts"][4]["mutants"][0].update(outcome="escaped"),
    "a figure without points": lambda d: d["figures"][0].pop("points"),
    "a point of a figure without an end": lambda d: d["figures"][0]["points"][0].pop("high"),
    "evidence in a new form": lambda d: d["findings"][0]["evidence"][0].update(form="roman"),
    "a table's cell that is a list": lambda d: d["tables"][0]["rows"][0].append([]),
    "a node of no kind": lambda d: d["map"]["nodes"][0].update(kind="lemma"),
    "a slider without a range": lambda d: d["explorer"]["parameters"][0].pop("low"),
}


@pytest.mark.parametrize("spoil", BROKEN.values(), ids=BROKEN)
def test_a_broken_document_is_refused(validator: Any, document: Any, spoil: Callable[[Any], object]) -> None:
    spoil(document)
    with pytest.raises(ValidationError):
        validator.validate(document)


def test_nothing_is_optional_but_what_says_so() -> None:
    assert FigureEntry.__optional_keys__ == frozenset()
    assert "target" in PointEntry.__required_keys__
    definition = schemas.derived()["$defs"]["CurveEntry"]
    assert definition["required"] == ["x", "y"]


def test_a_type_without_a_schema_is_an_error() -> None:
    with pytest.raises(TypeError, match="has no schema"):
        schemas._schema(set[str], {})
