"""How the commands of this folder are run: bad input is one line."""

from __future__ import annotations

from collections.abc import Sequence

import click


def run(command: click.Command, name: str, arguments: Sequence[str] | None) -> None:
    """Run a command that `python -m name` stands for; SystemExit 2 after one line on stderr, 130 when interrupted."""
    try:
        command.main(None if arguments is None else list(arguments), f"python -m {name}", standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"{name}: {error.format_message()}", err=True)
        raise SystemExit(2) from None
    except click.Abort:
        raise SystemExit(130) from None
