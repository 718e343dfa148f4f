"""A document with two true claims and a false one: every kind of evidence and every status."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def example() -> Any:
    """Not to be changed."""
    return json.loads((Path(__file__).parent / "example.json").read_text(encoding="utf-8"))


@pytest.fixture
def document(example: Any) -> Any:
    """One's own, to be spoiled: any data, though the program takes it for a document."""
    return copy.deepcopy(example)
