"""Days: first the day is raised, alone; then the cases that it changes are derived, in chunks."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import asyncpg
import msgspec

from services.coordinator.speech import Speech
from services.coordinator.store import SQL, Ends, Store
from shared.contracts.fact import Day
from shared.contracts.snapshot import UNREADABLE
from shared.platform.metrics import Metrics

log = logging.getLogger(__name__)

_CHUNK = 1_000
FIRST = "00000000-0000-0000-0000-000000000000"
#: Where `cases_due` begins: a day and a case.
NOTHING_DUE = ("", FIRST)
_EPOCH = date(1970, 1, 1).toordinal()
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}").fullmatch


class _Data(msgspec.Struct, frozen=True):
    day: str


class _DayBegan(msgspec.Struct, frozen=True):
    data: _Data


_decode = msgspec.json.Decoder(_DayBegan).decode


def days_of(values: Iterable[bytes | None]) -> tuple[list[Day], int]:
    """The days that records say, in order, and how many records could not be read."""
    days, unreadable = set(), 0
    for value in values:
        try:
            day = _decode(value or b"").data.day
            date.fromisoformat(day)
            if not _DAY(day):
                raise ValueError(day)
            days.add(day)
        except UNREADABLE:
            unreadable += 1
    return sorted(days), unreadable


class Days:
    """The coordinator's side of the clock."""

    def __init__(self, pool: asyncpg.Pool[Any], store: Store, speech: Speech, metrics: Metrics) -> None:
        self.pool, self.store, self.speech = pool, store, speech
        self._gauge = metrics.gauge("lotse_day")

    async def begin(self, days: Sequence[Day], ends: Ends) -> None:
        """Raises the day to the newest of some. Of a pile of days only the last is looked at: the board is the same."""
        async with self.pool.acquire() as connection:
            if not days:
                await self.store.note_progress(connection, ends)
                return
            await self.store.begin_day(connection, days[-1], ends)
        self._show(days[-1])

    async def show(self) -> None:
        """Shows the newest day that the database holds: a restart must not look like a day that did not begin."""
        day = await self.pool.fetchval(SQL["read_day"])
        if day is not None:
            self._show(day)

    def _show(self, day: Day) -> None:
        self._gauge.set(date.fromisoformat(day).toordinal() - _EPOCH)

    async def follow(self, days: Sequence[Day]) -> None:
        """Derives and says the cases that are due; then says again those that these days had changed before."""
        changed: set[str] = set()
        due = NOTHING_DUE
        while rows := await self.pool.fetch(SQL["cases_due"], days[-1], *due, _CHUNK):
            async with self.pool.acquire() as connection:
                outcome = await self.store.by_day(connection, sorted(row["id"] for row in rows))
            await self.speech.say(outcome)
            changed |= outcome.stamps.keys()
            due = rows[-1]["next_day"], rows[-1]["id"]
        cursor = FIRST
        while cases := await self._cases("cases_changed_by_days", list(days), cursor):
            again = [case for case in cases if case not in changed]
            if again:
                await self.speech.say_cases(again)
            cursor = cases[-1]

    async def _cases(self, statement: str, argument: Any, cursor: str) -> list[str]:
        return [row["id"] for row in await self.pool.fetch(SQL[statement], argument, cursor, _CHUNK)]
