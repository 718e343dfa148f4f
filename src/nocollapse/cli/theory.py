"""What theory alone answers: claims, derive, evaluate, information, latex."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

import nocollapse
from nocollapse import models
from nocollapse.cli import options
from nocollapse.cli.delivery import deliver, print_json
from nocollapse.reports.comparisons import COMPARED


@click.command("claims")
@options.outside_claims
@options.as_json
def claims_command(files: Sequence[str], as_json: bool) -> None:
    """List the claims: id, source, one-line statement.

    Example: nocollapse claims
    """
    rows = nocollapse.claims(files)
    if as_json:
        print_json(rows)
        return
    id_width = max(len(row["id"]) for row in rows)
    source_width = max(len(row["source"]) for row in rows)
    for row in rows:
        click.echo(f"{row['id']:<{id_width}}  {row['source']:<{source_width}}  {row['statement']}")


@click.command("derive")
@options.claim_id
@options.outside_claims
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["text", "latex", "json"]),
    default="text",
    help="How to print it.",
)
@click.option(
    "--ddof", type=click.IntRange(0, 1), help="Sample covariances with divisor size - DDOF, where it applies."
)
def derive_command(identifier: str, files: Sequence[str], format_name: str, ddof: int | None) -> None:
    """Print a claim's derivation: assumptions, steps with reasons, result, certificate.

    Example: nocollapse derive covariance.error --ddof 0
    """
    derivation = nocollapse.derive(identifier, ddof, files)
    if format_name == "json":
        print_json(derivation)
    elif format_name == "latex":
        from nocollapse.reports.latex import typeset

        entry: Any = derivation
        click.echo(typeset.derivation([entry]), nl=False)
    else:
        click.echo("\n".join(_text_lines(derivation)))


def _text_lines(derivation: dict[str, Any]) -> Iterator[str]:
    """A derivation for the terminal; formulas in LaTeX notation."""
    yield f"{derivation['id']} ({derivation['source']})"
    yield derivation["summary"]
    yield f"\n  {derivation['statement']}"
    yield f"\nWhat the derived expression is compared with is {COMPARED[derivation['compared_with']]}."
    yield "\nAssumptions"
    yield from (f"  - {line}" for line in derivation["assumptions"])
    yield from _assumed_lines(derivation["assumed"])
    yield "\nDerivation"
    for i, step in enumerate(derivation["steps"], 1):
        residual = "residual 0 in both kernels" if step["holds"] else "RESIDUAL NOT ZERO"
        yield f"  {i}. {step['why']}"
        yield f"       {step['latex']}    [{residual}]"
    if derivation["recursion"] is not None:
        yield "\nRecursion"
        yield from (f"  {name}: {formula}" for name, formula in derivation["recursion"].items())
    yield "\nResult"
    yield f"  {derivation['result']}"
    yield f"  = {derivation['expression']}"
    yield "\nCertificate"
    for certificate in derivation["certificates"]:
        verdict = "holds" if certificate["holds"] else "NO PROOF"
        yield f"  {verdict}: {certificate['name']}"
        yield f"       {certificate['statement']}"
        yield f"       {certificate['method']}: {certificate['detail']}"
    yield "\nNot said"
    yield f"  {derivation['not_said']}"


def _assumed_lines(assumed: Sequence[dict[str, str]]) -> Iterator[str]:
    """What is taken from outside, for the terminal; nothing where that is nothing."""
    if assumed:
        yield "\nAssumed, and proved by nothing here"
    for one in assumed:
        yield f"  - {one['id']}: {one['sentence']}"
        yield f"       Source: {one['source']}."
        yield f"       Tested by: {one['tested_by'] or 'nothing'}."


@click.command("evaluate")
@options.claim_id
@options.outside_claims
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter; may be repeated.")
@options.digits
@options.as_json
def evaluate_command(
    identifier: str, files: Sequence[str], settings: Sequence[str], digits: int, as_json: bool
) -> None:
    """Print the number that a claim's derived expression gives.

    VALUE is an integer, a decimal (taken exactly) or p/q. Names: n, m, k = n/m (k alone, or both n and m), w, t (left
    out: the limit), trace = tr Sigma, frob2 = tr Sigma^2, gini = 1 - sum p_j^2, ddof (0 or 1); those of regressions
    are in the README's table of symbols.

    Example: nocollapse evaluate covariance.error --set n=100 --set m=50 --set w=0.6 --set trace=3 --set frob2=5
    """
    parameters = _parameters(settings)
    value = nocollapse.evaluate(identifier, digits, claims=files, **parameters)
    if value.note:
        click.echo(value.note, err=True)
    if as_json:
        print_json({"id": identifier, "value": value.decimal, "exact": value.exact, "parameters": parameters})
    else:
        click.echo(value.decimal)


def _parameters(settings: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE pairs as a dict.

    Raises ValueError for a text without an equals sign, and for a name that is set twice.
    """
    parameters: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"--set {setting!r} is not of the form NAME=VALUE")
        if name in parameters:
            raise ValueError(f"{name} is set twice")
        parameters[name] = value
    return parameters


@click.command("information")
@click.argument("model", type=click.Choice(models.REGRESSIONS))
@click.option("--beta", "beta_text", required=True, help="The coefficients, as in '1,-0.5'.")
@click.option(
    "--omega", "omega_text", help="The covariates' covariance by rows, as in '2,0.5;0.5,1'.  [default: identity]"
)
@click.option("--intercept", "intercept_text", help="An intercept, which then has the first row and column.")
@options.digits
@options.as_json
def information_command(
    model: str, beta_text: str, omega_text: str | None, intercept_text: str | None, digits: int, as_json: bool
) -> None:
    """Print the Fisher information of a regression with covariates N(0, OMEGA), and the trace of its inverse.

    Every digit is certain: closed forms and integrals are enclosed in ball arithmetic. As n grows, the limit law of
    sqrt(n) times the error has the trace of the inverse, times what evaluate glm.error gives, for a second moment.

    Example: nocollapse information logistic --beta 1,-0.5 --omega '2,0.5;0.5,1'
    """
    from nocollapse.theory.answers.evaluate import number
    from nocollapse.theory.answers.information import information

    beta = [number("beta", part) for part in beta_text.split(",")]
    omega = None
    if omega_text is not None:
        omega = [[number("omega", part) for part in row.split(",")] for row in omega_text.split(";")]
    intercept = None if intercept_text is None else number("intercept", intercept_text)
    answer = information(model, beta, omega, intercept, digits)
    if as_json:
        print_json({"information": answer.information, "trace_inverse": answer.trace_inverse})
        return
    width = max(len(entry) for row in answer.information for entry in row)
    for row in answer.information:
        click.echo("  ".join(f"{entry:>{width}}" for entry in row))
    click.echo(f"trace of the inverse: {answer.trace_inverse}")


@click.command("latex")
@options.claim_ids
@options.outside_claims
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead of stdout.")
def latex_command(identifiers: Sequence[str], files: Sequence[str], out: Path | None) -> None:
    """Print the derived formulas (of all claims, if none is named) as LaTeX macros, for \\input into a paper.

    Example: nocollapse latex mean.error covariance.error --out formulas.tex
    """
    from importlib.metadata import version

    from nocollapse.reports.latex import macros
    from nocollapse.theory.claims import outside, registry
    from nocollapse.theory.proof import verdicts

    outside.load(outside.sources(files))
    chosen = dict.fromkeys(identifiers) or outside.stated() or registry.CLAIMS
    claims: list[Any] = [verdicts.described(identifier) for identifier in chosen]
    deliver(macros.formulas_file(claims, version("nocollapse")).encode(), out)
