"""From report to committed board row: service and coordinator at a steady rate; PostgreSQL tells when it committed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaProducer

from bench.figures import Latency, latency
from bench.reports import INBOUND, cases, report
from bench.servers import PARTITIONS, Servers
from shared.contracts.topics import partition_of
from shared.platform.access import access_of
from shared.platform.kafka import start_producer

RATES = (100, 500)
_COMMITTED = """
select id::text, extract(epoch from pg_xact_commit_timestamp(xmin))::float8 as committed
from board where id = any($1::uuid[]) and version > 0
"""


async def measure_latency(servers: Servers, seconds: float) -> dict[str, Latency]:
    """Milliseconds from the sending of a report to the commit of its case's board, by reports per second."""
    found: dict[str, Latency] = {}
    producer = await start_producer(access_of(servers.settings("recognition")))
    async with servers.process("recognition"), servers.process("coordinator"):
        pool = await asyncpg.create_pool(servers.postgres.url("coordinator"), min_size=1, max_size=2)
        warm = cases(50, seed=1)
        await _committed(pool, await _send(producer, warm, 50))
        for rate in RATES:
            sent = await _send(producer, cases(int(rate * seconds), seed=rate), rate)
            committed = await _committed(pool, sent)
            found[str(rate)] = latency([(committed[case] - at) * 1000 for case, at in sent.items()])
        await pool.close()
    await producer.stop()
    return found


async def _send(producer: AIOKafkaProducer, all_cases: Sequence[str], rate: int) -> dict[str, float]:
    """One report for each case, evenly; returns when each was sent, in seconds since 1970."""
    began, sent, waiting = time.monotonic(), {}, []
    for number, case in enumerate(all_cases):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        one = report(case, number, 0)
        sent[case] = datetime.now(UTC).timestamp()
        place = partition_of(case, PARTITIONS)
        waiting.append(await producer.send(INBOUND, one.value, key=case.encode(), partition=place, headers=one.headers))
    await asyncio.gather(*waiting)
    return sent


async def _committed(pool: asyncpg.Pool[Any], sent: dict[str, float]) -> dict[str, float]:
    """When the board of each case was committed; waits for the last."""
    async with asyncio.timeout(60):
        while True:
            try:
                rows = await pool.fetch(_COMMITTED, [UUID(case) for case in sent])
            except asyncpg.UndefinedTableError:
                rows = []
            if len(rows) == len(sent):
                return {row["id"]: row["committed"] for row in rows}
            await asyncio.sleep(0.1)
