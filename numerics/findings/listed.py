"""What was found wrong or delicate in the paper, each with its evidence: numbers of this run or of the theory.

A finding appears in the runs that check one of its claims. Its sentences hold no numbers: they name rows of the
evidence, as in `%(exact)s`, and whoever prints them puts the values in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import cast

from nocollapse.document import FindingEntry
from nocollapse.numerics.findings.collapse import definition, heavy_mean, heavy_tail
from nocollapse.numerics.findings.experiments import REGRESSIONS, adult_rows, finite_size, inverse_ratio, misspecified
from nocollapse.numerics.findings.finding import Finding, Run
from nocollapse.numerics.findings.gaussian import best_weights, divisor, horizon


def findings(chosen: Sequence[str], run: Run) -> list[FindingEntry]:
    """The findings about the chosen claims, as plain data; those whose claims this run did not simulate are left out.

    Raises `MissingEvidence` if it did, and has not what the finding is made of.
    """
    written = [write(run) for write, about in FINDINGS if set(about) & set(chosen)]
    return [_entry(finding) for finding in written if finding is not None]


def _entry(finding: Finding) -> FindingEntry:
    entry = asdict(finding)
    return cast(FindingEntry, {**entry, "evidence": list(entry["evidence"])})


FINDINGS: tuple[tuple[Callable[[Run], Finding | None], tuple[str, ...]], ...] = (
    (heavy_tail, ("gaussian.fully-synthetic",)),
    (heavy_mean, ("gaussian.fully-synthetic",)),
    (misspecified, ("glm.misspecified",)),
    (divisor, ("covariance.error",)),
    (definition, ("covariance.threshold",)),
    (inverse_ratio, ("mean.optimal-weight",)),
    (finite_size, tuple(REGRESSIONS)),
    (adult_rows, ("pmf.error",)),
    (horizon, ("mean.floor",)),
    (best_weights, ("cdf.optimal-weight",)),
)
"""Each finding with the claims that it is about, in the order in which they are told."""
