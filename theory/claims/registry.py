"""Every claim by its id: the project's own, and those from outside that this process has been given.

The project's own are found in the modules of this folder, and come in the order of `claims.lock`, which is the
paper's. That file keeps ids permanent: `nocollapse.theory.claims.lock` writes it.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from nocollapse.theory.claims.claim import Claim
from nocollapse.theory.claims.entry import Entry
from nocollapse.theory.recursion import Recursion

HOME = Path(__file__).parent
LOCK = HOME / "claims.lock"


def entries(namespace: Mapping[str, object]) -> list[Entry]:
    """The claims that a module states, in its order, those that it imports left out."""
    module = namespace.get("__name__")
    stated = dict.fromkeys(value for value in namespace.values() if isinstance(value, Entry))
    return [entry for entry in stated if entry.build.__module__ == module]


def locked() -> list[str]:
    """The ids of the lock file, in its order."""
    return LOCK.read_text(encoding="utf-8").split()


def by_id(stated: Iterable[Entry]) -> dict[str, Entry]:
    """Entries by their ids; ValueError for an id that occurs twice."""
    ids: dict[str, Entry] = {}
    for entry in stated:
        if entry.id in ids:
            raise ValueError(f"two claims have the id {entry.id!r}: ids are unique")
        ids[entry.id] = entry
    return ids


def _own() -> dict[str, Entry]:
    """The claims of this folder: in the order of the lock, and those that it does not have yet at the end."""
    names = sorted(module.name for module in pkgutil.iter_modules([str(HOME)]))
    modules = [importlib.import_module(f"{__package__}.{name}") for name in names if name != Path(__file__).stem]
    ids = by_id(entry for module in modules for entry in entries(vars(module)))
    order = [identifier for identifier in locked() if identifier in ids]
    return {identifier: ids[identifier] for identifier in dict.fromkeys([*order, *ids])}


OWN: Mapping[str, Entry] = _own()
"""The project's own claims."""
CLAIMS: dict[str, Entry] = dict(OWN)
"""Every claim that this process knows."""


def entry(identifier: str) -> Entry:
    """The entry of an id; ValueError for an unknown one, with the nearest that are known."""
    if identifier not in CLAIMS:
        nearest = ", ".join(difflib.get_close_matches(identifier, CLAIMS, cutoff=0.3))
        raise ValueError(
            f"unknown claim {identifier!r}; {f'the nearest are {nearest}' if nearest else 'none is near'} "
            f"(nocollapse claims lists all {len(CLAIMS)})"
        )
    return CLAIMS[identifier]


def claim_of(identifier: str, variant: str | None = None) -> Claim:
    """The claim with its derivation, or a variant of it.

    >>> claim_of("mean.optimal-weight").derived
    -k/2 + sqrt(k**2 + 4*k)/2
    """
    return entry(identifier)(variant)


def compared_with(identifier: str, variant: str | None = None) -> str:
    """What the derived side of a claim meets: "published", as the paper has it; "ours"; or "user", from outside.

    Variants are the project's own: the paper states none.

    >>> compared_with("mean.error"), compared_with("mean.error", "ddof=0"), compared_with("glm.misspecified")
    ('published', 'ours', 'ours')
    """
    if identifier not in OWN:
        return "user"
    stated = OWN[identifier]
    return "published" if not stated.ours and variant in (None, stated.variant) else "ours"


def recursion_of(identifier: str, variant: str | None = None) -> Recursion:
    """The recursion of a claim; ValueError where it has none.

    >>> recursion_of("glm.error").matrix[0]
    (w - 1)**2
    """
    recursion = claim_of(identifier, variant).recursion
    if recursion is None:
        raise ValueError(f"{identifier} has no recursion")
    return recursion
