"""The kill matrix: every wrong version of a claim's expressions must fail, in proof and against the simulations."""

from __future__ import annotations

import cmath
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import sympy as sp
from sympy import Expr, ImmutableMatrix

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.expected import substituted
from nocollapse.numerics.checks.trials import Point
from nocollapse.numerics.protocol.equality import FAMILY, Equality, deviation
from nocollapse.numerics.protocol.sign_tests import SignChange
from nocollapse.theory.claims.claim import Claim
from nocollapse.theory.claims.registry import claim_of
from nocollapse.theory.proof.certificates import zero_in_flint, zero_in_sympy
from nocollapse.theory.proof.mutants import Mutant
from nocollapse.theory.proof.mutants import mutants as edits
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import PARAMETERS, latex

Outcome = tuple[str, str, float | None]
"""killed, equal or survived; by what; and the largest z."""


def verdict(identifier: str, points: list[Point]) -> dict[str, Any]:
    """The verdict of kind mutants on one claim, given the points of its simulations."""
    found = claim_of(identifier)
    rows = [
        _row(mutant, latex(mutant.expression), _outcome(found, mutant, points)) for mutant in edits(found.published)
    ]
    if found.recursion is not None:
        rows += _recursion_rows(found.recursion, points)
    survivors = [row for row in rows if row["outcome"] == "survived"]
    equal = sum(row["outcome"] == "equal" for row in rows)
    return {
        "claim": identifier,
        "kind": "mutants",
        "status": "INCONCLUSIVE" if survivors else "SUPPORTED",
        "reason": f"{len(survivors)} of {len(rows)} wrong versions survive, the first: {_named(survivors[0])}"
        if survivors
        else f"{len(rows) - equal} of {len(rows)} wrong versions are caught, {equal} are proved equal to the original",
        "mutants": rows,
    }


def _row(mutant: Mutant, expression: str, outcome: Outcome, part: str = "") -> dict[str, Any]:
    """``part`` is the entry of the recursion that is edited, in LaTeX; empty for the claim's own expression."""
    kind, by, z = outcome
    edit = "" if mutant.before is None else rf"{latex(mutant.before)} \to {latex(mutant.after)}"
    return {
        "operator": mutant.operator, "part": part, "edit": edit, "expression": expression, "outcome": kind, "by": by,
        "z": z,
    }  # fmt: skip


def _named(row: dict[str, Any]) -> str:
    return f"{row['operator']} in ${row['part']}$" if row["part"] else str(row["operator"])


def _outcome(found: Claim, mutant: Mutant, points: list[Point]) -> Outcome:
    """Killed by a simulation (or by proof, where nothing is simulated), equal to the original, or survived."""
    hit = max(_hits(mutant.expression, points), key=lambda h: abs(h[1] or 0), default=None)
    if hit is not None:
        return "killed", *hit
    if _equal(mutant.expression, found.published, found.given):
        return "equal", "identity in both kernels", None
    return ("survived", "", None) if points else ("killed", "the identity with the derived expression fails", None)


def _equal(left: Expr, right: Expr, given: tuple[Expr, ...] = ()) -> bool:
    step = Step("", left, right, given)
    return zero_in_sympy(step) and zero_in_flint(step)


def _hits(expression: Expr, points: list[Point]) -> Iterator[tuple[str, float | None]]:
    """The points at which an expression's value is refuted."""
    level = FAMILY / max(1, sum(p.column is not None and p.column.link is not None for p in points))
    for point in points:
        if isinstance(point.found, SignChange) and point.found.status == "SUPPORTED":
            value = _real(substituted(expression, dict(point.parameters)))
            assert point.low is not None
            assert point.high is not None
            if value is None or not point.low <= value <= point.high:
                yield f"bracket at {_where(point)}", None
        elif point.column is not None and point.column.link is not None and isinstance(point.found, Equality):
            value = _real(substituted(expression, dict(point.parameters)))
            try:
                target = None if value is None else point.column.link(value)
            except ZeroDivisionError:
                target = None
            yield from _hit(point, target, level)


