"""All small changes of the source, and a sample of them."""

from __future__ import annotations

import ast
import difflib
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from benchmarks.mutation.operators import OURS
from benchmarks.mutation.order import Mutant, sources


def operators() -> dict[str, Any]:
    """Every operator by its name: cosmic-ray's, but for those that want arguments, and ours."""
    classes = {name.partition("/")[2]: get_operator(name) for name in operator_names()}
    plain = {name: kind() for name, kind in classes.items() if not kind.arguments()}
    return plain | {name: kind() for name, kind in OURS.items()}


def mutants(root: Path, room: str, path: Path) -> Iterator[Mutant]:
    """All of a file's."""
    nodes = list(ast_nodes(get_ast(path.read_text(encoding="utf-8"))))
    for name, operator in operators().items():
        positions = [position for node in nodes for position in operator.mutation_positions(node)]
        for occurrence, (start, _) in enumerate(positions):
            yield Mutant(room, str(path.relative_to(root)), start[0], name, occurrence)


def drawn(root: Path, sample: int, seed: int) -> list[Mutant]:
    """A sample of the mutants under `root`, as many of each room, the rooms in turns.

    A room's lines are drawn first, each at most once, and then one of a line's mutants: else a product, which has
    eleven, would count for eleven strings. What changes no more than an annotation or a docstring is drawn anew.
    """
    rooms = sources(root)
    shares = []
    for index, (room, paths) in enumerate(rooms.items()):
        generator = random.Random(f"{seed}/{room}")
        share = sample // len(rooms) + (index < sample % len(rooms))
        lines: defaultdict[tuple[str, int], list[Mutant]] = defaultdict(list)
        for path in paths:
            for mutant in mutants(root, room, path):
                lines[mutant.path, mutant.line].append(mutant)
        order = sorted(lines)
        generator.shuffle(order)
        choices = (generator.choice(lines[line]) for line in order)
        different = (mutant for mutant in choices if _differs(root, mutant))
        shares.append([mutant for _, mutant in zip(range(share), different, strict=False)])
    longest = max(map(len, shares))
    return [share[turn] for turn in range(longest) for share in shares if turn < len(share)]


def changed(root: Path, mutant: Mutant) -> str:
    """The text of the mutant's file with the change."""
    text = (root / mutant.path).read_text(encoding="utf-8")
    operator = operators()[mutant.operator]
    result: str | None = mutate_code(text, operator, mutant.occurrence)
    assert result is not None, mutant
    return result


def difference(root: Path, mutant: Mutant) -> str:
    """The change as `patch -p1` reads it."""
    before = (root / mutant.path).read_text(encoding="utf-8").splitlines(keepends=True)
    after = changed(root, mutant).splitlines(keepends=True)
    return "".join(difflib.unified_diff(before, after, f"a/{mutant.path}", f"b/{mutant.path}", n=2))


def _differs(root: Path, mutant: Mutant) -> bool:
    """Whether more changes than annotations and docstrings."""
    before = (root / mutant.path).read_text(encoding="utf-8")
    try:
        return _program(changed(root, mutant)) != _program(before)
    except SyntaxError:
        return False


def _program(text: str) -> str:
    """A module's statements without annotations and docstrings.

    >>> _program("def f(x: int) -> int:\\n 'one'\\n return x") == _program("def f(x: str):\\n 'two'\\n return x")
    True
    """
    return ast.dump(_Bare().visit(ast.parse(text)))


class _Bare(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return ast.Pass()
        return self.generic_visit(node)
