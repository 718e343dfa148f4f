"""The whole verification of the chosen claims as one plain document: verdicts, figures, findings, map, explorer."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any, cast

from nocollapse.document import SCHEMA, AssumptionEntry, ClaimEntry, Document, FigureEntry, FindingEntry, TableEntry
from nocollapse.numerics.checks import attack
from nocollapse.numerics.checks.design import Check
from nocollapse.numerics.checks.judge import SIMULATION, judge, verdicts
from nocollapse.numerics.checks.limits import limits
from nocollapse.numerics.checks.outcomes import Outcome
from nocollapse.numerics.checks.plan import MARGINS
from nocollapse.numerics.checks.run import Progress, Trial, each, run_all
from nocollapse.numerics.execution.provenance import commit
from nocollapse.numerics.execution.workers import ALONE, Workers
from nocollapse.numerics.figures import claims
from nocollapse.numerics.figures.explorer import explorer
from nocollapse.numerics.findings.finding import Run
from nocollapse.numerics.findings.listed import findings
from nocollapse.numerics.outside import checks as known_checks
from nocollapse.numerics.protocol.calibration import calibration
from nocollapse.theory.claims import outside
from nocollapse.theory.claims.registry import CLAIMS, entry
from nocollapse.theory.proof.assumed import ASSUMPTION, listed
from nocollapse.theory.proof.dependencies import Map, theory_map
from nocollapse.theory.proof.referee import Referee
from nocollapse.theory.proof.referees import PROOFS
from nocollapse.theory.proof.verdicts import described, proved, taken_along, unsound
from nocollapse.theory.symbols import PARAMETERS, latex

EFFORTS = tuple(MARGINS)
SEED = 20_260
CALIBRATION_RUNS = 400
_PACKAGES = ("sympy", "python-flint", "z3-solver", "cvc5", "numpy", "scipy", "numba", "nocollapse")


REFEREES: tuple[Referee[Any], ...] = (*PROOFS, ASSUMPTION, SIMULATION, attack.MUTANTS)
"""The kinds of evidence on a claim, in the order of the document. A new kind has a row here, or in `PROOFS`."""


@dataclass
class Verification:
    """What a run is asked for, and what it knows so far. Each stage adds its part."""

    chosen: Sequence[str]
    checks: Mapping[str, Callable[[], Check]]
    effort: str
    seed: int
    workers: Workers
    progress: Progress
    assumptions: list[AssumptionEntry] = field(default_factory=list)
    claims: list[ClaimEntry] = field(default_factory=list)
    verdicts: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """By claim and kind."""
    designs: dict[str, Check] = field(default_factory=dict)
    trials: list[Trial] = field(default_factory=list)
    map: Map = field(default_factory=lambda: Map((), ()))
    outcomes: list[Outcome] = field(default_factory=list)
    figures: list[FigureEntry] = field(default_factory=list)
    tables: list[TableEntry] = field(default_factory=list)
    findings: list[FindingEntry] = field(default_factory=list)

    def each(self, what: str, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The results of `function(*task)`, in order, by the run's workers; progress is told under a name."""
        return each(function, tasks, self.workers, lambda done: self.progress(what, done, len(tasks)))

    def add(self, verdicts: Sequence[dict[str, Any]]) -> None:
        """Add verdicts to those that are known."""
        self.verdicts |= {(verdict["claim"], verdict["kind"]): verdict for verdict in verdicts}

    def rows(self) -> list[Any]:
        """The verdicts, kinds within claims."""
        places = [(identifier, referee.kind) for identifier in self.chosen for referee in REFEREES]
        return [self.verdicts[place] for place in places if place in self.verdicts]


# --- stages ----------------------------------------------------------------------------------------------------------


def _prove(run: Verification) -> None:
    run.map = theory_map(run.chosen)
    recursions = [node.id for node in run.map.nodes if node.kind == "recursion"]
    results = run.each("proofs", _proved, [(identifier,) for identifier in run.chosen])
    run.claims = [claim for claim, _ in results]
    run.assumptions = _plain(listed(run.chosen))
    for _, verdicts_ in results:
        run.add(verdicts_)
    unsound_ones = run.each("recursions", unsound, [(node,) for node in recursions])
    wrong = [node for node, is_wrong in zip(recursions, unsound_ones, strict=True) if is_wrong]
    run.add(list(taken_along(run.rows(), run.map.edges, wrong)))


