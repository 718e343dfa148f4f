"""Design points of what Definition 1 says of the frameworks, and of the benchmark that keeps all real data."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from nocollapse.numerics.checks.design import Check, Column, Extrapolation, Prediction, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import (
    QUANTITIES,
    SIGMA,
    SIGMA_3,
    Parameters,
    as_published,
    exact_weight,
    require_gate,
    rounded,
    spectrum,
    value_at,
)
from nocollapse.numerics.checks.sampling import GaussianErrors, KeptMeanErrors, Minus, Sigma, Summed
from nocollapse.theory.models.kept_data import PAST, Accumulated, accumulated, augmented
from nocollapse.theory.symbols import frob2, m, n, trace

SIZES = (24, 48, 96, 192)


@check("framework.collapse")
def collapse() -> Check:
    """The scaled error with fresh data, extrapolated in n, and the covariance of the two frameworks that reuse data."""
    series: list[Run] = []
    extrapolations = []
    quantity = f"{QUANTITIES['mean']} + {QUANTITIES['covariance']}"
    for label, ratio, weight in (("k2", Fraction(2), 0.7), ("k-half", Fraction(1, 2), 0.55)):
        names = []
        for size in SIZES:
            synthetic = int(size / ratio)
            require_gate(synthetic, (weight,))
            settings = {"n": size, "m": synthetic, "sigma": SIGMA, "weights": (weight,), "steps": (24,)}
            draw = Summed(GaussianErrors(("mean", "covariance"), settings))
            column = Column(quantity, {"n": size, "m": synthetic, "w": weight, "t": 24}, "estimate")
            names.append(f"{label}-{size}")
            series.append(Run(names[-1], draw, (column,)))
        point: Parameters = {"k": float(ratio), "w": weight, **spectrum(SIGMA)}
        limit = as_published("framework.collapse", point)
        extrapolations.append(Extrapolation(f"$n\\,$({quantity}) at 1/n = 0", tuple(names), SIZES, point, limit))
    reused = [_augmentation(9, 14, SIGMA_3, 0.55), _accumulation(4, 9, SIGMA), _accumulation(7, 3, SIGMA_3)]
    return Check((*series, *reused), tuple(extrapolations))


def _augmentation(real: int, synthetic: int, sigma: Sigma, weight: float) -> Run:
    """The covariance with the first real batch at every step."""
    require_gate(synthetic, (weight,))
    recursion = augmented().recursion
    steps = (1, 3, 20)
    settings = {
        "n": real,
        "m": synthetic,
        "sigma": sigma,
        "weights": (weight,),
        "steps": steps,
        "framework": "augmentation",
    }
    points = [{"n": real, "m": synthetic, "w": weight, "t": t, **spectrum(sigma)} for t in steps]
    expected = [Column(QUANTITIES["covariance"], point, Prediction(value_at(recursion, point))) for point in points]
    return Run(f"augmentation-{real}-{synthetic}", GaussianErrors(("covariance",), settings), tuple(expected))


def _accumulation(real: int, synthetic: int, sigma: Sigma) -> Run:
    """The covariance of all points so far, with divisor size."""
    pooled = accumulated()
    steps = (1, 3, 40)
    settings = {
        "n": real,
        "m": synthetic,
        "sigma": sigma,
        "weights": (1.0,),
        "steps": steps,
        "framework": "accumulation",
        "ddof": 0,
    }
    points = [{"n": real, "m": synthetic, "w": 1.0, "t": t, **spectrum(sigma)} for t in steps]
    expected = [Column(QUANTITIES["covariance"], point, Prediction(_pooled_error(pooled, point))) for point in points]
    return Run(f"accumulation-{real}-{synthetic}", GaussianErrors(("covariance",), settings), tuple(expected))


def _pooled_error(pooled: Accumulated, point: Parameters) -> float:
    """The error of the pooled covariance at a step, from the derived factors of its three moments."""
    real = int(point["n"])
    synthetic = int(point["m"])
    square = sp.Rational(str(point["frob2"]))
    truth = {n: real, m: synthetic, trace: sp.Rational(str(point["trace"])), frob2: square}
    mean, total, spread = (start.subs(truth) for start in pooled.start)
    for step in range(int(point["t"])):
        sizes = {PAST: real + step * synthetic, m: synthetic}
        mean *= pooled.mean.subs(sizes)
        total *= pooled.total.subs(sizes)
        spread *= pooled.spread.subs(sizes)
    return float((total - spread) / 3 - 2 * square * mean + square)


@check("framework.kept")
def kept() -> Check:
    """The error at several steps, and weighted schemes above it."""
    runs: list[Run] = []
    for real, synthetic, sigma in ((3, 8, SIGMA), (5, 4, SIGMA_3)):
        steps = (1, 3, 8)
        points: list[Parameters] = [{"n": real, "t": t, **spectrum(sigma)} for t in steps]
        expected = [as_published("framework.kept", point) for point in points]
        columns = [Column(QUANTITIES["mean"], *row) for row in zip(points, expected, strict=True)]
        runs.append(Run(f"kept-{real}", KeptMeanErrors({"n": real, "sigma": sigma, "steps": steps}), tuple(columns)))
        best = rounded(exact_weight("mean.optimal-weight", real, synthetic))
        settings = {"n": real, "m": synthetic, "sigma": sigma, "weights": (best,), "steps": (3,)}
        late: Parameters = {**points[1], "m": synthetic, "w": best}
        excess = Column("error at w* minus that of all real data kept", late, "positive")
        weighted = Minus(GaussianErrors(("mean",), settings), expected[1].target)
        runs.append(Run(f"weighted-{real}-{synthetic}", weighted, (excess,)))
    return Check(tuple(runs))
