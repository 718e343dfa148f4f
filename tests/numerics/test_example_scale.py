"""The two simulators of the scale in examples/ have one law, and the comparison can fail."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.claims import outside, registry

SCALE = Path(__file__).parents[2] / "examples" / "scale.py"


def test_fast_and_plain_have_one_law(same_law: Callable[..., bool]) -> None:
    outside.load(outside.sources([SCALE]))
    scale: Any = sys.modules[registry.entry("scale.error").build.__module__]
    outside.load(())
    plain = scale.simulate_plain(Stream(1, "plain"), range(2000), theta=2.0, n=4, m=3, w=0.2, t=4)
    for m in (3, 5):
        fast = scale.simulate(Stream(1, "fast"), range(8000), theta=2.0, n=4, m=m, weights=(0.2,), steps=(4,))
        assert same_law(fast[:, 0, 0], plain) == (m == 3)
