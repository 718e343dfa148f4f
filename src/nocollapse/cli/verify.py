"""The verification of the claims, and its report."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nocollapse.cli import options
from nocollapse.cli.delivery import print_json
from nocollapse.cli.progress import progress

if TYPE_CHECKING:
    from nocollapse.document import Document, Kind, Status
    from nocollapse.numerics.execution.workers import Workers

COLOURS = {"PROVED": "green", "SUPPORTED": "green", "ASSUMED": "cyan", "INCONCLUSIVE": "yellow", "REFUTED": "bold red"}
WIDTH = 110
"""Characters of a line of the closing table, where no terminal says how many it has."""


@click.command("verify")
@options.claim_ids
@options.outside_claims
@click.option(
    "--effort",
    type=click.Choice(["quick", "standard", "paper"]),
    default="standard",
    show_default=True,
    help="How precise the simulations are: margins of 8, 4 or 1 percent.",
)
@options.streams(seed=20260)
@options.working(jobs=None)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("report"),
    show_default=True,
    help="The directory of the report; written whole or not at all.",
)
@click.option("--pdf", is_flag=True, help="Write report.pdf, too; needs the extra nocollapse[pdf], and no LaTeX.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON instead of the closing table.")
def verify_command(
    identifiers: Sequence[str],
    files: Sequence[str],
    effort: str,
    seed: int,
    out: Path,
    pdf: bool,
    as_json: bool,
    workers: Workers,
) -> None:
    """Derive, prove, simulate and attack the claims (if none is named, those of --claims, or all); write the report.

    DIR gets index.html, verdicts.json, report.tex with its formulas.tex, and figures/*.svg and *.pdf. A run that was
    cut short goes on where it was when it is started again.

    Example: nocollapse verify mean.error cdf.error --effort quick --out report
    """
    from nocollapse.numerics.outside import preparation, without_check
    from nocollapse.numerics.verify import verify
    from nocollapse.reports import write
    from nocollapse.reports.contents import contents
    from nocollapse.reports.latex import pdf as report_pdf
    from nocollapse.theory.claims import outside

    sources = outside.sources(files)
    outside.load(sources)
    workers = replace(workers, preparation=preparation(sources))
    write.check(out)
    if pdf:
        report_pdf.check()
    command = " ".join(["nocollapse", *sys.argv[1:]])
    with progress() as say:
        document = verify(identifiers, effort=effort, seed=seed, workers=workers, progress=say, command=command)
    write.write(document, out, pdf)
    for identifier in without_check([claim["id"] for claim in document["claims"]]):
        click.echo(f"{identifier} has no check: nothing of it is simulated", err=True)
    if as_json:
        print_json(document["verdicts"])
    else:
        _print_table(document)
    summary = contents(document)
    click.echo(f"{summary.headline} The report is {out / 'index.html'}.", err=True)
    raise SystemExit(summary.exit_status)


def _print_table(document: Document) -> None:
    """The closing table: a row a claim, a column a kind of evidence."""
    from rich.console import Console
    from rich.table import Column, Table

    from nocollapse.reports.contents import contents
    from nocollapse.reports.kinds import KIND_IDS

    table = Table(Column("claim", no_wrap=True), *KIND_IDS)
    for claim in contents(document).claims:
        table.add_row(claim.entry["id"], *(_cell(kind, claim.status(kind)) for kind in KIND_IDS))
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    console.print(table)


def _cell(kind: Kind, status: Status | None) -> str:
    """A status in its colour; where there is none, nothing is simulated or nothing is assumed."""
    if status is None:
        return "not simulated" if kind == "simulation" else "none"
    return f"[{COLOURS[status]}]{status}[/]"
