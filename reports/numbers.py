"""Numbers as a reader wants them: an estimate to the digits its standard error supports."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from nocollapse.document import EvidenceEntry, Form, MutantsVerdict

ABSENT = "–"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MOST_DECIMALS = 7


def number(value: float | None, digits: int = 6) -> str:
    """A number to the given significant digits, with a true minus and powers of ten; a dash for None.

    >>> number(-0.25), number(2.4e8), number(None)
    ('−0.25', '2.4×10⁸', '–')
    """
    return ABSENT if value is None else _typeset(f"{value:.{digits}g}")


def measured(value: float | None, error: float | None) -> str:
    """A value to the second significant digit of its standard error.

    >>> measured(0.00987123, 0.0000312), measured(2.4132e8, 1.7e6)
    ('0.009871', '2.413×10⁸')
    """
    if value is None or not error or not error > 0:
        return number(value)
    decimals = 1 - math.floor(math.log10(error))
    if 0 <= decimals <= _MOST_DECIMALS:
        return _typeset(f"{value:.{decimals}f}")
    exponent = math.floor(math.log10(abs(value))) if value else 0
    return _typeset(f"{value:.{max(exponent + decimals, 0)}e}")


def fixed(value: float | None, decimals: int = 2) -> str:
    """A number with a fixed count of decimals, so that a column lines up, up to a million; a dash for None.

    >>> fixed(-1.2345), fixed(2.5e9)
    ('−1.23', '2.5×10⁹')
    """
    return number(value, 3) if value is None or abs(value) >= 1e6 else _typeset(f"{value:.{decimals}f}")


def percent(value: float | None) -> str:
    """A share as a percentage; one that is not quite 0 or 1 is never shown as if it were.

    >>> percent(0.02), percent(0.9994), percent(0.99999)
    ('2 %', '99.94 %', '> 99.99 %')
    """
    if value is None:
        return ABSENT
    if 0.9999 < value < 1:
        return "> 99.99 %"
    return _typeset(f"{100 * value:.4g}") + " %"


def p_value(value: float | None) -> str:
    """A p-value to two significant digits, bounded below by 0.0001.

    >>> p_value(0.0312), p_value(1e-9), p_value(1.0)
    ('0.031', '< 0.0001', '1.00')
    """
    if value is None:
        return ABSENT
    if value < 1e-4:
        return "< 0.0001"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def count(value: int | None) -> str:
    """A whole number with its thousands set apart.

    >>> count(20000)
    '20 000'
    """
    return ABSENT if value is None else f"{value:,}".replace(",", " ")


def kills(verdict: MutantsVerdict) -> str:
    """By what the wrong versions of a claim were killed, and the closest call, in one phrase."""
    killed = verdict["killed"]
    closest = verdict["closest"]
    call = "" if closest is None else f", the closest at |z| = {fixed(closest)}"
    parts = (
        (killed["simulated"], f"by a simulation{call}"),
        (killed["derived"], "by the derived side, as nothing is simulated"),
        (killed["undefined"], "as they have no finite value"),
    )
    return "; ".join(f"{number} {words}" for number, words in parts if number) or "none"


FORMS: dict[Form, Callable[[Any], str]] = {
    "number": lambda value: number(value, 4),
    "count": count,
    "percent": lambda value: _typeset(f"{100 * value:.3g}") + "\u00a0%",
    "prose": str,
}
"""How the values of a finding's evidence are written, by the name of their form."""


def value(row: EvidenceEntry) -> str:
    """The value of one row of a finding's evidence, as prose."""
    return FORMS[row["form"]](row["value"])


def completed(sentence: str, evidence: Iterable[EvidenceEntry]) -> str:
    """A finding's sentence, with the values of its evidence where it names them."""
    return sentence % {row["key"]: value(row) for row in evidence if row["key"]}


def _typeset(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    sign = mantissa.replace("-", "−")
    return sign if not exponent else f"{sign}×10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
