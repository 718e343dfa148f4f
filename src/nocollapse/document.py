"""What a verification says, as plain data: the types of `verdicts.json`, which stand between the rooms.

The program writes every key that is not `NotRequired`. `reports/schemas/` has the same as JSON Schema, by version.
Prose may hold inline formulas between dollars; other formulas are LaTeX without them.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

SCHEMA = "1.1"
"""The version of these types. A key that is added raises the second number, any other change the first."""

Kind = Literal["derivation", "certificate", "smt", "assumption", "simulation", "mutants"]
Status = Literal["PROVED", "SUPPORTED", "ASSUMED", "INCONCLUSIVE", "REFUTED"]
Comparison = Literal["published", "ours", "user"]
"""What the derived side of a claim is compared with: a formula of the paper, as reconstructed; one of the project's own
beyond the paper; or one that a claim from outside states."""
Role = Literal["overview", "weight", "step", "bias", "limits"]
"""What a figure shows: an error against the weight (an overview is one that stands for the theory) or the step, the
bias at finite n, or limits of large n against the weight."""
Outcome = Literal["killed", "equal", "survived"]
Form = Literal["number", "count", "percent", "prose"]
"""How a value is printed."""


class Document(TypedDict):
    """All of `verdicts.json`. Environment and timings differ from run to run, the rest is fixed by seed and effort."""

    schema: str
    version: str
    seed: int
    effort: str
    environment: dict[str, str | int]
    timings: dict[str, float]
    calibration: list[CalibrationRow]
    parameters: dict[str, str]  # the LaTeX of each, by name
    assumptions: list[AssumptionEntry]
    claims: list[ClaimEntry]
    verdicts: list[Verdict]
    figures: list[FigureEntry]
    tables: list[TableEntry]
    findings: list[FindingEntry]
    map: Map
    explorer: Explorer | None
    outside: list[SourceEntry]


class SourceEntry(TypedDict):
    """Where claims from outside come from: a file with its text, or a package or objects, whose text is empty."""

    name: str
    sha256: str
    text: str


# --- claims ----------------------------------------------------------------------------------------------------------


class SymbolEntry(TypedDict):
    """A letter of a claim: its LaTeX, and its meaning in prose."""

    latex: str
    meaning: str


class StepEntry(TypedDict):
    """A step of a derivation: the reason in prose, and the equation."""

    why: str
    latex: str


class ClaimEntry(TypedDict):
    """A claim as it is printed. `recursion` has the LaTeX of its parts by name."""

    id: str
    source: str
    compared_with: Comparison
    summary: str
    statement: str
    symbols: list[SymbolEntry]
    assumptions: list[str]
    steps: list[StepEntry]
    recursion: dict[str, str] | None
    result: str
    not_said: str


class AssumptionEntry(TypedDict):
    """What claims take from outside: a sentence in prose that nothing proves here, and where it comes from.

    `tested_by` says in prose what would notice if it were false, and is empty where nothing would. `claims` are the ids
    of those that rest on it, themselves or by a claim or a recursion that they use.
    """

    id: str
    sentence: str
    source: str
    tested_by: str
    claims: list[str]


# --- verdicts, one a claim and kind of evidence ----------------------------------------------------------------------


class DerivationVerdict(TypedDict):
    """Whether every step has the residual zero, and by which kernels.

    Of the steps, `identities` have different terms on their two sides, and `computed` the same: there a value was
    worked out before any kernel was asked.
    """

    claim: str
    kind: Literal["derivation"]
    status: Status
    reason: str
    steps: int
    identities: int
    computed: int
    kernels: list[str]


class CertificateEntry(TypedDict):
    """What is certified (in prose and as a formula), how, and the certificate itself in prose."""

    name: str
    statement: str
    method: str
    detail: str


class CertificateVerdict(TypedDict):
    """The certificates of a claim's conclusion and inequalities."""

    claim: str
    kind: Literal["certificate"]
    status: Status
    reason: str
    certificates: list[CertificateEntry]


class ObligationEntry(TypedDict):
    """What both solvers answer to the negation of a statement, and to its hypotheses alone."""

    name: str
    statement: str
    z3: str
    cvc5: str
    hypotheses: str


class SolverVerdict(TypedDict):
    """The solvers' answers to a claim's obligations."""

    claim: str
    kind: Literal["smt"]
    status: Status
    reason: str
    obligations: list[ObligationEntry]


class AssumptionVerdict(TypedDict):
    """The assumptions, by id, on which a claim rests; a claim that rests on none has no such verdict."""

    claim: str
    kind: Literal["assumption"]
    status: Status
    reason: str
    rests_on: list[str]


class PointEntry(TypedDict):
    """One statistical test of a simulation; numbers that do not apply are None. `label` is prose, `run` an id."""

    label: str
    run: str
    test: Literal["equality", "one-sided", "bracket", "rate"]
    parameters: dict[str, float]
    quantity: str
    target: float | None
    estimate: float | None
    standard_error: float | None
    replications: int | None
    margin: float | None
    power: float | None
    least_detectable: float | None
    z: float | None
    p_value: float | None
    status: Status
    note: str


