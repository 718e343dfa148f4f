"""Data flows one way: theory knows no other room, simulators know no theory, reports know only verdicts.

What passes between rooms has its types in a leaf beside them, which knows none of them.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {"theory", "numerics", "reports", "front"}
LEAVES = {"citation", "document", "figure", "models"}
"""Modules beside the rooms that hold only types, import nothing of this project, and may be read on either side."""
# of numerics, what joins claims to simulations; every other module there simulates or tests samples
JOINS = ("numerics.checks", "numerics.figures", "numerics.findings", "numerics.outside", "numerics.verify")


def imports(source: str, package: str) -> set[str]:
    """What the source imports of this project, at any depth, by its name within it; the front door's own are "front".

    `package` is what a relative import starts in.

    >>> source = "import nocollapse.theory.mean as t\\ndef f():\\n    from nocollapse.numerics import checks"
    >>> sorted(imports(source, "reports"))
    ['numerics', 'numerics.checks', 'theory.mean']
    >>> sorted(imports("from . import page\\nfrom .page import render", "reports"))
    ['reports', 'reports.page', 'reports.page.render']
    >>> sorted(imports("import numpy\\nfrom nocollapse import theory, verify", "reports"))
    ['front', 'theory']
    """
    whole = f"nocollapse.{package}".rstrip(".")
    names = {name for node in ast.walk(ast.parse(source)) for name in _imported(node, whole)}
    return {_within(name) for name in names if name.startswith("nocollapse.") or name == "nocollapse"}


def _within(name: str) -> str:
    """A dotted name without the project's own; "front" for what is in no room and no leaf.

    >>> _within("nocollapse.document.Verdict"), _within("nocollapse.documents")
    ('document.Verdict', 'front')
    """
    inner = name.removeprefix("nocollapse").removeprefix(".")
    return inner if inner.partition(".")[0] in ROOMS | LEAVES else "front"


def _imported(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parents = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
        module = ".".join([*parents, *([node.module] if node.module else [])])
        if module != "nocollapse":
            yield module
        yield from (f"{module}.{alias.name}" for alias in node.names)


def modules(room: str) -> list[Path]:
    """Every source file of the room."""
    files = sorted((ROOT / room).rglob("*.py"))
    assert files, f"{room} holds no source"
    return files


def of(path: Path) -> set[str]:
    """What the file imports."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    return imports(path.read_text(encoding="utf-8"), package)


def rooms(path: Path) -> set[str]:
    """The rooms that the file imports from, its own included."""
    return {name.partition(".")[0] for name in of(path)} & ROOMS


@pytest.mark.parametrize("leaf", sorted(LEAVES))
def test_a_leaf_imports_nothing_of_this_project(leaf: str) -> None:
    assert not imports((ROOT / "src" / "nocollapse" / f"{leaf}.py").read_text(encoding="utf-8"), "")


@pytest.mark.parametrize("path", modules("theory"), ids=lambda path: path.name)
def test_theory_knows_no_leaf_but_the_models(path: Path) -> None:
    assert {name.partition(".")[0] for name in of(path)} & LEAVES <= {"models"}


@pytest.mark.parametrize("path", modules("theory"), ids=lambda path: path.name)
def test_theory_knows_no_other_room(path: Path) -> None:
    assert rooms(path) <= {"theory"}


def joins(name: str) -> bool:
    """Whether a dotted name is of a module (or in a package) that joins claims to simulations.

    >>> joins("numerics.checks.mean"), joins("numerics.verify.verify"), joins("numerics.checksum")
    (True, True, False)
    """
    return any(name == join or name.startswith(f"{join}.") for join in JOINS)


def dotted(path: Path) -> str:
    """The module's own name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", modules("numerics"), ids=dotted)
def test_numerics_knows_theory_only_where_claims_meet_simulations(path: Path) -> None:
    assert rooms(path) <= ({"numerics", "theory"} if joins(dotted(path)) else {"numerics"})


@pytest.mark.parametrize("path", [path for path in modules("numerics") if not joins(dotted(path))], ids=dotted)
def test_no_simulator_reaches_theory_at_second_hand(path: Path) -> None:
    assert not {name for name in of(path) if joins(name)}


@pytest.mark.parametrize("join", JOINS)
def test_what_joins_claims_to_simulations_exists_and_reads_claims(join: str) -> None:
    paths = [path for path in modules("numerics") if joins(dotted(path)) and dotted(path).startswith(join)]
    assert any("theory" in rooms(path) for path in paths)


@pytest.mark.parametrize("path", modules("reports"), ids=lambda path: path.name)
def test_reports_know_neither_theory_nor_numerics(path: Path) -> None:
    assert rooms(path) <= {"reports"}


@pytest.mark.parametrize("name", ["simulation", "execution", "protocol"])
def test_what_simulates_runs_and_tests_is_no_join(name: str) -> None:
    assert (ROOT / "numerics" / name).is_dir()
    assert not joins(f"numerics.{name}")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import nocollapse.theory.mean", {"theory"}),
        ("from nocollapse.theory.mean import ERROR", {"theory"}),
        ("def f():\n    if True:\n        import nocollapse", {"front"}),
        ("from .. import theory", {"front"}),  # relative to a package of its own, so not the room
        ("import theoryx, mynumerics.reports", set()),
    ],
)
def test_an_import_is_found_wherever_it_stands(source: str, found: set[str]) -> None:
    assert {name.partition(".")[0] for name in imports(source, "a.b.c")} == found


def test_no_file_is_loaded_under_two_names() -> None:
    """In a clone's root the rooms could be imported by their bare names, beside the package's own."""
    program = (
        "import collections, importlib, pkgutil, sys, nocollapse\n"
        "found = pkgutil.walk_packages(nocollapse.__path__, 'nocollapse.')\n"
        "skipped = ('nocollapse.__main__', 'nocollapse.numerics.simulation.data.build_adult')\n"
        "[importlib.import_module(m.name) for m in found if m.name not in skipped]\n"
        "files = [m.__file__ for m in sys.modules.values() if getattr(m, '__file__', None)]\n"
        "files = [os.path.realpath(f) for f in files if 'site-packages' not in f]\n"
        "own = collections.Counter(f for f in files if f.startswith(os.getcwd()))\n"
        "print([f for f, times in own.items() if times > 1], {'theory', 'numerics', 'reports'} & set(sys.modules))\n"
    )
    command = [sys.executable, "-c", f"import os\n{program}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[] set()\n"
