"""What many claims assume and share: sentences of assumption, the mean's limit, the factor rho, the best weight."""

from __future__ import annotations

import sympy as sp
from sympy import Eq, Expr, Symbol

from nocollapse.theory.symbols import k, w

GAUSSIAN = r"Real points are iid $N(\mu, \Sigma)$ in any dimension $p \ge 1$, with $\Sigma$ positive definite."
SIZES = r"Every step has $n \ge 2$ new real and $m \ge 2$ synthetic points, and $k = n/m$."
UNBIASED = r"Sample covariances have divisor size $-\,1$."
DIVISOR_SIZE = "Sample covariances have divisor size."
FRESH = r"Fresh data augmentation: step 0 fits real data only; the weight $w$ on real data is constant in $t \ge 1$."

MEAN_LIMIT = Symbol(r"\lim_{t\to\infty}\mathbb{E}\|\mu_t-\mu\|^2")

OPTIMAL: Expr = (sp.sqrt(k**2 + 4 * k) - k) / 2
ON_OPTIMUM: Expr = w**2 - k * (1 - w)
OPTIMUM = (w > 0, w < 1, Eq(w**2, k * (1 - w)))


def rho(weight: Expr, ratio: Expr) -> Expr:
    """The paper's limit factor, `(w^2 + k (1-w)^2) / (w (2-w))`."""
    return (weight**2 + ratio * (1 - weight) ** 2) / (weight * (2 - weight))


LIKELIHOOD = (
    r"The density of a response given its covariates is of the exponential-family form (6), with Fisher "
    "information $I$ at the true parameter, and Assumptions 1 and 2 of the paper hold; synthetic covariates "
    "come from the known law."
)
LARGE = (
    r"$n \to \infty$ with $k = n/m$, $w$ and $t$ fixed. Statements are about the limit law and its moments: those of "
    "the estimate at finite $n$ need not exist, nor tend to them."
)

FADED = "$0 < w \\le 1$ for the limit in $t$."
