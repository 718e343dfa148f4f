"""The paper's Figures 7 to 10."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nocollapse.cli import options
from nocollapse.cli.delivery import deliver, make_folder
from nocollapse.cli.progress import progress

if TYPE_CHECKING:
    from nocollapse.numerics.execution.workers import Workers


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
    help="The directory for SVG, PDF and CSV files.",
)
def figures_command(
    numbers: Sequence[str], effort: str, replications: int | None, seed: int, out: Path, workers: Workers
) -> None:
    """Draw the paper's Figures 7 to 10 at its settings, with theory on top: SVG, PDF, and a CSV file a panel.

    Example: nocollapse figures 8 --effort quick --out figures
    """
    from nocollapse.numerics.figures.paper import TITLES, figures
    from nocollapse.reports.drawing import FORMATS, drawn, plate_look
    from nocollapse.reports.panel_csv import panel_csv

    make_folder(out)
    chosen = [int(number) for number in numbers] or list(TITLES)
    with progress() as say:
        plates = figures(chosen, effort=effort, replications=replications, seed=seed, workers=workers, progress=say)
        for plate in plates:
            figure = plate.figure
            for form in (FORMATS[".svg"], FORMATS[".pdf"]):
                deliver(drawn(figure, form, plate_look(figure)), out / f"{figure.id}.{form}")
            for panel in figure.panels:
                deliver(panel_csv(panel), out / f"figure-{panel.id}.csv")
            took = f"{plate.seconds:.1f} s, and {plate.compilation:.1f} s to compile or load its simulators"
            click.echo(f"{out / f'{figure.id}.svg'}: {took}", err=True)
