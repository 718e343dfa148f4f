"""What is told about the weight at sizes n and m: numbers and closed forms that print on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any


@dataclass(frozen=True)
class Advice:
    """The best constant weight on real data at sizes n and m, and what it gains; printing it shows all on one screen.

    Weights are on real data; errors are limits in the number of steps, of ``claim`` at ``parameters``. The best weight
    has 17 certain ``digits``, an ``exact`` form and a ``formula`` in letters (None where there is none), and is a root
    of the irreducible ``polynomial`` (None where that is too long). Real data only need ``equivalent`` points for the
    same error; weights between ``better_above`` and 1 have a smaller error than they. The error diverges at or below
    ``collapse``, or never where that is None. From step ``steps`` on it is within 1 percent of its limit.
    """

    model: str
    n: int
    m: int
    claim: str
    parameters: Mapping[str, str] = field(hash=False)
    assumed: tuple[str, ...]
    weight: float
    digits: str
    exact: str | None
    formula: str | None
    polynomial: str | None
    degree: int
    error: float
    real_only: float
    naive: float
    naive_weight: float
    equivalent: float
    within_1_percent: tuple[float, float]
    within_5_percent: tuple[float, float]
    better_above: float
    collapse: float | None
    steps: int

    @property
    def saved_over_real_only(self) -> float:
        """The share of the error of real data only that the best weight saves."""
        return 1 - self.error / self.real_only

    @property
    def saved_over_naive(self) -> float:
        """The share of the error of naive mixing that the best weight saves."""
        return 1 - self.error / self.naive

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain data, for JSON."""
        saved = {"saved_over_real_only": self.saved_over_real_only, "saved_over_naive": self.saved_over_naive}
        return asdict(self) | saved

    def __str__(self) -> str:
        rows = list(self._rows())
        width = max(len(name) for name, _ in rows)
        return "\n".join([*self._heading(), "", *(f"{name:<{width}}  {text}" for name, text in rows)])

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in self._rows())
        return f"<table><caption>{escape(' '.join(self._heading()))}</caption><tbody>{rows}</tbody></table>"

    def _heading(self) -> tuple[str, ...]:
        return f"{self.model}: n = {self.n} real and m = {self.m} synthetic points a step.", *self.assumed

    def _rows(self) -> Iterator[tuple[str, str]]:
        """What is shown, by name."""
        yield "best weight on real data", self.digits
        yield "exactly", self.exact or f"a root of a polynomial of degree {self.degree}; all digits are certain"
        if self.formula is not None:
            yield "in letters", self.formula
        yield "error at the best weight", f"{self.error:.6g}"
        yield "error of real data only", f"{self.real_only:.6g}; {_saved(self.saved_over_real_only)}"
        at = f"{self.naive:.6g} at w = {_short(self.naive_weight)}"
        yield "error of naive mixing", f"{at}; {_saved(self.saved_over_naive)}"
        yield "as good as", f"{self.equivalent:.1f} real points a step, and no synthetic ones"
        yield "within 1 % of the best", _band(*self.within_1_percent)
        yield "within 5 % of the best", _band(*self.within_5_percent)
        yield "better than real data only", f"above w = {_short(self.better_above)}, and below 1"
        yield "collapse", _collapse(self.collapse)
        yield "within 1 % of the limit", f"from step {self.steps} on, at the best weight"


def _short(weight: float) -> str:
    """A weight in 6 digits, or in more where these would not tell it from 1."""
    text = f"{weight:.6g}"
    return text if text != "1" else f"{weight:.15g}"


def _saved(share: float) -> str:
    return f"the best weight saves {100 * share:.1f} %"


def _band(low: float, high: float) -> str:
    return f"w from {_short(low)} to {_short(high)}"


def _collapse(weight: float | None) -> str:
    """Where the error diverges, in words."""
    if weight is None:
        return "never, but at w = 0 all that real data told is lost"
    return f"at or below w = {_short(weight)}" if weight else "only at w = 0"
