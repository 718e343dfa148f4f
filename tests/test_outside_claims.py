"""Claims from files, installed packages and Python get what the project's own get; what is broken is one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import nocollapse
from nocollapse.document import Document
from nocollapse.theory.claims import outside, registry
from nocollapse.theory.symbols import PARAMETERS

Command = Callable[..., Any]  # what tests/conftest.py returns
EXAMPLES = Path(__file__).parents[1] / "examples"
SCALE = EXAMPLES / "scale.py"
WORTH = EXAMPLES / "worth.py"
SMALL = """
import sympy as sp
from nocollapse import Check, Claim, Column, Inequality, Prediction, Run, Step, check, claim, positive
from nocollapse.theory.symbols import n, trace

@claim("own.batch", source="A test", summary="The error of one batch.", example=("n=4", "trace=3"))
def batch():
    return Claim(
        left=sp.Symbol("e"),
        published=trace / n,
        derived=trace / (n + 1 - 1),
        assumptions=("A batch.",),
        steps=(Step("Counting,", trace / n, trace / n),),
        inequalities=(Inequality("positive", trace / n, (n >= 2, positive(trace))),),
        not_said="Anything else.",
    )
"""
CHECKED = (
    SMALL
    + """
def draw(stream, replicates):
    import numpy as np
    return np.array([[3 * stream.generator(r).standard_normal(4).mean() ** 2] for r in replicates])

@check("own.batch")
def design():
    point = {"n": 4, "trace": 3}
    return Check((Run("one", draw, (Column("error", point, Prediction(0.75, link=float)),)),))
"""
)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """Each test begins and ends with the project's own claims."""
    outside.load(())
    yield
    outside.load(())


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str], Path]:
    """A file of claims with this text."""

    def write(text: str, name: str = "mine.py") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def statuses(document: Document) -> dict[str, str]:
    return {row["kind"]: row["status"] for row in document["verdicts"]}


# --- what they get ---------------------------------------------------------------------------------------------------


def test_a_file_is_listed_derived_evaluated_and_printed(command: Command) -> None:
    listed = json.loads(command("claims", "--claims", SCALE, "--json").out)
    assert [row["id"] for row in listed] == [*registry.OWN, "scale.error"]
    assert "scale of the exponential" in command("derive", "scale.error", "--claims", SCALE, "--format", "json").out
    value = command("evaluate", "scale.error", "--claims", SCALE, *settings("n=20", "m=10", "w=0.6", "theta=2"))
    q = 0.4**2  # theta^2 (w^2/n + q/m) / (1 - q (1 + 1/m)), by hand
    assert float(value.out) == pytest.approx(4 * (0.36 / 20 + q / 10) / (1 - q * 1.1), rel=1e-14)
    printed = command("latex", "--claims", SCALE)
    assert r"\newcommand{\ncScaleError}" in printed.out
    assert r"\ncMeanError" not in printed.out


def settings(*pairs: str) -> list[str]:
    return [part for pair in pairs for part in ("--set", pair)]


def test_without_its_file_a_claim_and_its_letter_are_unknown(command: Command) -> None:
    assert command("claims", "--claims", SCALE).status == 0
    refused = command("evaluate", "scale.error", "--set", "n=2")
    assert (refused.status, refused.out) == (2, "")
    assert "unknown claim 'scale.error'" in refused.err
    assert "theta" not in PARAMETERS


def test_the_examples_suffice_for_a_number() -> None:
    for path in (WORTH, SCALE):
        outside.load(outside.sources([path]))
        for identifier in outside.stated():
            pairs = dict(pair.split("=") for pair in registry.entry(identifier).example or ())
            assert nocollapse.evaluate(identifier, claims=[path], **pairs).decimal  # type: ignore[arg-type]


@pytest.mark.parametrize(("n", "m", "x"), [(9, 4, 3), (2, 12, 4), (4, 3, 2)])
def test_real_points_alone_do_the_same(n: int, m: int, x: int) -> None:
    """Sizes at which the worth of synthetic points is a whole number, by the errors of other claims."""
    assert nocollapse.evaluate("mean.worth", claims=[WORTH], n=n, m=m).exact == str(x)
    mixed = nocollapse.evaluate("mean.error", n=n, m=m, w=f"{n}/{n + x}", trace=1)
    alone = nocollapse.evaluate("mean.error", n=n + x, m=m, w=1, trace=1)
    assert mixed.exact == alone.exact


def test_a_verdict_is_the_same_for_any_workers_and_has_map_and_text(file: Callable[[str], Path]) -> None:
    path = file(CHECKED)
    documents = [nocollapse.verify(claims=[path], effort="quick", jobs=jobs) for jobs in (1, 2)]
    same = [{key: value for key, value in d.items() if key not in ("environment", "timings")} for d in documents]
    assert same[0] == same[1]
    assert statuses(documents[0]) == {
        "derivation": "PROVED", "certificate": "PROVED", "smt": "PROVED", "simulation": "SUPPORTED",
        "mutants": "SUPPORTED",
    }  # fmt: skip
    (source,) = documents[0]["outside"]
    assert source["text"] == CHECKED
    assert [node["id"] for node in documents[0]["map"]["nodes"]] == ["own.batch"]
    assert [claim["id"] for claim in documents[0]["claims"]] == ["own.batch"]


