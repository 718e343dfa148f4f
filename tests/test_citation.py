"""The paper is named alike everywhere, and in full."""

import re
import tomllib
from pathlib import Path

import pytest

from nocollapse.citation import PAPER

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["README.md", "CITATION.cff"])
def test_a_reader_finds_the_paper(name: str) -> None:
    text = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    for part in (*PAPER.authors, PAPER.title, PAPER.journal, str(PAPER.year), PAPER.doi, PAPER.arxiv, PAPER.version):
        assert part in text


def test_the_software_is_cited_in_its_own_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (version,) = re.findall(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    assert version == project["version"]
