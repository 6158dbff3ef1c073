"""The coordinator as a process, and its commands.

python -m services.coordinator                      works until it is told to stop
python -m services.coordinator republish            says every row again
python -m services.coordinator rederive             derives every board anew after a change of rules, says what differs
python -m services.coordinator anti-entropy         says again what changed in the last two days, and marks
python -m services.coordinator forget-places        reads compacted topics from their beginning: they were made anew
python -m services.coordinator rebuild [--json]     makes the board anew from the topics, puts it in place, says what
                                                    differs
python -m services.coordinator rebuild --verify [--json]
                                                    makes it anew, compares, throws it away; ends with 1 if it differs
python -m services.coordinator migrate              brings the database to the newest version

Several commands in one line are done in their order; rebuild stands alone.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

import msgspec
from aiokafka import TopicPartition

from services.coordinator.api import Api
from services.coordinator.parts import assemble, barriers_of, migrations
from services.coordinator.rebuild import RebuildError, Rebuilt, Verified, swap, verify
from services.coordinator.registry import Registry, find_services
from services.coordinator.speech import Speech
from shared.contracts.asyncapi import board_document
from shared.contracts.topics import events_topic
from shared.engine.app import Frame, serve
from shared.engine.consume import Consumption
from shared.engine.reporting import command, forget_places, stored_offsets
from shared.engine.say import Speaker
from shared.engine.store import SQL as ENGINE_SQL
from shared.platform.metrics import Metrics
from shared.platform.postgres import connect_pool, migrate
from shared.platform.settings import Settings

NAME = "coordinator"
COMMANDS = ("anti-entropy", "forget-places", "migrate", "rederive", "republish")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    registry = find_services()
    if not given:
        published = board_document(registry.services)
        return serve(NAME, migrations(), lambda frame: _build(registry, frame), published)
    if set(given) <= set(COMMANDS):
        return command(NAME, *(partial(_run, registry, name) for name in given))
    if given[0] == "rebuild" and set(given[1:]) <= {"--verify", "--json"}:
        return command(NAME, lambda settings: _rebuild(registry, settings, "--verify" in given, "--json" in given))
    sys.stderr.write(f"usage: python -m services.{NAME} [{'|'.join(COMMANDS)} …|rebuild [--verify] [--json]]\n")
    return 2


async def _build(registry: Registry, frame: Frame) -> None:
    parts = assemble(registry, frame.settings, frame.metrics, frame.pool, frame.speaker)
    await parts.inbox.days.show()

    async def stored(partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return await stored_offsets(frame.pool, ENGINE_SQL["read_progress"], partitions)

    frame.consumptions.append(
        Consumption(
            frame.broker,
            frame.settings,
            frame.metrics,
            group=NAME,
            handle=parts.inbox.handle,
            stored=stored,
            topics=parts.inbox.topics,
        )
    )
    frame.routes += Api(frame.pool, barriers_of(registry)).routes()
    every = timedelta(hours=frame.settings.upkeep_hours)
    frame.background += [lambda: parts.upkeep.forever(every), parts.vitals.forever]


async def _run(registry: Registry, name: str, settings: Settings) -> int:
    """One command: connects, works, tells what was done."""
    pool = await connect_pool(settings.database_url)
    try:
        async with pool.acquire() as connection:
            await migrate(connection, migrations())
        if name == "migrate":
            return 0
        if name == "forget-places":
            await forget_places(settings, pool, {NAME: [events_topic(service) for service in registry.services]})
            return 0
        metrics = Metrics()
        speaker = Speaker(settings, metrics)
        await speaker.start()
        try:
            upkeep = assemble(registry, settings, metrics, pool, speaker).upkeep
            done = await {
                "anti-entropy": upkeep.anti_entropy,
                "rederive": upkeep.rederive,
                "republish": upkeep.republish,
            }[name]()
        finally:
            await speaker.stop()
        sys.stdout.write(f"{NAME}: {name}: {done} cases\n")
        return 0
    finally:
        await pool.close()


async def _rebuild(registry: Registry, settings: Settings, only_verify: bool, as_json: bool) -> int:
    """The rebuild, told in lines or, at the end, as JSON."""

    def tell(line: str) -> None:
        if not as_json:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    pool = await connect_pool(settings.database_url)
    metrics = Metrics()
    speaker = Speaker(settings, metrics)
    try:
        async with pool.acquire() as connection:
            await migrate(connection, migrations())
        if only_verify:
            found = await verify(settings, registry, pool, tell)
            tell(f"{found.cases} Fälle verglichen, {found.different} verschieden / cases compared, different")
            for case in found.examples:
                tell(f"  {case}")
        else:
            await speaker.start()
            made = await swap(settings, registry, pool, Speech(pool, speaker, metrics, settings.partitions), tell)
            tell(f"{made.cases} Fälle, {made.said} Nachrichten neu / cases, messages that differed")
    except RebuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        await speaker.stop()
        await pool.close()
    result: Verified | Rebuilt = found if only_verify else made
    if as_json:
        sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
    return 1 if isinstance(result, Verified) and result.different else 0


if __name__ == "__main__":
    sys.exit(main())
