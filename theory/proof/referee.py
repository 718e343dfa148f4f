"""What a kind of evidence is: a referee, who rules on a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Judged = TypeVar("Judged")


@dataclass(frozen=True)
class Ruling:
    """What a referee says of a claim.

    `status` is PROVED, SUPPORTED, ASSUMED, INCONCLUSIVE or REFUTED, `reason` is a sentence, and `evidence` is plain
    data under the keys that the kind adds to a verdict.
    """

    status: str
    reason: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True)
class Referee(Generic[Judged]):
    """One kind of evidence: `judge` looks at a case (a claim's variants, say, or its simulations) and rules."""

    kind: str
    judge: Callable[[Judged], Ruling]

    def verdict(self, identifier: str, case: Judged) -> dict[str, Any]:
        """The ruling on a claim as plain data."""
        ruling = self.judge(case)
        return {
            "claim": identifier,
            "kind": self.kind,
            "status": ruling.status,
            "reason": ruling.reason,
            **ruling.evidence,
        }
