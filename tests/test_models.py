"""One row a model: what it names exists, and every list of models is read from it."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from nocollapse import models
from nocollapse.cli.main import group
from nocollapse.theory.claims.registry import OWN
from nocollapse.theory.symbols import PARAMETERS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("model", models.MODELS, ids=lambda model: model.name)
def test_what_a_row_names_exists(model: models.Model) -> None:
    assert {claim for claim in (model.claim, model.best, model.threshold) if claim} <= set(OWN)
    if model.estimand:
        assert callable(models.resolve(model.estimand.case))
    if model.simulator:
        assert (model.quantity != "") == callable(models.resolve(model.simulator.errors))
        assert callable(models.resolve(model.simulator.textbook))
        settings = inspect.signature(models.resolve(model.simulator.settings)).parameters
        assert tuple(settings) == model.simulator.options
    if model.explored:
        assert set(model.explored.values) <= set(PARAMETERS)
    if model.experiment and model.experiment.information:
        assert model.experiment.information in models.REGRESSIONS


def test_names_are_unique() -> None:
    names = [model.name for model in models.MODELS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("command", "names"),
    [("simulate", models.SIMULATED), ("weight", models.WEIGHED), ("information", models.REGRESSIONS)],
)
def test_commands_offer_the_rows(command: str, names: object) -> None:
    (parameter,) = (option for option in group.commands[command].params if option.name == "model")
    assert list(parameter.type.choices) == list(names)  # type: ignore[attr-defined, call-overload]


def test_the_readme_has_the_rows() -> None:
    for model in models.MODELS:
        simulated = f"`{model.simulator.name}`" if model.simulator else ""
        weighed = f"`{model.estimand.name}`" if model.estimand else ""
        best = f"`{model.best}`" if model.best else ""
        row = f"| {model.title} | `{model.claim}` | {best} | {simulated} | {weighed} |"
        assert row.replace("  ", " ") in README.replace("  ", " "), row
