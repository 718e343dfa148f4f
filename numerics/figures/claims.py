"""The figures of claims in the report: a theory curve, and simulated points with 95 % intervals on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nocollapse.document import FigureEntry, FigurePoint, OptimumEntry, Role
from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.design import AgainstSize, AgainstWeight, Check, Draw
from nocollapse.numerics.checks.expected import QUANTITIES, SIGMA, spectrum, value_at
from nocollapse.numerics.checks.limits import Limit
from nocollapse.numerics.checks.misspecified import best_weight
from nocollapse.numerics.checks.populations import table
from nocollapse.numerics.checks.sampling import Errors, GaussianErrors, PopulationErrors
from nocollapse.numerics.figures.theory_curves import Law, least_limit_weight, limit_of, rationals
from nocollapse.numerics.protocol.equality import quantile
from nocollapse.numerics.simulation import adult
from nocollapse.numerics.simulation.empirical import simulate_cdf, simulate_pmf
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.claims.registry import recursion_of
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import PARAMETERS, latex

REPLICATIONS = {"quick": 250, "standard": 1000, "paper": 5000}
"""Of every point of a figure."""
WEIGHTS = tuple(round(0.2 + 0.05 * i, 2) for i in range(17))
"""The weights of most figures, up to real data only."""
ADULT_WEIGHTS = WEIGHTS[:13]
"""Those of Adult's columns, in the range of the paper's grid."""
REGRESSION_WEIGHTS = tuple(round(0.2 + 0.1 * i, 2) for i in range(8))
LATE = 40
"""The step at which errors are drawn for their limits."""
STEPS = tuple(range(21))
N_ADULT = 500
"""Real points a step of Adult, and as many synthetic ones, as in the paper."""
OVERVIEW = ("mean.error", "covariance.error", "cdf.error")
"""The claims whose error against the weight stands for all of them, side by side."""
_WEIGHT = "weight w on real data"
_STEP = "step t"
_REAL_ONLY = "real data only"
_SIGMA = r"$p = 2$, $\Sigma = \begin{pmatrix} 2 & 1/2 \\ 1/2 & 1 \end{pmatrix}$"
"""`SIGMA` in prose."""
_CRAMER = r"$\mathbb{E}\int (F_t - F)^2\,dF$"
_FINE = 121
"""Points of a curve between abscissae."""


@dataclass(frozen=True)
class Plan:
    """One figure: what to draw, and the curve and marks that theory puts on it.

    `draw` gives what is simulated at an abscissa, one column. `fixed` says in prose what is the same at all of them.
    The curve is drawn between the abscissae, too, unless they are steps.
    """

    id: str
    claim: str
    role: Role
    title: str
    x: str
    y: str
    fixed: str
    abscissa: Sequence[float]
    draw: Callable[[float], Draw]
    curve: Law
    optimum: float | None = None
    reference: tuple[float, str] | None = None

    def stream(self, seed: int, abscissa: float) -> Stream:
        """The random numbers of one abscissa: no other one has the same, so that points err independently."""
        return Stream(seed, f"figure/{self.id}/{abscissa:g}")


def plans(identifiers: Sequence[str], checks: Mapping[str, Check] | None = None) -> list[Plan]:
    """The figures of the given claims: those that are listed here, then those that their checks ask for."""
    listed = [plan for plan in (*_against_weight(), *_regressions(), *_against_step()) if plan.claim in identifiers]
    asked = [
        _of_simulator(identifier, figure.what, figure.axis, figure.simulate, figure.parameters)
        for identifier, check in (checks or {}).items()
        for figure in check.figures
    ]
    return [*listed, *asked]


# --- errors against the weight ---------------------------------------------------------------------------------------


def _against_weight() -> list[Plan]:
    sizes = {"n": 20, "m": 40}
    return [
        _gaussian_weight("mean.error", "mean", sizes),
        _gaussian_weight("covariance.error", "covariance", sizes),
        _of_simulator("cdf.error", "CDF", f"error in the limit, {_CRAMER}", simulate_cdf, sizes),
        *(_adult(column) for column in ("workclass", "education", "marital_status")),
    ]


def _gaussian_weight(identifier: str, part: str, sizes: Mapping[str, int]) -> Plan:
    n = sizes["n"]
    sigma = spectrum(SIGMA)
    real_only = {"mean": sigma["trace"] / n, "covariance": (sigma["frob2"] + sigma["trace"] ** 2) / (n - 1)}
    return _over_weights(
        identifier,
        part,
        f"error in the limit, {QUANTITIES[part]}",
        f"{_SIGMA}, step {LATE}",
        {**sizes, **sigma},
        lambda weight: GaussianErrors((part,), {**sizes, "sigma": SIGMA, "weights": (weight,), "steps": (LATE,)}),
        real_only[part],
    )


def _of_simulator(
    identifier: str, what: str, y: str, simulate: Callable[..., FloatArray], parameters: Mapping[str, float]
) -> Plan:
    """The same for a simulator that takes the claim's parameters."""
    others = [f"${latex(PARAMETERS[name])} = {x:g}$" for name, x in parameters.items() if name not in ("n", "m")]
    return _over_weights(
        identifier,
        what,
        y,
        ", ".join([*others, f"step {LATE}"]),
        parameters,
        lambda weight: Errors(simulate, {**parameters, "weights": (weight,), "steps": (LATE,)}),
        value_at(recursion_of(identifier), {**parameters, "t": 0}),
    )


