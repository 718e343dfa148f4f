"""The design points: admissible, lopsided, reproducible; and the kill matrix on samples whose truth is known."""

import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import sympy as sp
from joblib import hash

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks import CHECKS, attack
from nocollapse.numerics.checks.design import Check, Column, Prediction, Run, kernel_of
from nocollapse.numerics.checks.expected import SIGMA, covariance_recursion, gaussian_run, spectrum
from nocollapse.numerics.checks.judge import judge, verdicts
from nocollapse.numerics.checks.outcomes import Outcome
from nocollapse.numerics.checks.plan import MARGINS, compiling_first
from nocollapse.numerics.checks.run import Trial, run_all
from nocollapse.numerics.checks.sampling import Averaged, Differences, Errors, GaussianErrors, Minus, RegressionErrors
from nocollapse.numerics.execution.workers import ALONE
from nocollapse.numerics.figures import claims
from nocollapse.numerics.simulation.empirical import simulate_cdf
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.answers.evaluate import check as check_domain
from nocollapse.theory.claims.registry import CLAIMS
from nocollapse.theory.proof.mutants import Mutant
from nocollapse.theory.symbols import m, n

# Claims that have design points with n = m besides lopsided ones.
ALSO_EQUAL = {
    "framework.accumulation", "gaussian.fully-synthetic", "mean.optimal-weight", "cdf.optimal-weight", "pmf.error",
    "glm.misspecified",
}  # fmt: skip
LINEAR = {"model": "linear"}
KILLED = "swap n and m"
EQUAL = "written otherwise"


@pytest.fixture(scope="module")
def designed() -> dict[str, Check]:
    return {identifier: build() for identifier, build in CHECKS.items()}


def columns(checks: dict[str, Check]) -> Iterator[tuple[str, Column]]:
    return ((claim, column) for claim, check in checks.items() for run in check.runs for column in run.columns)


def predictions(columns: Iterable[Column]) -> list[tuple[Column, Prediction]]:
    """The columns that meet a prediction, with it."""
    return [(column, column.test) for column in columns if isinstance(column.test, Prediction)]


def test_every_claim_but_an_identity_of_estimators_is_simulated() -> None:
    assert set(CLAIMS) - set(CHECKS) == {"mean.ridge", "glm.synthetic-size"}


def test_no_two_runs_share_a_stream(designed: dict[str, Check]) -> None:
    names = [f"{claim}/{run.name}{end}" for claim, c in designed.items() for run in c.runs for end in ("", "/pilot")]
    names += [plan.stream(1, x).name for plan in claims.plans(tuple(CLAIMS)) for x in plan.abscissa]
    assert len({Stream(1, name).key for name in names}) == len(names)


def test_a_shared_stream_is_refused(designed: dict[str, Check]) -> None:
    twice = replace(designed["mean.naive"], runs=designed["mean.naive"].runs[:1] * 2)
    with pytest.raises(ValueError, match="share a stream"):
        run_all({"mean.naive": twice}, 1, "quick", ALONE, lambda what, done, of: None)


def test_every_parameter_lies_in_its_domain(designed: dict[str, Check]) -> None:
    for claim, column in columns(designed):
        assert column.parameters, claim
        for name, value in column.parameters.items():
            check_domain(name, sp.Rational(str(value)))


def test_every_equality_has_a_finite_target_that_is_not_zero(designed: dict[str, Check]) -> None:
    for claim, column in columns(designed):
        if isinstance(column.test, Prediction):
            assert np.isfinite(column.test.target), claim
            assert column.test.target > 0, claim


def test_design_points_are_lopsided(designed: dict[str, Check]) -> None:
    sizes: dict[str, set[bool]] = {claim: set() for claim in designed}
    for claim, column in columns(designed):
        at = column.parameters
        if {"n", "m"} <= set(at):
            sizes[claim].add(at["n"] == at["m"])
    del sizes["covariance.threshold"]  # of m alone
    assert {claim for claim, equal in sizes.items() if True in equal} <= ALSO_EQUAL
    assert all(False in equal for equal in sizes.values())


