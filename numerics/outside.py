"""The checks of claims from outside, and how every worker comes to know these claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nocollapse.numerics.checks import CHECKS
from nocollapse.numerics.checks.entry import CheckEntry, collected
from nocollapse.numerics.execution.preparation import Preparation
from nocollapse.theory.claims import outside
from nocollapse.theory.claims.registry import OWN


def checks() -> dict[str, CheckEntry]:
    """Every check that this process knows: the project's own and those of the loaded sources.

    Raises ValueError for a check of a claim that its source does not state.
    """
    known = dict(CHECKS)
    for names in outside.namespaces():
        own = collected(names)
        stated = {entry.id for entry in outside.entries(names)}
        for identifier, entry in own.items():
            if identifier not in stated:
                raise ValueError(f"there is a check of {identifier!r}, which is stated nowhere beside it")
            known[identifier] = entry
    return known


def without_check(identifiers: Iterable[str]) -> list[str]:
    """Those of these claims that come from outside and have no check."""
    known = checks()
    return [identifier for identifier in identifiers if identifier not in OWN and identifier not in known]


def preparation(sources: Sequence[outside.Source]) -> Preparation | None:
    """What a worker does to know the claims of these sources; None where there are none."""
    if not sources:
        return None
    return Preparation(outside.load, (tuple(sources),), outside.digest(sources))
