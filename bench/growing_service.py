"""A reporting service while the number of cases grows: recognition. Its tables are filled with copies of real rows.

Some procedures go through the service itself; then the rows of all other cases are copied from theirs, with other ids,
through COPY: the service would need minutes for what this does in one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import BytesIO
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaProducer

from bench.figures import Turn
from bench.load import PARTITIONS, STEPS, TEMPLATES, Load
from bench.reports import INBOUND, Sent, cases, produce, report
from bench.servers import Servers
from bench.steady import checkpoint, keep, measure_steady, refill, settle, stopped, wait_until_done
from lotse.stack.process import Process
from shared.platform.access import access_of
from shared.platform.kafka import start_producer

#: The tables with rows of a case, and the column that holds its id.
_TABLES = {"subject": "id", "fact": "subject", "item": "subject"}
#: PostgreSQL's binary format: signature, flags and the length of an extension before the rows, an end mark after them.
_HEAD, _END = b"PGCOPY\n\xff\r\n\x00" + bytes(8), b"\xff\xff"
_CHUNK_BYTES = 1 << 20


class ServiceAt:
    """The service at one size."""

    def __init__(
        self, servers: Servers, pool: asyncpg.Pool[Any], producer: AIOKafkaProducer, load: Load, batch: int
    ) -> None:
        self.servers, self.pool, self.load = servers, pool, load
        self._producer, self._batch = producer, batch
        self._made = self._turn = 0

    async def fill(self) -> None:
        """Fills the tables."""
        names = cases(TEMPLATES * STEPS, seed=1)
        self._made = await produce(self._producer, _lives(names), PARTITIONS)
        async with self.servers.process("recognition") as process:
            await wait_until_done(self.pool, process, INBOUND, self._made)
        for table, column in _TABLES.items():
            await _fill(self.pool, table, column, names, self.load)
        if self.load.refilled:
            await keep(self.pool, [*_TABLES])
        await settle(self.servers, self.pool)

    def process(self) -> AbstractAsyncContextManager[Process]:
        """The service, for all turns."""
        return self.servers.process("recognition", LOTSE_BATCH_RECORDS=str(self._batch))

    async def turn(self, process: Process, *, fresh: bool = False) -> Turn:
        """Works off a backlog of further reports, on demand right after a checkpoint."""
        if self._turn and self.load.refilled:
            await refill(self.pool, [*_TABLES])
        if fresh:
            await checkpoint(self.servers)
        before = self._made
        further = [report(case, number, step) for case, number, step in self.load.events(self._turn)]
        with stopped(process):
            self._made += await produce(self._producer, further, PARTITIONS)
        self._turn += 1
        return await measure_steady(self.servers, self.pool, process, INBOUND, before, self._made - before)


@asynccontextmanager
async def service_at(servers: Servers, load: Load, batch: int) -> AsyncIterator[ServiceAt]:
    """Fills the tables of one size."""
    producer = await start_producer(access_of(servers.settings("recognition")))
    pool = await asyncpg.create_pool(servers.postgres.url("recognition"), min_size=1, max_size=2)
    try:
        one = ServiceAt(servers, pool, producer, load, batch)
        await one.fill()
        yield one
    finally:
        await producer.stop()
        await pool.close()


def _lives(names: list[str]) -> Iterator[Sent]:
    """Reports of procedures up to each of the steps: the first templates have one step behind them, the next two …"""
    for at, name in enumerate(names):
        for step in range(at // TEMPLATES + 1):
            yield report(name, at % TEMPLATES, step)


async def _fill(pool: asyncpg.Pool[Any], table: str, column: str, names: list[str], load: Load) -> None:
    """Copies the rows of the templates for every case."""
    rows = []
    for name in names:
        found = BytesIO()
        question = f"select * from {table} where {column} = '{name}'"
        await pool.copy_from_query(question, output=found, format="binary")
        rows.append(found.getvalue().removeprefix(_HEAD).removesuffix(_END))
    copies = (
        _with_id(rows[step * TEMPLATES + number], names[step * TEMPLATES + number], case)
        for case, number, step in load.filling()
    )
    async with pool.acquire() as connection:
        await connection.copy_to_table(table, source=_stream(copies), format="binary", timeout=None)


def _with_id(rows: bytes, template: str, case: str) -> bytes:
    """Rows of another case: its id is as long in every form that it takes."""
    return rows.replace(UUID(template).bytes, UUID(case).bytes).replace(template.encode(), case.encode())


async def _stream(copies: Iterable[bytes]) -> AsyncIterator[bytes]:
    """What COPY reads, in large pieces."""
    piece = bytearray(_HEAD)
    for one in copies:
        piece += one
        if len(piece) > _CHUNK_BYTES:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + _END
