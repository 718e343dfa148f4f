"""What a run has computed is kept beside its output until it ends, so that the same command goes on where it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def kept_run(out: Path | None, keep: bool) -> Iterator[Path | None]:
    """The hidden folder beside `out` where a run's parts are kept; None where there is no `out`.

    The folder goes when the run ends well, unless `keep`, or when it ends before its first part. Where it stays, what
    ended the run (KeyboardInterrupt or OSError) is raised again and says so.
    """
    if out is None:
        yield None
        return
    folder = out.resolve().parent / f".{out.name}.chunks"
    hint = f"the same command goes on from {os.path.relpath(folder)}"
    complete = False
    try:
        yield folder
        complete = True
    except (SystemExit, BrokenPipeError):  # what is left to do is to print
        complete = True
        raise
    except KeyboardInterrupt:
        raise KeyboardInterrupt(hint if _holds_parts(folder) else "") from None
    except OSError as error:
        if _holds_parts(folder):
            raise OSError(error.errno, f"{error.strerror}; {hint}", error.filename) from error
        raise
    finally:
        if (complete and not keep) or not _holds_parts(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _holds_parts(folder: Path) -> bool:
    """Whether joblib keeps a result in the folder."""
    return any(folder.rglob("output.pkl"))
