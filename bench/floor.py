"""The floor: what PostgreSQL takes for the rows that had to change, written by the best bulk statement from memory."""

from __future__ import annotations

import time
from typing import Any

import asyncpg

_BATCH = 2_000


async def floor_of_service(pool: asyncpg.Pool[Any]) -> float:
    """Reports per second: for each its fact row and its item row, in batches, into empty tables of the same shape."""
    async with pool.acquire() as connection:
        facts = await connection.fetch('select * from fact order by topic, partition, "offset"')
        items = {(row["subject"], row["item"]): row for row in await connection.fetch("select * from item")}
        by_subject = {subject: row for (subject, _), row in items.items()}
        await connection.execute(
            "create table floor_subject (like subject including all);"
            "create table floor_fact (like fact including all);"
            "create table floor_item (like item including all)"
        )
        began = time.monotonic()
        for start in range(0, len(facts), _BATCH):
            batch = sorted(facts[start : start + _BATCH], key=lambda row: (row["source"], row["id"]))
            changed = sorted({row["subject"] for row in batch})
            async with connection.transaction():
                await connection.execute(
                    "insert into floor_subject (id) select * from unnest($1::uuid[]) on conflict do nothing", changed
                )
                await connection.execute(
                    "insert into floor_fact select * from unnest($1::floor_fact[])", [tuple(row) for row in batch]
                )
                await connection.execute(
                    "insert into floor_item select * from unnest($1::floor_item[]) on conflict (subject, item) "
                    "do update set sequence = excluded.sequence, content = excluded.content, said = excluded.said, "
                    "changed_at = excluded.changed_at",
                    [tuple(by_subject[subject]) for subject in changed],
                )
        seconds = time.monotonic() - began
        await connection.execute("drop table floor_subject, floor_fact, floor_item")
    return len(facts) / seconds
