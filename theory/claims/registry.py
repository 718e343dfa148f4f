# ruff: noqa: RUF001 - mathematical and Greek characters are meant
"""Every claim by its id: source, one line, how to build it, and the quantity that it predicts.

The order is the paper's. Ids are permanent. Building is lazy, so that listing costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from sympy import Expr

from nocollapse.theory.claims import (
    corollaries,
    covariance,
    empirical,
    exponential,
    frameworks,
    glm,
    mean,
    misspecified,
    regression,
)
from nocollapse.theory.claims.claim import Claim
from nocollapse.theory.models import gaussian
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import gini


@dataclass(frozen=True)
class Quantity:
    """What a claim predicts: a closed expression, a recursion whose first moment has values at each step, or both.

    Where both are there, the expression is the limit. An autonomous recursion finds its limit by itself.
    """

    expression: Expr | None = None
    recursion: Recursion | None = None


@dataclass(frozen=True)
class Entry:
    """One row of the registry. ``ddofs`` are the admissible divisors' degrees of freedom, the default first."""

    source: str
    summary: str
    build: Callable[..., Claim]
    quantity: Callable[..., Quantity] | None = None
    ddofs: tuple[int | None, ...] = ()


def _framework(name: str) -> Callable[[int | None], Quantity]:
    return lambda ddof: Quantity(recursion=gaussian.mean(name, ddof).recursion)


def _accumulation(ddof: int | None) -> Quantity:
    return Quantity(frameworks.accumulated_limit(ddof), gaussian.mean("accumulation", ddof).recursion)


CLAIMS: dict[str, Entry] = {
    "framework.fully-synthetic": Entry(
        "Figure 1",
        "Only synthetic data: the mean's error grows linearly and never beats the real batch.",
        frameworks.fully_synthetic,
        _framework("fully-synthetic"),
        (1, 0),
    ),
    "framework.accumulation": Entry(
        "Figure 2",
        "All synthetic batches kept: the mean's error settles at π²/6 times the real batch's.",
        frameworks.accumulation,
        _accumulation,
        (None, 0, 1),
    ),
    "framework.augmentation": Entry(
        "Figure 3",
        "The same real batch again and again: no weight beats that batch alone.",
        frameworks.augmentation,
        _framework("augmentation"),
        (1, 0),
    ),
    "framework.fresh": Entry(
        "Figure 4",
        "New real data at each step: the right weight beats real data only.",
        frameworks.fresh,
        _framework("fresh"),
        (1, 0),
    ),
    "mean.error": Entry(
        "Theorem 1",
        "The error of the Gaussian mean obeys an affine recursion with limit (tr Σ/n) ρ(w,k).",
        mean.mean_error,
        lambda ddof: Quantity(recursion=gaussian.mean("fresh", ddof).recursion),
        (1, 0),
    ),
    "covariance.error": Entry(
        "Theorem 1",
        "The error of the Gaussian covariance obeys a 2×2 affine recursion with an exact limit.",
        covariance.covariance_error,
        lambda ddof: Quantity(recursion=gaussian.covariance(ddof).recursion),
        (1, 0),
    ),
    "covariance.threshold": Entry(
        "Theorem 1",
        "The covariance's error is finite iff w > 1 − √((m−1)/(m+1)).",
        covariance.threshold,
        lambda: Quantity(covariance.threshold().derived),
    ),
    "gaussian.fully-synthetic": Entry(
        "Corollary 1(1)",
        "With w = 0 both errors diverge, although the covariance shrinks to 0 almost surely.",
        covariance.fully_synthetic,
    ),
    "gaussian.real-only": Entry(
        "Corollary 1(2)",
        "With w = 1 the errors are those of one real batch.",
        covariance.real_only,
    ),
    "mean.optimal-weight": Entry(
        "Corollary 1(3)",
        "The unique best weight is w* = (√(k² + 4k) − k)/2, and the least error is w* tr Σ/n.",
        mean.optimal_weight,
        lambda: Quantity(mean.optimal_weight().derived),
    ),
    "covariance.asymptotic": Entry(
        "Corollary 1(4)",
        "As n = km grows, n times the covariance's error tends to (A+B) ρ(w,k), least at w*.",
        covariance.asymptotic,
    ),
    "gaussian.improvement": Entry(
        "Corollary 1(5)",
        "At w* both errors are strictly below real data only, for all n, m ≥ 2 and every Σ.",
        covariance.improvement,
    ),
    "mean.blue": Entry(
        "Proposition 1",
        "Among all linear weights, w*/n on real and (1−w*)/m on synthetic points is best.",
        mean.blue,
    ),
    "mean.naive": Entry(
        "Remark 1",
        "Pooling gives w = k/(1+k) < w*: strictly suboptimal, with risk (k+1)/(k+2) tr Σ/n.",
        mean.naive,
        lambda: Quantity(mean.naive().derived),
    ),
    "mean.ridge": Entry(
        "Remark 2",
        "The weighted mean is a ridge estimate pulled to the synthetic mean, with penalty w*/k at best.",
        mean.ridge,
    ),
    "mean.floor": Entry(
        "Remark 3",
        "A fixed weight leaves an error floor; a weight log T / T for T steps removes it.",
        mean.floor,
    ),
    "glm.error": Entry(
        "Theorem 2",
        "The scaled error of weighted maximum likelihood tends to ρ(w,k) times that of one real batch, least at w*.",
        glm.glm_error,
        lambda: Quantity(recursion=glm.error().recursion),
    ),
    "glm.linear": Entry(
        "Section 3.2 (1)",
        "Linear regression is a case of Theorem 2, with the information Ω for N(0, Ω) covariates.",
        regression.linear,
        lambda: Quantity(recursion=regression.linear().recursion),
    ),
    "glm.logistic": Entry(
        "Section 3.2 (2)",
        "Logistic regression is a case of Theorem 2; its information takes two one-dimensional integrals.",
        regression.logistic,
        lambda: Quantity(recursion=regression.logistic().recursion),
    ),
    "glm.poisson": Entry(
        "Section 3.2 (3)",
        "Poisson regression is a case of Theorem 2, with a closed information for N(0, Ω) covariates.",
        regression.poisson,
        lambda: Quantity(recursion=regression.poisson().recursion),
    ),
    "glm.exponential-family": Entry(
        "Section 3.2 (4)",
        "The canonical exponential family is a case of Theorem 2; its Gaussian gives Section 3.1 back.",
        exponential.family,
        lambda: Quantity(recursion=exponential.family().recursion),
    ),
    "glm.naive": Entry(
        "Corollary 2",
        "Naive mixing costs (k+1)/(k+2) against w*: strictly worse, and arbitrarily so as k tends to 0.",
        corollaries.glm_naive,
        lambda: Quantity(corollaries.glm_naive().derived),
    ),
    "covariance.operator-norm": Entry(
        "Corollary 3",
        "In operator norm too, the covariance's error tends to ρ(w,k) times that of one real batch.",
        corollaries.operator_norm,
        lambda: Quantity(recursion=corollaries.operator_norm().recursion),
    ),
    "glm.synthetic-size": Entry(
        "Remark 4",
        "The optimal weight beats naive mixing of any synthetic size iff k ≤ 1/2, that is m ≥ 2n.",
        corollaries.synthetic_size,
        lambda: Quantity(corollaries.synthetic_size().derived),
    ),
    "glm.joint": Entry(
        "Remark 5",
        "A covariate law that is learned too obeys the same recursion, beside the conditional model.",
        corollaries.joint,
        lambda: Quantity(recursion=corollaries.joint().recursion),
    ),
    "glm.misspecified": Entry(
        "New beside the paper",
        "Where the real data do not follow the model, the best weight is w*(k_eff), in any metric.",
        misspecified.misspecified,
        lambda: Quantity(recursion=misspecified.error().recursion),
    ),
    "cdf.error": Entry(
        "Theorem 3",
        "The CDF's Cramér–von Mises error obeys a recursion with a bounded limit; it is 1/6 in collapse.",
        empirical.cdf_error,
        lambda: Quantity(recursion=empirical.measure(empirical.SIXTH).recursion),
    ),
    "cdf.optimal-weight": Entry(
        "Theorem 3",
        "The CDF's exact best weight lies strictly below w* and tends to it.",
        empirical.optimal_weight,
        lambda: Quantity(empirical.optimal_weight().derived),
    ),
    "cdf.stages": Entry(
        "Section 4",
        "Synthetic data improve the CDF iff w > (n−1)/(2m+n−1).",
        empirical.stages,
        lambda: Quantity(empirical.stages().derived),
    ),
    "pmf.error": Entry(
        "Section 4",
        "A PMF's squared error obeys the same recursion with 1 − Σ p_j² for 1/6, exactly.",
        empirical.pmf_error,
        lambda: Quantity(recursion=empirical.measure(gini).recursion),
    ),
}


