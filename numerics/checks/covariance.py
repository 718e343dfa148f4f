"""Design points of the claims about the Gaussian covariance."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from nocollapse.numerics.checks.design import Check, Column, Extrapolation, Prediction, Rate, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import (
    LONG,
    SIGMA,
    SIGMA_3,
    WORDS,
    Parameters,
    as_published,
    columns,
    covariance_recursion,
    exact_weight,
    gaussian_run,
    mean_recursion,
    published,
    require_gate,
    require_settled,
    rounded,
    spectrum,
    value_at,
)
from nocollapse.numerics.checks.sampling import (
    Averaged,
    Differences,
    GaussianErrors,
    LogTraceDecay,
    OneStepGrowth,
    Sigma,
    TiltedExplosion,
)
from nocollapse.theory.claims.covariance import at_zero

STATIONARY = tuple(range(40, 80))
"""Steps after the memory has died, averaged along a trajectory into one number a replicate."""


@check("covariance.error")
def covariance_error() -> Check:
    """Finite steps, the stationary error averaged along trajectories, and the biased divisor."""
    recursions = {"covariance": covariance_recursion(), "variance": covariance_recursion()}
    finite = [
        gaussian_run(
            f"ddof1-{n}-{m}",
            "covariance.error",
            recursions,
            n=n,
            m=m,
            sigma=sigma,
            weights=weights,
            steps=(1, 3),
            components={"variance": 1},
        )
        for n, m, sigma, weights in ((6, 12, LONG, (0.4, 0.85)), (9, 6, SIGMA_3, (0.65, 0.9)))
    ]
    stationary = [
        _stationary("stationary-5-4", 5, 4, LONG, (0.6, 0.8)),
        _stationary("stationary-4-9", 4, 9, SIGMA, (0.55, 0.75)),
    ]
    biased = gaussian_run(
        "ddof0-5-9",
        "covariance.error",
        {"covariance": covariance_recursion(0)},
        n=5,
        m=9,
        sigma=SIGMA,
        weights=(0.5, 0.8),
        steps=(1, 3, 30),
        ddof=0,
    )
    return Check(
        (*finite, *stationary, biased),
        remark="At w = 0.25 with m = 9 the error is finite but outside the validity gate: no z-test is made there.",
    )


def _stationary(name: str, n: int, m: int, sigma: Sigma, weights: tuple[float, ...]) -> Run:
    """A precise run at the limit: a trajectory's average still is one number, but a less variable one."""
    require_gate(m, weights)
    recursion = covariance_recursion()
    common = {"n": n, "m": m, **spectrum(sigma)}
    points: list[Parameters] = [{**common, "t": STATIONARY[0], "w": weight} for weight in weights]
    for point in points:
        require_settled(recursion, point)
    limits = [as_published("covariance.error", point, recursion) for point in points]
    spreads = [Prediction(value_at(recursion, point, 1), recursion=recursion, component=1) for point in points]
    averages = [
        Column(f"{WORDS[part]}, mean of {len(STATIONARY)} steps", point, prediction)
        for part, predictions in (("covariance", limits), ("variance", spreads))
        for point, prediction in zip(points, predictions, strict=True)
    ]
    settings = {"n": n, "m": m, "sigma": sigma, "weights": weights, "steps": STATIONARY}
    errors = GaussianErrors(("covariance", "variance"), settings)
    return Run(name, Averaged(errors, len(STATIONARY), len(weights)), tuple(averages), precision=1 / 4)


@check("covariance.threshold")
def covariance_threshold() -> Check:
    """The growth in one step from designed states."""
    words = r"growth of $2\operatorname{tr}R^2 + (\operatorname{tr}R)^2$ in one step"
    runs = []
    for name, m, scale in (("a", 4, SIGMA), ("b", 9, SIGMA_3), ("c", 25, ((5.0, -1.0), (-1.0, 0.5)))):
        growth = Prediction(_growth(published("covariance.threshold", {"m": m})), link=_growth)
        runs.append(Run(name, OneStepGrowth(m, scale), (Column(words, {"m": m}, growth),)))
    return Check(
        tuple(runs),
        remark="Divergence itself is proved, not simulated: the one-step growth at designed states is what is tested.",
    )


def _growth(threshold: float) -> float:
    """The growth of the second moments without real data that a threshold on w stands for; nan for no threshold."""
    return (1 - threshold) ** -2 if threshold < 1 else math.nan


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
        math.log(_growth(published("covariance.threshold", {"m": m}))),
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
    words = r"$\mathbb{E}\log(\operatorname{tr}\Sigma_t/\operatorname{tr}\Sigma)$: a typical run shrinks"
    point = {"n": n, "m": m, "t": step, **spectrum(SIGMA)}
    return Run("decay", LogTraceDecay(settings), (Column(words, point, "negative"),))


@check("gaussian.real-only")
def gaussian_real_only() -> Check:
    """Both errors at w = 1, that of the covariance as the claim has it."""
    identifier = "gaussian.real-only"
    steps = (1, 3)
    weights = (1.0,)
    runs = []
    for n, m, sigma in ((7, 4, SIGMA_3), (4, 9, SIGMA)):
        common = {"n": n, "m": m, **spectrum(sigma)}
        means = columns(identifier, mean_recursion(), WORDS["mean"], common, steps, weights)
        points = [column.parameters for column in means]
        covariances = [Column(WORDS["covariance"], point, as_published(identifier, point)) for point in points]
        settings = {"n": n, "m": m, "sigma": sigma, "weights": weights, "steps": steps}
        draw = GaussianErrors(("mean", "covariance"), settings)
        runs.append(Run(f"{n}-{m}", draw, (*means, *covariances)))
    return Check(tuple(runs))


@check("covariance.asymptotic")
def covariance_asymptotic() -> Check:
    """The scaled error, extrapolated in n, at two ratios."""
    sizes = (24, 48, 96, 192)
    runs: list[Run] = []
    extrapolations = []
    for label, ratio, weight in (("k2", Fraction(2), 0.7), ("k-half", Fraction(1, 2), 0.55)):
        series = [
            gaussian_run(
                f"{label}-{n}",
                "covariance.asymptotic",
                {"covariance": covariance_recursion()},
                n=n,
                m=int(n / ratio),
                sigma=SIGMA,
                weights=(weight,),
                steps=(24,),
            )
            for n in sizes
        ]
        runs += series
        point: Parameters = {"k": float(ratio), "w": weight, **spectrum(SIGMA)}
        extrapolations.append(
            Extrapolation(
                f"$n\\,${WORDS['covariance']} at 1/n = 0",
                tuple(run.name for run in series),
                sizes,
                point,
                as_published("covariance.asymptotic", point),
            )
        )
    return Check(tuple(runs), tuple(extrapolations))


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
