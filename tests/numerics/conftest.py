"""What the tests of simulators share: when two samples count as draws from one law."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import ks_2samp

from nocollapse.numerics.arrays import FloatArray

SameLaw = Callable[[FloatArray, FloatArray], bool]

# The level of each of about 500 p-values: the chance that new streams would raise any false alarm is below
# 500 * 1e-6, one in two thousand. Fixed seeds make a run of the tests repeat the last.
LEVEL = 1e-6


@pytest.fixture
def same_law() -> SameLaw:
    """Two samples, (R, ...) and (R', ...), agree in distribution and in mean, entry by entry.

    The distribution by a Kolmogorov-Smirnov test (conservative for ties), the mean by a two-sample z-test.
    """

    def agree(one: FloatArray, other: FloatArray) -> bool:
        columns = zip(one.reshape(len(one), -1).T, other.reshape(len(other), -1).T, strict=True)
        return all(min(p) > LEVEL for p in (_p_values(a, b) for a, b in columns))

    return agree


def _p_values(a: FloatArray, b: FloatArray) -> tuple[float, float]:
    gap = a.mean() - b.mean()
    error = np.sqrt(a.var() / a.size + b.var() / b.size)
    # Rounding makes ties of what only the order of summation tells apart.
    return float(2 * ndtr(-abs(gap) / error)), float(ks_2samp(a.round(9), b.round(9)).pvalue)
