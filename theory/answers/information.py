"""The Fisher information of a regression with covariates N(0, Omega): numbers with certified digits.

`I = E[v(eta) x x']` with `eta = beta_0 + x'beta` depends on three moments of the variance function v along the
linear predictor: `J_j = E[v(beta_0 + sqrt(s) Z) Z^j]`, j = 0, 1, 2, for a standard normal Z and `s = beta'Omega
beta`. They are closed for linear and Poisson regression, and one-dimensional integrals for logistic regression,
enclosed in ball arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import flint
from flint import acb, arb, arb_mat, fmpq, fmpq_mat
from sympy import Rational

from nocollapse.theory.answers.decimals import certain_decimal

_TRIES = 6


@dataclass(frozen=True)
class Information:
    """The information matrix (p, p) and the trace of its inverse, as decimals whose digits are all right."""

    information: tuple[tuple[str, ...], ...]
    trace_inverse: str


def information(
    model: str,
    beta: Sequence[Rational],
    omega: Sequence[Sequence[Rational]] | None = None,
    intercept: Rational | None = None,
    digits: int = 17,
) -> Information:
    """The Fisher information of one observation at `beta`, whose covariates are N(0, omega).

    `omega` is (d, d), the identity unless given; with an `intercept` the first row and column are its own. Errors
    have unit variance in the linear model. Raises ValueError naming what is out of its domain. Source: Section 3.2.

    >>> information("poisson", [Rational(0), Rational(1)]).information
    (('1.6487212707001281', '0'), ('0', '3.2974425414002563'))
    """
    if model not in _MOMENTS:
        raise ValueError(f"model = {model!r} is not one of {', '.join(_MOMENTS)}")
    if not beta:
        raise ValueError("beta = [] is not one or more numbers")
    covariance = _covariance(omega, len(beta))
    slopes = fmpq_mat(len(beta), 1, [_fmpq(b) for b in beta])
    constant = None if intercept is None else _fmpq(intercept)
    for attempt in range(_TRIES):
        with flint.ctx.workprec((64 + 4 * digits) << attempt):
            settled = _written(_matrix(model, slopes, covariance, constant), digits)
        if settled is not None:
            return settled
    shown = ",".join(str(b) for b in beta)
    raise ValueError(f"beta = {shown} is too large: the information's {digits} digits cannot be settled")


def _written(matrix: arb_mat, digits: int) -> Information | None:
    """The decimals of a matrix and of the trace of its inverse; None where the balls are too wide to tell."""
    p = matrix.nrows()
    try:
        inverse = matrix.inv()
    except ZeroDivisionError:
        return None
    balls = [*(matrix[i, j] for i in range(p) for j in range(p)), sum((inverse[i, i] for i in range(p)), arb(0))]
    texts = [text for ball in balls if (text := certain_decimal(ball, digits)) is not None]
    if len(texts) < len(balls):
        return None
    return Information(tuple(tuple(texts[p * i : p * i + p]) for i in range(p)), texts[-1])


def _covariance(omega: Sequence[Sequence[Rational]] | None, d: int) -> fmpq_mat:
    """Omega, exactly. Raises ValueError unless symmetric, positive definite and of the size of beta."""
    if omega is None:
        return fmpq_mat([[int(i == j) for j in range(d)] for i in range(d)])
    shown = ";".join(",".join(str(x) for x in row) for row in omega)
    if len(omega) != d or any(len(row) != d for row in omega):
        raise ValueError(f"omega = {shown} is not a {d} x {d} matrix, the size of beta")
    matrix = fmpq_mat([[_fmpq(x) for x in row] for row in omega])
    minors = (fmpq_mat([[matrix[i, j] for j in range(r)] for i in range(r)]).det() for r in range(1, d + 1))
    if matrix != matrix.transpose() or not all(minor > 0 for minor in minors):
        raise ValueError(f"omega = {shown} is not a symmetric positive definite matrix")
    return matrix


def _fmpq(value: Rational) -> fmpq:
    return fmpq(int(value.p), int(value.q))


def _matrix(model: str, slopes: fmpq_mat, covariance: fmpq_mat, intercept: fmpq | None) -> arb_mat:
    """`J_0 (Omega + bend c c')` with `c = Omega beta`, bordered by J_0 and `J_0 tilt c` for the intercept."""
    c = covariance * slopes
    level, tilt, bend = _MOMENTS[model](arb(intercept or 0), arb((slopes.transpose() * c)[0, 0]))
    d = covariance.nrows()
    rows = [[level * (arb(covariance[i, j]) + bend * arb(c[i, 0] * c[j, 0])) for j in range(d)] for i in range(d)]
    if intercept is not None:
        border = [level * tilt * arb(c[i, 0]) for i in range(d)]
        rows = [[level, *border], *([edge, *row] for edge, row in zip(border, rows, strict=True))]
    return arb_mat(rows)


_Moments = tuple[arb, arb, arb]
"""J_0, `J_1 / (sqrt(s) J_0)` and `(J_2 / J_0 - 1) / s`."""


def _linear(intercept: arb, s: arb) -> _Moments:
    """v = 1."""
    return arb(1), arb(0), arb(0)


def _poisson(intercept: arb, s: arb) -> _Moments:
    """v = exp: `J_0 = exp(beta_0 + s/2)`, and the other two are 1 by the normal moment generating function."""
    return (intercept + s / 2).exp(), arb(1), arb(1)


def _logistic(intercept: arb, s: arb) -> _Moments:
    """v(eta) = 1/(4 cosh(eta/2)^2): three integrals, over z where it is spread out and over eta where it is not."""
    integrals = [_over_eta(j, intercept, s) if s > 1 else _over_z(j, intercept, s) for j in range(3)]
    if s.is_zero():
        return integrals[0], arb(0), arb(0)
    zeroth, first, second = integrals
    tilt = arb(0) if intercept.is_zero() else first / (s.sqrt() * zeroth)
    return zeroth, tilt, (second / zeroth - 1) / s


def _over_z(j: int, intercept: arb, s: arb) -> arb:
    """E[v(eta) Z^j], j <= 2, over [-edge, edge]; both tails together are below what v <= 1/4 gives."""
    edge = (arb(2) * arb.const_log2() * flint.ctx.prec).sqrt().ceil()
    root = acb(s.sqrt())
    inner = acb.integral(lambda z, _: z**j * _density(z) * _variance(intercept + root * z), -edge, edge).real
    return inner + arb(0, ((edge + 1 / edge) * _density(acb(edge)).real / 2).upper())


def _over_eta(j: int, intercept: arb, s: arb) -> arb:
    """The same over eta in [-edge, edge]; both tails together are below what v <= exp(-|eta|) gives."""
    edge = (arb.const_log2() * flint.ctx.prec).ceil()
    root = acb(s.sqrt())

    def integrand(eta: acb, _: bool) -> acb:
        z = (eta - intercept) / root
        return z**j * _density(z) * _variance(eta) / root

    return acb.integral(integrand, -edge, edge).real + arb(0, (2 * (-edge).exp() / s.sqrt()).upper())


def _density(z: acb) -> acb:
    return (-(z**2) / 2).exp() / (2 * arb.pi()).sqrt()


def _variance(eta: acb) -> acb:
    return 1 / (4 * (acb(eta) / 2).cosh() ** 2)


_MOMENTS = {"linear": _linear, "logistic": _logistic, "poisson": _poisson}
