"""The command line, run in this process."""

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import pytest
from hypothesis import settings

from nocollapse import main
from nocollapse.cli import progress

# The first example of a test pays for imports and compilation; no other one is slow.
settings.register_profile("nocollapse", deadline=None)
settings.load_profile("nocollapse")


class Done(NamedTuple):
    """What a command leaves: its exit status, stdout and stderr."""

    status: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No progress in the log, however slow the machine."""
    monkeypatch.setattr(progress, "QUIET", 1e9)


@pytest.fixture(scope="session")
def command() -> Command:
    """`nocollapse ARGUMENTS` in this process: `command("evaluate", "mean.error", "--set", "n=5")`."""

    def run(*arguments: object) -> Done:
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
        status = 0
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main([str(argument) for argument in arguments])
            except SystemExit as done:
                status = done.code if isinstance(done.code, int) else int(done.code is not None)
        texts = []
        for stream in (out, err):
            stream.flush()
            stream.seek(0)
            texts.append(stream.read())
        return Done(status, *texts)

    return run
