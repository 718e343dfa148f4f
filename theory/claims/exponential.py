"""The canonical exponential family as a case of Theorem 2, with the multivariate Gaussian in it (Section 3.2, (4)).

The density is `h(y) exp(theta'T(y) - Phi(theta))`; its Fisher information is the Hessian of Phi.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy import Symbol

from nocollapse.theory.claims.assumptions import REGULARITY
from nocollapse.theory.claims.claim import Claim, Inequality, positive
from nocollapse.theory.claims.entry import claim
from nocollapse.theory.claims.setting import FRESH, LARGE, rho
from nocollapse.theory.models.exponential import VARIANCES, cumulants, explicit, gaussian, natural_trace
from nocollapse.theory.models.score import scaled, score
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import distance1, distance2, k, precision1, precision2, w


def _recovered() -> Iterator[Step]:
    """Section 3.1: in (mu, Sigma) the inverse information is Sigma, and the covariance of a sample covariance."""
    natural, usual = gaussian()
    s1, s2 = VARIANCES
    yield Step(
        r"The Gaussian: $\Phi = \frac12h'P^{-1}h - \frac12\log\det P$ in $h = P\mu$, $P = \Sigma^{-1}$, with natural "
        r"parameters $(h, -P/2)$; two dimensions, in the principal axes of $\Sigma$. Its Hessian, taken to "
        r"$(\mu,\Sigma)$ by the chain rule, gives the mean the variance $\operatorname{tr}\Sigma$ of Theorem 1,",
        sp.Add(*(usual.inv()[i, i] for i in (0, 1))),
        s1 + s2,
        label=r"\operatorname{tr}(I^{-1})_{\mu\mu}",
    )
    yield Step(
        r"the covariance that of Corollary 1(4), $\operatorname{tr}(\Sigma^2) + (\operatorname{tr}\Sigma)^2$,",
        sp.Add(*(usual.inv()[i, i] for i in (2, 3, 4))),
        s1**2 + s2**2 + (s1 + s2) ** 2,
        label=r"\operatorname{tr}(I^{-1})_{\Sigma\Sigma}",
    )
    yield Step(
        "and nothing is shared between them.",
        sp.Add(*(usual[i, j] ** 2 for i in (0, 1) for j in (2, 3, 4))),
        sp.Integer(0),
        label=r"\|I_{\mu\Sigma}\|^2",
    )
    yield Step(
        r"In the natural parameters, in terms that do not depend on the axes,",
        natural.inv().trace(),
        natural_trace().subs(explicit()),
        label=r"\operatorname{tr}(\nabla^2\Phi)^{-1}",
    )


@claim(
    "glm.exponential-family",
    source="Section 3.2 (4)",
    summary="The canonical exponential family is a case of Theorem 2; its Gaussian gives Section 3.1 back.",
    example=("k=3/2", "w=0.4", "precision1=3", "precision2=5", "distance1=1", "distance2=2"),
    rests_on=(REGULARITY,),
)
def family() -> Claim:
    """The canonical exponential family; the Gaussian's natural parameters, and Section 3.1 again."""
    batch = precision1 * (1 + distance1) + distance2 + (precision2 + precision1**2) / 4
    published = batch * rho(w, k)
    recursion: Recursion = scaled(score().recursion, natural_trace())
    name = (
        r"\sqrt{n}(P_t\mu_t-P\mu,\,P_t-P) \Rightarrow (u_t,G_t),\qquad "
        r"\lim_{t\to\infty}\mathbb{E}\big[\|u_t\|^2+\tfrac14\|G_t\|_F^2\big]"
    )
    signs = (positive(precision1), positive(precision2), positive(distance1), positive(distance2))
    return Claim(
        left=Symbol(name),
        published=published,
        derived=recursion.fixed_point()[0],
        assumptions=(
            r"Responses are iid from a canonical exponential family; here $N(\mu,\Sigma)$ in two dimensions with "
            r"$\Sigma$ positive definite, $P = \Sigma^{-1}$, fitted by weighted maximum likelihood in its natural "
            "parameters.",
            LARGE,
            FRESH,
            "$0 < w \\le 1$ for the limit in $t$.",
            "Assumption 2 of the paper, in the interior of the natural parameters; Assumption 1 is empty, as there are "
            "no covariates.",
        ),
        steps=(*cumulants(), *_recovered()),
        inequalities=(Inequality("the limit is positive", published, (w > 0, w <= 1, positive(k), *signs)),),
        not_said="In three dimensions the same formula is simulated, and not proved. The "
        "estimate of Section 3.1 differs from weighted maximum likelihood in terms of order 1/n.",
        recursion=recursion,
        start=(batch,),
    )