def test_no_covariance_is_a_multiple_of_the_identity(designed: dict[str, Check]) -> None:
    # where it is, and only there, (tr Sigma)^2 / tr Sigma^2 is the dimension
    for claim, column in columns(designed):
        if "trace" in column.parameters:
            ratio = column.parameters["trace"] ** 2 / column.parameters["frob2"]
            if claim == "covariance.stages" and ratio == 1:
                continue  # what it says of one dimension
            assert abs(ratio - round(ratio)) > 0.01, claim
            assert ratio > 1.01, claim


def test_every_draw_fills_its_columns_whatever_the_chunks(designed: dict[str, Check]) -> None:
    for claim, check in designed.items():
        for run in check.runs:
            stream = Stream(1, f"{claim}/{run.name}")
            whole = run.draw(stream, range(5))
            assert whole.shape == (5, len(run.columns)), (claim, run.name)
            parts = [run.draw(stream, range(a, b)) for a, b in pairwise((0, 1, 3, 5))]
            assert np.array_equal(whole, np.concatenate(parts)), (claim, run.name)


def test_brackets_and_extrapolations_refer_to_what_is_there(designed: dict[str, Check]) -> None:
    for check in designed.values():
        for run in check.runs:
            for bracket in run.brackets:
                assert bracket.low < bracket.target < bracket.high
                tests = [run.columns[i].test for i in (bracket.left, bracket.right)]
                assert tests == ["negative", "positive"]
        for extrapolation in check.extrapolations:
            runs = {run.name: run for run in check.runs}
            simulated = [runs[name].columns[0].parameters["n"] for name in extrapolation.runs]
            assert simulated == list(extrapolation.sizes)


def test_draws_links_and_columns_travel_as_plain_pickles(designed: dict[str, Check]) -> None:
    """Pickles find a function by its name, so none of these holds a lambda or a closure."""
    for claim, check in designed.items():
        sent = pickle.loads(pickle.dumps(check))
        for run, copy in zip(check.runs, sent.runs, strict=True):
            stream = Stream(2, f"{claim}/{run.name}")
            assert np.array_equal(run.draw(stream, range(2)), copy.draw(stream, range(2)), equal_nan=True)
            pairs = zip(predictions(run.columns), predictions(copy.columns), strict=True)
            links = [(one.link, other.link) for (_, one), (_, other) in pairs]
            assert all(one(0.3) == other(0.3) for one, other in links if one and other)
            assert all((one is None) == (other is None) for one, other in links)


def test_a_draw_made_of_another_has_its_kernel() -> None:
    settings = {"weights": (0.5,), "steps": (1, 2)}
    for draw in (Errors(simulate_cdf, settings), GaussianErrors(("mean",), settings), RegressionErrors(LINEAR, 1.0)):
        kernel = kernel_of(draw)
        assert kernel_of(Differences(Averaged(Minus(draw, 1.0), 2, 1), np.eye(1))) == kernel
        assert kernel_of(replace(draw)) == kernel  # another draw of the same kind
    kinds: list[dict[str, Any]] = [{}, {"framework": "accumulation"}, {"slopes": True}]
    assert len({kernel_of(GaussianErrors(("mean",), settings)) for settings in kinds}) == 3
    assert kernel_of(RegressionErrors(LINEAR, 1.0)) != kernel_of(RegressionErrors({"model": "poisson"}, 1.0))


def test_a_draw_without_a_kernel_counts_as_one_of_its_own() -> None:
    def one(stream: Stream, replicates: range) -> FloatArray:
        return np.zeros((len(replicates), 1))

    def other(stream: Stream, replicates: range) -> FloatArray:
        return np.ones((len(replicates), 1))

    assert kernel_of(one) == kernel_of(one) != kernel_of(other)
    runs = [Run(name, draw, ()) for name, draw in (("a", one), ("b", one), ("c", other))]
    assert [runs[i].name for i in compiling_first(runs)] == ["a", "c", "b"]


def test_a_covariance_outside_the_validity_gate_is_refused() -> None:
    def covariance(weight: float, part: str = "covariance") -> Run:
        return gaussian_run(
            "gate", "covariance.error", {part: covariance_recursion()},
            n=5, m=9, sigma=SIGMA, weights=(0.8, weight), steps=(1,),
        )  # fmt: skip

    assert covariance(0.5).columns
    for part in ("covariance", "variance"):
        with pytest.raises(ValueError, match=r"m = 9, w = 0\.25 is outside the validity gate"):
            covariance(0.25, part)


