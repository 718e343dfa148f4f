"""Linear, logistic and Poisson regression as cases of Theorem 2, with covariates N(0, Omega) (Section 3.2, (1)-(3)).

Along theta the information differs from that across it: `I = a Omega + (b-a)/s Omega theta theta' Omega`, where
`a = E v(eta)`, `b = E[v(eta) eta^2]/s`, `s = theta'Omega theta`, for a variance function v at `eta = x'theta`.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy import Expr, Symbol

from nocollapse.theory.claims.assumptions import REGULARITY
from nocollapse.theory.claims.claim import Claim, Inequality, nonnegative, positive
from nocollapse.theory.claims.coordinates import Coordinate
from nocollapse.theory.claims.entry import claim
from nocollapse.theory.claims.setting import FRESH, LARGE, rho
from nocollapse.theory.models.regression import inverse_trace
from nocollapse.theory.models.score import scaled, score
from nocollapse.theory.moments.families import LINEAR, LOGISTIC, POISSON, Family, eta, exp_eta, slope
from nocollapse.theory.moments.iid import quadratic
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import curvature, curvature_along, k, omega_inverse, slope2, spread, w

_NORMAL = (
    r"Covariates are $N(0,\Omega)$ with a known positive definite $\Omega$, and $\eta = x'\theta \sim N(0,s)$ with "
    r"$s = \theta'\Omega\theta > 0$."
)
_SMOOTH = (
    "Assumptions 1 and 2 of the paper. The steps show what they can of them: covariates are sub-Gaussian, the "
    "log-partition has the third derivative that is stated, and $a, b > 0$ make $I$ non-singular; the rest is assumed."
)
_POSITIVE = r"$\operatorname{tr}(I^{-1})$ is positive"
_C = Symbol("C", nonnegative=True)
_SPREAD = (nonnegative(omega_inverse * spread - slope2), positive(spread), positive(slope2))
"""`|theta|^2 <= s tr Omega^-1` for every Omega: the least eigenvalue of Omega is at least 1/tr Omega^-1."""
_WITHIN = {omega_inverse: Coordinate((slope2 + _C) / spread, _C, omega_inverse * spread - slope2)}


def _information(a: Expr, b: Expr) -> Iterator[Step]:
    """The information in any direction, its inverse, and the trace."""
    cross, norm, cycle = sp.symbols("c d T")
    inner = {("eta", "eta"): b * spread, ("rest", "rest"): a * (norm - cross**2 / spread)}
    yield Step(
        r"In a direction $u$, with $c = u'\Omega\theta$ and $d = u'\Omega u$: $x'u$ is $(c/s)\eta$ plus a part "
        r"independent of $\eta$, with variance $d - c^2/s$. With $a = \mathbb{E}v$ and $b = \mathbb{E}[v\eta^2]/s$,",
        quadratic({"eta": cross / spread, "rest": sp.Integer(1)}, inner),
        a * norm + (b - a) / spread * cross**2,
        label=r"u'Iu = \mathbb{E}[v(\eta)(x'u)^2]",
    )
    whole = a + (b - a) / spread * cycle
    shift = (b - a) / (spread * b)
    yield Step(
        r"So $I = (a + \frac{b-a}{s}T)\,\Omega$ with $T = \Omega\theta\theta'$, and $T^2 = sT$. Its inverse is "
        r"$\frac1a\Omega^{-1}(1 - \frac{b-a}{sb}T)$:",
        whole * (1 - shift * cycle) / a,
        sp.Integer(1),
        (cycle**2 - spread * cycle,),
        label=r"(a + \tfrac{b-a}{s}T)\,\tfrac1a(1 - \tfrac{b-a}{sb}T)",
    )
    yield Step(
        "with trace",
        inverse_trace(a, b),
        (omega_inverse - shift * slope2) / a,
        label=r"\operatorname{tr}(I^{-1})",
    )


_ORDER = Symbol("lambda", real=True)
_SUB_GAUSSIAN = Step(
    r"Assumption 1: $\mathbb{E}e^{\lambda\eta} = e^{\lambda^2s/2}$ by completing the square, and so along every "
    "direction: the covariates are sub-Gaussian and have all moments.",
    _ORDER * eta - eta**2 / (2 * spread),
    -((eta - _ORDER * spread) ** 2) / (2 * spread) + _ORDER**2 * spread / 2,
    label=r"\lambda\eta - \tfrac{\eta^2}{2s}",
)


def _case(
    identifier: str,
    family: Family,
    curvatures: tuple[Expr, Expr],
    batch: Expr,
    regularity: tuple[Step, ...],
    inequalities: tuple[Inequality, ...],
    not_said: str,
) -> Claim:
    """A case of Theorem 2: its family, its assumptions, its information, and the limit for a batch's `tr(I^-1)`."""
    recursion = scaled(score().recursion, inverse_trace(*curvatures))
    name = r"\sqrt{n}(\theta_t-\theta) \Rightarrow h_t,\qquad \lim_{t\to\infty}\mathbb{E}\|h_t\|^2"
    return Claim(
        id=identifier,
        left=Symbol(name),
        published=batch * rho(w, k),
        derived=recursion.fixed_point()[0],
        assumptions=(_NORMAL, LARGE, FRESH, "$0 < w \\le 1$ for the limit in $t$.", _SMOOTH),
        steps=(*family.steps(), _SUB_GAUSSIAN, *regularity, *_information(*curvatures)),
        inequalities=inequalities,
        not_said=not_said,
        recursion=recursion,
        start=(batch,),
    )


