"""The group of all commands, and how each way of failing ends."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from nocollapse.cli import exits
from nocollapse.cli.figures import figures_command
from nocollapse.cli.simulate import simulate_command
from nocollapse.cli.theory import claims_command, derive_command, evaluate_command, information_command, latex_command
from nocollapse.cli.verify import verify_command
from nocollapse.cli.weight import weight_command

COMMANDS = (
    claims_command,
    derive_command,
    evaluate_command,
    figures_command,
    information_command,
    latex_command,
    simulate_command,
    verify_command,
    weight_command,
)


class _Group(click.Group):
    """A group that ends in our way where click's own handlers, which come first, would not.

    Of an interrupt they print an empty line; a closed pipe they end with status 1, as if a claim were refuted.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            exits.interrupted(interrupt)
        except BrokenPipeError:  # whoever read the output has had enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(exits.CLOSED_PIPE) from None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
@click.version_option(package_name="nocollapse", prog_name="nocollapse")
def group() -> None:
    """Verify the theory of recursive training without collapse: derive, prove, simulate, attack.

    Data go to stdout, messages to stderr. Exit status: 0 everything holds, 1 something is refuted, 2 bad input,
    3 nothing refuted but something inconclusive, 130 interrupted.

    Example: nocollapse verify --effort quick --out report
    """


for _command in COMMANDS:
    group.add_command(_command)


def run(arguments: Sequence[str] | None = None) -> None:
    """Run a command; without `arguments`, the one that the process was started with.

    Whatever goes wrong raises SystemExit with a status of `exits`, or with that of the command.
    """
    try:
        group.main(None if arguments is None else list(arguments), prog_name="nocollapse", standalone_mode=False)
    except (KeyboardInterrupt, click.exceptions.Abort) as interrupt:
        exits.interrupted(interrupt)
    except click.ClickException as error:
        exits.refuse(error.format_message())
    except OSError as error:
        exits.refuse(f"{error.filename or 'output'}: {error.strerror}")
    except ValueError as error:
        exits.refuse(str(error))
    except MemoryError as error:
        exits.refuse(f"out of memory: {error}")
    except Exception:  # a defect must not look like a refuted claim, whose status is 1
        traceback.print_exc()
        raise SystemExit(exits.DEFECT) from None
