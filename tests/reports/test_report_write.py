from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from nocollapse.reports import write as room
from nocollapse.reports.write import check, write

FILES = {"verdicts.json", "index.html", "formulas.tex", "report.tex", "figures"}


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_everything_is_written_and_nothing_else(document: Any, tmp_path: Path) -> None:
    out = tmp_path / "report"
    write(document, out)
    assert names(tmp_path) == {"report"}
    assert names(out) == FILES
    drawn = {f"{figure['id']}.{kind}" for figure in document["figures"] for kind in ("svg", "pdf")}
    assert names(out / "figures") == drawn | {"overview.svg"}


def test_the_verdicts_come_back_as_they_were(document: Any, tmp_path: Path) -> None:
    write(document, tmp_path / "report")
    text = (tmp_path / "report" / "verdicts.json").read_text(encoding="utf-8")
    assert json.loads(text) == document
    assert text == json.dumps(document, sort_keys=True, allow_nan=False, indent=1) + "\n"


def test_the_overview_is_of_the_figures_that_say_so(document: Any, tmp_path: Path) -> None:
    for figure in document["figures"]:
        figure["role"] = "weight"
    write(document, tmp_path / "report")
    assert "overview.svg" not in names(tmp_path / "report" / "figures")


@pytest.mark.parametrize("previous", ["empty", "report"])
def test_a_previous_report_is_replaced_whole(document: Any, tmp_path: Path, previous: str) -> None:
    out = tmp_path / "report"
    out.mkdir()
    if previous == "report":
        (out / "verdicts.json").write_text("{}")
        (out / "stale.svg").write_text("")
    write(document, out)
    assert names(out) == FILES
    assert names(tmp_path) == {"report"}


def test_a_report_can_be_read_by_whoever_may_read_its_parent(document: Any, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    write(document, tmp_path / "report")
    assert (tmp_path / "report").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_not_a_report_is_never_touched(document: Any, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "thesis"
    if kind == "folder":
        out.mkdir()
        (out / "chapter.tex").write_text("years of work")
    else:
        out.write_text("years of work")
    with pytest.raises(ValueError, match=str(out)):
        write(document, out)
    assert (out / "chapter.tex" if kind == "folder" else out).read_text() == "years of work"
    assert names(tmp_path) == {"thesis"}


def test_a_missing_parent_is_named(document: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=str(tmp_path / "missing")):
        write(document, tmp_path / "missing" / "report")
    assert names(tmp_path) == set()


def test_an_unwritable_parent_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)  # root may write anywhere
    with pytest.raises(ValueError, match=f"{tmp_path} is not writable"):
        check(tmp_path / "report")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError, OSError])
@pytest.mark.parametrize("stage", ["svg", "page", "report", "figure_file", "Path.write_text", "Path.rename"])
@pytest.mark.parametrize("existing", [False, True])
def test_an_interruption_leaves_everything_as_it_was(
    document: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    interruption: type[BaseException],
    stage: str,
    existing: bool,
) -> None:
    out = tmp_path / "report"
    if existing:
        out.mkdir()
        (out / "verdicts.json").write_text("{}")
    genuine = Path.rename
    calls = 0

    def interrupted(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        # With a report in place the first move takes it away: interrupt the second, then let it be put back.
        if stage == "Path.rename" and existing and calls != 2:
            return genuine(*arguments)
        raise interruption

    monkeypatch.setattr(room, "svg", lambda figure: "<svg></svg>")  # what is drawn does not matter here
    monkeypatch.setattr(room, "picture", lambda figures, title: "<svg></svg>")
    monkeypatch.setattr(room, "figure_file", lambda figure, kind: b"%PDF-")
    owner: Any = Path if stage.startswith("Path") else room
    monkeypatch.setattr(owner, stage.removeprefix("Path."), interrupted)
    with pytest.raises(interruption):
        write(document, out)
    monkeypatch.undo()
    assert names(tmp_path) == ({"report"} if existing else set())
    assert not existing or names(out) == {"verdicts.json"}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: d["verdicts"][3]["points"][0].update(estimate=float("nan")), "JSON"),
        (lambda d: d["figures"][0].update(id="../../escape"), "escape"),
    ],
)
def test_a_document_that_cannot_be_written_leaves_nothing(
    document: Any, tmp_path: Path, spoil: Any, message: str
) -> None:
    spoil(document)
    with pytest.raises(ValueError, match=message):
        write(document, tmp_path / "report")
    assert names(tmp_path) == set()
