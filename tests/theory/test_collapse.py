"""Definition 1 in the four frameworks, the benchmark that keeps all data, and the stages of Figure 6, by hand."""

from fractions import Fraction

import pytest
import sympy as sp

from nocollapse.theory.answers.evaluate import evaluate
from nocollapse.theory.claims.gaussian import improvement
from nocollapse.theory.claims.registry import claim_of
from nocollapse.theory.models.kept_data import PAST, accumulated, augmented
from nocollapse.theory.symbols import frob2, m, n, trace, w

R = sp.Rational


@pytest.mark.parametrize(
    ("identifier", "setting", "value"),
    [
        ("framework.kept", {"n": R(30), "trace": R(3), "t": R(4)}, R(1, 50)),  # 3 / (30 * 5)
        ("framework.kept", {"n": R(7), "trace": R(5, 2), "t": R(0)}, R(5, 14)),
        (
            "framework.collapse",
            {"k": R(3, 2), "w": R(2, 5), "trace": R(3), "frob2": R(5)},
            R(595, 32),
        ),  # 17 * 0.7 / 0.64
        ("mean.stages", {"k": R(3, 2)}, R(3, 7)),
        ("covariance.stages", {"n": R(30), "m": R(20)}, R(31, 69)),
    ],
)
def test_the_value_is_that_of_a_hand(identifier: str, setting: dict[str, sp.Rational], value: sp.Rational) -> None:
    assert evaluate(identifier, setting).exact == str(value)


def test_all_data_kept_is_below_every_weight_at_every_step() -> None:
    n_, m_, total = 6, 10, Fraction(3)
    for weights in ((0.2,) * 6, (1.0,) * 6, (0.0,) * 6, (0.5, 0.33, 0.25, 0.2, 0.17, 0.14)):
        error = total / n_
        for step, weight in enumerate(map(Fraction, weights), 1):
            error = weight**2 * total / n_ + (1 - weight) ** 2 * (error + total / m_)
            kept = evaluate("framework.kept", {"n": R(6), "trace": R(3), "t": R(step)}).exact
            assert error > Fraction(str(kept))


def test_the_first_step_of_the_covariance_with_one_batch_for_ever() -> None:
    """At w = 1 nothing moves; at w = 0 it is the fully synthetic step: (1 + b) e + b u + b (A + B)."""
    recursion = augmented().recursion.subs({n: R(5), m: R(3), frob2: R(5), trace: R(3)})
    first = recursion.initial
    assert list(first) == [R(14, 4), R(10, 4)]  # (A + B)/(n - 1) and 2 A/(n - 1)
    assert list(recursion.subs({w: R(1)}).iterate(3)) == list(first)
    assert recursion.subs({w: R(0)}).iterate(1)[0] == R(14, 4) * R(3, 2) + R(10, 4) / 2 + R(14, 2)


def test_the_pooled_covariance_after_one_step_of_one_dimension() -> None:
    """Three points of N(0, 1), pooled with two drawn from the fit: moments of the pooled variance, from chi-squares.

    Given the variance v of the first three, the pooled scatter is 3 v + v (R + (3/5) Z) with R, Z ~ chi^2_1.
    """
    at = {PAST: R(3), m: R(2)}
    pooled = accumulated()
    mean = (3 + 1 + R(3, 5)) / 5
    second = (mean * 5) ** 2 + 2 + 2 * R(9, 25)
    assert pooled.mean.subs(at) == mean
    assert pooled.total.subs(at) == second / 25  # in one dimension 2 tr S^2 + (tr S)^2 is 3 S^2
    assert [start.subs({n: 3, frob2: 1, trace: 1}) for start in pooled.start] == [R(2, 3), R(8, 3), 0]  # E v^2 = 8/9


def test_the_stage_of_the_covariance_changes_the_sign_of_the_gain_in_one_dimension() -> None:
    gain = claim_of("gaussian.improvement").derived.subs({n: 9, m: 12, frob2: 4, trace: 2})
    edge = R(10, 32)
    assert gain.subs(w, edge) == 0
    assert gain.subs(w, edge - R(1, 100)) < 0 < gain.subs(w, edge + R(1, 100))
    assert claim_of("gaussian.improvement").derived.subs({n: 9, m: 12, frob2: 4, trace: 3, w: edge}) > 0


def test_the_improvement_has_one_certificate_for_each_error_and_its_domain_holds_every_optimum() -> None:
    """At n = m = 2, w* = 0.618 and y = n (1-w)/w = 1.236, just above 23/19; at n = 2, m = 40 it is far above it."""
    claim = improvement()
    names = [inequality.name for inequality in claim.inequalities]
    assert [name.partition(",")[0] for name in names if "gains" in name] == ["the mean gains", "the covariance gains"]
    (domain,) = {inequality.hypotheses[3].lhs for inequality in claim.inequalities if "gains" in inequality.name}
    for sizes, distance in (({n: 2, m: 2}, 0.02554), ({n: 2, m: 40}, 6.7895), ({n: 40, m: 2}, 0.02168)):
        ratio = R(sizes[n], sizes[m])
        best = (sp.sqrt(ratio**2 + 4 * ratio) - ratio) / 2
        assert float(claim.derived.subs({**sizes, frob2: 5, trace: 3, w: best})) > 0
        above = (domain / (w * (3 * n + 13))).subs({**sizes, w: best})
        assert float(above) == pytest.approx(distance, rel=1e-3)
