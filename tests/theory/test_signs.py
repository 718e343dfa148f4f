"""A sign that is changed in the theory is noticed: every plus, minus and negation, from a list made by program.

Each change is made in a process of its own, in which the theory is imported anew. It has to refute a step, a start or
the conclusion of a claim that rests on the code, or to keep the claim from being built; otherwise everything that these
claims are made of has to be what it was. Signs in inequalities are the solvers' part, and are not changed here.

The slow tests try a sample of each module, the same each time; with NOCOLLAPSE_SIGNS=all in the environment they try
the whole list, which takes more than half an hour of a core.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest
import sympy as sp

from nocollapse import theory

ROOM = Path(str(theory.__file__)).parent
MODULES = [
    *(f"moments.{name}" for name in ("families", "iid", "wick")),
    *(f"models.{name}" for name in ("derivation", "empirical", "exponential", "gaussian", "kept_data")),
    *(f"models.{name}" for name in ("misspecified", "regression", "score")),
    *(f"claims.{name}" for name in ("collapse", "covariance", "empirical", "exponential", "frameworks", "gaussian")),
    *(f"claims.{name}" for name in ("glm", "mean", "misspecified", "regression", "setting")),
]
APART = {"Eq", "Inequality", "positive", "nonnegative", "Coordinate", "Integer", "_on_optimum", "_bounded"}
"""Calls within which no sign is changed: what solvers decide, and numbers."""
EVERY = os.environ.get("NOCOLLAPSE_SIGNS") == "all"
SAMPLE = 8
"""Changes of a module that are tried, unless all are."""
PATIENCE = 300
"""Seconds after which a changed theory counts as one that does not come to an end."""
EXPLAINED: dict[tuple[str, str], str] = {
    ("claims.gaussian", code): "a weight at which certificates change coordinates; solvers and certificates decide it"
    for code in ("6 * n + 11", "3 * n + 13", "n * (1 - w) * (3 * n + 13) - w * (6 * n + 11)", "1 - w")
}
"""Why a change is not noticed, by module and the code that is changed."""


@dataclass(frozen=True)
class Change:
    """One sign, by its number in the module, with the function and the code that it is in."""

    number: int
    function: str
    code: str


# --- the list --------------------------------------------------------------------------------------------------------


class Signs(ast.NodeTransformer):
    """Walks over the signs of a module, and changes that of one number."""

    def __init__(self, chosen: int | None = None) -> None:
        self.chosen = chosen
        self.changes: list[Change] = []
        self._functions: list[str] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.returns is not None and "Inequality" in ast.unparse(node.returns):
            return node
        self._functions.append(node.name)
        node.body = [self.visit(statement) for statement in node.body]
        self._functions.pop()
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return node if ast.unparse(node.annotation) in ("Coordinates", "Coordinate") else self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        return node if name in APART else self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return node if node.arg in ("inequalities", "obligations", "assumptions") else self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if isinstance(node.op, ast.Add | ast.Sub) and not _words(node) and self._is_chosen(node):
            node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        return self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        if isinstance(node.op, ast.USub) and self._is_chosen(node):
            return self.generic_visit(node.operand)
        return self.generic_visit(node)

    def _is_chosen(self, node: ast.expr) -> bool:
        number = len(self.changes)
        self.changes.append(Change(number, self._functions[0] if self._functions else "", ast.unparse(node)))
        return number == self.chosen


def _words(node: ast.AST) -> bool:
    """Whether text is put together, and no expression."""
    return any(isinstance(part, ast.Constant) and isinstance(part.value, str) for part in ast.walk(node))


def path(module: str) -> Path:
    return ROOM.joinpath(*module.split(".")).with_suffix(".py")


def changes(module: str) -> list[Change]:
    walk = Signs()
    walk.visit(ast.parse(path(module).read_text(encoding="utf-8")))
    return walk.changes


def changed(module: str, number: int) -> CodeType:
    """The code of a module with one sign changed."""
    tree = Signs(number).visit(ast.parse(path(module).read_text(encoding="utf-8")))
    return compile(ast.fix_missing_locations(tree), str(path(module)), "exec")


# --- the theory, anew ------------------------------------------------------------------------------------------------


class Replaced(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from other code."""

    def __init__(self, name: str, code: CodeType) -> None:
        self.name = name
        self.code = code

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, vars(module))


def anew(module: str, code: CodeType) -> None:
    """Forget the theory, and put other code in the place of one of its modules."""
    for name in [name for name in sys.modules if name.startswith("nocollapse.theory")]:
        del sys.modules[name]
    sys.meta_path.insert(0, Replaced(f"nocollapse.theory.{module}", code))


