"""What nothing here proves: the ruling on a claim that rests on assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from nocollapse.theory.claims.assumption import Assumption
from nocollapse.theory.proof.dependencies import assumptions
from nocollapse.theory.proof.referee import Referee, Ruling


def assumed(named: Sequence[Assumption]) -> Ruling:
    """That a claim rests on some assumptions, by their ids."""
    ids = [one.id for one in named]
    words = "an assumption" if len(ids) == 1 else f"{len(ids)} assumptions"
    return Ruling("ASSUMED", f"it rests on {words} that nothing here proves: {', '.join(ids)}", {"rests_on": ids})


ASSUMPTION: Referee[Sequence[Assumption]] = Referee("assumption", assumed)


def listed(identifiers: Iterable[str]) -> list[dict[str, Any]]:
    """The assumptions of claims as plain data, each with the claims that rest on it, in the order of the first one.

    Raises ValueError where two have one id.
    """
    entries: dict[str, Assumption] = {}
    claims: dict[str, list[str]] = {}
    for identifier in identifiers:
        for one in assumptions(identifier):
            if entries.setdefault(one.id, one) != one:
                raise ValueError(f"two assumptions have the id {one.id!r}: ids are unique")
            claims.setdefault(one.id, []).append(identifier)
    return [vars(one) | {"claims": claims[name]} for name, one in entries.items()]
