"""constraints.txt: the versions with which everything here was seen to hold."""

import os
import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UNPINNED = {"nocollapse", "pip", "setuptools"}
"""What is in an environment before and beside the packages that the project asks for."""

UNTESTED = {"ray", "mutation"}
"""Extras that no test of the default suite needs."""


def normal(name: str) -> str:
    """The one spelling of a package's name.

    >>> normal("Jinja2"), normal("pypandoc_binary")
    ('jinja2', 'pypandoc-binary')
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    """The version of each package."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines]
    return {normal(name): version for name, version in pairs}


def required() -> set[str]:
    """What pyproject.toml asks for, with every extra but ray and mutation, which no test runs and few people want."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    texts = [*project["dependencies"], *(text for name in extras if name not in UNTESTED for text in extras[name])]
    names = [re.match(r"[\w.-]+", text) for text in texts]
    return {normal(name.group()) for name in names if name is not None}


def test_a_line_is_a_name_and_a_version_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    assert len(pins()) == len(lines)


def test_every_direct_dependency_is_pinned() -> None:
    assert len(required()) > 20
    assert required() <= set(pins())


@pytest.mark.skipif("CI" not in os.environ, reason="an environment of one's own may have other versions")
def test_this_environment_is_the_one_that_is_pinned() -> None:
    installed = {normal(package.name): package.version for package in distributions()}
    assert {name: version for name, version in installed.items() if name not in UNPINNED} == pins()
