"""Generalised linear models: fast and plain simulators have one law, fits are maxima, bad input is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from numerics import glm
from numerics.streams import Stream

OMEGA = ((2.0, 0.5), (0.5, 1.0))
SETTING: dict[str, Any] = {
    "n": 30, "m": 40, "beta": (0.5, -0.4), "omega": OMEGA, "weights": (0.7, 0.3), "steps": (0, 1, 5)
}  # fmt: skip


@pytest.mark.parametrize("model", glm.MODELS)
def test_chunks_change_no_bit(model: str) -> None:
    whole = glm.simulate(Stream(4, "chunks"), range(12), model=model, **SETTING)
    parts = [glm.simulate(Stream(4, "chunks"), part, model=model, **SETTING) for part in (range(5), range(5, 12))]
    for i in range(3):
        assert np.array_equal(whole[i], np.concatenate([part[i] for part in parts]), equal_nan=True)


def test_step_0_is_least_squares() -> None:
    """E|theta_0|^2 = tr(Omega^-1)/(n-p-1), the mean of an inverse Wishart."""
    found = glm.simulate(Stream(3, "exact"), range(20_000), model="linear", **{**SETTING, "steps": (0,)}).error[:, 0, 0]
    exact = np.trace(np.linalg.inv(np.array(OMEGA))) / (30 - 2 - 1)
    assert abs(found.mean() - exact) < 5 * found.std() / np.sqrt(len(found))
