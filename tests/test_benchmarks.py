"""The benchmark runs, and writes down what it says it does; how fast anything is, no test says."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.cases import MODELS, Size, growth, variants

MADE = ("pmf", "linear")


def test_a_quick_run_fills_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "costs.json"
    main([*MADE, "--quick", "--json", str(out)])
    found = json.loads(out.read_text(encoding="utf-8"))
    assert [path.name for path in tmp_path.iterdir()] == ["costs.json"]
    assert found["command"].startswith("python -m benchmarks pmf linear --quick")
    assert found["machine"]["cores"] >= 1
    assert set(found["machine"]) == {"cpu", "target", "cores", "load", "system", "python", "packages", "commit"}
    names = ["pmf", "pmf, every step", "linear"]
    for section in ("cases", "processes"):
        assert [row["name"] for row in found[section]] == names
    for row in found["cases"]:
        assert set(row["size"]) == set(Size._fields)
        assert all(row[name] > 0 for name in ("fast_s", "plain_s", "floor_s", "plain_over_fast", "fast_over_floor"))
    assert [(row["model"], row["axis"]) for row in found["growth"]] == [(m, axis) for m in MADE for axis in Size._fields]
    assert all(len(row["seconds"]) == len(row["values"]) == len(row["ratios"]) + 1 for row in found["growth"])
    assert all(0 < row["idle_bytes"] <= row["ready_bytes"] <= row["peak_bytes"] for row in found["processes"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in names)


@pytest.mark.parametrize("model", MODELS)
def test_all_forms_of_all_cases_run(model: str) -> None:
    size = Size(60, 60, 2, 2, 2)
    cases = [*variants(model, size).values(), *(case for row in growth(model, size).values() for case in row.values())]
    for case in cases:
        for form in case:
            form(range(1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("probit",), "'probit' is not one of"),
        (("--json", "/nowhere/costs.json"), "cannot write /nowhere/costs.json"),
        (("--fast",), "--fast"),
    ],
)
def test_bad_input_is_one_line(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    printed = capsys.readouterr()
    assert refused.value.code == 2
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert message in printed.err
