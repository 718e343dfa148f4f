"""Kept results: found again, never of other code, and never wrong, whatever happens to their files."""

import errno
import logging
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from joblib import numpy_pickle
from joblib._store_backends import FileSystemStoreBackend

from nocollapse.numerics.execution import kept_results
from nocollapse.numerics.execution.kept_results import kept

ROOT = Path(__file__).parents[2]
TASKS = [(float(i), 40) for i in range(5)]


def draw(level: float, size: int) -> tuple[float, Any]:
    """What a task gives: numbers that do not compress."""
    return level, level + np.random.Generator(np.random.SFC64(int(level))).random(size)


class Computed(list[tuple[Any, ...]]):
    """Spreads work in this process, and lists the tasks that were computed."""

    def __call__(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> Generator[Any, None, None]:
        for task in tasks:
            self.append(task)
            yield function(*task)


def run(
    folder: Path,
    tasks: list[tuple[float, int]] = TASKS,
    function: Callable[..., Any] = draw,
    digest: str | None = None,
) -> Computed:
    """What had to be computed by the spread; all results must be right."""
    computed = Computed()
    for result, task in zip(kept(folder, function, tasks, computed, digest), tasks, strict=True):
        expected = function(*task)
        assert result[0] == expected[0]
        assert np.array_equal(result[1], expected[1])
    return computed


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("output.pkl"))


def test_what_is_kept_is_not_computed_again(tmp_path: Path) -> None:
    assert run(tmp_path, TASKS[:3]) == TASKS[:3]
    assert len(files(tmp_path)) == 3
    assert run(tmp_path) == TASKS[3:]
    assert run(tmp_path) == []


FIND = """
import math, pathlib, sys
from nocollapse.numerics.execution.kept_results import kept
print(*kept(pathlib.Path(sys.argv[1]), math.factorial, [(5,), (6,)], lambda function, missing: (x for x in missing)))
"""


def test_another_process_finds_them_all(tmp_path: Path) -> None:
    for folder in (tmp_path / "one", tmp_path / "two"):  # in a second folder, too
        assert list(kept(folder, math.factorial, [(5,), (6,)], Computed())) == [120, 720]
        program = [sys.executable, "-c", FIND, str(folder)]
        done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr) == ("120 720\n", "")


def test_a_run_that_is_cut_short_keeps_what_it_had(tmp_path: Path) -> None:
    results = kept(tmp_path, draw, TASKS, Computed())
    next(results), next(results)
    del results
    assert run(tmp_path) == TASKS[2:]


@pytest.mark.parametrize("kept_before", [False, True])
def test_an_interrupt_is_never_lost_among_joblibs_notes(
    kept_before: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """joblib drops whatever is raised while it writes or reads metadata.json, Ctrl-C too."""
    if kept_before:
        run(tmp_path)
    interrupted: list[str] = []

    def interrupting(name: str, mode: str) -> Any:
        if "metadata.json" in name and not interrupted:
            interrupted.append(mode)
            signal.raise_signal(signal.SIGINT)
        return open(name, mode)

    monkeypatch.setattr(FileSystemStoreBackend, "_open_item", staticmethod(interrupting))
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path)
    assert interrupted == ["rb" if kept_before else "wb"]
    assert len(files(tmp_path)) == (len(TASKS) if kept_before else 1)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    run(tmp_path)


def test_results_of_other_functions_and_of_other_code_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path)
    assert run(tmp_path, function=lambda level, size: draw(level + 1, size)) == TASKS
    monkeypatch.setattr(kept_results, "fingerprint", lambda: "other code")
    assert run(tmp_path) == TASKS


def test_results_of_another_digest_are_not_used(tmp_path: Path) -> None:
    run(tmp_path)
    assert run(tmp_path, digest="one") == TASKS
    assert run(tmp_path, digest="two") == TASKS
    assert run(tmp_path, digest="one") == []
    assert run(tmp_path) == []


def spoiled(path: Path, data: bytes, folder: Path, caplog: pytest.LogCaptureFixture) -> bool:
    """Whether a file with other bytes was noticed: said in one line, and mended. If not, it does no harm."""
    path.write_bytes(data)
    caplog.clear()
    assert run(folder, TASKS[:1]) == []  # the right result, computed outside of the spread where it is damaged
    assert all(record.levelno == logging.WARNING for record in caplog.records)
    said = [record.getMessage() for record in caplog.records]
    assert all("is damaged" in line and "\n" not in line for line in said)
    if said:
        assert path.parent.name in said[0]
        caplog.clear()
        run(folder, TASKS[:1])
        assert not caplog.records
    return len(said) == 1


def test_a_flipped_bit_is_noticed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run(tmp_path, TASKS[:1])
    (path,) = files(tmp_path)
    good = path.read_bytes()
    noticed = 0
    for i in range(len(good)):
        noticed += spoiled(path, good[:i] + bytes([good[i] ^ (1 << i % 8)]) + good[i + 1 :], tmp_path, caplog)
        path.write_bytes(good)
    assert noticed >= 0.98 * len(good)  # deflate can say the same in other words


def test_a_truncated_result_is_noticed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run(tmp_path, TASKS[:1])
    (path,) = files(tmp_path)
    good = path.read_bytes()
    assert all(spoiled(path, good[:size], tmp_path, caplog) for size in (0, 1, 2, 10, len(good) // 2, len(good) - 6))


def test_a_full_disk_ends_the_run_and_not_what_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(value: Any, file: Any, **options: Any) -> None:
        file.write(b"half of it")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    run(tmp_path, TASKS[:2])
    with monkeypatch.context() as patch:
        patch.setattr(numpy_pickle, "dump", full)
        with pytest.raises(OSError, match="No space left on device"):
            run(tmp_path)
    assert run(tmp_path) == TASKS[2:]


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path, None, None]:
    """A file system of its own, of 256 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(place)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root can mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_fills_up(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(100_000))
    large = [(float(i), 10_000) for i in range(3)]  # 80 kB each
    with pytest.raises(OSError, match="No space left on device"):
        run(small_disk / "chunks", large)
    assert len(files(small_disk)) == 1
    (small_disk / "ballast").unlink()
    assert run(small_disk / "chunks", large[:2]) == large[1:2]


def test_a_result_that_vanishes_is_an_error(tmp_path: Path) -> None:
    run(tmp_path)
    results = kept(tmp_path, draw, TASKS, Computed())
    next(results)
    for path in files(tmp_path):
        path.unlink()
    with pytest.raises(FileNotFoundError, match="vanished"):
        next(results)
