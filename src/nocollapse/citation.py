"""The paper that is verified, and which version of it: what the page, the LaTeX and CITATION.cff all name.

It is a leaf: it imports nothing of the project.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """A paper as a reference list has it; `version` is that of the arXiv text whose numbering is used."""

    title: str
    authors: tuple[str, ...]
    journal: str
    year: int
    doi: str
    arxiv: str
    version: str

    @property
    def address(self) -> str:
        """Where the paper is found for good."""
        return f"https://doi.org/{self.doi}"

    @property
    def names(self) -> str:
        """The authors as a sentence has them.

        >>> PAPER.names
        'He, Xu and Cheng'
        """
        return f"{', '.join(self.authors[:-1])} and {self.authors[-1]}"


PAPER = Paper(
    title="Recursive Learning Without Collapse: A Weighting-Based Stabilization Framework",
    authors=("He", "Xu", "Cheng"),
    journal="Journal of the Royal Statistical Society: Series B",
    year=2026,
    doi="10.1093/jrsssb/qkag099",
    arxiv="2502.18049",
    version="v5",
)

RECONSTRUCTED = (
    "The text of the paper was read without its typeset formulas: each published side is reconstructed from its words."
)
