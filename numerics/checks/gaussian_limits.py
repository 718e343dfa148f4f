"""What checks of fitted Gaussian models share: one number of a model, extrapolated in n at two settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from nocollapse.numerics.checks.design import Check, Column, Draw, Extrapolation, Run
from nocollapse.numerics.checks.expected import SIGMA, SIGMA_3, limit_prediction
from nocollapse.numerics.checks.sampling import Sigma

SIZES = (100, 200, 400, 800)
STEP = 16
"""By then the memory of step 0 has faded."""
SETTINGS = (("k2", Fraction(2), 0.6, SIGMA), ("k-quarter", Fraction(1, 4), 0.45, SIGMA_3))
"""Label, k, weight and covariance."""


def extrapolated(
    identifier: str,
    quantity: str,
    draw: Callable[..., Draw],
    steps: tuple[int, ...],
    invariants: Callable[[Sigma], Mapping[str, float]],
    *,
    degree: int = 1,
    precision: float = 1.8,
) -> Check:
    """For each setting the limits at two steps: one where the memory has faded, and an early one.

    With three steps the third is what the others are divided by. `invariants` are the numbers of a covariance that the
    claim depends on.
    """
    runs: list[Run] = []
    extrapolations: list[Extrapolation] = []
    for label, k, weight, sigma in SETTINGS:
        series: list[Run] = []
        for n in SIZES:
            m = int(n / k)
            columns = tuple(Column(quantity, {"n": n, "m": m, "w": weight, "t": t}, "estimate") for t in steps)
            errors = draw(n=n, m=m, sigma=sigma, weight=weight, step=STEP)
            series.append(Run(f"{label}-{n}", errors, columns, precision=precision))
        runs += series
        for column, t in enumerate(steps[:2]):
            point = {**invariants(sigma), "k": float(k), "w": weight, "t": t}
            extrapolations.append(
                Extrapolation(
                    f"{quantity} at 1/n = 0",
                    tuple(run.name for run in series),
                    SIZES,
                    point,
                    limit_prediction(identifier, point, late=t == STEP),
                    degree=degree,
                    column=column,
                    ratio=len(steps) == 3,
                )
            )
    return Check(tuple(runs), tuple(extrapolations))
