"""What synthetic points are worth: the real points that would do as much. A claim on a model that is there.

    nocollapse verify --claims examples/worth.py --effort quick --out worth
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import Eq, Expr, Symbol

from nocollapse import Check, Claim, Column, Inequality, Prediction, Run, Step, check, claim, positive, stationary
from nocollapse.numerics.checks.expected import SIGMA, published, spectrum
from nocollapse.numerics.checks.sampling import GaussianErrors
from nocollapse.theory.claims.setting import FRESH, GAUSSIAN, SIZES, UNBIASED
from nocollapse.theory.models.gaussian import mean
from nocollapse.theory.symbols import m, n, trace, w

WORTH: Expr = (sp.sqrt(n**2 + 4 * m * n) - n) / 2


@claim(
    "mean.worth",
    source="New beside the paper",
    summary="At the best weight m synthetic points are worth (sqrt(n^2+4mn)-n)/2 more real ones.",
    example=("n=30", "m=20"),
)
def worth() -> Claim:
    """How many more real points a step would do what the synthetic ones do at the best weight."""
    recursion = mean().recursion
    limit = recursion.fixed_point()[0]
    least = sp.cancel(limit.subs(m, sp.solve(stationary(limit, w), m)[0]))
    best = recursion.optimum(w, {n: sp.Integer(1), m: sp.Integer(1)})
    x = Symbol("x", positive=True)
    root = x * (n + x) - m * n
    return Claim(
        left=Symbol("x"),
        published=WORTH,
        derived=sp.expand(sp.radsimp(trace / least.subs(w, best))) - n,
        assumptions=(GAUSSIAN, SIZES, UNBIASED, FRESH, "$n+x$ real points alone have the least error of the mixture."),
        steps=(
            Step("Real points alone have the error", limit.subs({w: 1, n: n + x}), trace / (n + x), label="e(x)"),
            Step("and the mixture at its best weight", limit.subs(w, best), trace / (n + WORTH), label=r"e_\infty"),
            Step("The formula solves a quadratic equation,", root.subs(x, WORTH), sp.Integer(0), label="x(n+x)-mn"),
            Step("by which $x$ is less than $m$:", m - x, x**2 / n, (root,), label="m-x"),
        ),
        inequalities=(Inequality("worth less than as many real points", x**2 / n, (n >= 2, positive(x))),),
        obligations=(Inequality("the same of the root", m - x, (n >= 2, m >= 2, positive(x), Eq(root, 0))),),
        not_said="Another estimator puts another worth on the same points.",
    )


@check("mean.worth")
def design_points() -> Check:
    """Sizes at which the worth is a whole number, small and far from each other."""
    runs = []
    for real, synthetic, step in ((9, 4, 12), (2, 12, 30), (4, 3, 12)):
        extra = published("mean.worth", {"n": real, "m": synthetic})
        weight = real / (real + extra)
        sizes = {"n": real, "m": synthetic}
        point = {**sizes, "w": weight, "t": step, **spectrum(SIGMA)}
        settings = {**sizes, "sigma": SIGMA, "weights": (weight,), "steps": (step,)}
        error = ErrorOfRealPoints(real, point["trace"])
        prediction = Prediction(error(extra), link=error)
        column = Column(r"$\mathbb{E}\|\mu_t-\mu\|^2$ at the best weight", point, prediction)
        runs.append(Run(f"{real}-{synthetic}", GaussianErrors(("mean",), settings), (column,)))
    return Check(tuple(runs))


@dataclass(frozen=True)
class ErrorOfRealPoints:
    """The error of n + extra real points a step."""

    n: int
    trace: float

    def __call__(self, extra: float) -> float:
        return self.trace / (self.n + extra)
