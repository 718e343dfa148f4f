"""The scale of an exponential distribution, fitted again and again: a model of one's own, from letter to figure.

    nocollapse verify --claims examples/scale.py --effort quick --out scale
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from nocollapse import (
    Check,
    Claim,
    ErrorAgainstWeight,
    Inequality,
    Letter,
    Step,
    Stream,
    affine,
    check,
    claim,
    solution,
    weighted_error,
)
from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.expected import error_run
from nocollapse.numerics.simulation.arguments import framework_weights, integer, recorded_steps
from nocollapse.theory.models.derivation import E, q
from nocollapse.theory.symbols import m, n, w

# --- its letter ------------------------------------------------------------------------------------------------------

theta = sp.Symbol("theta", positive=True)
THETA = Letter(theta, "scale of the exponential distribution")

# --- from one-step moments to a claim --------------------------------------------------------------------------------

LIMIT = theta**2 * (w**2 / n + q / m) / (1 - q * (1 + 1 / m))


@claim(
    "scale.error",
    source="New beside the paper",
    summary="The error of an exponential distribution's scale, which has a threshold and a best weight above w*.",
    example=("n=30", "m=20", "w=0.4", "theta=2"),
)
def scale_error() -> Claim:
    """The squared error of theta_t: its recursion, its limit, where that is finite and where it is least."""
    x = sp.Symbol("x", positive=True)
    gap = sp.Symbol("Delta", real=True)
    second = sp.integrate(x**2 * sp.exp(-x / theta) / theta, (x, 0, sp.oo))
    real, synthetic, square = weighted_error(theta, second, gap, E)
    recursion = affine((E,), [square], [real])
    limit = recursion.fixed_point()[0]
    where = {n: sp.Integer(3), m: sp.Integer(5)}
    fades = m - (m + 1) * q
    root = (m + 1) * w**2 + (n - 1) * w - n
    best = (sp.sqrt((n + 1) ** 2 + 4 * m * n) + 1 - n) / (2 * (m + 1))
    domain = (n >= 2, m >= 2, w > 0, w <= 1)
    return Claim(
        left=sp.Symbol(r"\lim_{t\to\infty}\mathbb{E}(\theta_t-\theta)^2"),
        published=LIMIT,
        derived=limit,
        assumptions=(
            r"$\theta_0 = \bar x_0$, $\theta_t = w\bar x_t + (1-w)\bar y_t$, and $\Delta = \theta_{t-1} - \theta$.",
            r"$n$ draws of $\mathrm{Exp}(\theta)$, $m$ of $\mathrm{Exp}(\theta_{t-1})$; $(1-w)^2(m+1) < m$.",
        ),
        steps=(
            Step("The real mean has", real, theta**2 / n, label=r"\mathbb{E}(\bar x-\theta)^2"),
            Step("The other,", synthetic, gap**2 + (theta + gap) ** 2 / m, label=r"\mathbb{E}_\Delta(\bar y-\theta)^2"),
            Step("Together,", square, w**2 * theta**2 / n + q * (E + (theta**2 + E) / m), label="e_t"),
            *solution(recursion),
            Step("The limit is finite above", recursion.threshold(w, where), 1 - sp.sqrt(m / (m + 1)), label="w"),
            Step("Its slope has one root,", sp.diff(limit, w), 2 * m * theta**2 * root / (n * fades**2), label="e'"),
            Step("the best weight:", recursion.optimum(w, where), best, label="w^*"),
        ),
        inequalities=(Inequality("each step adds noise", w**2 / n + q / m, domain),),
        obligations=(Inequality("the best weight has a limit", fades, (*domain, sp.Eq(root, 0))),),
        not_said="At or below the threshold the error diverges. Other estimators of the scale have other errors.",
        recursion=recursion,
        start=(theta**2 / n,),
    )


# --- its simulators --------------------------------------------------------------------------------------------------


def simulate(
    stream: Stream, part: range, *, theta: float, n: int, m: int, weights: tuple[float, ...], steps: tuple[int, ...]
) -> FloatArray:
    """Simulates (theta_t - theta)^2, (R, S, W), for theta > 0 from batch means alone: Gamma(size)/size each."""
    n = integer("n", n, 2)
    m = integer("m", m, 2)
    w = framework_weights("fresh", weights)
    recorded = recorded_steps(steps)
    last = recorded[-1]
    real = np.empty((len(part), last + 1, 1))
    growth = np.empty((len(part), last + 1, 1))
    for row, replicate in enumerate(part):
        rng = stream.generator(replicate)
        real[row, :, 0] = rng.standard_gamma(n, last + 1) / n
        growth[row, :, 0] = rng.standard_gamma(m, last + 1) / m
    fitted = [theta * real[:, 0] + 0 * w]
    for t in range(1, last + 1):
        fitted.append(w * theta * real[:, t] + (1 - w) * growth[:, t] * fitted[-1])
    return np.asarray((np.stack(fitted, axis=1)[:, recorded] - theta) ** 2)


def simulate_plain(stream: Stream, part: range, *, theta: float, n: int, m: int, w: float, t: int) -> FloatArray:
    """Simulates the same, (R,), at one weight and step, point by point: slow, readable, the same law."""
    errors = np.empty(len(part))
    for row, replicate in enumerate(part):
        rng = stream.generator(replicate)
        fitted = rng.exponential(theta, n).mean()
        for _ in range(t):
            fitted = w * rng.exponential(theta, n).mean() + (1 - w) * rng.exponential(fitted, m).mean()
        errors[row] = (fitted - theta) ** 2
    return errors


# --- where both meet -------------------------------------------------------------------------------------------------


@check("scale.error")
def design_points() -> Check:
    """Early steps, and the limit averaged over late ones; theta is 2 and 1/2, where its powers differ."""
    words = r"$\mathbb{E}(\theta_t-\theta)^2$"
    early = error_run("scale.error", words, simulate, {"n": 3, "m": 7, "theta": 2.0}, (0.45, 0.8), (1, 3))
    late = error_run(
        "scale.error", words, simulate, {"n": 5, "m": 3, "theta": 0.5}, (0.5, 0.8), range(20, 60), averaged=True
    )
    figure = ErrorAgainstWeight("scale", "limit", simulate, {"n": 20, "m": 40, "theta": 1.0})
    return Check((early, late), figures=(figure,))
