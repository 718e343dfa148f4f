"""Workers: the same results from any of them, also when some die; and who cannot be used is refused in a sentence."""

import hashlib
import itertools
import json
import math
import operator
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nocollapse.numerics.execution import clusters
from nocollapse.numerics.execution import workers as parallel
from nocollapse.numerics.execution.preparation import Preparation
from nocollapse.numerics.execution.workers import LEAF, SECONDS, Workers, cut
from nocollapse.numerics.simulation.trajectories import simulate

COMMON: dict[str, Any] = {"n": 40, "m": 30, "weights": (0.3, 0.5, 0.8), "steps": 30, "seed": 5, "replications": 4000}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"jobs": 0}, "jobs = 0 is not an integer >= 1"),
        ({"jobs": 1.5}, "jobs = 1.5"),
        ({"backend": "threading"}, "backend = 'threading' is not one of loky, dask, ray"),
        ({"backend": "dask"}, "needs a scheduler's address"),
        ({"scheduler": "tcp://127.0.0.1:1"}, "scheduler = 'tcp://127.0.0.1:1' does not apply to the loky backend"),
        ({"backend": "ray", "scheduler": "x"}, "scheduler = 'x' does not apply to the ray backend"),
        ({"backend": "ray", "jobs": 2}, "jobs = 2 counts processes of this machine"),
    ],
)
def test_what_does_not_go_together_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Workers(**settings)


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_the_order_of_the_tasks(jobs: int) -> None:
    tasks = [(30_000 - 1000 * i,) for i in range(30)]  # the first takes longest
    assert list(Workers(jobs).ordered(math.factorial, tasks)) == [math.factorial(n) for (n,) in tasks]
    assert list(Workers(jobs).ordered(math.factorial, [])) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_a_task_is_passed_on(jobs: int) -> None:
    results = Workers(jobs).ordered(operator.truediv, [(1, 2), (1, 0), (1, 4)])
    with pytest.raises(ZeroDivisionError):
        list(results)


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_that_nobody_takes_are_given_up_quietly(jobs: int) -> None:
    started = time.monotonic()
    results = Workers(jobs).ordered(time.sleep, [(0.01,)] * 2 + [(0.05,)] * 10_000)
    next(results)
    del results  # joblib alone would warn
    assert time.monotonic() - started < 60


def test_a_worker_that_is_killed_is_one_clear_error() -> None:
    with pytest.raises(ChildProcessError, match="lost, perhaps for want of memory") as error:
        list(Workers(2).ordered(signal.raise_signal, [(signal.SIGKILL,)] * 2))
    assert error.value.filename == "workers of loky"


def test_a_worker_with_other_code_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "fingerprint", lambda: "code of tomorrow")  # in this process only
    with pytest.raises(ValueError, match="a worker has not the same nocollapse"):
        list(Workers(2).ordered(pow, [(2, 3), (3, 2)]))


@given(st.integers(1, 10**6), st.floats(1e-7, 10))
def test_tasks_are_aligned_and_neither_short_nor_long(count: int, seconds: float) -> None:
    tasks = cut(count, seconds)
    assert list(itertools.chain(*tasks)) == list(range(count))
    size = len(tasks[0]) if len(tasks) > 1 else LEAF
    leaves = size // LEAF
    assert size == leaves * LEAF
    assert leaves & (leaves - 1) == 0
    assert all(len(task) == size for task in tasks[:-1])
    if len(tasks) > 1:
        assert size * seconds >= SECONDS
        assert leaves == 1 or size * seconds < 2 * SECONDS


# --- what a worker makes before it reads a task ---


PROGRAM = """
import sys, types
if "{name}" not in sys.modules:
    module = types.ModuleType("{name}")
    exec({text!r}, module.__dict__)
    sys.modules["{name}"] = module
"""


def prepared_module(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Preparation]:
    """A module made from a text, here for as long as a test lasts, and what makes it elsewhere."""
    monkeypatch.setitem(sys.modules, name, ModuleType(name))  # to be taken away at the end
    del sys.modules[name]
    program = PROGRAM.format(name=name, text=text)
    exec(program, {})
    return sys.modules[name], Preparation(exec, (program, {}), hashlib.sha256(text.encode()).hexdigest())


TRIPLE = "class Number(int):\n    pass\ndef triple(number):\n    return Number(3 * number)\n"


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_function_that_only_a_preparation_makes(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    module, preparation = prepared_module(f"made_for_{jobs}_jobs", TRIPLE, monkeypatch)
    tasks = [(module.Number(i),) for i in range(20)]
    results = list(Workers(jobs, preparation=preparation).ordered(module.triple, tasks))
    assert results == [3 * i for i in range(20)]
    assert {type(result) for result in results} == {module.Number}


def test_without_its_preparation_no_worker_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    module, _ = prepared_module("made_here_only", TRIPLE, monkeypatch)
    with pytest.raises(ChildProcessError, match="lost"):  # a worker that cannot read its task
        list(Workers(2).ordered(module.triple, [(1,), (2,)]))


def test_a_preparation_that_fails_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    module, preparation = prepared_module("made_of_a_broken_text", TRIPLE, monkeypatch)
    broken = replace(preparation, arguments=("1 / 0", {}))
    with pytest.raises(ZeroDivisionError):
        list(Workers(2, preparation=broken).ordered(module.triple, [(1,), (2,)]))


def test_an_edited_text_is_another_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text in (TRIPLE, TRIPLE.replace("3", "4"), TRIPLE):
        with monkeypatch.context() as patch:
            module, preparation = prepared_module("made_of_a_text", text, patch)
            workers = Workers(chunks=tmp_path, preparation=preparation)
            assert list(workers.ordered(module.triple, [(1,), (2,)])) == [module.triple(1), module.triple(2)]
    assert len(list(tmp_path.rglob("output.pkl"))) == 2 * 2


# --- clusters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("backend", "module"), [("dask", "distributed"), ("ray", "ray")])
def test_a_cluster_whose_extra_is_missing(backend: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    workers = Workers(backend=backend, scheduler="tcp://127.0.0.1:1" if backend == "dask" else None)
    with pytest.raises(ValueError, match=rf"the {backend} backend is not installed: .*nocollapse\[{backend}\]"):
        list(workers.ordered(pow, [(2, 3)]))


@pytest.mark.parametrize("address", ["nowhere", "tcp://127.0.0.1:port", "tcp://127.0.0.1:1", "ucx://127.0.0.1:1"])
def test_a_scheduler_that_does_not_answer(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "ANSWER", 1)
    with pytest.raises(ValueError, match=f"no dask scheduler answers at {address}"):
        list(Workers(backend="dask", scheduler=address).ordered(pow, [(2, 3)]))


class Cluster(NamedTuple):
    """A dask cluster of separate processes on this machine."""

    address: str
    workers: "list[subprocess.Popen[bytes]]"


def started(module: str, *arguments: object, log: Path) -> "subprocess.Popen[bytes]":
    program = [sys.executable, "-m", f"distributed.cli.{module}", *map(str, arguments), "--no-dashboard"]
    with log.open("wb") as file:
        return subprocess.Popen(program, stdout=file, stderr=subprocess.STDOUT)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    where = tmp_path / "scheduler.json"
    scheduler = started(
        "dask_scheduler", "--host", "127.0.0.1", "--port", 0, "--scheduler-file", where, log=tmp_path / "scheduler.log"
    )
    alone = ("--scheduler-file", where, "--host", "127.0.0.1", "--nthreads", 1, "--no-nanny")  # nobody raises the dead
    workers = [started("dask_worker", *alone, log=tmp_path / f"worker{i}.log") for i in range(2)]
    try:
        yield Cluster(address(where), workers)
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def address(where: Path) -> str:
    """The scheduler's address, once two workers have joined it."""
    from distributed import Client

    end = time.monotonic() + 60
    while not where.exists() or not where.read_text().rstrip().endswith("}"):
        assert time.monotonic() < end, "no scheduler has started"
        time.sleep(0.1)
    scheduler = str(json.loads(where.read_text())["address"])
    with Client(scheduler, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    return scheduler


def test_a_dask_cluster_gives_the_same_bytes_though_a_worker_is_killed(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "SECONDS", 0.0)
    alone = simulate("cdf", **COMMON)
    done: list[int] = []

    def kill(replications: int, of: int) -> None:
        done.append(replications)
        if len(done) == 2:
            os.kill(cluster.workers[0].pid, signal.SIGKILL)

    workers = Workers(backend="dask", scheduler=cluster.address)
    killed = simulate("cdf", workers=workers, progress=kill, **COMMON)
    assert len(done) == 4000 // LEAF
    assert cluster.workers[0].wait(10) == -signal.SIGKILL
    assert cluster.workers[1].poll() is None
    assert killed.csv() == alone.csv()
    assert killed.npz() == alone.npz()


def test_a_dask_worker_prepares_itself(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    module, preparation = prepared_module("made_for_a_cluster", TRIPLE, monkeypatch)
    workers = Workers(backend="dask", scheduler=cluster.address, preparation=preparation)
    tasks = [(module.Number(i),) for i in range(20)]
    assert list(workers.ordered(module.triple, tasks)) == [3 * i for i in range(20)]


def test_a_cluster_without_workers_is_refused(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "ANSWER", 2)
    for worker in cluster.workers:
        worker.kill()
        worker.wait()
    with pytest.raises(ValueError, match=f"the dask scheduler at {cluster.address} has no worker"):
        list(Workers(backend="dask", scheduler=cluster.address).ordered(pow, [(2, 3)]))


@pytest.mark.slow
def test_ray_gives_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="ray is not installed: 240 MB, so it is no part of the test extra")
    line = "simulate cdf --n 40 --m 30 --w 0.3,0.5,0.8 --steps 30 --seed 5 --replications 4000 --backend ray"
    program = [sys.executable, "-m", "nocollapse", *line.split()]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == simulate("cdf", **COMMON).csv()
