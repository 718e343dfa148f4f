"""Runs that are cut short: interrupted, killed or out of disk, they go on where they were and end in the same bytes."""

import errno
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from joblib import numpy_pickle

from nocollapse.cli import progress
from nocollapse.numerics.execution import workers
from nocollapse.numerics.simulation import trajectories

Command = Callable[..., Any]  # what tests/conftest.py returns
LINUX = pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="/proc tells which processes are left")
LINE = "simulate cdf --n 100 --m 90 --w 0.3,0.6 --steps 40 --replications 8000 --seed 3"
SIMULATE = LINE.split()
SHORT = [*SIMULATE, "--replications", "1500"]
VERIFY = ["verify", "mean.naive", "--effort", "standard", "--seed", "3"]


def chunks(folder: Path) -> list[Path]:
    """The results that are kept in the folder."""
    return sorted(folder.rglob("output.pkl"))


def session(leader: int) -> list[float]:
    """Processor seconds of the processes of a session that still run."""
    seconds = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            seconds.append(sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK"))
    return seconds


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition comes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@contextmanager
def running(*arguments: object, cwd: Path) -> Iterator["subprocess.Popen[str]"]:
    """The command in a session of its own, which ends with it."""
    program = [sys.executable, "-m", "nocollapse", *map(str, arguments)]
    with subprocess.Popen(
        program, cwd=cwd, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def cut_short(*arguments: object, cwd: Path, after: int, by: signal.Signals) -> tuple[int, str, str]:
    """Ends the command once so many results are kept: its status, stdout and stderr."""
    with running(*arguments, cwd=cwd) as process:
        assert until(lambda: len(chunks(cwd)) >= after, 90), "no result was kept"
        os.kill(process.pid, by)
        process.wait(60)
        if by == signal.SIGKILL:  # its workers wait for more work for some minutes
            os.killpg(process.pid, signal.SIGKILL)
        assert until(lambda: not session(process.pid), 20)
        out, err = process.communicate(timeout=20)
    return process.returncode, out, err


@pytest.fixture
def cut_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A leaf a task, in this process."""
    monkeypatch.setattr(workers, "SECONDS", 0.0)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[range]:
    """The parts that are simulated in this process."""
    simulated: list[range] = []
    original = trajectories._forests

    def forests(model: str, stream: Any, part: range, settings: Any) -> Any:
        simulated.append(part)
        return original(model, stream, part, settings)

    forests.__module__ = original.__module__  # a result's key has both names
    forests.__qualname__ = original.__qualname__
    monkeypatch.setattr(trajectories, "_forests", forests)
    return simulated


@LINUX
@pytest.mark.parametrize("by", [pytest.param(signal.SIGKILL, marks=pytest.mark.slow), signal.SIGINT])
def test_a_simulation_that_is_cut_short_goes_on(
    by: signal.Signals, command: Command, counted: list[range], tmp_path: Path
) -> None:
    whole = command(*SIMULATE).out
    started = time.time_ns()
    status, out, err = cut_short(*SIMULATE, "--jobs", 2, "--out", "out.csv", cwd=tmp_path, after=3, by=by)
    folder = tmp_path / ".out.csv.chunks"
    assert (status, out) == (130 if by == signal.SIGINT else -by, "")
    if by == signal.SIGINT:
        assert err.splitlines()[-1] == "nocollapse: interrupted; the same command goes on from .out.csv.chunks"
    assert list(tmp_path.iterdir()) == [folder]
    before = {path: path.stat().st_mtime_ns for path in chunks(folder)}
    assert all(written > started for written in before.values())

    counted.clear()
    done = command(*SIMULATE, "--out", tmp_path / "out.csv", "--keep-chunks")
    assert (done.status, done.out, done.err) == (0, "", "")
    assert (tmp_path / "out.csv").read_bytes() == whole.encode()
    after = {path: path.stat().st_mtime_ns for path in chunks(folder)}
    assert {path: after[path] for path in before} == before  # what was kept is not written again
    assert len(counted) == len(after) - len(before) > 0  # and not computed: the pilot is among what was kept

    counted.clear()
    assert command(*SIMULATE, "--out", tmp_path / "out.csv").status == 0
    assert counted == []
    assert list(tmp_path.iterdir()) == [tmp_path / "out.csv"]


@pytest.mark.usefixtures("cut_small")
def test_more_replications_use_the_chunks_of_fewer(command: Command, counted: list[range], tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    longer = [*SHORT, "--replications", "1950"]
    command(*SHORT, "--out", out, "--keep-chunks")
    counted.clear()
    command(*longer, "--out", out)
    assert counted == [range(start, min(start + 100, 1950)) for start in range(1500, 1950, 100)]
    assert out.read_text() == command(*longer).out


def evidence(report: Path) -> dict[str, Any]:
    """All of a report that must be the same for the same seed."""
    document: dict[str, Any] = json.loads((report / "verdicts.json").read_text(encoding="utf-8"))
    return {key: value for key, value in document.items() if key not in ("environment", "timings")}


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT])
def test_a_verification_that_is_cut_short_goes_on(by: signal.Signals, command: Command, tmp_path: Path) -> None:
    assert command(*VERIFY, "--out", tmp_path / "whole", "--jobs", 1).status == 0
    status, out, _ = cut_short(*VERIFY, "--jobs", 2, "--out", "report", cwd=tmp_path, after=6, by=by)
    assert (status, out) == (130 if by == signal.SIGINT else -by, "")
    assert {path.name for path in tmp_path.iterdir()} == {"whole", ".report.chunks"}  # no half of a report
    results = chunks(tmp_path)
    assert len(results) >= 6  # the proof, the pilots, parts of the simulations
    before = {path: path.stat().st_mtime_ns for path in results}
    assert command(*VERIFY, "--out", tmp_path / "report", "--jobs", 1, "--keep-chunks").status == 0
    after = {path: path.stat().st_mtime_ns for path in chunks(tmp_path)}
    assert {path: after[path] for path in before} == before
    assert len(after) > len(before)
    assert evidence(tmp_path / "report") == evidence(tmp_path / "whole")
    assert command(*VERIFY, "--out", tmp_path / "report", "--jobs", 1).status == 0
    assert {path.name for path in tmp_path.iterdir()} == {"whole", "report"}


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT])
def test_figures_that_are_cut_short_go_on(by: signal.Signals, command: Command, tmp_path: Path) -> None:
    figures = ["figures", "8", "--replications", "80"]
    assert command(*figures, "--out", tmp_path / "whole", "--jobs", 1).status == 0
    status, out, _ = cut_short(*figures, "--jobs", 2, "--out", "again", cwd=tmp_path, after=8, by=by)
    assert (status, out) == (130 if by == signal.SIGINT else -by, "")
    assert list((tmp_path / "again").iterdir()) == []  # no half of a figure
    before = {path: path.stat().st_mtime_ns for path in chunks(tmp_path)}
    assert command(*figures, "--out", tmp_path / "again", "--jobs", 3, "--keep-chunks").status == 0
    after = {path: path.stat().st_mtime_ns for path in chunks(tmp_path)}
    assert {path: after[path] for path in before} == before
    whole = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}
    assert len(whole) == 8
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == whole


@LINUX
@pytest.mark.slow
def test_an_interrupted_run_that_keeps_nothing_leaves_nothing(tmp_path: Path) -> None:
    with running(*SIMULATE, "--replications", 10**9, "--jobs", 2, cwd=tmp_path) as process:
        # Itself and two workers at work. (A worker interrupted while it starts writes a traceback of joblib's.)
        assert until(lambda: sum(seconds > 0.7 for seconds in session(process.pid)) >= 3, 60)
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "nocollapse: interrupted; nothing was written\n")
    assert list(tmp_path.iterdir()) == []
    assert until(lambda: not session(process.pid), 20)


def test_a_damaged_chunk_is_computed_again_and_said_so(command: Command, tmp_path: Path) -> None:
    whole = command(*SHORT).out
    command(*SHORT, "--out", tmp_path / "out.csv", "--keep-chunks")
    large = max(chunks(tmp_path), key=lambda path: path.stat().st_size)
    data = bytearray(large.read_bytes())
    data[len(data) // 2] ^= 1
    large.write_bytes(data)
    program = [sys.executable, "-m", "nocollapse", *SHORT, "--out", "out.csv"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"chunk {large.parent.name} is damaged: computed again\n"
    assert (tmp_path / "out.csv").read_text() == whole


@pytest.mark.usefixtures("cut_small")
def test_a_full_disk_is_one_line_and_the_run_goes_on_later(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    original = numpy_pickle.dump
    room = iter([True, True, True])

    def dump(value: Any, file: Any, **options: Any) -> Any:
        if not next(room, False):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return original(value, file, **options)

    with monkeypatch.context() as patch:
        patch.setattr(numpy_pickle, "dump", dump)
        done = command(*SHORT, "--out", tmp_path / "out.csv")
    assert (done.status, done.out) == (2, "")
    assert re.fullmatch(r"nocollapse: .*No space left on device; the same command goes on from \S+\n", done.err)
    assert len(chunks(tmp_path)) == 3
    assert command(*SHORT, "--out", tmp_path / "out.csv").status == 0
    assert (tmp_path / "out.csv").read_text() == command(*SHORT).out


def test_a_refused_setting_leaves_no_folder(command: Command, tmp_path: Path) -> None:
    done = command(*SHORT, "--w", "2", "--out", tmp_path / "out.csv")
    assert done.status == 2
    assert list(tmp_path.iterdir()) == []


# --- progress --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("cut_small")
def test_progress_in_a_log_is_a_line_now_and_then(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command(*SHORT).err == ""
    monkeypatch.setattr(progress, "QUIET", 0.0)
    lines = command(*SHORT).err.splitlines()
    assert len(lines) == 15
    assert all(re.fullmatch(r"simulating: [\d,]+ of 1,500, about \d+:\d\d:\d\d left", line) for line in lines)
    assert lines[-1] == "simulating: 1,500 of 1,500, about 0:00:00 left"


def test_progress_on_a_terminal_is_a_bar_with_the_time_left(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    program = [sys.executable, "-m", "nocollapse", *SHORT, "--out", "out.csv"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(program, cwd=tmp_path, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
    os.close(ours)
    assert process.returncode == 0
    texts = re.sub(rb"\x1b\[[?\d;]*\w", b"", shown).split()
    assert texts[0] == b"simulating"
    assert texts[-3] == b"1500/1500"  # then the time that it took, and the time left
    assert texts[-1] == b"0:00:00"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "naming"),
    [
        ("--backend dask", "the dask backend needs a scheduler's address"),
        ("--backend dask --scheduler nowhere", "no dask scheduler answers at nowhere"),
        ("--scheduler tcp://127.0.0.1:1", "does not apply to the loky backend"),
        ("--backend ray --jobs 2", "jobs = 2 counts processes of this machine"),
        ("--backend mpi", "'mpi'"),
        ("--jobs 0", "jobs = 0"),
        ("--jobs two", "'two'"),
    ],
)
@pytest.mark.parametrize("run", [SIMULATE, VERIFY])
def test_workers_that_cannot_be_used(
    run: list[str], options: str, naming: str, command: Command, tmp_path: Path
) -> None:
    out = tmp_path / ("out.csv" if run is SIMULATE else "report")
    done = command(*run, "--out", out, *options.split())
    assert (done.status, done.out) == (2, "")
    assert re.fullmatch(r"nocollapse: [^\n]+\n", done.err)
    assert naming in done.err
    assert list(tmp_path.iterdir()) == []