@claim(
    "glm.linear",
    source="Section 3.2 (1)",
    summary="Linear regression is a case of Theorem 2, with the information Ω for N(0, Ω) covariates.",
    example=("k=3/2", "w=0.4", "omega_inverse=3"),
    rests_on=(REGULARITY,),
)
def linear() -> Claim:
    """Linear regression with unit variance: the information is Omega."""
    one = sp.Integer(1)
    limit = omega_inverse * rho(w, k)
    return _case(
        "glm.linear",
        LINEAR,
        (one, one),
        omega_inverse,
        (Step("Assumption 2(4): the third derivative vanishes.", LINEAR.bend, sp.Integer(0), label="A'''(\\eta)"),),
        (Inequality("the limit is positive", limit, (w > 0, w <= 1, positive(k), positive(omega_inverse))),),
        r"Errors have unit variance; with variance $\sigma^2$ the limit is $\sigma^2$ times as large. Nothing about "
        "finite n. For $n > p + 1$ the risk exists, and simulations of it meet the limit: that $n$ times it converges "
        "is not shown.",
    )


@claim(
    "glm.logistic",
    source="Section 3.2 (2)",
    summary="Logistic regression is a case of Theorem 2; its information takes two one-dimensional integrals.",
    example=("k=3/2", "w=0.4", "omega_inverse=3", "slope2=1", "spread=2", "curvature=0.2", "curvature_along=0.15"),
    rests_on=(REGULARITY,),
)
def logistic() -> Claim:
    """Logistic regression: the curvatures are one-dimensional integrals."""
    a = curvature
    b = curvature_along
    v = LOGISTIC.variance
    trace = (omega_inverse - slope2 / spread) / a + slope2 / (spread * b)
    size = sp.Rational(1, 108)
    regularity = (
        Step(
            "The variance is at most 1/4, so that $a$ and $b$ exist:",
            sp.Rational(1, 4) - v,
            ((exp_eta - 1) / (2 * (exp_eta + 1))) ** 2,
            label=r"\tfrac14 - A''(\eta)",
        ),
        Step(
            "Assumption 2(4): the third derivative is at most $1/\\sqrt{108}$ in absolute value, as",
            size - LOGISTIC.bend**2,
            (v - sp.Rational(1, 6)) ** 2 * (4 * v + sp.Rational(1, 3)),
            label=r"\tfrac1{108} - A'''(\eta)^2",
        ),
    )
    return _case(
        "glm.logistic",
        LOGISTIC,
        (a, b),
        trace,
        regularity,
        (
            Inequality("the variance is positive, and so are a and b", v, (positive(exp_eta),)),
            Inequality(_POSITIVE, trace, (*_SPREAD, positive(a), positive(b)), coordinates=_WITHIN),
        ),
        "The integrals a and b have no closed form (nocollapse information logistic gives their digits). At finite n "
        "the estimate does not exist with positive probability (separable samples), and its risk is not defined.",
    )


@claim(
    "glm.poisson",
    source="Section 3.2 (3)",
    summary="Poisson regression is a case of Theorem 2, with a closed information for N(0, Ω) covariates.",
    example=("k=3/2", "w=0.4", "omega_inverse=3", "slope2=1", "spread=2"),
    rests_on=(REGULARITY,),
)
def poisson() -> Claim:
    """Poisson regression: the curvatures are derivatives of the normal moment generating function."""
    generating = sp.exp(_ORDER**2 * spread / 2)
    a = generating.subs(_ORDER, 1)
    b = sp.factor(sp.diff(generating, _ORDER, 2).subs(_ORDER, 1) / spread)
    trace = sp.exp(-spread / 2) * (omega_inverse - slope2 / (1 + spread))
    regularity = (
        Step(
            r"With $\mathbb{E}e^{\lambda\eta} = e^{\lambda^2s/2}$, and its second derivative at $\lambda = 1$,",
            b,
            (1 + spread) * a,
            label=r"b = \mathbb{E}[e^\eta\eta^2]/s",
        ),
        Step(
            r"Assumption 2(4): the third derivative is $e^\eta$ again, and near $\theta$, within $\varepsilon$, at "
            r"most $e^{x'\theta + \varepsilon\|x\|}$, which has all moments.",
            slope(POISSON.variance),
            exp_eta,
            label=r"A'''(\eta)",
        ),
    )
    return _case(
        "glm.poisson",
        POISSON,
        (a, b),
        trace,
        regularity,
        (
            Inequality("the variance is positive", POISSON.variance, (positive(exp_eta),)),
            Inequality(_POSITIVE, omega_inverse - slope2 / (1 + spread), _SPREAD, coordinates=_WITHIN),
        ),
        "Nothing about finite n, where a sample of zero counts only, say, has no estimate: the risk is not defined.",
    )
