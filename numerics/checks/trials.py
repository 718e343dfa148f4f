"""Running the checks: replications planned from a pilot, chunks over workers, verdicts by the protocol."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from nocollapse.numerics.checks.design import Check, Column, Draw, Extrapolation, Run, kernel_of
from nocollapse.numerics.checks.expected import same
from nocollapse.numerics.execution.workers import Workers, cut
from nocollapse.numerics.protocol.equality import (
    ALPHA,
    FAMILY,
    Equality,
    FloatArray,
    Status,
    combine,
    equality,
    holm,
    quantile,
    replications,
    status,
    summarise,
)
from nocollapse.numerics.protocol.sign_tests import ONE_SIDED, OneSided, bracket, one_sided
from nocollapse.numerics.protocol.sign_tests import Bracket as SignChange
from nocollapse.numerics.protocol.weighted_fits import Fit, intercept, slope
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.symbols import PARAMETERS, latex

PILOT = 1000
SIGN = 7.0
"""Standard errors that a sign test is planned to see."""
MISS = 1e-4
"""Chance that one true target is not accepted: a run has some 200 of them."""
ENDED = 1e-3
"""The share of trajectories that may end without an estimate before the mean over the others is doubted."""
MARGINS = {"quick": 0.08, "standard": 0.04, "paper": 0.01}
CAPS = {"quick": 40_000, "standard": 200_000, "paper": 1_000_000}

Progress = Callable[[str, int, int], None]  # (what, done, of)


@dataclass(frozen=True)
class Trial:
    """The results of one run: the columns of every replicate that has them all, in replicate order.

    ``ended`` counts the others: trajectories on which an estimate ceased to exist, and with it every number.
    """

    claim: str
    run: Run
    sample: FloatArray
    ended: int = 0


def each(
    function: Callable[..., Any], tasks: list[tuple[Any, ...]], workers: Workers, say: Callable[[int], None]
) -> list[Any]:
    """The results of ``function(*task)`` in the order of the tasks, for any workers."""
    results: list[Any] = []
    for result in workers.ordered(function, tasks):
        results.append(result)
        say(len(results))
    return results


def run_all(checks: Mapping[str, Check], seed: int, effort: str, workers: Workers, progress: Progress) -> list[Trial]:
    """Every run of every check, with as many replications as its plan says."""
    pairs = [(identifier, run) for identifier, check in checks.items() for run in check.runs]
    _assert_unique(pairs)
    order = _compiling_first([run for _, run in pairs])
    tasks = [(pairs[i][1].draw, Stream(seed, f"{pairs[i][0]}/{pairs[i][1].name}/pilot")) for i in order]
    found = each(_pilot, tasks, workers, lambda done: progress("pilot runs", done, len(pairs)))
    pilots = dict(zip(order, found, strict=True))
    parts = [cut(_wanted(run, pilots[i].ratios, effort), pilots[i].seconds) for i, (_, run) in enumerate(pairs)]
    chunks = [
        (run.draw, Stream(seed, f"{identifier}/{run.name}"), part)
        for (identifier, run), own in zip(pairs, parts, strict=True)
        for part in own
    ]
    results = iter(each(_chunk, chunks, workers, lambda done: progress("simulations", done, len(chunks))))
    return [
        _trial(identifier, run, np.concatenate([next(results) for _ in own]))
        for (identifier, run), own in zip(pairs, parts, strict=True)
    ]


def _trial(claim: str, run: Run, sample: FloatArray) -> Trial:
    whole = _whole(sample)
    return Trial(claim, run, sample[whole], int(np.count_nonzero(~whole)))


def _whole(sample: FloatArray) -> npt.NDArray[np.bool_]:
    """Which replicates have all their numbers."""
    return np.asarray(~np.isnan(sample).any(axis=1))


def _compiling_first(runs: list[Run]) -> list[int]:
    """The runs' places, one run of each compiled kernel first: so that no two workers compile the same one."""
    first: dict[Hashable, int] = {}
    for i, run in enumerate(runs):
        first.setdefault(kernel_of(run.draw), i)
    return [*first.values(), *(i for i in range(len(runs)) if i not in first.values())]


def _assert_unique(pairs: list[tuple[str, Run]]) -> None:
    keys = [Stream(0, f"{identifier}/{run.name}{end}").key for identifier, run in pairs for end in ("", "/pilot")]
    if len(set(keys)) != len(keys):
        raise ValueError("two runs share a stream: give every run of a claim its own name")


def _chunk(draw: Draw, stream: Stream, part: range) -> FloatArray:
    return draw(stream, part)


class Pilot(NamedTuple):
    """Standard deviation over mean of each column, and the seconds that a replicate takes."""

    ratios: list[float]
    seconds: float


def _pilot(draw: Draw, stream: Stream) -> Pilot:
    """What a few replicates, on a stream of their own, tell."""
    draw(stream, range(2))  # compilation is not part of the price
    started = time.perf_counter()
    sample = draw(stream, range(PILOT))
    seconds = (time.perf_counter() - started) / PILOT
    columns = sample[_whole(sample)].T
    return Pilot([float(np.std(values) / max(abs(np.mean(values)), 1e-300)) for values in columns], seconds)


