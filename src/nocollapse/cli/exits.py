"""How a command ends when it does not end well: one line on stderr, and an exit status.

`nocollapse verify` ends with 1 where a claim is refuted, and `nocollapse figures` where a panel is.
"""

from typing import NoReturn

import click

REFUTED = 1
BAD_INPUT = 2
DEFECT = 70
INTERRUPTED = 130
CLOSED_PIPE = 141


def refuse(message: str) -> NoReturn:
    """Say what is wrong with the input, in one line whatever the message, and exit."""
    click.echo(f"nocollapse: {' '.join(message.split())}", err=True)
    raise SystemExit(BAD_INPUT)


def interrupted(interrupt: BaseException) -> NoReturn:
    """Say that the run was interrupted, and what the interrupt says about what is left of it, and exit."""
    click.echo(f"nocollapse: interrupted; {str(interrupt) or 'nothing was written'}", err=True)
    raise SystemExit(INTERRUPTED) from None
