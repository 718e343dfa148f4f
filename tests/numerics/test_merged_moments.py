"""Pairwise moments: right, and the same bits however the leaves are handed out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nocollapse.numerics.simulation.merged_moments import Forest, Moments, moments, planted, total

RNG = np.random.Generator(np.random.SFC64(1))
LEAVES = [moments(RNG.standard_exponential((3 + i % 2, 2))) for i in range(70)]


def grown(leaves: list[Moments]) -> Forest:
    return planted([], [(0, leaf) for leaf in leaves])


def bits(merged: Moments) -> tuple[bytes, bytes, bytes]:
    return merged.count.tobytes(), merged.mean.tobytes(), merged.squares.tobytes()


@given(st.integers(1, len(LEAVES)), st.integers(0, 7))
def test_runs_of_leaves_that_start_at_multiples_of_a_power_of_two_give_the_same_bits(count: int, height: int) -> None:
    forest: Forest = []
    for start in range(0, count, 2**height):
        forest = planted(forest, grown(LEAVES[start : min(start + 2**height, count)]))
    whole = grown(LEAVES[:count])
    assert [tree[0] for tree in forest] == [tree[0] for tree in whole]
    assert sum(2 ** tree[0] for tree in forest) == count
    assert bits(total(forest)) == bits(total(whole))


def test_another_order_would_give_other_bits() -> None:
    straight = LEAVES[0]
    for leaf in LEAVES[1:]:
        straight = straight + leaf
    assert bits(straight) != bits(total(grown(LEAVES)))


@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_the_moments_are_those_of_all_samples(offset: float) -> None:
    samples = [RNG.standard_normal((5, 2, 3)) + offset for _ in range(37)]
    whole = total(grown([moments(sample) for sample in samples]))
    values = np.concatenate(samples)
    assert np.all(whole.count == len(values))
    np.testing.assert_allclose(whole.mean, values.mean(axis=0), rtol=1e-12)
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    np.testing.assert_allclose(whole.standard_error, error, rtol=1e-8 if offset else 1e-12)


def test_samples_without_a_number_are_left_out() -> None:
    samples = [RNG.standard_normal((6, 3)) for _ in range(9)]
    for sample in samples[1:]:
        sample[RNG.random(6) < 0.4, 0] = np.nan
    samples[4][:, 0] = np.nan  # nothing is left of a leaf,
    for sample in samples:
        sample[:, 2] = np.nan  # and nothing at all of a column
    whole = total(grown([moments(sample) for sample in samples]))
    values = np.concatenate(samples)
    count = (~np.isnan(values)).sum(axis=0)
    np.testing.assert_array_equal(whole.count, count)
    np.testing.assert_allclose(whole.mean[:2], np.nanmean(values[:, :2], axis=0), rtol=1e-12)
    error = np.nanstd(values[:, :2], axis=0, ddof=1) / np.sqrt(count[:2])
    np.testing.assert_allclose(whole.standard_error[:2], error, rtol=1e-12)
    assert np.isnan(whole.standard_error[2])


@pytest.mark.parametrize("bad", [np.inf, 1e200])
def test_squares_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        moments(np.array([1.0, bad]))
