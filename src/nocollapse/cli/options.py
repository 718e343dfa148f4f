"""Arguments and options that several commands take, and how their texts are read."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from nocollapse.cli.kept_runs import kept_run

Command = TypeVar("Command", bound=Callable[..., Any])

# --- claims -----------------------------------------------------------------------------------------------------------

claim_id = click.argument("identifier", metavar="ID")
claim_ids = click.argument("identifiers", metavar="[ID]...", nargs=-1)
outside_claims = click.option(
    "--claims",
    "files",
    multiple=True,
    metavar="FILE.py",
    help="A file that states claims of your own, which is run as Python code; may be repeated.",
)

# --- output -----------------------------------------------------------------------------------------------------------

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
digits = click.option(
    "--digits", type=click.IntRange(1, 1000), default=17, show_default=True, help="Significant digits."
)


def streams(seed: int) -> Callable[[Command], Command]:
    """The option --seed, `seed` where it is not given."""
    return click.option("--seed", type=int, default=seed, show_default=True, help="Of all random streams.")


# --- who does the work ------------------------------------------------------------------------------------------------


def working(jobs: int | None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Options that say who does the work, given to the command as `workers`; --jobs is `jobs` where it is not given.

    None stands for a process a core. What is done is kept beside --out until the command ends well.
    """
    default = jobs or os.cpu_count() or 1

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @click.option("--jobs", type=int, help=f"Worker processes of this machine.  [default: {jobs or 'all cores'}]")
        @click.option(
            "--backend",
            type=click.Choice(["loky", "dask", "ray"]),
            default="loky",
            show_default=True,
            help="Whose workers: this machine's, or a cluster's. Results do not depend on it.",
        )
        @click.option("--scheduler", metavar="ADDRESS", help="Of a dask cluster, as in tcp://127.0.0.1:8786.")
        @click.option("--keep-chunks", is_flag=True, help="Leave what was computed beside --out, for a longer run.")
        @wraps(command)
        def with_workers(
            *, jobs: int | None, backend: str, scheduler: str | None, keep_chunks: bool, out: Path | None, **rest: Any
        ) -> None:
            from nocollapse.numerics.execution.workers import Workers

            if jobs is None:
                jobs = default if backend == "loky" else 1
            with kept_run(out, keep_chunks) as chunks:
                command(out=out, workers=Workers(jobs, backend, scheduler, chunks), **rest)

        return with_workers

    return decorate


# --- numbers ----------------------------------------------------------------------------------------------------------


def real_number(name: str, text: str) -> float:
    """The number that a text writes: an integer, a decimal or p/q.

    Raises ValueError naming the option for any other text.
    """
    from nocollapse.theory.answers.evaluate import number

    return float(number(name, text))


def vector(name: str, text: str) -> list[float]:
    """The numbers of a list, as in '0.5,0.3,0.2'."""
    return [real_number(name, part) for part in text.split(",")]


def matrix(name: str, text: str) -> list[list[float]]:
    """The numbers of a matrix by rows, as in '2,0.5;0.5,1'."""
    return [vector(name, row) for row in text.split(";")]
