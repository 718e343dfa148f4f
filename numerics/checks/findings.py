"""What was found wrong or delicate in the paper, each with its evidence: numbers of this run or of the theory.

A finding appears in the runs that check one of its claims. Its sentences hold no numbers: they name rows of the
evidence, as in ``%(exact)s``, and whoever prints them puts the values in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import sympy as sp
from scipy.optimize import minimize_scalar

from numerics import adult, gaussian
from numerics.checks.evidence import Evidence, Finding, Run, point
from numerics.checks.targets import covariance_recursion, exact_weight, mean_recursion, published, value_at
from numerics.streams import Stream
from theory.covariance import RADIUS
from theory.mean import OPTIMAL
from theory.mutants import mutants
from theory.registry import claim
from theory.symbols import PARAMETERS, frob2, k, latex, m, n, trace, w

PAPER = {"n": 100, "m": 100, "t": 1000}
"""Sizes and steps of Scenario 1, which also has 1000 replications and p = 4."""
REPLICATIONS, DIMENSION = 1000, 4


def findings(chosen: Sequence[str], run: Run) -> list[dict[str, Any]]:
    """The findings about the chosen claims, as plain data; those whose evidence this run lacks are left out."""
    made = [write(run) for write, about in FINDINGS if set(about) & set(chosen)]
    return [asdict(finding) for finding in made if finding is not None]


def heavy_tail(run: Run) -> Finding:
    """Corollary 1(1): the expectation explodes, and no simulation of moderate size sees it."""
    sigma = np.eye(DIMENSION) / DIMENSION
    recursion = covariance_recursion()
    exact = [value_at(recursion, {**PAPER, "w": 0, **spectrum}) for spectrum in _spectra()]
    drawn = gaussian.simulate(
        Stream(run.seed, "finding/heavy-tail"), range(REPLICATIONS), n=PAPER["n"], m=PAPER["m"], sigma=sigma,
        weights=(0.0,), steps=(PAPER["t"],), framework="fully-synthetic",
    ).covariance[:, 0, 0]  # fmt: skip
    where, home = f"n = m = {PAPER['n']}, p = {DIMENSION}, step {PAPER['t']}", "gaussian.fully-synthetic"
    decay = [p for p in run.points(home) if p["test"] == "one-sided"]
    tilted = [p for p in run.points(home) if "tilting" in p["quantity"] and p["parameters"]["t"] == PAPER["t"]]
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
            Evidence(f"exact error, $\\Sigma = I/{DIMENSION}$, {where}", exact[0], key="exact", link=home),
            Evidence("exact error, $\\Sigma = I$, the same sizes", exact[1], link=home),
            Evidence("plain trajectories, as many as the paper has", REPLICATIONS, "count", "replications"),
            Evidence("their mean error", float(drawn.mean()), key="plain"),
            Evidence("their median error", float(np.median(drawn)), key="median"),
            *(point("by importance sampling: estimate of $\\mathbb{E}\\operatorname{tr}\\Sigma_t^2$", p, home)
              for p in tilted),
            *(point(p["quantity"], p, home) for p in decay),
        ),
    )  # fmt: skip


def _spectra() -> tuple[dict[str, float], ...]:
    return ({"trace": 1, "frob2": 1 / DIMENSION}, {"trace": DIMENSION, "frob2": DIMENSION})


def misspecified(run: Run) -> Finding | None:
    """Figure 10(d): labels that follow no logistic model have a sandwich variance, and another best weight."""
    home = "glm.misspecified"
    tables = [t for t in run.tables if t["claim"] == home and "best weight" in t["columns"]]
    if not tables:
        return None
    columns = list(tables[0]["columns"])
    best = columns.index("best weight")
    rows = [Evidence(f"best weight, {row[0]}", row[best], link=home) for row in tables[0]["rows"]]
    brackets = [p for p in run.points(home) if p["test"] == "bracket"]
    return Finding(
        "misspecified",
        "Section 5.2, Figure 10(d)",
        "The golden ratio of Figure 10(d) hangs on how the features are scaled",
        "The error of the logistic regression on Adult is least near $1/\\varphi$, as Theorem 2 has it for $k = 1$.",
        "Incomes are not drawn from a logistic model, so real scores have another variance than the model's and the "
        "best weight is $w^*(k_{\\mathrm{eff}})$. Over rows and scalings it runs from %(low)s to %(high)s, against "
        "%(golden)s: agreement with the golden ratio is a property of one scaling, not of the data.",
        (
            *rows,
            Evidence("the least of these", min(row.value for row in rows), key="low", link=home),
            Evidence("the greatest", max(row.value for row in rows), key="high", link=home),
            Evidence("$1/\\varphi$", _golden(), key="golden", link="mean.optimal-weight"),
            *(Evidence(f"simulated, {p['quantity']}", f"{p['status'].lower()}, {p['note']}", "prose",
                       link=f"{home}/simulation") for p in brackets),
        ),
    )  # fmt: skip


def _golden() -> float:
    return float(OPTIMAL.subs(k, 1))


def finite_size(run: Run) -> Finding | None:
    """Theorem 2 is about n to infinity: the excess at finite n, and that the logistic risk does not exist."""
    figures = {f["claim"]: f for f in run.figures if f["id"] == f"{f['claim']}-bias" and f["claim"] in _MODELS}
    if not figures:
        return None
    rows = [row for home, figure in figures.items() for row in _excess(home, figure)]
    told = [f"{_MODELS[home]} regression by %({home})s at n = %({home}/n)s" for home in figures]
    found = f"At the smallest n simulated the scaled error misses its limit: {', '.join(told)}. Extrapolation meets it."
    if "glm.logistic" in figures:
        found += (
            " And at no n has the logistic estimate a risk: with a probability of at least %(separable)s there all "
            "labels are equal, and it does not exist."
        )
    return Finding(
        "finite-size",
        "Theorem 2, Section 5.1",
        "Theorem 2 is about n to infinity: what is left of it at finite n",
        "Simulations of regressions at one n are held against the limit.",
        found,
        tuple(rows),
    )


_MODELS = {"glm.linear": "linear", "glm.logistic": "logistic", "glm.poisson": "Poisson"}


def _excess(home: str, figure: Mapping[str, Any]) -> Iterator[Evidence]:
    """How far the error at the smallest n is from the limit, relatively."""
    far, limit = max(figure["points"], key=lambda p: p["x"]), figure["reference"]["y"]
    size, words = round(1 / far["x"]), _MODELS[home]
    yield Evidence(f"{words} regression, smallest n simulated", size, "count", f"{home}/n", figure["id"])
    yield Evidence("n times its error against the limit", far["y"] / limit - 1, "percent", home, figure["id"])
    yield Evidence("half the 95 % interval of that", (far["high"] - far["low"]) / (2 * limit), "percent")
    if home == "glm.logistic":
        yield Evidence("all n labels are equal with probability at least $2^{1-n}$", 2.0 ** (1 - size), key="separable")


def adult_rows(run: Run) -> Finding:
    """The text drops incomplete rows, the code keeps them."""
    table = adult.load()
    size, home = 500, "pmf.error"
    golden = sp.Rational(str(round(_golden(), 4)))
    limits = []
    for rows in adult.ROWS:
        _, shares = adult.frequencies("workclass", rows)
        spread = float(1 - np.sum(shares**2))
        at = {"n": size, "m": size, "w": float(golden), "gini": spread}
        words = f"workclass, {rows} rows: least limit error, n = m = {size}"
        limits.append(Evidence(words, published(home, at), link=home))
    return Finding(
        "adult-rows",
        "Section 5.2",
        "Text and code differ on which rows of Adult are used",
        "Rows with missing values are removed.",
        "The authors' code keeps all %(all)s rows; %(complete)s of them are complete. Kept, a missing value is a "
        "category of its own, with a share of %(missing)s of workclass. The theory holds for either table.",
        (
            Evidence("rows in all", table.complete.size, "count", "all"),
            Evidence("complete rows", int(table.complete.sum()), "count", "complete"),
            Evidence("share of a missing workclass", _share(adult.MISSING), "percent", "missing"),
            *limits,
        ),
    )


def _share(name: str) -> float:
    names, shares = adult.frequencies("workclass", "all")
    return float(shares[names.index(name)])


def inverse_ratio(run: Run) -> Finding | None:
    """At k = 1 a formula cannot be told from the one with k inverted."""
    wrong = [(home, mutant) for home, mutant in run.mutants("k to 1/k") if _same_at_one(home)]
    caught = sum(mutant["outcome"] == "killed" for _, mutant in wrong)
    rows = [
        Evidence(f"{home}, $k \\to 1/k$", f"{mutant['outcome']}: {mutant['by']}", "prose", link=f"{home}/mutants")
        for home, mutant in wrong
    ]
    if not rows:
        return None
    return Finding(
        "inverse-ratio",
        "Section 5.1, Scenario 2",
        "With k = 1 alone, k cannot be told from 1/k",
        "The best weight is verified in simulations with as many synthetic as real points.",
        "%(formulas)s formulas of this run keep their value at $k = 1$ when $k$ is replaced by $1/k$, so that nothing "
        "at $n = m$ could show the difference. Away from it %(caught)s of these wrong versions are caught.",
        (
            Evidence("formulas in k that are the same at k = 1 with k inverted", len(rows), "count", "formulas"),
            Evidence("of these wrong versions, caught in this run", caught, "count", "caught"),
            *rows,
        ),
    )


def _same_at_one(identifier: str) -> bool:
    """Whether the wrong version with k inverted agrees with the claim's expression at k = 1."""
    expression = claim(identifier).published
    (inverted,) = (x.expression for x in mutants(expression) if x.operator == "k to 1/k")
    return bool(sp.cancel(expression.subs(k, 1) - inverted.subs(k, 1)) == 0)


