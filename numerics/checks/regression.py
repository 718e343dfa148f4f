"""Design points of Section 3.2: linear, logistic and Poisson regression, extrapolated in n."""

from __future__ import annotations

from sympy import Rational

from nocollapse.numerics.checks.design import AgainstSize, Check, Column, Extrapolation, Prediction, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import columns, letters_of
from nocollapse.numerics.checks.regression_limits import ERROR, LATE, LINEAR, LOGISTIC, POISSON, Setting, limits_in_n
from nocollapse.numerics.checks.sampling import RegressionErrors
from nocollapse.theory.claims.registry import recursion_of
from nocollapse.theory.models.least_squares import one_covariate


@check("glm.linear")
def linear() -> Check:
    """Extrapolated; exact at any n for a fixed design, and for one random covariate by integrals."""
    runs, extrapolations = _extrapolated("glm.linear", LINEAR)
    return Check((*runs, _fixed_design(), _one_covariate()), tuple(extrapolations))


@check("glm.logistic")
def logistic() -> Check:
    """Extrapolated."""
    runs, extrapolations = _extrapolated("glm.logistic", LOGISTIC)
    return Check(tuple(runs), tuple(extrapolations))


@check("glm.poisson")
def poisson() -> Check:
    """Extrapolated."""
    runs, extrapolations = _extrapolated("glm.poisson", POISSON)
    return Check(tuple(runs), tuple(extrapolations))


def _extrapolated(identifier: str, settings: tuple[Setting, ...]) -> tuple[list[Run], list[Extrapolation]]:
    """The error itself, at a late step and at step 0; the first setting makes a figure."""
    runs: list[Run] = []
    extrapolations: list[Extrapolation] = []
    letters = letters_of(identifier)
    for setting in settings:
        invariants = {name: value for name, value in setting.parameters().items() if name in letters}
        title = f"{setting.model.capitalize()} regression: the bias at finite n, k = {setting.k}, w = {setting.weight}"
        series, limits = limits_in_n(
            identifier,
            setting,
            ERROR,
            (LATE, 0),
            {**invariants, "k": float(setting.k)},
            AgainstSize(title, ERROR.quantity) if setting is settings[0] else None,
        )
        runs += series
        extrapolations += limits
    return runs, extrapolations


def _fixed_design() -> Run:
    """With a design whose second moments are those of the law, at every step, the limit is the value at any n."""
    setting = LINEAR[1]
    n = 20
    steps = (0, 1, 40)
    weights = (0.45, 0.8)
    common = {"omega_inverse": setting.parameters()["omega_inverse"], "k": float(setting.k)}
    quantity = f"{ERROR.quantity}, fixed design, n = {n}"
    errors = columns("glm.linear", recursion_of("glm.linear"), quantity, common, steps, weights)
    settings = setting.settings(n, steps, weights=weights, design="fixed")
    return Run("fixed-design", RegressionErrors(settings, 1 / n), errors)


def _one_covariate() -> Run:
    """The exact error at small n and m, from integrals."""
    n = 12
    m = 30
    omega = 2.0
    weight = Rational("0.4")
    steps = (0, 1, 5, 40)
    recursion = one_covariate(n, m, weight)
    settings = {
        "model": "linear",
        "n": n,
        "m": m,
        "beta": (0.5,),
        "omega": ((omega,),),
        "weights": (float(weight),),
        "steps": steps,
    }
    errors = [
        Column(
            r"$\mathbb{E}(\theta_t - \theta)^2\omega$, one covariate",
            {"n": n, "m": m, "w": float(weight), "t": t},
            Prediction(float(recursion.iterate(t)[0])),
        )
        for t in steps
    ]
    return Run("one-covariate", RegressionErrors(settings, 1 / omega), tuple(errors))
