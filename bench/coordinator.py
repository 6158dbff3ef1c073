"""The coordinator at 10,000 cases, from a backlog of snapshots."""

from __future__ import annotations

import asyncio
import time
from datetime import date
from typing import Any

import asyncpg

from bench.figures import Throughput, throughput
from bench.floor import floor_of_coordinator
from bench.reports import cases
from bench.servers import PARTITIONS, Servers, cpu_of
from bench.snapshots import snapshots
from services.clock.days import message_of
from shared.engine.say import Speaker
from shared.platform.metrics import Metrics

_WARM = 0.1
TODAY = date(2025, 9, 1)


async def measure_coordinator(servers: Servers, count: int, steps: int) -> Throughput:
    """Fills the topic of snapshots, starts the coordinator, and measures it until everything is stored and said."""
    messages = snapshots(cases(count), steps, PARTITIONS)
    speaker = Speaker(servers.settings("coordinator"), Metrics())
    await speaker.start()
    await speaker.say([message_of(TODAY)])
    await speaker.say(messages)
    await speaker.stop()
    async with servers.process("coordinator") as process:
        pool = await asyncpg.create_pool(servers.postgres.url("coordinator"), min_size=1, max_size=2)
        begin = await _until(pool, int(len(messages) * _WARM))
        at = time.monotonic()
        python, postgres = cpu_of(process.pid), servers.cpu_of_postgres()
        end = await _until(pool, len(messages))
        seconds = time.monotonic() - at
        python, postgres = cpu_of(process.pid) - python, servers.cpu_of_postgres() - postgres
    floor = await floor_of_coordinator(pool, messages)
    await pool.close()
    return throughput(end - begin, seconds, floor, python, postgres)


async def _until(pool: asyncpg.Pool[Any], wanted: int) -> int:
    """Waits until so many snapshots are stored; returns how many are."""
    question = "select coalesce(sum(next_offset), 0) from progress where topic = 'events.recognition'"
    while True:
        try:
            done = int(await pool.fetchval(question))
        except asyncpg.UndefinedTableError:
            done = 0
        if done >= wanted:
            return done
        await asyncio.sleep(0.02)
