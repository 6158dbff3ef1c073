"""Where the region is stuck: open barriers counted, never a person (contract §6, facts.md §5)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from services.coordinator.query import OPEN_STATUSES, TURNS
from shared.contracts.board import BARRIERS
from shared.platform.postgres import read_statements

SQL = read_statements(Path(__file__).parent / "sql" / "obstacles.sql")

#: A cell with fewer people than this is counted, but not shown.
FEWEST = 3
#: A table that took longer than `_QUICK` seconds to make is kept for so many times longer: however large the region,
#: counting takes a small part of the time, and the pages of a table fit together.
_KEPT, _QUICK = 10.0, 0.2

Answer = dict[str, Any]


class _Table(NamedTuple):
    """All cells by some keys, as of a day (None: no day came yet). `until`: how long it may be shown."""

    day: str | None
    cells: list[Answer]
    hidden: int
    until: float


class Obstacles:
    """The two reports over all visible cases that are not closed. `now` is a monotonic clock, in seconds."""

    def __init__(self, pool: asyncpg.Pool[Any], now: Callable[[], float] = time.monotonic) -> None:
        self._pool, self._now = pool, now
        self._tables: dict[frozenset[str], _Table] = {}
        self._last: tuple[Answer, float] | None = None
        # One count over everything at a time: the connections are for those who ask for cases.
        self._one = asyncio.Lock()

    async def cells(self, by: Sequence[str]) -> Answer:
        """`asOf`, `by`, `items` and `hidden`: all cells, the largest first, then in the order of their keys."""
        async with self._one:
            table = self._tables.get(frozenset(by))
            if table is None or table.until <= self._now():
                table = self._tables[frozenset(by)] = await self._count(by)
        items = [{key: cell[key] for key in by} | _told(cell) for cell in table.cells]
        return {"asOf": table.day, "by": list(by), "items": items, "hidden": table.hidden}

    async def last_barrier(self) -> Answer:
        """`asOf` and `items`: how many people would be ready if one barrier went away, by barrier."""
        async with self._one:
            if self._last is None or self._last[1] <= self._now():
                began = self._now()
                rows = await self._pool.fetch(SQL["last_barrier"], BARRIERS, FEWEST)
                items = [{"barrier": barrier, "count": count} for _, barrier, count in rows if barrier is not None]
                self._last = {"asOf": rows[0]["day"], "items": items}, self._until(began)
            return self._last[0]

    async def _count(self, by: Sequence[str]) -> _Table:
        async with self._pool.acquire() as connection:
            began = self._now()
            rows = await connection.fetch(SQL["obstacles"], by, OPEN_STATUSES, FEWEST)
            until = self._until(began)
        cells = [dict(row) for row in rows if row["count"] is not None]
        return _Table(rows[0]["day"], cells, rows[0]["hidden"], until)

    def _until(self, began: float) -> float:
        """How long what was begun then and is there now may be shown."""
        end = self._now()
        return end + _KEPT * max(0.0, end - began - _QUICK)


def _told(cell: Answer) -> Answer:
    median, eighty = cell["days"]
    turns = {turn: cell[turn.replace("-", "_")] for turn in TURNS}
    return {
        "count": cell["count"],
        "medianDays": median,
        "p80Days": eighty,
        "stalledShare": cell["stalled"],
        "turns": {turn: count for turn, count in turns.items() if count},
    }