def _hit(point: Point, target: float | None, level: float) -> Iterator[tuple[str, float | None]]:
    assert isinstance(point.found, Equality)
    if target is None or not np.isfinite(target):
        yield f"no finite value at {_where(point)}", None
        return
    z, p_value = deviation(point.found.estimate, point.found.standard_error, target)
    if p_value < level:
        yield _where(point), float(z)


def _where(point: Point) -> str:
    return ", ".join(f"{k} = {v:.4g}" for k, v in point.parameters.items() if k in ("n", "m", "k", "w", "t"))


def _real(expression: Expr) -> float | None:
    """The value as a float; None where it is infinite, complex or undefined."""
    try:
        value = complex(expression)
    except (TypeError, OverflowError, ZeroDivisionError):
        return None
    return value.real if abs(value.imag) <= 1e-12 * abs(value) and cmath.isfinite(value) else None


def _recursion_rows(recursion: Recursion, points: list[Point]) -> list[dict[str, Any]]:
    """The same for each entry of the one-step recursion, iterated to the points' steps."""
    held = [p for p in points if p.column is not None and p.column.recursion == recursion]
    parts = {"M": recursion.matrix, "c": recursion.offset, "s_0": recursion.initial}
    numeric = [_tables(parts, point) for point in held]
    rows = []
    for name, part in parts.items():
        for i, j in product(range(part.rows), range(part.cols)):
            place = f"{name}_{{{i + 1}{j + 1}}}" if name == "M" else f"({name})_{i + 1}"
            for mutant in edits(part[i, j]):
                outcome = _entry_outcome(mutant.expression, part[i, j], (name, i, j), held, numeric)
                rows.append(_row(mutant, f"{place} = {latex(mutant.expression)}", outcome, place))
    return rows


def _values(point: Point) -> dict[Any, float]:
    return {PARAMETERS[key]: value for key, value in point.parameters.items() if key in PARAMETERS and key != "t"}


def _tables(parts: dict[str, ImmutableMatrix], point: Point) -> dict[str, FloatArray]:
    """The recursion's entries at a point for every step 0 .. t: arrays (t + 1, rows, columns)."""
    values, steps = _values(point), int(point.parameters["t"])
    return {
        name: np.array([_table(cell, values, steps) for cell in part]).T.reshape(-1, *part.shape)
        for name, part in parts.items()
    }


def _table(cell: Expr, values: dict[Any, float], steps: int) -> FloatArray:
    """One entry at every step."""
    function = sp.lambdify((PARAMETERS["t"], *values), cell, "math")
    if not cell.has(PARAMETERS["t"]):
        return np.full(steps + 1, float(function(0, *values.values())))
    return np.array([float(function(step, *values.values())) for step in range(steps + 1)])


def _entry_outcome(
    entry: Expr, original: Expr, place: tuple[str, int, int], points: list[Point], numeric: list[dict[str, FloatArray]]
) -> Outcome:
    level = FAMILY / max(1, len(points))
    name, i, j = place
    hits: list[tuple[str, float | None]] = []
    for point, tables in zip(points, numeric, strict=True):
        assert point.column is not None
        changed = {key: table.copy() for key, table in tables.items()}
        try:
            changed[name][:, i, j] = _table(entry, _values(point), int(point.parameters["t"]))
            value = _iterate(changed, point.column.component)
        except (ZeroDivisionError, OverflowError, TypeError, ValueError):
            value = None
        hits += _hit(point, value, level)
    if hits:
        return "killed", *max(hits, key=lambda h: abs(h[1] or 0))
    return ("equal", "identity in both kernels", None) if _equal(entry, original) else ("survived", "", None)


def _iterate(tables: dict[str, FloatArray], component: int) -> float:
    """A moment after the last step."""
    state = tables["s_0"][0]
    for matrix, offset in zip(tables["M"][1:], tables["c"][1:], strict=True):
        state = matrix @ state + offset
    return float(state[component, 0])
