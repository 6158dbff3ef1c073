"""A reporting service at 10,000 cases, from a backlog of reports: recognition, as it runs in production."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncpg

from bench.figures import Throughput, throughput
from bench.floor import floor_of_service
from bench.reports import backlog, cases, produce
from bench.servers import PARTITIONS, Servers, cpu_of
from shared.platform.access import access_of
from shared.platform.kafka import start_producer

#: So many events are left out of the measurement: connecting, first batches.
_WARM = 0.1


async def measure_service(servers: Servers, count: int, steps: int) -> Throughput:
    """Fills the inbound topic, starts the service, and measures it until everything is stored and said."""
    producer = await start_producer(access_of(servers.settings("recognition")))
    total = await produce(producer, backlog(cases(count), steps), PARTITIONS)
    await producer.stop()
    async with servers.process("recognition") as process:
        pool = await asyncpg.create_pool(servers.postgres.url("recognition"), min_size=1, max_size=2)
        begin = await _until(pool, int(total * _WARM))
        at = time.monotonic()
        python, postgres = cpu_of(process.pid), servers.cpu_of_postgres()
        end = await _until(pool, total)
        seconds = time.monotonic() - at
        python, postgres = cpu_of(process.pid) - python, servers.cpu_of_postgres() - postgres
    floor = await floor_of_service(pool)
    await pool.close()
    return throughput(end - begin, seconds, floor, python, postgres)


async def _until(pool: asyncpg.Pool[Any], wanted: int) -> int:
    """Waits until so many reports are stored; returns how many are."""
    while True:
        try:
            done = int(await pool.fetchval("select coalesce(sum(next_offset), 0) from progress"))
        except asyncpg.UndefinedTableError:
            done = 0
        if done >= wanted:
            return done
        await asyncio.sleep(0.02)
