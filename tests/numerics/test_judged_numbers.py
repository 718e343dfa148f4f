"""What a run says of its tests, number by number, against formulas that are typed here.

Samples have the mean and the standard error that a test gives them, so that nothing here is statistical.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, fsum, sqrt
from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy.stats import beta, norm

from nocollapse.numerics import verify as verification
from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks import attack
from nocollapse.numerics.checks.design import Bracket, Check, Column, Extrapolation, Prediction, Rate, Run
from nocollapse.numerics.checks.expected import same
from nocollapse.numerics.checks.judge import judge, verdicts
from nocollapse.numerics.checks.outcomes import EqualityOutcome, Place
from nocollapse.numerics.checks.plan import wanted
from nocollapse.numerics.checks.run import Trial
from nocollapse.numerics.protocol.calibration import calibration
from nocollapse.numerics.protocol.equality import Equality
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.claims.registry import claim_of
from nocollapse.theory.proof.mutants import mutants
from nocollapse.theory.symbols import PARAMETERS

MARGINS = {"quick": 0.08, "standard": 0.04, "paper": 0.01}
CLAIM = "mean.error"


def sample(mean: float, error: float, size: int = 4000) -> FloatArray:
    """A sample with this mean and standard error."""
    scores = norm.ppf((np.arange(size) + 0.5) / size)
    scores /= sqrt(float(scores @ scores) / (size - 1))
    return np.asarray(mean + error * sqrt(size) * scores)


def two_sided(z: float) -> float:
    return float(2 * norm.sf(abs(z)))


def step_down(p_values: Sequence[float]) -> list[float]:
    """Holm: p-values from the least on, each times the number of those that are left, and never falling."""
    largest = 0.0
    adjusted = dict.fromkeys(range(len(p_values)), 1.0)
    for passed, place in enumerate(sorted(adjusted, key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - passed) * p_values[place]))
        adjusted[place] = largest
    return [adjusted[place] for place in range(len(p_values))]


# --- rows of a verdict -----------------------------------------------------------------------------------------------

TARGET = 2.0
SCORES = (3.4, 5.0, -2.0, 0.5)
"""How many standard errors the means of the first run are off. The first would be refuted if it stood alone."""
ERRORS = (0.004, 0.002, 0.02, 0.04)
PRECISION = 0.5
SIZES = (50, 100, 200, 400)
LIMIT_MEANS = (3.3, 3.13, 3.08, 3.02)
LIMIT_ERRORS = (0.02, 0.01, 0.02, 0.01)
STEPS = (1, 2, 4)
GROWTH = (1.02, 1.5, 3.3)
SLOPE_TARGET = 0.4
GROWTH_SHARE = 0.01
FAMILY = len(SCORES) + 2


def judged(effort: str) -> list[dict[str, Any]]:
    """The rows of four means, two signs and the bracket that they make, an extrapolation and a rate."""
    point = {"n": 5.0, "m": 4.0}

    def trial(
        name: str, samples: list[FloatArray], *tests: Any, brackets: tuple[Bracket, ...] = (), precision: float = 1.0
    ) -> Trial:
        columns = tuple(Column(name, point, test) for test in tests)
        run = Run(name, lambda stream, replicates: np.empty(0), columns, brackets, precision=precision)
        return Trial(CLAIM, run, np.column_stack(samples))

    off = [sample(TARGET + z * error, error) for z, error in zip(SCORES, ERRORS, strict=True)]
    bracket = Bracket("minimiser", 0, 1, 0.4, 0.6, 0.5, point)
    by_size = [
        trial(f"size {n}", [sample(mean / n, error / n)], "estimate")
        for n, mean, error in zip(SIZES, LIMIT_MEANS, LIMIT_ERRORS, strict=True)
    ]
    by_step = [
        trial(f"step {t}", [sample(y, GROWTH_SHARE * y)], "estimate") for t, y in zip(STEPS, GROWTH, strict=True)
    ]
    trials = [
        trial("means", off, *[Prediction(TARGET)] * len(SCORES), precision=PRECISION),
        trial("signs", [sample(-0.9, 0.1), sample(0.5, 0.1)], "negative", "positive", brackets=(bracket,)),
        *by_size,
        *by_step,
    ]
    sizes = tuple(one.run.name for one in by_size)
    steps = tuple(one.run.name for one in by_step)
    check = Check(
        tuple(one.run for one in trials),
        (Extrapolation("limit", sizes, SIZES, point, Prediction(3.0), degree=1, precision=0.25),),
        rates=(Rate("growth", steps, STEPS, SLOPE_TARGET, point),),
    )
    (verdict,) = verdicts(judge(trials, {CLAIM: check}, effort), {CLAIM: check})
    rows: list[dict[str, Any]] = verdict["points"]
    return rows


def line(x: Sequence[float], y: Sequence[float], errors: Sequence[float], power: int) -> tuple[float, float]:
    """A coefficient of a weighted straight line with its standard error, from the normal equations."""
    design = np.vander(x, 2, increasing=True)
    weights = np.diag(1 / np.square(errors))
    covariance = np.linalg.inv(design.T @ weights @ design)
    return float((covariance @ design.T @ weights @ np.array(y))[power]), sqrt(covariance[power, power])


@pytest.mark.parametrize("effort", MARGINS)
def test_rows_of_equality_tests_are_their_formulas(effort: str) -> None:
    rows = {test: [row for row in judged(effort) if row["test"] == test] for test in ("equality", "rate")}
    intercept = line([1 / n for n in SIZES], LIMIT_MEANS, LIMIT_ERRORS, 0)
    slope = line(STEPS, np.log(GROWTH).tolist(), [GROWTH_SHARE] * 3, 1)
    margin = MARGINS[effort]
    cases = [
        *((TARGET, TARGET + z * error, error, margin * PRECISION) for z, error in zip(SCORES, ERRORS, strict=True)),
        (3.0, *intercept, 2 * margin * 0.25),
        (SLOPE_TARGET, *slope, margin),
    ]
    adjusted = step_down([two_sided((estimate - target) / error) for target, estimate, error, _ in cases])
    assert len(cases) == FAMILY
    critical = norm.isf(0.001 / FAMILY / 2)
    for row, (target, estimate, error, own), p in zip(
        [*rows["equality"], *rows["rate"]], cases, adjusted, strict=True
    ):  # fmt: skip
        z = (estimate - target) / error
        room = own * target / error
        assert (row["target"], row["margin"]) == (target, pytest.approx(own))
        assert (row["estimate"], row["standard_error"]) == pytest.approx((estimate, error), rel=1e-9)
        assert row["z"] == pytest.approx(z, rel=1e-6)
        assert row["p_value"] == pytest.approx(p, rel=1e-5)
        assert row["power"] == pytest.approx(max(0, 2 * norm.cdf(room - 1.6448536269514722) - 1), rel=1e-6)
        assert row["least_detectable"] == pytest.approx((critical + 1.2815515655446004) * error / target, rel=1e-6)
        assert row["note"] == ""
        if p <= 0.001:
            assert row["status"] == "REFUTED"
        else:
            assert row["status"] == ("SUPPORTED" if norm.cdf(abs(z) - room) <= 0.05 else "INCONCLUSIVE")
    replications = [row["replications"] for row in (*rows["equality"], *rows["rate"])]
    assert replications == [4000] * 4 + [4 * 4000, 3 * 4000]


def test_a_mean_that_is_off_by_chance_among_many_is_not_refuted() -> None:
    """3.4 standard errors: p = 0.00067 alone, 0.0034 as the second least of six."""
    first, second, *_ = (row for row in judged("standard") if row["test"] == "equality")
    assert two_sided(3.4) < 0.001 < first["p_value"] == pytest.approx((FAMILY - 1) * two_sided(3.4), rel=1e-6)
    assert first["status"] == "SUPPORTED"
    assert second["p_value"] == pytest.approx(FAMILY * two_sided(5.0), rel=1e-6)
    assert second["status"] == "REFUTED"


def test_rows_of_signs_are_their_formulas() -> None:
    """-0.9 and 0.5 with standard errors 0.1: nine and five standard errors in favour."""
    negative, positive, bracket = (row for row in judged("quick") if row["test"] in ("one-sided", "bracket"))
    for row, estimate, z in ((negative, -0.9, 9.0), (positive, 0.5, 5.0)):
        assert (row["estimate"], row["standard_error"], row["z"]) == pytest.approx((estimate, 0.1, z))
        assert row["p_value"] == pytest.approx(norm.sf(z), rel=1e-6)
        assert row["power"] == pytest.approx(norm.cdf(z - norm.isf(0.001)))
        assert (row["replications"], row["status"]) == (4000, "SUPPORTED")
    assert (bracket["z"], bracket["p_value"]) == (pytest.approx(5.0), pytest.approx(norm.sf(5.0), rel=1e-6))
    assert bracket["power"] == pytest.approx(norm.cdf(5.0 - norm.isf(0.001)))
    assert (bracket["target"], bracket["replications"], bracket["status"]) == (0.5, 4000, "SUPPORTED")


@pytest.mark.parametrize(("effort", "most"), [("quick", 40_000), ("standard", 200_000), ("paper", 1_000_000)])
def test_replications_are_those_that_margin_and_sign_ask_for(effort: str, most: int) -> None:
    """A mean by TOST at level 0.05 that fails with chance 1e-4; a sign that is to be seen at 7 standard errors."""
    columns = (Column("mean", {}, Prediction(1.0)), Column("sign", {}, "positive"))
    run = Run("a", lambda stream, replicates: np.empty(0), columns, precision=0.5)
    for ratios in ((1.0, 1.0), (0.1, 20.0), (0.1, 1.0), (50.0, 1.0)):
        mean = (ratios[0] * (norm.isf(0.05) + norm.isf(1e-4 / 2)) / (0.5 * MARGINS[effort])) ** 2
        sign = (7 * ratios[1]) ** 2
        assert wanted(run, ratios, effort) == min(max(4000, ceil(mean), ceil(sign)), most)


# --- wrong versions --------------------------------------------------------------------------------------------------

VALUES = {"n": 5.0, "m": 4.0, "w": 0.3, "t": 6.0, "trace": 2.0}


def outcome(values: Mapping[str, float], target: float, error: float) -> EqualityOutcome:
    """A simulated mean that is what theory says, with this standard error."""
    equal = Equality(target, target, error, 4000, 0.1, 0.0, 1.0, True, 0.0, 1.0, 0.1)
    prediction = Prediction(target, link=same, recursion=claim_of(CLAIM).recursion)
    return EqualityOutcome(Place(CLAIM, "a", "the error", values), prediction, equal, adjusted=1.0)


def substituted(expression: sp.Expr, values: Mapping[str, float]) -> float:
    exact = {PARAMETERS[name]: sp.Rational(str(value)) for name, value in values.items()}
    return float(expression.subs(exact))


def path(entries: Sequence[sp.Expr], values: Mapping[str, float]) -> float:
    """The moment at the step t of the values, of a recursion's factor, offset and start."""
    matrix, offset, start = entries
    state = substituted(start, {**values, "t": 0})
    for step in range(1, int(values["t"]) + 1):
        at = {**values, "t": step}
        state = substituted(matrix, at) * state + substituted(offset, at)
    return state


