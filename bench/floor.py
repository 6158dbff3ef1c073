"""The floor: what PostgreSQL takes for the rows that had to change, written by the best bulk statement from memory."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import asyncpg

from shared.engine.say import Message

#: Records of one transaction; a case's snapshots in it are one row.
_BATCH, _LARGE_BATCH = 2_000, 10_000


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


async def floor_of_coordinator(pool: asyncpg.Pool[Any], messages: Sequence[Message]) -> float:
    """Snapshots per second: the row of each case of a batch, into an empty table of the same shape, and over it."""
    async with pool.acquire() as connection:
        await connection.execute("create table floor_board (like board including all)")
        rows = {str(row["id"]): _plain(row) for row in await connection.fetch("select * from board")}
        statement = await _upsert(connection, "board")
        names = [(message.key or b"").split(b"/")[0].decode() for message in messages]
        began = time.monotonic()
        for start in range(0, len(names), _LARGE_BATCH):
            batch = [rows[case] for case in sorted(set(names[start : start + _LARGE_BATCH]))]
            async with connection.transaction():
                await connection.execute(statement, batch)
        seconds = time.monotonic() - began
        await connection.execute("drop table floor_board")
    return len(names) / seconds


def _plain(row: Any) -> tuple[Any, ...]:
    """A row as an argument, with the elements of its arrays."""
    return tuple(
        [_plain(one) if isinstance(one, asyncpg.Record) else one for one in value] if isinstance(value, list) else value
        for value in row
    )


async def _upsert(connection: Any, name: str) -> str:
    """One statement that writes rows of a table, and over those that are there."""
    key = await connection.fetch(
        "select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey) "
        f"where i.indrelid = '{name}'::regclass and i.indisprimary"
    )
    columns = await connection.fetch(
        f"select attname from pg_attribute where attrelid = '{name}'::regclass and attnum > 0 order by attnum"
    )
    keys = [row["attname"] for row in key]
    changes = ", ".join(f"{c['attname']} = excluded.{c['attname']}" for c in columns if c["attname"] not in keys)
    return (
        f"insert into floor_{name} select * from unnest($1::floor_{name}[]) "
        f"on conflict ({', '.join(keys)}) do update set {changes}"
    )
