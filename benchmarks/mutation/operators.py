"""What cosmic-ray leaves alone and printing and dispatch are made of: texts, and calls for their effect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from parso.python.tree import Keyword

Position = tuple[tuple[int, int], tuple[int, int]]
OPENING = re.compile(r"\w*('''|\"\"\"|'|\")")
MARK = "XX"


class ChangeText:
    """Puts a mark at the start of a string, or of a piece of text in an f-string."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type in ("string", "fstring_string"):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        opening = OPENING.match(node.value) if node.type == "string" else None
        start = opening.end() if opening else 0
        node.value = node.value[:start] + MARK + node.value[start:]
        return node


class DropCall:
    """Replaces a statement that is a call, whose value nobody takes, by `pass`."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "simple_stmt" and node.children[0].type == "atom_expr":
            last = node.children[0].children[-1]
            if last.type == "trailer" and last.children[0].value == "(":
                yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        call = node.children[0]
        node.children[0] = Keyword("pass", call.start_pos, prefix=call.get_first_leaf().prefix)
        return node


OURS = {"ChangeText": ChangeText, "DropCall": DropCall}
