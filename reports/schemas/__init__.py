"""The document's types as JSON Schema: one file a version, which the program's own types are held against."""

from __future__ import annotations

import json
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from nocollapse.document import SCHEMA, Document

Schema = dict[str, Any]
_PLAIN: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def path(version: str = SCHEMA) -> Path:
    """The file of a version's schema."""
    return Path(__file__).parent / f"verdicts-{version}.json"


def text() -> str:
    """What the file of the current version has to hold: `python -m nocollapse.reports.schemas` writes it."""
    return json.dumps(derived(), indent=1) + "\n"


def derived() -> Schema:
    """The JSON Schema (draft 2020-12) of the types; a key that they do not have is refused."""
    definitions: dict[str, Schema] = {}
    root = _reference(Document, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"verdicts.json of nocollapse, version {SCHEMA}",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _reference(kind: Any, definitions: dict[str, Schema]) -> Schema:
    """A reference to a `TypedDict`, which is defined with all that it holds."""
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}  # known from here on, should it hold itself
        types = get_type_hints(kind, include_extras=True)
        definitions[name] = {
            "description": (kind.__doc__ or "").split("\n")[0],
            "type": "object",
            "properties": {key: _schema(value, definitions) for key, value in types.items()},
            "required": [key for key, value in types.items() if get_origin(value) is not NotRequired],
            "additionalProperties": False,
        }
        if kind is Document:
            definitions[name]["properties"]["schema"] = {"const": SCHEMA}
    return {"$ref": f"#/$defs/{name}"}


def _schema(kind: Any, definitions: dict[str, Schema]) -> Schema:
    """The schema of any type that a document is made of. Raises TypeError for another."""
    if is_typeddict(kind):
        return _reference(kind, definitions)
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    origin = get_origin(kind)
    arguments = get_args(kind)
    if origin is NotRequired:
        return _schema(arguments[0], definitions)
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is dict and arguments[0] is str:
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(argument, definitions) for argument in arguments]}
    raise TypeError(f"{kind} has no schema here")
