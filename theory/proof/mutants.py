"""Wrong versions of an expression, made by program: what a check must be able to tell from the right one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr

from nocollapse.theory.symbols import k, m, n, w


@dataclass(frozen=True)
class Mutant:
    """An expression that differs from the original by one edit, and the name of that edit.

    `before` and `after` are the part that was edited at one place; None for an edit throughout.
    """

    operator: str
    expression: Expr
    before: Expr | None = None
    after: Expr | None = None


def mutants(expression: Expr) -> tuple[Mutant, ...]:
    """All single edits of an expression, without repetitions or the original itself.

    Edits: a sign, an exponent +-1, a constant +-1, a dropped term or factor at each place; n and m swapped, k to
    1/k, w to 1-w, and sizes off by one (`ddof`) throughout.
    """
    seen = {expression}
    distinct = []
    throughout = (Mutant(operator, edited) for operator, edited in _global_edits(expression))
    for mutant in (*throughout, *_local_edits(expression)):
        if mutant.expression not in seen and not mutant.expression.has(sp.zoo, sp.nan):
            seen.add(mutant.expression)
            distinct.append(mutant)
    return tuple(distinct)


def _global_edits(expression: Expr) -> Iterator[tuple[str, Expr]]:
    symbols = expression.free_symbols
    yield "sign of the whole", -expression
    if {n, m} & symbols:
        yield "swap n and m", expression.subs({n: m, m: n}, simultaneous=True)
    for size in (n, m):
        if size in symbols:
            yield f"{size} to {size} - 1", expression.subs(size, size - 1)
            yield f"{size} to {size} + 1", expression.subs(size, size + 1)
    if k in symbols:
        yield "k to 1/k", expression.subs(k, 1 / k)
    if w in symbols:
        yield "w to 1 - w", expression.subs(w, 1 - w)


def _local_edits(expression: Expr) -> Iterator[Mutant]:
    """The edits at the root, then those inside each argument."""
    yield from _root_edits(expression)
    for i, arg in enumerate(expression.args):
        if expression.is_Pow and i == 1:
            continue  # exponents are edited at their power
        for inner in _local_edits(arg):
            edited = expression.func(*expression.args[:i], inner.expression, *expression.args[i + 1 :])
            yield replace(inner, expression=edited)


def _root_edits(expression: Expr) -> Iterator[Mutant]:
    args = expression.args
    if expression.is_Rational and expression != -1:
        for operator, edited in (("constant + 1", expression + 1), ("constant - 1", expression - 1)):
            yield Mutant(operator, edited, expression, edited)
    elif expression.is_Add:
        for i, arg in enumerate(args):
            rest = expression.func(*args[:i], *args[i + 1 :])
            yield Mutant("sign of a term", rest - arg, arg, -arg)
            yield Mutant("drop a term", rest, arg, sp.Integer(0))
    elif expression.is_Mul:
        for i, arg in enumerate(args):
            if arg != -1:
                yield Mutant("drop a factor", expression.func(*args[:i], *args[i + 1 :]), arg, sp.Integer(1))
    elif expression.is_Pow:
        base, exponent = args
        for operator, edited in (("exponent + 1", base ** (exponent + 1)), ("exponent - 1", base ** (exponent - 1))):
            yield Mutant(operator, edited, expression, edited)
