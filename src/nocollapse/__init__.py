"""The front door of nocollapse: the functions a user imports, which load what they need when they are called.

>>> import nocollapse
>>> nocollapse.evaluate("mean.optimal-weight", k=1).decimal
'0.61803398874989485'

A file that states claims of its own (CONTRIBUTING.md, examples/) imports from here what it is written in:

- `claim`, the decorator that states one, and what it is made of: `Claim`, `Step`, `Inequality` with `positive`,
  `nonnegative` and `Coordinate`, `Deferred`; and `Assumption`, for what it takes from outside and does not prove
- what derivations start from and come to: `mean_product`, `quadratic`, `weighted_error`; `Recursion`, `affine`,
  `stationary`, `solution`, `Derivation`
- `Letter` with its `Domain`, for a symbol that the project does not have
- `check`, the decorator of its simulations, and what these are made of: `Check`, `Run`, `Column`,
  `Prediction`, `Bracket`, `Extrapolation`, `Rate`, `ErrorAgainstWeight`; and `Stream`, where random numbers come from
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from nocollapse.document import Document
    from nocollapse.notebook import Advice
    from nocollapse.numerics.checks.design import Bracket as Bracket
    from nocollapse.numerics.checks.design import Check as Check
    from nocollapse.numerics.checks.design import Column as Column
    from nocollapse.numerics.checks.design import ErrorAgainstWeight as ErrorAgainstWeight
    from nocollapse.numerics.checks.design import Extrapolation as Extrapolation
    from nocollapse.numerics.checks.design import Prediction as Prediction
    from nocollapse.numerics.checks.design import Rate as Rate
    from nocollapse.numerics.checks.design import Run as Run
    from nocollapse.numerics.checks.entry import check as check
    from nocollapse.numerics.simulation.streams import Stream as Stream
    from nocollapse.numerics.simulation.trajectories import Seed, Table
    from nocollapse.theory.answers.evaluate import Value
    from nocollapse.theory.claims.assumption import Assumption as Assumption
    from nocollapse.theory.claims.claim import Claim as Claim
    from nocollapse.theory.claims.claim import Deferred as Deferred
    from nocollapse.theory.claims.claim import Inequality as Inequality
    from nocollapse.theory.claims.claim import nonnegative as nonnegative
    from nocollapse.theory.claims.claim import positive as positive
    from nocollapse.theory.claims.coordinates import Coordinate as Coordinate
    from nocollapse.theory.claims.entry import claim as claim
    from nocollapse.theory.models.derivation import Derivation as Derivation
    from nocollapse.theory.moments.iid import mean_product as mean_product
    from nocollapse.theory.moments.iid import quadratic as quadratic
    from nocollapse.theory.moments.iid import weighted_error as weighted_error
    from nocollapse.theory.recursion import Recursion as Recursion
    from nocollapse.theory.recursion import affine as affine
    from nocollapse.theory.recursion import stationary as stationary
    from nocollapse.theory.steps import Step as Step
    from nocollapse.theory.steps import solution as solution
    from nocollapse.theory.symbols import Domain as Domain
    from nocollapse.theory.symbols import Letter as Letter

__all__ = ["claims", "derive", "evaluate", "main", "simulate", "trajectories", "verify", "weight"]

FOR_CLAIMS = {
    "Assumption": "theory.claims.assumption",
    "Bracket": "numerics.checks.design",
    "Check": "numerics.checks.design",
    "Claim": "theory.claims.claim",
    "Column": "numerics.checks.design",
    "Coordinate": "theory.claims.coordinates",
    "Deferred": "theory.claims.claim",
    "Derivation": "theory.models.derivation",
    "Domain": "theory.symbols",
    "ErrorAgainstWeight": "numerics.checks.design",
    "Extrapolation": "numerics.checks.design",
    "Inequality": "theory.claims.claim",
    "Letter": "theory.symbols",
    "Prediction": "numerics.checks.design",
    "Rate": "numerics.checks.design",
    "Recursion": "theory.recursion",
    "Run": "numerics.checks.design",
    "Step": "theory.steps",
    "Stream": "numerics.simulation.streams",
    "affine": "theory.recursion",
    "check": "numerics.checks.entry",
    "claim": "theory.claims.entry",
    "mean_product": "theory.moments.iid",
    "nonnegative": "theory.claims.claim",
    "positive": "theory.claims.claim",
    "quadratic": "theory.moments.iid",
    "solution": "theory.steps",
    "stationary": "theory.recursion",
    "weighted_error": "theory.moments.iid",
}
"""The names for files of claims, and where they are; none is loaded before it is asked for."""


def __getattr__(name: str) -> Any:
    if name not in FOR_CLAIMS:
        raise AttributeError(f"module 'nocollapse' has no attribute {name!r}")
    value = getattr(import_module(f"nocollapse.{FOR_CLAIMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *FOR_CLAIMS})


def claims(claims: Iterable[object] = ()) -> list[dict[str, str]]:
    """Every claim's `id`, `source` in the paper and one-line `statement`: the paper's in its order, then others.

    Arguments:

    - `claims`: claims from outside the project: paths of files, which are run as Python code; or entries, made by
      the decorator `nocollapse.claim`, with their checks and letters. Installed packages that bring claims (entry
      points in the group `nocollapse.claims`) are there without being named.

    Raises ValueError, in one line, for a file that cannot be read or run, states no claim, or takes an id or a letter
    that is taken.

    >>> claims()[0]["id"]
    'framework.fully-synthetic'
    """
    from nocollapse.theory.claims import outside, registry

    outside.load(outside.sources(claims))
    return [
        {"id": identifier, "source": entry.source, "statement": entry.summary}
        for identifier, entry in registry.CLAIMS.items()
    ]


def derive(identifier: str, ddof: int | None = None, claims: Iterable[object] = ()) -> dict[str, Any]:
    """A claim's derivation, checked again as it is asked for, as plain data.

    Arguments:

    - `identifier`: a claim's id, one of those of `claims`.
    - `ddof`: sample covariances have divisor size - `ddof`, 0 or 1; for claims that depend on it. None is the paper's.
    - `claims`: claims from outside, as `claims` takes them.

    The dict has `id`, `source`, `summary`, `assumptions` and `not_said` in words; `assumed`, the named assumptions
    that nothing proves, each with `id`, `sentence`, `source` and `tested_by`; `compared_with`, which is "published",
    "ours" or "user", for what the derived side meets; `statement`, `result`, `recursion` (None, or its parts by name)
    and `symbols` in LaTeX; `expression`, the result in sympy's notation; `steps`, each with `why`, `latex` and whether
    it `holds`; and `certificates`, each with `name`, `statement`, `method`, `detail` and whether it `holds`.

    Raises ValueError for an unknown id, and for a `ddof` that the claim does not have.

    >>> derive("mean.ridge")["steps"][1]["why"]
    'The second derivative is constant,'
    """
    from nocollapse.theory.claims import outside, registry
    from nocollapse.theory.claims.entry import divisor
    from nocollapse.theory.proof import certificates, dependencies, referees, verdicts

    outside.load(outside.sources(claims))
    variant = divisor(ddof)
    claim = registry.claim_of(identifier, variant)
    description = verdicts.described(identifier, variant)
    steps = [
        {**printed, "holds": referees.zero(step)}
        for printed, step in zip(description["steps"], claim.steps, strict=True)
    ]
    equations = referees.conclusion(claim, own=claim is registry.claim_of(identifier))
    equations += referees.starts(claim)
    inequalities = [certificates.positivity(inequality) for inequality in claim.inequalities]
    return {
        **description,
        "assumed": [asdict(one) for one in dependencies.assumptions(identifier)],
        "steps": steps,
        "expression": str(claim.derived),
        "certificates": [vars(certificate) for certificate in (*equations, *inequalities)],
    }


def evaluate(identifier: str, digits: int = 17, *, claims: Iterable[object] = (), **parameters: object) -> Value:
    """The number that a claim's derived expression gives, exactly where that can be written.

    Arguments:

    - `identifier`: a claim's id, one of those of `claims`; some have no number, and the error says which have.
    - `digits`: significant digits of the decimal form, 1 to 1000.
    - `claims`: claims from outside, as `claims` takes them.
    - `parameters`: numbers, or strings such as "3", "0.25" (taken exactly) and "1/3". What the claim does not depend
      on is named in the value's `note`. A claim needs some of

      - `n`, `m`: real and synthetic points a step, whole numbers >= 2; or in their place `k` = n/m > 0 alone, with
        which an error comes in units of 1/n, where that makes sense
      - `w`: the weight on real data, in [0, 1]
      - `t`: the step, a whole number >= 0; without it the value is the limit
      - `ddof`: sample covariances have divisor size - ddof, 0 or 1
      - `trace`, `frob2`: tr Sigma and tr Sigma^2 of the true covariance, > 0, and frob2 <= trace^2
      - `gini`: 1 - sum p_j^2 of a discrete truth, in [0, 1)
      - `omega_inverse`: tr Omega^-1 of a regression's covariates N(0, Omega), > 0
      - `slope2`, `spread`: |theta|^2 and theta'Omega theta of its coefficients, > 0, and slope2 <= spread omega_inverse
      - `curvature`, `curvature_along`: E v(eta) and E[v(eta) eta^2]/spread for the responses' variance function v at
        eta = x'theta, > 0
      - `precision1`, `precision2`, `distance1`, `distance2`: tr P, tr P^2, mu'P mu and mu'P^2 mu for P = Sigma^-1, > 0
      - `trace_model`, `trace_sandwich`: tr GJ^-1 and tr GJ^-1VJ^-1 for the expected Hessian J, the score covariance V
        and the error's metric G, > 0

    The value has `decimal`, a string ("inf" where it diverges), `exact`, a string or None, and `note`.

    Raises ValueError naming an unknown id or name, a value out of its domain, or the names of what is missing.

    >>> evaluate("cdf.error", n=30, m=20, w="1/2", t=3).exact
    '140303/30720000'
    """
    import nocollapse.theory.answers.evaluate as evaluation
    from nocollapse.theory.claims import outside

    outside.load(outside.sources(claims))
    values = {name: evaluation.number(name, str(value)) for name, value in parameters.items()}
    return evaluation.evaluate(identifier, values, digits)


def weight(
    n: object, m: object, model: str = "gaussian-mean", probabilities: Iterable[object] | None = None, **options: object
) -> Advice:
    """The best constant weight on real data for n real and m synthetic points a step, and what it gains.

    Errors are limits in the number of steps, exact at these n and m (for "glm" of the limit law in n). Options give
    them their scale; the best weight depends on those of "covariance" and "glm" alone. Numbers are numbers, or strings
    such as "3", "0.25" (taken exactly) and "1/3".

    Arguments:

    - `n`, `m`: real and synthetic points a step, whole numbers >= 2.
    - `model`: what is estimated, "gaussian-mean", "covariance", "cdf", "pmf" or "glm".
    - `probabilities`: for "pmf", the true probabilities, >= 0 with sum 1; not together with `gini`.
    - `options`, by the model that has them:

      - "gaussian-mean": `trace` = tr Sigma > 0 (default 1)
      - "covariance": `trace` and `frob2` = tr Sigma^2 together, > 0, and frob2 <= trace^2; or `p` alone, a whole number
        >= 1, for the identity in p dimensions (default 1)
      - "cdf": none
      - "pmf": `gini` = 1 - sum p_j^2 in place of `probabilities`, in (0, 1) (default: errors in units of it)
      - "glm": `trace_model` = tr J^-1 and `trace_sandwich` = tr J^-1VJ^-1 together, > 0, for a model that does not
        hold, with the expected Hessian J and the covariance V of real scores (default: it holds)

    The advice has all as fields, `to_dict()`, and prints on one screen; `help(type(advice))` says what they are.

    Raises ValueError naming a value out of its domain, or an option of another model.

    >>> advice = weight(n=100, m=400, model="cdf")
    >>> advice.weight, advice.exact
    (0.38981098866045, '(-101 + sqrt(169801))/798')
    """
    from nocollapse.notebook import Advice
    from nocollapse.theory.answers.best_weight import advise
    from nocollapse.theory.answers.evaluate import number

    real = number("n", str(n))
    synthetic = number("m", str(m))
    scales = {name: number(name, str(value)) for name, value in options.items()}
    shares = None
    if probabilities is not None:
        shares = [number("probabilities", str(share)) for share in probabilities]
    return Advice.of(advise(model, real, synthetic, scales, shares))


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
    """The mean error of recursive training at every step and weight, over independent trajectories.

    Arguments:

    - `model`: "gaussian", "cdf", "pmf", "linear", "logistic" or "poisson".
    - `n`, `m`: real and synthetic points a step, integers >= 2; for a regression with p coefficients > p, and > p + 1
      for "linear" with covariates drawn anew.
    - `weights`: W weights on real data, in [0, 1]; all share the real data and the driving noise.
    - `steps`: the last step, an integer >= 0; step 0 sees real data only.
    - `replications`: independent trajectories, an integer >= 2.
    - `seed`: an integer >= 0, or a numpy `Generator`, of which one number is taken.
    - `framework`: Figures 1 to 4 of the paper: "fresh" (real data anew at each step), "augmentation" (those of step 0
      again), "fully-synthetic" (none after step 0; weights [0]) or "accumulation" (all data kept; weights [1]). The
      regressions have "fresh" alone.
    - `jobs`: processes of this machine that share the work, an integer >= 1; they change no digit.
    - `options`, by the model that has them:

      - "gaussian": `sigma`, the true covariance, (p, p), needed; `ddof`, 0 or 1, for sample covariances with divisor
        size - ddof (default 1); `known_covariance`, True where synthetic points have the true one (default False)
      - "cdf": none
      - "pmf": `probabilities`, K >= 2 of them, >= 0 with sum 1, needed
      - regressions: `beta`, the p true coefficients, needed; `omega`, the covariance of the covariates, (p, p), needed;
        `intercept`, True where the first of `beta` is one, for which `omega` has no row (default False); `design`,
        "random" or "fixed" for covariates drawn once for all steps (default "random"); `estimator`, "mle", "firth" or
        "ridge" (default "mle"); `ridge`, the penalty of the last, > 0

    The table has `mean`, `standard_error` and `count`, dicts with an array (steps + 1, W) for each quantity: "mean" and
    "covariance", "cdf", "pmf", or "coefficients" of a regression beside the shares "separated" and "failed" of
    trajectories whose estimate ceased to exist; means are over the `count` others. An error is a squared distance from
    the truth (of a CDF, that of Cramer and von Mises). `rows()`, `csv()` and `npz()` give all of it.

    Raises ValueError naming a value out of its domain, TypeError for an option that the model lacks or needs.

    >>> sigma = [[2, 0.5], [0.5, 1]]
    >>> table = simulate("gaussian", n=9, m=4, weights=[0.5, 0.8], steps=5, replications=400, sigma=sigma)
    >>> table.mean["covariance"].shape
    (6, 2)
    >>> z = (table.mean["mean"][0, 0] - 3 / 9) / table.standard_error["mean"][0, 0]  # step 0: tr Sigma / n
    >>> bool(abs(z) < 4)
    True
    """
    import nocollapse.numerics.simulation.trajectories as simulation
    from nocollapse.numerics.execution.workers import Workers

    return simulation.simulate(
        model,
        n=n,
        m=m,
        weights=weights,
        steps=steps,
        replications=replications,
        seed=seed,
        framework=framework,
        workers=Workers(jobs),
        **options,
    )


def trajectories(
    model: str,
    *,
    n: int,
    m: int,
    weights: Sequence[float],
    steps: int,
    replications: int,
    seed: Seed = 0,
    framework: str = "fresh",
    **options: Any,
) -> dict[str, npt.NDArray[np.float64]]:
    """The error of every trajectory of recursive training, at every step and weight.

    `simulate` takes its means over these, of the same arguments, and without holding them all.

    Arguments:

    - `model`: "gaussian", "cdf", "pmf", "linear", "logistic" or "poisson".
    - `n`, `m`: real and synthetic points a step, integers >= 2; for a regression with p coefficients > p, and > p + 1
      for "linear" with covariates drawn anew.
    - `weights`: W weights on real data, in [0, 1]; all share the real data and the driving noise.
    - `steps`: the last step, an integer >= 0; step 0 sees real data only.
    - `replications`: independent trajectories, an integer >= 2.
    - `seed`: an integer >= 0, or a numpy `Generator`, of which one number is taken.
    - `framework`: Figures 1 to 4 of the paper: "fresh" (real data anew at each step), "augmentation" (those of step 0
      again), "fully-synthetic" (none after step 0; weights [0]) or "accumulation" (all data kept; weights [1]). The
      regressions have "fresh" alone.
    - `options`, by the model that has them:

      - "gaussian": `sigma`, the true covariance, (p, p), needed; `ddof`, 0 or 1, for sample covariances with divisor
        size - ddof (default 1); `known_covariance`, True where synthetic points have the true one (default False)
      - "cdf": none
      - "pmf": `probabilities`, K >= 2 of them, >= 0 with sum 1, needed
      - regressions: `beta`, the p true coefficients, needed; `omega`, the covariance of the covariates, (p, p), needed;
        `intercept`, True where the first of `beta` is one, for which `omega` has no row (default False); `design`,
        "random" or "fixed" for covariates drawn once for all steps (default "random"); `estimator`, "mle", "firth" or
        "ridge" (default "mle"); `ridge`, the penalty of the last, > 0

    The dict has an array (replications, steps + 1, W) for each quantity: "mean" and "covariance", "cdf", "pmf", or
    "coefficients" of a regression, nan from the step on at which the estimate ceased to exist, beside "separated" and
    "failed", 1 from there on, by how it did, and 0 before. An error is a squared distance from the truth (of a CDF,
    that of Cramer and von Mises).

    Raises ValueError naming a value out of its domain, TypeError for an option that the model lacks or needs.

    >>> errors = trajectories("cdf", n=30, m=60, weights=[0.4, 0.6], steps=10, replications=5, seed=1)
    >>> errors["cdf"].shape
    (5, 11, 2)
    """
    import nocollapse.numerics.simulation.trajectories as simulation

    return simulation.trajectories(
        model,
        n=n,
        m=m,
        weights=weights,
        steps=steps,
        replications=replications,
        seed=seed,
        framework=framework,
        **options,
    )


def verify(
    *identifiers: str,
    effort: str = "standard",
    seed: int = 20260,
    jobs: int | None = None,
    out: Path | str | None = None,
    claims: Iterable[object] = (),
) -> Document:
    """Derive, prove, simulate and attack claims: what verdicts.json holds, as plain data.

    Arguments:

    - `identifiers`: ids of claims, of those of `claims`; if none is named, those that the argument `claims` brings, or
      all.
    - `effort`: the margin of the simulations, "quick" (8 percent), "standard" (4) or "paper" (1).
    - `seed`: of all random streams, an integer >= 0. The same seed gives the same verdicts, bit for bit.
    - `jobs`: processes of this machine that share the work, an integer >= 1; they change no digit. None is one a core.
    - `out`: a directory for the report, which is written whole or not at all; one that is there is replaced. None
      writes nothing.
    - `claims`: claims from outside, as the function `claims` takes them.

    The dict has `verdicts`, a row a claim and kind of evidence with its `status` PROVED, SUPPORTED, ASSUMED,
    INCONCLUSIVE or REFUTED and the `reason`; and `assumptions`, `claims`, `figures`, `tables`, `findings`, `map`,
    `explorer`, `calibration`, `parameters`, `environment`, `timings`, `version`, `seed`, `effort`. A refuted claim is a
    verdict, no exception.

    Raises ValueError naming an unknown id, a value out of its domain, or a directory that cannot be written.

    >>> document = verify("mean.ridge", effort="quick", jobs=1)
    >>> {row["kind"]: row["status"] for row in document["verdicts"]}
    {'derivation': 'PROVED', 'certificate': 'PROVED', 'smt': 'PROVED', 'mutants': 'SUPPORTED'}
    """
    import nocollapse.numerics.verify as verification
    from nocollapse.numerics.execution.workers import Workers
    from nocollapse.numerics.outside import preparation
    from nocollapse.reports import write
    from nocollapse.theory.claims import outside

    if out is not None:
        write.check(Path(out))
    sources = outside.sources(claims)
    outside.load(sources)
    workers = Workers(jobs if jobs is not None else os.cpu_count() or 1, preparation=preparation(sources))
    call = ", ".join([*map(repr, identifiers), f"effort={effort!r}", f"seed={seed!r}"])
    document = verification.verify(
        identifiers, effort=effort, seed=seed, workers=workers, command=f"nocollapse.verify({call})"
    )
    if out is not None:
        write.write(document, Path(out))
    return document


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line.

    Arguments:

    - `arguments`: a command and its arguments as one types them, without `nocollapse`; None takes the process's own.

    Raises SystemExit with the command's status where that is not 0, and for bad input (2, after one line on stderr),
    an interrupt (130) and a defect (70).

    >>> main(["evaluate", "mean.optimal-weight", "--set", "k=1"])
    0.61803398874989485
    """
    from nocollapse.cli.main import run

    run(arguments)
