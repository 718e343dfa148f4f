"""Random streams keyed by name and replicate."""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nocollapse.numerics.simulation.arguments import integer

BLOCK_BYTES = 1 << 22


@dataclass(frozen=True)
class Stream:
    """An endless family of independent generators, one a replicate.

    The numbers of a replicate depend on (seed, name, replicate) and on nothing else: not on the other
    replicates, on how they are grouped into blocks, or on the number of workers. `name` is the key of the
    claim or experiment, so that adding an experiment never reshuffles another.

    Raises ValueError unless seed is an integer >= 0.
    """

    seed: int
    name: str

    def __post_init__(self) -> None:
        integer("seed", self.seed, 0)

    @property
    def key(self) -> tuple[int, int, int, int]:
        """Four 32-bit words that stand for the name: the first 16 bytes of its SHA-256.

        >>> Stream(1, "mean.error/a").key == Stream(2, "mean.error/a").key
        True
        >>> Stream(1, "mean.error/a").key == Stream(1, "mean.error/b").key
        False
        """
        return _words(self.name)

    def generator(self, replicate: int) -> np.random.Generator:
        """A fresh generator of the replicate's numbers, always from their beginning (replicate >= 0)."""
        spawn_key = (*self.key, integer("replicate", replicate, 0))
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=spawn_key)))


@lru_cache(maxsize=1024)
def _words(name: str) -> tuple[int, int, int, int]:
    digest = hashlib.sha256(name.encode()).digest()
    a, b, c, d, *_ = struct.unpack("<8I", digest)
    return a, b, c, d


def blocks(replicates: range, bytes_each: int) -> Iterator[tuple[slice, range]]:
    """Cuts replicates into runs whose driving numbers fit in cache: (their rows, the replicates themselves).

    `bytes_each` is the memory of one replicate's driving numbers; a block holds at least one replicate.
    """
    size = max(1, BLOCK_BYTES // max(1, bytes_each))
    for start in range(0, len(replicates), size):
        block = replicates[start : start + size]
        yield slice(start, start + len(block)), block
