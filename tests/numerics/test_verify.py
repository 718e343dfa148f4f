"""The whole verification: its document, its reproducibility, and what it makes of a claim that is wrong."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sympy import Expr

from nocollapse import main
from nocollapse.numerics import verify as verification
from nocollapse.numerics.checks import attack, plan
from nocollapse.numerics.checks.outcomes import Outcome
from nocollapse.numerics.execution.workers import Workers
from nocollapse.numerics.verify import verify
from nocollapse.theory.claims import registry
from nocollapse.theory.claims.claim import Claim
from nocollapse.theory.proof.referee import Referee, Ruling
from nocollapse.theory.symbols import k, m, n

CHEAP = ("mean.naive", "mean.ridge")
KEYS = {
    "version", "seed", "effort", "environment", "timings", "calibration", "claims", "verdicts", "figures", "tables",
    "findings", "map", "explorer",
}  # fmt: skip
OWN_KEYS = {"derivation": "steps", "certificate": "certificates", "smt": "obligations", "simulation": "points"}
Spoil = Callable[[str, Callable[[Expr], Expr]], None]


def quick(*identifiers: str, **options: Any) -> Any:
    return verify(identifiers, effort="quick", **options)


def evidence(document: dict[str, Any]) -> str:
    """All that must be the same for the same seed, to the last digit."""
    return json.dumps({key: value for key, value in document.items() if key not in ("environment", "timings")})


@pytest.fixture(scope="module")
def document() -> Any:
    return quick(*CHEAP, seed=3, command="nocollapse verify")


def test_the_document_has_its_keys(document: dict[str, Any]) -> None:
    assert set(document) >= KEYS
    assert (document["seed"], document["effort"]) == (3, "quick")
    assert document["environment"]["command"] == "nocollapse verify"
    assert document["timings"]["total"] > 0
    assert [claim["id"] for claim in document["claims"]] == list(CHEAP)
    kinds = [(row["claim"], row["kind"]) for row in document["verdicts"]]
    proofs = ["derivation", "certificate", "smt"]
    assert kinds == [
        *(("mean.naive", kind) for kind in [*proofs, "simulation", "mutants"]),
        *(("mean.ridge", kind) for kind in [*proofs, "mutants"]),
    ]
    for row in document["verdicts"]:
        assert row["status"] in ("PROVED", "SUPPORTED")
        assert row["reason"]
        assert OWN_KEYS.get(row["kind"], "mutants") in row


def test_the_document_is_strict_json(document: dict[str, Any]) -> None:
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_a_simulated_point_says_what_it_rests_on(document: dict[str, Any]) -> None:
    (simulated,) = (row for row in document["verdicts"] if row["kind"] == "simulation")
    for point in simulated["points"]:
        assert point["replications"] >= 1000
        assert 0 < point["standard_error"] < 0.05 * point["target"]
        assert 0.9 < point["power"] <= 1
        assert 0 < point["least_detectable"] < 1
        assert 0 < point["p_value"] <= 1


def test_the_same_seed_gives_the_same_document(document: dict[str, Any]) -> None:
    assert evidence(quick(*reversed(CHEAP), seed=3)) == evidence(document)


def test_another_seed_gives_other_estimates(document: dict[str, Any]) -> None:
    said: dict[str, tuple[int, int]] = {}
    other = quick(*CHEAP, seed=4, progress=lambda what, done, of: said.update({what: (done, of)}))
    estimates = [
        [point["estimate"] for row in one["verdicts"] for point in row.get("points", ())] for one in (document, other)
    ]
    assert not set(estimates[0]) & set(estimates[1])
    assert {"proofs", "simulations", "mutants"} <= set(said)
    assert all(done == of > 0 for done, of in said.values())


def test_workers_change_no_digit(document: dict[str, Any]) -> None:
    assert evidence(quick(*CHEAP, seed=3, workers=Workers(jobs=2))) == evidence(document)


def test_the_attack_is_kept_too(document: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Workers(chunks=tmp_path / "chunks")
    assert evidence(quick(*CHEAP, seed=3, workers=kept)) == evidence(document)
    monkeypatch.setattr(attack, "edits", lambda expression: pytest.fail("attacked again"))
    assert evidence(quick(*CHEAP, seed=3, workers=kept)) == evidence(document)


def test_a_further_kind_of_evidence_is_a_stage_and_a_referee(monkeypatch: pytest.MonkeyPatch) -> None:
    def counted(outcomes: Sequence[Outcome]) -> Ruling:
        return Ruling("SUPPORTED", "they were counted", {"count": len(outcomes)})

    counts = Referee("count", counted)

    def count(run: verification.Verification) -> None:
        run.add([counts.verdict(identifier, run.outcomes) for identifier in run.chosen])

    stages = {name: verification.STAGES[name] for name in ("proofs", "simulations")}
    monkeypatch.setattr(verification, "STAGES", {**stages, "counts": count})
    monkeypatch.setattr(verification, "REFEREES", (counts, *verification.REFEREES))
    document = quick("mean.naive", seed=3)
    kinds = [row["kind"] for row in document["verdicts"]]
    assert kinds == ["count", "derivation", "certificate", "smt", "simulation"]
    assert document["verdicts"][0]["count"] == len(document["verdicts"][-1]["points"])
    assert list(document["timings"]) == ["proofs", "total", "simulations", "counts"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"identifiers": ("mean.eror",)}, "unknown claim 'mean.eror'"),
        ({"effort": "none"}, "effort = 'none'"),
        ({"seed": -1}, "seed = -1"),
    ],
)
def test_a_bad_argument_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        verify(**arguments)


def test_the_report_is_a_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report"
    with pytest.raises(SystemExit) as done:
        main(["verify", "mean.error", "--effort", "quick", "--jobs", "1", "--seed", "2", "--out", str(out)])
    printed = capsys.readouterr()
    assert done.value.code == 0
    assert {path.name for path in out.iterdir()} == {
        "verdicts.json", "index.html", "formulas.tex", "report.tex", "figures",
    }  # fmt: skip
    assert list(tmp_path.iterdir()) == [out]
    document = json.loads((out / "verdicts.json").read_text(encoding="utf-8"))
    assert {f"{figure['id']}.svg" for figure in document["figures"]} <= {p.name for p in (out / "figures").iterdir()}
    assert set(document) >= KEYS
    assert (document["seed"], document["effort"]) == (2, "quick")
    assert "mean.error" in printed.out
    assert printed.err.startswith("The claim holds.")


# --- wrong claims ----------------------------------------------------------------------------------------------------


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Spoil:
    """Changes the published side of a claim; all is as before after the test."""

    def change(identifier: str, edit: Callable[[Expr], Expr]) -> None:
        entry = registry.CLAIMS[identifier]

        def build() -> Claim:
            claim = entry.build()
            return replace(claim, published=edit(claim.published))

        monkeypatch.setitem(registry.CLAIMS, identifier, replace(entry, build=build, others={}))

    return change


def statuses(identifier: str, out: Path) -> tuple[object, dict[str, str]]:
    """The exit status of `nocollapse verify` and the status of each kind of evidence."""
    with pytest.raises(SystemExit) as done:
        main(["verify", identifier, "--effort", "quick", "--jobs", "1", "--out", str(out)])
    rows = json.loads((out / "verdicts.json").read_text(encoding="utf-8"))["verdicts"]
    return done.value.code, {row["kind"]: row["status"] for row in rows}


def test_swapped_sizes_are_refuted(spoil: Spoil, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil("mean.error", lambda published: published.subs({n: m, m: n}, simultaneous=True))
    code, by_kind = statuses("mean.error", tmp_path / "report")
    assert code == 1
    assert by_kind["derivation"] == "PROVED"
    assert by_kind["certificate"] == "REFUTED"
    assert by_kind["simulation"] == "REFUTED"
    assert "refuted" in capsys.readouterr().err


def test_an_inverted_ratio_is_refuted(spoil: Spoil, tmp_path: Path) -> None:
    spoil("mean.optimal-weight", lambda published: published.subs(k, 1 / k))
    code, by_kind = statuses("mean.optimal-weight", tmp_path / "report")
    assert code == 1
    assert by_kind["certificate"] == "REFUTED"
    assert by_kind["simulation"] in ("REFUTED", "INCONCLUSIVE")


def test_too_little_evidence_is_status_3(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(plan.MARGINS, "quick", 1e-4)
    monkeypatch.setitem(plan.CAPS, "quick", 4000)
    code, by_kind = statuses("mean.naive", tmp_path / "report")
    assert (code, by_kind["certificate"], by_kind["simulation"]) == (3, "PROVED", "INCONCLUSIVE")
    assert "inconclusive" in capsys.readouterr().err


@pytest.mark.slow
def test_everything_holds(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "nocollapse", "verify", "--effort", "standard", "--out", "report"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads((tmp_path / "report" / "verdicts.json").read_text(encoding="utf-8"))
    assert [claim["id"] for claim in document["claims"]] == list(registry.CLAIMS)
    assert {row["status"] for row in document["verdicts"]} <= {"PROVED", "SUPPORTED", "ASSUMED"}
    assert {row["kind"] for row in document["verdicts"] if row["status"] == "ASSUMED"} == {"assumption"}
    rows = [row for verdict in document["verdicts"] for row in verdict.get("mutants", ())]
    assert len(rows) > 100
    assert {row["outcome"] for row in rows} <= {"killed", "equal"}