def test_spectrum_is_the_trace_and_the_squared_norm() -> None:
    assert spectrum(SIGMA) == {"trace": 3.0, "frob2": 5.5}


# --- the kill matrix -------------------------------------------------------------------------------------------------

Sampled = Callable[[float, float], tuple[list[Outcome], dict[str, Check]]]


@pytest.fixture
def sampled(designed: dict[str, Check]) -> Sampled:
    """Points of mean.naive from samples of known mean and spread, both relative to the target."""

    def build(mean: float, spread: float) -> tuple[list[Outcome], dict[str, Check]]:
        check = designed["mean.naive"]
        signs = np.tile([1.0, -1.0], 5000)
        trials = []
        for run in check.runs:
            targets = np.array([prediction.target for _, prediction in predictions(run.columns)])
            trials.append(Trial("mean.naive", run, targets * (mean + spread * signs[:, None])))
        return judge(trials, {"mean.naive": check}, "standard"), {"mean.naive": check}

    return build


@pytest.fixture
def two_edits(monkeypatch: pytest.MonkeyPatch) -> None:
    """One wrong version and one right one, in place of all that the program makes."""

    def edits(expression: sp.Expr) -> tuple[Mutant, ...]:
        swapped = expression.subs({n: m, m: n}, simultaneous=True)
        return Mutant(KILLED, swapped), Mutant(EQUAL, sp.expand(expression * (n + m)) / (n + m))

    monkeypatch.setattr(attack, "edits", edits)


def test_a_right_sample_supports_the_claim_and_kills_what_is_wrong(sampled: Sampled, two_edits: None) -> None:
    points, checks = sampled(1.0, 0.2)
    (simulated,) = verdicts(points, checks)
    attacked = attack.verdict("mean.naive", points)
    assert (simulated["status"], attacked["status"]) == ("SUPPORTED", "SUPPORTED")
    outcomes = {row["operator"]: row for row in attacked["mutants"]}
    assert outcomes[KILLED]["outcome"] == "killed"
    assert abs(outcomes[KILLED]["z"]) > 10
    assert outcomes[EQUAL]["outcome"] == "equal"
    assert outcomes[EQUAL]["z"] is None


def test_points_travel_and_the_attack_is_the_same_on_their_copy(sampled: Sampled) -> None:
    points, _ = sampled(1.0, 0.2)
    sent = pickle.loads(pickle.dumps(points))
    assert attack.verdict("mean.naive", sent) == attack.verdict("mean.naive", points)
    assert hash(sent) == hash(points)  # by which kept results are found again


def test_a_right_sample_kills_every_mutant_of_the_program(sampled: Sampled) -> None:
    points, _ = sampled(1.0, 0.2)
    attacked = attack.verdict("mean.naive", points)
    assert attacked["status"] == "SUPPORTED"
    assert len(attacked["mutants"]) > 5


def test_a_sample_that_says_nothing_lets_everything_survive(sampled: Sampled, two_edits: None) -> None:
    points, checks = sampled(1.0, 1e6)
    (simulated,) = verdicts(points, checks)
    attacked = attack.verdict("mean.naive", points)
    assert (simulated["status"], attacked["status"]) == ("INCONCLUSIVE", "INCONCLUSIVE")
    assert {row["operator"]: row["outcome"] for row in attacked["mutants"]} == {KILLED: "survived", EQUAL: "equal"}


@pytest.mark.parametrize("mean", [0.9, 1.1])
def test_a_sample_about_another_value_refutes_the_claim(sampled: Sampled, mean: float) -> None:
    (simulated,) = verdicts(*sampled(mean, 0.2))
    assert simulated["status"] == "REFUTED"
    assert all(row["status"] == "REFUTED" and abs(row["z"]) > 10 for row in simulated["points"])


def test_a_sample_within_the_margin_but_off_the_target_is_refuted(sampled: Sampled) -> None:
    (simulated,) = verdicts(*sampled(1 + MARGINS["standard"] / 3, 0.05))
    assert simulated["status"] == "REFUTED"  # the z-test has the last word
