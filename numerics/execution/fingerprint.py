"""What a result depends on besides its task: the code, the packages that draw and compute, and the processor."""

import hashlib
import os
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

from llvmlite.binding import get_host_cpu_name

ROOMS = ("numerics", "theory")
PACKAGES = ("numpy", "scipy", "numba", "llvmlite", "sympy")


@cache
def fingerprint() -> str:
    """A digest of this program's sources, and of the Python, packages and kind of processor that they run on.

    Kernels are compiled for the processor, and one that adds up in vectors rounds as these are long.

    >>> len(fingerprint()), fingerprint() == fingerprint()
    (32, True)
    """
    processor = os.environ.get("NUMBA_CPU_NAME") or get_host_cpu_name()
    platforms = [platform.python_version(), platform.machine(), processor, *map(version, PACKAGES)]
    digest = hashlib.sha256(repr(platforms).encode())
    home = Path(__file__).parents[2]
    for path in sorted(path for room in ROOMS for path in (home / room).rglob("*.py")):
        digest.update(repr((path.relative_to(home).as_posix(), path.read_bytes())).encode())
    return digest.hexdigest()[:32]
