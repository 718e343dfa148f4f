"""Outcomes of all the tests of a run by the statistical protocol, and the verdict of each claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.design import Check, Prediction, Sign
from nocollapse.numerics.checks.limits import Growth, Limit, doubt, growths, joined, limits
from nocollapse.numerics.checks.outcomes import (
    BracketOutcome,
    EqualityOutcome,
    Outcome,
    Place,
    RateOutcome,
    SignOutcome,
)
from nocollapse.numerics.checks.plan import MARGINS
from nocollapse.numerics.checks.run import Trial
from nocollapse.numerics.protocol.equality import combine, equality, holm
from nocollapse.numerics.protocol.sign_tests import OneSided, one_sided, sign_change
from nocollapse.theory.proof.referee import Referee, Ruling
from nocollapse.theory.symbols import PARAMETERS, latex


def judge(trials: Sequence[Trial], checks: Mapping[str, Check], effort: str) -> list[Outcome]:
    """Every test of every trial, with Holm's adjustment over all the equality tests."""
    margin = MARGINS[effort]
    tests = sum(isinstance(column.test, Prediction) for trial in trials for column in trial.run.columns)
    tests += sum(len(check.extrapolations) + len(check.rates) for check in checks.values())
    return _adjusted(
        [
            *(outcome for trial in trials for outcome in _of_trial(trial, margin, tests)),
            *(_of_limit(limit, margin, tests) for limit in limits(trials, checks)),
            *(_of_growth(growth, margin, tests) for growth in growths(trials, checks)),
        ]
    )


def _of_trial(trial: Trial, margin: float, tests: int) -> Iterator[Outcome]:
    """The tests of the columns, then the brackets that pairs of them make."""
    signs: dict[int, OneSided] = {}
    for i, column in enumerate(trial.run.columns):
        place = Place(trial.claim, trial.run.name, column.quantity, column.parameters, trial.ended)
        values = trial.sample[:, i]
        loss = doubt(trial.ended, len(values))
        match column.test:
            case Prediction() as prediction:
                equal = equality(values, prediction.target, margin=margin * trial.run.precision, tests=tests)
                yield EqualityOutcome(place, prediction, replace(equal, doubt=joined(loss, equal.doubt)))
            case "positive" | "negative" as sign:
                signs[i] = _signed(values, sign, loss)
                yield SignOutcome(place, signs[i])
            case "estimate":
                pass
    for design in trial.run.brackets:
        place = Place(trial.claim, trial.run.name, design.quantity, design.parameters, trial.ended)
        measured = sign_change(signs[design.left], signs[design.right])
        yield BracketOutcome(place, measured, design.low, design.high, design.target)


def _signed(values: FloatArray, sign: Sign, loss: str) -> OneSided:
    """The test of a sign, in which a loss of trajectories leaves no conclusion."""
    measured = one_sided(values, sign=1 if sign == "positive" else -1)
    return replace(measured, doubt=loss, status="INCONCLUSIVE") if loss else measured


def _of_limit(limit: Limit, margin: float, tests: int) -> EqualityOutcome:
    """An intercept against its target."""
    plan = limit.plan
    measured = limit.fit.compare(
        plan.target, replications=limit.replications, margin=2 * margin * plan.precision, tests=tests
    )
    place = Place(limit.claim, "extrapolation", plan.quantity, plan.parameters, limit.ended)
    return EqualityOutcome(place, plan.prediction, replace(measured, doubt=joined(measured.doubt, limit.doubt)))


def _of_growth(growth: Growth, margin: float, tests: int) -> RateOutcome:
    """A slope against its target."""
    plan = growth.plan
    measured = growth.fit.compare(plan.target, replications=growth.replications, margin=margin, tests=tests)
    return RateOutcome(Place(growth.claim, "rate", plan.quantity, plan.parameters), Prediction(plan.target), measured)


def _adjusted(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The same outcomes, the equality tests among them with p-values for the whole family."""
    p_values = [outcome.measured.p_value for outcome in outcomes if isinstance(outcome, EqualityOutcome)]
    adjusted = map(float, holm(p_values))
    return [
        replace(outcome, adjusted=next(adjusted)) if isinstance(outcome, EqualityOutcome) else outcome
        for outcome in outcomes
    ]


@dataclass(frozen=True)
class Simulated:
    """The outcomes of a claim's simulations, and what is to be said beside them."""

    outcomes: Sequence[Outcome]
    remark: str = ""


def verdicts(outcomes: Sequence[Outcome], checks: Mapping[str, Check]) -> list[dict[str, Any]]:
    """The verdict of kind simulation on each claim."""
    by_claim: dict[str, list[Outcome]] = {identifier: [] for identifier in checks}
    for outcome in outcomes:
        by_claim[outcome.place.claim].append(outcome)
    return [
        SIMULATION.verdict(identifier, Simulated(by_claim[identifier], check.remark))
        for identifier, check in checks.items()
    ]


def simulated(case: Simulated) -> Ruling:
    """Whether every test agrees with the claim."""
    outcomes = case.outcomes
    status = combine(outcome.status for outcome in outcomes)
    if status == "SUPPORTED":
        reason = f"all {len(outcomes)} tests agree"
    else:
        deciding = [outcome.place for outcome in outcomes if outcome.status == status]
        reason = f"{len(deciding)} of {len(outcomes)} tests: {_described(deciding[0])}"
    points = [outcome.row() for outcome in outcomes]
    return Ruling(status, f"{reason}. {case.remark}" if case.remark else reason, {"points": points})


SIMULATION = Referee("simulation", simulated)


def _described(place: Place) -> str:
    """A quantity at its parameters, in one line."""
    values = (f"${latex(PARAMETERS[name])} = {value:.6g}$" for name, value in place.parameters.items())
    return ", ".join([place.quantity, *values])
