"""The kill matrix: every wrong version of a claim's expressions must fail, in proof and against the simulations."""

from __future__ import annotations

import cmath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
import sympy as sp
from sympy import Expr, Symbol

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.expected import substituted
from nocollapse.numerics.checks.outcomes import EqualityOutcome, Hit, Outcome
from nocollapse.numerics.protocol.equality import FAMILY
from nocollapse.theory.claims.claim import Claim
from nocollapse.theory.claims.registry import claim_of
from nocollapse.theory.proof.certificates import zero_in_flint, zero_in_sympy
from nocollapse.theory.proof.mutants import Mutant
from nocollapse.theory.proof.mutants import mutants as edits
from nocollapse.theory.proof.referee import Referee, Ruling
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import PARAMETERS, latex


@dataclass(frozen=True)
class Fate:
    """What became of a wrong version: by what, and the largest z, if it is a number.

    `means` says what killed it: a simulation, the derived side where nothing is simulated, or that it has no finite
    value where one was simulated; it is empty for one that was not killed.
    """

    outcome: Literal["killed", "equal", "survived"]
    by: str
    z: float | None = None
    means: Literal["", "simulated", "derived", "undefined"] = ""


EQUAL = Fate("equal", "identity in both kernels")
SURVIVED = Fate("survived", "")


@dataclass(frozen=True)
class Target:
    """A claim, and the outcomes of its simulations."""

    claim: Claim
    outcomes: Sequence[Outcome]


