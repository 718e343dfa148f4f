"""The whole verification of the chosen claims as one plain document: verdicts, figures, findings, map, explorer."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any, cast

from nocollapse.document import SCHEMA, Document, FigureEntry
from nocollapse.numerics.checks import attack
from nocollapse.numerics.checks.design import Check
from nocollapse.numerics.checks.judge import judge, verdicts
from nocollapse.numerics.checks.limits import limits
from nocollapse.numerics.checks.outcomes import Outcome
from nocollapse.numerics.checks.plan import MARGINS
from nocollapse.numerics.checks.run import Progress, each, run_all
from nocollapse.numerics.execution.provenance import commit
from nocollapse.numerics.execution.workers import ALONE, Workers
from nocollapse.numerics.figures import claims
from nocollapse.numerics.figures.explorer import explorer
from nocollapse.numerics.findings.finding import Run
from nocollapse.numerics.findings.listed import findings
from nocollapse.numerics.outside import checks as known_checks
from nocollapse.numerics.protocol.calibration import calibration
from nocollapse.numerics.simulation.streams import Stream
from nocollapse.theory.claims import outside
from nocollapse.theory.claims.registry import CLAIMS, entry
from nocollapse.theory.proof import verdicts as proof
from nocollapse.theory.proof.dependencies import theory_map
from nocollapse.theory.symbols import PARAMETERS, latex

EFFORTS = tuple(MARGINS)
SEED = 20_260
CALIBRATION_RUNS = 400
_PACKAGES = ("sympy", "python-flint", "z3-solver", "cvc5", "numpy", "scipy", "numba", "nocollapse")


def verify(
    identifiers: Sequence[str] = (),
    *,
    effort: str = "standard",
    seed: int = SEED,
    workers: Workers = ALONE,
    checks: Mapping[str, Callable[[], Check]] | None = None,
    progress: Progress = lambda what, done, of: None,
    command: str = "",
) -> Document:
    """The verdicts document of the named claims, the same for any workers.

    If none is named, those of the files and objects from outside that are loaded, or all.

    Same seed, same verdicts, bit for bit; environment and timings stand under keys of their own. ``ValueError`` for an
    unknown id, an effort that is not one of ``EFFORTS``, or a seed < 0.
    """
    for identifier in identifiers:
        entry(identifier)
    wanted = identifiers or outside.stated()
    chosen = [identifier for identifier in CLAIMS if identifier in wanted or not wanted]
    if checks is None:
        checks = known_checks()
    _check(effort, seed)
    clock = _Clock()
    proofs = _proofs(chosen, workers, progress)
    clock("proofs")
    designed = {identifier: checks[identifier]() for identifier in chosen if identifier in checks}
    trials = run_all(designed, seed, effort, workers, progress)
    points = judge(trials, designed, effort)
    simulated = {verdict["claim"]: verdict for verdict in verdicts(points, designed)}
    clock("simulations")
    attacked = _attacked(chosen, points, workers, progress)
    clock("mutants")
    drawn = [*_figures(chosen, seed, effort, workers, progress), *claims.extrapolated(list(limits(trials, designed)))]
    clock("figures")
    rows: list[Any] = []
    for identifier, (_, proved) in zip(chosen, proofs, strict=True):
        simulation = [simulated[identifier]] if identifier in simulated else []
        rows += [*proved, *simulation, attacked[identifier]]
    tables = _plain([{"claim": name, **asdict(table)} for name, check in designed.items() for table in check.tables])
    found = findings(chosen, Run(seed, rows, drawn, tables))
    clock("findings")
    document = {
        "schema": SCHEMA,
        "version": version("nocollapse"),
        "seed": seed,
        "effort": effort,
        "environment": _environment(workers, command),
        "timings": clock.seconds,
        "calibration": _calibrated(seed),
        "parameters": {name: latex(symbol) for name, symbol in PARAMETERS.items()},
        "claims": [described for described, _ in proofs],
        "verdicts": rows,
        "figures": drawn,
        "tables": tables,
        "findings": _plain(found),
        "map": _plain(asdict(theory_map(chosen))),
        "explorer": explorer(chosen),
        "outside": outside.texts(),
    }
    return cast(Document, document)


def _plain(data: Any) -> Any:
    """Data as JSON knows it: lists for tuples."""
    return json.loads(json.dumps(data, allow_nan=False))


def _check(effort: str, seed: int) -> None:
    if effort not in EFFORTS:
        raise ValueError(f"effort = {effort!r} is not one of {', '.join(EFFORTS)}")
    if seed < 0:
        raise ValueError(f"seed = {seed} is not a whole number >= 0")


class _Clock:
    """Seconds between calls, by name, and in total."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds |= {name: round(now - self._last, 3), "total": round(now - self._start, 3)}
        self._last = now


def _prove(identifier: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return proof.described(identifier), proof.proved(identifier)


def _proofs(
    chosen: list[str], workers: Workers, progress: Progress
) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    tasks = [(identifier,) for identifier in chosen]
    return each(_prove, tasks, workers, lambda done: progress("proofs", done, len(tasks)))


def _attacked(
    chosen: list[str], points: list[Outcome], workers: Workers, progress: Progress
) -> dict[str, dict[str, Any]]:
    tasks = [(identifier, [p for p in points if p.place.claim == identifier]) for identifier in chosen]
    found = each(attack.verdict, tasks, workers, lambda done: progress("mutants", done, len(tasks)))
    return {verdict["claim"]: verdict for verdict in found}


def _figures(chosen: list[str], seed: int, effort: str, workers: Workers, progress: Progress) -> list[FigureEntry]:
    plans = claims.plans(chosen)
    tasks = [(plan.draw, Stream(seed, f"figure/{plan.id}"), claims.REPLICATIONS[effort]) for plan in plans]
    found = each(claims.sample, tasks, workers, lambda done: progress("figures", done, len(tasks)))
    return [claims.figure(plan, sample) for plan, sample in zip(plans, found, strict=True)]


def _calibrated(seed: int) -> list[dict[str, Any]]:
    """Measured against nominal rates of the statistical protocol, on samples whose mean is known."""
    rates = calibration(seed, CALIBRATION_RUNS)
    descriptions = {
        "false_alarm": "runs of 10 true targets with any refuted",
        "coverage": "95 % intervals that hold the mean",
        "power": "true targets supported",
        "detection": "targets off by the least detectable discrepancy that are refuted",
    }
    return [{"rate": text, **asdict(getattr(rates, name))} for name, text in descriptions.items()]


def _environment(workers: Workers, command: str) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "jobs": workers.jobs if workers.backend == "loky" else workers.backend,
        "command": command,
        "commit": commit() or "unknown: the code is in no clone",
        **{name: version(name) for name in _PACKAGES},
    }
