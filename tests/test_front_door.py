"""`import nocollapse`: the few names, each with an example that runs (as a doctest), and what they refuse."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nocollapse
from nocollapse import models
from nocollapse.cli.main import group
from nocollapse.numerics import verify as verification
from nocollapse.theory.answers import evaluate


def test_every_name_has_an_example() -> None:
    for name in nocollapse.__all__:
        assert ">>> " in (getattr(nocollapse, name).__doc__ or ""), name


def explained(function: Callable[..., Any]) -> set[str]:
    """The names in a docstring's list of arguments, whatever their depth."""
    lists = re.findall(r"^Arguments:\n((?:[- ].*\n|\n)*)", inspect.getdoc(function) or "", re.MULTILINE)
    return {name for text in lists for name in re.findall(r"`(\w+)`", text)}


@pytest.mark.parametrize("name", nocollapse.__all__)
def test_every_argument_is_explained_where_it_is_taken(name: str) -> None:
    function = getattr(nocollapse, name)
    assert set(inspect.signature(function).parameters) <= explained(function)


def test_every_parameter_of_a_number_is_explained() -> None:
    assert set(evaluate.names()) <= explained(nocollapse.evaluate)


@pytest.mark.parametrize("function", [nocollapse.simulate, nocollapse.trajectories])
def test_every_option_of_a_simulation_is_explained(function: Callable[..., Any]) -> None:
    options = {name for simulator in models.SIMULATED.values() for name in simulator.options}
    own = options - {"adult"}  # a file's data, by name
    assert own | {"known_covariance"} <= explained(function)
    assert all(f'"{model}"' in (function.__doc__ or "") for model in models.SIMULATED)


def test_every_option_of_a_weight_is_explained() -> None:
    taken = {str(option.name) for option in group.commands["weight"].params} - {"plot", "as_json"}
    assert taken <= explained(nocollapse.weight)
    assert all(f'"{model}"' in (nocollapse.weight.__doc__ or "") for model in models.WEIGHED)


def test_commands_and_functions_have_one_seed() -> None:
    (seed,) = (option for option in group.commands["verify"].params if option.name == "seed")
    assert seed.default == verification.SEED
    assert inspect.signature(nocollapse.verify).parameters["seed"].default == verification.SEED


def test_trajectories_are_what_a_simulation_takes_the_means_of() -> None:
    setting: dict[str, Any] = {"n": 30, "m": 60, "weights": [0.4, 0.6], "steps": 3, "replications": 50, "seed": 4}
    errors = nocollapse.trajectories("cdf", **setting)["cdf"]
    assert errors.shape == (50, 4, 2)
    np.testing.assert_allclose(errors.mean(axis=0), nocollapse.simulate("cdf", **setting).mean["cdf"], rtol=1e-12)


def test_a_verification_writes_its_report(tmp_path: Path) -> None:
    document = nocollapse.verify("mean.ridge", effort="quick", jobs=1, out=tmp_path / "report")
    assert (tmp_path / "report" / "index.html").is_file()
    assert document["environment"]["command"] == "nocollapse.verify('mean.ridge', effort='quick', seed=20260)"


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
