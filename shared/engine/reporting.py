"""A reporting service as a process: what `python -m services.<name>` runs, and its commands.

python -m services.recognition                 works until it is told to stop
python -m services.recognition republish       says every row again
python -m services.recognition rederive        derives everything anew after a change of rules, says what differs
python -m services.recognition restored        raises all sequences after a restore from a backup, says everything; to
                                               be run when what came since the backup was read again
python -m services.recognition anti-entropy    says again what changed in the last two days, and marks
python -m services.recognition forget-places   reads compacted topics from their beginning: they were made anew
python -m services.recognition migrate         brings the database to the newest version

Several commands in one line are done in their order.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from aiokafka import TopicPartition

from shared.contracts.asyncapi import reporting_document
from shared.contracts.topics import events_topic, inbound_pattern
from shared.engine.aftermath import Aftermath
from shared.engine.app import Frame, serve
from shared.engine.consent import Consent
from shared.engine.consume import Consumption
from shared.engine.ingest import Ingest
from shared.engine.say import Speaker
from shared.engine.service import Service
from shared.engine.speech import SQL as SAY_SQL
from shared.engine.speech import Speech
from shared.engine.store import SQL, Store
from shared.engine.upkeep import Upkeep
from shared.engine.vitals import ReportVitals
from shared.platform.access import access_of
from shared.platform.clock import milliseconds, utc_now
from shared.platform.institutions import Institutions, InstitutionsFile
from shared.platform.kafka import begin_anew
from shared.platform.logs import configure_logs
from shared.platform.metrics import Metrics
from shared.platform.postgres import Migration, MigrationError, connect_pool, migrate, read_migrations
from shared.platform.settings import Settings, SettingsError, load_settings, require_database
from shared.rules.model import Context

log = logging.getLogger(__name__)

_MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(slots=True)
class Parts:
    """The engine of one service, wired: everything that reads or writes its database and its topics."""

    store: Store
    speech: Speech
    ingest: Ingest
    upkeep: Upkeep
    vitals: ReportVitals


def migrations_of(service: Service) -> list[Migration]:
    """The engine's migrations and the service's own, in order."""
    return read_migrations(_MIGRATIONS, *service.migrations)


def assemble(
    service: Service, settings: Settings, metrics: Metrics, pool: asyncpg.Pool[Any], speaker: Speaker
) -> Parts:
    """Wires the engine of one service to a database and a producer."""
    file = InstitutionsFile(Path(settings.institutions))
    store = Store(service, lambda: context_of(file.current()), milliseconds)
    speech = Speech(service, pool, speaker, metrics, settings.partitions)
    aftermath = Aftermath(pool, store, speech)
    vitals = ReportVitals(service.name, file.current, pool, speaker, metrics)
    ingest = Ingest(service, file.current, pool, store, aftermath, metrics, vitals)
    return Parts(store, speech, ingest, Upkeep(aftermath, speaker, utc_now), vitals)


@lru_cache(maxsize=4)
def context_of(institutions: Institutions) -> Context:
    """What the rules may know of the institutions: the Land of each one's seat."""
    return Context(region_land=institutions.region_land, lands=institutions.lands)


def main(service: Service, arguments: Sequence[str] | None = None) -> int:
    """The command line of a service process; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given:
        published = reporting_document(service.name, service.reports, service.items)
        return serve(service.name, migrations_of(service), lambda frame: _build(service, frame), published)
    commands = {"republish", "rederive", "restored", "anti-entropy", "forget-places", "migrate"}
    if not commands.issuperset(given):
        sys.stderr.write(f"usage: python -m services.{service.name} [{'|'.join(sorted(commands))}] …\n")
        return 2
    return command(service.name, *(partial(_run, service, name) for name in given))


def command(name: str, *works: Callable[[Settings], Awaitable[int]]) -> int:
    """Runs commands of a service with its settings, one after the other, until one does not return 0; settings that
    are wrong, and a database that does not fit, are told, not traced.
    """
    try:
        settings = load_settings(name)
        require_database(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    configure_logs(name, settings.log_level)

    async def run() -> int:
        for work in works:
            if code := await work(settings):
                return code
        return 0

    try:
        return uvloop.run(run())
    except MigrationError as error:
        sys.stderr.write(f"{error}\n")
        return 1


async def stored_offsets(
    pool: asyncpg.Pool[Any], statement: str, partitions: Sequence[TopicPartition]
) -> Mapping[TopicPartition, int]:
    """The next offsets that a database holds for partitions."""
    rows = await pool.fetch(statement, [p.topic for p in partitions], [p.partition for p in partitions])
    return {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}


def followed(service: Service) -> Mapping[str, Sequence[str]]:
    """The consumer groups with which a service reads compacted topics, and which."""
    return {f"{service.name}.consent": [events_topic("intake")]} if service.follows_consent else {}


async def forget_places(settings: Settings, pool: asyncpg.Pool[Any], groups: Mapping[str, Sequence[str]]) -> None:
    """Compacted topics were made anew: the groups that follow them begin at their beginning, and the next republish
    at the first row. The process of the service must not run.
    """
    for group, topics in groups.items():
        await pool.execute(SQL["forget_progress"], list(topics))
        await begin_anew(access_of(settings), group, topics)
    await pool.execute(SAY_SQL["forget_run"], "republish")


async def _build(service: Service, frame: Frame) -> None:
    parts = assemble(service, frame.settings, frame.metrics, frame.pool, frame.speaker)

    async def stored(partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return await stored_offsets(frame.pool, SQL["read_progress"], partitions)

    frame.consumptions.append(
        Consumption(
            frame.broker,
            frame.settings,
            frame.metrics,
            group=service.name,
            handle=parts.ingest.handle,
            stored=stored,
            pattern=inbound_pattern(service.name),
        )
    )
    for group, topics in followed(service).items():
        frame.consumptions.append(
            Consumption(
                frame.broker,
                frame.settings,
                frame.metrics,
                group=group,
                handle=Consent(frame.pool, parts.speech).handle,
                stored=stored,
                topics=topics,
                hurry=False,
            )
        )
    every = timedelta(hours=frame.settings.upkeep_hours)
    frame.background += [lambda: parts.upkeep.forever(every), parts.vitals.forever]


async def _run(service: Service, name: str, settings: Settings) -> int:
    """One command: connects, works, tells what was done."""
    pool = await connect_pool(settings.database_url)
    async with pool.acquire() as connection:
        await migrate(connection, migrations_of(service))
    if name in ("migrate", "forget-places"):
        if name == "forget-places":
            await forget_places(settings, pool, followed(service))
        await pool.close()
        return 0
    metrics = Metrics()
    speaker = Speaker(settings, metrics)
    await speaker.start()
    try:
        upkeep = assemble(service, settings, metrics, pool, speaker).upkeep
        work = {
            "republish": upkeep.republish,
            "rederive": upkeep.rederive,
            "restored": upkeep.restored,
            "anti-entropy": upkeep.anti_entropy,
        }[name]
        done = await work()
        sys.stdout.write(f"{service.name}: {name}: {done} subjects\n")
    finally:
        await speaker.stop()
        await pool.close()
    return 0
