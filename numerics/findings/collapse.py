"""Findings about collapse in the Gaussian: what no simulation of moderate size sees, and what the word means."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from nocollapse.numerics.checks.expected import covariance_recursion, mean_recursion, published, value_at
from nocollapse.numerics.findings.finding import Evidence, Finding, Run, point_evidence
from nocollapse.numerics.simulation import gaussian
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.claims.registry import claim_of
from nocollapse.theory.symbols import latex

PAPER = {"n": 100, "m": 100, "t": 1000}
"""Sizes and steps of Scenario 1, which also has 1000 replications and p = 4."""
REPLICATIONS = 1000
DIMENSION = 4
ROUND = {"trace": 1, "frob2": 1 / DIMENSION}
"""Traces of Sigma = I/4."""
_HOME = "gaussian.fully-synthetic"
_WHERE = f"n = m = {PAPER['n']}, p = {DIMENSION}, step {PAPER['t']}"
_TILTED = "by importance sampling: estimate of $\\mathbb{E}\\operatorname{tr}\\Sigma_t^2$"


@cache
def _trajectories(seed: int) -> gaussian.GaussianErrors:
    """Ordinary runs without real data, as many and as long as the paper's."""
    return gaussian.simulate(
        Stream(seed, "finding/heavy-tail"),
        range(REPLICATIONS),
        n=PAPER["n"],
        m=PAPER["m"],
        sigma=np.eye(DIMENSION) / DIMENSION,
        weights=(0.0,),
        steps=(PAPER["t"],),
        framework="fully-synthetic",
    )


def heavy_tail(run: Run) -> Finding:
    """Corollary 1(1): the expectation explodes, and no simulation of moderate size sees it."""
    recursion = covariance_recursion()
    identity = {"trace": DIMENSION, "frob2": DIMENSION}
    exact = value_at(recursion, {**PAPER, "w": 0, **ROUND})
    exact_identity = value_at(recursion, {**PAPER, "w": 0, **identity})
    errors = _trajectories(run.seed).covariance[:, 0, 0]
    decay = run.points(_HOME, run="decay")
    tilted = [point for point in run.points(_HOME, run="explosion") if point["parameters"]["t"] == PAPER["t"]]
    return Finding(
        "heavy-tail",
        "Corollary 1(1), Figure 7",
        "The covariance's divergence is real, and invisible to the paper's own simulation",
        "Without real data the covariance's error diverges; averages over replications are shown as the evidence.",
        "The exact error is %(exact)s, but %(replications)s plain trajectories average %(plain)s. Their median is "
        "%(median)s, which is $\\operatorname{tr}(\\Sigma^2)$: a typical run has collapsed to $\\Sigma_t = 0$, and the "
        "expectation is carried by runs too rare to be drawn. Both limits hold together; only importance sampling "
        "shows the first.",
        (
            Evidence(f"exact error, $\\Sigma = I/{DIMENSION}$, {_WHERE}", exact, key="exact", link=_HOME),
            Evidence("exact error, $\\Sigma = I$, the same sizes", exact_identity, link=_HOME),
            Evidence("plain trajectories, as many as the paper has", REPLICATIONS, "count", "replications"),
            Evidence("their mean error", float(errors.mean()), key="plain"),
            Evidence("their median error", float(np.median(errors)), key="median"),
            *(point_evidence(_TILTED, point, _HOME) for point in tilted),
            *(point_evidence(point["quantity"], point, _HOME) for point in decay),
        ),
    )