def _wanted(run: Run, ratios: list[float], effort: str) -> int:
    """How many replications a run needs."""
    wanted = run.floor
    for column, ratio in zip(run.columns, ratios, strict=True):
        if column.test in ("equality", "estimate"):
            wanted = max(wanted, replications(ratio, MARGINS[effort] * run.precision, alpha=ALPHA, beta=MISS))
        else:
            wanted = max(wanted, math.ceil(min((SIGN * ratio) ** 2, CAPS[effort])))
    return min(wanted, CAPS[effort])


@dataclass(frozen=True)
class Point:
    """One test of one column (or bracket, or extrapolation), with what the report shows of it."""

    claim: str
    run: str
    quantity: str
    test: str
    parameters: Mapping[str, float]
    found: Equality | OneSided | SignChange
    column: Column | None = None
    target: float | None = None
    low: float | None = None
    high: float | None = None
    ended: int = 0


def judge(trials: list[Trial], checks: Mapping[str, Check], effort: str) -> list[Point]:
    """Every test of every trial, before the adjustment over the whole run."""
    margin = MARGINS[effort]
    tests = sum(c.test == "equality" for trial in trials for c in trial.run.columns)
    tests += sum(len(check.extrapolations) + len(check.rates) for check in checks.values())
    points: list[Point] = []
    for trial in trials:
        signs: dict[int, OneSided] = {}
        for i, column in enumerate(trial.run.columns):
            values = trial.sample[:, i]
            found: Equality | OneSided
            if column.test == "estimate":
                continue
            if column.test == "equality":
                assert column.target is not None
                found = equality(values, column.target, margin=margin * trial.run.precision, tests=tests)
                found = replace(found, doubt=_joined(_doubt(trial.ended, len(values)), found.doubt))
            else:
                found = one_sided(values, sign=1 if column.test == "positive" else -1)
                if doubt := _doubt(trial.ended, len(values)):
                    found = replace(found, doubt=doubt, status="INCONCLUSIVE")
                signs[i] = found
            kind = "equality" if column.test == "equality" else "one-sided"
            points.append(
                Point(
                    trial.claim,
                    trial.run.name,
                    column.quantity,
                    kind,
                    column.parameters,
                    found,
                    column,
                    column.target,
                    ended=trial.ended,
                )
            )
        points += [
            Point(
                trial.claim,
                trial.run.name,
                b.quantity,
                "bracket",
                b.parameters,
                bracket(signs[b.left], signs[b.right]),
                target=b.target,
                low=b.low,
                high=b.high,
                ended=trial.ended,
            )
            for b in trial.run.brackets
        ]
    return [*points, *_extrapolated(limits(trials, checks), margin, tests), *_grown(trials, checks, margin, tests)]


@dataclass(frozen=True)
class Limit:
    """An extrapolation carried out: scaled means with standard errors at each size, and the fit through them."""

    claim: str
    plan: Extrapolation
    means: FloatArray
    errors: FloatArray
    fit: Fit
    replications: int
    doubt: str
    ended: int


def limits(trials: list[Trial], checks: Mapping[str, Check]) -> Iterator[Limit]:
    """Every extrapolation to 1/n = 0, by weighted regression."""
    named = {(trial.claim, trial.run.name): trial for trial in trials}
    for identifier, check in checks.items():
        for e in check.extrapolations:
            behind = [named[identifier, name] for name in e.runs]
            drawn = [trial.sample for trial in behind]
            scaled = [
                _ratio(x[:, e.column], x[:, -1]) if e.ratio else x[:, e.column] * n
                for x, n in zip(drawn, e.sizes, strict=True)
            ]
            means = np.array([np.mean(x) for x in scaled])
            errors = np.array([np.std(x, ddof=1) / math.sqrt(len(x)) for x in scaled])
            fit = intercept(1 / np.asarray(e.sizes, dtype=float), means, errors, degree=e.degree)
            doubts = [summarise(x).doubt for x in scaled] + [_doubt(trial.ended, len(trial.sample)) for trial in behind]
            doubt = _joined(*doubts)
            ended = sum(trial.ended for trial in behind)
            yield Limit(identifier, e, means, errors, fit, sum(map(len, scaled)), doubt, ended)


def _joined(*doubts: str) -> str:
    return "; ".join(filter(None, doubts))


def _doubt(ended: int, whole: int) -> str:
    """Why a mean over the trajectories that kept their estimate is not the mean that a claim is about."""
    return f"{ended} of {whole + ended} trajectories ended without an estimate" if ended > ENDED * whole else ""


def _ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """The ratio of two means, as the mean of values whose spread is the ratio's (the delta method)."""
    ratio = np.mean(top) / np.mean(bottom)
    return np.asarray(ratio + (top - ratio * bottom) / np.mean(bottom))


