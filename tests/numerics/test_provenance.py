"""The commit is that of a clone whose files are the running ones, or is not given."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from nocollapse.numerics.execution import provenance

ROOMS = ("theory", "numerics", "reports")


def git(place: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    return subprocess.run(["git", *identity, *arguments], cwd=place, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the running code, as far as these tests are concerned."""
    package = tmp_path / "src" / "nocollapse"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("front\n")
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "module.py").write_text(f"{room}\n")
        (package / room).symlink_to(f"../../{room}")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "All of it")
    monkeypatch.setattr(provenance, "PACKAGE", package)
    return tmp_path


def head(place: Path) -> str:
    return git(place, "rev-parse", "HEAD").strip()


def test_a_clone_is_its_commit(clone: Path) -> None:
    (clone / "theory" / "__pycache__").mkdir()
    (clone / "theory" / "__pycache__" / "module.pyc").write_bytes(b"\0")
    (clone / "notes.txt").write_text("not part of the code")
    assert provenance.commit() == head(clone)


def test_changed_new_and_missing_files_are_counted(clone: Path) -> None:
    (clone / "theory" / "module.py").write_text("changed")
    assert provenance.commit() == f"{head(clone)}, 1 file changed"
    (clone / "numerics" / "new.py").write_text("new")
    (clone / "reports" / "module.py").unlink()
    assert provenance.commit() == f"{head(clone)}, 3 files changed"


def test_code_that_was_copied_out_of_its_clone_is_found_inside_it(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As pip does, into an environment that lies in the clone."""
    copy = clone / ".venv" / "site-packages" / "nocollapse"
    shutil.copytree(clone / "src" / "nocollapse", copy)  # follows the links
    monkeypatch.setattr(provenance, "PACKAGE", copy)
    assert provenance.commit() == head(clone)


def test_without_a_clone_or_git_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clone: Path) -> None:
    monkeypatch.setattr(provenance, "_places", lambda: iter([Path("/")]))
    assert provenance.commit() is None
    monkeypatch.setattr(provenance, "_places", lambda: iter([clone]))
    monkeypatch.setenv("PATH", "")
    assert provenance.commit() is None
