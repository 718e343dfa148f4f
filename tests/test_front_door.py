"""``import nocollapse``: the few names, each with an example that runs (as a doctest), and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import nocollapse


def test_every_name_has_an_example() -> None:
    for name in nocollapse.__all__:
        assert ">>> " in (getattr(nocollapse, name).__doc__ or ""), name


def test_a_verification_writes_its_report(tmp_path: Path) -> None:
    found = nocollapse.verify("mean.ridge", effort="quick", jobs=1, out=tmp_path / "report")
    assert (tmp_path / "report" / "index.html").is_file()
    assert found["environment"]["command"] == "nocollapse.verify('mean.ridge', effort='quick', seed=20260)"


def test_a_place_that_cannot_be_written_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "letters").write_text("keep me")
    with pytest.raises(ValueError, match="exists and is not a directory"):
        nocollapse.verify("no.such.claim", out=tmp_path / "letters")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"jobs": 0}, "jobs = 0"), ({"effort": "none"}, "effort = 'none'"), ({"seed": -1}, "seed = -1")],
)
def test_bad_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nocollapse.verify("mean.ridge", **arguments)


def test_workers_change_no_digit_of_a_simulation() -> None:
    setting: dict[str, Any] = {"n": 30, "m": 60, "weights": [0.4, 0.6], "steps": 5, "replications": 300, "seed": 4}
    assert nocollapse.simulate("cdf", **setting, jobs=2).csv() == nocollapse.simulate("cdf", **setting).csv()
