"""What each derivation rests on, read off its code: the map of the theory.

As a blueprint collects the constants of a proof term, the edge from A to B says that the code that derives B refers to
A, itself or through helpers that are no nodes; or that it works with a constant that is A's result. Where a reason
appeals to A in words only, B's entry says so (`uses`).
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from types import CodeType, FunctionType
from typing import Any

import sympy as sp
from sympy import Eq, Expr

from nocollapse.theory.claims import registry
from nocollapse.theory.claims.assumption import Assumption
from nocollapse.theory.claims.assumptions import M_ESTIMATION
from nocollapse.theory.claims.entry import Entry
from nocollapse.theory.models import empirical, gaussian, kept_data, misspecified, score
from nocollapse.theory.models.derivation import Derivation
from nocollapse.theory.moments import families, iid, wick
from nocollapse.theory.proof.certificates import zero_in_sympy
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import gini, w


def _dotted(node: Any) -> str:
    return f"{node.__module__}.{node.__name__}".removeprefix("nocollapse.")


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
    kept_data.augmented: "the covariance with one real batch",
    kept_data.accumulated: "the pooled covariance",
    score.score: "the score's recursion",
    misspecified.misspecified_score: "the misspecified score's",
    empirical.measure: "the measure's recursion",
}
"""What claims share: every function that returns a `Derivation`, the growth of moments and the pooled covariance."""


DERIVATIONS: dict[str, Callable[[], Derivation]] = {
    _dotted(gaussian.mean): gaussian.mean,
    _dotted(gaussian.covariance): gaussian.covariance,
    _dotted(kept_data.augmented): kept_data.augmented,
    _dotted(score.score): score.score,
    _dotted(misspecified.misspecified_score): misspecified.misspecified_score,
    _dotted(empirical.measure): partial(empirical.measure, gini),
}
"""The steps of those that have some, by the names of their code: claims that use a recursion need not repeat them."""


TAKEN: dict[Callable[..., Any], tuple[Assumption, ...]] = {
    score.score: (M_ESTIMATION,),
    misspecified.misspecified_score: (M_ESTIMATION,),
}
"""What recursions take from outside: every claim that uses one rests on it."""


@dataclass(frozen=True)
class Node:
    """A claim (by its id), a recursion or a primitive (by the dotted name of its code), and its title."""

    id: str
    kind: str
    title: str


@dataclass(frozen=True)
class Map:
    """Nodes, and edges `(A, B)` by id where B's derivation uses A; neither holds a cycle or a loop."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]


def theory_map(identifiers: Sequence[str]) -> Map:
    """The map of the given claims: all that they use, of other claims only those that are given too.

    >>> theory_map(["pmf.error"]).edges
    (('theory.moments.iid.mean_product', 'theory.models.empirical.measure'), ('theory.moments.iid.quadratic', \
'theory.models.empirical.measure'), ('theory.models.empirical.measure', 'pmf.error'))
    """
    builders: dict[Any, str] = {registry.entry(identifier): identifier for identifier in identifiers}
    names = {**{node: _dotted(node) for node in (*PRIMITIVES, *RECURSIONS)}, **builders}
    edges = [(names[source], names[node]) for node in names for source in _nodes(node, names)]
    edges += [(source, target) for target in identifiers for source in _results(target, identifiers)]
    used = _ancestors(identifiers, edges)
    relevant = {edge for edge in edges if edge[1] in used}
    ordered = tuple(sorted(relevant, key=lambda e: _order(e, list(names.values()))))
    return Map(tuple(node for node in _described(builders) if node.id in used), ordered)


def _described(builders: dict[Any, str]) -> Iterator[Node]:
    for kind, group in (("primitive", PRIMITIVES), ("recursion", RECURSIONS)):
        yield from (Node(_dotted(node), kind, title) for node, title in group.items())
    yield from (Node(entry.id, "claim", entry.summary) for entry in builders)


def _order(edge: tuple[str, str], names: list[str]) -> tuple[int, int]:
    return names.index(edge[1]), names.index(edge[0])


def _ancestors(identifiers: Sequence[str], edges: list[tuple[str, str]]) -> set[str]:
    ancestors = set(identifiers)
    while more := {source for source, target in edges if target in ancestors} - ancestors:
        ancestors |= more
    return ancestors


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
    """The functions that a thing is made of: itself, the builders of a claim, the methods of a class or an instance.

    Only those of this room count, and of the modules in which claims from outside are stated.
    """
    if isinstance(thing, Entry):
        return [function for build in thing.functions for function in _functions(build)]
    thing = inspect.unwrap(thing) if callable(thing) else thing
    if isinstance(thing, FunctionType):
        return [thing] if _ours(thing.__module__) else []
    kind = thing if isinstance(thing, type) else type(thing)
    if not _ours(kind.__module__):
        return []
    members = (getattr(part, "func", getattr(part, "fget", part)) for part in vars(kind).values())
    return [part for part in members if isinstance(part, FunctionType)]


def _ours(module: str) -> bool:
    """Whether a module derives: one of this room's, or one that states claims."""
    return module.startswith("nocollapse.theory.") or any(
        entry.build.__module__ == module for entry in registry.CLAIMS.values()
    )


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
    if isinstance(thing, Entry):
        return thing
    plain = inspect.unwrap(thing) if callable(thing) else thing
    return type(plain) if _known(type(plain), stops) else plain


def _known(thing: Any, stops: dict[Any, str]) -> bool:
    return isinstance(thing, (Entry, FunctionType, type)) and thing in stops


def _nodes(node: Any, stops: dict[Any, str]) -> list[Any]:
    return [thing for thing in _reached(node, stops) if _known(thing, stops) and thing is not node]


# --- what nothing proves ---------------------------------------------------------------------------------------------


def assumptions(identifier: str) -> tuple[Assumption, ...]:
    """What a claim rests on without a proof: what it names itself, and what all that its derivation uses names.

    >>> [one.id for one in assumptions("covariance.operator-norm")]
    ['exchange-of-limits', 'm-estimation']
    """
    stops: dict[Any, str] = {entry: name for name, entry in registry.CLAIMS.items()}
    stops |= {node: _dotted(node) for node in (*PRIMITIVES, *RECURSIONS)}
    first = registry.entry(identifier)
    pending: list[Any] = [first]
    seen = {first}
    named: dict[str, Assumption] = {}
    while pending:
        node = pending.pop(0)
        more = _nodes(node, stops)
        if isinstance(node, Entry):
            more += [registry.CLAIMS[name] for name in node.uses if name in registry.CLAIMS]
        for one in node.rests_on if isinstance(node, Entry) else TAKEN.get(node, ()):
            named.setdefault(one.id, one)
        pending += [thing for thing in dict.fromkeys(more) if thing not in seen]
        seen.update(more)
    return tuple(named.values())


# --- what claims refer to --------------------------------------------------------------------------------------------


def _results(identifier: str, others: Sequence[str]) -> list[str]:
    """The other claims whose result is a constant of the derivation, or to which it appeals by name."""
    stops = {entry: name for name, entry in registry.CLAIMS.items()}
    reached = _reached(registry.entry(identifier), stops)
    constants = [thing for thing in reached if isinstance(thing, (sp.Basic, tuple))]
    named = registry.entry(identifier).uses
    return [
        other
        for other in others
        if other != identifier
        and (other in named or any(_is_result(part, registry.claim_of(other).published) for part in constants))
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