def divisor(run: Run) -> Finding:
    """Theorem 1's threshold belongs to the unbiased divisor."""
    recursion, home = covariance_recursion(0), "covariance.error"
    old = sp.Symbol("u", nonnegative=True)  # 1 - w
    factors = [sp.factor(value.subs(w, 1 - old)).subs(old, 1 - w) for value in recursion.eigenvalues()]
    point = {**PAPER, "w": 0, **_spectra()[0]}
    values = {PARAMETERS[name]: sp.Rational(str(value)) for name, value in point.items() if name != "t"}
    where = f"w = 0, $\\Sigma = I/{DIMENSION}$"
    return Finding(
        "divisor",
        "Theorem 1",
        "The collapse threshold belongs to the divisor, not to the Gaussian",
        "Below a weight on real data the covariance's error grows without bound.",
        "So it is with unbiased covariances, whose error grows by %(unbiased)s a step. With divisor size, the "
        "maximum-likelihood estimate, the factors are %(biased)s. They are below 1 at every weight, so that nothing "
        "diverges; even without real data the error tends to %(limit)s, where $\\Sigma_t = 0$.",
        (
            Evidence("growth a step, divisor size $-\\,1$", f"${latex(RADIUS)}$", "prose", "unbiased", home),
            Evidence("the same, divisor size", ", ".join(f"${latex(f)}$" for f in factors), "prose", "biased", home),
            Evidence(f"threshold at m = {PAPER['m']}, divisor size $-\\,1$",
                     published("covariance.threshold", point), link="covariance.threshold"),
            Evidence(f"error at step {PAPER['t']}, {where}, divisor size $-\\,1$",
                     value_at(covariance_recursion(), point), link=home),
            Evidence("the same, divisor size", value_at(recursion, point), link=home),
            Evidence("its limit", float(recursion.subs(values).limit()), key="limit", link=home),
        ),
    )  # fmt: skip


