"""`python -m benchmarks.mutation`, from the root of the repository."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from benchmarks.entry import run
from benchmarks.mutation.order import FOLDERS, Mutant, Order
from benchmarks.mutation.trial import KILLED, SURVIVED, TIMED_OUT, failing, trial, warm

ROOT = Path(__file__).parents[2]
RESULTS = "results.jsonl"
LEFT_OUT = (".git", ".venv", "__pycache__", ".*_cache", ".hypothesis")
Row = dict[str, Any]


@click.command()
@click.argument("rooms", nargs=-1, type=click.Choice(tuple(FOLDERS)))
@click.option("--sample", default=300, show_default=True, type=click.IntRange(1), help="How many mutants.")
@click.option("--seed", default=20260, show_default=True, help="Of the sample.")
@click.option("--limit", default=120, show_default=True, type=click.IntRange(1), help="CPU seconds a mutant's tests.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="A folder for all of it.")
def mutate(rooms: tuple[str, ...], sample: int, seed: int, limit: int, out: Path) -> None:
    """Change single lines of the program, and say which changes no test notices.

    Of the sample's mutants those of ROOMS are tried, by default all.

    Works on a copy, in the folder, on one core. An interrupted run goes on where it was when it is started again with
    the same folder, with the source as it was; a mutant that timed out is tried again where the limit is higher.
    survivors.diff has what no test noticed.

    Example: python -m benchmarks.mutation --out mutation
    """
    out = out.resolve()
    source = out / "source"
    if not source.exists():
        shutil.copytree(ROOT, source, symlinks=True, ignore=_ignored(out))
    mutants = _sample(source, out / f"sample-{sample}-{seed}.json", sample, seed)
    chosen = [Mutant(*parts) for parts in mutants if parts[0] in (rooms or FOLDERS)]
    try:
        _run(source, out, chosen, limit)
        complete = True
    except KeyboardInterrupt:
        complete = False
    done = _done(out)
    rows = [done[mutant] for mutant in chosen if mutant in done]
    unsound = _unsound(source, out, rows, limit)
    for row in rows:
        if row["killer"] in unsound:
            row["outcome"] = "unsound"
    survivors = [row["diff"] for row in rows if row["outcome"] == SURVIVED]
    (out / "survivors.diff").write_text("\n".join(survivors), encoding="utf-8")
    click.echo(_table(rows))
    for test in sorted(unsound):
        click.echo(f"fails without a mutant: {test}")
    if not complete:
        raise click.Abort


def _ignored(out: Path) -> Any:
    patterns = shutil.ignore_patterns(*LEFT_OUT)
    return lambda folder, names: (
        patterns(folder, names) | ({out.name} if Path(folder).resolve() == out.parent else set())
    )


def _sample(source: Path, file: Path, sample: int, seed: int) -> list[list[Any]]:
    """The mutants, drawn at the first run."""
    from benchmarks.mutation.mutants import drawn

    if not file.exists():
        file.write_text(json.dumps(drawn(source, sample, seed)), encoding="utf-8")
    mutants: list[list[Any]] = json.loads(file.read_text(encoding="utf-8"))
    return mutants


def _run(source: Path, out: Path, mutants: list[Mutant], limit: int) -> None:
    """Try what has not been tried, a line of results.jsonl each."""
    from benchmarks.mutation.mutants import changed, difference

    copy = out / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source, copy, symlinks=True)
    warm()
    order = Order(copy)
    done = _done(out)
    for number, mutant in enumerate(mutants, 1):
        row = done.get(mutant)
        if row is not None and (row["outcome"] != TIMED_OUT or row["limit"] >= limit):
            continue
        path = copy / mutant.path
        tests = order.tests(mutant.room, path)
        cache = None if order.compiled(path) else out / "numba"
        outcome = trial(copy, mutant.path, changed(source, mutant), tests, limit, cache)
        row = {"mutant": mutant, **outcome._asdict(), "limit": limit, "diff": difference(source, mutant)}
        with (out / RESULTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        click.echo(f"{number:4} {outcome.outcome:9} {outcome.seconds:6.1f} s  {mutant.path}:{mutant.line}", err=True)


def _done(out: Path) -> dict[Mutant, Row]:
    """The last result of each mutant that has been tried."""
    results = out / RESULTS
    lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    rows = [json.loads(line) for line in lines]
    return {Mutant(*row["mutant"]): row for row in rows}


def _unsound(source: Path, out: Path, rows: list[Row], limit: int) -> set[str]:
    """The killers that fail on the unchanged source as well: they have shown nothing."""
    killers = sorted({row["killer"] for row in rows if row["outcome"] == KILLED and row["killer"]})
    return failing(out / "copy", killers, limit * len(killers), out / "numba")


def _table(rows: list[Row]) -> str:
    """A line a room, and one for all."""
    lines = [f"{'room':10}{'mutants':>9}{'killed':>9}{'survived':>10}{'timed out':>11}{'CPU s':>9}"]
    for name, rooms in [*((room, {room}) for room in FOLDERS), ("all", set(FOLDERS))]:
        of_room = [row for row in rows if row["mutant"][0] in rooms]
        killed, survived, late = (
            sum(row["outcome"] == kind for row in of_room) for kind in (KILLED, SURVIVED, TIMED_OUT)
        )
        seconds = sum(row["seconds"] for row in of_room)
        lines.append(f"{name:10}{len(of_room):9}{killed:9}{survived:10}{late:11}{seconds:9.0f}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; bad input is one line on stderr and exit status 2."""
    run(mutate, "benchmarks.mutation", arguments)


if __name__ == "__main__":
    main()
