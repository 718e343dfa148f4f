"""How a claim states itself: id, source, one line and how it is built, in the file that builds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from nocollapse.theory.claims.assumption import Assumption
from nocollapse.theory.claims.claim import Claim

Build = Callable[[], Claim]
_ID = re.compile(r"[a-z]+(-[a-z]+)*(\.[a-z]+(-[a-z]+)*)+", re.ASCII)


@dataclass(frozen=True, eq=False)
class Entry:
    """What a claim says of itself before it is built, so that listing claims costs nothing.

    `example` has parameters that suffice for its number, as they are written on a command line; it is None where the
    claim predicts no single number. `uses` are other claims that its steps name, and `rests_on` what they take from
    outside. `ours` tells that the published side is not the paper's. `variant` names which of several assumptions about
    the estimator the claim is made under, as in "ddof=1"; `others` are built under another. Calling the entry builds
    the claim, once.
    """

    id: str
    source: str
    summary: str
    build: Build
    example: tuple[str, ...] | None = None
    uses: tuple[str, ...] = ()
    rests_on: tuple[Assumption, ...] = ()
    ours: bool = False
    variant: str = ""
    others: dict[str, Build] = field(default_factory=dict)
    _claims: dict[str, Claim] = field(default_factory=dict, init=False, repr=False)

    def __call__(self, variant: str | None = None) -> Claim:
        """The claim, or a variant of it; ValueError for one that it does not have.

        >>> from nocollapse.theory.claims.mean import naive
        >>> naive().id
        'mean.naive'
        """
        name = self.variant if variant is None else variant
        build = self._builds().get(name)
        if build is None:
            raise ValueError(self._unknown(name))
        if name not in self._claims:
            self._claims[name] = replace(build(), id=self.id)
        return self._claims[name]

    def variants(self) -> tuple[Claim, ...]:
        """The claim and its variants, its own first."""
        return tuple(self(name) for name in self._builds())

    def under(self, variant: str) -> Callable[[Build], Build]:
        """The decorator of a function that builds a variant of the claim."""

        def add(build: Build) -> Build:
            self.others[variant] = build
            return build

        return add

    @property
    def functions(self) -> tuple[Build, ...]:
        """The functions that build the claim and its variants."""
        return tuple(self._builds().values())

    def _builds(self) -> dict[str, Build]:
        return {self.variant: self.build, **self.others}

    def _unknown(self, variant: str) -> str:
        """Why there is no such variant, as in "ddof=2"."""
        name, _, value = variant.partition("=")
        values = [text for key, _, text in (known.partition("=") for known in self._builds()) if key == name]
        if not values:
            return f"{name} = {value} does not apply to {self.id}"
        return f"{name} = {value} is not one of {', '.join(values)}"


def claim(
    identifier: str,
    *,
    source: str,
    summary: str,
    example: Sequence[str] | None = None,
    uses: Sequence[str] = (),
    rests_on: Sequence[Assumption] = (),
    ours: bool = False,
    variant: str = "",
) -> Callable[[Build], Entry]:
    """The decorator of a function that builds a claim: it makes an `Entry` of it.

    `identifier` is permanent: words of small letters, with hyphens within and at least one dot between them.
    `source` is the place in the paper, `summary` one line of plain text. `example` has "name=value" texts that
    suffice for the number that `nocollapse evaluate` gives, and is left out where the claim predicts none. `uses`
    are the ids of claims that its steps rest on by name, and `rests_on` the assumptions that stand where nothing is
    proved. A claim of the project that the paper does not state is `ours`. Raises ValueError for an id of another form.

    >>> entry = claim("mean.twice", source="An example", summary="Twice the mean.")(lambda: naive())
    >>> entry.id, entry.example
    ('mean.twice', None)
    """
    if not _ID.fullmatch(identifier):
        raise ValueError(
            f"claim id {identifier!r} is not of the form subject.statement: words of small letters, with hyphens "
            "within and a dot between them"
        )
    given = None if example is None else tuple(example)
    named = tuple(rests_on)
    return lambda build: Entry(identifier, source, summary, build, given, tuple(uses), named, ours, variant)


def divisor(ddof: int | None) -> str | None:
    """The variant in which sample covariances have divisor size - ddof; None stands for the claim's own."""
    return None if ddof is None else f"ddof={ddof}"
