"""Recursive training of any estimator: the one loop over steps for all that is no compiled kernel.

Step 0 fits n real points. A later step fits real points, and m synthetic ones drawn from the model of the step before.
What an estimator is, `Estimator` says; what a step fits, `Data`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation.arguments import framework_weights, integer, recorded_steps
from nocollapse.numerics.simulation.streams import Stream

Points: TypeAlias = npt.NDArray[Any]  # (size, ...), a point a row
Model = TypeVar("Model")


class Batch(NamedTuple):
    """Points that count alike in a fit. Each batch of a fit has a share > 0 in it, and the shares sum to 1."""

    points: Points
    share: float


class Estimator(Protocol[Model]):
    """What recursive training asks of a model and of the real data.

    All randomness comes from the generator that is passed in, so that equal generators couple what is drawn from
    different models.
    """

    @property
    def quantities(self) -> tuple[str, ...]:
        """The names of the numbers that `error` gives."""
        ...

    def draw(self, rng: np.random.Generator, size: int) -> Points:
        """So many real points."""
        ...

    def fit(self, batches: Sequence[Batch], previous: Model | None) -> Model:
        """The model fitted to weighted batches; the one of the step before may serve as a start (None at step 0)."""
        ...

    def sample(self, model: Model, rng: np.random.Generator, size: int) -> Points:
        """So many synthetic points from a fitted model."""
        ...

    def error(self, model: Model) -> FloatArray:
        """How far a fitted model is from the truth, a number for each of the quantities."""
        ...


Data = Literal["fresh", "fixed", "kept", "pooled"]
"""What a later step fits.

Its real points are new ones ("fresh"), those of step 0 ("fixed"), or new ones beside all before ("kept"); they have the
weight w, the synthetic points of the step 1 - w. Or there are no weights ("pooled"): one batch holds the real points of
step 0 and the synthetic points of all steps so far.
"""

FRAMEWORKS: dict[str, Data] = {
    "fresh": "fresh",
    "fully-synthetic": "fixed",  # with the weight 0
    "accumulation": "pooled",
    "augmentation": "fixed",
}
"""Those of Figures 1-4, by name."""


def simulate(
    estimator: Estimator[Model],
    stream: Stream,
    replicates: range,
    *,
    n: int,
    m: int,
    weights: npt.ArrayLike,
    steps: tuple[int, ...],
    framework: str = "fresh",
) -> FloatArray:
    """Simulates the errors of the models along trajectories, (R, S, W, Q): replicate, step, weight, quantity.

    `n` and `m` are real and synthetic points a step, `weights` those of the real ones, `steps` the steps that are
    recorded. All weights share a replicate's real points and the generator of its synthetic ones.

    Raises ValueError for arguments out of their domain. Frameworks: Figures 1-4.
    """
    real_size = integer("n", n, 1)
    synthetic_size = integer("m", m, 1)
    lanes = framework_weights(framework, weights)
    recorded = recorded_steps(steps)
    synthetic_stream = Stream(stream.seed, f"{stream.name}/synthetic")
    out = np.empty((len(replicates), recorded.size, lanes.size, len(estimator.quantities)))
    for row, replicate in enumerate(replicates):
        for lane, weight in enumerate(lanes.tolist()):
            trajectory = models(
                estimator,
                stream.generator(replicate),
                synthetic_stream.generator(replicate),
                sizes=(real_size, synthetic_size),
                weight=weight,
                data=FRAMEWORKS[framework],
            )
            for t, model in enumerate(islice(trajectory, int(recorded[-1]) + 1)):
                if t in recorded:
                    out[row, recorded.searchsorted(t), lane] = estimator.error(model)
    return out


def models(
    estimator: Estimator[Model],
    real_rng: np.random.Generator,
    synthetic_rng: np.random.Generator,
    *,
    sizes: tuple[int, int],
    weight: float,
    data: Data,
) -> Iterator[Model]:
    """Yields the fitted models of one trajectory, step by step without end; sizes are (n, m)."""
    n, m = sizes
    points = estimator.draw(real_rng, n)
    model = estimator.fit([Batch(points, 1.0)], None)
    while True:
        yield model
        synthetic = estimator.sample(model, synthetic_rng, m)
        if data == "pooled":
            points = np.concatenate([points, synthetic])
            batches = [Batch(points, 1.0)]
        else:
            if data == "fresh":
                points = estimator.draw(real_rng, n)
            elif data == "kept":
                points = np.concatenate([points, estimator.draw(real_rng, n)])
            batches = [Batch(points, weight), Batch(synthetic, 1 - weight)]
        model = estimator.fit([batch for batch in batches if batch.share > 0], model)
