"""The tutorials of CONTRIBUTING.md: both files from outside, a broken copy of each, and one made ours."""

from __future__ import annotations

import ast
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

import nocollapse
from nocollapse.cli.main import group

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = (
    "src", "hatch_build.py", "pyproject.toml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
    "theory", "numerics", "reports", "tests", "benchmarks", "examples", ".ci",
)  # fmt: skip


@dataclass(frozen=True)
class Tutorial:
    """A section of the text: its file, its claim, and a wrong formula, as an edit of the right one."""

    heading: str
    claim: str
    file: str
    right: str
    wrong: str
    refuted: tuple[str, ...]
    figures: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The file that the section walks through."""
        return ROOT / "examples" / self.file

    @property
    def commands(self) -> list[str]:
        """The lines of the section's sh blocks."""
        (section,) = re.findall(rf"^## {re.escape(self.heading)}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
        blocks = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
        return [line for block in blocks for line in block.splitlines()]


TUTORIALS = (
    Tutorial(
        "A claim on a model",
        "mean.worth",
        "worth.py",
        "(sp.sqrt(n**2 + 4 * m * n) - n)",
        "(sp.sqrt(n**2 + 2 * m * n) - n)",
        ("derivation", "certificate", "simulation"),
    ),
    Tutorial(
        "A model", "scale.error", "scale.py", "(1 - q * (1 + 1 / m))", "(1 - q * (1 - 1 / m))",
        ("certificate", "simulation"), ("scale.error-weight",),
    ),
)  # fmt: skip
IDS = [tutorial.claim for tutorial in TUTORIALS]


def run(line: str, root: Path, package: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """A command of the text in a folder, by the package of a clone."""
    name, *arguments = shlex.split(line)
    program = [sys.executable] if name == "python" else [sys.executable, "-m", name]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return subprocess.run(
        [*program, *arguments],
        cwd=root,
        env=environment | {"PYTHONPATH": str(package / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )


def verdicts(report: Path) -> dict[str, Any]:
    """What a run left."""
    document: dict[str, Any] = json.loads((report / "verdicts.json").read_text("utf-8"))
    return document


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=IDS)
def test_its_commands_are_well_formed_and_name_its_file(tutorial: Tutorial) -> None:
    assert len(tutorial.commands) == 3
    for line in tutorial.commands:
        _, name, *arguments = shlex.split(line)
        assert group.commands[name].make_context(name, arguments).params["files"] == (f"examples/{tutorial.file}",)


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=IDS)
def test_the_formulas_that_the_text_shows_stand_in_the_file(tutorial: Tutorial) -> None:
    assert tutorial.path.read_text("utf-8").count(tutorial.right) == 1
    assert f"(examples/{tutorial.file})" in TEXT


@pytest.mark.slow
@pytest.mark.parametrize("tutorial", TUTORIALS, ids=IDS)
def test_its_commands_succeed_and_its_report_has_the_claim(tutorial: Tutorial, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for line in tutorial.commands:
        done = run(line, tmp_path)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    report = tmp_path / tutorial.path.stem
    document = verdicts(report)
    assert [claim["id"] for claim in document["claims"]] == [tutorial.claim]
    statuses = {verdict["kind"]: verdict["status"] for verdict in document["verdicts"]}
    assert statuses == dict.fromkeys(("derivation", "certificate", "smt"), "PROVED") | dict.fromkeys(
        ("simulation", "mutants"), "SUPPORTED"
    )
    page = (report / "index.html").read_text("utf-8")
    assert f'id="{tutorial.claim}"' in page
    assert f'data-node="{tutorial.claim}"' in page
    formulas = (report / "formulas.tex").read_text("utf-8")
    assert document["claims"][0]["statement"] in formulas.replace(r"\allowbreak ", "")  # where a line may end
    assert [figure["id"] for figure in document["figures"]] == list(tutorial.figures)
    for figure in document["figures"]:
        assert (report / "figures" / f"{figure['id']}.svg").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("tutorial", TUTORIALS, ids=IDS)
def test_a_wrong_formula_in_it_is_refuted(tutorial: Tutorial, tmp_path: Path) -> None:
    text = tutorial.path.read_text("utf-8")
    (tmp_path / "wrong.py").write_text(text.replace(tutorial.right, tutorial.wrong), "utf-8")
    done = run("nocollapse verify --claims wrong.py --effort quick --out wrong", tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    rows = verdicts(tmp_path / "wrong")["verdicts"]
    assert {row["kind"] for row in rows if row["status"] == "REFUTED"} == set(tutorial.refuted)


def parted(source: str) -> tuple[str, str]:
    """A file of a claim and its check as two modules, one for each room: what is imported, then what is defined.

    Names of the front door are imported from where they are, as inside the project.
    """
    body = ast.parse(source).body
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    defined = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)][1:]  # without the docstring
    last = next(i for i, node in enumerate(defined) if isinstance(node, ast.FunctionDef))
    halves = []
    for room, nodes in (("theory", defined[: last + 1]), ("numerics", defined[last + 1 :])):
        used = {node.id for part in nodes for node in ast.walk(part) if isinstance(node, ast.Name)}
        lines = ["from __future__ import annotations"]
        for node in imports:
            if isinstance(node, ast.Import):
                lines += [ast.unparse(node)]
                continue
            for alias in node.names:
                module = str(node.module)
                if module == "nocollapse":
                    module = f"nocollapse.{nocollapse.FOR_CLAIMS[alias.name]}"
                if alias.name in used and (room == "numerics" or not module.startswith("nocollapse.numerics")):
                    lines.append(f"from {module} import {alias.name}")
        halves.append("\n".join([*dict.fromkeys(lines), *map(ast.unparse, nodes)]) + "\n")
    return halves[0], halves[1]


@pytest.mark.slow
def test_three_files_and_the_lock_make_it_part_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "clone"
    root.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, root / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy(source, root / name)
    claim, check = parted((ROOT / "examples" / "worth.py").read_text("utf-8"))
    (root / "theory" / "claims" / "worth.py").write_text(claim, "utf-8")
    (root / "numerics" / "checks" / "worth.py").write_text(check, "utf-8")
    (root / "tests" / "theory" / "test_worth.py").write_text(
        "from nocollapse.theory.claims.worth import worth\n\n"
        "def test_thirteen_are_as_good_as_twelve():\n"
        "    n, m = sorted(worth().published.free_symbols, key=str)[::-1]\n"
        "    assert worth().published.subs({n: 9, m: 4}) == 3\n"
    )
    commands = re.findall(r"^```sh\n(python -m nocollapse.*)\n```$", TEXT, re.MULTILINE)
    assert commands == ["python -m nocollapse.theory.claims.lock"]
    before = (root / "theory" / "claims" / "claims.lock").read_text("utf-8")
    assert run(commands[0], root, root).returncode == 0
    assert (root / "theory" / "claims" / "claims.lock").read_text("utf-8") == before + "mean.worth\n"
    done = run("nocollapse verify mean.worth --effort quick --out report", root, root)
    assert done.returncode == 0, done.stdout + done.stderr
    chosen = "tests/test_layering.py tests/theory/test_worth.py tests/theory/test_claims.py"
    done = run(f"python -m pytest -n 0 -q {chosen} -k 'worth or permanent or layering or knows'", root, root)
    assert done.returncode == 0, done.stdout + done.stderr