def parts(claim: Any) -> list[Any]:
    """Everything that a claim is made of."""
    steps = [(step.left, step.right, step.given) for step in claim.steps]
    ends = [(one.expression, one.hypotheses) for one in (*claim.inequalities, *claim.obligations)]
    return [
        claim.statement,
        claim.published,
        claim.derived,
        claim.given,
        claim.start,
        claim.recursion,
        claim.limit,
        steps,
        ends,
    ]


def dump(entry: Any) -> str:
    return "\n".join(str(parts(claim)) for claim in entry.variants())


def noticed(entry: Any) -> bool:
    """Whether a kernel finds that an equation of a claim or of a variant does not hold, or nothing it could hold at."""
    certificates = importlib.import_module("nocollapse.theory.proof.certificates")
    points = importlib.import_module("nocollapse.theory.proof.witness")
    for claim in entry.variants():
        steps = (claim.conclusion, *claim.starts, *claim.steps)
        if not all(certificates.zero_in_flint(step) for step in steps):
            return True
        if any(points.vanishing_point(step.given) is None for step in steps):
            return True
    return False


# --- what rests on what ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """Of a claim: the code that it reaches, what it is made of, and the seconds that it takes."""

    reached: frozenset[tuple[str, str]]
    dump: str
    seconds: float


@cache
def known() -> dict[str, Known]:
    """Every claim of the project, the quickest first."""
    from nocollapse.theory.claims.registry import OWN
    from nocollapse.theory.proof.dependencies import _functions, _reached

    claims = {}
    for name, entry in OWN.items():
        begun = time.perf_counter()
        text = dump(entry)
        assert not noticed(entry), name
        seconds = time.perf_counter() - begun
        things = [*_functions(entry), *(part for thing in _reached(entry, {}) for part in _functions(thing))]
        code = {(part.__module__, part.__qualname__.split(".")[0]) for part in things}
        code |= {(part.__module__, part.__name__) for part in things}
        claims[name] = Known(frozenset(code), text, seconds)
    return dict(sorted(claims.items(), key=lambda item: item[1].seconds))


def resting(module: str, function: str) -> list[str]:
    """The claims that reach a function of a module, or all for what is outside of functions."""
    code = (f"nocollapse.theory.{module}", function)
    return [name for name, one in known().items() if not function or code in one.reached]


def outcome(module: str, change: Change) -> str:
    """What comes of a change: the claim that notices it, "equivalent" or "survived"; found in a process of its own."""
    names = resting(module, change.function)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        text = "crashed"
        signal.alarm(PATIENCE)
        try:
            text = _outcome(module, change, names)
        finally:
            os.write(writer, text.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text or "without an end"


def _outcome(module: str, change: Change, names: Sequence[str]) -> str:
    before = known()
    same = True
    try:
        anew(module, changed(module, change.number))
        own = importlib.import_module("nocollapse.theory.claims.registry").OWN
    except Exception as error:
        return f"not built: {type(error).__name__}"
    for name in names:
        try:
            if noticed(own[name]):
                return f"refuted: {name}"
        except Exception as error:
            return f"not built: {name}, {type(error).__name__}"
        same = same and dump(own[name]) == before[name].dump
    return "equivalent" if same else "survived"


def unnoticed(module: str) -> Iterator[tuple[Change, str]]:
    """The changes of a module that nothing notices, and of which something is seen."""
    listed = changes(module)
    chosen = listed if EVERY else random.Random(module).sample(listed, min(SAMPLE, len(listed)))
    for change in chosen:
        text = outcome(module, change)
        if text in ("survived", "crashed"):
            yield change, text


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_every_sign_is_noticed(module: str) -> None:
    """Or is explained; and, where all are tried, no explanation is left that explains nothing."""
    survivors = {change.code for change, _ in unnoticed(module)}
    explained = {code for where, code in EXPLAINED if where == module}
    assert survivors <= explained
    assert survivors == explained or not EVERY


def test_signs_are_listed_and_changed() -> None:
    signs = [change for change in changes("moments.iid") if change.function == "mean_product"]
    assert {change.code for change in signs} == {"size - 1", "pairs_together * together + pairs_apart * apart"}
    (number,) = (change.number for change in signs if change.code == "size - 1")
    names: dict[str, Any] = {"__name__": "changed"}
    exec(changed("moments.iid", number), names)
    size = sp.Symbol("size")
    assert sp.expand(names["mean_product"](size, 0, 1) * size) == size + 1  # and not size - 1
