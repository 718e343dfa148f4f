"""Mean errors along simulated trajectories, as a table: a user's own setting, replicated."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from numerics import empirical, gaussian, glm
from numerics.parallel import ordered
from numerics.statistics import FloatArray
from numerics.streams import Stream
from numerics.validation import integer

MODELS = ("gaussian", "cdf", "pmf", *glm.MODELS)
CHUNK = 250
"""Replicates a task: fixed, because sums are merged chunk by chunk and their last bits depend on the chunks."""


@dataclass(frozen=True)
class Table:
    """Mean error and its standard error by quantity, step and weight.

    ``mean``, ``standard_error`` and ``count`` map each quantity's name to an array (steps, weights); ``count`` is the
    number of trajectories behind a mean, less than all where estimates ceased to exist (the mean is nan where none is
    left). ``settings`` is what was run.
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
    seed: int = 0,
    framework: str = "fresh",
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda done, of: None,
    **options: Any,
) -> Table:
    """The mean error at every step 0 .. ``steps`` over independent trajectories, for each weight.

    ``model`` is one of ``MODELS``; ``options`` go to its simulator (``sigma``, ``ddof`` and ``known_covariance`` for
    gaussian, ``probabilities`` for pmf, ``beta``, ``omega``, ``intercept``, ``design``, ``estimator`` and ``ridge`` for
    the regressions, which know the fresh framework only). A regression's quantities are its squared error and the
    shares of trajectories whose estimate has ceased to exist by then, separated or failed. The result is the same, bit
    for bit, for any number of jobs. ``ValueError`` for arguments out of their domain. Frameworks: Figures 1-4.
    """
    if model not in MODELS:
        raise ValueError(f"model = {model!r} is not one of {', '.join(MODELS)}")
    integer("steps", steps, 0)
    integer("replications", replications, 2)
    integer("jobs", jobs, 1)
    recorded = tuple(range(steps + 1))
    settings = {"n": n, "m": m, "weights": tuple(weights), "steps": recorded, "framework": framework, **options}
    stream = Stream(seed, f"simulate/{model}")
    _sums(model, stream, range(0), settings)  # a bad setting is refused before any work
    starts = range(0, replications, CHUNK)
    tasks = ((model, stream, range(start, min(start + CHUNK, replications)), settings) for start in starts)
    total: dict[str, FloatArray] = {}
    for done, found in enumerate(ordered(_sums, tasks, jobs), 1):
        total = {name: _merged(total.get(name), sums) for name, sums in found.items()}
        progress(done, len(starts))
    deviation = {name: _standard_error(sums) for name, sums in total.items()}
    return Table(
        {"model": model, "replications": replications, "seed": seed, **settings},
        recorded,
        tuple(weights),
        {name: np.where(sums[0] > 0, sums[1], np.nan) for name, sums in total.items()},
        deviation,
        {name: sums[0] for name, sums in total.items()},
    )


def _standard_error(sums: FloatArray) -> FloatArray:
    """That of each mean; nan where fewer than two trajectories are left."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(sums[0] > 1, np.sqrt(sums[2] / (sums[0] - 1) / sums[0]), np.nan))


def _sums(model: str, stream: Stream, part: range, settings: Mapping[str, Any]) -> dict[str, FloatArray]:
    """Count, mean and sum of squared deviations of a chunk's errors, (3, steps, weights), by quantity."""
    if model == "gaussian":
        found = gaussian.simulate(stream, part, **settings)
        errors = {"mean": found.mean, "covariance": found.covariance}
    elif model in glm.MODELS:
        errors = _regression(model, stream, part, settings)
    else:
        draw: Callable[..., FloatArray] = empirical.simulate_cdf if model == "cdf" else empirical.simulate_pmf
        errors = {model: partial(draw, stream, part)(**settings)}
    return {name: _moments(values) for name, values in errors.items()} if len(part) else {}


def _regression(model: str, stream: Stream, part: range, settings: Mapping[str, Any]) -> dict[str, FloatArray]:
    """Squared errors, nan once there is no estimate, and whether that has happened, by how it did; (R, S, W) each."""
    options = dict(settings)
    if (framework := options.pop("framework")) != "fresh":
        raise ValueError(f"framework = {framework!r} is not fresh, the only one of a regression")
    found = glm.simulate(stream, part, model=model, **options)
    over = (found.ended >= 0)[:, None] & (found.ended[:, None] <= np.asarray(options["steps"])[:, None])
    ends = {name: over & (found.outcome == i)[:, None] for i, name in enumerate(glm.OUTCOMES) if name != "converged"}
    return {"coefficients": found.error, **{name: share.astype(np.float64) for name, share in ends.items()}}


def _moments(values: FloatArray) -> FloatArray:
    there = ~np.isnan(values)
    count = there.sum(axis=0).astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        mean = np.sum(values, axis=0, where=there) / count
        squares = np.sum((values - mean) ** 2, axis=0, where=there)
    if not np.all(np.isfinite(squares)):
        raise ValueError("the squares of the errors are not finite numbers: take a smaller sigma")
    return np.array([count, np.where(count > 0, mean, 0.0), squares])


def _merged(left: FloatArray | None, right: FloatArray) -> FloatArray:
    """The moments of two chunks together, without cancellation (Chan, Golub and LeVeque 1979)."""
    if left is None:
        return right
    count = left[0] + right[0]
    share, gap = right[0] / np.maximum(count, 1), right[1] - left[1]
    return np.array([count, left[1] + gap * share, left[2] + right[2] + gap**2 * left[0] * share])
