"""Work spread over processes or machines, with results in the order of the tasks."""

from __future__ import annotations

import errno
import signal
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed, parallel_config

from nocollapse.numerics.execution.clusters import BACKENDS, Pool, pool
from nocollapse.numerics.execution.fingerprint import fingerprint
from nocollapse.numerics.execution.kept_results import kept
from nocollapse.numerics.execution.preparation import Preparation, packed, prepared
from nocollapse.numerics.simulation.arguments import integer

LEAF = 100
"""Replicates that are never parted."""
SECONDS = 0.5
"""A task takes so long at least, so that giving it out costs next to nothing, and about twice as long at most."""
PILOT = 0.02
"""Seconds of work that tell how long a replicate takes."""


@dataclass(frozen=True)
class Workers:
    """Who does the work: `jobs` processes of this machine (1: this one itself), or the workers of a cluster.

    `backend` is one of `BACKENDS`. dask needs the address of its `scheduler`; ray reads RAY_ADDRESS. Results are kept
    in the folder `chunks`, if one is given, and what is found there is not computed again. No result depends on any of
    these. A `preparation` comes before each task where it is done, and tasks may then name what it makes.

    Raises ValueError for what does not go together.
    """

    jobs: int = 1
    backend: str = "loky"
    scheduler: str | None = None
    chunks: Path | None = None
    preparation: Preparation | None = None

    def __post_init__(self) -> None:
        integer("jobs", self.jobs, 1)
        if self.backend not in BACKENDS:
            raise ValueError(f"backend = {self.backend!r} is not one of {', '.join(BACKENDS)}")
        if self.backend != "loky" and self.jobs != 1:
            raise ValueError(f"jobs = {self.jobs} counts processes of this machine; {self.backend} has its own workers")
        if self.backend == "dask" and not self.scheduler:
            raise ValueError("the dask backend needs a scheduler's address, as in tcp://127.0.0.1:8786")
        if self.backend != "dask" and self.scheduler is not None:
            raise ValueError(f"scheduler = {self.scheduler!r} does not apply to the {self.backend} backend")

    def ordered(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """Yield `function(*task)` for each task, in order.

        An interrupt reaches this process only, which then ends its workers. Raises OSError where workers were lost or a
        result cannot be kept, ValueError where a cluster cannot be used.

        >>> list(Workers().ordered(pow, [(2, 3), (3, 2)]))
        [8, 9]
        """
        if self.chunks is None:
            return self._spread(function, tasks)
        digest = self.preparation.digest if self.preparation else None
        return kept(self.chunks, function, tasks, self._spread, digest)

    def _spread(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> Generator[Any, None, None]:
        if not tasks:
            return
        if self.preparation is not None:
            tasks = [(self.preparation, packed(function, task)) for task in tasks]
            function = prepared
        calls = [delayed(_same_code)(fingerprint(), function, task) for task in tasks]
        with pool(self.backend, self.jobs, self.scheduler) as workers:
            size = workers.round or len(calls)
            try:
                for start in range(0, len(calls), size):
                    yield from _quietly(_begun(workers, calls[start : start + size]))
            except workers.lost as error:
                reason = f"lost, perhaps for want of memory ({type(error).__name__})"
                raise ChildProcessError(errno.ECHILD, reason, f"workers of {self.backend}") from error


ALONE = Workers()
"""This process itself."""


def cut(count: int, seconds: float, leaf: int = LEAF) -> list[range]:
    """The replicates 0 .. `count` - 1 in tasks of `leaf` times a power of two, where each takes `seconds`.

    >>> cut(250, 0.005), cut(250, 0.002)
    ([range(0, 100), range(100, 200), range(200, 250)], [range(0, 250)])
    """
    size = leaf
    while size < count and size * seconds < SECONDS:
        size *= 2
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


def pace(work: Callable[[range], Any]) -> float:
    """The seconds that work takes a replicate. They change no digit: only how the replicates are shared out."""
    work(range(2))  # compilation is not part of the price
    count = 1
    elapsed = 0.0
    while elapsed < PILOT:
        count *= 2
        started = time.perf_counter()
        work(range(count))
        elapsed = time.perf_counter() - started
    return elapsed / count


def _same_code(expected: str, function: Callable[..., Any], task: tuple[Any, ...]) -> Any:
    """`function(*task)`, if this worker would give the bits that the process that asks would."""
    if fingerprint() != expected:
        raise ValueError(
            "a worker has not the same nocollapse, Python, packages or kind of processor as the process that asks it "
            "(NUMBA_CPU_NAME=generic, set for all, makes processors of one kind)"
        )
    return function(*task)


def _begun(workers: Pool, calls: list[Any]) -> Iterator[Any]:
    """The results of calls that are under way, as they are ready; or those of a whole round."""
    with parallel_config(**workers.settings):
        if workers.round:
            return iter(Parallel(batch_size=1)(calls))
        with _interrupts_held():  # what is held while a worker starts stays held in the worker
            flow: Iterator[Any] = Parallel(return_as="generator", pre_dispatch=workers.ahead, batch_size=1)(calls)
            return flow


def _quietly(results: Iterator[Any]) -> Iterator[Any]:
    """The results; if nobody takes them to the end, the work ends without joblib's warning of that."""
    try:
        for result in results:  # noqa: UP028 (`yield from` would close them before this can)
            yield result
    finally:
        if isinstance(results, Generator):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                results.close()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold SIGINT back until the end, where the system can."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
