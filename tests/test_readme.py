"""The README: its two commands stand where the tools look for them, and its examples are good ones."""

import inspect
import re
import shlex
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import click
import pytest

from nocollapse.cli.main import group

Command = Callable[..., Any]  # what tests/conftest.py returns
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
CHEAP = ("claims", "derive", "evaluate", "latex", "weight")


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level, up to the next one.

    >>> section("## A\\n1\\n## B\\n2", "A")
    '1\\n'
    """
    (contents,) = re.findall(rf"^## {re.escape(heading)}[ \t]*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return str(contents)


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks: language and contents."""
    return re.findall(r"^```(\w*)[ \t]*\n(.*?)^```[ \t]*$", text, re.MULTILINE | re.DOTALL)


def in_readme() -> Iterator[str]:
    """The lines of fenced blocks that begin with the command."""
    for _, block in blocks(README):
        joined = block.replace("\\\n", " ")
        yield from (line.removeprefix("$ ") for line in joined.splitlines() if re.match(r"(\$ )?nocollapse ", line))


def in_help() -> Iterator[str]:
    """The examples in the help of each command."""
    for command in (group, *group.commands.values()):
        yield from re.findall(r"^Example: (.*)$", inspect.cleandoc(command.help or ""), re.MULTILINE)


EXAMPLES = list(dict.fromkeys([*in_readme(), *in_help()]))


def arguments(line: str) -> list[str]:
    """The arguments of an example, without what the shell takes."""
    _, *rest = shlex.split(line, comments=True)
    return list(takewhile(lambda word: word not in ("|", ">", "2>", "&&", ";"), rest))


@pytest.mark.parametrize(("heading", "runs"), [("Verify", "nocollapse verify"), ("Test", "pytest")])
def test_one_command_line_stands_under(heading: str, runs: str) -> None:
    ((language, block),) = blocks(section(README, heading))
    assert language == "sh"
    (line,) = block.splitlines()
    assert runs in line


def test_the_verify_command_ends_in_good_arguments() -> None:
    ((_, block),) = blocks(section(README, "Verify"))
    (line,) = re.findall(r"nocollapse (verify\b[^&;|]*)", block)
    group.commands["verify"].make_context("verify", shlex.split(line)[1:])


def test_every_command_has_an_example_in_its_help() -> None:
    shown = {arguments(line)[0] for line in in_help()}
    assert shown == set(group.commands)


@pytest.mark.parametrize("line", EXAMPLES)
def test_every_example_is_well_formed(line: str) -> None:
    name, *rest = arguments(line)
    context = group.commands[name].make_context(name, rest)
    assert isinstance(context, click.Context)


@pytest.mark.parametrize("line", [line for line in EXAMPLES if arguments(line)[0] in CHEAP])
def test_every_cheap_example_runs(command: Command, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = command(*arguments(line))
    assert (done.status, done.err) == (0, "")


def test_a_setting_of_ones_own_is_simulated_in_ten_lines(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = (block for language, block in blocks(README) if language == "python")
    assert "simulate(" in program
    assert len(program.splitlines()) <= 10
    exec(compile(program, "README.md", "exec"), {})
    weights, means, errors, medians = capsys.readouterr().out.splitlines()
    assert weights == "(0.2, 0.39, 0.8)"
    assert all(len(line.strip("[]").split()) == 3 for line in (means, errors, medians))
