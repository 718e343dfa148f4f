"""Probes of Gaussian training: each against raw data, the simulator, or a case with no randomness left."""

from collections.abc import Callable

import numpy as np
import pytest

from nocollapse.numerics.arrays import FloatArray
from nocollapse.numerics.simulation import streams
from nocollapse.numerics.simulation.gaussian import simulate
from nocollapse.numerics.simulation.gaussian.one_step_and_tilted import (
    one_step,
    one_step_plain,
    tilted_growth,
    weighted_mean,
)
from nocollapse.numerics.simulation.streams import Stream

SIGMA = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, -0.2], [0.1, -0.2, 0.5]])
SameLaw = Callable[[FloatArray, FloatArray], bool]


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("m", [2, 3, 8])
def test_one_step_has_the_law_of_raw_data(m: int, ddof: int, same_law: SameLaw) -> None:
    fast = one_step(Stream(1, "fast"), range(5000), m=m, scale=SIGMA, ddof=ddof)
    plain = one_step_plain(Stream(1, "plain"), range(2000), m=m, scale=SIGMA, ddof=ddof)
    assert same_law(fast, plain)


def test_one_step_can_tell_the_divisor(same_law: SameLaw) -> None:
    fast = one_step(Stream(1, "fast"), range(5000), m=8, scale=SIGMA, ddof=0)
    assert not same_law(fast, one_step_plain(Stream(1, "plain"), range(2000), m=8, scale=SIGMA))


def test_tilting_leaves_no_randomness_in_one_dimension() -> None:
    """E (chi^2_v / v)^2 = (v + 2)/v a step, and the first batch is a step too."""
    logs = tilted_growth(Stream(1, "a"), range(20), m=6, sigma=[[3.0]], steps=(0, 4))
    expected = np.log(9.0) + np.array([1, 5]) * np.log(7 / 5)
    np.testing.assert_allclose(logs, np.broadcast_to(expected, (20, 2)), rtol=1e-12)


@pytest.mark.parametrize("m", [3, 12])
def test_tilting_is_unbiased(m: int) -> None:
    """Against plain averages of tr Sigma_t^2 = ||Sigma_t - I||^2 + 2 tr(Sigma_t - I) + p, sigma = I."""
    steps = (0, 1) if m == 3 else (0, 1, 3)
    tilted = np.exp(tilted_growth(Stream(1, "a"), range(2000), m=m, sigma=np.eye(4), steps=steps))
    errors = simulate(
        Stream(1, "b"), range(20000), n=m, m=m, sigma=np.eye(4), weights=(0.0,), steps=steps,
        framework="fully-synthetic",
    )  # fmt: skip
    direct = (errors.covariance + 2 * errors.trace + 4)[..., 0]
    variance = sum(x.var(axis=0) / len(x) for x in (tilted, direct))
    assert np.all(np.abs(tilted.mean(axis=0) - direct.mean(axis=0)) < 5 * np.sqrt(variance))


def test_tilting_sees_the_explosion_that_plain_averages_miss() -> None:
    """At n = 100, p = 4, the error after 1000 steps is about 2.4e8, known within 2 % from 300 replicates."""
    logs = tilted_growth(Stream(1, "a"), range(300), m=100, sigma=np.eye(4), steps=(500, 1000))
    growth = np.exp(logs - logs[:, [0]])[:, 1].mean() / np.exp(500 * np.log(101 / 99))
    estimates = np.exp(logs[:, 1])
    assert estimates.std() / estimates.mean() / np.sqrt(300) < 0.02
    assert abs(growth - 1) < 0.01
    assert 3.5e9 < estimates.mean() < 4.2e9


def test_equal_weights_are_the_weighted_means(same_law: SameLaw) -> None:
    steps = (0, 1, 5)
    points = weighted_mean(
        Stream(1, "a"), range(3000), real=np.full(7, 0.4 / 7), synthetic=np.full(5, 0.6 / 5), sigma=SIGMA,
        steps=steps,
    )  # fmt: skip
    errors = simulate(
        Stream(1, "b"), range(6000), n=7, m=5, sigma=SIGMA, weights=(0.4,), steps=steps, known_covariance=True
    )
    assert same_law(points, errors.mean[..., 0])


def test_replicates_do_not_depend_on_their_company(monkeypatch: pytest.MonkeyPatch) -> None:
    def probes(part: range) -> FloatArray:
        stream = Stream(1, "a")
        steps = (0, 3)
        return np.concatenate(
            [
                one_step(stream, part, m=4, scale=SIGMA),
                one_step_plain(stream, part, m=4, scale=SIGMA),
                tilted_growth(stream, part, m=4, sigma=SIGMA, steps=steps),
                weighted_mean(stream, part, real=[0.2, 0.3], synthetic=[0.5], sigma=SIGMA, steps=steps),
            ],
            axis=1,
        )

    whole = probes(range(10))
    assert np.array_equal(whole, np.concatenate([probes(range(3)), probes(range(3, 10))]))
    monkeypatch.setattr(streams, "BLOCK_BYTES", 1)
    assert np.array_equal(whole, probes(range(10)))


def test_bad_arguments_are_named() -> None:
    stream = Stream(1, "a")
    with pytest.raises(ValueError, match=r"^real and synthetic weights sum to 0\.9, not to 1$"):
        weighted_mean(stream, range(1), real=[0.4], synthetic=[0.5], sigma=SIGMA, steps=(1,))
    with pytest.raises(ValueError, match=r"^m = 1 is not an integer >= 2$"):
        one_step(stream, range(1), m=1, scale=SIGMA)
    with pytest.raises(ValueError, match=r"^sigma = .* positive definite"):
        tilted_growth(stream, range(1), m=5, sigma=[[-1.0]], steps=(1,))