def verdict(identifier: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The verdict of kind mutants on one claim, given the outcomes of its simulations."""
    return MUTANTS.verdict(identifier, Target(claim_of(identifier), outcomes))


def attacked(target: Target) -> Ruling:
    """Whether every wrong version of the claim's expression, and of the entries of its recursion, is caught."""
    claim = target.claim
    outcomes = target.outcomes
    holds = _equal(claim.derived, claim.published, claim.given)
    fates = [(mutant, _fate(claim, mutant, outcomes, holds)) for mutant in edits(claim.published)]
    rows = [_row(mutant, latex(mutant.expression), fate) for mutant, fate in fates]
    if claim.recursion is not None:
        rows += _recursion_rows(claim.recursion, outcomes)
    evidence = {"mutants": rows, **_summary(rows)}
    survivors = [row for row in rows if row["outcome"] == "survived"]
    if survivors:
        reason = f"{len(survivors)} of {len(rows)} wrong versions survive, the first: {_named(survivors[0])}"
        return Ruling("INCONCLUSIVE", reason, evidence)
    equal = sum(row["outcome"] == "equal" for row in rows)
    caught = len(rows) - equal
    reason = f"{caught} of {len(rows)} wrong versions are caught, {equal} are proved equal to the original"
    return Ruling("SUPPORTED", reason, evidence)


MUTANTS = Referee("mutants", attacked)


def _row(mutant: Mutant, expression: str, fate: Fate, part: str = "") -> dict[str, Any]:
    """`part` is the entry of the recursion that is edited, in LaTeX; empty for the claim's own expression."""
    return {
        "operator": mutant.operator,
        "part": part,
        "edit": "" if mutant.before is None else rf"{latex(mutant.before)} \to {latex(mutant.after)}",
        "expression": expression,
        "outcome": fate.outcome,
        "by": fate.by,
        "z": fate.z,
        "means": fate.means,
    }


def _summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How many were killed by what, and the closest call: the least of the deviations by which they were."""
    killed = [row for row in rows if row["outcome"] == "killed"]
    deviations = [abs(row["z"]) for row in killed if row["z"] is not None]
    counts = {means: sum(row["means"] == means for row in killed) for means in ("simulated", "derived", "undefined")}
    return {"killed": counts, "closest": min(deviations, default=None)}


def _named(row: Mapping[str, Any]) -> str:
    return f"{row['operator']} in ${row['part']}$" if row["part"] else str(row["operator"])


# --- the claim's expression ------------------------------------------------------------------------------------------


def _fate(claim: Claim, mutant: Mutant, outcomes: Sequence[Outcome], holds: bool) -> Fate:
    """Killed by a simulation (by the derived side, where nothing is simulated), equal to the original, or survived.

    `holds` says whether the original is the derived side: one that is not tells nothing of a mutant, either.
    """
    hits = list(_hits(mutant.expression, outcomes))
    if hits:
        return _killed(hits)
    if _equal(mutant.expression, claim.published, claim.given):
        return EQUAL
    if outcomes or not holds or not _differs(mutant.expression, claim.derived, claim.given):
        return SURVIVED
    return Fate("killed", "it is not the derived expression, in both kernels, which the original is", means="derived")


def _killed(hits: Sequence[Hit]) -> Fate:
    """Killed by the hit of the largest z; by one without a finite value only where there is no other."""
    hit = max(hits, key=lambda hit: (not hit.undefined, abs(hit.z or 0)))
    return Fate("killed", hit.where, hit.z, "undefined" if hit.undefined else "simulated")


def _differs(left: Expr, right: Expr, given: tuple[Expr, ...]) -> bool:
    """Whether neither kernel finds two expressions to be equal."""
    step = Step("", left, right, given)
    return not (zero_in_sympy(step) or zero_in_flint(step))


def _equal(left: Expr, right: Expr, given: tuple[Expr, ...] = ()) -> bool:
    step = Step("", left, right, given)
    return zero_in_sympy(step) and zero_in_flint(step)


def _hits(expression: Expr, outcomes: Sequence[Outcome]) -> Iterator[Hit]:
    """Where an expression's value is refuted."""
    linked = sum(isinstance(o, EqualityOutcome) and o.tests_expression for o in outcomes)
    level = FAMILY / max(1, linked)
    for outcome in outcomes:
        if outcome.tests_expression:
            hit = outcome.refutation(_real(substituted(expression, outcome.place.parameters)), level)
            if hit is not None:
                yield hit


def _real(expression: Expr) -> float | None:
    """The value as a float; None where it is infinite, complex or undefined."""
    try:
        value = complex(expression)
    except (TypeError, OverflowError, ZeroDivisionError):
        return None
    return value.real if abs(value.imag) <= 1e-12 * abs(value) and cmath.isfinite(value) else None


# --- the entries of its recursion ------------------------------------------------------------------------------------

Entries = dict[str, FloatArray]
"""The entries of M, c and s_0 at every step 0 .. t: arrays (t + 1, rows, columns)."""


def _recursion_rows(recursion: Recursion, outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """The same for each entry of the one-step recursion, iterated to the steps of the outcomes."""
    held = [o for o in outcomes if isinstance(o, EqualityOutcome) and o.prediction.recursion == recursion]
    numeric = [_entries(recursion, outcome) for outcome in held]
    rows = []
    for name, matrix in _matrices(recursion).items():
        for i, j in product(range(matrix.rows), range(matrix.cols)):
            part = f"{name}_{{{i + 1}{j + 1}}}" if name == "M" else f"({name})_{i + 1}"
            for mutant in edits(matrix[i, j]):
                hits = [
                    hit
                    for outcome, entries in zip(held, numeric, strict=True)
                    if (hit := _entry_hit(mutant.expression, (name, i, j), outcome, entries, len(held)))
                ]
                fate = _entry_fate(mutant.expression, matrix[i, j], hits)
                rows.append(_row(mutant, f"{part} = {latex(mutant.expression)}", fate, part))
    return rows


def _matrices(recursion: Recursion) -> dict[str, sp.ImmutableMatrix]:
    return {"M": recursion.matrix, "c": recursion.offset, "s_0": recursion.initial}


def _entry_fate(entry: Expr, original: Expr, hits: Sequence[Hit]) -> Fate:
    if hits:
        return _killed(hits)
    return EQUAL if _equal(entry, original) else SURVIVED


def _entry_hit(
    entry: Expr, place: tuple[str, int, int], outcome: EqualityOutcome, entries: Entries, tests: int
) -> Hit | None:
    """How the recursion with another entry in one place is refuted by an outcome, one of so many tests."""
    name, i, j = place
    changed = {key: values.copy() for key, values in entries.items()}
    value: float | None
    try:
        changed[name][:, i, j] = _at_steps(entry, _values(outcome), _last_step(outcome))
        value = _iterate(changed, outcome.prediction.component)
    except (ZeroDivisionError, OverflowError, TypeError, ValueError):
        value = None
    return outcome.off_target(value, FAMILY / max(1, tests))


def _values(outcome: Outcome) -> dict[Symbol, float]:
    parameters = outcome.place.parameters
    return {PARAMETERS[name]: value for name, value in parameters.items() if name in PARAMETERS and name != "t"}


def _last_step(outcome: Outcome) -> int:
    return int(outcome.place.parameters["t"])


def _entries(recursion: Recursion, outcome: Outcome) -> Entries:
    """The recursion's entries at the parameters of an outcome."""
    values = _values(outcome)
    steps = _last_step(outcome)
    return {
        name: np.array([_at_steps(cell, values, steps) for cell in matrix]).T.reshape(-1, *matrix.shape)
        for name, matrix in _matrices(recursion).items()
    }


def _at_steps(cell: Expr, values: Mapping[Symbol, float], steps: int) -> FloatArray:
    """One entry at every step."""
    function = sp.lambdify((PARAMETERS["t"], *values), cell, "math")
    if not cell.has(PARAMETERS["t"]):
        return np.full(steps + 1, float(function(0, *values.values())))
    return np.array([float(function(step, *values.values())) for step in range(steps + 1)])


def _iterate(entries: Entries, component: int) -> float:
    """A moment after the last step."""
    state = entries["s_0"][0]
    for matrix, offset in zip(entries["M"][1:], entries["c"][1:], strict=True):
        state = matrix @ state + offset
    return float(state[component, 0])
