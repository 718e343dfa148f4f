"""The assumptions of the project's own claims, each stated once.

Arithmetic, induction, and limits of rational functions and of geometric sequences are none: steps have them checked.
"""

from __future__ import annotations

from nocollapse.theory.claims.assumption import Assumption

M_ESTIMATION = Assumption(
    "m-estimation",
    r"Weighted maximum likelihood is linear to first order. Under Assumptions 1 and 2 of the paper, for each fixed $t$ "
    r"and as $n \to \infty$ with $n/m = k$, estimates exist with a probability that tends to 1, and "
    r"$\sqrt{n}(\theta_s-\theta)$ for $s \le t$ tend jointly in law to the solutions of the linearised score "
    r"equations, in which scores are independent normal vectors. That holds, too, where synthetic data are drawn at "
    r"$\theta_{s-1}$, and at the best parameter of a model that does not hold.",
    "The proof of the paper's Theorem 2; for one batch, A. W. van der Vaart, Asymptotic Statistics (1998), "
    "Theorems 5.21 and 5.23",
    "the simulations of the claims on regressions, exponential families and models that do not hold: errors at several "
    "n, extrapolated to infinity, meet the limit law's",
)
REGULARITY = Assumption(
    "regularity",
    "Linear, logistic and Poisson regression with Gaussian covariates, and canonical exponential families in the "
    "interior of their natural parameters, satisfy Assumptions 1 and 2 of the paper: expectations may be "
    r"differentiated under the integral, only $\theta$ maximises the expected log-likelihood, and near $\theta$ its "
    "third derivatives are bounded by a function with a finite expectation.",
    "The paper's Assumptions 1 and 2 and their verification in its supplement; L. D. Brown, Fundamentals of "
    "Statistical Exponential Families (1986), Chapter 2",
    "in part, the steps of glm.linear, glm.logistic and glm.poisson: sub-Gaussian covariates and the third derivatives",
)
EXCHANGE_OF_LIMITS = Assumption(
    "exchange-of-limits",
    r"For the Gaussian covariance the limits in $n$ and in $t$ may be exchanged, and second moments converge with the "
    r"law: as $n \to \infty$ with $n/m = k$, $n\,\mathbb{E}\|\Sigma_\infty-\Sigma\|^2$ tends, in any norm, to the "
    r"second moment of the limit in $t$ of the limit laws of $\sqrt{n}(\Sigma_t-\Sigma)$.",
    "The paper's Corollary 3",
    "the simulation of covariance.operator-norm, at several n; in the Frobenius norm, covariance.asymptotic, which "
    "takes the limits in the other order",
)
STRONG_LAW = Assumption(
    "strong-law",
    "The strong law of large numbers: averages of independent, identically distributed variables with a finite "
    "expectation tend to it almost surely.",
    "R. Durrett, Probability: Theory and Examples (5th edition, 2019), Theorem 2.4.1",
    r"the simulation of gaussian.fully-synthetic: in ordinary trajectories $\log\operatorname{tr}\Sigma_t$ falls",
)
EXPONENTIAL = Assumption(
    "exponential",
    r"$e^x \ge 1 + x$ for every real $x$, with equality only at 0.",
    "NIST Digital Library of Mathematical Functions, Section 4.5(ii)",
    "in part, the steps of mean.floor and gaussian.fully-synthetic: a value and a derivative from which it follows",
)
INTEGRAL_TRANSFORM = Assumption(
    "integral-transform",
    r"For a continuous distribution function $F$ and $X \sim F$, $F(X)$ is uniform on $[0,1]$; and expectations of "
    "integrals of what is not negative are integrals of expectations.",
    "R. Durrett, Probability: Theory and Examples (5th edition, 2019), Section 1.2 and Theorem 1.7.2",
)
GAMMA_FUNCTIONS = Assumption(
    "gamma-functions",
    r"$\sum_{j\ge0}(z+j)^{-2}$ is the trigamma function at $z$, which is $\pi^2/6$ at $z = 1$; and infinite products "
    r"of rational terms are quotients of values of $\Gamma$.",
    "NIST Digital Library of Mathematical Functions, 5.15.1, 5.15.2 and 5.8.5",
    "in part, the simulation of framework.accumulation, extrapolated in the number of steps: the sum for equal batches",
)
