"""Design points of Theorem 2 and Corollary 2: linear, logistic and Poisson regression, extrapolated in n."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import Rational

from nocollapse.numerics.checks.design import AgainstSize, Check, Column, Extrapolation, Run
from nocollapse.numerics.checks.entry import check
from nocollapse.numerics.checks.expected import SIGMA, SIGMA_3, Parameters, columns, published, value_at
from nocollapse.numerics.checks.sampling import RegressionErrors, Sigma
from nocollapse.theory.answers.information import Information, information
from nocollapse.theory.claims.registry import claim_of
from nocollapse.theory.models.least_squares import one_covariate

STEP = 6
"""By then the memory of step 0, (1-w)^(2t), is 7e-5 or less: far below any standard error."""


@dataclass(frozen=True)
class Setting:
    """One regression: its model, coefficients (the intercept first, if there is one), covariates, ratio and weight.

    ``sizes`` are the n to extrapolate from, with a polynomial of ``degree`` in 1/n.
    """

    label: str
    model: str
    beta: tuple[float, ...]
    omega: Sigma
    k: Fraction
    weight: float
    sizes: tuple[int, ...]
    degree: int
    precision: float

    @property
    def intercept(self) -> bool:
        return len(self.beta) > len(self.omega)

    def information(self) -> Information:
        """The Fisher information, to 17 digits."""
        beta = [Rational(str(b)) for b in self.beta]
        rows = [[Rational(str(x)) for x in row] for row in self.omega]
        return information(self.model, beta[self.intercept :], rows, beta[0] if self.intercept else None)

    def parameters(self) -> Parameters:
        """What the claims about a regression without intercept depend on."""
        beta, omega = np.array(self.beta), np.asarray(self.omega)
        matrix = np.array(self.information().information, float)
        inverse, along = np.linalg.inv(omega), float((matrix @ beta)[0] / (omega @ beta)[0])
        across = (np.trace(inverse @ matrix) - along) / max(len(beta) - 1, 1)
        found = {"omega_inverse": np.trace(inverse), "slope2": beta @ beta, "spread": beta @ omega @ beta}
        found |= {"curvature": across, "curvature_along": along}
        return {name: float(value) for name, value in found.items()}

    def settings(self, n: int, steps: tuple[int, ...], **options: Any) -> dict[str, Any]:
        """The arguments of the simulator for n real points."""
        return {
            "model": self.model,
            "n": n,
            "m": int(n / self.k),
            "beta": self.beta,
            "omega": self.omega,
            "intercept": self.intercept,
            "weights": (self.weight,),
            "steps": steps,
            **options,
        }


_SMALL, _LARGE = (100, 200, 400, 800), (150, 300, 600, 1200)
TWO = Fraction(2)
LINEAR = (
    Setting("k2", "linear", (0.8, -0.4), SIGMA, TWO, 0.6, _SMALL, 1, 1.8),
    Setting("k-quarter", "linear", (0.6, -0.3, 0.5), SIGMA_3, Fraction(1, 4), 0.55, _SMALL, 1, 1.8),
)
LOGISTIC = (
    Setting("k2", "logistic", (0.5, -0.25), SIGMA, TWO, 0.6, _LARGE, 1, 1.8),
    Setting("k-half", "logistic", (0.6, -0.3, 0.5), SIGMA_3, Fraction(1, 2), 0.55, _LARGE, 1, 1.8),
)
POISSON = (
    Setting("k2", "poisson", (0.5, -0.25), SIGMA, TWO, 0.6, _LARGE, 1, 1.8),
    Setting("k-half", "poisson", (0.4, -0.3, 0.5), SIGMA_3, Fraction(1, 2), 0.55, _LARGE, 1, 1.8),
)
WITH_INTERCEPT = (
    LINEAR[0],
    Setting("intercept", "logistic", (-0.5, 0.8, -0.4), SIGMA, Fraction(1, 4), 0.55, _LARGE, 1, 1.8),
)
_SCALED = r"$n\,\mathbb{E}\|\theta_t - \theta\|^2 / \operatorname{tr}(I^{-1})$"
_ERROR = r"$n\,\mathbb{E}\|\theta_t - \theta\|^2$"


@check("glm.error")
def error() -> Check:
    """The scaled error at an early and a late step, with and without an intercept."""
    runs: list[Run] = []
    found: list[Extrapolation] = []
    for setting in WITH_INTERCEPT:
        scale = float(setting.information().trace_inverse)
        made, limits = _limits("glm.error", setting, _SCALED, (STEP, 1), scale, {"k": float(setting.k)})
        runs += made
        found += limits
    return Check(tuple(runs), tuple(found))


@check("glm.naive")
def naive() -> Check:
    """The same at the naive weight k/(1+k)."""
    runs: list[Run] = []
    found: list[Extrapolation] = []
    for setting in LINEAR:
        pooled = Setting(**{**vars(setting), "weight": float(setting.k / (1 + setting.k))})
        scale = float(setting.information().trace_inverse)
        made, limits = _limits("glm.naive", pooled, _SCALED, (40,), scale, {"k": float(setting.k)})
        runs += made
        found += limits
    return Check(tuple(runs), tuple(found))


@check("glm.linear")
def linear() -> Check:
    """Extrapolated; exact at any n for a fixed design, and for one random covariate by integrals."""
    extrapolated = _regression("glm.linear", LINEAR)
    return Check((*extrapolated.runs, _fixed_design(), _one_covariate()), extrapolated.extrapolations)


@check("glm.logistic")
def logistic() -> Check:
    return _regression("glm.logistic", LOGISTIC)


@check("glm.poisson")
def poisson() -> Check:
    return _regression("glm.poisson", POISSON)


def _regression(identifier: str, settings: tuple[Setting, ...]) -> Check:
    """The error itself, at a late step and at step 0; the first setting makes a figure."""
    runs: list[Run] = []
    found: list[Extrapolation] = []
    used = {str(symbol) for symbol in claim_of(identifier).published.free_symbols}
    for setting in settings:
        at = {name: value for name, value in setting.parameters().items() if name in used}
        title = f"{setting.model.capitalize()} regression: the bias at finite n, k = {setting.k}, w = {setting.weight}"
        figure = AgainstSize(title, _ERROR) if setting is settings[0] else None
        made, limits = _limits(identifier, setting, _ERROR, (STEP, 0), 1.0, {**at, "k": float(setting.k)}, figure)
        runs += made
        found += limits
    return Check(tuple(runs), tuple(found))


def _limits(
    identifier: str,
    setting: Setting,
    words: str,
    steps: tuple[int, ...],
    scale: float,
    at: Parameters,
    figure: AgainstSize | None = None,
) -> tuple[list[Run], list[Extrapolation]]:
    """One run a size, with a column a step (the late one first), and one extrapolation a step."""
    recursion = claim_of(identifier).recursion
    runs: list[Run] = []
    for n in setting.sizes:
        settings = setting.settings(n, tuple(sorted(steps)))
        shown = {"n": n, "m": settings["m"], "w": setting.weight}
        made = tuple(Column(words, {**shown, "t": t}, "estimate") for t in sorted(steps))
        draw = RegressionErrors(settings, scale)
        runs.append(Run(f"{setting.label}-{n}", draw, made, precision=setting.precision))
    found = []
    for t in steps:
        late = t == max(steps)
        weight = {} if identifier == "glm.naive" else {"w": setting.weight}
        point = {**at, **weight, "t": t}
        target = published(identifier, point) if late or recursion is None else value_at(recursion, point)
        found.append(
            Extrapolation(
                f"{words} at 1/n = 0",
                tuple(run.name for run in runs),
                setting.sizes,
                target,
                point,
                degree=setting.degree,
                linked=late,
                recursion=recursion,
                column=sorted(steps).index(t),
                figure=figure if late else None,
            )
        )
    return runs, found


def _fixed_design() -> Run:
    """With a design whose second moments are those of the law, at every step, the limit is the value at any n."""
    setting, n, steps, weights = LINEAR[1], 20, (0, 1, 40), (0.45, 0.8)
    recursion = claim_of("glm.linear").recursion
    assert recursion is not None
    common = {"omega_inverse": setting.parameters()["omega_inverse"], "k": float(setting.k)}
    settings = setting.settings(n, steps, weights=weights, design="fixed")
    made = columns("glm.linear", recursion, f"{_ERROR}, fixed design, n = {n}", common, steps, weights)
    return Run("fixed-design", RegressionErrors(settings, 1 / n), made)


def _one_covariate() -> Run:
    """The exact error at small n and m, from integrals."""
    n, m, omega, weight, steps = 12, 30, 2.0, "0.4", (0, 1, 5, 40)
    recursion = one_covariate(n, m, Rational(weight))
    settings = {
        "model": "linear", "n": n, "m": m, "beta": (0.5,), "omega": ((omega,),), "weights": (float(weight),),
        "steps": steps,
    }  # fmt: skip
    made = tuple(
        Column(
            r"$\mathbb{E}(\theta_t - \theta)^2\omega$, one covariate",
            {"n": n, "m": m, "w": float(weight), "t": t},
            target=float(recursion.iterate(t)[0]),
        )
        for t in steps
    )
    return Run("one-covariate", RegressionErrors(settings, 1 / omega), made)
