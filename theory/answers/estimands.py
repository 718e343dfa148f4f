"""What may be weighed: a model's options, and the claim and parameters that they come to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Rational

from nocollapse.models import WEIGHED, resolve
from nocollapse.theory.answers.evaluate import check, check_together
from nocollapse.theory.answers.quantity import quantity
from nocollapse.theory.claims.misspecified import k_eff
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import PARAMETERS, k, m, n

Given = Mapping[str, Rational]


@dataclass(frozen=True)
class Case:
    """A claim with its parameters besides the sizes, what is assumed, and the best weight in letters."""

    claim: str
    parameters: Given
    assumed: tuple[str, ...] = ()
    formula: str | None = None

    def recursion(self) -> Recursion:
        """The error's recursion in n, m and w; where the claim is about n times the error, divided by n."""
        recursion = quantity(self.claim).per_real_point()
        return recursion.subs({PARAMETERS[name]: value for name, value in self.parameters.items()})


def _in_letters(claim: str, ratio: Expr = n / m) -> str:
    """A claim's formula, and what its k stands for."""
    formula = sp.together(quantity(claim).expression)
    return f"{formula} with k = {ratio}" if formula.has(k) else str(formula)


def mean(given: Given) -> Case:
    """The Gaussian mean; tr Sigma gives its error a size."""
    unit = () if given else ("Errors are in units of tr Sigma.",)
    return Case("mean.error", {"trace": Rational(1), **given}, unit, _in_letters("mean.optimal-weight"))


def covariance(given: Given) -> Case:
    """The Gaussian covariance, of a given spectrum or an identity."""
    if given.keys() == {"trace", "frob2"}:
        return Case("covariance.error", given)
    if not given.keys() <= {"p"}:
        raise ValueError("model covariance needs trace and frob2 together, or p alone")
    p = given.get("p", Rational(1))
    assumed = f"Sigma is the identity in p = {p} dimension{'' if p == 1 else 's'}: give p, or trace and frob2."
    return Case("covariance.error", {"trace": p, "frob2": p}, (assumed,))


def cdf(given: Given) -> Case:
    """The empirical CDF, which has no options."""
    return Case("cdf.error", given, (), _in_letters("cdf.optimal-weight"))


def pmf(given: Given) -> Case:
    """The empirical PMF; its spread gives its error a size."""
    unit = () if given else ("Errors are in units of 1 - sum p_j^2.",)
    case = Case("pmf.error", {"gini": Rational(1), **given}, unit, _in_letters("cdf.optimal-weight"))
    if case.parameters["gini"] == 0:
        raise ValueError("gini = 0 leaves nothing to estimate")
    return case


def glm(given: Given) -> Case:
    """Maximum likelihood, of a model that holds or one that does not."""
    limits = "Errors are limits as n grows with n/m fixed: at finite n there is a bias of order 1/n."
    if not given:
        unit = "They are in units of tr(I^-1), which nocollapse information gives."
        return Case("glm.error", given, (limits, unit), _in_letters("mean.optimal-weight"))
    if len(given) == 1:
        raise ValueError("model glm needs trace_model and trace_sandwich together, or neither")
    ratio = (k_eff / k).subs({PARAMETERS[name]: value for name, value in given.items()})
    wrong = f"The model does not hold: k = {sp.N(ratio, 6)} n/m takes the place of n/m."
    return Case("glm.misspecified", given, (limits, wrong), _in_letters("mean.optimal-weight", k_eff.subs(k, n / m)))


def case(model: str, options: Given, probabilities: Sequence[Rational] | None = None) -> Case:
    """What a model's options come to. Raises ValueError for one that is out of its domain or of another model.

    >>> case("covariance", {"p": Rational(4)}).parameters
    {'trace': 4, 'frob2': 4}
    """
    if model not in WEIGHED:
        raise ValueError(f"model = {model!r} is not one of {', '.join(WEIGHED)}")
    estimand = WEIGHED[model]
    build: Callable[[Given], Case] = resolve(estimand.case)
    named = [*options, *([] if probabilities is None else ["probabilities"])]
    if foreign := [name for name in named if name not in estimand.options]:
        raise ValueError(f"{foreign[0]} does not apply to model {model}")
    for name, value in options.items():
        if name != "p":
            check(name, value)
        elif value.q != 1 or value < 1:
            raise ValueError(f"p = {value} is not a whole number >= 1")
    check_together(options)
    if probabilities is None:
        return build(options)
    if options:
        raise ValueError("model pmf needs gini or probabilities, not both")
    return build({"gini": _gini(probabilities)})


def _gini(probabilities: Sequence[Rational]) -> Rational:
    """1 - sum p_j^2 of probabilities that sum to 1 within 1e-9, and are rescaled to do so."""
    total = sum(probabilities, Rational(0))
    if min(probabilities, default=-1) < 0 or abs(total - 1) > Rational(1, 10**9):
        shown = ", ".join(str(p) for p in probabilities)
        raise ValueError(f"probabilities = {shown} are not values >= 0 that sum to 1")
    return 1 - sum(p**2 for p in probabilities) / total**2