def entry(identifier: str) -> Entry:
    """The registry's row for an id; ``ValueError`` for an unknown one."""
    if identifier not in CLAIMS:
        raise ValueError(f"unknown claim {identifier!r}; the claims are {', '.join(CLAIMS)}")
    return CLAIMS[identifier]


def _divisor(identifier: str, ddof: int | None) -> tuple[int | None, ...]:
    """The arguments of a builder: the divisor where the claim has one."""
    ddofs = entry(identifier).ddofs
    if not ddofs:
        if ddof is not None:
            raise ValueError(f"ddof = {ddof} does not apply to {identifier}")
        return ()
    chosen = ddofs[0] if ddof is None else ddof
    if chosen not in ddofs:
        raise ValueError(f"ddof = {ddof} is not one of {', '.join(str(d) for d in ddofs if d is not None)}")
    return (chosen,)


@cache
def claim(identifier: str, ddof: int | None = None) -> Claim:
    """The claim with its derivation. ``ddof`` is the sample covariances' divisor, size - ddof, where it applies.

    >>> claim("mean.optimal-weight").derived
    -k/2 + sqrt(k**2 + 4*k)/2
    """
    return entry(identifier).build(*_divisor(identifier, ddof))


@cache
def quantity(identifier: str, ddof: int | None = None) -> Quantity:
    """What a claim predicts, without building its derivation; ``ValueError`` where it predicts no single number."""
    found = entry(identifier).quantity
    if found is None:
        having = [i for i, e in CLAIMS.items() if e.quantity]
        raise ValueError(f"{identifier} has no single number to evaluate; these have: {', '.join(having)}")
    return found(*_divisor(identifier, ddof))
