"""Weighted maximum likelihood: Theorem 2's recursion from the score equation, and what follows from it.

As n grows, sqrt(n) (theta_t - theta) tends in law to h_t, which obeys a linear recursion; its second moment is
`r_t I^-1` with the scalar recursion `r_t = w^2 + q (r_{t-1} + k)`, whatever the model. I is the Fisher information.
"""

from __future__ import annotations

import sympy as sp
from sympy import Symbol

from nocollapse.theory.claims import coordinates
from nocollapse.theory.claims.assumptions import M_ESTIMATION
from nocollapse.theory.claims.claim import Claim, Inequality, positive
from nocollapse.theory.claims.covariance import asymptotic
from nocollapse.theory.claims.entry import claim
from nocollapse.theory.claims.gaussian import at_zero
from nocollapse.theory.claims.regression import linear
from nocollapse.theory.claims.setting import FADED, FRESH, LARGE, LIKELIHOOD, ON_OPTIMUM, OPTIMUM, rho
from nocollapse.theory.models.derivation import q
from nocollapse.theory.models.score import PAST, R, Y, scaled, score, score_equation
from nocollapse.theory.recursion import Recursion, stationary
from nocollapse.theory.steps import Step
from nocollapse.theory.symbols import frob2, k, omega_inverse, t, trace, w


@claim(
    "glm.error",
    source="Theorem 2",
    summary="As n grows, √n times the error of weighted maximum likelihood has the law N(0, r_t I⁻¹), and r_t tends to "
    "ρ(w,k), least at w*.",
    example=("k=3/2", "w=0.4"),
    rests_on=(M_ESTIMATION,),
)
def error() -> Claim:
    """Theorem 2: the limit law of weighted maximum likelihood at t, and the limit in t of its second moment."""
    derivation = score()
    derived = derivation.recursion.fixed_point()[0]
    return Claim(
        left=Symbol(r"\sqrt{n}(\theta_t-\theta) \Rightarrow h_t \sim N(0,r_tI^{-1}),\qquad \lim_{t\to\infty} r_t"),
        published=rho(w, k),
        derived=derived,
        assumptions=(LIKELIHOOD, LARGE, FRESH, "$0 < w \\le 1$ for the limit in $t$."),
        steps=(
            *derivation.steps,
            Step(
                "The minimiser is the Gaussian mean's, by the regret identity: the least value is",
                derived,
                w,
                (ON_OPTIMUM,),
                r"\rho(w^*,k)",
            ),
        ),
        inequalities=(
            Inequality("the memory fades", 1 - q, (w > 0, w <= 1)),
            Inequality("the limit is positive", rho(w, k), (w > 0, w <= 1, positive(k))),
        ),
        not_said="Nothing about finite n, where there is a bias of order 1/n; nor that the risk exists there, which "
        "for logistic regression it does not (separable samples have positive probability), nor that n times it "
        "converges where it exists.",
        recursion=derivation.recursion,
        start=(sp.Integer(1),),
    )


@claim(
    "glm.fully-synthetic",
    source="Section 5.1, Scenario 1 (Figure 7)",
    summary="Without real data the limit law spreads for ever: its second moment is 1 + kt times that of one real "
    "batch.",
    example=("k=3/2", "t=4"),
    uses=("glm.error",),
)
def fully_synthetic() -> Claim:
    """With w = 0 the second moment of the limit law gains the same amount at every step, and passes every bound."""
    info = Symbol("I", real=True)
    bound = Symbol("C", positive=True)
    recursion = at_zero(score().recursion)
    closed = recursion.at(t)[0]
    gain = closed.subs(t, t + 1) - closed
    return Claim(
        left=Symbol(r"\sqrt{n}(\theta_t-\theta) \Rightarrow h_t \sim N(0,r_tI^{-1}),\qquad r_t"),
        published=1 + k * t,
        derived=closed,
        assumptions=(LIKELIHOOD, LARGE, "$w = 0$: after step 0 only synthetic points are used."),
        steps=(
            Step(
                "Without real data the weighted score equation leaves a random walk: the estimate of the step before, "
                "and the noise of a synthetic batch,",
                score_equation(info).solution.subs(w, 0),
                PAST + sp.sqrt(k) * Y / info,
                label="h_t",
            ),
            Step(
                "which is independent of the past and adds its variance.",
                recursion.update(sp.ImmutableMatrix([[R]]))[0],
                R + k,
                label="r_t",
            ),
            Step("The closed form starts at one real batch,", closed.subs(t, 0), sp.Integer(1), label="r_0"),
            Step(
                "and obeys the recursion at every step, so by induction it is the solution.",
                closed.subs(t, t + 1) - recursion.update(sp.ImmutableMatrix([[closed]]))[0],
                sp.Integer(0),
                label=r"r_t = 1 + kt,\qquad r_{t+1} - (M r_t + c)",
            ),
            Step("It grows by the same amount at every step.", gain, k, label="r_{t+1} - r_t"),
        ),
        inequalities=(Inequality("it grows at every step", gain, (positive(k),)),),
        obligations=(
            Inequality(
                "it passes every bound C, at the latest at step C/k",
                closed - bound,
                (positive(k), positive(bound), sp.GreaterThan(k * t, bound)),
            ),
        ),
        not_said="It is about the limit law at a fixed step, as n grows, not about t growing at a fixed n. There a "
        "logistic trajectory ends sooner or later, as a batch is separable with probability $2^{-m}$ or more, whatever "
        "the model that it is drawn from; a logistic risk exists at no n and no t.",
        recursion=recursion,
        start=(sp.Integer(1),),
    )


