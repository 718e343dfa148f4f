"""Results kept on disk, so that a run that was cut short goes on where it was."""

from __future__ import annotations

import errno
import logging
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

from joblib import Memory, hash

from nocollapse.numerics.execution.fingerprint import fingerprint

Function = Callable[..., Any]
Tasks = Sequence[tuple[Any, ...]]
Spread = Callable[[Function, Tasks], Generator[Any, None, None]]
_log = logging.getLogger(__name__)


def kept(folder: Path, function: Function, tasks: Tasks, spread: Spread) -> Iterator[Any]:
    """Yield ``function(*task)`` for each task: from the folder, or else from ``spread``, and then kept there.

    A result is found again by function, task and fingerprint of the code. joblib writes it beside its place and moves
    it there, so that half of one is never read; it compresses it with a checksum, so that damage is noticed: then the
    result is computed again, and the log says so. Only this process reads and writes; workers need not see the folder.
    ``OSError`` where a result cannot be kept.
    """
    store = _store(folder)
    keys = [hash((fingerprint(), function.__module__, function.__qualname__, task)) for task in tasks]
    held = [store.check_call_in_cache(key, _vanished) for key in keys]
    rest = [task for task, there in zip(tasks, held, strict=True) if not there]
    with closing(spread(function, rest)) as fresh:
        for task, key, there in zip(tasks, keys, held, strict=True):
            if not there:
                yield _keep(store, key, next(fresh))
                continue
            result = store.call_and_shelve(key, _vanished)
            try:
                found = result.get()
            except Exception:  # whatever damage makes of decompressing and unpickling
                _log.warning("chunk %s is damaged: computed again", result.args_id)
                found = _keep(store, key, function(*task))
            yield found


def _store(folder: Path) -> Any:
    """What joblib keeps in the folder, by key."""

    # A function of its own for every folder: of one that it has met before, joblib would not look what the folder says.
    def result(key: str, compute: Callable[[], Any]) -> Any:
        return compute()

    return Memory(folder, compress=1, verbose=0).cache(result, ignore=["compute"])


def _keep(store: Any, key: str, found: Any) -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Unable to cache to disk")  # joblib would go on without
        try:
            store.call(key, lambda: found)
        except Warning as warning:
            raise (warning.__context__ or warning) from None
    return found


def _vanished() -> NoReturn:
    raise FileNotFoundError(errno.ENOENT, "a chunk has vanished")
