"""Every model in one row: its names, claims, options, simulators and notes. All lists of models are read from here.

It is a leaf: it imports nothing of the project. Code is named by its place in the package, as in
"numerics.simulation.empirical:cdf_errors", and found by `resolve` when it is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import Any


def resolve(place: str) -> Any:
    """The object at a place in the package.

    >>> resolve("models:resolve") is resolve
    True
    """
    return resolve_name(f"nocollapse.{place}")


@dataclass(frozen=True)
class Simulator:
    """What `nocollapse simulate` knows by a name of its own.

    `errors` is the place of a function (stream, replicates, **settings) that gives the errors by quantity, arrays
    (R, S, W); `textbook` that of its twin, which draws raw data and fits them plainly. `options` are those of the
    command line; `settings` is the place of the function that turns their texts into arguments of `errors`.
    """

    name: str
    errors: str
    textbook: str
    options: tuple[str, ...] = ()
    settings: str = "cli.settings:nothing"


@dataclass(frozen=True)
class Estimand:
    """What `nocollapse weight` knows by a name: options, and the place of the function that makes a case of them."""

    name: str
    case: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slider:
    """A parameter of the explorer: in words, its least, greatest and first value, and whether these are whole numbers.

    One that is not `common` to all models is shown where a model has it.
    """

    name: str
    words: str
    low: float
    high: float
    first: float
    whole: bool = False
    logarithmic: bool = True
    common: bool = False


@dataclass(frozen=True)
class Explored:
    """A model's entry in the explorer: a title and a note, what its letters are set to, and sliders of its own."""

    title: str
    note: str
    values: Mapping[str, str] = field(default_factory=dict)
    sliders: tuple[Slider, ...] = ()


@dataclass(frozen=True)
class Experiment:
    """A model's part in the paper's Figures 7 to 9.

    `information` is the regression whose information gives its error a size; `slope` is every coefficient of it.
    `design` is that of its covariates. `heavy` says that its error has a heavy tail where there are no real data: its
    simulated mean is no evidence there. Axes are logarithmic where `log_steps` and `log_error` say so. `note` stands
    below its panel of Figure 7. `alone` has that panel only.
    """

    information: str = ""
    slope: float = 1.0
    design: str = "random"
    heavy: bool = False
    log_steps: bool = False
    log_error: bool = True
    note: str = ""
    alone: bool = False

    @property
    def exact(self) -> bool:
        """Whether theory is exact at every n: for a regression, only where its covariates are fixed."""
        return not self.information or self.design == "fixed"


@dataclass(frozen=True)
class Model:
    """Something that is fitted again and again, with an error that theory follows.

    `claim` has the error's recursion, `best` the best weight in closed form and `threshold` where it diverges, if there
    are such claims. `quantity` is what its simulator calls the error.
    """

    name: str
    title: str
    claim: str
    best: str | None = None
    threshold: str | None = None
    simulator: Simulator | None = None
    quantity: str = ""
    estimand: Estimand | None = None
    explored: Explored | None = None
    experiment: Experiment | None = None


_GAUSSIAN = Simulator(
    "gaussian",
    "numerics.simulation.gaussian:errors",
    "numerics.simulation.gaussian.textbook:simulate_plain",
    ("sigma", "ddof"),
    "cli.settings:gaussian",
)
_REGRESSION = ("beta", "omega", "intercept", "design", "estimator", "ridge")
_TAIL = "The exact mean is made by trajectories too rare to be met"
_ASYMPTOTIC = "For n to infinity with k = n/m fixed."


def _regression(name: str) -> Simulator:
    return Simulator(
        name,
        f"numerics.simulation.regression:{name}_errors",
        "numerics.simulation.regression.textbook:simulate_plain",
        _REGRESSION,
        "cli.settings:regression",
    )


