"""Weighted maximum likelihood: Theorem 2's recursion from the score equation, and what follows from it.

To first order in 1/sqrt(n) the error h_t = sqrt(n) (theta_t - theta) obeys a linear recursion; its second moment is
``r_t I^-1`` with the scalar recursion ``r_t = w^2 + q (r_{t-1} + k)``, whatever the model. I is the Fisher information.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy import Eq, ImmutableMatrix, Symbol

from nocollapse.theory.claims.claim import Claim, Inequality, Step, positive, solution
from nocollapse.theory.claims.mean import FRESH, ON_OPTIMUM, rho
from nocollapse.theory.models.gaussian import Derivation, q
from nocollapse.theory.moments.iid import quadratic
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import k, w

R = Symbol("r", nonnegative=True)
MODEL = (
    r"The density of a response given its covariates is of the exponential-family form (6), with Fisher "
    "information $I$ at the true parameter, and Assumptions 1 and 2 of the paper hold; synthetic covariates "
    "come from the known law."
)
LARGE = r"$n \to \infty$ with $k = n/m$, $w$ and $t$ fixed: statements are about $n\,\mathbb{E}\|\theta_t-\theta\|^2$."


def error() -> Derivation:
    """r_t, the scaled error over tr(I^-1), from the first order of the weighted score equation."""
    eps, h, past, info, z, y, bend = sp.symbols(r"\varepsilon h_t h_{t-1} I Z Y b", real=True)
    root_k = sp.sqrt(k)
    # mean scores at theta + eps h, to second order; synthetic data come from theta + eps past, in n/k draws
    real = eps * z - info * eps * h + bend * (eps * h) ** 2 / 2
    synthetic = eps * root_k * y - info * eps * (h - past) + bend * ((eps * h) ** 2 - (eps * past) ** 2) / 2
    first_order = sp.expand(w * real + (1 - w) * synthetic).coeff(eps, 1)
    linear = sp.solve(first_order, h)[0]
    inner = {("Z", "Z"): info, ("Y", "Y"): info, ("H", "H"): R / info}
    square = quadratic({"Z": w / info, "Y": (1 - w) * root_k / info, "H": 1 - w}, inner)
    found = sp.Poly(sp.cancel(square * info), R)
    parts = (found.coeff_monomial(R), found.coeff_monomial(1), sp.cancel(quadratic({"Z": 1 / info}, inner) * info))
    recursion = Recursion((R,), *(ImmutableMatrix([[sp.factor(part)]]) for part in parts))
    weighted = w * (z - info * h) + (1 - w) * (root_k * y - info * (h - past))
    steps = (
        Step(
            r"Put $\theta_t = \theta + \varepsilon h_t$ with $\varepsilon = n^{-1/2}$. The mean score of real data is "
            r"$\varepsilon Z - I\varepsilon h_t$ and a bounded second-order term; that of synthetic data, drawn at "
            r"$\theta + \varepsilon h_{t-1}$ in $n/k$ draws, is $\varepsilon\sqrt{k}\,Y - I\varepsilon(h_t - h_{t-1})$ "
            "and another. The weighted score equation to first order:",
            first_order,
            weighted,
            label=r"0",
        ),
        Step(
            "Its solution is linear in the past.",
            linear,
            w * z / info + (1 - w) * (root_k * y / info + past),
            label="h_t",
        ),
        Step(
            r"Scores have mean 0 and variance $I$ and are independent of the past; with $\mathbb{E}h_{t-1}^2 = r/I$,",
            square * info,
            w**2 + q * (R + k),
            label=r"r_t = I\,\mathbb{E}h_t^2",
        ),
        *_matrix_steps(),
    )
    return Derivation(recursion, (*steps, *solution(recursion)))


def _matrix_steps() -> Iterator[Step]:
    """The same for a vector parameter: I is a matrix, which does not commute with what it is multiplied by."""
    info = Symbol("I", commutative=False)
    inverse = info**-1
    second = sp.expand(inverse * (w**2 * info + q * (k * info + info * (R * inverse) * info)) * inverse)
    factor = second.coeff(inverse)
    if sp.expand(second - factor * inverse) != 0:
        raise ValueError(f"the second moment {second} is not a multiple of the inverse information")
    yield Step(
        r"For a vector parameter $h_t = I^{-1}(wZ + (1-w)(\sqrt{k}\,Y + I h_{t-1}))$ with a matrix $I$: if "
        r"$\mathbb{E}h_{t-1}h_{t-1}' = r I^{-1}$ then $\mathbb{E}h_t h_t'$ is a multiple of $I^{-1}$, with factor",
        factor,
        w**2 + q * (R + k),
        label="r_t",
    )


def glm_error() -> Claim:
    """Theorem 2: the scaled error of weighted maximum likelihood, at t and in the limit."""
    derivation = error()
    found = derivation.recursion.fixed_point()[0]
    return Claim(
        id="glm.error",
        statement=Eq(
            Symbol(
                r"\lim_{t\to\infty}\lim_{n\to\infty}\frac{n\,\mathbb{E}\|\theta_t-\theta\|^2}{\operatorname{tr}(I^{-1})}"
            ),
            rho(w, k),
            evaluate=False,
        ),
        published=rho(w, k),
        derived=found,
        assumptions=(MODEL, LARGE, FRESH, "$0 < w \\le 1$ for the limit in $t$."),
        steps=(
            *derivation.steps,
            Step(
                "The minimiser is the Gaussian mean's, by the regret identity: the least value is",
                found,
                w,
                (ON_OPTIMUM,),
                r"\rho(w^*,k)",
            ),
        ),
        inequalities=(
            Inequality("the memory fades", 1 - q, (w > 0, w <= 1)),
            Inequality("the limit is positive", rho(w, k), (w > 0, w <= 1, positive(k))),
        ),
        not_said="Nothing about finite n, where there is a bias of order 1/n; nor that moments of the estimate exist "
        "there, which for logistic regression they do not (separable samples have positive probability).",
        recursion=derivation.recursion,
    )
