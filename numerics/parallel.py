"""Work spread over processes, with results in the order of the tasks."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from joblib import Parallel, delayed


def ordered(function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]], jobs: int) -> Iterator[Any]:
    """Yield ``function(*task)`` for each task, in order, computed by ``jobs`` processes (1: this one).

    An interrupt reaches this process only, which then ends the workers.

    >>> list(ordered(pow, [(2, 3), (3, 2)], jobs=1))
    [8, 9]
    """
    with _interrupts_held():  # what is held while a worker starts stays held in the worker
        results = Parallel(n_jobs=jobs, return_as="generator", batch_size=1)(delayed(function)(*task) for task in tasks)
    yield from results


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
