"""Mean errors along simulated trajectories, as a table: a user's own setting, replicated."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nocollapse.models import SIMULATED, resolve
from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.execution.workers import ALONE, LEAF, Workers, cut, pace
from nocollapse.numerics.simulation.arguments import integer
from nocollapse.numerics.simulation.merged_moments import Forest, moments, planted, total
from nocollapse.numerics.simulation.streams import Stream

Seed = int | np.random.Generator


@dataclass(frozen=True)
class Table:
    """Mean error and its standard error by quantity, step and weight.

    `mean`, `standard_error` and `count` map each quantity's name to an array (steps, weights); `count` is the
    number of trajectories behind a mean, less than all where estimates ceased to exist (the mean is nan where none is
    left). `settings` is what was run.
    """

    settings: dict[str, Any]
    steps: tuple[int, ...]
    weights: tuple[float, ...]
    mean: dict[str, FloatArray]
    standard_error: dict[str, FloatArray]
    count: dict[str, FloatArray]

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row a quantity, weight and step."""
        for quantity, values in self.mean.items():
            for j, weight in enumerate(self.weights):
                for i, step in enumerate(self.steps):
                    yield {
                        "quantity": quantity,
                        "w": weight,
                        "t": step,
                        "error": float(values[i, j]),
                        "standard_error": float(self.standard_error[quantity][i, j]),
                        "replications": int(self.count[quantity][i, j]),
                    }

    def csv(self) -> str:
        """The rows as CSV with a header."""
        out = io.StringIO()
        writer = csv.DictWriter(
            out, ["quantity", "w", "t", "error", "standard_error", "replications"], lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(self.rows())
        return out.getvalue()

    def npz(self) -> bytes:
        """The arrays as a numpy archive: steps, weights, and mean and standard error of each quantity."""
        out = io.BytesIO()
        arrays = {f"{quantity}_error": values for quantity, values in self.mean.items()}
        arrays |= {f"{quantity}_standard_error": values for quantity, values in self.standard_error.items()}
        np.savez(out, allow_pickle=False, steps=np.array(self.steps), weights=np.array(self.weights), **arrays)
        return out.getvalue()


def simulate(
    model: str,
    *,
    n: int,
    m: int,
    weights: Sequence[float],
    steps: int,
    replications: int,
    seed: Seed = 0,
    framework: str = "fresh",
    workers: Workers = ALONE,
    progress: Callable[[int, int], None] = lambda done, of: None,
    **options: Any,
) -> Table:
    """The mean error at every step 0 .. `steps` over independent trajectories, for each weight.

    Arguments are those of `trajectories`, whose errors these are the means of. The result is the same, bit for bit, for
    any workers. `progress` is told the replications done, of all.

    Raises ValueError for arguments out of their domain.
    """
    options = {"n": n, "m": m, "weights": tuple(weights), "framework": framework, **options}
    stream, settings = _setting(model, steps, replications, seed, options)
    (seconds,) = workers.ordered(_pace, [(model, stream, settings)])
    tasks = [(model, stream, replicates, settings) for replicates in cut(replications, seconds)]
    forests: dict[str, Forest] = {}
    for task, trees in zip(tasks, workers.ordered(_forests, tasks), strict=True):
        forests = {name: planted(forests.get(name, []), more) for name, more in trees.items()}
        _, _, replicates, _ = task
        progress(replicates.stop, replications)
    sums = {name: total(forest) for name, forest in forests.items()}
    return Table(
        settings={"model": model, "replications": replications, "seed": stream.seed, **settings},
        steps=settings["steps"],
        weights=settings["weights"],
        mean={name: np.where(whole.count > 0, whole.mean, np.nan) for name, whole in sums.items()},
        standard_error={name: whole.standard_error for name, whole in sums.items()},
        count={name: whole.count for name, whole in sums.items()},
    )


def trajectories(
    model: str,
    *,
    n: int,
    m: int,
    weights: Sequence[float],
    steps: int,
    replications: int,
    seed: Seed = 0,
    framework: str = "fresh",
    **options: Any,
) -> dict[str, FloatArray]:
    """The error of every trajectory by quantity, arrays (replications, steps + 1, weights).

    `model` is one of `SIMULATED`; `options` go to its simulator (`sigma`, `ddof` and `known_covariance` for
    gaussian, `probabilities` for pmf, `beta`, `omega`, `intercept`, `design`, `estimator` and `ridge` for
    the regressions, which know the fresh framework only). Weights share the real data and the driving noise. A
    regression's quantities are its squared error, nan from where the estimate ceases to exist, and whether it has done
    so by then, separated or failed. `seed` is an integer, or a generator, of which one number is taken.

    Raises ValueError for arguments out of their domain. Frameworks: Figures 1-4 of the paper.

    >>> errors = trajectories("cdf", n=30, m=60, weights=[0.4, 0.6], steps=10, replications=5, seed=1)
    >>> errors["cdf"].shape
    (5, 11, 2)
    """
    options = {"n": n, "m": m, "weights": tuple(weights), "framework": framework, **options}
    stream, settings = _setting(model, steps, replications, seed, options)
    return _errors(model, stream, range(replications), settings)


def _setting(
    model: str, steps: int, replications: int, seed: Seed, options: dict[str, Any]
) -> tuple[Stream, dict[str, Any]]:
    """Stream and settings of a simulation; a bad one is refused before any work."""
    if model not in SIMULATED:
        raise ValueError(f"model = {model!r} is not one of {', '.join(SIMULATED)}")
    integer("replications", replications, 2)
    settings = {**options, "steps": tuple(range(integer("steps", steps, 0) + 1))}
    root = int(seed.integers(1 << 63)) if isinstance(seed, np.random.Generator) else seed
    stream = Stream(root, f"simulate/{model}")
    _errors(model, stream, range(0), settings)
    return stream, settings


def _errors(model: str, stream: Stream, replicates: range, settings: Mapping[str, Any]) -> dict[str, FloatArray]:
    """The errors of some replicates, (R, steps, weights), by quantity."""
    errors: dict[str, FloatArray] = resolve(SIMULATED[model].errors)(stream, replicates, **settings)
    return errors


def _forests(model: str, stream: Stream, replicates: range, settings: Mapping[str, Any]) -> dict[str, Forest]:
    """The moments of a task's errors, leaf by leaf merged, by quantity."""
    forests: dict[str, Forest] = {}
    for start in range(0, len(replicates), LEAF):
        leaf = _errors(model, stream, replicates[start : start + LEAF], settings)
        forests = {name: planted(forests.get(name, []), [(0, moments(errors))]) for name, errors in leaf.items()}
    return forests


def _pace(model: str, stream: Stream, settings: Mapping[str, Any]) -> float:
    return pace(lambda replicates: _forests(model, stream, replicates, settings))