def _over_weights(
    identifier: str,
    what: str,
    y: str,
    fixed: str,
    parameters: Mapping[str, float],
    draw: Callable[[float], Draw],
    real_only: float,
) -> Plan:
    """The limiting error against the weight, with the best weight and the error of real data only marked."""
    return Plan(
        f"{identifier}-weight",
        identifier,
        "overview" if identifier in OVERVIEW else "weight",
        f"Error of the {what} against the weight, n = {parameters['n']}, m = {parameters['m']}",
        _WEIGHT,
        y,
        fixed,
        WEIGHTS,
        draw,
        limit_of(identifier, rationals(parameters)),
        least_limit_weight(recursion_of(identifier), parameters),
        (real_only, _REAL_ONLY),
    )


def _adult(column: str) -> Plan:
    n = N_ADULT
    _, probabilities = adult.frequencies(column, "all")
    spread = float(1 - np.sum(probabilities**2))
    settings = {"n": n, "m": n, "probabilities": probabilities, "steps": (30,)}
    parameters = {"n": n, "m": n, "gini": spread}
    return Plan(
        f"pmf.error-{column}",
        "pmf.error",
        "weight",
        f"Adult, {column.replace('_', ' ')}: error of the PMF, n = m = {n}",
        _WEIGHT,
        r"error in the limit, $\mathbb{E}\|p_t - p\|^2$",
        f"{len(probabilities)} categories, step 30",
        ADULT_WEIGHTS,
        lambda weight: Errors(simulate_pmf, {**settings, "weights": (weight,)}),
        limit_of("pmf.error", rationals(parameters)),
        least_limit_weight(recursion_of("pmf.error"), parameters),
        (spread / n, _REAL_ONLY),
    )


def _regressions() -> list[Plan]:
    """The Adult regression at the paper's n = m = 500, in both scalings."""
    tables = ("adult-all", "adult-complete")
    return [_regression(name, metric) for name in tables for metric in ("raw", "standardised")]


def _regression(name: str, metric: str) -> Plan:
    n = N_ADULT
    rows = name.removeprefix("adult-")
    limit = limit_of("glm.misspecified", {**table(name).traces(metric), "k": 1.0})
    return Plan(
        f"glm.misspecified-{rows}-{metric}-{n}",
        "glm.misspecified",
        "weight",
        f"Adult regression, {rows} rows, {metric} features, n = m = {n}: the curve is the limit of large n",
        _WEIGHT,
        r"error, $\mathbb{E}\|\theta_t - \theta^*\|^2$" + (" of standardised" if metric == "standardised" else ""),
        f"$p = {len(table(name).theta)}$, step 16",
        REGRESSION_WEIGHTS,
        lambda weight: PopulationErrors(name, (metric,), n, n, (weight,), (16,)),
        lambda weight: limit(weight) / n,
        best_weight(name, metric),
        (limit(1.0) / n, _REAL_ONLY),
    )


# --- errors against the step -----------------------------------------------------------------------------------------

_SIZES = {"n": 40, "m": 20}
_SIZED = "n = 40, m = 20"


def _against_step() -> list[Plan]:
    return [
        _framework("fully-synthetic", 0.0, "only synthetic data"),
        _framework("accumulation", 1.0, "all batches kept, covariance known", known_covariance=True),
        _framework("augmentation", 0.3, "the same real batch at every step, w = 0.3"),
        _framework("fresh", 0.3, "new real data at every step, w = 0.3"),
        _gaussian_step("mean.error", "mean", 0.25, f"Error of the mean against the step, w = 0.25, {_SIZED}"),
        _gaussian_step(
            "covariance.error", "covariance", 0.25, f"Error of the covariance against the step, w = 0.25, {_SIZED}"
        ),
        _collapse(),
    ]


def _framework(framework: str, weight: float, words: str, known_covariance: bool = False) -> Plan:
    """The error of the mean."""
    plan = _gaussian_step(
        f"framework.{framework}",
        "mean",
        weight,
        f"Error of the mean against the step: {words}, {_SIZED}",
        framework=framework,
        known_covariance=known_covariance,
    )
    return replace(plan, reference=(spectrum(SIGMA)["trace"] / _SIZES["n"], _REAL_ONLY))


def _gaussian_step(identifier: str, part: str, weight: float, title: str, **options: object) -> Plan:
    settings = {**_SIZES, "sigma": SIGMA, "weights": (weight,), **options}
    return Plan(
        f"{identifier}-step",
        identifier,
        "step",
        title,
        _STEP,
        f"error, {QUANTITIES[part]}",
        _SIGMA,
        STEPS,
        lambda step: GaussianErrors((part,), {**settings, "steps": (int(step),)}),
        _at_steps(recursion_of(identifier), {**_SIZES, **spectrum(SIGMA), "w": weight}),
    )


def _collapse() -> Plan:
    settings = {**_SIZES, "weights": (0.0,)}
    return Plan(
        "cdf.error-step",
        "cdf.error",
        "step",
        f"Error of the CDF without real data: collapse, {_SIZED}",
        _STEP,
        f"error, {_CRAMER}",
        "$w = 0$",
        tuple(2 * step for step in STEPS),
        lambda step: Errors(simulate_cdf, {**settings, "steps": (int(step),)}),
        _at_steps(recursion_of("cdf.error"), {**_SIZES, "w": 0.0}),
        reference=(1 / 6, "collapse: 1/6"),
    )


def _at_steps(recursion: Recursion, parameters: Mapping[str, float]) -> Law:
    return lambda step: value_at(recursion, {**parameters, "t": step})


# --- extrapolations --------------------------------------------------------------------------------------------------


def extrapolated(limits: Sequence[Limit]) -> list[FigureEntry]:
    """The figures that extrapolations ask for: against 1/n, and their intercepts against the weight."""
    biases: list[FigureEntry] = []
    against_weight: dict[tuple[str, AgainstWeight], list[Limit]] = {}
    for limit in limits:
        if isinstance(limit.plan.figure, AgainstSize):
            biases.append(_bias(limit, limit.plan.figure))
        elif limit.plan.figure is not None:
            against_weight.setdefault((limit.claim, limit.plan.figure), []).append(limit)
    return [*biases, *(_against(figure, shown) for (_, figure), shown in against_weight.items())]


