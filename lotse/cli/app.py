"""The commands of `lotse`, put together."""

from __future__ import annotations

import logging
import sys

import typer
from aiokafka.errors import KafkaError

from lotse.cli.cases import case, cases, timeline
from lotse.cli.demo import demo
from lotse.cli.doctor import doctor
from lotse.cli.institution import institution
from lotse.cli.obstacles import obstacles
from lotse.cli.out import tell_error
from lotse.cli.publish import publish
from lotse.cli.receipts import receipts
from lotse.cli.region import region
from lotse.cli.simulate import simulate
from lotse.cli.topics import topics
from lotse.cli.up import up
from lotse.cli.upkeep import rebuild, rederive, republish, restored
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
BOARD = (cases, case, timeline, obstacles)
for command in (up, demo, simulate, publish, receipts, *BOARD, doctor, rebuild, republish, rederive, restored):
    app.command()(command)
app.add_typer(topics, name="topics")
app.add_typer(region, name="region")
app.add_typer(institution, name="institution")


def main() -> None:
    """Runs one command; an error that explains itself is told without a traceback."""
    for library in ("aiokafka", "asyncio"):
        # What they complain about while the broker is away is told by our own errors.
        logging.getLogger(library).setLevel(logging.CRITICAL)
    try:
        app()
    except ExplainedError as error:
        tell_error(error.de, error.en)
        sys.exit(1)
    except KafkaError as error:
        said = f"{type(error).__name__}: {error}"
        tell_error(
            f"Der Broker antwortet nicht, wie er soll ({said}). Prüfen Sie mit `lotse doctor`.",
            f"The broker does not answer as it should ({said}). Check with `lotse doctor`.",
        )
        sys.exit(1)
