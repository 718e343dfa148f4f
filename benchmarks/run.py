"""The benchmark as plain data, row by row: comparisons, growth of cost, fresh processes, and the machine."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from llvmlite.binding import get_host_cpu_name

from benchmarks.cases import MODELS, Size, growth, variants
from benchmarks.measure import child, enough, in_turns, ratio
from nocollapse.numerics.execution.provenance import commit

PACKAGES = ("numpy", "scipy", "numba", "llvmlite", "scikit-learn")
Row = dict[str, Any]


class Effort(NamedTuple):
    """How much is measured. A slice is the least CPU seconds that are timed at once."""

    size: Size | None  # in place of each model's base setting
    slice: float
    rounds: int  # of what takes a slice
    plain_rounds: int  # of a plain twin, which takes up to 20 s
    replicates: int  # whose memory is measured


FULL = Effort(size=None, slice=0.06, rounds=5, plain_rounds=3, replicates=100)
QUICK = Effort(Size(n=60, m=60, p=2, weights=2, steps=2), slice=0.0, rounds=1, plain_rounds=1, replicates=2)


def compared(model: str, effort: Effort) -> Iterator[Row]:
    """CPU seconds a replicate of the three forms of each of a model's cases, and the median ratios of two in turns."""
    size = effort.size or MODELS[model][1]
    for name, case in variants(model, size).items():
        replicates = {"fast": enough(case.fast, effort.slice), "floor": enough(case.floor, effort.slice), "plain": 1}
        fast = (case.fast, replicates["fast"])
        with_floor = in_turns((fast, (case.floor, replicates["floor"])), effort.rounds)
        with_plain = in_turns((fast, (case.plain, 1)), effort.plain_rounds)
        yield {
            "name": name,
            "model": model,
            "size": size._asdict(),
            "rounds": effort.rounds,
            "plain_rounds": effort.plain_rounds,
            "replicates": replicates,
            "fast_s": float(np.median(with_floor[:, 0])),
            "floor_s": float(np.median(with_floor[:, 1])),
            "plain_s": float(np.median(with_plain[:, 1])),
            "plain_over_fast": ratio(with_plain, 1, 0),
            "fast_over_floor": ratio(with_floor, 0, 1),
        }


def grown(model: str, effort: Effort) -> Iterator[Row]:
    """CPU seconds a replicate as each part of the setting is doubled; the exponent is that of the cost in the part."""
    for axis, cases in growth(model, effort.size or MODELS[model][1]).items():
        values = list(cases)
        last = len(values) - 1
        works = [(case.fast, enough(case.fast, effort.slice)) for case in cases.values()]
        times = in_turns(works, effort.rounds)
        yield {
            "model": model,
            "axis": axis,
            "values": values,
            "seconds": np.median(times, axis=0).tolist(),
            "ratios": [ratio(times, i + 1, i) for i in range(last)],
            "exponent": float(np.log(ratio(times, last, 0)) / np.log(values[-1] / values[0])),
        }


def fresh(model: str, effort: Effort, cache: Path | None) -> Iterator[Row]:
    """What each of a model's cases takes in processes of its own: CPU seconds to compile, then bytes at the peak.

    Code is compiled in a first process, for `cache`, and loaded in a second one, so that the compiler's memory is not
    the simulator's. What the cases before have compiled is not compiled again. Without a cache of its own one process
    does for both, and has what is compiled already.
    """
    size = effort.size or MODELS[model][1]
    for name in variants(model, size):
        request = {"model": model, "size": size, "variant": name, "replicates": effort.replicates}
        first = child(request, cache)
        again = child(request, cache) if cache else first
        yield {
            "name": name,
            "model": model,
            "size": size._asdict(),
            "replicates": effort.replicates,
            **again,
            "compile_s": first["compile_s"],
        }


def machine() -> Row:
    """Processor, cores, load, and the versions of what runs on them."""
    return {
        "cpu": _cpu(),
        "target": get_host_cpu_name(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "commit": commit(),
    }


def _cpu() -> str:
    """The processor by the name that it gives itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()
