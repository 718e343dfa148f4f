"""How it is timed: CPU seconds of one process, works in turns, and the peak memory of fresh processes."""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import Work
from nocollapse.numerics.arrays import FloatArray

ROOT = Path(__file__).parents[1]
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in what ru_maxrss counts
# The peak of a process starts at the size of the one that started it: a small one stands between.
LAUNCHER = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]))"


def seconds(work: Work, replicates: int) -> float:
    """CPU seconds a replicate."""
    start = time.process_time()
    work(range(replicates))
    return (time.process_time() - start) / replicates


def enough(work: Work, least: float) -> int:
    """How many replicates take at least so many CPU seconds; compiles what is not yet compiled."""
    work(range(1))
    count = 1
    while (each := seconds(work, count)) * count < least:
        count = min(10 * count, math.ceil(1.2 * least / max(each, 1e-9)))
    return count


def in_turns(works: Sequence[tuple[Work, int]], rounds: int) -> FloatArray:
    """CPU seconds a replicate, (rounds, works): of each work, with its number of replicates.

    In a round one work comes after the other, so that a machine that grows slower does so for all of them.
    """
    return np.array([[seconds(work, replicates) for work, replicates in works] for _ in range(rounds)])


def ratio(times: FloatArray, above: int, below: int) -> float:
    """The median over rounds of the seconds of one work over those of another."""
    return float(np.median(times[:, above] / times[:, below]))


def peak() -> int:
    """The largest memory that this process has held so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


def child(request: dict[str, Any], cache: Path | None = None) -> dict[str, float]:
    """What `benchmarks.child` finds in a process of its own; `cache` takes the place of where compiled code is kept."""
    environment = dict(os.environ)
    if cache:
        environment["NUMBA_CACHE_DIR"] = str(cache)
    command = [sys.executable, "-c", LAUNCHER, sys.executable, "-m", "benchmarks.child", json.dumps(request)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured
