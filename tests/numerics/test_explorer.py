"""What the page computes with is what the registry predicts, printed; the browser tests hold the two together."""

from __future__ import annotations

import pytest
import sympy as sp

from nocollapse.numerics.figures.explorer import MODELS, POOLED, Shown, explorer, optimum_of, recursion_of
from nocollapse.numerics.figures.javascript import javascript
from nocollapse.theory.claims.registry import CLAIMS, claim_of
from nocollapse.theory.symbols import k, m, n, w

IDS = [model.claim for model in MODELS]


@pytest.mark.parametrize("model", MODELS, ids=IDS)
def test_a_model_depends_on_what_has_a_slider_and_nothing_else(model: Shown) -> None:
    recursion = recursion_of(model)
    used = set().union(*(part.free_symbols for part in (recursion.matrix, recursion.offset, recursion.initial)))
    assert used <= {n, m, w, *model.new}
    assert set(model.new) <= used


@pytest.mark.parametrize("model", [model for model in MODELS if model.optimum], ids=lambda model: model.claim)
def test_a_best_weight_is_where_the_limit_is_flat(model: Shown) -> None:
    slope = sp.diff(recursion_of(model).fixed_point()[0], w)
    best = optimum_of(model)
    assert best is not None
    values = {n: 30, m: 70, **dict.fromkeys(model.new, sp.Rational(3, 4))}
    assert abs(sp.N(slope.subs(values).subs(w, best.subs(values)), 30)) < 1e-25


def test_pooling_has_the_risk_of_its_claim() -> None:
    limit = claim_of("mean.error").derived
    assert sp.cancel(limit.subs(w, POOLED) - claim_of("mean.naive").derived) == 0


def test_only_the_given_claims_are_explored() -> None:
    assert explorer(["mean.ridge"]) is None
    found = explorer(["cdf.error", "mean.ridge", "mean.error"])
    assert found is not None
    assert [model["claim"] for model in found["models"]] == ["mean.error", "cdf.error"]
    assert {name for model in found["models"] for name in model["parameters"]} == set()


def test_every_model_is_a_claim() -> None:
    assert set(IDS) <= set(CLAIMS)
    assert len(IDS) == len(set(IDS))


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        (n / m, "n/m"),
        (sp.Rational(1, 3) * w**2, "(1/3)*Math.pow(w, 2)"),
        (sp.sqrt(k**2 + 4 * k), "Math.sqrt(Math.pow(k, 2) + 4*k)"),
        (sp.exp(-w), "Math.exp(-w)"),
        (sp.Float("1e-30") * n, "1.0e-30*n"),
    ],
)
def test_arithmetic_is_printed(expression: sp.Expr, printed: str) -> None:
    assert javascript(expression) == printed


@pytest.mark.parametrize(
    "expression",
    [sp.gamma(n), sp.Function("alert")(n), sp.Symbol("a.b"), sp.Symbol("x;y"), sp.Symbol("`"),
     sp.Piecewise((n, n > 1), (m, True))],
)  # fmt: skip
def test_what_is_no_arithmetic_is_refused(expression: sp.Expr) -> None:
    with pytest.raises(ValueError, match="no plain JavaScript"):
        javascript(expression)
