"""A board made anew in a schema of its own, from the topics alone (law 5). Nothing is said here.

First the snapshots are kept, then every case is derived once: a board in between, that nobody ever saw, would raise
versions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import ConsumerRecord, TopicPartition

from services.coordinator.days import FIRST, days_of
from services.coordinator.messages import said_of
from services.coordinator.packed import OF_CASE, Said, pack_said, unpack_said
from services.coordinator.registry import Registry
from services.coordinator.snapshots import Folded, fold
from services.coordinator.store import REBUILT, SQL, Outcome, Store
from shared.contracts.topics import BOARD_TOPIC, CLOCK_TOPIC, MARK_PREFIX, events_topic
from shared.engine.replay import replay
from shared.platform.clock import milliseconds
from shared.platform.postgres import read_statements
from shared.platform.settings import Settings

REBUILD = read_statements(Path(__file__).parent / "sql" / "rebuild.sql")

_CHUNK = 1_000
#: A place to read on from, for each topic and partition.
Places = dict[tuple[str, int], int]
Progress = Callable[[int], None]


class Anew:
    """The new board. `pool` searches its schema only; `places` is how far it has read, `changed` the keys
    (case, barrier) of which it says something else than what it found as said.
    """

    def __init__(self, settings: Settings, registry: Registry, pool: asyncpg.Pool[Any]) -> None:
        self.settings, self.pool = settings, pool
        self.services = {events_topic(name): name for name in registry.services}
        self.store = Store(registry.mappings, milliseconds)
        self.places: Places = {}
        self.changed: set[tuple[str, str]] = set()
        self.toggled: set[str] = set()
        self.records = 0
        self._touched: set[str] = set()

    async def take_versions(self) -> None:
        """Reads what was last said of every case, so that versions go on from there."""
        await replay(self.settings, [BOARD_TOPIC], self._take_said)

    async def read(self, limit: Places | None = None) -> None:
        """Reads days and snapshots from where it stands to where the topics end now, or exactly to `limit`."""

        async def take(records: Sequence[ConsumerRecord]) -> None:
            await self._keep([record for record in records if _within(record, limit)])

        start = {TopicPartition(*place): offset for place, offset in self.places.items()}
        for topics in ([CLOCK_TOPIC], sorted(self.services)):
            ends = await replay(self.settings, topics, take, start)
            for place, end in ends.items():
                reached = end if limit is None else min(end, limit.get((place.topic, place.partition), 0))
                self.places[place.topic, place.partition] = max(
                    reached, self.places.get((place.topic, place.partition), 0)
                )

    async def derive_all(self, progress: Progress = lambda _: None) -> int:
        """Derives every case; returns how many there are."""
        cursor, done = FIRST, 0
        while cases := [row["id"] for row in await self.pool.fetch(SQL["cases_after"], cursor, _CHUNK)]:
            await self._derive(cases)
            cursor, done = cases[-1], done + len(cases)
            progress(done)
        self._touched.clear()
        return done

    async def derive_touched(self, more: Iterable[str] = ()) -> None:
        """Derives the cases of which something was read since, and those that are due."""
        wanted = sorted(self._touched.union(more))
        self._touched.clear()
        for start in range(0, len(wanted), _CHUNK):
            await self._derive(wanted[start : start + _CHUNK])
        day = await self.pool.fetchval(SQL["read_day"])
        cursor = FIRST
        while day is not None and (rows := await self.pool.fetch(SQL["cases_due"], day, cursor, _CHUNK)):
            cursor = rows[-1]["id"]
            await self._derive([row["id"] for row in rows])

    async def note_places(self) -> None:
        """Writes where to read on, for the coordinator that goes on with this board."""
        async with self.pool.acquire() as connection:
            await self.store.note_progress(connection, self.places)

    async def _keep(self, records: Sequence[ConsumerRecord]) -> None:
        self.records += len(records)
        days, _ = days_of(record.value for record in records if record.topic == CLOCK_TOPIC)
        folded = Folded({}, {})
        fold(self.services, (record for record in records if record.topic != CLOCK_TOPIC), folded)
        self._touched |= folded.cases.keys()
        async with self.pool.acquire() as connection:
            if days:
                await self.store.begin_day(connection, days[-1], {})
            if folded.cases:
                await self.store.keep(connection, folded.cases)

    async def _derive(self, cases: Sequence[str]) -> None:
        async with self.pool.acquire() as connection:
            outcome: Outcome = await self.store.again(connection, cases, REBUILT)
        self.changed.update((message.case, message.barrier) for message in outcome.messages)
        self.toggled |= outcome.repeat

    async def _take_said(self, records: Sequence[ConsumerRecord]) -> None:
        newest = {record.key.decode(): record.value for record in records if not record.key.startswith(MARK_PREFIX)}
        said: dict[str, dict[str, Said]] = {}
        hidden: list[str] = []
        for key, value in newest.items():
            case, _, barrier = key.partition("/")
            if value is not None:
                said.setdefault(case, {})[barrier] = said_of(value)
            elif not barrier:
                hidden.append(case)
        async with self.pool.acquire() as connection, connection.transaction():
            for case, stored in await connection.fetch(REBUILD["said_of_cases"], list(said)):
                said[case] = unpack_said(stored) | said[case]
            await self.write_said(connection, said)
            await connection.execute(REBUILD["hide_boards"], hidden)
        await asyncio.sleep(0)

    async def write_said(self, connection: Any, said: Mapping[str, Mapping[str, Said]]) -> None:
        """Writes what was last said of cases; the next derivation fills in the rest."""
        rows = [
            (case, OF_CASE not in by_key, by_key[OF_CASE].version if OF_CASE in by_key else 0, pack_said(by_key))
            for case, by_key in sorted(said.items())
        ]
        await connection.execute(REBUILD["preload_boards"], *_columns(rows, 4))


def _within(record: ConsumerRecord, limit: Places | None) -> bool:
    return limit is None or record.offset < limit.get((record.topic, record.partition), 0)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[number] for row in rows] for number in range(width)]
