"""The benchmark runs, and writes down what it says it does; how fast anything is, no test says."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.cases import MODELS, Size, growth, variants


def test_a_quick_run_fills_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "costs.json"
    main(["linear", "--quick", "--json", str(out)])
    document = json.loads(out.read_text(encoding="utf-8"))
    assert [path.name for path in tmp_path.iterdir()] == ["costs.json"]
    assert document["command"] == f"python -m benchmarks linear --quick --json {out}"
    assert document["machine"]["cores"] >= 1
    assert set(document["machine"]) == {"cpu", "target", "cores", "load", "system", "python", "packages", "commit"}
    (case,), (process,), growths = document["cases"], document["processes"], document["growth"]
    assert case["name"] == process["name"] == "linear"
    assert set(case["size"]) == set(Size._fields)
    assert all(case[name] > 0 for name in ("fast_s", "plain_s", "floor_s", "plain_over_fast", "fast_over_floor"))
    assert [row["axis"] for row in growths] == list(Size._fields)
    assert all(len(row["seconds"]) == len(row["values"]) == len(row["ratios"]) + 1 for row in growths)
    assert 0 < process["idle_bytes"] <= process["ready_bytes"] <= process["peak_bytes"]
    assert capsys.readouterr().out.count("\nlinear ") == 2 + len(growths)


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
def test_bad_input_is_one_line(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    printed = capsys.readouterr()
    assert refused.value.code == 2
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert message in printed.err