def heavy_mean(run: Run) -> Finding:
    """Corollary 1(1) for the mean: right on average, and an average of a thousand runs says little about it.

    Given the covariances, mu_t is N(mu, C) with C no less than Sigma_{t-1}/m, and so the variance of its squared error
    is no less than 2 E tr C^2, hence than 2 E tr Sigma_{t-1}^2 / m^2.
    """
    before = {**PAPER, "t": PAPER["t"] - 1, "w": 0, **ROUND}
    spread = 2 * (value_at(covariance_recursion(), before) + ROUND["frob2"]) / PAPER["m"] ** 2
    exact = value_at(mean_recursion("fully-synthetic"), {**PAPER, **ROUND})
    errors = _trajectories(run.seed).mean[:, 0, 0]
    return Finding(
        "heavy-mean",
        "Corollary 1(1), Figure 7",
        "The mean's linear growth is carried by rare runs too",
        "The averaged error of the mean grows with $t$, within 95 % intervals.",
        "The exact error is %(exact)s, the median of %(replications)s plain trajectories %(median)s: as $\\Sigma_t$ "
        "shrinks a typical mean stops moving, and %(share)s of the runs lie above the expectation. Their average, "
        "%(plain)s ± %(shown)s, hangs on few of them, %(largest)s of it on a single one. Its true standard error is at "
        "least %(least)s, whatever a sample shows.",
        (
            Evidence(
                f"exact error, $\\Sigma = I/{DIMENSION}$, {_WHERE}",
                exact,
                key="exact",
                link="framework.fully-synthetic",
            ),
            Evidence("plain trajectories, as many as the paper has", REPLICATIONS, "count", "replications"),
            Evidence("their mean error", float(errors.mean()), key="plain"),
            Evidence("their median error", float(np.median(errors)), key="median"),
            Evidence("share of them above the exact error", float(np.mean(errors > exact)), "percent", "share"),
            Evidence("share of the greatest in their sum", float(errors.max() / errors.sum()), "percent", "largest"),
            Evidence("standard error that they show", float(errors.std(ddof=1)) / math.sqrt(REPLICATIONS), key="shown"),
            Evidence(
                "its least: root of $2\\,\\mathbb{E}\\operatorname{tr}\\Sigma_{t-1}^2/m^2$ over their number",
                math.sqrt(spread / REPLICATIONS),
                key="least",
                link=_HOME,
            ),
        ),
    )


def definition(run: Run) -> Finding:
    """Definition 1 asks for an error bounded away from 0 at every n; below Theorem 1's threshold it need not be."""
    home = "covariance.threshold"
    weight = 0.001
    first = 10_000
    second = 1_000_000
    small = published("covariance.error", {"n": first, "m": first, "w": weight, **ROUND})
    large = published("covariance.error", {"n": second, "m": second, "w": weight, **ROUND})
    where = f"limit error at w = {weight}, $\\Sigma = I/{DIMENSION}$, n = m ="
    return Finding(
        "definition",
        "Definition 1, Theorem 1",
        "What diverges below Theorem 1's threshold is not collapse as Definition 1 has it",
        "Model collapse is a limiting error bounded away from 0 whatever n is; with too little weight on real data the "
        "covariance's error diverges, and this is called collapse.",
        "The threshold on w is %(formula)s, about $1/m$: %(threshold)s at m = %(size)s. Every fixed $w > 0$ is above "
        "it once m is large, and then the error goes to 0 with n: at w = %(weight)s it is infinite at m = %(size)s, "
        "%(small)s at n = m = %(first)s and %(large)s at %(second)s. By the definition only weights of order $1/m$ or "
        "less collapse.",
        (
            Evidence("threshold", f"${latex(claim_of(home).published)}$", "prose", "formula", home),
            Evidence("at so many synthetic points a step", PAPER["m"], "count", "size"),
            Evidence("it is", published(home, PAPER), key="threshold", link=home),
            Evidence("a weight below that", weight, key="weight"),
            Evidence("a larger n = m", first, "count", "first"),
            Evidence(f"{where} {first:,}".replace(",", "\u202f"), small, key="small", link="covariance.error"),
            Evidence("a still larger one", second, "count", "second"),
            Evidence(f"{where} {second:,}".replace(",", "\u202f"), large, key="large", link="covariance.error"),
        ),
    )
