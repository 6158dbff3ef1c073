"""The measurement of a backlog in the middle of its being worked off, by where the database says to read on."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg

from bench.figures import Turn, turn
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
    """Brings the database to where a long run has it in the midst of the time between two checkpoints: filling has
    logged every page, no checkpoint has come since, there are statistics, and what fits is in the buffers.
    """
    database = await pool.fetchval("select current_database()")
    admin = await asyncpg.connect(f"{servers.postgres.admin_url.rpartition('/')[0]}/{database}")
    try:
        await pool.execute("vacuum analyze")
        await admin.execute("create extension if not exists pg_prewarm")
        await admin.execute(_WARM_UP)
    finally:
        await admin.close()


async def checkpoint(servers: Servers) -> None:
    """From now on the first change of each page is logged as a whole page."""
    admin = await asyncpg.connect(servers.postgres.admin_url)
    try:
        await admin.execute("checkpoint")
    finally:
        await admin.close()


@contextmanager
def stopped(process: Process) -> Iterator[None]:
    """The process does nothing meanwhile, so that what is said becomes a backlog. Not for longer than a moment: the
    broker would take its partitions away.
    """
    process.send(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send(signal.SIGCONT)


async def keep(pool: asyncpg.Pool[Any], tables: Sequence[str]) -> None:
    """Keeps how tables stand."""
    for table in tables:
        await pool.execute(f"create table kept_{table} as table {table}")


async def refill(pool: asyncpg.Pool[Any], tables: Sequence[str]) -> None:
    """Makes tables stand as they were kept."""
    for table in tables:
        await pool.execute(f"truncate {table}")
        await pool.execute(f"insert into {table} select * from kept_{table}")
        await pool.execute(f"vacuum analyze {table}")


async def done(pool: asyncpg.Pool[Any], topic: str) -> int:
    """How many records of a topic are dealt with; none before the tables are there."""
    try:
        return int(await pool.fetchval(_DONE, topic))
    except asyncpg.UndefinedTableError:
        return 0


async def measure_steady(
    servers: Servers, pool: asyncpg.Pool[Any], process: Process, topic: str, before: int, count: int
) -> Turn:
    """Watches a process work off `count` further events of a topic, behind the `before` that it has dealt with."""
    begin = await wait_until_done(pool, process, topic, before + int(count * _WARM))
    first = await read_meters(servers, pool, process.pid)
    end = await wait_until_done(pool, process, topic, before + count)
    used = await read_meters(servers, pool, process.pid) - first
    return turn(end - begin, used, peak_memory(process.pid))


async def wait_until_done(pool: asyncpg.Pool[Any], process: Process, topic: str, wanted: int) -> int:
    """Waits until a process has dealt with so many records of a topic; returns how many it has.

    Raises RuntimeError when the process ends before.
    """
    while (found := await done(pool, topic)) < wanted:
        if not process.alive:
            raise RuntimeError(f"{process.command.name} ended: {last_lines(process.command.log)}")
        await asyncio.sleep(0.02)
    return found