def test_a_wrong_version_is_killed_beyond_3_or_4_standard_errors_and_nowhere_else() -> None:
    """Two means share the level 0.001: a version must be off by z(0.001/2/2) = 3.48 standard errors of one of them."""
    claim = claim_of(CLAIM)
    assert claim.recursion is not None
    places = (VALUES, {**VALUES, "m": 7.0, "w": 0.5})
    entries = [claim.recursion.matrix[0], claim.recursion.offset[0], claim.recursion.initial[0]]
    truth = [path(entries, values) for values in places]
    edited: list[tuple[sp.Expr, int | None]] = [(mutant.expression, None) for mutant in mutants(claim.published)]
    edited += [(mutant.expression, i) for i, entry in enumerate(entries) for mutant in mutants(entry)]

    def off_by(edit: tuple[sp.Expr, int | None], values: Mapping[str, float]) -> float:
        expression, entry = edit
        if entry is None:
            return substituted(expression, values)
        return path([*entries[:entry], expression, *entries[entry + 1 :]], values)

    # all versions at three sizes of the standard errors, and two that are 3.4 of them off: alone they would be killed
    spreads = [[share * value for value in truth] for share in (0.02, 0.06, 0.2)]
    for edit in (edited[2], edited[-1]):
        spreads.append([abs(value - off_by(edit, values)) / 3.4 for values, value in zip(places, truth, strict=True)])
    closest = []
    for errors in spreads:
        outcomes = [outcome(*case) for case in zip(places, truth, errors, strict=True)]
        rows = attack.attacked(attack.Target(claim, outcomes)).evidence["mutants"]
        for row, edit in zip(rows, edited, strict=True):
            scores = [
                (value - off_by(edit, values)) / error
                for values, value, error in zip(places, truth, errors, strict=True)
            ]
            largest = max(scores, key=abs)
            assert (row["outcome"] == "killed") == (abs(largest) > 3.4807564), row
            if row["outcome"] == "killed":
                assert row["z"] == pytest.approx(largest, rel=1e-6)
            closest.append(abs(largest))
    assert sum(1 < z < 3.48 for z in closest) > 10  # which a level of 0.5 would kill
    assert sum(z == pytest.approx(3.4) for z in closest) >= 2


