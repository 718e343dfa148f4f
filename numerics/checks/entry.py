"""A check under its claim's id: the decorator that joins them, and the search for what was decorated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nocollapse.numerics.checks.design import Check


@dataclass(frozen=True)
class CheckEntry:
    """The id of a claim, and the function that builds its check. Calling the entry builds the check."""

    id: str
    build: Callable[[], Check]

    def __call__(self) -> Check:
        """The check."""
        return self.build()


def check(identifier: str) -> Callable[[Callable[[], Check]], CheckEntry]:
    """Make of the function that builds a check the entry of the claim with this id. Nothing else remembers it.

    >>> @check("mean.error")
    ... def mean_error() -> Check:
    ...     return Check(runs=())
    >>> mean_error.id, mean_error()
    ('mean.error', Check(runs=(), extrapolations=(), rates=(), tables=(), figures=(), remark=''))
    """

    def entry(build: Callable[[], Check]) -> CheckEntry:
        return CheckEntry(identifier, build)

    return entry


def collected(*namespaces: Mapping[str, object]) -> dict[str, CheckEntry]:
    """The entries among the values of namespaces (a module's `vars`, say), by the ids of their claims.

    An entry may have several names. Raises ValueError where two entries have one id.
    """
    entries: dict[str, CheckEntry] = {}
    for namespace in namespaces:
        for value in namespace.values():
            if isinstance(value, CheckEntry) and entries.setdefault(value.id, value) is not value:
                raise ValueError(f"{value.id} has two checks: leave one of them")
    return entries
