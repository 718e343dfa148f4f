"""How far a long run is, on stderr: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import TaskID

Say = Callable[[str, int, int], None]
"""Called with what is done, how many parts of it are, and of how many."""
QUIET = 30.0
"""Seconds between two lines of progress in a log."""


@contextmanager
def progress() -> Iterator[Say]:
    """What a run tells its progress to, for as long as it goes on."""
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal:
        with _bars(console) as say:
            yield say
    else:
        yield _lines()


@contextmanager
def _bars(console: Console) -> Iterator[Say]:
    """Progress for a terminal: a bar a kind of work, with the time taken and the time left."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as display:
        bars: dict[str, TaskID] = {}

        def say(what: str, done: int, of: int) -> None:
            if what not in bars:
                bars[what] = display.add_task(what, total=of)
            display.update(bars[what], completed=done)

        yield say


def _lines() -> Say:
    """Progress for a log: what, done, of, time left; a line every `QUIET` seconds, none in a short run.

    The time left is judged by the pace since the last line about the same work.
    """
    last_line = last_call = time.monotonic()
    paced_from: dict[str, tuple[float, int]] = {}

    def say(what: str, done: int, of: int) -> None:
        nonlocal last_line, last_call
        start, done_before = paced_from.setdefault(what, (last_call, 0))
        last_call = time.monotonic()
        if last_call - last_line >= QUIET and done > done_before:
            seconds_each = (last_call - start) / (done - done_before)
            left = timedelta(seconds=round((of - done) * seconds_each))
            click.echo(f"{what}: {done:,} of {of:,}, about {left} left", err=True)
            last_line = last_call
            paced_from[what] = (last_call, done)

    return say
