"""Which simulation meets which claim. The only place where theory and simulators meet.

The design points are small and lopsided on purpose (n != m, p > 1, Sigma not a multiple of the identity): there a wrong
formula is far off, and a replication is cheap.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from nocollapse.numerics.checks.entry import CheckEntry, collected

CHECKS: dict[str, CheckEntry] = collected(
    *(vars(import_module(f"{__name__}.{module.name}")) for module in iter_modules(__path__))
)
"""Every claim but mean.ridge and glm.synthetic-size, which compare expressions: nothing in them is random."""
