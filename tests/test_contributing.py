"""The tutorials of CONTRIBUTING.md, followed to the letter on a copy of the project."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = (
    "src", "hatch_build.py", "pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
    "theory", "numerics", "reports", "tests", "benchmarks", ".ci",
)  # fmt: skip
MOST = 100
"""Lines of Python that a reader types."""


@dataclass(frozen=True)
class Tutorial:
    """A section of the text: its claim, and a wrong formula, as an edit of the right one."""

    heading: str
    claim: str
    path: str
    right: str
    wrong: str
    refuted: tuple[str, ...]

    @property
    def text(self) -> str:
        """What stands under the heading."""
        (found,) = re.findall(rf"^## {re.escape(self.heading)}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
        return str(found)

    @property
    def blocks(self) -> list[tuple[str, str, str]]:
        """Files and changes of files: path, python or diff, and contents."""
        return re.findall(r"^\*\*`([^`\n]+)`\*\*\n\n```(python|diff)\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)

    @property
    def commands(self) -> list[str]:
        """The lines of its sh blocks."""
        found = re.findall(r"^```sh\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)
        return [line for block in found for line in block.splitlines()]

    @property
    def typed(self) -> int:
        """Lines of Python to type, blank ones not counted."""
        lines = [(kind, line) for path, kind, body in self.blocks if path.endswith(".py") for line in body.splitlines()]
        return sum(bool(line.strip()) if kind == "python" else line.startswith("+") for kind, line in lines)


TUTORIALS = (
    Tutorial(
        "Add a claim to a model",
        "mean.worth",
        "theory/worth.py",
        "(sp.sqrt(n**2 + 4 * m * n) - n)",
        "(sp.sqrt(n**2 + 2 * m * n) - n)",
        ("derivation", "certificate", "simulation"),
    ),
    Tutorial(
        "Add a model",
        "scale.error",
        "theory/scale.py",
        "(1 - q * (1 + 1 / m))",
        "(1 - q * (1 - 1 / m))",
        ("certificate", "simulation"),
    ),
)
NAMES = [tutorial.claim for tutorial in TUTORIALS]


def changed(before: str, diff: str) -> str:
    """A text after a change whose context occurs in it once.

    >>> changed("a\\nb\\nc\\n", " a\\n-b\\n+d\\n")
    'a\\nd\\nc\\n'
    """
    lines = diff.splitlines(keepends=True)
    old, new = ("".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +"))
    after, times = re.subn(f"^{re.escape(old)}", lambda _: new, before, flags=re.MULTILINE)
    assert times == 1, f"not there once:\n{old}"
    return after


def follow(tutorial: Tutorial, root: Path) -> None:
    """Type everything."""
    for path, kind, body in tutorial.blocks:
        file = root / path
        assert file.exists() == (kind == "diff"), path
        file.write_text(changed(file.read_text("utf-8"), body) if kind == "diff" else body, "utf-8")


def run(line: str, root: Path) -> subprocess.CompletedProcess[str]:
    """A command of the text, on the copy."""
    name, *arguments = shlex.split(line)
    program = [sys.executable] if name == "python" else [sys.executable, "-m", name]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(
        [*program, *arguments],
        cwd=root,
        env=environment | {"PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )


def verdicts(root: Path, out: str = "report") -> dict[str, Any]:
    """What the run left."""
    found: dict[str, Any] = json.loads((root / out / "verdicts.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module", params=TUTORIALS, ids=NAMES)
def followed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tutorial, Path]:
    """A tutorial and the copy on which its changes were made, and none of its commands run."""
    root, tutorial = tmp_path_factory.mktemp("copy"), request.param
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    follow(tutorial, root)
    return tutorial, root


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=NAMES)
def test_a_tutorial_is_short(tutorial: Tutorial) -> None:
    assert 50 < tutorial.typed < MOST
    assert {line.split()[0] for line in tutorial.commands} == {"nocollapse", "ruff", "mypy", "python"}


def test_a_change_that_does_not_fit_is_an_error() -> None:
    for before in ("a\nc\n", "a\nb\na\nb\n"):
        with pytest.raises(AssertionError, match="not there once"):
            changed(before, " a\n-b\n+d\n")


@pytest.mark.slow
def test_its_commands_succeed_and_its_report_has_the_claim(followed: tuple[Tutorial, Path]) -> None:
    tutorial, root = followed
    for line in tutorial.commands:
        done = run(line, root)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    found = verdicts(root)
    assert [claim["id"] for claim in found["claims"]] == [tutorial.claim]
    statuses = {verdict["kind"]: verdict["status"] for verdict in found["verdicts"]}
    assert statuses == dict.fromkeys(("derivation", "certificate", "smt"), "PROVED") | dict.fromkeys(
        ("simulation", "mutants"), "SUPPORTED"
    )
    page = (root / "report" / "index.html").read_text("utf-8")
    assert f'id="{tutorial.claim}"' in page
    assert f'data-node="{tutorial.claim}"' in page
    formulas = (root / "report" / "formulas.tex").read_text("utf-8")
    assert found["claims"][0]["statement"] in formulas.replace(r"\allowbreak ", "")  # where a line may end
    for figure in found["figures"]:
        assert (root / "report" / "figures" / f"{figure['id']}.svg").is_file()


@pytest.mark.slow
def test_a_wrong_formula_in_it_is_refuted(followed: tuple[Tutorial, Path]) -> None:
    tutorial, root = followed
    file = root / tutorial.path
    right = file.read_text("utf-8")
    assert right.count(tutorial.right) == 1
    file.write_text(right.replace(tutorial.right, tutorial.wrong), "utf-8")
    try:
        done = run(f"nocollapse verify {tutorial.claim} --effort quick --out wrong", root)
    finally:
        file.write_text(right, "utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    refuted = {verdict["kind"] for verdict in verdicts(root, "wrong")["verdicts"] if verdict["status"] == "REFUTED"}
    assert refuted == set(tutorial.refuted)
