"""What a model comes to: a recursion of its error, and the steps that lead to it from the estimator."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Symbol

from nocollapse.theory.recursion import Recursion
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import w

E: Symbol = Symbol("e", nonnegative=True)
"""The expected squared error, the first moment of most recursions."""
q: Expr = (1 - w) ** 2


@dataclass(frozen=True)
class Derivation:
    """A recursion together with the steps that lead to it from the estimators."""

    recursion: Recursion
    steps: tuple[Step, ...]
