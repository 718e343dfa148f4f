"""Design points of the claims about mean and covariance of a Gaussian together."""

from __future__ import annotations

import math

import numpy as np

from nocollapse.numerics.checks.covariance import growth_at
from nocollapse.numerics.checks.design import Check, Column, Prediction, Rate, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import (
    LONG,
    QUANTITIES,
    SIGMA,
    SIGMA_3,
    STATIONARY,
    Parameters,
    as_published,
    columns,
    covariance_recursion,
    exact_weight,
    gaussian_run,
    mean_recursion,
    published,
    require_gate,
    rounded,
    spectrum,
    value_at,
)
from nocollapse.numerics.checks.sampling import (
    Averaged,
    Differences,
    GaussianErrors,
    LogTraceDecay,
    Sigma,
    TiltedExplosion,
)
from nocollapse.theory.claims.gaussian import at_zero


@check("gaussian.fully-synthetic")
def gaussian_fully_synthetic() -> Check:
    """The mean's linear growth, the covariance's explosion by tilting, its rate, and the decay of a typical run."""
    mean = gaussian_run(
        "mean",
        "gaussian.fully-synthetic",
        {"mean": mean_recursion("fully-synthetic")},
        n=5,
        m=6,
        sigma=SIGMA,
        weights=(0.0,),
        steps=(1, 2, 4),
        framework="fully-synthetic",
    )
    wide = tuple(tuple(float(x) for x in row) for row in np.diag([1.5, 1.0, 0.75, 0.5]) + 0.125)
    m = 30
    steps = (100, 150, 200)
    explosions = [_explosion(f"explosion-{step}", m, LONG, (step,)) for step in steps]
    growth = Rate(
        r"growth of $\log\mathbb{E}\operatorname{tr}\Sigma_t^2$ a step",
        tuple(run.name for run in explosions),
        steps,
        math.log(growth_at(published("covariance.threshold", {"m": m}))),
        {"m": m, "w": 0},
    )
    runs = (mean, _explosion("explosion", 100, wide, (10, 200, 1000)), *explosions, _decay())
    return Check(runs, rates=(growth,))


def _explosion(name: str, m: int, sigma: Sigma, steps: tuple[int, ...]) -> Run:
    """Importance-sampled second moments without real data."""
    recursion = at_zero(covariance_recursion())
    moments = []
    for step in steps:
        point = {"n": m, "m": m, "t": step, **spectrum(sigma)}
        moment = Prediction(value_at(recursion, point) + point["frob2"])
        moments.append(Column(r"$\mathbb{E}\operatorname{tr}\Sigma_t^2$ by tilting", point, moment))
    return Run(name, TiltedExplosion(m, sigma, steps), tuple(moments), floor=1000)


def _decay() -> Run:
    """Ordinary trajectories without real data."""
    n = m = 10
    step = 200
    settings = {
        "n": n,
        "m": m,
        "sigma": SIGMA,
        "weights": (0.0,),
        "steps": (step,),
        "framework": "fully-synthetic",
    }
    quantity = r"$\mathbb{E}\log(\operatorname{tr}\Sigma_t/\operatorname{tr}\Sigma)$: a typical run shrinks"
    point = {"n": n, "m": m, "t": step, **spectrum(SIGMA)}
    return Run("decay", LogTraceDecay(settings), (Column(quantity, point, "negative"),))


@check("gaussian.real-only")
def gaussian_real_only() -> Check:
    """Both errors at w = 1, that of the covariance as the claim has it."""
    identifier = "gaussian.real-only"
    steps = (1, 3)
    weights = (1.0,)
    runs = []
    for n, m, sigma in ((7, 4, SIGMA_3), (4, 9, SIGMA)):
        common = {"n": n, "m": m, **spectrum(sigma)}
        means = columns(identifier, mean_recursion(), QUANTITIES["mean"], common, steps, weights)
        points = [column.parameters for column in means]
        covariances = [Column(QUANTITIES["covariance"], point, as_published(identifier, point)) for point in points]
        settings = {"n": n, "m": m, "sigma": sigma, "weights": weights, "steps": steps}
        draw = GaussianErrors(("mean", "covariance"), settings)
        runs.append(Run(f"{n}-{m}", draw, (*means, *covariances)))
    return Check(tuple(runs))


@check("gaussian.improvement")
def gaussian_improvement() -> Check:
    """Both errors at w* against those at w = 1, under common random numbers."""
    runs: list[Run] = []
    for n, m, sigma in ((5, 12, SIGMA_3), (5, 4, LONG)):
        best = rounded(exact_weight("mean.optimal-weight", n, m))
        require_gate(m, (best,))
        point: Parameters = {"n": n, "m": m, "t": STATIONARY[0], "w": best, **spectrum(sigma)}
        settings = {"n": n, "m": m, "sigma": sigma, "weights": (best, 1.0), "steps": STATIONARY}
        mean = Averaged(GaussianErrors(("mean",), settings), len(STATIONARY), 2)
        covariance = Averaged(GaussianErrors(("covariance",), settings), len(STATIONARY), 2)
        gain = as_published("gaussian.improvement", point)
        runs += [
            Run(
                f"mean-{n}-{m}",
                Differences(mean, np.array([[1.0], [-1.0]])),
                (Column("error of the mean at w* minus real-only", point, "negative"),),
            ),
            Run(
                f"covariance-{n}-{m}",
                Differences(covariance, np.array([[-1.0], [1.0]])),
                (Column("gain in the error of the covariance", point, gain),),
                precision=1 / 2,
            ),
        ]
    return Check(tuple(runs))
