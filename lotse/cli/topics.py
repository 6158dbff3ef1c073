"""`lotse topics recreate`: the compacted topics can be thrown away (law 6)."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from lotse.cli.containers import running_services
from lotse.cli.institutions import read_institutions
from lotse.cli.out import option, tell, tell_aside, tell_json
from lotse.cli.where import Kafka, kafka
from lotse.stack.errors import StackError
from lotse.stack.recreate import Tell, make_anew, recreate_topics
from lotse.stack.topics import wanted_topics
from shared.platform.kafka import create_topics, list_topics
from shared.platform.services import reporting_services

topics = typer.Typer(no_args_is_help=True, help="Die Topics des Brokers. [dim]The topics of the broker.[/dim]")

STOPPED = (
    "die Dienste sind angehalten (nur wo lotse sie nicht selbst anhält) | the services are stopped (only where lotse "
    "cannot stop them itself)"
)


@topics.command()
def create(as_json: Annotated[bool, option("--json", help="Antwort als JSON | answer as JSON")] = False) -> None:
    """Legt an, was fehlt, etwa für eine neue Institution. [dim]Makes the topics that are missing.[/dim]"""
    made = asyncio.run(_create(kafka()))
    if as_json:
        tell_json({"created": made})
    elif made:
        tell(f"Angelegt: {', '.join(made)}.", "These topics were made.", mark="[green]●[/green] ")
    else:
        tell("Alle Topics sind da.", "All topics are there.", mark="[green]●[/green] ")


async def _create(at: Kafka) -> list[str]:
    """Makes the missing topics of the institutions file; returns their names. Raises StackError for a refusal."""
    read_institutions(at.institutions)
    there = await list_topics(at.access)
    wanted = wanted_topics(at.institutions, reporting_services(), at.partitions, at.access.profile)
    missing = [topic for topic in wanted if topic[0] not in there]
    refused = await create_topics(at.access, missing) if missing else {}
    if refused:
        raise StackError(de=f"Der Broker lehnt ab: {refused}.", en=f"The broker refuses: {refused}.")
    return [name for name, _, _ in missing]


@topics.command()
def recreate(
    stopped: Annotated[bool, option("--stopped", help=STOPPED)] = False,
    as_json: Annotated[bool, option("--json", help="Antwort als JSON | answer as JSON")] = False,
) -> None:
    """Löscht die verdichteten Topics, legt sie neu an und sagt alles noch einmal. [dim]Makes topics anew.[/dim]

    Die Tafel bleibt dieselbe. Meldungen, Quittungen und Tage bleiben unberührt. [dim]The board stays the same;
    reports, receipts and days are not touched.[/dim]
    """
    progress: Tell = _silent if as_json else tell_aside
    running = running_services()
    if running is None:
        _elsewhere(kafka(), stopped, progress, as_json)
        return
    done = asyncio.run(recreate_topics(running, progress))
    if as_json:
        tell_json({"topics": list(done.topics), "republished": list(done.republished)})
    else:
        tell(
            f"{len(done.topics)} Topics sind neu angelegt, alles ist wieder gesagt.",
            f"{len(done.topics)} topics were made anew, and everything was said again.",
            mark="[green]●[/green] ",
        )


def _elsewhere(at: Kafka, stopped: bool, progress: Tell, as_json: bool) -> None:
    """Where the services are not ours to stop: the topics are made anew, and the person is told what to do next."""
    if not stopped:
        raise StackError(
            de=("Diese Dienste kann lotse nicht anhalten. Halten Sie alle an, dann `lotse topics recreate --stopped`."),
            en="lotse cannot stop these services. Stop them all, then run `lotse topics recreate --stopped`.",
        )
    done = asyncio.run(make_anew(at.access, at.partitions, progress))
    step = "forget-places republish"
    if as_json:
        tell_json({"topics": list(done), "next": [f"python -m services.<service> {step}"]})
        return
    tell(
        f"Die Topics sind neu. Jetzt für jeden Dienst: `python -m services.<Dienst> {step}`.",
        "The topics are new. Now this command for each service; then start all services.",
    )


def _silent(_de: str, _en: str) -> None:
    """A program reads the answer at the end."""
