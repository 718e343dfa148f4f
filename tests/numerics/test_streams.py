"""Streams: numbers that depend on seed, name and replicate, and on nothing else."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nocollapse.numerics.simulation import streams
from nocollapse.numerics.simulation.streams import Stream, blocks

names = st.text(min_size=1, max_size=20)


@given(names, names)
def test_keys_differ_exactly_when_names_do(one: str, other: str) -> None:
    assert (Stream(1, one).key == Stream(1, other).key) == (one == other)


def test_a_generator_always_starts_from_the_beginning() -> None:
    stream = Stream(3, "mean.error/a")
    first = stream.generator(5).random(4)
    stream.generator(6).random(9)
    assert np.array_equal(first, Stream(3, "mean.error/a").generator(5).random(4))


def test_seed_name_and_replicate_each_change_the_numbers() -> None:
    seen = {
        Stream(seed, name).generator(replicate).integers(2**63)
        for seed, name, replicate in itertools.product(range(3), ("a", "b", "a/b"), range(50))
    }
    assert len(seen) == 3 * 3 * 50


def test_the_numbers_are_the_published_ones() -> None:
    """A change here changes every figure ever reported under a seed."""
    assert Stream(1, "mean.error/a").key == (2482389466, 2319162768, 3661223557, 1774632400)
    sequence = np.random.SeedSequence(1, spawn_key=(*Stream(1, "mean.error/a").key, 7))
    expected = np.random.Generator(np.random.SFC64(sequence)).random()
    assert Stream(1, "mean.error/a").generator(7).random() == expected


@pytest.mark.parametrize("seed", [-1, 1.0, "1", True, None])
def test_a_bad_seed_is_refused(seed: object) -> None:
    with pytest.raises(ValueError, match=r"seed = .* is not an integer >= 0"):
        Stream(seed, "a")  # type: ignore[arg-type]


def test_a_negative_replicate_is_refused() -> None:
    with pytest.raises(ValueError, match="replicate = -1 is not an integer >= 0"):
        Stream(1, "a").generator(-1)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 3 * streams.BLOCK_BYTES))
def test_blocks_cut_the_replicates_without_loss(start: int, count: int, bytes_each: int) -> None:
    replicates = range(start, start + count)
    cut = list(blocks(replicates, bytes_each))
    assert [r for _, block in cut for r in block] == list(replicates)
    assert [row for part, _ in cut for row in range(part.start, part.stop)] == list(range(count))
    assert all(len(block) == 1 or len(block) * bytes_each <= streams.BLOCK_BYTES for _, block in cut)
