"""Which weight for n real and m synthetic points a step."""

from __future__ import annotations

from pathlib import Path

import click

import nocollapse
from nocollapse import models
from nocollapse.cli import options
from nocollapse.cli.delivery import check_file, deliver, print_json

DRAWN = (".svg", ".pdf", ".png")


@click.command("weight")
@click.option("--n", required=True, help="Real points a step.")
@click.option("--m", required=True, help="Synthetic points a step.")
@click.option(
    "--model",
    type=click.Choice(tuple(models.WEIGHED)),
    default="gaussian-mean",
    show_default=True,
    help="What is estimated.",
)
@click.option("--p", help="Covariance: Sigma is the identity in P dimensions.  [default: 1]")
@click.option("--trace", help="Gaussian mean and covariance: tr Sigma.")
@click.option("--frob2", help="Covariance: tr Sigma^2.")
@click.option("--probabilities", help="PMF: the true probabilities, as in '0.5,0.3,0.2'.")
@click.option("--gini", help="PMF: 1 - sum p_j^2 in their place.")
@click.option("--trace-model", help="GLM that does not hold: tr J^-1, for the expected Hessian J.")
@click.option("--trace-sandwich", help="The same: tr J^-1 V J^-1, for the covariance V of real scores.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw to FILE.svg, FILE.pdf or FILE.png.")
@options.as_json
def weight_command(
    n: str, m: str, model: str, probabilities: str | None, plot: Path | None, as_json: bool, **scales: str | None
) -> None:
    """Print the best weight on real data, and what it gains over real data only and over naive mixing.

    Errors are limits in the number of steps, exact at these n and m (those of glm are of the limit law in n). Options
    give errors their scale. The best weight depends on them only for a covariance, by tr Sigma^2 / (tr Sigma)^2, and
    for a GLM that does not hold.

    Example: nocollapse weight --n 100 --m 400 --model covariance --trace 3 --frob2 5
    """
    if plot is not None:
        if plot.suffix not in DRAWN:
            raise ValueError(f"--plot {plot} does not end in .svg, .pdf or .png")
        check_file(plot)
    given = {name: value for name, value in scales.items() if value is not None}
    shares = None if probabilities is None else probabilities.split(",")
    advice = nocollapse.weight(n, m, model, shares, **given)
    if plot is not None:
        from nocollapse.numerics.figures.weight import figure
        from nocollapse.reports.drawing import FORMATS
        from nocollapse.reports.figures import figure_file_of

        deliver(figure_file_of(figure(advice), FORMATS[plot.suffix]), plot)
    if as_json:
        print_json(advice.to_dict())
    else:
        click.echo(str(advice))
