"""Random-design least squares with one Gaussian covariate: the error at finite n and m, by one-dimensional integrals.

Theorem 2 speaks of n to infinity; here is what it leaves out, for the sharpest of checks. With `X'X` of both batches
chi-square, their total is independent of the synthetic share B, a Beta variable. Given the design the error is linear
in independent parts, so that its second moment is an affine recursion whose coefficients are means over B.
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