def horizon(run: Run) -> Finding:
    """Remark 3's rate needs synthetic batches of order n (T/log T)^2."""
    size, steps, home = PAPER["n"], PAPER["t"], "mean.floor"
    weight = math.log(steps) / steps
    needed = math.ceil(size / weight**2)
    error = value_at(mean_recursion(), {"n": size, "m": needed, "t": steps, "w": round(weight, 6), "trace": 1})
    kept = 1 / (size * (steps + 1))
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
            Evidence("with all real points kept: $1/(n(T+1))$", kept),
            Evidence("their ratio", error / kept, key="ratio"),
        ),
    )


def best_weights(run: Run) -> Finding:
    """At finite n each error has a best weight of its own."""
    size = 20
    at = {n: size, m: size, trace: 1, frob2: sp.Rational(1, DIMENSION)}
    limit = sp.lambdify(w, claim("covariance.error").derived.subs(at), "math")
    edge = published("covariance.threshold", {"m": size})
    found = minimize_scalar(limit, bounds=(edge + 1e-6, 1.0), method="bounded", options={"xatol": 1e-9})
    rows = (
        Evidence("points of either kind a step", size, "count", "size"),
        Evidence("best weight of the mean", exact_weight("mean.optimal-weight", size, size), key="mean",
                 link="mean.optimal-weight"),
        Evidence("of the CDF", exact_weight("cdf.optimal-weight", size, size), key="cdf",
                 link="cdf.optimal-weight"),
        Evidence(f"of the covariance, $\\Sigma = I/{DIMENSION}$: minimum of the derived limit",
                 float(found.x), key="covariance", link="covariance.error"),
    )  # fmt: skip
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


FINDINGS: tuple[tuple[Callable[[Run], Finding | None], tuple[str, ...]], ...] = (
    (heavy_tail, ("gaussian.fully-synthetic",)),
    (misspecified, ("glm.misspecified",)),
    (divisor, ("covariance.error",)),
    (inverse_ratio, ("mean.optimal-weight",)),
    (finite_size, tuple(_MODELS)),
    (adult_rows, ("pmf.error",)),
    (horizon, ("mean.floor",)),
    (best_weights, ("cdf.optimal-weight",)),
)
"""Each finding with the claims that it is about, in the order in which they are told."""
