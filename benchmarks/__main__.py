"""`python -m benchmarks`, from the root of the repository: all of it, as tables and as JSON."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from threadpoolctl import threadpool_limits

from benchmarks.cases import MODELS
from benchmarks.entry import run
from benchmarks.run import FULL, QUICK, Row, compared, fresh, grown, machine
from benchmarks.tables import TITLES, line


@click.command()
@click.argument("models", nargs=-1, type=click.Choice(tuple(MODELS)))
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), help="A file for all numbers.")
@click.option("--quick", is_flag=True, help="Tiny settings: shows that it runs, not how fast.")
def benchmark(models: tuple[str, ...], out: Path | None, quick: bool) -> None:
    """Time the simulators of MODELS (by default all) on one core: some five minutes.

    Each is compared with its plain twin and with the draws of its random numbers alone. Seconds are CPU seconds,
    compilation apart. What is compared is timed in turns, and a ratio is the median over turns.

    Example: python -m benchmarks logistic poisson --json costs.json
    """
    if out is not None and not os.access(out.resolve().parent, os.W_OK):
        raise click.UsageError(f"cannot write {out}: its directory does not exist or is not writable")
    start = time.monotonic()
    document: dict[str, Any] = {"command": _command(models, out, quick), "quick": quick, "machine": machine()}
    with threadpool_limits(1), tempfile.TemporaryDirectory() as folder:
        for section, rows in _sections(models or tuple(MODELS), quick, Path(folder)):
            click.echo(TITLES[section])
            document[section] = []
            for row in rows:
                click.echo(line(section, row))
                document[section].append(row)
            click.echo()
    document["wall_s"] = time.monotonic() - start
    if out is not None:
        _write(document, out)


def _command(models: Sequence[str], out: Path | None, quick: bool) -> str:
    """The command line that was given, written anew."""
    command = ["python -m benchmarks", *models]
    if quick:
        command.append("--quick")
    if out is not None:
        command.append(f"--json {out}")
    return " ".join(command)


def _sections(models: Sequence[str], quick: bool, folder: Path) -> Iterator[tuple[str, Iterator[Row]]]:
    effort = QUICK if quick else FULL
    cache = None if quick else folder
    yield "cases", (row for model in models for row in compared(model, effort))
    yield "growth", (row for model in models for row in grown(model, effort))
    yield "processes", (row for model in models for row in fresh(model, effort, cache))


def _write(document: dict[str, Any], out: Path) -> None:
    """Writes a document as JSON, whole or not at all."""
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.resolve().parent) as folder:
        part = Path(folder) / out.name
        part.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        os.replace(part, out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; bad input is one line on stderr and exit status 2."""
    run(benchmark, "benchmarks", arguments)


if __name__ == "__main__":
    main()