@claim(
    "glm.naive",
    source="Corollary 2",
    summary="Naive mixing costs (k+1)/(k+2) against w*: strictly worse, and w* less than 2√k times that, which tends "
    "to 0.",
    example=("k=3/2",),
)
def naive() -> Claim:
    """Corollary 2: naive mixing is strictly worse than the optimal weight, and arbitrarily so for small k."""
    naive = k / (1 + k)
    share = Symbol(r"\varepsilon", positive=True)
    derived = sp.factor(score().recursion.fixed_point()[0].subs(w, naive))
    published = (k + 1) / (k + 2)
    excess = (k + 2) / (k + 1)
    return Claim(
        left=Symbol(r"\rho(k/(1+k), k)"),
        published=published,
        derived=derived,
        assumptions=(LIKELIHOOD, LARGE, FRESH, "Naive mixing pools all points, so that $w = k/(1+k)$."),
        steps=(
            Step(
                "The loss against the optimum is a square.",
                derived - w,
                (naive - w) ** 2 / ((1 - w) * naive * (2 - naive)),
                (ON_OPTIMUM,),
                r"\rho(\tfrac{k}{1+k},k) - w^*",
            ),
            Step(
                "As $k \\to 0$ naive mixing keeps half of the real-only risk: above that it has less than $k/4$,",
                published - sp.Rational(1, 2),
                k / (2 * (k + 2)),
                label=r"\tfrac{k+1}{k+2} - \tfrac12",
            ),
            Step(
                r"while the optimum vanishes: $(w^*)^2$ is below $k$ by",
                k - w**2,
                k * w,
                (ON_OPTIMUM,),
                label="k - (w^*)^2",
            ),
            Step(
                r"The relative loss tends to 0: $w^*$ over the naive factor is below $2w^*$, so below $2\sqrt k$, as",
                4 - excess**2,
                k * (3 * k + 4) / (k + 1) ** 2,
                label=r"4 - \big(\tfrac{k+2}{k+1}\big)^2",
            ),
        ),
        inequalities=(
            Inequality(
                "strictly worse for every k",
                published - w,
                (*OPTIMUM, positive(k)),
                coordinates=coordinates.ALONG_OPTIMUM,
            ),
            Inequality("naive mixing: less than k/4 above one half", k / 4 - k / (2 * (k + 2)), (positive(k),)),
            Inequality(
                "the relative loss is below twice the root of k",
                4 * k - (w * excess) ** 2,
                (*OPTIMUM, positive(k)),
                coordinates=coordinates.ALONG_OPTIMUM,
            ),
        ),
        obligations=(
            Inequality(
                r"for every $\varepsilon$ the relative loss is below it once $4k \le \varepsilon^2$",
                share * published - w,
                (*OPTIMUM, positive(k), positive(share), sp.LessThan(4 * k, share**2)),
            ),
        ),
        not_said="Both schemes have the same n and m (glm.synthetic-size lets them differ).",
    )


@claim(
    "glm.synthetic-size",
    source="Remark 4",
    summary="The optimal weight beats naive mixing of any synthetic size iff k ≤ 1/2, that is m ≥ 2n.",
    example=(),
    uses=("glm.error",),
)
def synthetic_size() -> Claim:
    """Remark 4: the optimal weight with m points beats naive mixing of any size iff m >= 2n."""
    published = sp.Rational(1, 2)
    slope = stationary(score().recursion.fixed_point()[0], w)
    other = Symbol("kappa", positive=True)
    best = sp.Le(Symbol("w^*(k)"), sp.Rational(1, 2))
    return Claim(
        relation=lambda edge: sp.Equivalent(best, sp.Le(k, edge, evaluate=False), evaluate=False),
        published=published,
        derived=sp.solve(slope.subs(w, sp.Rational(1, 2)), k)[0],
        assumptions=(
            LIKELIHOOD,
            LARGE,
            FRESH,
            r"Naive mixing may use any other number of synthetic points, $n/\kappa$.",
        ),
        steps=(
            Step(
                r"Naive mixing of size $n/\kappa$ stays above 1/2, and comes as close as one likes: the excess is",
                (other + 1) / (other + 2) - sp.Rational(1, 2),
                other / (2 * (other + 2)),
                label=r"\tfrac{\kappa+1}{\kappa+2} - \tfrac12",
            ),
            Step(
                "So the optimum beats all of them iff $w^* \\le 1/2$. On the constraint that has the sign of",
                (sp.Rational(1, 2) - k) * (1 - w),
                (sp.Rational(1, 2) - w) * (1 + w),
                (ON_OPTIMUM,),
                label=r"(\tfrac12-k)(1-w^*)",
            ),
        ),
        inequalities=(Inequality("naive mixing stays above one half", other / (2 * (other + 2)), (positive(other),)),),
        obligations=(
            Inequality(
                "at most 1/2 if k is",
                sp.Rational(1, 2) - w,
                (*OPTIMUM, positive(k), sp.LessThan(k, published)),
                strict=False,
            ),
            Inequality("above 1/2 if k is", w - sp.Rational(1, 2), (*OPTIMUM, positive(k - published))),
        ),
        not_said="The comparison is of second moments of limit laws, in the limit in t, at the same n.",
    )