def test_its_derivation_is_on_the_map() -> None:
    outside.load(outside.sources([SCALE]))
    from nocollapse.theory.proof.dependencies import theory_map

    edges = theory_map(["scale.error"]).edges
    assert {source for source, target in edges if target == "scale.error"} == {
        "theory.moments.iid.mean_product",
        "theory.moments.iid.quadratic",
    }


def test_claims_of_the_project_may_be_named_beside_them(file: Callable[[str], Path]) -> None:
    document = nocollapse.verify("mean.ridge", "own.batch", claims=[file(SMALL)], effort="quick", jobs=1)
    assert [claim["id"] for claim in document["claims"]] == ["mean.ridge", "own.batch"]


def test_a_claim_without_a_check_says_so(command: Command, file: Callable[[str], Path], tmp_path: Path) -> None:
    done = command("verify", "--claims", file(SMALL), "--effort", "quick", "--jobs", 1, "--out", tmp_path / "report")
    assert done.status == 0
    assert "own.batch has no check: nothing of it is simulated" in done.err
    assert "not simulated" in done.out
    assert "Nothing of this claim is simulated" in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")


def test_a_wrong_formula_is_refuted(command: Command, file: Callable[[str], Path], tmp_path: Path) -> None:
    wrong = CHECKED.replace("published=trace / n,", "published=2 * trace / n,")
    done = command("verify", "--claims", file(wrong), "--effort", "quick", "--jobs", 1, "--out", tmp_path / "report")
    assert done.status == 1
    assert done.err.strip().splitlines()[-1].startswith("1 of 1 claim is refuted.")


ASSUMING = SMALL.replace("import Check,", "import Assumption, Check,").replace(
    'example=("n=4", "trace=3"))',
    """example=("n=4", "trace=3"),
       rests_on=[Assumption("my-lemma", "A lemma of mine: $x^2 \\\\ge 0$.", "My thesis", "nothing but good will")])""",
)


def test_a_claim_names_assumptions_of_its_own(command: Command, file: Callable[[str], Path], tmp_path: Path) -> None:
    path = file(ASSUMING)
    out = tmp_path / "report"
    done = command("verify", "--claims", path, "--effort", "quick", "--jobs", 1, "--out", out)
    assert done.status == 0
    assert done.err.splitlines()[-1].startswith("The claim holds; it rests on 1 assumption. ")
    assert "ASSUMED" in done.out
    document = json.loads((out / "verdicts.json").read_text(encoding="utf-8"))
    assert document["assumptions"] == [
        {"id": "my-lemma", "sentence": "A lemma of mine: $x^2 \\ge 0$.", "source": "My thesis",
         "tested_by": "nothing but good will", "claims": ["own.batch"]}
    ]  # fmt: skip
    (row,) = (row for row in document["verdicts"] if row["kind"] == "assumption")
    assert (row["status"], row["rests_on"]) == ("ASSUMED", ["my-lemma"])
    page = (out / "index.html").read_text(encoding="utf-8")
    assert '<li id="assumption/my-lemma">' in page
    assert "is <strong>the user&#39;s own</strong>" in page
    assert r"\label{assumption-my-lemma}" in (out / "report.tex").read_text(encoding="utf-8")
    printed = command("derive", "own.batch", "--claims", path).out
    assert "compared with is the user's own." in printed
    assert "  - my-lemma: A lemma of mine: $x^2 \\ge 0$.\n       Source: My thesis.\n" in printed
    derived = nocollapse.derive("own.batch", claims=[path])
    assert [one["id"] for one in derived["assumed"]] == ["my-lemma"]


def test_an_assumption_hides_no_refutation(command: Command, file: Callable[[str], Path], tmp_path: Path) -> None:
    wrong = ASSUMING.replace("published=trace / n,", "published=2 * trace / n,")
    done = command("verify", "--claims", file(wrong), "--effort", "quick", "--jobs", 1, "--out", tmp_path / "report")
    assert done.status == 1
    assert done.err.strip().splitlines()[-1].startswith("1 of 1 claim is refuted.")


def test_another_assumption_of_a_taken_id_is_refused(command: Command, file: Callable[[str], Path]) -> None:
    done = command("claims", "--claims", file(ASSUMING.replace("my-lemma", "strong-law")))
    assert done.status == 2
    assert "another assumption has the id 'strong-law'" in done.err


def test_objects_from_python(file: Callable[[str], Path]) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(CHECKED, names)
    document = nocollapse.verify(claims=[names["batch"], names["design"]], effort="quick", jobs=2)
    assert set(statuses(document).values()) == {"PROVED", "SUPPORTED"}
    assert len(document["verdicts"]) == 5
    assert "own.batch" in [row["id"] for row in nocollapse.claims([names["batch"]])]
    with pytest.raises(ValueError, match="claims: 7 is no path of a file, and no claim, check or letter"):
        nocollapse.claims([7])


