"""The coordinator while the number of cases grows. Its board is filled by a rebuild, which is measured as well."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date
from itertools import islice
from typing import Any

import asyncpg
import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.figures import Rebuild, Turn, rebuild
from bench.load import PARTITIONS, STEPS, TEMPLATES, Load
from bench.meter import watch
from bench.reports import cases
from bench.servers import Servers
from bench.snapshots import snapshots
from bench.steady import checkpoint, keep, measure_steady, refill, settle, stopped
from lotse.stack.process import Command, Process, last_lines, launch
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


class CoordinatorAt:
    """The coordinator at one size. `from_nothing` is the rebuild that filled its board."""

    def __init__(self, servers: Servers, pool: asyncpg.Pool[Any], speaker: Speaker, load: Load, batch: int) -> None:
        self.servers, self.pool, self.load = servers, pool, load
        self._speaker, self._batch = speaker, batch
        self._content = _Templates()
        self._turn = 0
        self.from_nothing: Rebuild

    async def fill(self) -> None:
        """Fills the board by a rebuild, when nothing was ever said."""
        await self._speaker.say([message_of(_TODAY)])
        await _say(self._speaker, self._content.messages(self.load.filling()))
        self.from_nothing = await _rebuild(self.servers, self.pool, len(self.load.cases), said=True)
        await _commit(self.servers, self.pool)
        await self.pool.execute(_REPEATED)
        if self.load.refilled:
            await keep(self.pool, ["board"])
        await settle(self.servers, self.pool)

    def process(self) -> AbstractAsyncContextManager[Process]:
        """The coordinator, for all turns."""
        return self.servers.process("coordinator", LOTSE_BATCH_RECORDS=str(self._batch))

    async def turn(self, process: Process, *, fresh: bool = False) -> Turn:
        """Works off a backlog of further snapshots, on demand right after a checkpoint."""
        if self._turn and self.load.refilled:
            await refill(self.pool, ["board"])
        if fresh:
            await checkpoint(self.servers)
        further = list(self._content.messages(self.load.events(self._turn)))
        with stopped(process):
            await self._speaker.say(further)
        before = len(self.load.cases) + self._turn * self.load.count
        self._turn += 1
        return await measure_steady(self.servers, self.pool, process, _TOPIC, before, self.load.count)

    async def rebuild(self) -> Rebuild:
        """Makes the board that stands anew."""
        return await _rebuild(self.servers, self.pool, len(self.load.cases), said=False)


@asynccontextmanager
async def coordinator_at(servers: Servers, load: Load, batch: int) -> AsyncIterator[CoordinatorAt]:
    """Fills the board of one size."""
    speaker = Speaker(servers.settings("coordinator"), Metrics())
    await speaker.start()
    pool = await asyncpg.create_pool(servers.postgres.url("coordinator"), min_size=1, max_size=2)
    try:
        one = CoordinatorAt(servers, pool, speaker, load, batch)
        await one.fill()
        yield one
    finally:
        await speaker.stop()
        await pool.close()


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
