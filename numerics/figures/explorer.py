"""What the page's explorer computes with: the recursions, limits, thresholds and optima of the registry, printed.

Every error is given relative to that of one real batch, so that what only scales it is set to 1. What is left are the
sizes n and m, the weight w, the effective dimension `d = (tr Sigma)^2 / tr Sigma^2` of a covariance, and the ratio
`c = k_eff/k` of a misspecified model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sympy as sp
from sympy import Expr, Symbol

from nocollapse.document import Explorer, ExplorerModel, ExplorerParameter
from nocollapse.numerics.figures.javascript import javascript
from nocollapse.theory.claims import registry
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import GLOSSARY, frob2, gini, k, latex, m, n, t, trace, trace_model, trace_sandwich, w

DIMENSION = Symbol("d", positive=True)
RATIO = Symbol("c", positive=True)
POOLED: Expr = n / (n + m)
"""The weight of naive mixing: every point counts alike."""


@dataclass(frozen=True)
class Model:
    """An entry of the explorer: the claim whose quantity it shows, in words, and what its parameters are set to.

    `optimum` and `threshold` are the claims that give its best weight and where it diverges; without the first
    the page looks for the minimum of the limit. `new` parameters get a slider of their own.
    """

    claim: str
    title: str
    note: str
    values: Mapping[Symbol, Expr] = field(default_factory=dict)
    optimum: str | None = None
    threshold: str | None = None
    new: tuple[Symbol, ...] = ()


_BEST = "mean.optimal-weight"
_ONE = sp.Integer(1)
_ASYMPTOTIC = "For n to infinity with k = n/m fixed."
MODELS = (
    Model("mean.error", "Gaussian mean", "Exact for every n and m, in any dimension.", {trace: _ONE}, _BEST),
    Model(
        "covariance.error",
        "Gaussian covariance",
        "Exact for every n and m. The best weight at finite n has no closed form; it is found on the derived limit.",
        {trace: _ONE, frob2: 1 / DIMENSION},
        threshold="covariance.threshold",
        new=(DIMENSION,),
    ),
    Model("cdf.error", "CDF, nonparametric", "Exact for every continuous truth.", {}, "cdf.optimal-weight"),
    Model("pmf.error", "PMF, nonparametric", "Exact for every discrete truth.", {gini: _ONE}, "cdf.optimal-weight"),
    Model("glm.error", "Generalised linear model", _ASYMPTOTIC, {}, _BEST),
    Model(
        "glm.misspecified",
        "The same, misspecified",
        _ASYMPTOTIC + " The best weight is w* at k_eff.",
        {trace_sandwich: _ONE, trace_model: RATIO},
        _BEST,
        new=(RATIO,),
    ),
    Model(
        "framework.augmentation",
        "Gaussian mean, the same real batch at every step",
        "Figure 3 of the paper: no weight does better than real data only.",
        {trace: _ONE},
    ),
)


@dataclass(frozen=True)
class Slider:
    """What a parameter is in words, its least, greatest and first value, and whether these are whole numbers.

    One that is not `common` to all models is shown where a model has it.
    """

    words: str
    low: float
    high: float
    first: float
    whole: bool = False
    logarithmic: bool = True
    common: bool = False


SLIDERS = {
    n: Slider(GLOSSARY[n].meaning, 2, 10_000, 100, whole=True, common=True),
    m: Slider(GLOSSARY[m].meaning, 2, 10_000, 200, whole=True, common=True),
    w: Slider(GLOSSARY[w].meaning, 0, 1, 0.3, logarithmic=False, common=True),
    t: Slider(GLOSSARY[t].meaning, 0, 1000, 3, whole=True, common=True),
    DIMENSION: Slider(r"effective dimension $(\operatorname{tr}\Sigma)^2/\operatorname{tr}\Sigma^2$", 1, 100, 4),
    RATIO: Slider(r"$k_{\mathrm{eff}}/k$", 0.1, 10, 0.5),
}


def explorer(identifiers: Sequence[str]) -> Explorer | None:
    """The explorer's models of the given claims, with JavaScript for formulas; None without any."""
    models = [_printed(model) for model in MODELS if model.claim in identifiers]
    if not models:
        return None
    return {
        "models": models,
        "parameters": [_parameter(symbol, slider) for symbol, slider in SLIDERS.items()],
        "best": javascript(registry.claim_of(_BEST).derived.subs(k, n / m)),
        "pooled": javascript(POOLED),
        "ratio": javascript(n / m),
    }


def _parameter(symbol: Symbol, slider: Slider) -> ExplorerParameter:
    return {
        "name": symbol.name,
        "words": slider.words,
        "low": slider.low,
        "high": slider.high,
        "first": slider.first,
        "whole": slider.whole,
        "logarithmic": slider.logarithmic,
        "common": slider.common,
    }


def recursion_of(model: Model) -> Recursion:
    """A model's recursion in n, m, w and its own parameters."""
    return registry.recursion_of(model.claim).subs({**model.values, k: n / m})


def optimum_of(model: Model) -> Expr | None:
    """A model's best weight in n, m and its own parameters; None where the page has to look for it."""
    if model.optimum is None:
        return None
    ratio = n / m * model.values.get(trace_model, _ONE)
    return registry.claim_of(model.optimum).derived.subs(k, ratio)


def _printed(model: Model) -> ExplorerModel:
    recursion = recursion_of(model)
    optimum = optimum_of(model)
    return {
        "claim": model.claim,
        "title": model.title,
        "note": model.note,
        "unit": latex(registry.recursion_of(model.claim).initial[0]),
        "parameters": [symbol.name for symbol in model.new],
        "matrix": [_texts(row) for row in recursion.matrix.tolist()],
        "offset": _texts(recursion.offset),
        "initial": _texts(recursion.initial),
        "limit": javascript(recursion.fixed_point()[0]),
        "optimum": None if optimum is None else javascript(optimum),
        "threshold": None if model.threshold is None else javascript(registry.claim_of(model.threshold).derived),
    }


def _texts(entries: Sequence[Expr]) -> list[str]:
    return [javascript(entry) for entry in entries]
