"""The paper's Figures 7 to 10."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nocollapse.cli import options
from nocollapse.cli.delivery import deliver, make_folder
from nocollapse.cli.exits import REFUTED
from nocollapse.cli.progress import progress

if TYPE_CHECKING:
    from nocollapse.numerics.execution.workers import Workers
    from nocollapse.numerics.figures.judging import PanelVerdict


@click.command("figures")
@click.argument("numbers", metavar="[7 8 9 10]...", nargs=-1, type=click.Choice(["7", "8", "9", "10"]))
@click.option(
    "--effort",
    type=click.Choice(["quick", "paper"]),
    default="paper",
    show_default=True,
    help="The paper's replications, or a tenth of them.",
)
@click.option("--replications", type=int, help="Independent trajectories, in place of those of --effort.")
@options.streams(seed=0)
@options.working(jobs=None)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("figures"),
    show_default=True,
    help="The directory for SVG, PDF, CSV and JSON files.",
)
def figures_command(
    numbers: Sequence[str], effort: str, replications: int | None, seed: int, out: Path, workers: Workers
) -> None:
    """Draw the paper's Figures 7 to 10 at its settings, with theory on top: SVG, PDF, and a CSV file a panel.

    Where theory says exactly what a point of Figures 7 to 9 should be, the point is tested. The verdict on each panel
    is printed, and is in a JSON file a figure with all its tests. Exit status 1: a panel is refuted.

    Example: nocollapse figures 8 --effort quick --out figures
    """
    from nocollapse.numerics.figures.paper import TITLES, figures
    from nocollapse.reports.drawing import FORMATS, drawn, plate_look
    from nocollapse.reports.panel_csv import panel_csv

    make_folder(out)
    chosen = [int(number) for number in numbers] or list(TITLES)
    refuted = False
    with progress() as say:
        plates = figures(chosen, effort=effort, replications=replications, seed=seed, workers=workers, progress=say)
        for plate in plates:
            figure = plate.figure
            for form in (FORMATS[".svg"], FORMATS[".pdf"]):
                deliver(drawn(figure, form, plate_look(figure)), out / f"{figure.id}.{form}")
            for panel in figure.panels:
                deliver(panel_csv(panel), out / f"figure-{panel.id}.csv")
            if plate.verdicts:
                deliver(_json([verdict.plain() for verdict in plate.verdicts]), out / f"{figure.id}.json")
            for verdict in plate.verdicts:
                click.echo(_line(verdict))
                refuted = refuted or verdict.status == "REFUTED"
            took = f"{plate.seconds:.1f} s, and {plate.compilation:.1f} s to compile or load its simulators"
            click.echo(f"{out / f'{figure.id}.svg'}: {took}", err=True)
    if refuted:
        raise SystemExit(REFUTED)


def _json(data: object) -> bytes:
    return (json.dumps(data, indent=1) + "\n").encode()


def _line(verdict: PanelVerdict) -> str:
    return f"{verdict.panel}: {verdict.status or 'not tested'}: {verdict.reason}"