def _proved(identifier: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return described(identifier), proved(identifier)


def _simulate(run: Verification) -> None:
    run.designs = {identifier: run.checks[identifier]() for identifier in run.chosen if identifier in run.checks}
    run.trials = run_all(run.designs, run.seed, run.effort, run.workers, run.progress)
    run.outcomes = judge(run.trials, run.designs, run.effort)
    run.add(verdicts(run.outcomes, run.designs))


def _attack(run: Verification) -> None:
    tasks = [
        (identifier, [outcome for outcome in run.outcomes if outcome.place.claim == identifier])
        for identifier in run.chosen
    ]
    run.add(run.each("mutants", attack.verdict, tasks))


def _draw(run: Verification) -> None:
    plans = claims.plans(run.chosen, run.designs)
    replications = claims.REPLICATIONS[run.effort]
    tasks = [task for plan in plans for task in claims.tasks(plan, run.seed, replications)]
    samples = iter(run.each("figures", claims.sample, tasks))
    planned = [claims.figure(plan, [next(samples) for _ in plan.abscissa], replications) for plan in plans]
    run.figures = [*planned, *claims.extrapolated(list(limits(run.trials, run.designs)))]


def _conclude(run: Verification) -> None:
    run.tables = _plain(
        [{"claim": identifier, **asdict(table)} for identifier, check in run.designs.items() for table in check.tables]
    )
    run.findings = _plain(findings(run.chosen, Run(run.seed, run.rows(), run.figures, run.tables)))


STAGES: Mapping[str, Callable[[Verification], None]] = {
    "proofs": _prove,
    "simulations": _simulate,
    "mutants": _attack,
    "figures": _draw,
    "findings": _conclude,
}
"""What a run does, in this order; its seconds stand in the document under these names."""


# --- the whole -------------------------------------------------------------------------------------------------------


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

    Same seed, same verdicts, bit for bit; environment and timings stand under keys of their own. Raises ValueError for
    an unknown id, an effort that is not one of `EFFORTS`, or a seed < 0.
    """
    for identifier in identifiers:
        entry(identifier)
    wanted = identifiers or outside.stated()
    chosen = [identifier for identifier in CLAIMS if identifier in wanted or not wanted]
    _check(effort, seed)
    run = Verification(
        chosen,
        known_checks() if checks is None else checks,
        effort,
        seed,
        workers,
        progress,
    )
    clock = _Clock()
    for name, stage in STAGES.items():
        stage(run)
        clock(name)
    return _document(run, clock.seconds, command)


def _document(run: Verification, timings: dict[str, float], command: str) -> Document:
    """All that is known at the end."""
    document = {
        "schema": SCHEMA,
        "version": version("nocollapse"),
        "seed": run.seed,
        "effort": run.effort,
        "environment": _environment(run.workers, command),
        "timings": timings,
        "calibration": _calibrated(run.seed),
        "parameters": {name: latex(symbol) for name, symbol in PARAMETERS.items()},
        "assumptions": run.assumptions,
        "claims": run.claims,
        "verdicts": run.rows(),
        "figures": run.figures,
        "tables": run.tables,
        "findings": run.findings,
        "map": _plain(asdict(run.map)),
        "explorer": explorer(run.chosen),
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


def _calibrated(seed: int) -> list[dict[str, Any]]:
    """Measured against nominal rates of the statistical protocol, on samples whose mean is known."""
    measured = calibration(seed, CALIBRATION_RUNS)
    rates = {
        "runs of 10 true targets with any refuted": measured.false_alarm,
        "95 % intervals that hold the mean": measured.coverage,
        "true targets supported": measured.power,
        "targets off by the least detectable discrepancy that are refuted": measured.detection,
    }
    return [{"rate": words, **asdict(rate)} for words, rate in rates.items()]


def _environment(workers: Workers, command: str) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "jobs": workers.jobs if workers.backend == "loky" else workers.backend,
        "command": command,
        "commit": commit() or "unknown: the code is in no clone",
        **{name: version(name) for name in _PACKAGES},
    }
