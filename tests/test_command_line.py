"""The front door: what every command prints and how it ends."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nocollapse
from nocollapse.cli.main import group
from nocollapse.models import WEIGHED
from nocollapse.reports.latex.typeset import derivation
from nocollapse.theory.claims.registry import CLAIMS
from nocollapse.theory.proof.verdicts import described

Command = Callable[..., Any]  # what tests/conftest.py returns
COMMANDS = ("claims", "derive", "evaluate", "figures", "information", "latex", "simulate", "verify", "weight")
SIZES = ("n=30", "m=20")
# Every id that has a number, with parameters that suffice for it.
NUMBERS: dict[str, tuple[str, ...]] = {
    "mean.error": (*SIZES, "w=0.4", "trace=3"),
    "mean.optimal-weight": ("k=3/2",),
    "mean.naive": (*SIZES, "trace=3"),
    "covariance.error": (*SIZES, "w=0.4", "trace=3", "frob2=5"),
    "covariance.threshold": ("m=20",),
    "glm.error": ("k=3/2", "w=0.4"),
    "glm.linear": ("k=3/2", "w=0.4", "omega_inverse=3"),
    "glm.logistic": (
        "k=3/2", "w=0.4", "omega_inverse=3", "slope2=1", "spread=2", "curvature=0.2", "curvature_along=0.15",
    ),
    "glm.poisson": ("k=3/2", "w=0.4", "omega_inverse=3", "slope2=1", "spread=2"),
    "glm.exponential-family": ("k=3/2", "w=0.4", "precision1=3", "precision2=5", "distance1=1", "distance2=2"),
    "glm.fully-synthetic": ("k=3/2", "t=4"),
    "glm.naive": ("k=3/2",),
    "covariance.operator-norm": ("k=3/2", "w=0.4"),
    "glm.joint": ("k=3/2", "w=0.4", "trace=3", "frob2=5", "omega_inverse=2"),
    "glm.misspecified": ("k=3/2", "w=0.4", "trace_model=3", "trace_sandwich=4"),
    "glm.synthetic-size": (),
    "cdf.error": (*SIZES, "w=0.4"),
    "cdf.optimal-weight": SIZES,
    "cdf.stages": SIZES,
    "pmf.error": (*SIZES, "w=0.4", "gini=0.6"),
    "framework.fully-synthetic": (*SIZES, "trace=3", "t=4"),
    "framework.accumulation": (*SIZES, "trace=3"),
    "framework.augmentation": (*SIZES, "w=0.4", "trace=3"),
    "framework.fresh": (*SIZES, "w=0.4", "trace=3"),
    "framework.collapse": ("k=3/2", "w=0.4", "trace=3", "frob2=5"),
    "framework.kept": ("n=30", "trace=3", "t=4"),
    "mean.stages": ("k=3/2",),
    "covariance.stages": SIZES,
}  # fmt: skip
SIMULATE = (
    "simulate", "gaussian", "--n", 6, "--m", 4, "--w", "0.4,0.8", "--steps", 2, "--replications", 600,
    "--sigma", "2,0.5;0.5,1", "--seed", 3,
)  # fmt: skip


def settings(*pairs: str) -> list[str]:
    """The --set options of NAME=VALUE pairs."""
    return [part for pair in pairs for part in ("--set", pair)]


def shell(*arguments: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own."""
    program = [sys.executable, "-m", "nocollapse", *map(str, arguments)]
    return subprocess.run(program, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


# --- help and listing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example(command: Command, name: str) -> None:
    done = command(name, "--help")
    assert (done.status, done.err) == (0, "")
    assert f"Example: nocollapse {name}" in done.out


def test_the_help_lists_every_command_and_exit_status(command: Command) -> None:
    done = command("--help")
    assert (done.status, done.err) == (0, "")
    assert all(re.search(rf"^  {name} ", done.out, re.MULTILINE) for name in COMMANDS)
    assert all(word in done.out for word in ("0 everything holds", "2 bad input", "130 interrupted"))


def test_the_version(command: Command) -> None:
    assert re.fullmatch(r"nocollapse, version \d+\.\d+\.\d+\n", command("--version").out)


def test_claims_are_listed_in_the_order_of_the_paper(command: Command) -> None:
    rows = json.loads(command("claims", "--json").out)
    assert [row["id"] for row in rows] == list(CLAIMS)
    assert all(set(row) == {"id", "source", "statement"} for row in rows)
    assert [line.split()[0] for line in command("claims").out.splitlines()] == list(CLAIMS)


# --- derive and latex ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", CLAIMS)
def test_every_claim_is_derived_as_text(command: Command, identifier: str) -> None:
    done = command("derive", identifier)
    assert (done.status, done.err) == (0, "")
    assert all(f"\n{part}\n" in done.out for part in ("Assumptions", "Derivation", "Result", "Certificate", "Not said"))
    assert "NOT ZERO" not in done.out
    assert "NO PROOF" not in done.out
    derivation = nocollapse.derive(identifier)
    printed = [derivation[name] for name in ("summary", "statement", "result", "expression", "not_said")]
    printed += [*derivation["assumptions"], *(derivation["recursion"] or {}).values()]
    printed += [step[name] for step in derivation["steps"] for name in ("why", "latex")]
    printed += [c[name] for c in derivation["certificates"] for name in ("name", "statement", "method", "detail")]
    assert [text for text in printed if text not in done.out] == []


@pytest.mark.parametrize("identifier", ["mean.error", "mean.ridge", "cdf.optimal-weight"])
def test_a_derivation_as_json(command: Command, identifier: str) -> None:
    derivation = json.loads(command("derive", identifier, "--format", "json").out)
    assert derivation["id"] == identifier
    assert derivation["steps"]
    assert all(step["holds"] for step in derivation["steps"])
    assert all(certificate["holds"] for certificate in derivation["certificates"])


def test_a_derivation_as_latex_is_a_document(command: Command) -> None:
    text = command("derive", "mean.error", "--format", "latex").out
    assert text.startswith(r"\documentclass")
    assert text.endswith("\\end{document}\n")


def test_the_divisor_changes_the_derivation(command: Command) -> None:
    unbiased, biased = (
        json.loads(command("derive", "mean.error", "--ddof", ddof, "--format", "json").out) for ddof in (1, 0)
    )
    assert unbiased["expression"] != biased["expression"]
    # only the biased divisor keeps the bias E Sigma_t = (1 + delta_t) Sigma in the state
    derived = [[step["latex"] for step in variant["steps"]] for variant in (unbiased, biased)]
    assert [any(line.startswith(r"\delta_\infty") for line in lines) for lines in derived] == [False, True]


def test_latex_goes_to_stdout_or_to_a_file(command: Command, tmp_path: Path) -> None:
    printed = command("latex", "mean.error", "cdf.error")
    out = tmp_path / "formulas.tex"
    filed = command("latex", "mean.error", "cdf.error", "--out", out)
    assert (printed.status, printed.err, filed) == (0, "", (0, "", ""))
    assert out.read_text(encoding="utf-8") == printed.out
    assert list(tmp_path.iterdir()) == [out]


def test_a_file_has_the_permissions_of_any_other(command: Command, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    command("latex", "mean.naive", "--out", tmp_path / "formulas.tex")
    assert (tmp_path / "formulas.tex").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex (texlive-latex-recommended) is not installed")
def test_the_derivations_of_all_claims_compile_without_a_complaint(tmp_path: Path) -> None:
    claims: list[Any] = [described(identifier) for identifier in CLAIMS]
    (tmp_path / "all.tex").write_text(derivation(claims), encoding="utf-8")
    compiler = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    for _ in range(2):
        done = subprocess.run(compiler, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    log = (tmp_path / "all.log").read_text(encoding="latin-1")
    assert not re.findall(r"^(?:Over|Under)full.*|.*Warning:.*", log, flags=re.MULTILINE)


def test_macros_of_all_claims_have_names_of_their_own(command: Command) -> None:
    names = re.findall(r"^\\newcommand{\\(nc[A-Za-z]+)}", command("latex").out, re.MULTILINE)
    assert len(names) == len(set(names)) >= 2 * len(CLAIMS)
    assert {"ncMeanError", "ncCovarianceErrorRecursion", "ncMeanOptimalWeightStatement"} <= set(names)


def test_a_pdf_needs_its_extra_before_any_work(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nocollapse.reports.latex.pdf.find_spec", lambda name: None)
    done = command("verify", "--pdf", "--effort", "paper", "--out", tmp_path / "report")
    assert (done.status, done.out) == (2, "")
    assert done.err == "nocollapse: no PDF without pypandoc and typst: pip install 'nocollapse[pdf]'\n"
    assert not list(tmp_path.iterdir())


# --- evaluate --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", NUMBERS)
def test_every_number_evaluates(command: Command, identifier: str) -> None:
    done = command("evaluate", identifier, *settings(*NUMBERS[identifier]), "--json")
    answer = json.loads(done.out)
    assert (done.status, done.err) == (0, "")
    assert set(answer) == {"id", "value", "exact", "parameters"}
    assert answer["id"] == identifier
    assert answer["parameters"] == dict(pair.split("=") for pair in NUMBERS[identifier])
    assert float(answer["value"]) > 0
    assert command("evaluate", identifier, *settings(*NUMBERS[identifier])).out == f"{answer['value']}\n"


def test_every_claim_evaluates_or_says_which_do(command: Command) -> None:
    for identifier in CLAIMS:
        done = command("evaluate", identifier)
        assert done.status == (0 if NUMBERS.get(identifier) == () else 2)
        assert ("has no single number" in done.err) == (identifier not in NUMBERS)


@pytest.mark.parametrize(
    ("identifier", "pairs", "exact"),
    [
        ("mean.error", ("n=100", "m=50", "w=1/2", "trace=3"), "3/100"),
        ("mean.error", ("n=100", "m=50", "w=0.5", "trace=3"), "3/100"),
        ("mean.error", ("n=100", "m=50", "w=0.5", "trace=3", "t=0"), "3/100"),
        ("cdf.stages", ("n=101", "m=50"), "1/2"),
        ("cdf.error", ("n=30", "m=20", "w=1"), "1/180"),
        ("mean.naive", ("k=1", "trace=3"), "2"),
        ("framework.fully-synthetic", ("n=10", "m=5", "trace=1", "t=3"), "7/10"),
    ],
)
def test_exact_values(command: Command, identifier: str, pairs: tuple[str, ...], exact: str) -> None:
    answer = json.loads(command("evaluate", identifier, *settings(*pairs), "--json").out)
    assert answer["exact"] == exact
    assert float(answer["value"]) == pytest.approx(float(Fraction(exact)), rel=1e-15)


@pytest.mark.parametrize(
    ("identifier", "pairs"),
    [
        ("mean.error", (*SIZES, "w=0", "trace=3")),
        ("covariance.error", (*SIZES, "w=0.01", "trace=3", "frob2=5")),
        ("framework.fully-synthetic", (*SIZES, "trace=3")),
        ("framework.augmentation", (*SIZES, "w=0", "trace=3")),
    ],
)
def test_what_diverges_is_inf(command: Command, identifier: str, pairs: tuple[str, ...]) -> None:
    answer = json.loads(command("evaluate", identifier, *settings(*pairs), "--json").out)
    assert (answer["value"], answer["exact"]) == ("inf", None)


@pytest.mark.parametrize("digits", [1, 5, 17, 60, 1000])
def test_digits_are_significant_digits(command: Command, digits: int) -> None:
    golden = command("evaluate", "mean.optimal-weight", *settings("k=1"), "--digits", digits).out.strip()
    assert len(golden.removeprefix("0.")) == digits
    scale = 10 ** (digits + 5)
    assert abs(Fraction(golden) ** 2 + Fraction(golden) - 1) < Fraction(3 * 10**5, scale)


def test_long_runs_have_digits_but_no_exact_value(command: Command) -> None:
    setting = settings(*SIZES, "w=0.4", "trace=3", "t=100000")
    late = json.loads(command("evaluate", "mean.error", *setting, "--json", "--digits", 30).out)
    limit = json.loads(command("evaluate", "mean.error", *setting[:-2], "--json", "--digits", 30).out)
    assert late["exact"] is None
    assert late["value"] == limit["value"]


def test_a_ratio_alone_stands_for_both_sizes(command: Command) -> None:
    by_ratio = command("evaluate", "mean.optimal-weight", *settings("k=2"))
    assert by_ratio.out == command("evaluate", "mean.optimal-weight", *settings("n=8", "m=4")).out
    scaled = command("evaluate", "mean.error", *settings("k=2", "w=0.4", "trace=3"))
    plain = command("evaluate", "mean.error", *settings("n=8", "m=4", "w=0.4", "trace=3"))
    assert float(scaled.out) == pytest.approx(8 * float(plain.out), rel=1e-15)
    assert scaled.err == "with k alone the value is n times the error\n"
    assert plain.err == ""


# --- weight ----------------------------------------------------------------------------------------------------------

ADVISED = {
    "gaussian-mean": ("--trace", "3"),
    "covariance": ("--trace", "3", "--frob2", "5"),
    "cdf": (),
    "pmf": ("--probabilities", "0.5,0.3,0.2"),
    "glm": ("--trace-model", "217", "--trace-sandwich", "301"),
}


@pytest.mark.parametrize("options", [True, False])
@pytest.mark.parametrize("model", ADVISED)
def test_a_weight_for_every_model(command: Command, model: str, options: bool) -> None:
    line = ("weight", "--n", 7, "--m", 4, "--model", model, *(ADVISED[model] if options else ()))
    printed = command(*line)
    as_json = command(*line, "--json")
    assert (printed.status, printed.err, as_json.status, as_json.err) == (0, "", 0, "")
    data = json.loads(as_json.out)
    assert re.search(rf"^best weight on real data +{data['digits']}$", printed.out, re.MULTILINE)
    assert len(printed.out.splitlines()) <= 20
    assert set(data) == {
        "model", "n", "m", "claim", "parameters", "assumed", "weight", "digits", "exact", "formula", "polynomial",
        "degree", "error", "real_only", "naive", "naive_weight", "equivalent", "within_1_percent", "within_5_percent",
        "better_above", "collapse", "steps", "saved_over_real_only", "saved_over_naive",
    }  # fmt: skip
    if options or model != "pmf":  # 1 is a unit, not a value of 1 - sum p_j^2
        assert evaluated_at(command, data, data["digits"]) == pytest.approx(data["error"], rel=1e-15)
        assert evaluated_at(command, data, "1") == pytest.approx(data["real_only"], rel=1e-15)


def evaluated_at(command: Command, data: dict[str, Any], w: str) -> float:
    """The error that evaluate gives for the claim of an advice, at a weight."""
    sizes = {"k": Fraction(data["n"], data["m"])} if data["model"] == "glm" else {"n": data["n"], "m": data["m"]}
    values = {**data["parameters"], **sizes, "w": w}
    done = command("evaluate", data["claim"], *settings(*(f"{name}={value}" for name, value in values.items())))
    return float(done.out) / (data["n"] if data["model"] == "glm" else 1)


def test_the_default_weight_is_that_of_the_mean(command: Command) -> None:
    advice = json.loads(command("weight", "--n", 100, "--m", 400, "--json").out)
    assert (advice["model"], advice["exact"]) == ("gaussian-mean", "(-1 + sqrt(17))/8")
    assert nocollapse.weight(100, 400).to_dict()["digits"] == advice["digits"]


def test_the_models_are_those_of_the_theory() -> None:
    (model,) = (option for option in group.commands["weight"].params if option.name == "model")
    assert list(model.type.choices) == list(WEIGHED)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_a_weight_is_drawn(command: Command, suffix: str, start: bytes, tmp_path: Path) -> None:
    out = tmp_path / f"weight.{suffix}"
    line = ("weight", "--n", 20, "--m", 10, "--model", "covariance", "--p", 4)
    assert command(*line, "--plot", out) == command(*line)
    assert out.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize(
    ("program", "heavy"),
    [
        ("import nocollapse", {"click", "sympy", "flint", "numpy", "numba", "matplotlib"}),
        ("import nocollapse; nocollapse.main(['--help'])", {"sympy", "flint", "numpy", "numba", "matplotlib"}),
        ("import nocollapse; nocollapse.main(['simulate', '--help'])", {"sympy", "numpy", "numba", "matplotlib"}),
        ("import nocollapse; nocollapse.main(['claims'])", {"numba", "matplotlib"}),
        ("import nocollapse; nocollapse.weight(7, 4)", {"numba", "matplotlib"}),
    ],
)
def test_listing_and_help_load_no_more_than_they_need(program: str, heavy: set[str]) -> None:
    packages = "*{name.partition('.')[0] for name in sys.modules}"
    listed = f"import atexit, sys; atexit.register(lambda: print({packages}, file=sys.stderr)); {program}"
    done = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True)
    assert "nocollapse" in done.stderr.split()
    assert not heavy & set(done.stderr.split())


# --- simulate --------------------------------------------------------------------------------------------------------


def test_simulated_errors_as_csv_json_and_npz(command: Command, tmp_path: Path) -> None:
    csv = command(*SIMULATE)
    rows = json.loads(command(*SIMULATE, "--json").out)
    command(*SIMULATE, "--out", tmp_path / "errors.csv")
    command(*SIMULATE, "--out", tmp_path / "errors.npz")
    assert (csv.status, csv.err) == (0, "")
    assert (tmp_path / "errors.csv").read_text() == csv.out
    header, *lines = csv.out.splitlines()
    assert [list(map(str, row.values())) for row in rows] == [line.split(",") for line in lines]
    assert list(rows[0]) == header.split(",")
    assert len(rows) == 2 * 2 * 3  # quantities, weights, steps
    with np.load(tmp_path / "errors.npz") as arrays:
        assert arrays["mean_error"].shape == (3, 2)
        assert arrays["covariance_standard_error"][2, 1] == rows[-1]["standard_error"]


def test_jobs_change_no_byte(command: Command, tmp_path: Path) -> None:
    one = command(*SIMULATE)
    two = command(*SIMULATE, "--jobs", 2)
    assert one == two
    assert command(*SIMULATE[:-1], 4).out != one.out


@pytest.mark.parametrize(
    "line",
    [
        "cdf --w 0.5",
        "cdf --w 1 --framework accumulation",
        "pmf --w 0.5 --probabilities 0.5,0.3,0.2",
        "pmf --w 0.5 --adult workclass --framework augmentation",
        "gaussian --w 0 --framework fully-synthetic --ddof 0",
        "gaussian --w 1/3 --w 2/3",
    ],
)
def test_every_model_and_framework_simulates(command: Command, line: str) -> None:
    done = command("simulate", *line.split(), "--n=5", "--m=7", "--steps=2", "--replications=50", "--json")
    rows = json.loads(done.out)
    assert (done.status, done.err) == (0, "")
    assert all(0 <= row["error"] < 100 and row["replications"] == 50 for row in rows)
    assert {row["t"] for row in rows} == {0, 1, 2}


# --- processes: exit statuses, streams -------------------------------------------------------------------------------


def test_data_and_messages_keep_to_their_streams(tmp_path: Path) -> None:
    done = shell("evaluate", "mean.error", *settings("k=2", "w=1/2", "trace=1"), "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["value"] == "1.0000000000000000"
    assert done.stderr == "with k alone the value is n times the error\n"


def test_bad_input_is_one_line_and_status_2(tmp_path: Path) -> None:
    done = shell("evaluate", "mean.error", *settings("w=1.5"), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "nocollapse: w = 3/2 is not a number in [0, 1]\n"


def test_verify_in_a_process_of_its_own(tmp_path: Path) -> None:
    arguments = ("--effort", "quick", "--jobs", 1, "--json", "--pdf", "--out", "report")
    done = shell("verify", "mean.ridge", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {verdict["kind"] for verdict in json.loads(done.stdout)} >= {"derivation", "certificate", "smt"}
    assert done.stderr == "The claim holds. The report is report/index.html.\n"
    assert (tmp_path / "report" / "index.html").is_file()
    assert (tmp_path / "report" / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_the_script_is_the_module(tmp_path: Path) -> None:
    script = shutil.which("nocollapse", path=Path(sys.executable).parent)
    assert script is not None, "install the package: pip install -e ."
    done = subprocess.run([script, "claims"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, shell("claims", cwd=tmp_path).stdout)


# --- the names a user imports ----------------------------------------------------------------------------------------


def test_the_functions_say_what_the_commands_say(command: Command) -> None:
    assert nocollapse.claims() == json.loads(command("claims", "--json").out)
    assert nocollapse.derive("mean.naive") == json.loads(command("derive", "mean.naive", "--format", "json").out)
    value = nocollapse.evaluate("mean.error", 20, n=30, m="20", w=0.4, trace=3)
    printed = command("evaluate", "mean.error", *settings(*NUMBERS["mean.error"]), "--digits", 20)
    assert f"{value.decimal}\n" == printed.out
