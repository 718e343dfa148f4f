"""What commands print, character for character, for answers written by hand; and what options are by default."""

from __future__ import annotations

from typing import Any

import click
import pytest

from nocollapse.cli.main import group
from nocollapse.cli.theory import _text_lines

# A claim that fails in every way: what a derivation looks like where something is wrong, no true claim shows.
FALSE: dict[str, Any] = {
    "id": "mean.false",
    "source": "Theorem 0",
    "summary": "One is two",
    "statement": "1 = 2",
    "assumptions": ["n > 0", "m > 0"],
    "steps": [
        {"why": "by hand", "latex": "1 = 1", "holds": True},
        {"why": "by mistake", "latex": "1 = 2", "holds": False},
    ],
    "recursion": {"memory": "q"},
    "result": "2",
    "expression": "1 + 1",
    "certificates": [
        {"holds": True, "name": "low", "statement": "n > 0", "method": "signs", "detail": "n"},
        {"holds": False, "name": "high", "statement": "n > 1", "method": "roots", "detail": "n - 1"},
    ],
    "not_said": "That it is true.",
}
PRINTED = """\
mean.false (Theorem 0)
One is two

  1 = 2

Assumptions
  - n > 0
  - m > 0

Derivation
  1. by hand
       1 = 1    [residual 0 in both kernels]
  2. by mistake
       1 = 2    [RESIDUAL NOT ZERO]

Recursion
  memory: q

Result
  2
  = 1 + 1

Certificate
  holds: low
       n > 0
       signs: n
  NO PROOF: high
       n > 1
       roots: n - 1

Not said
  That it is true."""


def test_a_derivation_is_printed_line_for_line_and_says_what_does_not_hold() -> None:
    assert "\n".join(_text_lines(FALSE)) == PRINTED


def test_a_derivation_without_a_recursion_has_no_such_part() -> None:
    expected = PRINTED.replace("Recursion\n  memory: q\n\n", "")
    assert "\n".join(_text_lines(FALSE | {"recursion": None})) == expected


def test_information_is_a_table_with_its_columns_to_the_right(command: Any) -> None:
    """The information of the linear model is Omega, whose inverse's trace is (4 + 100)/(400 - 100) by hand."""
    done = command("information", "linear", "--beta", "1,-0.5", "--omega", "4,10;10,100", "--digits", "3")
    lines = done.out.splitlines()
    assert len({len(line) for line in lines[:2]}) == 1
    assert [[float(entry) for entry in line.split()] for line in lines[:2]] == [[4, 10], [10, 100]]
    assert lines[2:] == ["trace of the inverse: 0.347"]


# What the help and the README promise where an option is left out.
DEFAULTS: dict[str, dict[str, Any]] = {
    "derive": {"--format": "text"},
    "evaluate": {"--digits": 17},
    "figures": {"--effort": "paper", "--out": "figures", "--seed": 0, "--backend": "loky"},
    "simulate": {"--framework": "fresh", "--seed": 0},
    "verify": {"--effort": "standard", "--out": "report", "--seed": 20260, "--backend": "loky", "--json": False},
    "weight": {"--model": "gaussian-mean"},
}
REQUIRED = {
    "information": {"--beta"},
    "simulate": {"--n", "--m", "--w", "--steps", "--replications"},
    "weight": {"--n", "--m"},
}


def options(name: str) -> dict[str, click.Option]:
    """A command's options by how they are written."""
    parameters = group.commands[name].params
    return {text: option for option in parameters if isinstance(option, click.Option) for text in option.opts}


@pytest.mark.parametrize("name", DEFAULTS)
def test_what_an_option_is_where_it_is_left_out(name: str) -> None:
    given = options(name)
    context = click.Context(group.commands[name])
    values = {text: given[text].get_default(context) for text in DEFAULTS[name]}
    printed = {text: value if isinstance(value, int) else str(value) for text, value in values.items()}
    assert printed == DEFAULTS[name]


@pytest.mark.parametrize("name", group.commands)
def test_what_must_be_given(name: str) -> None:
    assert {text for text, option in options(name).items() if option.required} == REQUIRED.get(name, set())
