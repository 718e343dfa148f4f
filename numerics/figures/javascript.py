"""Derived expressions as JavaScript, so that a page computes with what was derived and with nothing else."""

from __future__ import annotations

import re

import sympy as sp
from sympy import Expr

_PLAIN = re.compile(
    r"(?:Math\.(?:pow|sqrt|exp|log)\b|[A-Za-z_]\w*\b(?!\s*[.(])|\d+(?:\.\d+)?(?:e-?\d+)?|[-+*/(), ])+", re.ASCII
)


def javascript(expression: Expr) -> str:
    """An arithmetic expression of sympy's printer, in numbers, the symbols' names, + - * / and four Math functions.

    Raises ValueError for an expression that needs anything else.

    >>> w = sp.Symbol("w")
    >>> javascript(sp.sqrt(w) / 6 - (1 - w)**2)
    '(1/6)*Math.sqrt(w) - Math.pow(1 - w, 2)'
    """
    try:
        text = str(sp.jscode(expression))
    except NotImplementedError:
        text = ""
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"{expression} has no plain JavaScript: {text!r}")
    return text
