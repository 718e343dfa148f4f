"""The front door of nocollapse: the command line, and the few names a user imports.

>>> import nocollapse
>>> nocollapse.evaluate("mean.optimal-weight", k=1).decimal
'0.61803398874989485'
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from nocollapse.document import Document
    from nocollapse.notebook import Advice
    from nocollapse.numerics.execution.workers import Workers
    from nocollapse.numerics.simulation.trajectories import Seed, Table
    from nocollapse.theory.answers.evaluate import Value

__all__ = ["claims", "derive", "evaluate", "main", "simulate", "verify", "weight"]

BAD_INPUT, DEFECT, INTERRUPTED, CLOSED_PIPE = 2, 70, 130, 141
QUIET = 30.0
"""Seconds between two lines of progress in a log."""


def claims() -> list[dict[str, str]]:
    """Every claim's id, source and one-line statement, in the paper's order.

    >>> claims()[4]["id"]
    'mean.error'
    """
    from nocollapse.theory.claims.registry import CLAIMS

    return [{"id": i, "source": entry.source, "statement": entry.summary} for i, entry in CLAIMS.items()]


def derive(identifier: str, ddof: int | None = None) -> dict[str, Any]:
    """A claim's assumptions, steps, result and certificates as plain data; ``ValueError`` for an unknown id.

    >>> derive("mean.ridge")["steps"][0]["why"]
    'The gradient vanishes only at one point.'
    """
    from nocollapse.theory.claims import registry
    from nocollapse.theory.proof import certificates, verdicts

    claim, described = registry.claim(identifier, ddof), verdicts.described(identifier, ddof)
    found = verdicts.conclusion(claim, published=claim == registry.claim(identifier))
    found += [certificates.positivity(inequality) for inequality in claim.inequalities]
    shown = zip(described["steps"], claim.steps, strict=True)
    return {
        **described,
        "steps": [{**printed, "holds": verdicts.zero(step)} for printed, step in shown],
        "expression": str(claim.derived),
        "certificates": [vars(certificate) for certificate in found],
    }


def evaluate(identifier: str, digits: int = 17, **parameters: object) -> Value:
    """The number that a claim's derived expression gives; parameters as numbers or strings.

    Names are those of ``nocollapse evaluate --help``. ``ValueError`` names a bad or missing value.

    >>> evaluate("cdf.error", n=30, m=20, w="1/2", t=3).exact
    '140303/30720000'
    """
    from nocollapse.theory.answers.evaluate import evaluate, number

    return evaluate(identifier, {name: number(name, str(value)) for name, value in parameters.items()}, digits)


def weight(
    n: object, m: object, model: str = "gaussian-mean", probabilities: Iterable[object] | None = None, **options: object
) -> Advice:
    """The best constant weight on real data for n real and m synthetic points a step, and what it gains.

    Models and options are those of ``nocollapse weight --help``, as numbers or strings. ``ValueError`` names a bad one.

    >>> advice = weight(n=100, m=400, model="cdf")
    >>> advice.weight, advice.exact
    (0.38981098866045, '(-101 + sqrt(169801))/798')
    """
    from nocollapse.notebook import Advice
    from nocollapse.theory.answers.best_weight import advise
    from nocollapse.theory.answers.evaluate import number

    parsed = {name: number(name, str(value)) for name, value in {"n": n, "m": m, **options}.items()}
    shares = None if probabilities is None else [number("probabilities", str(share)) for share in probabilities]
    return Advice.of(advise(model, parsed.pop("n"), parsed.pop("m"), parsed, shares))


def simulate(
    model: str,
    *,
    n: int,
    m: int,
    weights: Sequence[float],
    steps: int,
    replications: int,
    seed: Seed = 0,
    framework: str = "fresh",
    jobs: int = 1,
    **options: Any,
) -> Table:
    """The mean error of recursive training at every step 0 .. ``steps`` and weight, over independent trajectories.

    Models are gaussian, cdf, pmf, linear, logistic and poisson; their options are those of
    `nocollapse.numerics.simulation.trajectories.trajectories`, which gives the errors of each trajectory. ``mean``,
    ``standard_error`` and ``count`` of the table have an array (steps + 1, weights) a quantity. ``seed`` is an integer
    or a numpy ``Generator``; ``jobs`` processes share the work and change no digit. ``ValueError`` names a bad
    argument.

    >>> sigma = [[2, 0.5], [0.5, 1]]
    >>> table = simulate("gaussian", n=9, m=4, weights=[0.5, 0.8], steps=5, replications=400, sigma=sigma)
    >>> table.mean["covariance"].shape
    (6, 2)
    >>> z = (table.mean["mean"][0, 0] - 3 / 9) / table.standard_error["mean"][0, 0]  # step 0: tr Sigma / n
    >>> bool(abs(z) < 4)
    True
    """
    from nocollapse.numerics.execution.workers import Workers
    from nocollapse.numerics.simulation.trajectories import simulate

    return simulate(model, n=n, m=m, weights=weights, steps=steps, replications=replications, seed=seed,
                    framework=framework, workers=Workers(jobs), **options)  # fmt: skip


def verify(
    *identifiers: str,
    effort: str = "standard",
    seed: int = 20260,
    jobs: int | None = None,
    out: Path | str | None = None,
) -> Document:
    """Derive, prove, simulate and attack the claims (all, if none is named): what verdicts.json holds, as plain data.

    Efforts are quick, standard and paper. With ``out`` the report is written to that directory, whole or not at all.
    ``jobs`` processes (default: one a core) share the work and change no digit. ``ValueError`` names a bad argument.

    >>> found = verify("mean.ridge", effort="quick", jobs=1)
    >>> {row["kind"]: row["status"] for row in found["verdicts"]}
    {'derivation': 'PROVED', 'certificate': 'PROVED', 'smt': 'PROVED', 'mutants': 'SUPPORTED'}
    """
    from nocollapse.numerics.execution.workers import Workers
    from nocollapse.numerics.verify import verify
    from nocollapse.reports import write

    if out is not None:
        write.check(Path(out))
    workers = Workers(jobs if jobs is not None else os.cpu_count() or 1)
    call = ", ".join([*map(repr, identifiers), f"effort={effort!r}", f"seed={seed!r}"])
    document = verify(identifiers, effort=effort, seed=seed, workers=workers, command=f"nocollapse.verify({call})")
    if out is not None:
        write.write(document, Path(out))
    return document


# --- the command line ------------------------------------------------------------------------------------------------


class _Front(click.Group):
    """A group that reports an interrupt in one line; click's own handler prints an empty one before it."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            _interrupted(interrupt)


