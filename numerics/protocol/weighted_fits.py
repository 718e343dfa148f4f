"""Weighted straight-line and parabola fits: the intercept at n = infinity, and the slope of a rate.

Both are `y_i = sum_j c_j x_i^j + error_i` with known standard errors `se_i` and independent points, so
`Cov(c) = (X' W X)^-1` with `W = diag(1/se^2)`, and the weighted residual sum of squares is chi-square with
`points - coefficients` degrees of freedom if the polynomial is the right one. That is the lack-of-fit test.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.protocol.equality import ALPHA, FAMILY, Equality, compare

MISFIT = 1e-5  # chance that the lack-of-fit test doubts a right polynomial: a run fits some 50 of them


@dataclass(frozen=True)
class Fit:
    """One coefficient of a weighted polynomial fit, with its standard error and the lack-of-fit test.

    `lack_of_fit` is the chi-square p-value of the residuals: a small one says the polynomial is wrong.
    `coefficients` are those of the whole polynomial, the constant first.
    """

    estimate: float
    standard_error: float
    chi_square: float
    freedom: int
    lack_of_fit: float
    coefficients: tuple[float, ...]

    @property
    def doubt(self) -> str:
        """Why the coefficient is not to be trusted; empty if the polynomial fits."""
        if self.lack_of_fit > MISFIT:
            return ""
        return f"lack of fit: chi-square {self.chi_square:.4g} on {self.freedom}, p = {self.lack_of_fit:.2g}"

    def compare(
        self,
        target: float,
        *,
        replications: int,
        margin: float,
        alpha: float = ALPHA,
        family: float = FAMILY,
        tests: int = 1,
    ) -> Equality:
        """The planned comparison of the coefficient with a target, as `numerics.protocol.equality.compare`.

        `replications` is the total behind the points, for the record only. With a lack of fit the comparison
        carries the doubt, so it is never SUPPORTED.
        """
        return compare(
            self.estimate,
            self.standard_error,
            target,
            replications=replications,
            margin=margin,
            alpha=alpha,
            family=family,
            tests=tests,
            doubt=self.doubt,
        )


def intercept(x: npt.ArrayLike, means: npt.ArrayLike, standard_errors: npt.ArrayLike, degree: int = 1) -> Fit:
    """The value at x = 0 of a polynomial of degree 1 or 2 through independent means, all of shape (K,).

    With `x = 1/n` and `means = n * error` it is the limit that an asymptotic claim speaks of.
    Raises ValueError if K < degree + 2 (nothing left to test the fit), x repeats too often, or errors are not > 0.

    >>> fit = intercept([0.1, 0.05, 0.025], [3.2, 3.1, 3.05], [0.01, 0.01, 0.01])
    >>> round(fit.estimate, 12), fit.freedom
    (3.0, 1)
    """
    if degree not in (1, 2):
        raise ValueError(f"degree must be 1 or 2, not {degree}")
    return _fit(x, means, standard_errors, degree, 0)


def slope(x: npt.ArrayLike, y: npt.ArrayLike, standard_errors: npt.ArrayLike) -> Fit:
    """The slope of a straight line through independent points, all arrays of shape (K,), K >= 3.

    For a power law pass logs of both, for a geometric one the log of y alone; by the delta method a mean with
    standard error `se` has `log mean` with standard error `se/mean`. Errors as `intercept`.

    >>> t = np.array([10.0, 20.0, 40.0, 80.0])
    >>> fit = slope(np.log(t), np.log(5 / t), np.full(4, 0.01))
    >>> round(fit.estimate, 12), round(fit.standard_error, 4)
    (-1.0, 0.0065)
    """
    return _fit(x, y, standard_errors, 1, 1)


def _fit(x: npt.ArrayLike, y: npt.ArrayLike, errors: npt.ArrayLike, degree: int, power: int) -> Fit:
    """The coefficient of x^power, by QR of the weighted design: better conditioned than X'WX."""
    abscissa = np.asarray(x, dtype=np.float64)
    ordinate = np.asarray(y, dtype=np.float64)
    error = np.asarray(errors, dtype=np.float64)
    _check(abscissa, ordinate, error, degree)
    unit = float(np.abs(abscissa).max())  # powers of x/unit are of one size; undone below
    design = np.vander(abscissa / unit, degree + 1, increasing=True) / error[:, None]
    q, r = np.linalg.qr(design)
    scaled = ordinate / error
    inverse = np.linalg.inv(r)
    coefficients = inverse @ (q.T @ scaled)
    residual = scaled - design @ coefficients
    chi_square = float(residual @ residual)
    freedom = abscissa.size - degree - 1
    return Fit(
        estimate=float(coefficients[power]) / unit**power,
        standard_error=float(np.linalg.norm(inverse[power])) / unit**power,
        chi_square=chi_square,
        freedom=freedom,
        lack_of_fit=float(chdtrc(freedom, chi_square)),
        coefficients=tuple(float(c) / unit**i for i, c in enumerate(coefficients)),
    )


def _check(x: FloatArray, y: FloatArray, error: FloatArray, degree: int) -> None:
    if not (x.ndim == 1 and x.shape == y.shape == error.shape):
        raise ValueError(f"x, y and errors must share one shape (K,), not {x.shape}, {y.shape}, {error.shape}")
    if x.size < degree + 2:
        raise ValueError(f"a tested fit of degree {degree} needs at least {degree + 2} points, not {x.size}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError(f"points must be finite, not x = {x.tolist()}, y = {y.tolist()}")
    if np.unique(x).size < degree + 1:
        raise ValueError(f"a fit of degree {degree} needs {degree + 1} different x, not {x.tolist()}")
    if not (np.isfinite(error).all() and (error > 0).all()):
        raise ValueError(f"standard errors must be finite and > 0, not {error.tolist()}")