class SimulationVerdict(TypedDict):
    """The tests of a claim's simulations."""

    claim: str
    kind: Literal["simulation"]
    status: Status
    reason: str
    points: list[PointEntry]


class MutantEntry(TypedDict):
    """A wrong version of an expression and what became of it.

    `part` is the entry of the recursion that was edited, empty for the claim's own expression; `edit` is what was put
    in place of what, empty for an edit throughout; `z` is the largest deviation, where a simulation kills it. `means`
    says by what it was killed, and is empty where it was not.
    """

    operator: str
    part: str
    edit: str
    expression: str
    outcome: Outcome
    by: str
    z: float | None
    means: Literal["", "simulated", "derived", "undefined"]


class Kills(TypedDict):
    """Kills by what they come from: a simulation, the derived side where nothing is simulated, or no finite value."""

    simulated: int
    derived: int
    undefined: int


class MutantsVerdict(TypedDict):
    """The wrong versions of a claim's expressions; `closest` is the least |z| of a kill, None where none has one."""

    claim: str
    kind: Literal["mutants"]
    status: Status
    reason: str
    mutants: list[MutantEntry]
    killed: Kills
    closest: float | None


Verdict = (
    DerivationVerdict | CertificateVerdict | SolverVerdict | AssumptionVerdict | SimulationVerdict | MutantsVerdict
)


class CalibrationRow(TypedDict):
    """A rate of the statistical protocol: what it should be, what it was found to be, and 95 % bounds of that."""

    rate: str
    nominal: float
    measured: float
    low: float
    high: float


# --- figures and tables ----------------------------------------------------------------------------------------------


class CurveEntry(TypedDict):
    """A line through points; without a label it is the theory."""

    x: list[float]
    y: list[float]
    label: NotRequired[str]


class FigurePoint(TypedDict):
    """A simulated value with its 95 % interval."""

    x: float
    y: float
    low: float
    high: float


class OptimumEntry(TypedDict):
    """The best abscissa."""

    x: float
    label: str


class ReferenceEntry(TypedDict):
    """An ordinate to compare with."""

    y: float
    label: str


class FigureEntry(TypedDict):
    """A figure of a claim: `x` and `y` say in prose what is on the axes, `note` what is held fixed."""

    id: str
    claim: str
    role: Role
    title: str
    note: str
    x: str
    y: str
    log_y: bool
    curve: CurveEntry
    points: list[FigurePoint]
    optimum: OptimumEntry | None
    reference: ReferenceEntry | None


class TableEntry(TypedDict):
    """Numbers that belong beside a claim: column heads in prose, and rows that begin with prose.

    `name` is the table's id within its claim, and `keys` are those of its columns; both may be empty.
    """

    claim: str
    name: str
    keys: list[str]
    title: str
    columns: list[str]
    rows: list[list[str | float]]
    note: str


# --- findings --------------------------------------------------------------------------------------------------------


class EvidenceEntry(TypedDict):
    """A value that a finding rests on.

    `key` is the name by which the finding's sentences refer to it; `link` is a claim's id, one with a kind of evidence
    (`mean.error/simulation`), or a figure's. Either may be empty.
    """

    what: str
    value: str | float
    form: Form
    key: str
    link: str


class FindingEntry(TypedDict):
    """What the paper or its code says, what is found, and the evidence, to which `found` refers as in `%(exact)s`."""

    id: str
    source: str
    title: str
    said: str
    found: str
    evidence: list[EvidenceEntry]


# --- map and explorer ------------------------------------------------------------------------------------------------


class Node(TypedDict):
    """A claim by its id, or something that claims share."""

    id: str
    kind: Literal["primitive", "recursion", "claim"]
    title: str


class Map(TypedDict):
    """What rests on what: an edge is a pair of ids, of which the second uses the first."""

    nodes: list[Node]
    edges: list[list[str]]


class ExplorerModel(TypedDict):
    """A recursion with its limit in JavaScript; `parameters` are those that it has besides the common ones."""

    claim: str
    title: str
    note: str
    unit: str
    parameters: list[str]
    matrix: list[list[str]]
    offset: list[str]
    initial: list[str]
    limit: str
    optimum: str | None
    threshold: str | None


class ExplorerParameter(TypedDict):
    """What can be set: its least, greatest and first value, and how its slider moves."""

    name: str
    words: str
    low: float
    high: float
    first: float
    whole: bool
    logarithmic: bool
    common: bool


class Explorer(TypedDict):
    """What the page's explorer computes with; formulas are JavaScript in the parameters."""

    models: list[ExplorerModel]
    parameters: list[ExplorerParameter]
    best: str
    pooled: str
    ratio: str
