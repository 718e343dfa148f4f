"""What comes of a test, one type a kind: each writes its own row, and tells which wrong theory it refutes."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from scipy.special import ndtr

from nocollapse.numerics.checks.design import Prediction
from nocollapse.numerics.protocol.equality import FAMILY, Equality, Status, deviation, quantile, status
from nocollapse.numerics.protocol.sign_tests import ONE_SIDED, OneSided, SignChange

NUMBERS = (
    "estimate",
    "standard_error",
    "replications",
    "margin",
    "power",
    "least_detectable",
    "z",
    "p_value",
    "status",
    "note",
)
"""The keys of a row that depend on the kind of test; None where one does not apply."""


class Hit(NamedTuple):
    """Where a wrong version is refuted, and by how many standard errors: None where that is no number.

    `undefined` says that the version has no finite value there, so that nothing that was simulated had to refute it.
    """

    where: str
    z: float | None = None
    undefined: bool = False


@dataclass(frozen=True)
class Place:
    """What was tested: a quantity of a claim, in a run, at parameters; `ended` trajectories gave no number."""

    claim: str
    run: str
    quantity: str
    parameters: Mapping[str, float]
    ended: int = 0

    @property
    def lost(self) -> str:
        """A note on the trajectories without a number; empty if there are none."""
        return f"{self.ended} trajectories ended without an estimate" if self.ended else ""

    @property
    def sizes(self) -> str:
        """Sizes, weight and step in one line."""
        shown = ("n", "m", "k", "w", "t")
        return ", ".join(f"{name} = {value:.4g}" for name, value in self.parameters.items() if name in shown)


@dataclass(frozen=True)
class Outcome(ABC):
    """One test, with what the report shows of it."""

    place: Place
    test: ClassVar[str]

    @property
    @abstractmethod
    def status(self) -> Status:
        """The verdict of this test alone."""

    @property
    def target(self) -> float | None:
        """The value that theory says; None where it says a sign only."""
        return None

    @property
    def tests_expression(self) -> bool:
        """Whether the claim's published expression can be refuted here."""
        return False

    def refutation(self, value: float | None, level: float) -> Hit | None:
        """How a value of the expression is refuted here at a level; None if it is not. A value may be no number."""
        return None

    @abstractmethod
    def numbers(self) -> dict[str, Any]:
        """Those of `NUMBERS` that apply."""

    def row(self) -> dict[str, Any]:
        """The outcome as plain data."""
        numbers = self.numbers()
        numbers["z"] = numbers["z"] if math.isfinite(numbers["z"]) else None
        return {
            "label": f"run {self.place.run}",
            "run": self.place.run,
            "test": self.test,
            "parameters": dict(self.place.parameters),
            "quantity": self.place.quantity,
            "target": self.target,
            **dict.fromkeys(NUMBERS),
            **numbers,
        }


@dataclass(frozen=True)
class EqualityOutcome(Outcome):
    """A mean, or an extrapolated limit, against a prediction; `adjusted` is its p-value among all of the run."""

    prediction: Prediction
    measured: Equality
    adjusted: float = math.nan
    test: ClassVar[str] = "equality"

    @property
    def status(self) -> Status:
        return status(self.measured, self.adjusted, family=FAMILY)

    @property
    def target(self) -> float:
        return self.prediction.target

    @property
    def tests_expression(self) -> bool:
        return self.prediction.link is not None

    def refutation(self, value: float | None, level: float) -> Hit | None:
        link = self.prediction.link
        if link is None:
            return None
        try:
            target = None if value is None else link(value)
        except ZeroDivisionError:
            target = None
        return self.off_target(target, level)

    def off_target(self, target: float | None, level: float) -> Hit | None:
        """How another target is refuted at a level; None if it is not."""
        if target is None or not np.isfinite(target):
            return Hit(f"no finite value at {self.place.sizes}", undefined=True)
        z, p_value = deviation(self.measured.estimate, self.measured.standard_error, target)
        return Hit(self.place.sizes, float(z)) if p_value < level else None

    def numbers(self) -> dict[str, Any]:
        return {
            "estimate": self.measured.estimate,
            "standard_error": self.measured.standard_error,
            "replications": self.measured.replications,
            "margin": self.measured.margin,
            "power": self.measured.power,
            "least_detectable": self.measured.least_detectable,
            "z": self.measured.z,
            "p_value": self.adjusted,
            "status": self.status,
            "note": self.measured.doubt or self.place.lost,
        }


@dataclass(frozen=True)
class RateOutcome(EqualityOutcome):
    """A rate of growth against a prediction."""

    test: ClassVar[str] = "rate"


@dataclass(frozen=True)
class SignOutcome(Outcome):
    """The sign of a mean."""

    measured: OneSided
    test: ClassVar[str] = "one-sided"

    @property
    def status(self) -> Status:
        return self.measured.status

    def numbers(self) -> dict[str, Any]:
        return {
            "estimate": self.measured.estimate,
            "standard_error": self.measured.standard_error,
            "replications": self.measured.replications,
            "power": _sign_power(self.measured),
            "z": self.measured.z,
            "p_value": self.measured.p_value,
            "status": self.status,
            "note": self.measured.doubt or self.place.lost,
        }


@dataclass(frozen=True)
class BracketOutcome(Outcome):
    """A point of a claim between two others, by the signs on its sides."""

    measured: SignChange
    low: float
    high: float
    point: float
    test: ClassVar[str] = "bracket"

    @property
    def status(self) -> Status:
        return self.measured.status

    @property
    def target(self) -> float:
        return self.point

    @property
    def tests_expression(self) -> bool:
        return self.status == "SUPPORTED"

    def refutation(self, value: float | None, level: float) -> Hit | None:
        if value is None or not np.isfinite(value):
            return Hit(f"no finite value at {self.place.sizes}", undefined=True)
        return None if self.low <= value <= self.high else Hit(f"bracket at {self.place.sizes}")

    def numbers(self) -> dict[str, Any]:
        sides = (self.measured.left, self.measured.right)
        weakest = min(sides, key=lambda side: side.z)
        return {
            "replications": weakest.replications,
            "power": _sign_power(weakest),
            "z": weakest.z,
            "p_value": max(side.p_value for side in sides),
            "status": self.status,
            "note": "; ".join(filter(None, (f"between {self.low:.4g} and {self.high:.4g}", self.place.lost))),
        }


def _sign_power(sign: OneSided) -> float:
    """The chance that a repetition finds the sign, if the truth is the estimate."""
    return float(ndtr(sign.z - quantile(1 - ONE_SIDED)))
