"""One changed line against its tests."""

from __future__ import annotations

import multiprocessing
import multiprocessing.process
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import numba
import pytest

KILLED, SURVIVED, TIMED_OUT = "killed", "survived", "timed out"
HEAVY = ("sympy", "scipy.stats", "sklearn.linear_model", "matplotlib.pyplot", "joblib", "z3", "cvc5")
FORK = multiprocessing.get_context("fork")
PYTEST = ("-n", "0", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "--hypothesis-seed=0")
WALL = 6
"""A process may take that many times its CPU seconds on the clock: others may be at work, but a lock is for ever."""
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
NO_TESTS = 5
"""pytest's exit status where no test has a word in its name, or all of a file's are slow."""
CRASHES = (-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGFPE, -signal.SIGBUS)
"""Ways of ending that name no test and yet are the mutant's; any other is a defect of the trial."""
NEAREST = 3
"""So many files go first, their tests that are named like the changed file before all: to import all tests of a room
takes longer than to run these."""


class Outcome(NamedTuple):
    """How a trial ended; `killer` is the test that failed, if pytest lived to name it."""

    outcome: str
    killer: str
    seconds: float  # of CPU


def warm() -> None:
    """Import what takes longer than most tests: the forks of this process have it, and the project's code anew."""
    for name in HEAVY:
        import_module(name)


def trial(copy: Path, path: str, text: str, tests: Sequence[str], limit: int, cache: Path | None) -> Outcome:
    """Run tests, until the first failure, while the file `path` of a copy of the repository has another text.

    Arguments: `limit`, the CPU seconds of one process; `cache`, where compiled code is kept, by default nowhere.
    """
    before = _spent()
    with _changed(copy / path, text), tempfile.TemporaryDirectory() as fresh:
        doctests, files = _apart(tests)
        nearest, others = files[:NEAREST], files[NEAREST:]
        named = [*nearest, "-k", _word(path)] if nearest else []
        passed = False
        for part in (doctests, named, nearest, others):
            left = limit - int(_spent() - before)
            status, out = _pytest(copy, [*part, "-x"], max(left, 1), cache or Path(fresh)) if part else (NO_TESTS, "")
            passed = passed or status == 0
            if status not in (0, NO_TESTS):
                break
    if status in (-signal.SIGXCPU, None):
        outcome = TIMED_OUT
    elif status in (0, NO_TESTS) and passed:
        outcome = SURVIVED
    elif status in CRASHES or FAILED.search(out):
        outcome = KILLED
    else:
        raise RuntimeError(f"pytest ended with {status} and names no test:\n{out}")
    failed = FAILED.findall(out)
    killer = failed[0] if outcome == KILLED and failed else ""
    return Outcome(outcome, killer, _spent() - before)


def failing(copy: Path, tests: Sequence[str], limit: int, cache: Path) -> set[str]:
    """Which of these tests fail though nothing is changed."""
    failed: set[str] = set()
    for part in filter(None, _apart(tests)):
        status, out = _pytest(copy, part, limit, cache)
        if status not in (0, 1):
            raise RuntimeError(f"the tests do not run on the unchanged source:\n{out}")
        failed |= set(FAILED.findall(out)) & set(tests)
    return failed


def _apart(tests: Sequence[str]) -> tuple[list[str], list[str]]:
    """Doctests and others, which want a process each: where pytest imports a module for its doctests, the package's
    function of the module's name is hidden by it, and other tests fail for that."""
    doctests = [test for test in tests if test.startswith("src/")]
    return doctests, [test for test in tests if test not in doctests]


def _word(path: str) -> str:
    """What tests of a file have in their names.

    >>> _word("numerics/simulation/gaussian/__init__.py"), _word("src/nocollapse/cli/weight.py")
    ('gaussian', 'weight')
    """
    file = Path(path)
    return file.parent.name if file.stem == "__init__" else file.stem


@contextmanager
def _changed(path: Path, text: str) -> Iterator[None]:
    """Gives a file another text, then its own back, with its own time, by which numba knows it."""
    with tempfile.TemporaryDirectory() as folder:
        kept = shutil.copy2(path, folder)
        try:
            path.write_text(text, encoding="utf-8")
            yield
        finally:
            shutil.copy2(kept, path)


def _pytest(copy: Path, arguments: Sequence[str], limit: int, cache: Path) -> tuple[int | None, str]:
    """Exit status and output; the status is None where the clock ran out, and negative for a signal."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        process = FORK.Process(target=_tests, args=(copy, [*PYTEST, *arguments], limit, cache, log.fileno()))
        process.start()
        try:
            process.join(WALL * limit)
        finally:
            _end(process)
        log.seek(0)
        return None if process.exitcode == -signal.SIGKILL else process.exitcode, log.read()


def _tests(copy: Path, arguments: Sequence[str], limit: int, cache: Path, log: int) -> None:
    """What the forked process does: pytest, as if started in the copy, in a session of its own."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
    for stream in (1, 2):
        os.dup2(log, stream)
    sys.stdout = sys.stderr = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    os.chdir(copy)
    os.environ |= {"PYTHONPATH": str(copy / "src"), "NUMBA_CACHE_DIR": str(cache)}
    numba.core.config.reload_config()  # type: ignore[no-untyped-call]
    sys.path[0] = str(copy)
    sys.path.insert(0, str(copy / "src"))
    raise SystemExit(int(pytest.main(list(arguments))))


def _end(process: multiprocessing.process.BaseProcess) -> None:
    """Ends a process with all that it started."""
    assert process.pid is not None
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.join()


def _spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
