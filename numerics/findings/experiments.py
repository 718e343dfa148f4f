"""Findings about the experiments of Section 5: data, one sample size, one ratio, one scaling."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import sympy as sp

from nocollapse.document import FigureEntry, PointEntry
from nocollapse.models import EXPERIMENTS
from nocollapse.numerics.checks.expected import published
from nocollapse.numerics.findings.finding import Evidence, Finding, Run
from nocollapse.numerics.simulation import adult
from nocollapse.theory.claims.registry import claim_of
from nocollapse.theory.claims.setting import OPTIMAL
from nocollapse.theory.proof.mutants import mutants
from nocollapse.theory.symbols import k


def misspecified(run: Run) -> Finding | None:
    """Figure 10(d): labels that follow no logistic model have a sandwich variance, and another best weight."""
    home = "glm.misspecified"
    table = run.table(home, "best-weights")
    if table is None:
        return None
    column = table["keys"].index("best-weight")
    weights = {str(row[0]): float(row[column]) for row in table["rows"]}
    return Finding(
        "misspecified",
        "Section 5.2, Figure 10(d)",
        "The golden ratio of Figure 10(d) hangs on how the features are scaled",
        "The error of the logistic regression on Adult is least near $1/\\varphi$, as Theorem 2 has it for $k = 1$.",
        "Incomes are not drawn from a logistic model, so real scores have another variance than the model's and the "
        "best weight is $w^*(k_{\\mathrm{eff}})$. Over rows and scalings it runs from %(low)s to %(high)s, against "
        "%(golden)s: agreement with the golden ratio is a property of one scaling, not of the data.",
        (
            *(Evidence(f"best weight, {words}", weight, link=home) for words, weight in weights.items()),
            Evidence("the least of these", min(weights.values()), key="low", link=home),
            Evidence("the greatest", max(weights.values()), key="high", link=home),
            Evidence("$1/\\varphi$", _golden(), key="golden", link="mean.optimal-weight"),
            *(_bracketed(point, home) for point in run.points(home, test="bracket")),
        ),
    )


def _bracketed(point: PointEntry, home: str) -> Evidence:
    """Between which weights a simulation finds the best one."""
    outcome = f"{point['status'].lower()}, {point['note']}"
    return Evidence(f"simulated, {point['quantity']}", outcome, "prose", link=f"{home}/simulation")


def _golden() -> float:
    return float(OPTIMAL.subs(k, 1))


def finite_size(run: Run) -> Finding | None:
    """Theorem 2 is about n to infinity: the excess at finite n, and that the logistic risk does not exist."""
    figures = {home: figure for home in REGRESSIONS if (figure := run.figure(home, "bias")) is not None}
    if not figures:
        return None
    rows = [row for home, figure in figures.items() for row in _excess(home, figure)]
    excesses = [f"{REGRESSIONS[home]} by %({home})s ± %({home}/half)s at n = %({home}/n)s" for home in figures]
    found = (
        "At the smallest n simulated, n times the mean squared error of estimates that exist is off the second moment "
        f"of the limit law: {', '.join(excesses)}. Extrapolation meets it."
    )
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


REGRESSIONS = {
    model.claim: model.title
    for model in EXPERIMENTS.values()
    if model.experiment and model.experiment.information and not model.experiment.alone
}
"""The regressions of the experiments, by the claim about each."""


def _excess(home: str, figure: FigureEntry) -> Iterator[Evidence]:
    """How far the error at the smallest n is from the limit, relatively."""
    assert figure["reference"] is not None
    limit = figure["reference"]["y"]
    far = max(figure["points"], key=lambda point: point["x"])
    size = round(1 / far["x"])
    yield Evidence(f"{REGRESSIONS[home]}, smallest n simulated", size, "count", f"{home}/n", figure["id"])
    yield Evidence("n times its error against the limit", far["y"] / limit - 1, "percent", home, figure["id"])
    half = (far["high"] - far["low"]) / (2 * limit)
    yield Evidence("half the 95 % interval of that", half, "percent", f"{home}/half")
    if home == "glm.logistic":
        yield Evidence("all n labels are equal with probability at least $2^{1-n}$", 2.0 ** (1 - size), key="separable")


def adult_rows(run: Run) -> Finding:
    """The text drops incomplete rows, the code keeps them."""
    table = adult.load()
    size = 500
    home = "pmf.error"
    limits = []
    for rows in adult.ROWS:
        _, shares = adult.frequencies("workclass", rows)
        spread = float(1 - np.sum(shares**2))
        parameters = {"n": size, "m": size, "w": round(_golden(), 4), "gini": spread}
        what = f"workclass, {rows} rows: least limit error, n = m = {size}"
        limits.append(Evidence(what, published(home, parameters), link=home))
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


_INVERSION = "k to 1/k"
"""The operator of wrong versions that inverts the ratio."""


def inverse_ratio(run: Run) -> Finding | None:
    """At k = 1 a formula cannot be told from the one with k inverted."""
    wrong = [(home, mutant) for home, mutant in run.mutants(_INVERSION) if _same_at_one(home)]
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
    expression = claim_of(identifier).published
    (inverted,) = (x.expression for x in mutants(expression) if x.operator == _INVERSION)
    return bool(sp.cancel(expression.subs(k, 1) - inverted.subs(k, 1)) == 0)