def _bias(limit: Limit, figure: AgainstSize) -> FigureEntry:
    """What the means at finite n extrapolate to."""
    inverse_sizes = 1 / np.asarray(limit.plan.sizes, dtype=float)
    line = np.linspace(0, inverse_sizes.max(), 61)
    fitted = sum(coefficient * line**power for power, coefficient in enumerate(limit.fit.coefficients))
    return {
        "id": f"{limit.claim}-bias",
        "claim": limit.claim,
        "role": "bias",
        "title": figure.title,
        "note": _replications(limit),
        "x": "1/n (the point at 0 is extrapolated)",
        "y": figure.axis,
        "log_y": False,
        "curve": {"x": line.tolist(), "y": np.asarray(fitted).tolist(), "label": "regression on 1/n"},
        "points": _points(
            [0.0, *inverse_sizes],
            [limit.fit.estimate, *limit.means],
            [limit.fit.standard_error, *limit.errors],
        ),
        "optimum": None,
        "reference": {"y": limit.plan.target, "label": "theory, n to infinity"},
    }


def _replications(limit: Limit) -> str:
    return f"step {limit.plan.parameters['t']}, {limit.replications} trajectories over all n"


def _against(figure: AgainstWeight, limits: list[Limit]) -> FigureEntry:
    """The intercepts at several weights, on the derived limit as a function of the weight."""
    first = limits[0]
    parameters = {name: value for name, value in first.plan.parameters.items() if name not in ("w", "t")}
    weights = [limit.plan.parameters["w"] for limit in limits]
    curve = limit_of(first.claim, parameters)
    best = least_limit_weight(recursion_of(first.claim), parameters)
    fine = np.linspace(min(weights), max(weights), _FINE).tolist()
    return {
        "id": f"{first.claim}-{figure.name}",
        "claim": first.claim,
        "role": "limits",
        "title": f"{figure.title}: extrapolated to n = infinity",
        "note": f"{_replications(first)}; weights share their draws",
        "x": _WEIGHT,
        "y": "second moment of the limit law",
        "log_y": False,
        "curve": {"x": fine, "y": [curve(weight) for weight in fine]},
        "points": _points(
            weights,
            [limit.fit.estimate for limit in limits],
            [limit.fit.standard_error for limit in limits],
        ),
        "optimum": _optimum(best),
        "reference": None,
    }


# --- from plans to entries -------------------------------------------------------------------------------------------


def sample(draw: Draw, stream: Stream, replications: int) -> tuple[float, float]:
    """The mean of the one column of a draw and its standard error, over the trajectories that have an estimate."""
    (column,) = draw(stream, range(replications)).T
    values = column[~np.isnan(column)]
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def tasks(plan: Plan, seed: int, replications: int) -> list[tuple[Draw, Stream, int]]:
    """What `sample` takes for every abscissa of a figure."""
    return [(plan.draw(x), plan.stream(seed, x), replications) for x in plan.abscissa]


def figure(plan: Plan, sampled: Sequence[tuple[float, float]], replications: int) -> FigureEntry:
    """The figure as plain data, with what `sample` gives for every abscissa."""
    first = min(plan.abscissa)
    last = max(plan.abscissa)
    line = plan.abscissa if plan.role == "step" else np.linspace(first, last, _FINE).tolist()
    means, errors = zip(*sampled, strict=True)
    return {
        "id": plan.id,
        "claim": plan.claim,
        "role": plan.role,
        "title": plan.title,
        "note": f"{plan.fixed}; {replications} trajectories a point, independent of those of the others",
        "x": plan.x,
        "y": plan.y,
        "log_y": False,
        "curve": {"x": [float(x) for x in line], "y": [plan.curve(float(x)) for x in line]},
        "points": _points(plan.abscissa, means, errors),
        "optimum": None if plan.optimum is None else _optimum(plan.optimum),
        "reference": None if plan.reference is None else {"y": plan.reference[0], "label": plan.reference[1]},
    }


def _optimum(weight: float) -> OptimumEntry:
    """Of the error that is drawn: w* for a mean, a little more for a covariance and a little less for a CDF."""
    return {"x": weight, "label": f"best w = {weight:.3f}"}


def _points(abscissa: Iterable[float], means: Iterable[float], errors: Iterable[float]) -> list[FigurePoint]:
    """Means with 95 % intervals."""
    reach = quantile(0.975)
    return [
        {
            "x": float(x),
            "y": float(mean),
            "low": float(mean - reach * error),
            "high": float(mean + reach * error),
        }
        for x, mean, error in zip(abscissa, means, errors, strict=True)
    ]