# --- calibration -----------------------------------------------------------------------------------------------------

SEED = 4
RUNS = 60


@pytest.fixture(scope="module")
def counted() -> dict[str, tuple[float, int, int]]:
    """Nominal rate, successes and trials of the protocol's own rates, run by hand on the same samples."""
    size = ceil(((norm.isf(0.05) + norm.isf(0.1 / 2)) / 0.05) ** 2)
    stream = Stream(SEED, "calibration")
    alarms = covered = supported = detected = 0
    for run in range(RUNS):
        samples = stream.generator(run).standard_exponential((10, size))
        means = [fsum(row) / size for row in samples]
        errors = [sqrt(fsum((row - mean) ** 2) / (size - 1) / size) for row, mean in zip(samples, means, strict=True)]
        z = [(mean - 1) / error for mean, error in zip(means, errors, strict=True)]
        p = step_down([two_sided(value) for value in z])
        alarms += min(p) <= 0.05
        for i, (mean, error) in enumerate(zip(means, errors, strict=True)):
            covered += abs(mean - 1) <= 1.959963984540054 * error
            supported += p[i] > 0.05 and norm.cdf((abs(mean - 1) - 0.05) / error) <= 0.05
            least = (norm.isf(0.05 / 10 / 2) + norm.isf(0.1)) * error
            detected += two_sided((mean - (1 + (-1) ** i * least)) / error) <= 0.05 / 10
    return {
        "false_alarm": (0.05, alarms, RUNS),
        "coverage": (0.95, covered, 10 * RUNS),
        "power": (0.9, supported, 10 * RUNS),
        "detection": (0.9, detected, 10 * RUNS),
    }


