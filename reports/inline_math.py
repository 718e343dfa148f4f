"""Prose with inline formulas between dollar signs, as the verdicts document writes it."""

from __future__ import annotations

import re
from typing import NamedTuple

_PIECE = re.compile(r"(?<!\\)\$([^$]*)(?<!\\)\$")


class Piece(NamedTuple):
    """A stretch of prose: plain text, or the LaTeX of an inline formula."""

    text: str
    is_formula: bool


def pieces(prose: str) -> list[Piece]:
    r"""Split prose into text and inline formulas; `\$` is a dollar sign.

    Raises ValueError naming the prose if a dollar sign has no partner.

    >>> [tuple(piece) for piece in pieces("weight $w$ on real")]
    [('weight ', False), ('w', True), (' on real', False)]
    """
    alternating = _PIECE.split(prose)
    texts = alternating[::2]
    formulas = alternating[1::2]
    if any("$" in text.replace(r"\$", "") for text in texts):
        raise ValueError(f"a dollar sign without a partner in {prose!r}: formulas stand between two of them")
    split = [Piece(texts[0].replace(r"\$", "$"), False)]
    for formula, text in zip(formulas, texts[1:], strict=True):
        split += [Piece(formula, True), Piece(text.replace(r"\$", "$"), False)]
    return [piece for piece in split if piece.text or piece.is_formula]
