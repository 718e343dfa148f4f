"""From a log-partition to a model: the exponential families of one response, with canonical link.

A density `h(y) exp(y eta - A(eta))` has mean `A'`, variance `A''` and, for covariates x with `eta = x'theta`,
Fisher information `E[A''(x'theta) x x']`. Source: Section 3.2, equation (6) and its cases (1)-(3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from sympy import Expr, Symbol

from nocollapse.theory.steps import Step

eta = Symbol("eta", real=True)
exp_eta = Symbol("g", positive=True)
"""`exp(eta)`: a symbol of its own, whose derivative is itself, so that identities are between rational functions."""
y = Symbol("y", integer=True, nonnegative=True)
_real = Symbol("y", real=True)


def slope(expression: Expr) -> Expr:
    """The derivative in eta of an expression in eta and `exp_eta = exp(eta)`.

    >>> slope(sp.log(1 + exp_eta))
    g/(g + 1)
    """
    return sp.cancel(sp.diff(expression, eta) + exp_eta * sp.diff(expression, exp_eta))


@dataclass(frozen=True)
class Family:
    """A log-partition, and the density that it must normalise: `carrier` on counts up to `last`, or on the line."""

    name: str
    partition: Expr
    carrier: Expr
    last: Expr | None

    @cached_property
    def mean(self) -> Expr:
        """A'."""
        return slope(self.partition)

    @cached_property
    def variance(self) -> Expr:
        """A''."""
        return sp.factor(slope(self.mean))

    @cached_property
    def bend(self) -> Expr:
        """A''', which Assumption 2(4) bounds."""
        return sp.factor(slope(self.variance))

    def total(self, value: Expr) -> Expr:
        """The sum, or integral, over y of `value * carrier * exp(y eta)`."""
        if self.last is None:
            weight = (value * self.carrier).subs(y, _real) * sp.exp(_real * eta)
            return sp.factor(sp.integrate(weight, (_real, -sp.oo, sp.oo)))
        return sp.factor(sp.summation(value * self.carrier * exp_eta**y, (y, 0, self.last)))

    def steps(self) -> Iterator[Step]:
        """The density is one, and the derivatives of A are its mean and variance: two routes to each."""
        whole = sp.exp(self.partition)
        named = "the integral" if self.last is None else "the sum"
        yield Step(
            f"{self.name}: {named} over $y$ of $h(y)e^{{y\\eta}}$ is $e^{{A(\\eta)}}$, so that the density is one "
            "(here and below $g = e^\\eta$):",
            self.total(sp.Integer(1)),
            whole,
            label=rf"{self._sign} h(y)e^{{y\eta}}",
        )
        yield Step(
            "The derivative of the log-partition is the mean,",
            sp.cancel(self.total(y) / whole),
            self.mean,
            label=rf"{self._sign} y\,p(y\mid\eta) = A'(\eta)",
        )
        yield Step(
            "and the second derivative is the variance.",
            sp.cancel(self.total(y**2) / whole) - self.mean**2,
            self.variance,
            label=r"\operatorname{Var}(y\mid\eta) = A''(\eta)",
        )
        yield from _directional()

    @property
    def _sign(self) -> str:
        return r"\int" if self.last is None else r"\sum_y"


def _directional() -> Iterator[Step]:
    """Gradient and Hessian of a q-dimensional response's log-partition, along any direction of the parameter."""
    eps = Symbol(r"\varepsilon")
    first = sp.symbols("eta_1 eta_2")
    second = sp.symbols("u_1 u_2")
    partition = sp.Function("A")
    along = sp.Add(*(partition(e + eps * u) for e, u in zip(first, second, strict=True)))
    slopes = [
        sp.Add(*(sp.diff(partition(e), e, order) * u**order for e, u in zip(first, second, strict=True)))
        for order in (1, 2)
    ]
    whys = (
        r"A $q$-dimensional response with independent components given $X = (x_1,\dots,x_q)$ has $\Phi(\theta,X) = "
        r"\sum_j A(x_j'\theta)$. Along any direction, with $u_j$ the change of $\eta_j = x_j'\theta$, the gradient is "
        r"$\sum_j A'(\eta_j)x_j$ (shown for $q = 2$; each component adds its own term):",
        r"and the Hessian $\sum_j A''(\eta_j)x_jx_j'$, which does not depend on $y$:",
    )
    for order, (why, right) in enumerate(zip(whys, slopes, strict=True), 1):
        yield Step(
            why,
            sp.diff(along, eps, order).subs(eps, 0).doit(),
            right,
            label=rf"\partial_\varepsilon^{order}\,\Phi" if order > 1 else r"\partial_\varepsilon\,\Phi",
        )


LINEAR = Family("Linear regression", eta**2 / 2, sp.exp(-(y**2) / 2) / sp.sqrt(2 * sp.pi), None)
LOGISTIC = Family("Logistic regression", sp.log(1 + exp_eta), sp.Integer(1), sp.Integer(1))
POISSON = Family("Poisson regression", exp_eta, 1 / sp.factorial(y), sp.oo)
