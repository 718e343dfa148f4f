"""A family is what its log-partition makes of it: wrong ones are not densities, and wrong parts change the claims."""

from __future__ import annotations

import dataclasses

import mpmath
import numpy as np
import pytest
import sympy as sp
from sympy import Expr

from nocollapse.theory.claims import misspecified, regression
from nocollapse.theory.models import exponential
from nocollapse.theory.models import misspecified as scores
from nocollapse.theory.models.regression import inverse_trace
from nocollapse.theory.moments import families
from nocollapse.theory.moments.families import LINEAR, LOGISTIC, POISSON, Family, eta, exp_eta, slope
from nocollapse.theory.proof import certificates, referees
from nocollapse.theory.symbols import (
    curvature,
    curvature_along,
    omega_inverse,
    slope2,
    spread,
    trace_model,
    trace_sandwich,
)

FAMILIES = [LINEAR, LOGISTIC, POISSON]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_derivatives_are_those_of_the_log_partition(family: Family) -> None:
    place = 0.3
    exact = [
        float(e.subs({exp_eta: sp.exp(eta)}).subs(eta, place)) for e in (family.mean, family.variance, family.bend)
    ]
    partition = sp.lambdify(eta, family.partition.subs(exp_eta, sp.exp(eta)), "mpmath")
    for order, value in enumerate(exact, 1):
        assert float(mpmath.diff(partition, place, order)) == pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [
        dataclasses.replace(LINEAR, partition=eta**2),
        dataclasses.replace(LOGISTIC, partition=sp.log(2 + exp_eta)),
        dataclasses.replace(LOGISTIC, last=sp.Integer(2)),
        dataclasses.replace(POISSON, partition=2 * exp_eta),
        dataclasses.replace(POISSON, carrier=sp.Integer(2) / sp.factorial(families.y)),
    ],
    ids=["linear, A", "logistic, A", "logistic, support", "poisson, A", "poisson, carrier"],
)
def test_a_wrong_partition_is_no_density(wrong: Family) -> None:
    assert not all(referees.zero(step) for step in wrong.steps())


def test_the_exponential_is_its_own_slope() -> None:
    assert slope(exp_eta**3 / (1 + eta)) == sp.cancel(3 * exp_eta**3 / (1 + eta) - exp_eta**3 / (1 + eta) ** 2)


def test_the_inverse_trace_against_numbers() -> None:
    rng = np.random.default_rng(1)
    root = rng.normal(size=(4, 4))
    theta = rng.normal(size=4)
    a = 0.7
    b = 0.3
    omega = root @ root.T + np.eye(4)
    s = theta @ omega @ theta
    information = a * omega + (b - a) / s * np.outer(omega @ theta, omega @ theta)
    values = {
        curvature: a,
        curvature_along: b,
        spread: s,
        slope2: theta @ theta,
        omega_inverse: np.trace(np.linalg.inv(omega)),
    }
    by_formula = float(inverse_trace(curvature, curvature_along).subs(values))
    assert by_formula == pytest.approx(np.trace(np.linalg.inv(information)))


def test_the_gaussian_hessian_against_simulated_scores() -> None:
    """Cov T by simulation: another way to the information of the natural parameters."""
    mean = np.array([0.5, -1.0])
    variances = np.array([2.0, 0.5])
    hessian = exponential.gaussian()[0]
    values = dict(zip(sorted(hessian.free_symbols, key=str), [*mean, *variances], strict=True))
    expected = np.array(hessian.subs(values), float)
    x = mean + np.random.default_rng(2).standard_normal((400_000, 2)) * np.sqrt(variances)
    statistic = np.column_stack([x, x**2, np.sqrt(2) * x[:, :1] * x[:, 1:]])
    assert np.allclose(np.cov(statistic.T), expected, atol=0.08)


def test_a_wrong_curvature_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = inverse_trace

    def swapped(a: Expr, b: Expr) -> Expr:
        return right(b, a)

    monkeypatch.setattr(regression, "inverse_trace", swapped)
    for entry in (regression.logistic, regression.poisson):
        assert not certificates.identity(entry.build().conclusion, "").holds


def test_a_swapped_variance_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real scores with the model's variance and synthetic ones with the truth's: the claim must fail."""
    swap = {
        trace_model: trace_sandwich,
        trace_sandwich: trace_model,
    }
    right = scores._traced
    monkeypatch.setattr(scores, "_traced", lambda *args: right(*args).subs(swap, simultaneous=True))
    assert not certificates.identity(misspecified.misspecified.build().conclusion, "").holds