@claim(
    "glm.joint",
    source="Remark 5",
    summary="A covariate law that is learned too obeys the same recursion, beside the conditional model.",
    example=("k=3/2", "w=0.4", "trace=3", "frob2=5", "omega_inverse=2"),
    uses=("covariance.asymptotic",),
)
def joint() -> Claim:
    """Remark 5: a covariate law that is learned too obeys the same recursion, beside the conditional model."""
    eps, h, past, moved, info, z, noise = sp.symbols(r"\varepsilon h_t h_{t-1} g_{t-1} I Y c", real=True)
    omega, theta, x, y = sp.symbols(r"\omega \theta x y", real=True)
    density = sp.log(sp.Function("p")(x, omega)) + sp.log(sp.Function("p")(y, x, theta))
    drawn = eps * sp.sqrt(k) * z - (info + noise * eps * moved) * eps * (h - past)
    own = asymptotic().derived
    given = linear().derived
    published = (frob2 + trace**2 + omega_inverse) * rho(w, k)
    recursion: Recursion = scaled(score().recursion, frob2 + trace**2 + omega_inverse)
    name = (
        r"\sqrt{n}(\Omega_t-\Omega,\,\theta_t-\theta) \Rightarrow (g_t,h_t),\qquad "
        r"\lim_{t\to\infty}\mathbb{E}\big[\|g_t\|_F^2+\|h_t\|^2\big]"
    )
    return Claim(
        left=Symbol(name),
        published=published,
        derived=sp.factor(own + given),
        assumptions=(
            r"Covariates are $N(0,\Omega)$, $\Sigma = \Omega$ below; both $\Omega$ and the conditional model are "
            r"fitted by weighted maximum likelihood, and synthetic covariates are drawn from $N(0,\Omega_{t-1})$.",
            LARGE,
            FRESH,
            FADED,
            r"The conditional model is linear regression with unit variance; any other has its own "
            r"$\operatorname{tr}(I^{-1})$ in place of $\operatorname{tr}(\Omega^{-1})$.",
        ),
        steps=(
            Step(
                r"The joint density is $p(x;\Omega)\,p(y\mid x;\theta)$: no term of its logarithm has both parameters, "
                r"and so the information is block diagonal. For any entry $\omega$ of $\Omega$ and coefficient of "
                r"$\theta$,",
                sp.diff(density, omega, theta),
                sp.Integer(0),
                label=r"\partial_\omega\partial_\theta\log p(x,y)",
            ),
            Step(
                r"Synthetic covariates come from $\Omega + \varepsilon g_{t-1}$, which moves the information in the "
                r"score of $\theta$, but not to first order: with $\varepsilon = n^{-1/2}$ the mean synthetic score is",
                sp.expand(drawn).coeff(eps, 1),
                sp.sqrt(k) * z - info * (h - past),
                label=r"\partial_\varepsilon[\varepsilon\sqrt kY - (I+c\,\varepsilon g_{t-1})\varepsilon(h_t-h_{t-1})]",
            ),
            Step(
                r"So the covariates' covariance has the error of covariance.asymptotic,",
                own,
                (frob2 + trace**2) * rho(w, k),
                label=r"\lim_{t\to\infty}\mathbb{E}\|g_t\|_F^2",
            ),
            Step(
                "and the conditional model that of a known law.",
                given,
                omega_inverse * rho(w, k),
                label=r"\lim_{t\to\infty}\mathbb{E}\|h_t\|^2",
            ),
        ),
        inequalities=(
            Inequality(
                "the limit is positive",
                (frob2 + trace**2 + omega_inverse) * rho(w, k),
                (w > 0, w <= 1, *map(positive, (k, frob2, trace, omega_inverse)), trace**2 >= frob2),
            ),
        ),
        not_said="Nothing about covariates with unknown mean, or outside exponential families; nothing about finite n.",
        recursion=recursion,
        start=(frob2 + trace**2 + omega_inverse,),
    )
