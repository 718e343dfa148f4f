"""What commands print, character for character, for answers written by hand; and what options are by default."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from nocollapse.cli import exits, verify
from nocollapse.cli.main import group
from nocollapse.cli.theory import _text_lines
from nocollapse.document import Kind, Status

# A claim that fails in every way: what a derivation looks like where something is wrong, no true claim shows.
FALSE: dict[str, Any] = {
    "id": "mean.false",
    "source": "Theorem 0",
    "summary": "One is two",
    "statement": "1 = 2",
    "compared_with": "published",
    "assumptions": ["n > 0", "m > 0"],
    "assumed": [
        {"id": "one", "sentence": "One is a number", "source": "Peano", "tested_by": "mean.error"},
        {"id": "two", "sentence": "So is two", "source": "Peano, too", "tested_by": ""},
    ],
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

What the derived expression is compared with is as published (reconstructed).

Assumptions
  - n > 0
  - m > 0

Assumed, and proved by nothing here
  - one: One is a number
       Source: Peano.
       Tested by: mean.error.
  - two: So is two
       Source: Peano, too.
       Tested by: nothing.

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


def test_nothing_assumed_is_not_said() -> None:
    before, after = PRINTED.split("\n\nAssumed", 1)
    expected = f"{before}\n\nDerivation{after.partition('Derivation')[2]}"
    assert "\n".join(_text_lines(FALSE | {"assumed": []})) == expected


TABLE = """\
┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━┓
┃ claim               ┃ derivation ┃ certificate ┃ smt          ┃ assumption ┃ simulation ┃ mutants   ┃
┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━┩
│ mean.error          │ PROVED     │ PROVED      │ PROVED       │ none       │ SUPPORTED  │ SUPPORTED │
│ mean.optimal-weight │ PROVED     │ PROVED      │ INCONCLUSIVE │ ASSUMED    │ SUPPORTED  │ SUPPORTED │
│ covariance.error    │ REFUTED    │ none        │ none         │ none       │ REFUTED    │ REFUTED   │
└─────────────────────┴────────────┴─────────────┴──────────────┴────────────┴────────────┴───────────┘
"""


def test_the_closing_table_has_a_row_a_claim_and_a_column_a_kind(capsys: pytest.CaptureFixture[str]) -> None:
    example = Path(__file__).parent / "reports/example.json"
    verify._print_table(json.loads(example.read_text(encoding="utf-8")))
    assert capsys.readouterr().out == TABLE


@pytest.mark.parametrize(
    ("kind", "status", "cell"),
    [
        ("derivation", "PROVED", "[green]PROVED[/]"),
        ("simulation", "SUPPORTED", "[green]SUPPORTED[/]"),
        ("smt", "INCONCLUSIVE", "[yellow]INCONCLUSIVE[/]"),
        ("assumption", "ASSUMED", "[cyan]ASSUMED[/]"),
        ("mutants", "REFUTED", "[bold red]REFUTED[/]"),
        ("simulation", None, "not simulated"),
        ("certificate", None, "none"),
    ],
)
def test_a_cell_is_a_status_in_its_colour_or_says_that_there_is_none(
    kind: Kind, status: Status | None, cell: str
) -> None:
    assert verify._cell(kind, status) == cell


def test_a_derivation_in_latex_ends_with_one_newline(command: Any) -> None:
    text = command("derive", "mean.optimal-weight", "--format", "latex").out
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_information_is_a_table_with_its_columns_to_the_right(command: Any) -> None:
    """The information of the linear model is Omega, whose inverse's trace is (4 + 100)/(400 - 100) by hand."""
    done = command("information", "linear", "--beta", "1,-0.5", "--omega", "4,10;10,100", "--digits", "3")
    lines = done.out.splitlines()
    assert len({len(line) for line in lines[:2]}) == 1
    assert [[float(entry) for entry in line.split()] for line in lines[:2]] == [[4, 10], [10, 100]]
    assert lines[2:] == ["trace of the inverse: 0.347"]


# What the help and the README promise where an option is left out.
DEFAULTS = {
    "derive": {"--format": "text"},
    "evaluate": {"--digits": "17"},
    "figures": {"--effort": "paper", "--out": "figures", "--seed": "0", "--backend": "loky"},
    "simulate": {"--framework": "fresh", "--seed": "0"},
    "verify": {"--effort": "standard", "--out": "report", "--seed": "20260", "--backend": "loky"},
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
    values = {text: given[text].default for text in DEFAULTS[name]}
    assert {text: str(value) for text, value in values.items()} == DEFAULTS[name]


@pytest.mark.parametrize("name", group.commands)
def test_what_must_be_given(name: str) -> None:
    assert {text for text, option in options(name).items() if option.required} == REQUIRED.get(name, set())


def test_the_statuses_of_ends_that_are_no_verdict() -> None:
    """2 and 130 as in the help; EX_SOFTWARE of sysexits.h; 128 and the number of SIGPIPE, as a shell has it."""
    assert (exits.BAD_INPUT, exits.DEFECT, exits.INTERRUPTED, exits.CLOSED_PIPE) == (2, 70, 128 + 2, 128 + 13)


def test_a_defect_is_told_from_a_refuted_claim(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(files: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("nocollapse.claims", broken)
    done = command("claims")
    assert (done.status, done.out) == (70, "")
    assert done.err.endswith("RuntimeError: a defect\n")


def test_a_reader_that_has_had_enough_is_no_defect() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-m", "nocollapse", "claims"], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")