@click.group(cls=_Front, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
@click.version_option(package_name="nocollapse", prog_name="nocollapse")
def cli() -> None:
    """Verify the theory of recursive training without collapse: derive, prove, simulate, attack.

    Data go to stdout, messages to stderr. Exit status: 0 everything holds, 1 something is refuted, 2 bad input,
    3 nothing refuted but something inconclusive, 130 interrupted.

    Example: nocollapse verify --effort quick --out report
    """


@cli.command("claims")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def claims_command(as_json: bool) -> None:
    """List the claims: id, source, one-line statement.

    Example: nocollapse claims
    """
    rows = claims()
    if as_json:
        _print_json(rows)
        return
    width = max(len(row["id"]) for row in rows)
    source = max(len(row["source"]) for row in rows)
    for row in rows:
        click.echo(f"{row['id']:<{width}}  {row['source']:<{source}}  {row['statement']}")


@cli.command("derive")
@click.argument("identifier", metavar="ID")
@click.option("--format", "form", type=click.Choice(["text", "latex", "json"]), default="text", help="How to print it.")
@click.option(
    "--ddof", type=click.IntRange(0, 1), help="Sample covariances with divisor size - DDOF, where it applies."
)
def derive_command(identifier: str, form: str, ddof: int | None) -> None:
    """Print a claim's derivation: assumptions, steps with reasons, result, certificate.

    Example: nocollapse derive covariance.error --ddof 0
    """
    found = derive(identifier, ddof)
    if form == "json":
        _print_json(found)
    elif form == "latex":
        from nocollapse.reports.latex.typeset import derivation

        claim: Any = found
        click.echo(derivation([claim]), nl=False)
    else:
        click.echo("\n".join(_derivation_lines(found)))


def _derivation_lines(found: dict[str, Any]) -> Iterator[str]:
    """A derivation for the terminal; formulas in LaTeX notation."""
    yield f"{found['id']} ({found['source']})"
    yield found["summary"]
    yield f"\n  {found['statement']}\n\nAssumptions"
    yield from (f"  - {line}" for line in found["assumptions"])
    yield "\nDerivation"
    for i, step in enumerate(found["steps"], 1):
        yield f"  {i}. {step['why']}"
        yield f"       {step['latex']}    [{'residual 0 in both kernels' if step['holds'] else 'RESIDUAL NOT ZERO'}]"
    if found["recursion"] is not None:
        yield "\nRecursion"
        yield from (f"  {name}: {formula}" for name, formula in found["recursion"].items())
    yield f"\nResult\n  {found['result']}\n  = {found['expression']}\n\nCertificate"
    for certificate in found["certificates"]:
        yield f"  {'holds' if certificate['holds'] else 'NO PROOF'}: {certificate['name']}"
        yield f"       {certificate['statement']}"
        yield f"       {certificate['method']}: {certificate['detail']}"
    yield f"\nNot said\n  {found['not_said']}"


@cli.command("evaluate")
@click.argument("identifier", metavar="ID")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter; may be repeated.")
@click.option("--digits", type=click.IntRange(1, 1000), default=17, show_default=True, help="Significant digits.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate_command(identifier: str, settings: Sequence[str], digits: int, as_json: bool) -> None:
    """Print the number that a claim's derived expression gives.

    VALUE is an integer, a decimal (taken exactly) or p/q. Names: n, m, k = n/m (k alone, or both n and m), w, t (left
    out: the limit), trace = tr Sigma, frob2 = tr Sigma^2, gini = 1 - sum p_j^2, ddof (0 or 1); those of regressions
    are in the README's table of symbols.

    Example: nocollapse evaluate covariance.error --set n=100 --set m=50 --set w=0.6 --set trace=3 --set frob2=5
    """
    parameters = _parsed(settings)
    value = evaluate(identifier, digits, **parameters)
    if value.note:
        click.echo(value.note, err=True)
    if as_json:
        _print_json({"id": identifier, "value": value.decimal, "exact": value.exact, "parameters": parameters})
    else:
        click.echo(value.decimal)


def _parsed(settings: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE pairs as a dict."""
    parameters: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"--set {setting!r} is not of the form NAME=VALUE")
        if name in parameters:
            raise ValueError(f"{name} is set twice")
        parameters[name] = value
    return parameters


@cli.command("weight")
@click.option("--n", required=True, help="Real points a step.")
@click.option("--m", required=True, help="Synthetic points a step.")
@click.option("--model", type=click.Choice(["gaussian-mean", "covariance", "cdf", "pmf", "glm"]),
              default="gaussian-mean", show_default=True, help="What is estimated.")  # fmt: skip
@click.option("--p", help="Covariance: Sigma is the identity in P dimensions.  [default: 1]")
@click.option("--trace", help="Gaussian mean and covariance: tr Sigma.")
@click.option("--frob2", help="Covariance: tr Sigma^2.")
@click.option("--probabilities", help="PMF: the true probabilities, as in '0.5,0.3,0.2'.")
@click.option("--gini", help="PMF: 1 - sum p_j^2 in their place.")
@click.option("--trace-model", help="GLM that does not hold: tr J^-1, for the expected Hessian J.")
@click.option("--trace-sandwich", help="The same: tr J^-1 V J^-1, for the covariance V of real scores.")
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw to FILE.svg, FILE.pdf or FILE.png.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def weight_command(
    n: str, m: str, model: str, probabilities: str | None, plot: Path | None, as_json: bool, **options: str | None
) -> None:
    """Print the best weight on real data, and what it gains over real data only and over naive mixing.

    Errors are limits in the number of steps, exact at these n and m (those of glm are limits in n too). Options give
    errors their scale. The best weight depends on them only for a covariance, by tr Sigma^2 / (tr Sigma)^2, and for a
    GLM that does not hold.

    Example: nocollapse weight --n 100 --m 400 --model covariance --trace 3 --frob2 5
    """
    if plot is not None and plot.suffix not in (".svg", ".pdf", ".png"):
        raise ValueError(f"--plot {plot} does not end in .svg, .pdf or .png")
    if plot is not None:
        _writable(plot)
    given = {name: value for name, value in options.items() if value is not None}
    advice = weight(n, m, model, None if probabilities is None else probabilities.split(","), **given)
    if plot is not None:
        from nocollapse.numerics.figures.weight import figure
        from nocollapse.reports.drawing import FORMATS
        from nocollapse.reports.figures import figure_file_of

        _deliver(figure_file_of(figure(advice), FORMATS[plot.suffix]), plot)
    if as_json:
        _print_json(advice.to_dict())
    else:
        click.echo(str(advice))


@cli.command("information")
@click.argument("model", type=click.Choice(["linear", "logistic", "poisson"]))
@click.option("--beta", required=True, help="The coefficients, as in '1,-0.5'.")
@click.option("--omega", help="The covariates' covariance by rows, as in '2,0.5;0.5,1'.  [default: identity]")
@click.option("--intercept", help="An intercept, which then has the first row and column.")
@click.option("--digits", type=click.IntRange(1, 1000), default=17, show_default=True, help="Significant digits.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def information_command(
    model: str, beta: str, omega: str | None, intercept: str | None, digits: int, as_json: bool
) -> None:
    """Print the Fisher information of a regression with covariates N(0, OMEGA), and the trace of its inverse.

    Every digit is certain: closed forms and integrals are enclosed in ball arithmetic. n times the error tends to the
    trace of the inverse times what evaluate glm.error gives.

    Example: nocollapse information logistic --beta 1,-0.5 --omega '2,0.5;0.5,1'
    """
    from nocollapse.theory.answers.evaluate import number
    from nocollapse.theory.answers.information import information

    slopes = [number("beta", part) for part in beta.split(",")]
    rows = None if omega is None else [[number("omega", part) for part in row.split(",")] for row in omega.split(";")]
    found = information(model, slopes, rows, None if intercept is None else number("intercept", intercept), digits)
    if as_json:
        _print_json({"information": found.information, "trace_inverse": found.trace_inverse})
        return
    width = max(len(entry) for row in found.information for entry in row)
    for row in found.information:
        click.echo("  ".join(f"{entry:>{width}}" for entry in row))
    click.echo(f"trace of the inverse: {found.trace_inverse}")


@cli.command("latex")
@click.argument("identifiers", metavar="[ID]...", nargs=-1)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead of stdout.")
def latex_command(identifiers: Sequence[str], out: Path | None) -> None:
    """Print the derived formulas (of all claims, if none is named) as LaTeX macros, for \\input into a paper.

    Example: nocollapse latex mean.error covariance.error --out formulas.tex
    """
    from importlib.metadata import version

    from nocollapse.reports.latex import macros
    from nocollapse.theory.claims.registry import CLAIMS
    from nocollapse.theory.proof import verdicts

    claims: list[Any] = [verdicts.described(identifier) for identifier in dict.fromkeys(identifiers) or CLAIMS]
    _deliver(macros.formulas_file(claims, version("nocollapse")).encode(), out)


def _working(jobs: int | None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Options that say who does the work, given to the command as ``workers``; without --jobs they are ``jobs``.

    What is done is kept beside --out until the command ends well.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @click.option("--jobs", type=int, help=f"Worker processes of this machine.  [default: {jobs or 'all cores'}]")
        @click.option("--backend", type=click.Choice(["loky", "dask", "ray"]), default="loky", show_default=True,
                      help="Whose workers: this machine's, or a cluster's. Results do not depend on it.")  # fmt: skip
        @click.option("--scheduler", metavar="ADDRESS", help="Of a dask cluster, as in tcp://127.0.0.1:8786.")
        @click.option("--keep-chunks", is_flag=True, help="Leave what was computed beside --out, for a longer run.")
        @wraps(command)
        def working(
            *, jobs: int | None, backend: str, scheduler: str | None, keep_chunks: bool, out: Path | None, **rest: Any
        ) -> None:
            from nocollapse.numerics.execution.workers import Workers

            count = jobs if jobs is not None else default if backend == "loky" else 1
            with _chunks(out, keep_chunks) as chunks:
                command(out=out, workers=Workers(count, backend, scheduler, chunks), **rest)

        return working

    default = jobs or os.cpu_count() or 1
    return decorate


@contextmanager
def _chunks(out: Path | None, keep: bool) -> Iterator[Path | None]:
    """The hidden folder beside ``out`` where a run's parts are kept until it ends well, or ends before the first."""
    if out is None:
        yield None
        return
    folder = out.resolve().parent / f".{out.name}.chunks"
    hint = f"the same command goes on from {os.path.relpath(folder)}"
    ended = False
    try:
        yield folder
        ended = True
    except (SystemExit, BrokenPipeError):  # what is left to do is to print
        ended = True
        raise
    except KeyboardInterrupt:
        raise KeyboardInterrupt(hint if _holds_chunks(folder) else "") from None
    except OSError as error:
        if _holds_chunks(folder):
            raise OSError(error.errno, f"{error.strerror}; {hint}", error.filename) from error
        raise
    finally:
        if (ended and not keep) or not _holds_chunks(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _holds_chunks(folder: Path) -> bool:
    return any(folder.rglob("output.pkl"))


@cli.command("simulate")
@click.argument("model", type=click.Choice(["gaussian", "cdf", "pmf", "linear", "logistic", "poisson"]))
@click.option("--n", type=int, required=True, help="Real points a step.")
@click.option("--m", type=int, required=True, help="Synthetic points a step.")
@click.option(
    "--w", "weights", multiple=True, required=True, help="Weight on real data; may be repeated, or 0.2,0.4,0.6."
)
@click.option("--steps", type=int, required=True, help="The last step; every step from 0 is reported.")
@click.option("--replications", type=int, required=True, help="Independent trajectories.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--framework", default="fresh",
              type=click.Choice(["fresh", "fully-synthetic", "accumulation", "augmentation"]),
              show_default=True)  # fmt: skip
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
@click.option("--design", type=click.Choice(["random", "fixed"]),
              help="Regressions: covariates drawn anew, or once for all steps.  [default: random]")  # fmt: skip
@click.option("--estimator", type=click.Choice(["mle", "firth", "ridge"]),
              help="Regressions: maximum likelihood, or one of two others.  [default: mle]")  # fmt: skip
@click.option("--ridge", help="Regressions: the penalty of --estimator ridge.")
@_working(jobs=1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write FILE.csv or FILE.npz instead.")
def simulate_command(
    model: str, n: int, m: int, weights: Sequence[str], steps: int, replications: int, seed: int, framework: str,
    as_json: bool, out: Path | None, workers: Workers, **own: Any,
) -> None:  # fmt: skip
    """Simulate recursive training and print the mean error of every step with its standard error.

    An estimate of a regression need not exist: rows "separated" and "failed" give the share of trajectories that have
    ended so, and means are over the others.

    With --out, a run that was cut short goes on where it was when it is started again.

    Example: nocollapse simulate gaussian --n 100 --m 50 --w 0.3,0.6 --steps 9 --replications 2000 --sigma '2,0.5;0.5,1'
    """
    if out is not None and out.suffix not in (".csv", ".npz"):
        raise ValueError(f"--out {out} does not end in .csv or .npz")
    if out is not None and as_json:
        raise ValueError(f"--json prints to stdout and --out {out} writes a file: give one of them")
    if out is not None:
        _writable(out)
    options = _model_options(model, own)
    from nocollapse.numerics.simulation.trajectories import simulate

    with _progress() as say:
        table = simulate(model, n=n, m=m, weights=_numbers("w", ",".join(weights)), steps=steps,
                         replications=replications, seed=seed, framework=framework, workers=workers, **options,
                         progress=lambda done, of: say("simulating", done, of))  # fmt: skip
    if as_json:
        rows = [{name: None if x != x else x for name, x in row.items()} for row in table.rows()]
        _deliver((json.dumps(rows, indent=1, allow_nan=False) + "\n").encode(), None)
    else:
        _deliver(table.npz() if out is not None and out.suffix == ".npz" else table.csv().encode(), out)


_OWN = {"gaussian": ("sigma", "ddof"), "cdf": (), "pmf": ("probabilities", "adult")}
"""The options of each model; a regression has all the others."""


def _model_options(model: str, given: dict[str, Any]) -> dict[str, Any]:
    """The options of one model, parsed; those of another are refused."""
    regression = [name for name in given if not any(name in own for own in _OWN.values())]
    foreign = [name for name, value in given.items() if value is not None and name not in _OWN.get(model, regression)]
    if foreign:
        raise ValueError(f"--{foreign[0]} does not apply to {model}")
    if model == "gaussian":
        sigma, ddof = ("1" if given["sigma"] is None else given["sigma"]), given["ddof"]
        return {"sigma": _rows("sigma", sigma), "ddof": 1 if ddof is None else ddof}
    if model == "cdf":
        return {}
    return _pmf_options(**{name: given[name] for name in _OWN["pmf"]}) if model == "pmf" else _regression_options(given)


def _pmf_options(probabilities: str | None, adult: str | None) -> dict[str, Any]:
    if (probabilities is None) == (adult is None):
        raise ValueError("pmf needs either --probabilities or --adult")
    if probabilities is not None:
        return {"probabilities": _numbers("probabilities", probabilities)}
    from nocollapse.numerics.simulation.adult import frequencies

    assert adult is not None
    return {"probabilities": frequencies(adult)[1]}


def _regression_options(given: dict[str, Any]) -> dict[str, Any]:
    if given["beta"] is None:
        raise ValueError("a regression needs --beta")
    beta = _numbers("beta", given["beta"])
    identity = [[float(i == j) for j in range(len(beta))] for i in range(len(beta))]
    options: dict[str, Any] = {"omega": identity if given["omega"] is None else _rows("omega", given["omega"])}
    options |= {name: given[name] for name in ("design", "estimator") if given[name] is not None}
    if given["ridge"] is not None:
        options["ridge"] = _number("ridge", given["ridge"])
    if given["intercept"] is not None:
        beta = [_number("intercept", given["intercept"]), *beta]
    return {**options, "beta": beta, "intercept": given["intercept"] is not None}


def _rows(name: str, text: str) -> list[list[float]]:
    """A matrix by rows, as in '2,0.5;0.5,1'."""
    return [_numbers(name, row) for row in text.split(";")]


def _numbers(name: str, text: str) -> list[float]:
    """A comma-separated list of numbers."""
    return [_number(name, part) for part in text.split(",")]


def _number(name: str, text: str) -> float:
    from nocollapse.theory.answers.evaluate import number

    return float(number(name, text))


@cli.command("verify")
@click.argument("identifiers", metavar="[ID]...", nargs=-1)
@click.option("--effort", type=click.Choice(["quick", "standard", "paper"]), default="standard", show_default=True,
              help="How precise the simulations are: margins of 8, 4 or 1 percent.")  # fmt: skip
@click.option("--seed", type=int, default=20260, show_default=True, help="Of all random streams.")
@_working(jobs=None)
@click.option("--out", type=click.Path(path_type=Path), default=Path("report"), show_default=True,
              help="The directory of the report; written whole or not at all.")  # fmt: skip
@click.option("--pdf", is_flag=True, help="Write report.pdf, too; needs the extra nocollapse[pdf], and no LaTeX.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON instead of the closing table.")
def verify_command(
    identifiers: Sequence[str], effort: str, seed: int, out: Path, pdf: bool, as_json: bool, workers: Workers
) -> None:
    """Derive, prove, simulate and attack the claims (all, if none is named), and write the report.

    DIR gets index.html, verdicts.json, report.tex with its formulas.tex, and figures/*.svg and *.pdf. A run that was
    cut short goes on where it was when it is started again.

    Example: nocollapse verify mean.error cdf.error --effort quick --out report
    """
    from nocollapse.numerics.verify import verify
    from nocollapse.reports import write
    from nocollapse.reports.contents import contents
    from nocollapse.reports.latex.pdf import check

    write.check(out)
    if pdf:
        check()
    with _progress() as say:
        document = verify(identifiers, effort=effort, seed=seed, workers=workers, progress=say, command=_command())
    write.write(document, out, pdf)
    found = contents(document)
    if as_json:
        _print_json(document["verdicts"])
    else:
        _print_table(document)
    click.echo(f"{found.headline} The report is {out / 'index.html'}.", err=True)
    raise SystemExit(found.exit_status)


@cli.command("figures")
@click.argument("numbers", metavar="[7 8 9 10]...", nargs=-1, type=click.Choice(["7", "8", "9", "10"]))
@click.option("--effort", type=click.Choice(["quick", "paper"]), default="paper", show_default=True,
              help="The paper's replications, or a tenth of them.")  # fmt: skip
@click.option("--replications", type=int, help="Independent trajectories, in place of those of --effort.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of all random streams.")
@_working(jobs=None)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("figures"), show_default=True,
              help="The directory for SVG, PDF and CSV files.")  # fmt: skip
def figures_command(
    numbers: Sequence[str], effort: str, replications: int | None, seed: int, out: Path, workers: Workers
) -> None:
    """Draw the paper's Figures 7 to 10 at its settings, with theory on top: SVG, PDF, and a CSV file a panel.

    Example: nocollapse figures 8 --effort quick --out figures
    """
    from nocollapse.numerics.figures.paper import TITLES, figures
    from nocollapse.reports.drawing import FORMATS, drawn, plate_look
    from nocollapse.reports.panel_csv import panel_csv

    _folder(out)
    chosen = [int(number) for number in numbers] or list(TITLES)
    with _progress() as say:
        for made in figures(
            chosen, effort=effort, replications=replications, seed=seed, workers=workers, progress=say
        ):
            figure = made.figure
            for form in (FORMATS[".svg"], FORMATS[".pdf"]):
                _deliver(drawn(figure, form, plate_look(figure)), out / f"{figure.id}.{form}")
            for panel in figure.panels:
                _deliver(panel_csv(panel), out / f"figure-{panel.id}.csv")
            took = f"{made.seconds:.1f} s, and {made.compilation:.1f} s to compile or load its simulators"
            click.echo(f"{out / f'{figure.id}.svg'}: {took}", err=True)


def _folder(out: Path) -> None:
    """Make a directory for output, before any work is done for it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"cannot write to {out}: {error.strerror}") from None


def _command() -> str:
    return " ".join(["nocollapse", *sys.argv[1:]])


def _print_table(document: Document) -> None:
    """The closing table: a row a claim, a column a kind of evidence."""
    from rich.console import Console
    from rich.table import Column, Table

    from nocollapse.reports.contents import contents
    from nocollapse.reports.kinds import KIND_IDS

    colour = {"PROVED": "green", "SUPPORTED": "green", "INCONCLUSIVE": "yellow", "REFUTED": "bold red"}
    table = Table(Column("claim", no_wrap=True), *KIND_IDS)
    for claim in contents(document).claims:
        statuses = [claim.status(kind) for kind in KIND_IDS]
        table.add_row(claim.entry["id"], *(f"[{colour[s]}]{s}[/]" if s else "" for s in statuses))
    console = Console()
    (console if console.is_terminal else Console(width=110)).print(table)


def _print_json(data: object) -> None:
    click.echo(json.dumps(data, indent=1, sort_keys=isinstance(data, dict)))


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A live progress display on stderr: (what, done, of); a line now and then where stderr is no terminal."""
    from rich.console import Console
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
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines()
        return
    with Progress(*columns, console=console) as display:
        tasks: dict[str, Any] = {}

        def say(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = display.add_task(what, total=of)
            display.update(tasks[what], completed=done)

        yield say


def _lines() -> Callable[[str, int, int], None]:
    """Progress for a log: what, done, of, time left; a line every ``QUIET`` seconds, none in a short run."""
    spoken = heard = time.monotonic()
    since: dict[str, tuple[float, int]] = {}

    def say(what: str, done: int, of: int) -> None:
        nonlocal spoken, heard
        then, before = since.setdefault(what, (heard, 0))
        heard = time.monotonic()
        if heard - spoken >= QUIET and done > before:
            left = timedelta(seconds=round((of - done) * (heard - then) / (done - before)))
            click.echo(f"{what}: {done:,} of {of:,}, about {left} left", err=True)
            spoken, since[what] = heard, (heard, done)

    return say


def _writable(out: Path) -> None:
    """Refuse a file that cannot be written, before any work is done for it."""
    if not out.resolve().parent.is_dir():
        raise ValueError(f"cannot write {out}: its directory does not exist")
    try:
        tempfile.TemporaryFile(dir=out.resolve().parent).close()
    except OSError as error:
        raise ValueError(f"cannot write {out}: its directory is not writable ({error.strerror})") from None


def _deliver(data: bytes, out: Path | None) -> None:
    """Data to stdout, or to a file that is written whole or not at all."""
    if out is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    _writable(out)
    handle, name = tempfile.mkstemp(prefix=f".{out.name}-", dir=out.resolve().parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, out)
    except BaseException:
        os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; bad input is one line on stderr and exit status 2, an interrupt 130, a defect 70.

    >>> main(["evaluate", "mean.optimal-weight", "--set", "k=1"])
    0.61803398874989485
    """
    try:
        cli.main(None if arguments is None else list(arguments), prog_name="nocollapse", standalone_mode=False)
    except (KeyboardInterrupt, click.exceptions.Abort) as interrupt:
        _interrupted(interrupt)
    except click.ClickException as error:
        _refuse(error.format_message())
    except BrokenPipeError:  # whoever read the output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(CLOSED_PIPE) from None
    except OSError as error:
        _refuse(f"{error.filename or 'output'}: {error.strerror}")
    except ValueError as error:
        _refuse(str(error))
    except MemoryError as error:
        _refuse(f"out of memory: {error}")
    except Exception:  # a defect must not look like a refuted claim, whose status is 1
        traceback.print_exc()
        raise SystemExit(DEFECT) from None


def _interrupted(interrupt: BaseException) -> NoReturn:
    click.echo(f"nocollapse: interrupted; {str(interrupt) or 'nothing was written'}", err=True)
    raise SystemExit(INTERRUPTED) from None


def _refuse(message: str) -> NoReturn:
    click.echo(f"nocollapse: {' '.join(message.split())}", err=True)
    raise SystemExit(BAD_INPUT)
