"""A document with two true claims and a false one: every kind of evidence and every status."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def example() -> dict[str, Any]:
    """Not to be changed."""
    text = (Path(__file__).parent / "example.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.fixture
def document(example: dict[str, Any]) -> dict[str, Any]:
    """One's own."""
    return copy.deepcopy(example)
