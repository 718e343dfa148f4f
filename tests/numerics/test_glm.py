"""Linear regression: the fast and the plain simulator have one law, and refuse what they cannot do."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from scipy.stats import ks_2samp

from numerics import glm
from numerics.streams import Stream

OMEGA = ((2.0, 0.5), (0.5, 1.0))
SETTING: dict[str, Any] = {"n": 9, "m": 14, "omega": OMEGA, "weights": (0.3, 0.7), "steps": (0, 1, 5)}
# 6 comparisons, each at level 1e-5: a correct build fails with probability at most 6e-5, and the seeds are fixed
LEVEL = 1e-5


def test_fast_and_plain_have_the_same_law() -> None:
    fast = glm.simulate_linear(Stream(1, "fast"), range(6000), **SETTING)
    plain = glm.simulate_linear_plain(Stream(2, "plain"), range(1500), **SETTING)
    for i in range(3):
        for j in range(2):
            assert ks_2samp(fast[:, i, j], plain[:, i, j]).pvalue > LEVEL


def test_a_swapped_size_would_be_seen() -> None:
    fast = glm.simulate_linear(Stream(1, "fast"), range(6000), **{**SETTING, "n": 14, "m": 9})
    plain = glm.simulate_linear_plain(Stream(2, "plain"), range(1500), **SETTING)
    assert ks_2samp(fast[:, 2, 1], plain[:, 2, 1]).pvalue < LEVEL


def test_step_0_is_least_squares() -> None:
    """E|theta_0|^2 = tr(Omega^-1)/(n-p-1), the mean of an inverse Wishart."""
    found = glm.simulate_linear(Stream(3, "exact"), range(20_000), **{**SETTING, "n": 30})[:, 0, 0]
    exact = np.trace(np.linalg.inv(np.array(OMEGA))) / (30 - 2 - 1)
    assert abs(found.mean() - exact) < 5 * found.std() / np.sqrt(len(found))


def test_chunks_change_no_bit() -> None:
    whole = glm.simulate_linear(Stream(4, "chunks"), range(20), **SETTING)
    parts = [
        glm.simulate_linear(Stream(4, "chunks"), part, **SETTING) for part in (range(7), range(7, 8), range(8, 20))
    ]
    assert np.array_equal(whole, np.concatenate(parts))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"n": 3}, "n = 3"),
        ({"m": 2.5}, "m = 2.5"),
        ({"weights": (1.5,)}, "1.5"),
        ({"omega": ((1.0, 2.0), (2.0, 1.0))}, "omega"),
    ],
)
def test_bad_input_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=re.escape(named)):
        glm.simulate_linear(Stream(1, "bad"), range(1), **{**SETTING, **change})
