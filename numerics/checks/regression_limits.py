"""What checks of regressions share: settings, and errors extrapolated in n."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from sympy import Rational

from nocollapse.numerics.checks.design import AgainstSize, Column, Extrapolation, Run
from nocollapse.numerics.checks.expected import SIGMA, SIGMA_3, Parameters, letters_of, limit_prediction
from nocollapse.numerics.checks.sampling import RegressionErrors, Sigma
from nocollapse.theory.answers.information import Information, information

LATE = 6
"""By then the memory of step 0, (1-w)^(2t), is 7e-5 or less: far below any standard error."""


@dataclass(frozen=True)
class Setting:
    """One regression: its model, coefficients (the intercept first, if there is one), covariates, ratio and weight.

    `sizes` are the n to extrapolate from, with a polynomial of `degree` in 1/n.
    """

    label: str
    model: str
    beta: tuple[float, ...]
    omega: Sigma
    k: Fraction
    weight: float
    sizes: tuple[int, ...]
    degree: int = 1
    precision: float = 1.8

    @property
    def intercept(self) -> bool:
        """Whether the first coefficient is an intercept."""
        return len(self.beta) > len(self.omega)

    def information(self) -> Information:
        """The Fisher information, to 17 digits."""
        beta = [Rational(str(b)) for b in self.beta]
        rows = [[Rational(str(x)) for x in row] for row in self.omega]
        return information(self.model, beta[self.intercept :], rows, beta[0] if self.intercept else None)

    def parameters(self) -> Parameters:
        """What the claims about a regression without intercept depend on."""
        beta = np.array(self.beta)
        omega = np.asarray(self.omega)
        fisher = np.array(self.information().information, float)
        inverse = np.linalg.inv(omega)
        along = float((fisher @ beta)[0] / (omega @ beta)[0])
        across = (np.trace(inverse @ fisher) - along) / max(len(beta) - 1, 1)
        return {
            "omega_inverse": float(np.trace(inverse)),
            "slope2": float(beta @ beta),
            "spread": float(beta @ omega @ beta),
            "curvature": float(across),
            "curvature_along": along,
        }

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


_SMALL = (100, 200, 400, 800)
_LARGE = (150, 300, 600, 1200)
TWO = Fraction(2)
HALF = Fraction(1, 2)
QUARTER = Fraction(1, 4)
LINEAR = (
    Setting("k2", "linear", (0.8, -0.4), SIGMA, TWO, 0.6, _SMALL),
    Setting("k-quarter", "linear", (0.6, -0.3, 0.5), SIGMA_3, QUARTER, 0.55, _SMALL),
)
LOGISTIC = (
    Setting("k2", "logistic", (0.5, -0.25), SIGMA, TWO, 0.6, _LARGE),
    Setting("k-half", "logistic", (0.6, -0.3, 0.5), SIGMA_3, HALF, 0.55, _LARGE),
)
POISSON = (
    Setting("k2", "poisson", (0.5, -0.25), SIGMA, TWO, 0.6, _LARGE),
    Setting("k-half", "poisson", (0.4, -0.3, 0.5), SIGMA_3, HALF, 0.55, _LARGE),
)
WITH_INTERCEPT = (
    LINEAR[0],
    Setting("intercept", "logistic", (-0.5, 0.8, -0.4), SIGMA, QUARTER, 0.55, _LARGE),
)


class Measure(NamedTuple):
    """What of an error is extrapolated: its name, and the unit in which it is taken."""

    quantity: str
    unit: float


ERROR = Measure(r"mean of $n\|\theta_t - \theta\|^2$ where the estimate exists", 1.0)


def scaled(setting: Setting) -> Measure:
    """The error in units of that of one real batch."""
    quantity = r"mean of $n\|\theta_t - \theta\|^2 / \operatorname{tr}(I^{-1})$ where the estimate exists"
    return Measure(quantity, float(setting.information().trace_inverse))


def limits_in_n(
    identifier: str,
    setting: Setting,
    measure: Measure,
    steps: tuple[int, ...],
    common: Parameters,
    figure: AgainstSize | None = None,
) -> tuple[list[Run], list[Extrapolation]]:
    """One run a size, with a column a step, and one extrapolation a step, the late one with the figure.

    `common` are the claim's parameters besides weight and step.
    """
    recorded = tuple(sorted(steps))
    runs = [_at_size(setting, measure, recorded, n) for n in setting.sizes]
    weight = {"w": setting.weight} if "w" in letters_of(identifier) else {}
    extrapolations = []
    for t in steps:
        late = t == recorded[-1]
        point = {**common, **weight, "t": t}
        extrapolations.append(
            Extrapolation(
                f"{measure.quantity} at 1/n = 0",
                tuple(run.name for run in runs),
                setting.sizes,
                point,
                limit_prediction(identifier, point, late=late),
                degree=setting.degree,
                column=recorded.index(t),
                figure=figure if late else None,
            )
        )
    return runs, extrapolations


def _at_size(setting: Setting, measure: Measure, steps: tuple[int, ...], n: int) -> Run:
    settings = setting.settings(n, steps)
    columns = tuple(
        Column(measure.quantity, {"n": n, "m": settings["m"], "w": setting.weight, "t": t}, "estimate") for t in steps
    )
    draw = RegressionErrors(settings, measure.unit)
    return Run(f"{setting.label}-{n}", draw, columns, precision=setting.precision)
