"""The front door of nocollapse: the few names a user imports, which load what they need when called.

>>> import nocollapse
>>> nocollapse.evaluate("mean.optimal-weight", k=1).decimal
'0.61803398874989485'
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nocollapse.numerics.simulation.trajectories import Seed, Table
    from nocollapse.theory.answers.advice import Advice
    from nocollapse.theory.answers.evaluate import Value

__all__ = ["claims", "derive", "evaluate", "main", "simulate", "verify", "weight"]


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
    from nocollapse.theory.answers.best_weight import advise
    from nocollapse.theory.answers.evaluate import number

    parsed = {name: number(name, str(value)) for name, value in {"n": n, "m": m, **options}.items()}
    shares = None if probabilities is None else [number("probabilities", str(share)) for share in probabilities]
    return advise(model, parsed.pop("n"), parsed.pop("m"), parsed, shares)


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
) -> dict[str, Any]:
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; bad input is one line on stderr and exit status 2, an interrupt 130, a defect 70.

    >>> main(["evaluate", "mean.optimal-weight", "--set", "k=1"])
    0.61803398874989485
    """
    from nocollapse.cli.main import run

    run(arguments)
