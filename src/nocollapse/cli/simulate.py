"""Recursive training of a user's own setting, replicated."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nocollapse import models
from nocollapse.cli import options
from nocollapse.cli.delivery import check_file, deliver
from nocollapse.cli.progress import progress

if TYPE_CHECKING:
    from nocollapse.numerics.execution.workers import Workers
    from nocollapse.numerics.simulation.trajectories import Table


@click.command("simulate")
@click.argument("model", type=click.Choice(tuple(models.SIMULATED)))
@click.option("--n", type=int, required=True, help="Real points a step.")
@click.option("--m", type=int, required=True, help="Synthetic points a step.")
@click.option(
    "--w", "weights", multiple=True, required=True, help="Weight on real data; may be repeated, or 0.2,0.4,0.6."
)
@click.option("--steps", type=int, required=True, help="The last step; every step from 0 is reported.")
@click.option("--replications", type=int, required=True, help="Independent trajectories.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option(
    "--framework",
    default="fresh",
    type=click.Choice(["fresh", "fully-synthetic", "accumulation", "augmentation"]),
    show_default=True,
)
@click.option("--sigma", help="Gaussian: the covariance by rows, as in '2,0.5;0.5,1'.  [default: 1]")
@click.option(
    "--ddof", type=click.IntRange(0, 1), help="Gaussian: divisor size - DDOF of sample covariances.  [default: 1]"
)
@click.option("--probabilities", help="PMF: the true probabilities, as in '0.5,0.3,0.2'.")
@click.option(
    "--adult", type=click.Choice(["workclass", "education", "marital_status"]), help="PMF: a column of Adult."
)
@click.option("--beta", help="Regressions: the coefficients, as in '1,-0.5'.")
@click.option("--omega", help="Regressions: the covariates' covariance by rows.  [default: identity]")
@click.option("--intercept", help="Regressions: an intercept.  [default: none]")
@click.option(
    "--design",
    type=click.Choice(["random", "fixed"]),
    help="Regressions: covariates drawn anew, or once for all steps.  [default: random]",
)
@click.option(
    "--estimator",
    type=click.Choice(["mle", "firth", "ridge"]),
    help="Regressions: maximum likelihood, or one of two others.  [default: mle]",
)
@click.option("--ridge", help="Regressions: the penalty of --estimator ridge.")
@options.working(jobs=1)
@options.as_json
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write FILE.csv or FILE.npz instead.")
def simulate_command(
    model: str,
    n: int,
    m: int,
    weights: Sequence[str],
    steps: int,
    replications: int,
    seed: int,
    framework: str,
    as_json: bool,
    out: Path | None,
    workers: Workers,
    **own: Any,
) -> None:
    """Simulate recursive training and print the mean error of every step with its standard error.

    An estimate of a regression need not exist: rows "separated" and "failed" give the share of trajectories that have
    ended so, and means are over the others.

    With --out, a run that was cut short goes on where it was when it is started again.

    Example: nocollapse simulate gaussian --n 100 --m 50 --w 0.3,0.6 --steps 9 --replications 2000 --sigma '2,0.5;0.5,1'
    """
    _check_output(out, as_json)
    setting = _setting(model, own)
    from nocollapse.numerics.simulation import trajectories

    with progress() as say:
        table = trajectories.simulate(
            model,
            n=n,
            m=m,
            weights=options.vector("w", ",".join(weights)),
            steps=steps,
            replications=replications,
            seed=seed,
            framework=framework,
            workers=workers,
            progress=lambda done, of: say("simulating", done, of),
            **setting,
        )
    deliver(_contents(table, out, as_json), out)


def _check_output(out: Path | None, as_json: bool) -> None:
    """Refuse a file that cannot be written, or that is of no known kind."""
    if out is None:
        return
    if out.suffix not in (".csv", ".npz"):
        raise ValueError(f"--out {out} does not end in .csv or .npz")
    if as_json:
        raise ValueError(f"--json prints to stdout and --out {out} writes a file: give one of them")
    check_file(out)


def _contents(table: Table, out: Path | None, as_json: bool) -> bytes:
    """The table as JSON, a numpy archive or CSV."""
    if as_json:
        rows = [{name: _or_null(value) for name, value in row.items()} for row in table.rows()]
        return (json.dumps(rows, indent=1, allow_nan=False) + "\n").encode()
    if out is not None and out.suffix == ".npz":
        return table.npz()
    return table.csv().encode()


def _or_null(value: Any) -> Any:
    """The value, or None in the place of nan, which JSON does not know."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _setting(model: str, given: dict[str, Any]) -> dict[str, Any]:
    """The simulator's arguments that are the model's own; options that were not given are None.

    Raises ValueError for an option of another model, and for a text that is no number.
    """
    simulator = models.SIMULATED[model]
    for name, value in given.items():
        if value is not None and name not in simulator.options:
            raise ValueError(f"--{name} does not apply to {model}")
    setting: dict[str, Any] = models.resolve(simulator.settings)(**{name: given[name] for name in simulator.options})
    return setting
