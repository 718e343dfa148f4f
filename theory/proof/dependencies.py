"""What each derivation rests on, read off its code and its steps: the map of the theory.

As a blueprint collects the constants of a proof term, the edge from A to B says that the code that derives B refers to
A, itself or through helpers that are no nodes; or that it works with a constant that is A's result; or that the reason
of one of B's steps names A. No edge is written down anywhere.
"""

from __future__ import annotations

import dis
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import CodeType, FunctionType
from typing import Any

import sympy as sp
from sympy import Eq, Expr

from nocollapse.theory.claims import empirical, glm, misspecified
from nocollapse.theory.claims.claim import Step
from nocollapse.theory.claims.registry import CLAIMS, claim
from nocollapse.theory.models import gaussian
from nocollapse.theory.moments import families, iid, wick
from nocollapse.theory.proof.certificates import zero_in_sympy
from nocollapse.theory.symbols import w

PRIMITIVES: dict[Callable[..., Any], str] = {
    iid.mean_product: "means of iid draws",
    iid.quadratic: "squares of sums",
    wick.expect: "Wick's theorem",
    families.Family: "log-partitions",
}
"""Where derivations start."""
RECURSIONS: dict[Callable[..., Any], str] = {
    gaussian.mean: "the mean's recursion",
    gaussian.covariance: "the covariance's recursion",
    gaussian.growth: "growth of higher moments",
    glm.error: "the score's recursion",
    misspecified.error: "the misspecified score's",
    empirical.measure: "the measure's recursion",
}
"""What several claims share: every function that returns a `Derivation`, and the growth of moments."""


@dataclass(frozen=True)
class Node:
    """A claim (by its id), a recursion or a primitive (by the dotted name of its code), and its title."""

    id: str
    kind: str
    title: str


@dataclass(frozen=True)
class Map:
    """Nodes, and edges ``(A, B)`` by id where B's derivation uses A; neither holds a cycle or a loop."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]


def theory_map(identifiers: Sequence[str]) -> Map:
    """The map of the given claims: all that they use, of other claims only those that are given too.

    >>> theory_map(["pmf.error"]).edges
    (('theory.moments.iid.mean_product', 'theory.claims.empirical.measure'), ('theory.moments.iid.quadratic', \
'theory.claims.empirical.measure'), ('theory.claims.empirical.measure', 'pmf.error'))
    """
    builders: dict[Any, str] = {inspect.unwrap(CLAIMS[identifier].build): identifier for identifier in identifiers}
    names = {**{node: _dotted(node) for node in (*PRIMITIVES, *RECURSIONS)}, **builders}
    edges = [(names[source], names[node]) for node in names for source in _nodes(node, names)]
    edges += [(source, target) for target in identifiers for source in _results(target, identifiers)]
    used = _ancestors(identifiers, edges)
    kept = tuple(sorted({edge for edge in edges if edge[1] in used}, key=lambda e: _order(e, list(names.values()))))
    return Map(tuple(node for node in _described(builders) if node.id in used), kept)


def _described(builders: dict[Any, str]) -> Iterator[Node]:
    for kind, group in (("primitive", PRIMITIVES), ("recursion", RECURSIONS)):
        yield from (Node(_dotted(node), kind, title) for node, title in group.items())
    yield from (Node(identifier, "claim", CLAIMS[identifier].summary) for identifier in builders.values())


def _dotted(node: Any) -> str:
    return f"{node.__module__}.{node.__name__}".removeprefix("nocollapse.")


def _order(edge: tuple[str, str], names: list[str]) -> tuple[int, int]:
    return names.index(edge[1]), names.index(edge[0])


def _ancestors(identifiers: Sequence[str], edges: list[tuple[str, str]]) -> set[str]:
    found = set(identifiers)
    while more := {source for source, target in edges if target in found} - found:
        found |= more
    return found


# --- what code refers to ---------------------------------------------------------------------------------------------


def loads(function: FunctionType) -> list[Any]:
    """The objects that a function's code loads by a global name, its inner functions included."""
    names: list[str] = []
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        names += [i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"]
    return [function.__globals__[name] for name in dict.fromkeys(names) if name in function.__globals__]


def _functions(thing: Any) -> list[FunctionType]:
    """The functions of this room that a thing is made of: itself, or the methods of a class or of an instance."""
    thing = inspect.unwrap(thing) if callable(thing) else thing
    if isinstance(thing, FunctionType):
        return [thing] if thing.__module__.startswith("nocollapse.theory.") else []
    kind = thing if isinstance(thing, type) else type(thing)
    if not kind.__module__.startswith("nocollapse.theory."):
        return []
    parts = (getattr(part, "func", getattr(part, "fget", part)) for part in vars(kind).values())
    return [part for part in parts if isinstance(part, FunctionType)]


def _reached(node: Any, stops: dict[Any, str]) -> Iterator[Any]:
    """Everything that the code of a node loads, itself or through what is no node."""
    seen: set[int] = set()
    pending = _functions(node)
    while pending:
        for thing in loads(pending.pop()):
            plain = _identity(thing, stops)
            if id(plain) in seen:
                continue
            seen.add(id(plain))
            yield plain
            pending += [] if _known(plain, stops) else _functions(plain)


def _identity(thing: Any, stops: dict[Any, str]) -> Any:
    """A function without its cache; an instance as its class, where that is a node."""
    plain = inspect.unwrap(thing) if callable(thing) else thing
    return type(plain) if _known(type(plain), stops) else plain


def _known(thing: Any, stops: dict[Any, str]) -> bool:
    return isinstance(thing, (FunctionType, type)) and thing in stops


def _nodes(node: Any, stops: dict[Any, str]) -> list[Any]:
    return [thing for thing in _reached(node, stops) if _known(thing, stops) and thing is not node]


# --- what claims refer to --------------------------------------------------------------------------------------------


def _results(identifier: str, others: Sequence[str]) -> list[str]:
    """The other claims whose result is a constant of the derivation, or that a step names."""
    stops = {inspect.unwrap(CLAIMS[other].build): other for other in CLAIMS}
    constants = [thing for thing in _reached(CLAIMS[identifier].build, stops) if isinstance(thing, (sp.Basic, tuple))]
    reasons = " ".join(step.why for step in claim(identifier).steps)
    return [
        other
        for other in others
        if other != identifier
        and (
            any(_is_result(constant, claim(other).published) for constant in constants)
            or re.search(rf"(?<![\w.-]){re.escape(other)}(?![\w-])", reasons)
        )
    ]


@cache
def _is_result(constant: Any, published: Expr) -> bool:
    """Whether a constant is a published expression, or the equation in w that a published weight solves."""
    if isinstance(constant, tuple):
        return any(_is_result(part, published) for part in constant)
    equation = constant.lhs - constant.rhs if isinstance(constant, Eq) else constant
    if not isinstance(equation, Expr) or not equation.free_symbols or not published.free_symbols:
        return False
    solves = equation.has(w) and not published.has(w) and equation.is_polynomial(w)
    return bool(equation == published or (solves and zero_in_sympy(Step("", equation.subs(w, published), sp.S.Zero))))
