"""Running the checks: pilots and then chunks of replicates, over workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.checks.design import Check, Draw, Run
from nocollapse.numerics.checks.plan import Pilot, compiling_first, pieces, pilot, whole
from nocollapse.numerics.execution.workers import Workers
from nocollapse.numerics.simulation.streams import Stream

Progress = Callable[[str, int, int], None]  # (what, done, of)


@dataclass(frozen=True)
class Trial:
    """The results of one run: the columns of every replicate that has them all, in replicate order.

    `ended` counts the others: trajectories on which an estimate ceased to exist, and with it every number.
    """

    claim: str
    run: Run
    sample: FloatArray
    ended: int = 0


@dataclass(frozen=True)
class _Job:
    """A run of a claim, and the streams that it draws from."""

    claim: str
    run: Run

    def stream(self, seed: int) -> Stream:
        return Stream(seed, f"{self.claim}/{self.run.name}")

    def pilot_stream(self, seed: int) -> Stream:
        return Stream(seed, f"{self.claim}/{self.run.name}/pilot")


def each(
    function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], workers: Workers, say: Callable[[int], None]
) -> list[Any]:
    """The results of `function(*task)` in the order of the tasks, for any workers; `say` is told how many are done."""
    results: list[Any] = []
    for result in workers.ordered(function, tasks):
        results.append(result)
        say(len(results))
    return results


def run_all(checks: Mapping[str, Check], seed: int, effort: str, workers: Workers, progress: Progress) -> list[Trial]:
    """Every run of every check, with as many replications as its plan says.

    Raises ValueError where two runs share a stream.
    """
    jobs = [_Job(identifier, run) for identifier, check in checks.items() for run in check.runs]
    _assert_unique(jobs)
    pilots = _pilots(jobs, seed, workers, progress)
    cuts = [pieces(job.run, known, effort) for job, known in zip(jobs, pilots, strict=True)]
    chunks = [(job.run.draw, job.stream(seed), piece) for job, cut in zip(jobs, cuts, strict=True) for piece in cut]
    results = iter(each(_chunk, chunks, workers, lambda done: progress("simulations", done, len(chunks))))
    return [_trial(job, np.concatenate([next(results) for _ in cut])) for job, cut in zip(jobs, cuts, strict=True)]


def _pilots(jobs: Sequence[_Job], seed: int, workers: Workers, progress: Progress) -> list[Pilot]:
    """The pilot of each job."""
    order = compiling_first([job.run for job in jobs])
    tasks = [(jobs[place].run.draw, jobs[place].pilot_stream(seed)) for place in order]
    results = each(pilot, tasks, workers, lambda done: progress("pilot runs", done, len(jobs)))
    by_place = dict(zip(order, results, strict=True))
    return [by_place[place] for place in range(len(jobs))]


def _trial(job: _Job, sample: FloatArray) -> Trial:
    complete = whole(sample)
    return Trial(job.claim, job.run, sample[complete], int(np.count_nonzero(~complete)))


def _assert_unique(jobs: Sequence[_Job]) -> None:
    keys = [stream.key for job in jobs for stream in (job.stream(0), job.pilot_stream(0))]
    if len(set(keys)) != len(keys):
        raise ValueError("two runs share a stream: give every run of a claim its own name")


def _chunk(draw: Draw, stream: Stream, replicates: range) -> FloatArray:
    return draw(stream, replicates)
