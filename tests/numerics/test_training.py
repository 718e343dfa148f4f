"""The training loop: what each framework fits and when, what is recorded, and what the numbers depend on."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
import pytest

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation.arguments import FRAMEWORKS
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.numerics.simulation.training import FRAMEWORKS as DATA
from nocollapse.numerics.simulation.training import Batch, Data, Points, models, simulate


class Diary:
    """Real points are labelled "r0", "r1", ... by their batch, synthetic ones by the model that they are drawn from.

    A model is its step; each fit is written down.
    """

    quantities = ("step", "square")

    def __init__(self) -> None:
        self.fits: list[tuple[dict[str, float], int | None]] = []
        self.drawn = 0

    def draw(self, rng: np.random.Generator, size: int) -> Points:
        self.drawn += 1
        return np.full(size, f"r{self.drawn - 1}")

    def fit(self, batches: Sequence[Batch], previous: int | None) -> int:
        shares: dict[str, float] = {}
        for points, share in batches:
            assert share > 0
            for name in points.tolist():
                shares[name] = shares.get(name, 0) + share / len(points)
        self.fits.append(({name: round(share, 12) for name, share in shares.items()}, previous))
        return 0 if previous is None else previous + 1

    def sample(self, model: int, rng: np.random.Generator, size: int) -> Points:
        return np.full(size, f"s{model}")

    def error(self, model: int) -> FloatArray:
        return np.array([model, model**2], dtype=np.float64)


def fitted(data: Data, weight: float) -> list[dict[str, float]]:
    """What the points of each name weigh in the first three fits, n = 2 and m = 4."""
    diary = Diary()
    rng = np.random.default_rng(0)
    assert list(islice(models(diary, rng, rng, sizes=(2, 4), weight=weight, data=data), 3)) == [0, 1, 2]
    assert [previous for _, previous in diary.fits] == [None, 0, 1]
    return [shares for shares, _ in diary.fits]


@pytest.mark.parametrize(
    ("data", "weight", "shares"),
    [
        ("fresh", 0.3, [{"r0": 1}, {"r1": 0.3, "s0": 0.7}, {"r2": 0.3, "s1": 0.7}]),
        ("fixed", 0.3, [{"r0": 1}, {"r0": 0.3, "s0": 0.7}, {"r0": 0.3, "s1": 0.7}]),
        ("fixed", 0.0, [{"r0": 1}, {"s0": 1}, {"s1": 1}]),
        ("fresh", 1.0, [{"r0": 1}, {"r1": 1}, {"r2": 1}]),
        ("kept", 0.6, [{"r0": 1}, {"r0": 0.3, "r1": 0.3, "s0": 0.4}, {"r0": 0.2, "r1": 0.2, "r2": 0.2, "s1": 0.4}]),
        ("pooled", 1.0, [{"r0": 1}, {"r0": 1 / 3, "s0": 2 / 3}, {"r0": 0.2, "s0": 0.4, "s1": 0.4}]),
    ],
)
def test_what_a_step_fits(data: Data, weight: float, shares: list[dict[str, float]]) -> None:
    assert fitted(data, weight) == [{name: round(share, 12) for name, share in expected.items()} for expected in shares]


def test_every_framework_is_known_by_its_name() -> None:
    assert tuple(DATA) == FRAMEWORKS


def test_the_steps_asked_for_are_recorded() -> None:
    errors = simulate(Diary(), Stream(1, "a"), range(3), n=2, m=2, weights=(0.2, 0.4), steps=(0, 2, 5))
    assert errors.shape == (3, 3, 2, 2)
    assert np.all(errors[..., 0] == np.array([0, 2, 5])[:, None])
    assert np.all(errors[..., 1] == np.array([0, 4, 25])[:, None])
    assert simulate(Diary(), Stream(1, "a"), range(0), n=2, m=2, weights=(0.2,), steps=(1,)).shape == (0, 1, 1, 2)


class Numbers:
    """Models are numbers: those that the generators give for real and synthetic points, weighted."""

    quantities = ("mean",)

    def draw(self, rng: np.random.Generator, size: int) -> Points:
        return rng.standard_normal(size)

    def fit(self, batches: Sequence[Batch], previous: float | None) -> float:
        return sum(share * float(points.mean()) for points, share in batches)

    def sample(self, model: float, rng: np.random.Generator, size: int) -> Points:
        return np.asarray(model + rng.standard_normal(size))

    def error(self, model: float) -> FloatArray:
        return np.array([model])


def test_weights_share_the_real_points_and_the_noise() -> None:
    """theta_1 - w x_1 - (1-w) theta_0 is (1-w) times one number."""
    weights = np.array([0.0, 0.25, 0.5, 1.0])
    errors = simulate(Numbers(), Stream(1, "a"), range(5), n=3, m=2, weights=weights, steps=(0, 1))[..., 0]
    start = errors[:, 0]
    end = errors[:, 1]
    assert np.all(start == start[:, :1])
    real = end[:, 3:]
    noise = (end[:, :1] - start[:, :1]) * (1 - weights)
    np.testing.assert_allclose(end, weights * real + (1 - weights) * start + noise)
    assert len(np.unique(end[:, 0])) == 5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n": 0}, "n = 0 is not an integer >= 1"),
        ({"m": 1.5}, "m = 1.5 is not an integer >= 1"),
        ({"weights": (1.5,)}, "leave the interval"),
        ({"steps": ()}, "is not a strictly increasing"),
        ({"framework": "kept"}, "framework = 'kept' is not one of fresh"),
    ],
)
def test_bad_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    case: dict[str, Any] = {"n": 2, "m": 2, "weights": (0.5,), "steps": (1,), **changes}
    with pytest.raises(ValueError, match=message):
        simulate(Numbers(), Stream(1, "a"), range(1), **case)
