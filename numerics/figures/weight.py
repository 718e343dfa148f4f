"""The figure of an advised weight: the limit of the error, what the best weight gains, and where nothing does."""

from __future__ import annotations

from sympy import Rational

from nocollapse.figure import Axis, Band, Curve, Figure, Mark, Optimum, Panel, Reference
from nocollapse.theory.answers.best_weight import Advice, limit_curve

_INTERVALS = 400
"""Of the drawn curve."""
_RISE = Rational(3, 2)
"""How far the curve rises to the left above naive mixing and real data only."""
_LOGARITHMIC = 10
"""The ratio of errors from which on their axis is logarithmic."""


def figure(advice: Advice) -> Figure:
    """The error against the weight.

    >>> from nocollapse.theory.answers.best_weight import advise
    >>> figure(advise("cdf", Rational(20), Rational(40), {})).panels[0].optimum.label
    'best w = 0.496'
    """
    weights, errors = limit_curve(advice, _RISE, _INTERVALS)
    title = f"{advice.model}, n = {advice.n}, m = {advice.m}"
    gain = Mark(f"gain above {advice.better_above:.3g}", advice.better_above, advice.real_only)
    panel = Panel(
        "weight",
        title,
        Axis("weight on real data, w"),
        Axis("error in the limit", log=max(errors) > _LOGARITHMIC * min(errors)),
        curves=(Curve("error", weights, errors),),
        bands=(Band("within 5 %", *advice.within_5_percent), Band("within 1 %", *advice.within_1_percent)),
        marks=(Mark("naive mixing", advice.naive_weight, advice.naive), gain),
        collapse=Band("collapse", 0, advice.collapse) if advice.collapse else None,
        optimum=Optimum(f"best w = {advice.weight:.3g}", advice.weight),
        reference=Reference("real data only", advice.real_only),
    )
    return Figure("weight", title, (panel,))
