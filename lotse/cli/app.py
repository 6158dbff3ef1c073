"""The commands of `lotse`, put together."""

from __future__ import annotations

import sys

import typer

from lotse.cli import up
from lotse.cli.out import tell_error
from lotse.errors import ExplainedError

app = typer.Typer(
    name="lotse",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Lotse hält fest, was Geflüchtete von der Arbeit trennt und wer am Zug ist. "
    "[dim]Lotse keeps track of what stands between refugees and work, and whose turn it is.[/dim]",
    rich_markup_mode="rich",
)
app.command("up")(up.up)


def main() -> None:
    """Runs one command; an error that explains itself is told without a traceback."""
    try:
        app()
    except ExplainedError as error:
        tell_error(error.de, error.en)
        sys.exit(1)
