"""The measurement of a backlog in the middle of its being worked off, by where the database says to read on."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from bench.figures import Grown, grown
from bench.load import Load
from bench.meter import peak_memory, read_meters
from bench.servers import Servers
from lotse.stack.process import Process, last_lines

#: So many events are left out of the measurement: connecting, first batches.
_WARM = 0.1
#: Filling and vacuuming pass by the buffers, which in a long run hold what is used. Tables first, so that indexes stay.
_WARM_UP = """
select pg_prewarm(oid) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')
order by relkind desc
"""
_DONE = "select coalesce(sum(next_offset), 0) from progress where topic = $1"


async def settle(servers: Servers, pool: asyncpg.Pool[Any]) -> None:
    """Brings the database to where a long run would have it between two checkpoints: the tables' pages are logged as a
    whole, which the vacuum does as far as they are new, there are statistics, and what fits is in the buffers.
    """
    database = await pool.fetchval("select current_database()")
    admin = await asyncpg.connect(f"{servers.postgres.admin_url.rpartition('/')[0]}/{database}")
    try:
        await admin.execute("checkpoint")
        await pool.execute("vacuum analyze")
        await admin.execute("create extension if not exists pg_prewarm")
        await admin.execute(_WARM_UP)
    finally:
        await admin.close()


async def done(pool: asyncpg.Pool[Any], topic: str) -> int:
    """How many records of a topic are dealt with; none before the tables are there."""
    try:
        return int(await pool.fetchval(_DONE, topic))
    except asyncpg.UndefinedTableError:
        return 0


async def measure_steady(
    servers: Servers, pool: asyncpg.Pool[Any], process: Process, topic: str, before: int, load: Load
) -> Grown:
    """Watches a process work off the further events of a topic of which `before` records were dealt with before."""
    begin = await wait_until_done(pool, process, topic, before + int(load.count * _WARM))
    first = await read_meters(servers, pool, process.pid)
    end = await wait_until_done(pool, process, topic, before + load.count)
    used = await read_meters(servers, pool, process.pid) - first
    return grown(len(load.cases), end - begin, used, peak_memory(process.pid))


async def wait_until_done(pool: asyncpg.Pool[Any], process: Process, topic: str, wanted: int) -> int:
    """Waits until a process has dealt with so many records of a topic; returns how many it has.

    Raises RuntimeError when the process ends before.
    """
    while (found := await done(pool, topic)) < wanted:
        if not process.alive:
            raise RuntimeError(f"{process.command.name} ended: {last_lines(process.command.log)}")
        await asyncio.sleep(0.02)
    return found
