"""The numbers of the findings, against recursions, minima and averages that are worked out here."""

from __future__ import annotations

from math import ceil, fsum, log, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from nocollapse.numerics.findings import collapse
from nocollapse.numerics.findings.finding import Run
from nocollapse.numerics.findings.listed import findings
from nocollapse.numerics.simulation import adult
from nocollapse.reports.numbers import completed, value
from nocollapse.theory.claims.registry import CLAIMS

SEED = 3
TRACE, FROB2 = 1.0, 0.25  # of I/4 in four dimensions


def covariance_error(
    n: float, m: float, w: float, steps: int, trace: float = TRACE, frob2: float = FROB2, ddof: int = 1
) -> float:
    """a = E tr Sigma_t^2, b = E (tr Sigma_t)^2 and the shrinkage s of E Sigma_t, with w = 0 if ddof is 0."""
    real = n - 1
    synthetic = m - 1
    shrink_real = real / (n - ddof)
    shrink = synthetic / (m - ddof)
    q = (1 - w) ** 2
    a = shrink_real**2 * (frob2 + (frob2 + trace**2) / real)
    b = shrink_real**2 * (trace**2 + 2 * frob2 / real)
    s = shrink_real
    cross_a = 2 * w * (1 - w) * frob2  # of the real and the synthetic covariance, which are independent and unbiased
    cross_b = 2 * w * (1 - w) * trace**2
    for _ in range(steps):
        a, b = (
            w**2 * (frob2 + (frob2 + trace**2) / real) + cross_a + q * shrink**2 * (a + (a + b) / synthetic),
            w**2 * (trace**2 + 2 * frob2 / real) + cross_b + q * shrink**2 * (b + 2 * a / synthetic),
        )
        s *= shrink
    return a - 2 * frob2 * (s if ddof == 0 else 1) + frob2


def bias_figure(claim: str) -> Any:
    """A limit of 2; at n = 50, the smallest, 2.2 with an interval of 2.1 to 2.3."""
    points = [{"x": x, "y": y, "low": y - 0.1, "high": y + 0.1} for x, y in ((0.0, 1.9), (0.01, 2.1), (0.02, 2.2))]
    return {"id": f"{claim}-bias", "claim": claim, "role": "bias", "points": points, "reference": {"y": 2.0}}


@pytest.fixture(scope="module")
def evidence() -> dict[str, list[Any]]:
    """The values of each finding's evidence, in order."""
    run = Run(SEED, [], [bias_figure("glm.logistic")], [])
    return {finding["id"]: [row["value"] for row in finding["evidence"]] for finding in findings(list(CLAIMS), run)}


def test_an_explosion_that_no_run_sees(evidence: dict[str, list[Any]]) -> None:
    errors = sorted(collapse._trajectories(SEED).covariance[:, 0, 0].tolist())
    assert evidence["heavy-tail"] == pytest.approx(
        [
            covariance_error(100, 100, 0, 1000),
            covariance_error(100, 100, 0, 1000, trace=4, frob2=4),
            1000,
            fsum(errors) / 1000,
            (errors[499] + errors[500]) / 2,
        ]
    )


def test_a_mean_that_few_runs_carry(evidence: dict[str, list[Any]]) -> None:
    errors = sorted(collapse._trajectories(SEED).mean[:, 0, 0].tolist())
    exact = 1 / 100 + 1000 / 100
    mean = fsum(errors) / 1000
    second_moment = covariance_error(100, 100, 0, 999) + FROB2
    assert evidence["heavy-mean"] == pytest.approx(
        [
            exact,
            1000,
            mean,
            (errors[499] + errors[500]) / 2,
            sum(error > exact for error in errors) / 1000,
            errors[-1] / fsum(errors),
            sqrt(fsum((error - mean) ** 2 for error in errors) / 999 / 1000),
            sqrt(2 * second_moment / 100**2 / 1000),
        ]
    )


def test_what_the_divisor_does(evidence: dict[str, list[Any]]) -> None:
    threshold = 1 - sqrt(99 / 101)
    unbiased = covariance_error(100, 100, 0, 1000)
    biased = covariance_error(100, 100, 0, 1000, ddof=0)
    assert evidence["divisor"][2:] == pytest.approx([threshold, unbiased, biased, FROB2])


def test_what_a_fixed_weight_does_as_batches_grow(evidence: dict[str, list[Any]]) -> None:
    small, large = (covariance_error(size, size, 0.001, 20_000) for size in (10_000, 1_000_000))
    assert evidence["definition"][1:] == pytest.approx(
        [100, 1 - sqrt(99 / 101), 0.001, 10_000, small, 1_000_000, large], rel=1e-6
    )


def test_what_the_horizon_takes(evidence: dict[str, list[Any]]) -> None:
    weight = log(1000) / 1000
    batch = ceil(100 / weight**2)
    error = 1 / 100
    w = round(weight, 6)
    for _ in range(1000):
        error = w**2 / 100 + (1 - w) ** 2 * (error + 1 / batch)
    kept = 1 / (100 * 1001)
    assert evidence["horizon"] == pytest.approx([100, 1000, weight, batch, error, kept, error / kept])


def test_each_error_has_its_own_best_weight(evidence: dict[str, list[Any]]) -> None:
    def least(law: Any) -> float:
        return float(minimize_scalar(law, bounds=(0.3, 1), method="bounded", options={"xatol": 1e-10}).x)

    def of_cdf(w: float) -> float:
        return (w**2 + (1 - w) ** 2) / (1 - (1 - w) ** 2 * (1 - 1 / 20))

    assert evidence["best-weights"] == pytest.approx(
        [20, (sqrt(5) - 1) / 2, least(of_cdf), least(lambda w: covariance_error(20, 20, w, 300))], abs=1e-6
    )


def test_what_is_left_at_finite_n(evidence: dict[str, list[Any]]) -> None:
    assert evidence["finite-size"] == [50, pytest.approx(2.2 / 2 - 1), pytest.approx(0.1 / 2), 0.5**49]


def test_what_the_rows_of_adult_are(evidence: dict[str, list[Any]]) -> None:
    table = adult.load()
    names = np.array(table.workclass.names)[table.workclass.codes]
    limits = []
    w = 0.618
    for column in (names, names[table.complete]):
        spread = 1 - sum((count / len(column)) ** 2 for count in np.unique(column, return_counts=True)[1].tolist())
        limits.append(spread / 500 * (w**2 + (1 - w) ** 2) / (1 - (1 - w) ** 2 * (1 - 1 / 500)))
    missing = float(np.mean(names == "?"))
    assert evidence["adult-rows"] == pytest.approx([48_842, 45_222, missing, *limits])


@pytest.mark.parametrize(
    ("form", "number", "text"),
    [
        ("percent", 0.0573, "5.73\u00a0%"),
        ("percent", -0.0125, "−1.25\u00a0%"),
        ("number", 2.4765432e8, "2.477×10⁸"),
        ("number", 0.00012344, "0.0001234"),
        ("count", 48_842, "48 842"),
    ],
)
def test_sentences_have_the_numbers_of_their_evidence(form: Any, number: float, text: str) -> None:
    row: Any = {"what": "a value", "value": number, "form": form, "key": "share", "link": ""}
    assert value(row) == text
    assert completed("It is %(share)s.", [row]) == f"It is {text}."
