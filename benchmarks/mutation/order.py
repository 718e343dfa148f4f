"""Which tests a changed file meets: those that import it, the nearest first, then the others of its room."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

FOLDERS = {"theory": "theory", "numerics": "numerics", "reports": "reports", "front": "src/nocollapse"}
"""Where the source of each room is."""
TESTS = {"theory": "tests/theory", "numerics": "tests/numerics", "reports": "tests/reports", "front": "tests"}
"""And its tests, which are in no folder below."""
NO_PRODUCT = {"test_benchmarks", "test_citation", "test_constraints", "test_contributing", "test_packaging"}
"""Tests of what is around the program: files, wheels, timings."""
LAST = {"test_report_browser", "test_report_pdf", "test_same_verdicts", "test_outside_claims"}
"""Tests that start a browser, set a PDF or verify claims: after all others."""


class Mutant(NamedTuple):
    """One change of one line: the `occurrence`-th of an operator in the file `path` of a room."""

    room: str
    path: str  # from the root of the repository
    line: int
    operator: str
    occurrence: int


def sources(root: Path) -> dict[str, list[Path]]:
    """The source files of each room; the rooms that src/nocollapse links to are no part of the front."""
    return {room: sorted(_files(root / folder, "*.py")) for room, folder in FOLDERS.items()}


def _files(folder: Path, pattern: str) -> list[Path]:
    below = [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    return [*folder.glob(pattern), *(path for child in below for path in _files(child, pattern))]


class Order:
    """Who imports whom, among the source and the tests under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        named = {
            _name(room, path.relative_to(root / FOLDERS[room])): path
            for room, paths in sources(root).items()
            for path in paths
        }
        self.imports = {path: _imports(path, named) for path in named.values()}
        self.room_of_test = {
            path: room
            for room, folder in TESTS.items()
            for path in sorted((root / folder).glob("test_*.py"))
            if path.stem not in NO_PRODUCT
        }
        for test in self.room_of_test:
            around = {root / "tests/conftest.py", test.parent / "conftest.py"}
            files = [test, *(path for path in around if path.exists())]
            self.imports[test] = set().union(*(_imports(path, named) for path in files))
        self.distances = {test: self._distances(test) for test in self.room_of_test}

    def tests(self, room: str, path: Path) -> list[str]:
        """What pytest is given for a changed file of a room: itself, for its doctests, and files of tests."""
        far = len(self.imports)
        away = {test: distances.get(path, far) for test, distances in self.distances.items()}
        candidates = [test for test, home in self.room_of_test.items() if home == room or away[test] == 1]
        nearest = sorted(
            candidates,
            key=lambda test: (
                test.stem in LAST,
                away[test],
                path.stem not in test.stem,
                self.room_of_test[test] != room,
                test,
            ),
        )
        itself = Path("src/nocollapse") / path.relative_to(self.root)
        if room == "front":
            itself = path.relative_to(self.root)
        doctests = [str(itself)] if ">>> " in path.read_text(encoding="utf-8") else []
        return [*doctests, *(str(test.relative_to(self.root)) for test in nearest)]

    def compiled(self, path: Path) -> bool:
        """Whether compiled code may depend on a source file: numba keys what it keeps on the kernel's own file only."""
        kernels = (file for file in self.imports if "@njit" in file.read_text(encoding="utf-8"))
        return any(path in self._distances(kernel) for kernel in kernels)

    def _distances(self, start: Path) -> dict[Path, int]:
        """How many imports each file is away from one."""
        distances = {start: 0}
        frontier = [start]
        while frontier:
            nearer = frontier.pop(0)
            for path in sorted(self.imports[nearer] - set(distances)):
                distances[path] = distances[nearer] + 1
                frontier.append(path)
        return distances


def _name(room: str, path: Path) -> str:
    """A module's name, by its file's path in its room.

    >>> _name("theory", Path("models/gaussian.py")), _name("front", Path("__init__.py"))
    ('nocollapse.theory.models.gaussian', 'nocollapse')
    """
    parts = [*path.parent.parts, *([] if path.stem == "__init__" else [path.stem])]
    return ".".join(["nocollapse", *([] if room == "front" else [room]), *parts])


def _imports(path: Path, named: dict[str, Path]) -> set[Path]:
    """The project's files that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {named[name] for name in names & set(named)}
