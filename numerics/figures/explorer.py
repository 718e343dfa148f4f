"""What the page's explorer computes with: the recursions, limits, thresholds and optima of the registry, printed.

Every error is given relative to that of one real batch, so that what only scales it is set to 1. What is left are the
sizes n and m, the weight w, the effective dimension `d = (tr Sigma)^2 / tr Sigma^2` of a covariance, and the ratio
`c = k_eff/k` of a misspecified model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Symbol

from nocollapse.document import Explorer, ExplorerModel, ExplorerParameter
from nocollapse.models import EXPLORED, Model, Slider
from nocollapse.numerics.figures.javascript import javascript
from nocollapse.theory.claims import registry
from nocollapse.theory.recursion import Recursion
from nocollapse.theory.symbols import GLOSSARY, PARAMETERS, k, latex, m, n, t, trace_model, w

POOLED: Expr = n / (n + m)
"""The weight of naive mixing: every point counts alike."""
SLIDERS = (
    Slider("n", GLOSSARY[n].meaning, 2, 10_000, 100, whole=True, common=True),
    Slider("m", GLOSSARY[m].meaning, 2, 10_000, 200, whole=True, common=True),
    Slider("w", GLOSSARY[w].meaning, 0, 1, 0.3, logarithmic=False, common=True),
    Slider("t", GLOSSARY[t].meaning, 0, 1000, 3, whole=True, common=True),
    *(slider for model in EXPLORED if model.explored for slider in model.explored.sliders),
)
"""What all models share, then what some have of their own."""
_BEST = "mean.optimal-weight"


@dataclass(frozen=True)
class Shown:
    """A model as the explorer shows it: relative to one real batch, in n, m, w and parameters of its own."""

    claim: str
    title: str
    note: str
    values: Mapping[Symbol, Expr]
    optimum: str | None
    threshold: str | None
    new: tuple[Symbol, ...]

    @classmethod
    def of(cls, model: Model) -> Shown:
        """A row of the models, its values read."""
        explored = model.explored
        assert explored is not None, model.name
        new = tuple(Symbol(slider.name, positive=True) for slider in explored.sliders)
        names = {symbol.name: symbol for symbol in new}
        values = {PARAMETERS[name]: sp.sympify(text, locals=names) for name, text in explored.values.items()}
        return cls(model.claim, explored.title, explored.note, values, model.best, model.threshold, new)


MODELS = tuple(map(Shown.of, EXPLORED))


def explorer(identifiers: Sequence[str]) -> Explorer | None:
    """The explorer's models of the given claims, with JavaScript for formulas; None without any."""
    models = [_printed(model) for model in MODELS if model.claim in identifiers]
    if not models:
        return None
    return {
        "models": models,
        "parameters": [_parameter(slider) for slider in SLIDERS],
        "best": javascript(registry.claim_of(_BEST).derived.subs(k, n / m)),
        "pooled": javascript(POOLED),
        "ratio": javascript(n / m),
    }


def _parameter(slider: Slider) -> ExplorerParameter:
    return {
        "name": slider.name,
        "words": slider.words,
        "low": slider.low,
        "high": slider.high,
        "first": slider.first,
        "whole": slider.whole,
        "logarithmic": slider.logarithmic,
        "common": slider.common,
    }


def recursion_of(model: Shown) -> Recursion:
    """A model's recursion in n, m, w and its own parameters."""
    return registry.recursion_of(model.claim).subs({**model.values, k: n / m})


def optimum_of(model: Shown) -> Expr | None:
    """A model's best weight in n, m and its own parameters; None where the page has to look for it."""
    if model.optimum is None:
        return None
    ratio = n / m * model.values.get(trace_model, sp.Integer(1))
    return registry.claim_of(model.optimum).derived.subs(k, ratio)


def _printed(model: Shown) -> ExplorerModel:
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