def test_an_edited_file_is_another_file(command: Command, file: Callable[[str], Path], tmp_path: Path) -> None:
    """What is kept of a run is kept for the text that it was run on."""
    out = tmp_path / "report"
    arguments = ("--effort", "quick", "--jobs", 1, "--keep-chunks", "--out", out)
    assert command("verify", "--claims", file(SMALL), *arguments).status == 0
    assert command("verify", "--claims", file(SMALL.replace("n + 1 - 1", "n + 1")), *arguments).status == 1
    assert command("verify", "--claims", file(SMALL), *arguments).status == 0


@pytest.mark.slow
def test_a_package_brings_claims(tmp_path: Path) -> None:
    """An entry point, in a process that finds the package on its path; at two jobs."""
    (tmp_path / "ours.py").write_text(CHECKED, encoding="utf-8")
    info = tmp_path / "ours-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ours\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[nocollapse.claims]\nours = ours\n")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(tmp_path), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
        return subprocess.run(
            [sys.executable, "-m", "nocollapse", *arguments],
            env=os.environ | {"PYTHONPATH": path}, cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert "own.batch" in run("claims").stdout
    done = run("verify", "own.batch", "--effort", "quick", "--jobs", "2", "--out", "report")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "report" / "index.html").is_file()
    (tmp_path / "ours.py").write_text("import no_such_module\n")
    broken = run("claims")
    assert (broken.returncode, broken.stdout) == (2, "")
    assert "the installed claims in ours cannot be imported: ModuleNotFoundError" in broken.stderr
    assert len(broken.stderr.splitlines()) == 1


# --- what is broken --------------------------------------------------------------------------------------------------


BROKEN = {
    "syntax": ("def batch(:\n", "cannot be run: line 1: invalid syntax"),
    "name": ("\nx = missing\n", "cannot be run: line 2: NameError: name 'missing' is not defined"),
    "module": ("import no_such_module\n", "cannot be run: line 1: ModuleNotFoundError: No module named"),
    "exit": ("raise SystemExit(3)\n", "cannot be run: line 1: SystemExit: 3"),
    "nothing": ("x = 1\n", "states no claim"),
    "malformed id": (SMALL.replace('"own.batch"', '"batch"'), "claim id 'batch' is not of the form"),
    "capital id": (SMALL.replace('"own.batch"', '"Own.batch"'), "claim id 'Own.batch' is not of the form"),
    "taken id": (SMALL.replace('"own.batch"', '"mean.error"'), "the id 'mean.error' is that of a claim of nocollapse"),
    "twice": (SMALL + SMALL.replace("def batch", "def other"), "two claims have the id 'own.batch'"),
    "taken letter": (
        SMALL + "from nocollapse import Letter\nN = Letter(sp.Symbol('n'), 'nails')\n",
        "letter 'n' is taken: it stands for real points a step",
    ),
    "no name": (
        SMALL + "from nocollapse import Letter\nN = Letter(sp.Symbol('a b'), 'x')\n", "letter 'a b' is not a name",
    ),
    "stray check": (CHECKED.replace('@check("own.batch")', '@check("own.other")'), "a check of 'own.other', which is"),
    "two checks": (CHECKED + CHECKED.partition("@check")[1] + CHECKED.partition("@check")[2].replace("design", "more"),
                   "own.batch has two checks"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_one_line(
    text: str, message: str, command: Command, file: Callable[[str], Path], tmp_path: Path
) -> None:
    done = command("verify", "--claims", file(text), "--effort", "quick", "--jobs", 1, "--out", tmp_path / "report")
    assert (done.status, done.out) == (2, "")
    assert message in done.err
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "report").exists()
    assert command("claims").status == 0
    assert list(registry.CLAIMS) == list(registry.OWN)


def test_what_is_no_file_of_text_is_one_line(command: Command, tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xe9")
    for name, message in (("none.py", "No such file"), ("", "Is a directory"), ("latin", "is not UTF-8 text")):
        done = command("claims", "--claims", tmp_path / name)
        assert (done.status, done.out) == (2, "")
        assert message in done.err
        assert len(done.err.splitlines()) == 1


def test_a_file_beside_it_is_refused(
    command: Command, file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be found here, and by no worker."""
    monkeypatch.syspath_prepend(tmp_path)
    file("SIZE = 4\n", "neighbour.py")
    done = command("claims", "--claims", file("import neighbour\n" + SMALL))
    assert done.status == 2
    assert "imports neighbour, which lies beside it" in done.err
    assert "neighbour" not in sys.modules


def test_a_letter_that_nobody_declares_is_named(command: Command, file: Callable[[str], Path]) -> None:
    text = SMALL.replace("derived=trace / (n + 1 - 1)", "derived=trace / n + 0 * sp.Symbol('z') + sp.Symbol('y')")
    done = command("evaluate", "own.batch", "--claims", file(text), *settings("n=4", "trace=3"))
    assert done.status == 2
    assert "own.batch has the letter y, which no Letter declares" in done.err
