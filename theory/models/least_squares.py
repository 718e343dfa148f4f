"""Random-design least squares with Gaussian covariates: the error at finite n and m, where integrals tell it.

Theorem 2 speaks of n to infinity; here is what it leaves out, for the sharpest of checks. Given the design the error
is linear in independent parts, so that its second moment is an affine recursion. With one covariate `X'X` of both
batches is chi-square, their total independent of the synthetic share B, a Beta variable: coefficients are means over B.
Without real data they are means of inverse chi-squares, for any number of covariates.
"""

from __future__ import annotations

import mpmath
import sympy as sp
from mpmath import mpf
from sympy import ImmutableMatrix, Symbol

from nocollapse.theory.recursion import Recursion

_DIGITS = 30


def one_covariate(n: int, m: int, weight: sp.Rational) -> Recursion:
    """The recursion of `omega E(theta_t - theta)^2` for x ~ N(0, omega) and unit errors, to 30 digits.

    `n, m > 2` and `0 < weight <= 1`. A batch of n points gives `X'e` the variance X'X; the first fit has error
    `E 1/X'X = 1/(n-2)`, and the total of both batches `E 1/(X'X + Y'Y) = 1/(n+m-2)`.
    """
    with mpmath.workdps(_DIGITS):
        w = mpf(int(weight.p)) / int(weight.q)
        real = w / n
        synthetic = (1 - w) / m

        def mean(numerator: object) -> sp.Float:
            """E of `numerator(B) / (real (1-B) + synthetic B)^2`."""
            assert callable(numerator)
            a = mpf(m) / 2
            b = mpf(n) / 2

            def integrand(share: mpf) -> mpf:
                density = share ** (a - 1) * (1 - share) ** (b - 1) / mpmath.beta(a, b)
                return numerator(share) * density / (real * (1 - share) + synthetic * share) ** 2

            middle = a / (a + b)
            return sp.Float(str(mpmath.quad(integrand, [0, middle / 2, middle, (1 + middle) / 2, 1])), _DIGITS)

        memory = mean(lambda share: (synthetic * share) ** 2)
        noise = mean(lambda share: real**2 * (1 - share) + synthetic**2 * share) / (n + m - 2)
    start = sp.Rational(1, n - 2)
    return Recursion((Symbol("e"),), *(ImmutableMatrix([[part]]) for part in (memory, noise, start)))


def without_real_data(n: int, m: int, p: int) -> Recursion:
    """The recursion of `E|theta_t - theta|^2 / tr(Omega^-1)` at w = 0 for x ~ N(0, Omega) in p dimensions, unit errors.

    `theta_t - theta_{t-1} = (Y'Y)^-1 Y'e` has the covariance (Y'Y)^-1 given the design. With standard normal covariates
    an entry on its diagonal is one over the residual sum of squares of a column of Y on the others, a chi-square of
    m - (p - 1) degrees. `n, m > p + 1`; step 0 has n points.
    """
    start, step = (_inverse_chi_square(size - p + 1) for size in (n, m))
    return Recursion((Symbol("e"),), *(ImmutableMatrix([[part]]) for part in (sp.Integer(1), step, start)))


def _inverse_chi_square(degrees: int) -> sp.Expr:
    """E 1/X of a chi-square X, from its density; ValueError where it is infinite."""
    if degrees <= 2:
        raise ValueError(f"a chi-square of {degrees} degrees has no inverse with a finite mean")
    half = sp.Rational(degrees, 2)
    x = Symbol("x", positive=True)
    moment = sp.integrate(x ** (half - 2) * sp.exp(-x / 2), (x, 0, sp.oo))
    return sp.gammasimp(moment / (2**half * sp.gamma(half)))
