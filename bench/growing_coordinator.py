"""The coordinator while the number of cases grows. Its board is filled by a rebuild, which is measured as well."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

import asyncpg
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.figures import Grown, Rebuild, rebuild
from bench.load import PARTITIONS, STEPS, TEMPLATES, Load
from bench.meter import watch
from bench.reports import cases
from bench.servers import Servers
from bench.snapshots import snapshots
from bench.steady import measure_steady, settle
from lotse.stack.process import Command, last_lines, launch
from services.clock.days import message_of
from shared.contracts.topics import events_topic, partition_of
from shared.engine.say import Message, Speaker
from shared.platform.metrics import Metrics

_TOPIC = events_topic("recognition")
_TODAY = date(2025, 9, 1)
_SAID_AT_ONCE = 20_000
#: Anti-entropy says again, once a day, what has changed lately: here everything. It is no part of what is measured.
_REPEATED = """
insert into run (name, cursor, started_at, finished_at) values ('anti-entropy', '', now(), now())
on conflict (name) do update set started_at = now(), finished_at = now()
"""


class CoordinatorGrowth(NamedTuple):
    """A rebuild when nothing was ever said, further snapshots, and a rebuild of the board that stands."""

    from_nothing: Rebuild
    steady: Grown
    standing: Rebuild


async def measure_coordinator_growth(servers: Servers, load: Load, batch: int) -> CoordinatorGrowth:
    """Fills the board by a rebuild, works off a backlog of further snapshots, and rebuilds once more."""
    settings, content = servers.settings("coordinator"), _Templates()
    speaker = Speaker(settings, Metrics())
    await speaker.start()
    await speaker.say([message_of(_TODAY)])
    await _say(speaker, content.messages(load.filling()))
    pool = await asyncpg.create_pool(servers.postgres.url("coordinator"), min_size=1, max_size=2)
    from_nothing = await _rebuild(servers, pool, len(load.cases), said=True)
    await _commit(servers, pool)
    await pool.execute(_REPEATED)
    await settle(servers, pool)
    await _say(speaker, content.messages(load.events()))
    await speaker.stop()
    async with servers.process("coordinator", LOTSE_BATCH_RECORDS=str(batch)) as process:
        steady = await measure_steady(servers, pool, process, _TOPIC, len(load.cases), load)
    standing = await _rebuild(servers, pool, len(load.cases), said=False)
    await pool.close()
    return CoordinatorGrowth(from_nothing, steady, standing)


class _Templates:
    """Snapshots of some procedures after each step, which all other cases repeat with their own id."""

    def __init__(self) -> None:
        names = cases(TEMPLATES, seed=1)
        self._values: dict[str, list[bytes]] = {name: [] for name in names}
        self._items: dict[str, bytes] = {}
        for message in snapshots(names, STEPS + 1, PARTITIONS):
            name, item = (message.key or b"").decode().split("/")
            self._values[name].append(message.value or b"")
            self._items[name] = item.encode()
        self._names = names

    def messages(self, events: Iterable[tuple[str, int, int]]) -> Iterator[Message]:
        """Snapshots of cases, each with the content of a template after a step."""
        for case, number, step in events:
            name = self._names[number]
            value = self._values[name][step].replace(name.encode(), case.encode())
            key = case.encode() + b"/" + self._items[name]
            yield Message(_TOPIC, partition_of(case, PARTITIONS), key, value)


async def _say(speaker: Speaker, messages: Iterator[Message]) -> None:
    while some := list(islice(messages, _SAID_AT_ONCE)):
        await speaker.say(some)


class _Told(msgspec.Struct):
    """What a rebuild tells of itself."""

    cases: int
    said: int
    seconds: float


async def _rebuild(servers: Servers, pool: asyncpg.Pool[Any], count: int, *, said: bool) -> Rebuild:
    """Runs the command and watches it; checks that it made every case, and said something or nothing."""
    log = servers.folder / "rebuild.log"
    log.unlink(missing_ok=True)
    arguments = [sys.executable, "-m", "services.coordinator", "rebuild", "--json"]
    process = await launch(Command("rebuild", arguments, log, servers.environment("coordinator")))
    used, peak = await watch(servers, pool, process)
    if await process.wait() != 0:
        raise RuntimeError(f"the rebuild failed: {last_lines(log)}")
    told = msgspec.json.decode(log.read_bytes().splitlines()[-1], type=_Told)
    assert told.cases == count and bool(told.said) == said, told
    return rebuild(count, told.seconds, used, peak)


async def _commit(servers: Servers, pool: asyncpg.Pool[Any]) -> None:
    """Commits for the coordinator's group where the rebuild ended, as a coordinator that ran meanwhile would have."""
    rows = await pool.fetch("select topic, partition, next_offset from progress")
    consumer = AIOKafkaConsumer(bootstrap_servers=servers.brokers, group_id="coordinator", enable_auto_commit=False)
    await consumer.start()
    try:
        places = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        consumer.assign(list(places))
        await consumer.commit(places)
    finally:
        await consumer.stop()
