"""What a claim takes from outside: a sentence that nothing here proves, by name."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ID = re.compile(r"[a-z]+(-[a-z]+)*", re.ASCII)


@dataclass(frozen=True)
class Assumption:
    """A statement that claims rest on without a certificate: a theorem cited, or an argument in prose.

    `id` is permanent: words of small letters with hyphens between them. `sentence` says what is assumed, in prose with
    formulas between dollars, and `source` where it comes from. `tested_by` says what in the program would notice if it
    were false, and is empty where nothing would. Raises ValueError for an id of another form, and where there is no
    sentence.

    >>> Assumption("smooth-truth", "The truth has a density.", "An example").tested_by
    ''
    """

    id: str
    sentence: str
    source: str
    tested_by: str = ""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(f"assumption id {self.id!r} is not words of small letters with hyphens between them")
        if not self.sentence.strip():
            raise ValueError(f"assumption {self.id!r} says nothing: its sentence is empty")
