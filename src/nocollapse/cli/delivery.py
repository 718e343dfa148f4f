"""Where output goes: to stdout, or to a file that is written whole or not at all."""

import json
import os
import sys
import tempfile
from pathlib import Path

import click


def print_json(data: object) -> None:
    """Print data as JSON; the keys of an object in order of the alphabet, those of objects in a list as they are."""
    click.echo(json.dumps(data, indent=1, sort_keys=isinstance(data, dict)))


def check_file(out: Path) -> None:
    """Refuse a file that cannot be written, before any work is done for it.

    Raises ValueError naming the file.
    """
    folder = out.resolve().parent
    if not folder.is_dir():
        raise ValueError(f"cannot write {out}: its directory does not exist")
    try:  # asking for permission is not enough: some file systems refuse whoever has it
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ValueError(f"cannot write {out}: its directory is not writable ({error.strerror})") from None


def make_folder(out: Path) -> None:
    """Make a directory for output, before any work is done for it.

    Raises ValueError naming the directory where it cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"cannot write to {out}: {error.strerror}") from None


def deliver(data: bytes, out: Path | None) -> None:
    """Write data to a file, whole or not at all, or to stdout where `out` is None.

    Raises ValueError where the file's directory cannot be written to, OSError for whatever else happens to it.
    """
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    check_file(out)
    handle, temporary = tempfile.mkstemp(prefix=f".{out.name}-", dir=out.resolve().parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, out)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    """The permissions that this process withholds from new files; the system tells them only to who sets them."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
