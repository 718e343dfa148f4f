"""Findings about the Gaussian statements: where a true sentence is easily misread."""

from __future__ import annotations

import math

import sympy as sp
from scipy.optimize import minimize_scalar

from nocollapse.numerics.checks.expected import covariance_recursion, exact_weight, mean_recursion, published, value_at
from nocollapse.numerics.findings.collapse import DIMENSION, PAPER, ROUND
from nocollapse.numerics.findings.finding import Evidence, Finding, Run
from nocollapse.theory.claims.covariance import RADIUS
from nocollapse.theory.claims.registry import claim_of
from nocollapse.theory.symbols import PARAMETERS, frob2, latex, m, n, trace, w


def divisor(run: Run) -> Finding:
    """Theorem 1's threshold belongs to the unbiased divisor."""
    home = "covariance.error"
    recursion = covariance_recursion(0)
    old = sp.Symbol("u", nonnegative=True)  # 1 - w
    factors = [sp.factor(value.subs(w, 1 - old)).subs(old, 1 - w) for value in recursion.eigenvalues()]
    point = {**PAPER, "w": 0, **ROUND}
    values = {PARAMETERS[name]: sp.Rational(str(value)) for name, value in point.items() if name != "t"}
    where = f"w = 0, $\\Sigma = I/{DIMENSION}$"
    return Finding(
        "divisor",
        "Theorem 1",
        "The collapse threshold belongs to the divisor, not to the Gaussian",
        "Below a weight on real data the covariance's error grows without bound. The estimate of step 0 is called that "
        "of maximum likelihood.",
        "So it is with unbiased covariances, whose error grows by %(unbiased)s a step. With divisor size, the "
        "maximum-likelihood estimate, the factors are %(biased)s. They are below 1 at every weight, so that nothing "
        "diverges; even without real data the error tends to %(limit)s, where $\\Sigma_t = 0$.",
        (
            Evidence("growth a step, divisor size $-\\,1$", f"${latex(RADIUS)}$", "prose", "unbiased", home),
            Evidence("the same, divisor size", ", ".join(f"${latex(f)}$" for f in factors), "prose", "biased", home),
            Evidence(
                f"threshold at m = {PAPER['m']}, divisor size $-\\,1$",
                published("covariance.threshold", point),
                link="covariance.threshold",
            ),
            Evidence(
                f"error at step {PAPER['t']}, {where}, divisor size $-\\,1$",
                value_at(covariance_recursion(), point),
                link=home,
            ),
            Evidence("the same, divisor size", value_at(recursion, point), link=home),
            Evidence("its limit", float(recursion.subs(values).limit()), key="limit", link=home),
        ),
    )


def horizon(run: Run) -> Finding:
    """Remark 3's rate needs synthetic batches of order n (T/log T)^2."""
    home = "mean.floor"
    size = PAPER["n"]
    steps = PAPER["t"]
    weight = math.log(steps) / steps
    needed = math.ceil(size / weight**2)
    error = value_at(mean_recursion(), {"n": size, "m": needed, "t": steps, "w": round(weight, 6), "trace": 1})
    all_kept = 1 / (size * (steps + 1))
    return Finding(
        "horizon",
        "Remark 3",
        "The rate of Remark 3 takes synthetic batches that grow as the square of the horizon",
        "With a weight of order $\\log T/T$ and a large $m$ the error falls as $\\log T/(nT)$.",
        "Large means $k \\le w^2$, that is $m \\ge n(T/\\log T)^2$: %(needed)s synthetic points at every one of "
        "T = %(steps)s steps, for n = %(size)s. The error is then still %(ratio)s times that of simply keeping all "
        "real points.",
        (
            Evidence("real points a step", size, "count", "size"),
            Evidence("steps T", steps, "count", "steps"),
            Evidence("weight $\\log T/T$", weight, link=home),
            Evidence("synthetic points a step", needed, "count", "needed", home),
            Evidence("error at step T over $\\operatorname{tr}\\Sigma$", error, link=home),
            Evidence("with all real points kept: $1/(n(T+1))$", all_kept),
            Evidence("their ratio", error / all_kept, key="ratio"),
        ),
    )


def best_weights(run: Run) -> Finding:
    """At finite n each error has a best weight of its own."""
    size = 20
    values = {n: size, m: size, trace: 1, frob2: sp.Rational(1, DIMENSION)}
    limit = sp.lambdify(w, claim_of("covariance.error").derived.subs(values), "math")
    edge = published("covariance.threshold", {"m": size})
    least = minimize_scalar(limit, bounds=(edge + 1e-6, 1.0), method="bounded", options={"xatol": 1e-9})
    rows = (
        Evidence("points of either kind a step", size, "count", "size"),
        Evidence(
            "best weight of the mean",
            exact_weight("mean.optimal-weight", size, size),
            key="mean",
            link="mean.optimal-weight",
        ),
        Evidence("of the CDF", exact_weight("cdf.optimal-weight", size, size), key="cdf", link="cdf.optimal-weight"),
        Evidence(
            f"of the covariance, $\\Sigma = I/{DIMENSION}$: minimum of the derived limit",
            float(least.x),
            key="covariance",
            link="covariance.error",
        ),
    )
    return Finding(
        "best-weights",
        "Corollary 1(3)-(5), Theorem 3",
        "One best weight for all errors is a statement about large n",
        "The same $w^*$ is optimal for mean, covariance and CDF.",
        "It is exactly so for the mean. With n = m = %(size)s the CDF is best served by %(cdf)s and the "
        "covariance by %(covariance)s, against $w^* = $ %(mean)s; the first is exact, and both tend to $w^*$. At "
        "$w^*$ all three gain.",
        rows,
    )
