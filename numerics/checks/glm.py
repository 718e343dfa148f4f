"""Design points of Theorem 2 and Corollary 2: random-design least squares, extrapolated in n."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np

from numerics.checks.design import Check, Column, Extrapolation, Run
from numerics.checks.draws import Sigma, draw_linear
from numerics.checks.targets import SIGMA, SIGMA_3, published, value_at
from theory.registry import quantity

SIZES = (100, 200, 400, 800)
RATIOS = (("k2", Fraction(2), SIGMA), ("k-quarter", Fraction(1, 4), SIGMA_3))
"""Label, k, and the covariance of the covariates."""


def error() -> Check:
    """n times the error over tr(I^-1) at steps 1 and 20, against 1/n."""
    recursion = quantity("glm.error").recursion
    assert recursion is not None
    runs: list[Run] = []
    found: list[Extrapolation] = []
    for (label, k, omega), weight in zip(RATIOS, (0.6, 0.45), strict=True):
        for step in (1, 20):
            at = {"k": float(k), "w": weight, "t": step}
            made, names = _runs(f"{label}-t{step}", k, omega, weight, step)
            runs += made
            target = published("glm.error", at) if step == 20 else value_at(recursion, at)
            linked = step == 20
            found.append(Extrapolation(_WORDS, names, SIZES, target, at, degree=1, linked=linked, recursion=recursion))
    return Check(tuple(runs), tuple(found))


def naive() -> Check:
    """The same at the naive weight k/(1+k)."""
    runs: list[Run] = []
    found: list[Extrapolation] = []
    for label, k, omega in RATIOS:
        made, names = _runs(label, k, omega, float(k / (1 + k)), 40)
        runs += made
        at = {"k": float(k), "t": 40}
        found.append(Extrapolation(_WORDS, names, SIZES, published("glm.naive", at), at, degree=1))
    return Check(tuple(runs), tuple(found))


_WORDS = "n E|theta_t - theta|^2 / tr(I^-1) at 1/n = 0"


def _runs(label: str, k: Fraction, omega: Sigma, weight: float, step: int) -> tuple[list[Run], tuple[str, ...]]:
    """One run a size, of the error over tr(I^-1), I = Omega. Its own mean is no claim: only the extrapolation is."""
    scale = float(np.trace(np.linalg.inv(np.asarray(omega))))
    runs = []
    for n in SIZES:
        m = int(n / k)
        settings = {"n": n, "m": m, "omega": omega, "weights": (weight,), "steps": (step,)}
        column = Column("|theta_t - theta|^2 / tr(I^-1)", {"n": n, "m": m, "w": weight, "t": step}, "estimate")
        runs.append(Run(f"{label}-{n}", partial(draw_linear, settings=settings, scale=scale), (column,), precision=1.8))
    return runs, tuple(run.name for run in runs)
