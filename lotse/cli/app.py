"""The commands of `lotse`, put together."""

from __future__ import annotations

import sys

import typer

from lotse.cli.cases import case, cases, timeline
from lotse.cli.doctor import doctor
from lotse.cli.out import tell_error
from lotse.cli.publish import publish
from lotse.cli.receipts import receipts
from lotse.cli.topics import topics
from lotse.cli.up import up
from lotse.cli.upkeep import rebuild, rederive, republish
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
for command in (up, publish, receipts, cases, case, timeline, doctor, rebuild, republish, rederive):
    app.command()(command)
app.add_typer(topics, name="topics")


def main() -> None:
    """Runs one command; an error that explains itself is told without a traceback."""
    try:
        app()
    except ExplainedError as error:
        tell_error(error.de, error.en)
        sys.exit(1)