MODELS = (
    Model(
        "mean",
        "Gaussian mean",
        "mean.error",
        best="mean.optimal-weight",
        simulator=_GAUSSIAN,
        quantity="mean",
        estimand=Estimand("gaussian-mean", "theory.answers.estimands:mean", ("trace",)),
        explored=Explored("Gaussian mean", "Exact for every n and m, in any dimension.", {"trace": "1"}),
        experiment=Experiment(heavy=True, note=f"{_TAIL} at late steps, hence the median."),
    ),
    Model(
        "covariance",
        "Gaussian covariance",
        "covariance.error",
        threshold="covariance.threshold",
        simulator=_GAUSSIAN,
        quantity="covariance",
        estimand=Estimand("covariance", "theory.answers.estimands:covariance", ("p", "trace", "frob2")),
        explored=Explored(
            "Gaussian covariance",
            "Exact for every n and m. The best weight at finite n has no closed form; it is found on the derived "
            "limit.",
            {"trace": "1", "frob2": "1/d"},
            (Slider("d", r"effective dimension $(\operatorname{tr}\Sigma)^2/\operatorname{tr}\Sigma^2$", 1, 100, 4),),
        ),
        experiment=Experiment(heavy=True, note=f"{_TAIL}: it explodes, while a typical one shrinks to Σₜ = 0."),
    ),
    Model(
        "cdf",
        "empirical CDF",
        "cdf.error",
        best="cdf.optimal-weight",
        simulator=Simulator(
            "cdf",
            "numerics.simulation.empirical:cdf_errors",
            "numerics.simulation.empirical.textbook:simulate_cdf_plain",
        ),
        quantity="cdf",
        estimand=Estimand("cdf", "theory.answers.estimands:cdf"),
        explored=Explored("CDF, nonparametric", "Exact for every continuous truth."),
        experiment=Experiment(log_error=False),
    ),
    Model(
        "pmf",
        "empirical PMF",
        "pmf.error",
        best="cdf.optimal-weight",
        simulator=Simulator(
            "pmf",
            "numerics.simulation.empirical:pmf_errors",
            "numerics.simulation.empirical.textbook:simulate_pmf_plain",
            ("probabilities", "adult"),
            "cli.settings:pmf",
        ),
        quantity="pmf",
        estimand=Estimand("pmf", "theory.answers.estimands:pmf", ("gini", "probabilities")),
        explored=Explored("PMF, nonparametric", "Exact for every discrete truth.", {"gini": "1"}),
    ),
    Model(
        "fixed",
        "linear regression, fixed design",
        "glm.error",
        best="mean.optimal-weight",
        simulator=_regression("linear"),
        quantity="coefficients",
        experiment=Experiment("linear", design="fixed", alone=True),
    ),
    Model(
        "linear",
        "linear regression",
        "glm.linear",
        best="mean.optimal-weight",
        simulator=_regression("linear"),
        quantity="coefficients",
        experiment=Experiment("linear"),
    ),
    Model(
        "logistic",
        "logistic regression",
        "glm.logistic",
        best="mean.optimal-weight",
        simulator=_regression("logistic"),
        quantity="coefficients",
        experiment=Experiment(
            "logistic",
            heavy=True,
            log_steps=True,
            note="A trajectory without an estimate counts as an infinite error; the mean is that of the others.",
        ),
    ),
    Model(
        "poisson",
        "Poisson regression",
        "glm.poisson",
        best="mean.optimal-weight",
        simulator=_regression("poisson"),
        quantity="coefficients",
        experiment=Experiment(
            "poisson",
            slope=0.5,
            note="Theory is for n to infinity at a fixed step: at n = 100 it is left behind.",
        ),
    ),
    Model(
        "glm",
        "generalised linear model",
        "glm.error",
        best="mean.optimal-weight",
        estimand=Estimand("glm", "theory.answers.estimands:glm", ("trace_model", "trace_sandwich")),
        explored=Explored("Generalised linear model", _ASYMPTOTIC),
    ),
    Model(
        "misspecified",
        "generalised linear model that does not hold",
        "glm.misspecified",
        best="mean.optimal-weight",
        explored=Explored(
            "The same, misspecified",
            f"{_ASYMPTOTIC} The best weight is w* at k_eff.",
            {"trace_sandwich": "1", "trace_model": "c"},
            (Slider("c", r"$k_{\mathrm{eff}}/k$", 0.1, 10, 0.5),),
        ),
    ),
    Model(
        "augmentation",
        "Gaussian mean, the same real batch at every step",
        "framework.augmentation",
        explored=Explored(
            "Gaussian mean, the same real batch at every step",
            "Figure 3 of the paper: no weight does better than real data only.",
            {"trace": "1"},
        ),
    ),
)
"""The rows, in the order in which lists of models are shown."""

SIMULATED: Mapping[str, Simulator] = {model.simulator.name: model.simulator for model in MODELS if model.simulator}
"""What can be simulated, by the names of `nocollapse simulate`."""
WEIGHED: Mapping[str, Estimand] = {model.estimand.name: model.estimand for model in MODELS if model.estimand}
"""What can be weighed, by the names of `nocollapse weight`."""
_INFORMATION = [model.experiment.information for model in MODELS if model.experiment]
REGRESSIONS = tuple(dict.fromkeys(name for name in _INFORMATION if name))
"""Regressions whose Fisher information is known, by their names."""
EXPLORED = tuple(model for model in MODELS if model.explored)
"""The models of the explorer, in its order."""
EXPERIMENTS: Mapping[str, Model] = {model.name: model for model in MODELS if model.experiment}
"""The models of Figures 7 to 9, in their order; those that are `alone` are in Figure 7 only."""