def bounds(successes: int, trials: int) -> tuple[float, float]:
    """Clopper and Pearson's, 95 %."""
    return beta.ppf(0.025, successes, trials - successes + 1), beta.ppf(0.975, successes + 1, trials - successes)


def test_measured_rates_are_counts_over_trials(counted: Mapping[str, tuple[float, int, int]]) -> None:
    measured = calibration(SEED, RUNS)
    for name, (nominal, successes, trials) in counted.items():
        rate = getattr(measured, name)
        assert 0 < successes < trials
        assert successes / trials != nominal
        assert (rate.nominal, rate.measured) == (pytest.approx(nominal), successes / trials)
        assert (rate.low, rate.high) == pytest.approx(bounds(successes, trials), rel=1e-9)


def test_the_document_has_each_rate_under_its_words(
    counted: Mapping[str, tuple[float, int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "CALIBRATION_RUNS", RUNS)
    monkeypatch.setattr(verification, "STAGES", {})
    document = verification.verify(["mean.ridge"], effort="quick", seed=SEED)
    words = {
        "runs of 10 true targets with any refuted": "false_alarm",
        "95 % intervals that hold the mean": "coverage",
        "true targets supported": "power",
        "targets off by the least detectable discrepancy that are refuted": "detection",
    }
    assert [row["rate"] for row in document["calibration"]] == list(words)
    for row in document["calibration"]:
        nominal, successes, trials = counted[words[row["rate"]]]
        assert row["nominal"] == pytest.approx(nominal)
        assert row["measured"] == successes / trials
        assert (row["low"], row["high"]) == pytest.approx(bounds(successes, trials), rel=1e-9)