def _extrapolated(found: Iterable[Limit], margin: float, tests: int) -> Iterator[Point]:
    """The intercepts against their targets."""
    for limit in found:
        e = limit.plan
        reach = 2 * margin * e.precision
        outcome = limit.fit.compare(e.target, replications=limit.replications, margin=reach, tests=tests)
        outcome = replace(outcome, doubt=_joined(outcome.doubt, limit.doubt))
        link = same if e.linked else None
        column = Column(e.quantity, e.parameters, target=e.target, link=link, recursion=e.recursion)
        yield Point(
            limit.claim, "extrapolation", e.quantity, "equality", e.parameters, outcome, column, e.target,
            ended=limit.ended,
        )  # fmt: skip


def _grown(trials: list[Trial], checks: Mapping[str, Check], margin: float, tests: int) -> Iterator[Point]:
    """The slopes of log means over independent runs, by weighted regression with a lack-of-fit test."""
    samples = {(trial.claim, trial.run.name): trial.sample[:, 0] for trial in trials}
    for identifier, check in checks.items():
        for r in check.rates:
            drawn = [samples[identifier, name] for name in r.runs]
            means = np.array([np.mean(x) for x in drawn])
            errors = np.array([np.std(x, ddof=1) / math.sqrt(len(x)) for x in drawn])
            fit = slope(np.asarray(r.steps, dtype=float), np.log(means), errors / means)
            found = fit.compare(r.target, replications=sum(map(len, drawn)), margin=margin, tests=tests)
            yield Point(identifier, "rate", r.quantity, "rate", r.parameters, found, target=r.target)


def verdicts(points: list[Point], checks: Mapping[str, Check]) -> list[dict[str, Any]]:
    """The simulation verdict of each claim, with Holm's adjustment over all equality tests of the run."""
    equalities = [p for p in points if isinstance(p.found, Equality)]
    adjusted = dict(zip(map(id, equalities), holm([_equality(p).p_value for p in equalities]), strict=True))
    rows: dict[str, list[dict[str, Any]]] = {identifier: [] for identifier in checks}
    for point in points:
        rows[point.claim].append(_row(point, float(adjusted.get(id(point), math.nan))))
    result = []
    for identifier, found in rows.items():
        overall = combine(row["status"] for row in found)
        short = [row for row in found if row["status"] == overall]
        supported = f"all {len(found)} tests agree"
        reason = supported if overall == "SUPPORTED" else f"{len(short)} of {len(found)} tests: {_described(short[0])}"
        remark = f". {checks[identifier].remark}" if checks[identifier].remark else ""
        result.append(
            {"claim": identifier, "kind": "simulation", "status": overall, "reason": reason + remark, "points": found}
        )
    return result


def _equality(point: Point) -> Equality:
    assert isinstance(point.found, Equality)
    return point.found


def _row(point: Point, adjusted: float) -> dict[str, Any]:
    """A point as plain data; numbers that do not apply are None."""
    found = point.found
    row: dict[str, Any] = {
        "label": f"run {point.run}",
        "run": point.run,
        "test": point.test,
        "parameters": dict(point.parameters),
        "quantity": point.quantity,
        "target": point.target,
    }
    lost = f"{point.ended} trajectories ended without an estimate" if point.ended else ""
    if isinstance(found, SignChange):
        sides = (found.left, found.right)
        weakest = min(sides, key=lambda side: side.z)
        return row | _numbers(
            replications=weakest.replications,
            z=weakest.z,
            p_value=max(s.p_value for s in sides),
            status=found.status,
            power=_sign_power(weakest),
            note="; ".join(filter(None, (f"between {point.low:.4g} and {point.high:.4g}", lost))),
        )
    if isinstance(found, OneSided):
        return row | _numbers(
            estimate=found.estimate,
            standard_error=found.standard_error,
            replications=found.replications,
            z=found.z,
            p_value=found.p_value,
            power=_sign_power(found),
            status=found.status,
            note=found.doubt or lost,
        )
    verdict: Status = status(found, adjusted, family=FAMILY)
    return row | _numbers(
        estimate=found.estimate,
        standard_error=found.standard_error,
        replications=found.replications,
        margin=found.margin,
        power=found.power,
        least_detectable=found.least_detectable,
        z=found.z,
        p_value=adjusted,
        status=verdict,
        note=found.doubt or lost,
    )


def _sign_power(found: OneSided) -> float | None:
    """The chance that a repetition finds the sign, if the truth is the estimate."""
    return float(ndtr(found.z - quantile(1 - ONE_SIDED)))


def _numbers(
    *,
    estimate: float | None = None,
    standard_error: float | None = None,
    replications: int,
    margin: float | None = None,
    power: float | None = None,
    least_detectable: float | None = None,
    z: float,
    p_value: float,
    status: str,
    note: str,
) -> dict[str, Any]:
    return {
        "estimate": estimate,
        "standard_error": standard_error,
        "replications": replications,
        "margin": margin,
        "power": power,
        "least_detectable": least_detectable,
        "z": z if math.isfinite(z) else None,
        "p_value": p_value,
        "status": status,
        "note": note,
    }


def _described(row: Mapping[str, Any]) -> str:
    """A point in one line."""
    at = (f"${latex(PARAMETERS[name])} = {value:.6g}$" for name, value in row["parameters"].items())
    return ", ".join([row["quantity"], *at])
