"""Design points of the claims about the Gaussian covariance."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np

from nocollapse.numerics.checks.design import Check, Column, Extrapolation, Rate, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import (
    LONG,
    SIGMA,
    SIGMA_3,
    WORDS,
    Parameters,
    covariance_recursion,
    exact_weight,
    gaussian_run,
    mean_recursion,
    published,
    require_gate,
    rounded,
    same,
    settled,
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
from nocollapse.theory.claims.gaussian import at_zero


@check("covariance.error")
def covariance_error() -> Check:
    """Finite steps, the stationary error averaged along trajectories, and the biased divisor."""
    parts = {"covariance": covariance_recursion(), "variance": covariance_recursion()}
    finite = [
        gaussian_run(
            f"ddof1-{n}-{m}",
            "covariance.error",
            parts,
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


STATIONARY = range(40, 80)
"""Steps after the memory has died, averaged along a trajectory into one number a replicate."""


def _stationary(name: str, n: int, m: int, sigma: Sigma, weights: tuple[float, ...]) -> Run:
    """A precise run at the limit: a trajectory's average still is one number, but a less variable one."""
    require_gate(m, weights)
    recursion, at = covariance_recursion(), {"n": n, "m": m, **spectrum(sigma)}
    settings = {"n": n, "m": m, "sigma": sigma, "weights": weights, "steps": tuple(STATIONARY)}
    made = []
    for part, component in (("covariance", 0), ("variance", 1)):
        for weight in weights:
            point = {**at, "t": STATIONARY[0], "w": weight}
            if not settled(recursion, point):
                raise ValueError(f"step {STATIONARY[0]} is not the limit at w = {weight}")
            target = value_at(recursion, point, 1) if component else published("covariance.error", point)
            words = f"{WORDS[part]}, mean of {len(STATIONARY)} steps"
            link = None if component else same
            made.append(Column(words, point, target=target, link=link, recursion=recursion, component=component))
    draw = Averaged(GaussianErrors(("covariance", "variance"), settings), len(STATIONARY), len(weights))
    return Run(name, draw, tuple(made), precision=1 / 4)


@check("covariance.threshold")
def covariance_threshold() -> Check:
    runs = []
    for name, m, scale in (("a", 4, SIGMA), ("b", 9, SIGMA_3), ("c", 25, ((5.0, -1.0), (-1.0, 0.5)))):
        target = _growth(published("covariance.threshold", {"m": m}))
        runs.append(
            Run(
                name,
                OneStepGrowth(m, scale),
                (
                    Column(
                        r"growth of $2\operatorname{tr}R^2 + (\operatorname{tr}R)^2$ in one step",
                        {"m": m},
                        target=target,
                        link=_growth,
                    ),
                ),
            )
        )
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
    sizes = {"n": 10, "m": 10, "t": 200}
    settings = {"n": 10, "m": 10, "sigma": SIGMA, "weights": (0.0,), "steps": (200,), "framework": "fully-synthetic"}
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
    words = r"$\mathbb{E}\log(\operatorname{tr}\Sigma_t/\operatorname{tr}\Sigma)$: a typical run shrinks"
    decay = Run(
        "decay",
        LogTraceDecay(settings),
        (Column(words, {**sizes, **spectrum(SIGMA)}, "negative"),),
    )
    wide = tuple(tuple(float(x) for x in row) for row in np.diag([1.5, 1.0, 0.75, 0.5]) + 0.125)
    m, steps = 30, (100, 150, 200)
    runs = [_explosion(f"explosion-{step}", m, LONG, (step,)) for step in steps]
    growth = Rate(
        r"growth of $\log\mathbb{E}\operatorname{tr}\Sigma_t^2$ a step",
        tuple(run.name for run in runs),
        steps,
        math.log(_growth(published("covariance.threshold", {"m": m}))),
        {"m": m, "w": 0},
    )
    return Check((mean, _explosion("explosion", 100, wide, (10, 200, 1000)), *runs, decay), rates=(growth,))


def _explosion(name: str, m: int, sigma: Sigma, steps: tuple[int, ...]) -> Run:
    """Importance-sampled second moments without real data."""
    recursion = at_zero(covariance_recursion())
    made = []
    for step in steps:
        at = {"n": m, "m": m, "t": step, **spectrum(sigma)}
        target = value_at(recursion, at) + at["frob2"]
        made.append(Column(r"$\mathbb{E}\operatorname{tr}\Sigma_t^2$ by tilting", at, target=target))
    return Run(name, TiltedExplosion(m, sigma, steps), tuple(made), floor=1000)


@check("gaussian.real-only")
def gaussian_real_only() -> Check:
    parts = {"mean": mean_recursion(), "covariance": covariance_recursion()}
    made, identifier = [], "gaussian.real-only"
    for n, m, sigma in ((7, 4, SIGMA_3), (4, 9, SIGMA)):
        run = gaussian_run(f"{n}-{m}", identifier, parts, n=n, m=m, sigma=sigma, weights=(1.0,), steps=(1, 3))
        columns_ = tuple(
            c
            if c.quantity == WORDS["mean"]
            else replace(c, target=published(identifier, dict(c.parameters)), link=same)
            for c in run.columns
        )
        made.append(replace(run, columns=columns_))
    return Check(tuple(made))


@check("covariance.asymptotic")
def covariance_asymptotic() -> Check:
    runs, extrapolations = [], []
    for label, ratio, weight in (("k2", Fraction(2), 0.7), ("k-half", Fraction(1, 2), 0.55)):
        sizes = (24, 48, 96, 192)
        names = []
        for n in sizes:
            m = int(n / ratio)
            name = f"{label}-{n}"
            names.append(name)
            run = gaussian_run(
                name,
                "covariance.asymptotic",
                {"covariance": covariance_recursion()},
                n=n,
                m=m,
                sigma=SIGMA,
                weights=(weight,),
                steps=(24,),
            )
            runs.append(run)
        at: Parameters = {"k": float(ratio), "w": weight, **spectrum(SIGMA)}
        target = published("covariance.asymptotic", at)
        extrapolations.append(Extrapolation(f"$n\\,${WORDS['covariance']} at 1/n = 0", tuple(names), sizes, target, at))
    return Check(tuple(runs), tuple(extrapolations))


@check("gaussian.improvement")
def gaussian_improvement() -> Check:
    """Both errors at w* against those at w = 1, under common random numbers."""
    runs = []
    for n, m, sigma in ((5, 12, SIGMA_3), (5, 4, LONG)):
        best, identifier = rounded(exact_weight("mean.optimal-weight", n, m)), "gaussian.improvement"
        require_gate(m, (best,))
        at: Parameters = {"n": n, "m": m, "t": STATIONARY[0], "w": best, **spectrum(sigma)}
        settings = {"n": n, "m": m, "sigma": sigma, "weights": (best, 1.0), "steps": tuple(STATIONARY)}
        lower = Column("error of the mean at w* minus real-only", at, "negative")
        gain = Column("gain in the error of the covariance", at, target=published(identifier, at), link=same)
        mean = Averaged(GaussianErrors(("mean",), settings), len(STATIONARY), 2)
        covariance = Averaged(GaussianErrors(("covariance",), settings), len(STATIONARY), 2)
        runs += [
            Run(f"mean-{n}-{m}", Differences(mean, np.array([[1.0], [-1.0]])), (lower,)),
            Run(
                f"covariance-{n}-{m}",
                Differences(covariance, np.array([[-1.0], [1.0]])),
                (gain,),
                precision=1 / 2,
            ),
        ]
    return Check(tuple(runs))
