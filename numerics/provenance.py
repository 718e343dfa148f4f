"""Which commit the running code is: found by comparing its files with those of a clone, never assumed."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).parents[1]
PARTS = ("nocollapse.py", "theory", "numerics", "reports")


def commit() -> str | None:
    """The commit of the clone that this code is in or was installed from, and how many files differ from it.

    None where there is no such clone, or no git.
    """
    for place in _places():
        head = _git(place, "rev-parse", "HEAD")
        tracked = _git(place, "ls-tree", "-r", "--full-tree", "HEAD", "--", *PARTS)
        if head and tracked:
            blobs = {path: line.split()[2] for line, _, path in (row.partition("\t") for row in tracked.splitlines())}
            changed = len({path for path, _ in blobs.items() ^ _files().items()})
            return head.strip() + (f", {changed} file{'s' if changed != 1 else ''} changed" if changed else "")
    return None


def _files() -> dict[str, str]:
    """This code's files, as git names their contents."""
    paths = [path for part in PARTS for path in ((ROOT / part).rglob("*") if (ROOT / part).is_dir() else [ROOT / part])]
    kept = [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
    return {path.relative_to(ROOT).as_posix(): _blob(path.read_bytes()) for path in kept}


def _blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _places() -> Iterator[Path]:
    """Where a clone may be: around this code, or where pip took it from."""
    yield ROOT
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
