"""Bad input: one line that names it, exit status 2, nothing on stdout, nothing written."""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nocollapse.theory.answers.evaluate import names as parameter_names
from nocollapse.theory.claims.registry import CLAIMS

Command = Callable[..., Any]  # what tests/conftest.py returns
GOOD = {"n": "30", "m": "20", "w": "0.4", "trace": "3"}
SIMULATED = {"--n": "5", "--m": "4", "--w": "0.5", "--steps": "1", "--replications": "5"}
MODELS = ("gaussian", "cdf", "pmf")

# Numbers as one would type them. The exponent stays small: a refused value is quoted in full.
fractions = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000)
outside = fractions.filter(lambda x: not 0 <= x <= 1)
broken = fractions.filter(lambda x: x.denominator > 1)
small = st.integers(-(10**9), 1)
# Any text that the shell could pass on, lone surrogates (bytes that are not UTF-8) included.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=()), max_size=20)
names = texts.filter(lambda text: not text.startswith("-"))


def refused(command: Command, *arguments: object, naming: str = "") -> str:
    """The one line in which the command refuses its arguments."""
    done = command(*arguments)
    assert (done.status, done.out) == (2, "")
    assert re.fullmatch(r"nocollapse: [^\n]+\n", done.err)
    assert len(done.err.splitlines()) == 1
    assert "Traceback" not in done.err
    assert " ".join(naming.split()) in done.err
    return str(done.err)


def evaluated(identifier: str = "mean.error", /, **changes: object) -> list[str]:
    """The arguments of a good evaluation with some parameters changed; None leaves one out."""
    pairs = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return ["evaluate", identifier, *(part for name, value in pairs.items() for part in ("--set", f"{name}={value}"))]


def simulated(model: str, /, **changes: object) -> list[str]:
    """The arguments of a good simulation with some options changed."""
    own = {"--probabilities": "0.5,0.5"} if model == "pmf" else {}
    options = {**SIMULATED, **own, **{f"--{name}": value for name, value in changes.items()}}
    return ["simulate", model, *(f"{name}={value}" for name, value in options.items())]


def written(value: Fraction) -> st.SearchStrategy[str]:
    """The ways to write a number: p/q, and a decimal where it is one."""
    decimal = repr(float(value))
    return st.sampled_from([str(value), *([decimal] if Fraction(decimal) == value else [])])


def test_what_is_changed_here_is_good_before(command: Command) -> None:
    assert command(*evaluated()).status == 0
    assert all(command(*simulated(model)).status == 0 for model in MODELS)


# --- parameters ------------------------------------------------------------------------------------------------------


@given(st.sampled_from(["mean.error", "framework.augmentation"]), outside.flatmap(written))
def test_a_weight_outside_the_unit_interval(command: Command, identifier: str, w: str) -> None:
    refused(command, *evaluated(identifier, w=w), naming=f"w = {Fraction(w)} ")


@given(st.sampled_from(MODELS), outside.flatmap(written))
def test_a_simulated_weight_outside_the_unit_interval(command: Command, model: str, w: str) -> None:
    refused(command, *simulated(model, w=w), naming=f"weights = ({float(Fraction(w))!r},)")


@given(st.sampled_from(["n", "m"]), small | broken)
def test_sizes_below_two_or_broken(command: Command, name: str, size: int | Fraction) -> None:
    refused(command, *evaluated(**{name: size}), naming=f"{name} = {size} is not a whole number >= 2")


@given(st.sampled_from(MODELS), st.sampled_from(["n", "m"]), small | broken.map(float))
def test_simulated_sizes_below_two_or_broken(command: Command, model: str, name: str, size: float) -> None:
    assert re.search(rf"\b{name}\b", refused(command, *simulated(model, **{name: size}), naming=str(size)))


