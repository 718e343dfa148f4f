"""The build's own check: a clone without symbolic links holds text files where the rooms should be."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOMS = ("theory", "numerics", "reports")


class Links(BuildHookInterface[Any]):
    """Refuses to build a package without its rooms."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raises SystemExit with one line unless every room is a folder of the package."""
        package = Path(self.root) / "src" / "nocollapse"
        missing = [room for room in ROOMS if not (package / room).is_dir()]
        if missing:
            raise SystemExit(
                f"nocollapse: {package / missing[0]} is no folder: this clone has no symbolic links; "
                "clone again with `git clone -c core.symlinks=true`"
            )
