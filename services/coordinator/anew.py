"""A board made anew in a schema of its own, from the topics alone (law 5). Nothing is said here.

First everything is heard, then every case is derived once: a board in between, that nobody ever saw, would raise
versions. What arrives meanwhile is read afterwards, as the coordinator would.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg
from aiokafka import ConsumerRecord, TopicPartition

from services.coordinator.bulk import (
    Source,
    Work,
    another_process,
    collect_rarely,
    make_all,
    note_differences,
    processes_for,
)
from services.coordinator.days import NOTHING_DUE, days_of
from services.coordinator.heard import REBUILD, Heard, stamp_of
from services.coordinator.registry import Registry
from services.coordinator.snapshots import Folded, fold
from services.coordinator.store import REBUILT, SQL, Arrived, Store
from shared.contracts.topics import BOARD_TOPIC, CLOCK_TOPIC, MARK_PREFIX, events_topic
from shared.engine.replay import replay
from shared.platform.clock import milliseconds
from shared.platform.postgres import connect_pool
from shared.platform.settings import Settings

_CHUNK = 1_000
#: How long an index of a large board may take.
_LONG_SECONDS = 6 * 3600.0
#: A place to read on from, for each topic and partition.
Places = dict[tuple[str, int], int]
#: What is done with snapshots that were read.
Keep = Callable[[Arrived], Awaitable[None]]


class Anew:
    """The new board in its schema, which `pool` searches alone; its rows begin with `stamp`.

    `places` is how far it has read; what it says otherwise than it was said is noted in the table `differs`.
    """

    def __init__(
        self, settings: Settings, registry: Registry, pool: asyncpg.Pool[Any], schema: str, stamp: int
    ) -> None:
        self.settings, self.pool = settings, pool
        self.services = {events_topic(name): name for name in registry.services}
        self.store = Store(registry.mappings, milliseconds)
        self.places: Places = {}
        self.records = 0
        self._schema, self._stamp = schema, stamp
        self._heard = Heard(pool)
        self._touched: set[str] = set()
        self._source = Source.NOTHING
        self._began = datetime.max.replace(tzinfo=UTC)

    async def hear(self, *, versions: bool) -> None:
        """Reads everything to where the topics end now; on demand what was last said, too, so that versions go on."""
        collect_rarely()
        await self.pool.execute(REBUILD["make_bulk"])
        standing, self._began = await self.pool.fetchrow(REBUILD["began"])
        if versions:
            self._source = Source.ROWS if standing else Source.MESSAGES
        if self._source is Source.ROWS and processes_for(standing) > 1:
            with another_process() as other:
                hearing = asyncio.get_running_loop().run_in_executor(other, hear_stamps, self.settings, self._schema)
                await asyncio.gather(hearing, self._read(self._hear, None))
        else:
            if versions:
                await hear_board(self.settings, self._heard, stamps=self._source is Source.ROWS)
            await self._read(self._hear, None)
        await self._heard.write()

    async def derive_all(self) -> int:
        """Derives every case that was heard of, some only with `derive_touched`; returns how many there are."""
        work = Work(self.settings.database_url, self._schema, self._stamp, self._source, self._began)
        await make_all(work, processes_for(self.records))
        lacking = {row["id"] for row in await self.pool.fetch(REBUILD["all_lacking"])}
        if lacking:
            await hear_board(self.settings, self._heard, only=lacking)
            await self._heard.write()
            await make_all(work._replace(source=Source.LACKING), 1)
        self._touched.update(row["id"] for row in await self.pool.fetch(REBUILD["all_deferred"]))
        await self._index()
        return int(await self.pool.fetchval(REBUILD["count_boards"]))

    async def _index(self) -> None:
        """Makes the other indexes, the largest beside the others."""
        first, *others = [row["indexdef"] for row in await self.pool.fetch(REBUILD["later"])]

        async def make(definitions: Sequence[str]) -> None:
            for definition in definitions:
                await self.pool.execute(definition, timeout=_LONG_SECONDS)

        await asyncio.gather(make([first]), make(others))
        await self.pool.execute(REBUILD["after_bulk"], timeout=_LONG_SECONDS)

    async def read(self, limit: Places | None = None) -> None:
        """Reads days and snapshots from where it stands to where the topics end now, or exactly to `limit`."""
        await self._read(self._keep, limit)

    async def _read(self, keep: Keep, limit: Places | None) -> None:
        async def take(records: Sequence[ConsumerRecord]) -> None:
            await self._take([record for record in records if _within(record, limit)], keep)

        start = {TopicPartition(*place): offset for place, offset in self.places.items()}
        for topics in ([CLOCK_TOPIC], sorted(self.services)):
            ends = await replay(self.settings, topics, take, start)
            for place, end in ends.items():
                reached = end if limit is None else min(end, limit.get((place.topic, place.partition), 0))
                self.places[place.topic, place.partition] = max(
                    reached, self.places.get((place.topic, place.partition), 0)
                )

    async def derive_touched(self, more: Iterable[str] = ()) -> None:
        """Derives the cases of which something was read since, and those that are due."""
        wanted = sorted(self._touched.union(more))
        self._touched.clear()
        for start in range(0, len(wanted), _CHUNK):
            await self._derive(wanted[start : start + _CHUNK])
        day = await self.pool.fetchval(SQL["read_day"])
        due = NOTHING_DUE
        while day is not None and (rows := await self.pool.fetch(SQL["cases_due"], day, *due, _CHUNK)):
            due = rows[-1]["next_day"], rows[-1]["id"]
            await self._derive(sorted(row["id"] for row in rows))

    async def note_places(self) -> None:
        """Writes where to read on, for the coordinator that goes on with this board."""
        async with self.pool.acquire() as connection:
            await self.store.note_progress(connection, self.places)

    async def _take(self, records: Sequence[ConsumerRecord], keep: Keep) -> None:
        self.records += len(records)
        days, _ = days_of(record.value for record in records if record.topic == CLOCK_TOPIC)
        folded = Folded({}, {})
        fold(self.services, (record for record in records if record.topic != CLOCK_TOPIC), folded)
        if days:
            async with self.pool.acquire() as connection:
                await self.store.begin_day(connection, days[-1], {})
        if folded.cases:
            await keep(folded.cases)

    async def _hear(self, arrived: Arrived) -> None:
        await self._heard.items(
            (case, arrival.item(service)) for case, items in arrived.items() for (service, _), arrival in items.items()
        )

    async def _keep(self, arrived: Arrived) -> None:
        self._touched |= arrived.keys()
        async with self.pool.acquire() as connection:
            await self.store.keep(connection, arrived)

    async def _derive(self, cases: Sequence[str]) -> None:
        async with self.pool.acquire() as connection:
            outcome = await self.store.again(connection, cases, REBUILT)
            differs = [(message.case, [message.barrier], False) for message in outcome.messages]
            await note_differences(connection, [*differs, *((case, [], True) for case in outcome.repeat)])


async def hear_board(
    settings: Settings, heard: Heard, *, stamps: bool = False, only: Container[str] | None = None
) -> None:
    """Hears what was last said: stamps or whole messages, of all cases or of some."""

    async def take(records: Sequence[ConsumerRecord]) -> None:
        told = [record for record in records if not record.key.startswith(MARK_PREFIX)]
        keys = [record.key.decode().partition("/") for record in told]
        if stamps:
            await heard.stamps(
                (case, barrier, stamp_of(record.value)) for (case, _, barrier), record in zip(keys, told, strict=True)
            )
        else:
            await heard.said(
                (case, barrier, record.offset, record.value)
                for (case, _, barrier), record in zip(keys, told, strict=True)
                if only is None or case in only
            )

    await replay(settings, [BOARD_TOPIC], take)


def hear_stamps(settings: Settings, schema: str) -> None:
    """Hears the stamps of what was last said, in a process of its own."""
    collect_rarely()

    async def hear() -> None:
        pool = await connect_pool(settings.database_url, size=2, schema=schema)
        try:
            heard = Heard(pool)
            await hear_board(settings, heard, stamps=True)
            await heard.write()
        finally:
            await pool.close()

    asyncio.run(hear())


def _within(record: ConsumerRecord, limit: Places | None) -> bool:
    return limit is None or record.offset < limit.get((record.topic, record.partition), 0)