@given(st.fractions(max_value=0, max_denominator=99) | st.just(Fraction(0)))
def test_quantities_that_are_not_positive(command: Command, value: Fraction) -> None:
    refused(command, *evaluated(n=None, m=None, k=value), naming=f"k = {value} is not a number > 0")
    refused(command, *evaluated(trace=value), naming=f"trace = {value} is not a number > 0")


@given(st.integers(max_value=-1) | broken)
def test_steps_that_are_no_count(command: Command, step: int | Fraction) -> None:
    refused(command, *evaluated(t=step), naming=f"t = {step} is not a whole number >= 0")


@given(st.fractions(min_value=1, max_value=9), st.integers(2, 99), st.booleans())
def test_a_ratio_with_a_size(command: Command, k: Fraction, size: int, both: bool) -> None:
    refused(command, *evaluated(k=k, n=size, m=size if both else None), naming="give k alone, or both n and m")
    refused(command, *evaluated(k=k, n=None, m=size), naming="give k alone, or both n and m")


@pytest.mark.parametrize("missing", ["n", "m", "w", "trace"])
def test_a_missing_parameter(command: Command, missing: str) -> None:
    refused(command, *evaluated(**{missing: None}), naming=f"mean.error needs a value of {missing}")


def test_moments_of_no_matrix(command: Command) -> None:
    refused(command, *evaluated("covariance.error", frob2="9.1"), naming="frob2 = 91/10")


