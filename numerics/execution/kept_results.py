"""Results kept on disk, so that a run that was cut short goes on where it was."""

from __future__ import annotations

import errno
import logging
import signal
import threading
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from joblib import Memory, hash

from nocollapse.numerics.execution.fingerprint import fingerprint

Function = Callable[..., Any]
Tasks = Sequence[tuple[Any, ...]]
Spread = Callable[[Function, Tasks], Generator[Any, None, None]]
_log = logging.getLogger(__name__)


def kept(folder: Path, function: Function, tasks: Tasks, spread: Spread, digest: str | None = None) -> Iterator[Any]:
    """Yield `function(*task)` for each task: from the folder, or else from `spread`, and then kept there.

    A result is found again by function, task and fingerprint of the code, and by the digest of what else it depends on,
    if there is one. joblib writes it beside its place and moves it there, so that half of one is never read; it
    compresses it with a checksum, so that damage is noticed: then the result is computed again, and the log says so.
    Only this process reads and writes; workers need not see the folder.

    Raises OSError where a result cannot be kept.
    """
    store = _store(folder)
    keys = [_key(function, task, digest) for task in tasks]
    with _interrupt_afterwards():
        in_store = [store.check_call_in_cache(key, _vanished) for key in keys]
    missing = [task for task, stored in zip(tasks, in_store, strict=True) if not stored]
    with closing(spread(function, missing)) as computed:
        for task, key, stored in zip(tasks, keys, in_store, strict=True):
            if not stored:
                yield _keep(store, key, next(computed))
                continue
            with _interrupt_afterwards():
                place = store.call_and_shelve(key, _vanished)
            try:
                result = place.get()
            except Exception:  # whatever damage makes of decompressing and unpickling
                _log.warning("chunk %s is damaged: computed again", place.args_id)
                result = _keep(store, key, function(*task))
            yield result


def _key(function: Function, task: tuple[Any, ...], digest: str | None) -> str:
    """What a result is found again by."""
    causes: tuple[Any, ...] = (fingerprint(), function.__module__, function.__qualname__, task)
    if digest is not None:
        causes = (*causes, digest)
    key: str = hash(causes)
    return key


def _store(folder: Path) -> Any:
    """What joblib keeps in the folder, by key."""

    # A function of its own for every folder: of one that it has met before, joblib would not look what the folder says.
    def result(key: str, compute: Callable[[], Any]) -> Any:
        return compute()

    return Memory(folder, compress=1, verbose=0).cache(result, ignore=["compute"])


def _keep(store: Any, key: str, result: Any) -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "Unable to cache to disk")  # joblib would go on without
        try:
            with _interrupt_afterwards():
                store.call(key, lambda: result)
        except Warning as warning:
            raise (warning.__context__ or warning) from None
    return result


@contextmanager
def _interrupt_afterwards() -> Iterator[None]:
    """Put SIGINT off until the end: joblib drops whatever is raised while it writes or reads its notes on a result."""
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is None:  # no handler of Python's here
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


def _vanished() -> NoReturn:
    raise FileNotFoundError(errno.ENOENT, "a chunk has vanished")
