"""Which commit the running code is: found by comparing its files with those of a clone, never assumed."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

PACKAGE = Path(__file__).parents[2]
FRONT = "src/nocollapse/"
PARTS = (FRONT, "theory", "numerics", "reports")
"""Where a clone has what is in the package: the rooms are folders at its top, and links in the front."""
_LINK = "120000"


def commit() -> str | None:
    """The commit of the clone that this code is in or was installed from, and how many files differ from it.

    None where there is no such clone, or no git.
    """
    for place in _places():
        head = _git(place, "rev-parse", "HEAD")
        tracked = _git(place, "ls-tree", "-r", "--full-tree", "HEAD", "--", *PARTS)
        if head and tracked:
            changed = len({path for path, _ in _blobs(tracked).items() ^ _files().items()})
            if changed == 0:
                return head.strip()
            return f"{head.strip()}, {changed} {'file' if changed == 1 else 'files'} changed"
    return None


def _blobs(tracked: str) -> dict[str, str]:
    """The contents of the files that git lists, by their place in the package."""
    blobs = {}
    for row in tracked.splitlines():
        entry, _, path = row.partition("\t")
        mode, _, blob = entry.split()
        if mode != _LINK:
            blobs[path.removeprefix(FRONT)] = blob
    return blobs


def _files() -> dict[str, str]:
    """This code's files, as git names their contents, by their place in the package."""
    folders = [path for path in PACKAGE.iterdir() if path.is_dir()]
    paths = [*PACKAGE.iterdir(), *(path for folder in folders for path in folder.rglob("*"))]
    sources = [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
    return {path.relative_to(PACKAGE).as_posix(): _blob(path.read_bytes()) for path in sources}


def _blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _places() -> Iterator[Path]:
    """Where a clone may be: around this code, or where pip took it from."""
    yield PACKAGE
    try:
        origin = json.loads(distribution("nocollapse").read_text("direct_url.json") or "{}").get("url", "")
    except (PackageNotFoundError, ValueError):
        return
    if origin.startswith("file:") and Path(unquote(urlsplit(origin).path)).is_dir():
        yield Path(unquote(urlsplit(origin).path))


def _git(place: Path, *arguments: str) -> str:
    """What git prints, nothing where it fails."""
    try:
        done = subprocess.run(["git", "-C", str(place), *arguments], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""