@given(texts)
def test_text_is_no_number(command: Command, text: str) -> None:
    if not re.fullmatch(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*|\s*[+-]?\d+/\d*[1-9]\d*\s*", text, re.ASCII):
        refused(command, *evaluated(w=text), naming=f"w = {text!r}")


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1/0", "0/0", "1e999999", "0x1", "1_000", "٣", "½", ""])
def test_near_numbers(command: Command, text: str) -> None:
    refused(command, *evaluated(n=text), naming=f"n = {text!r}")


@pytest.mark.parametrize("code", ["__import__('os').mkdir('made')", "2**9**9", "pi", "sqrt(2)", "open('made', 'w')"])
def test_a_value_is_never_run(command: Command, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused(command, *evaluated(n=code), naming=f"n = {code!r}")
    assert not list(tmp_path.iterdir())


def test_a_number_too_long_to_be_meant(command: Command) -> None:
    assert len(refused(command, *evaluated(n="9" * 100_000))) < 200


# --- names -----------------------------------------------------------------------------------------------------------


@given(st.sampled_from(["derive", "evaluate", "latex", "verify"]), names.filter(lambda text: text not in CLAIMS))
def test_unknown_claims(command: Command, name: str, identifier: str) -> None:
    refused(command, name, identifier, naming=f"unknown claim {identifier!r}")


@given(texts.filter(lambda text: "=" not in text and text not in parameter_names()))
def test_unknown_names(command: Command, name: str) -> None:
    refused(command, *evaluated(**{name: 1}), naming=f"unknown name {name!r}")


@given(texts.filter(lambda text: "=" not in text))
def test_settings_without_an_equals_sign(command: Command, text: str) -> None:
    refused(command, "evaluate", "mean.error", f"--set={text}", naming=f"--set {text!r}")


def test_a_name_set_twice(command: Command) -> None:
    refused(command, *evaluated(), "--set", "w=0.4", naming="w is set twice")


@given(names)
def test_unknown_commands_and_models(command: Command, name: str) -> None:
    if name not in ("claims", "derive", "evaluate", "latex", "simulate", "verify"):
        refused(command, name)
    if name not in MODELS:
        refused(command, *simulated(name))


@pytest.mark.parametrize(
    ("line", "naming"),
    [
        ("", "Missing command"),
        ("--bogus", "--bogus"),
        ("claims extra", "extra"),
        ("derive", "ID"),
        ("derive mean.error --ddof 2", "2 is not in the range"),
        ("derive cdf.error --ddof 0", "ddof = 0 does not apply to cdf.error"),
        ("derive mean.error --format xml", "xml"),
        ("evaluate mean.ridge", "mean.ridge has no single number"),
        ("evaluate cdf.error --set k=2 --set w=1/2", "not on k = 2 alone"),
        ("evaluate mean.optimal-weight --set k=1 --digits 0", "0 is not in the range"),
        ("evaluate mean.optimal-weight --set k=1 --digits 1001", "1001 is not in the range"),
        ("latex mean.error nope", "unknown claim 'nope'"),
        ("weight --n 5", "--m"),
        ("weight --n 1 --m 4", "n = 1 is not a whole number >= 2"),
        ("weight --n 5 --m 4.5", "m = 9/2 is not a whole number >= 2"),
        ("weight --n x --m 4", "n = 'x' is not a number"),
        ("weight --n 5 --m 4 --model mean", "'mean' is not one of 'gaussian-mean'"),
        ("weight --n 5 --m 4 --p 2", "p does not apply to model gaussian-mean"),
        ("weight --n 5 --m 4 --model covariance --frob2 2", "needs trace and frob2 together"),
        ("weight --n 5 --m 4 --model covariance --trace 3 --frob2 10", "frob2 = 10 is not at most trace^2 = 9"),
        ("weight --n 5 --m 4 --model pmf --probabilities 0.5,0.6", "probabilities = 1/2, 3/5 are not values >= 0"),
        ("weight --n 5 --m 4 --model pmf --probabilities 0.5,", "probabilities = '' is not a number"),
        ("weight --n 5 --m 4 --plot weight.gif", "--plot weight.gif does not end in .svg, .pdf or .png"),
        ("weight --n 5 --m 1 --plot weight.svg", "m = 1"),
        ("weight --n 5 --m 4 --plot missing/weight.svg", "missing/weight.svg: its directory does not exist"),
        ("verify --effort x", "'x'"),
        ("verify --seed -1", "seed = -1"),
        ("verify --seed 1.5", "'1.5'"),
        ("verify --jobs 0", "jobs = 0"),
    ],
)
def test_usage(command: Command, line: str, naming: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused(command, *line.split(), naming=naming)
    assert not list(tmp_path.iterdir())


# --- simulations -----------------------------------------------------------------------------------------------------


def rows(matrix: Sequence[Sequence[float]]) -> str:
    """A matrix as --sigma takes it."""
    return ";".join(",".join(map(repr, row)) for row in matrix)


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-50, 50))
def test_a_covariance_that_is_not_positive_definite(command: Command, a: int, b: int, c: int) -> None:
    if a <= 0 or a * c < b * b:
        matrix = [[float(a), float(b)], [float(b), float(c)]]
        refused(command, *simulated("gaussian", sigma=rows(matrix)), naming=f"sigma = {matrix!r}")


def test_a_covariance_that_is_singular(command: Command) -> None:
    refused(command, *simulated("gaussian", sigma="2,2;2,2"), naming="sigma = [[2.0, 2.0], [2.0, 2.0]]")


@given(st.lists(st.lists(st.sampled_from([0.25, 1.0, 3.0]), min_size=1, max_size=3), min_size=1, max_size=3))
def test_a_covariance_that_is_not_square(command: Command, matrix: list[list[float]]) -> None:
    if any(len(row) != len(matrix) for row in matrix):
        refused(command, *simulated("gaussian", sigma=rows(matrix)), naming=f"sigma = {matrix!r}")


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_a_covariance_that_is_not_symmetric(command: Command, a: int, b: int) -> None:
    if a != b:
        matrix = [[10.0, float(a)], [float(b), 10.0]]
        refused(command, *simulated("gaussian", sigma=rows(matrix)), naming=f"sigma = {matrix!r}")


@pytest.mark.parametrize(
    ("model", "changes", "naming"),
    [
        ("gaussian", {"sigma": "x"}, "sigma = 'x'"),
        ("gaussian", {"sigma": ""}, "sigma = ''"),
        ("gaussian", {"sigma": "1;"}, "sigma = ''"),
        ("gaussian", {"sigma": "1e300"}, "sigma"),
        ("gaussian", {"probabilities": "1"}, "--probabilities does not apply to gaussian"),
        ("gaussian", {"adult": "education"}, "--adult does not apply to gaussian"),
        ("cdf", {"sigma": "1"}, "--sigma does not apply to cdf"),
        ("cdf", {"ddof": "0"}, "--ddof does not apply to cdf"),
        ("cdf", {"w": "nan"}, "w = 'nan'"),
        ("cdf", {"w": "0.5,"}, "w = ''"),
        ("cdf", {"steps": "-1"}, "steps = -1"),
        ("cdf", {"replications": "1"}, "replications = 1"),
        ("cdf", {"jobs": "0"}, "jobs = 0"),
        ("cdf", {"seed": "-1"}, "seed = -1"),
        ("cdf", {"framework": "stale"}, "'stale'"),
        ("cdf", {"framework": "accumulation"}, "weights = (0.5,)"),
        ("cdf", {"n": "1" + "0" * 11}, "out of memory"),
        ("pmf", {"probabilities": "0.5,0.6"}, "probabilities = [0.5, 0.6]"),
        ("pmf", {"probabilities": "1.5,-0.5"}, "probabilities = [1.5, -0.5]"),
        ("pmf", {"probabilities": "1"}, "probabilities = [1.0]"),
        ("pmf", {"adult": "education"}, "either --probabilities or --adult"),
        ("pmf", {"adult": "income"}, "'income'"),
    ],
)
def test_settings_of_a_simulation(command: Command, model: str, changes: dict[str, str], naming: str) -> None:
    refused(command, *simulated(model, **changes), naming=naming)


# --- output ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parent", ["missing", "missing/deeper", "file"])
def test_output_that_cannot_be_written(command: Command, parent: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    out = tmp_path / parent / "out"
    refused(command, "latex", "mean.naive", "--out", out, naming=str(out))
    refused(command, *simulated("cdf"), "--out", out.with_suffix(".csv"), naming=str(out.with_suffix(".csv")))
    refused(command, "verify", "mean.ridge", "--out", out, naming=str(out))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="a directory in which not even root can write")
def test_output_where_nobody_can_write_is_refused_before_the_work(command: Command) -> None:
    huge = simulated("cdf", replications=10**15)
    refused(command, *huge, "--out", "/proc/out.csv", naming="/proc/out.csv")


def test_a_directory_in_place_of_a_file(command: Command, tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    refused(command, *simulated("cdf"), "--out", tmp_path / "out.csv", naming="out.csv")
    refused(command, "latex", "--out", tmp_path, naming=str(tmp_path))


def test_a_report_in_place_of_other_files(command: Command, tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("kept")
    refused(command, "verify", "mean.ridge", "--out", tmp_path, naming=str(tmp_path))
    refused(command, "verify", "mean.ridge", "--out", tmp_path / "diary.txt", naming="diary.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


@pytest.mark.parametrize("name", ["out.txt", "out", "out.CSV"])
def test_a_file_of_no_known_kind(command: Command, name: str, tmp_path: Path) -> None:
    refused(command, *simulated("cdf"), "--out", tmp_path / name, naming=name)
    assert not list(tmp_path.iterdir())


def test_json_is_for_stdout_alone(command: Command, tmp_path: Path) -> None:
    refused(command, *simulated("cdf"), "--json", "--out", tmp_path / "out.csv", naming="out.csv")
    assert not list(tmp_path.iterdir())


def test_what_stood_there_stays_when_the_input_is_bad(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    refused(command, *simulated("cdf", w="2"), "--out", out)
    assert (out.read_text(), list(tmp_path.iterdir())) == ("before", [out])
