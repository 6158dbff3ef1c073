"""Upkeep: saying again what stands in the rows. Anti-entropy once a day, republish and rederive on demand.

Each run goes over the cases in key order, in chunks, with a stored cursor, so that it goes on after a stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from services.coordinator.days import FIRST
from services.coordinator.speech import Speech
from services.coordinator.store import SQL, Store
from shared.contracts.topics import BOARD_TOPIC, mark_message
from shared.engine.say import Message
from shared.engine.speech import SQL as ENGINE_SQL

_CHUNK = 500
#: Anti-entropy repeats what changed in this time, so that one missed run loses nothing.
_BACK = timedelta(days=2)
_PAUSE_SECONDS = 30.0

Chunk = Callable[[str], Awaitable[Sequence[str]]]


class Upkeep:
    """The long runs of the coordinator. `now` is the wall clock."""

    def __init__(self, store: Store, speech: Speech, now: Callable[[], datetime]) -> None:
        self.pool, self.store, self.speech, self._now = speech.pool, store, speech, now

    async def republish(self) -> int:
        """Says every row again; returns the number of cases."""
        return await self._run("republish", self._all, self.speech.say_cases)

    async def rederive(self) -> int:
        """Derives every case anew after a change of rules or code, and says what differs; faults are taken up."""

        async def derive(cases: Sequence[str]) -> None:
            async with self.pool.acquire() as connection:
                outcome = await self.store.again(connection, cases)
            await self.speech.say(outcome)

        return await self._run("rederive", self._all, derive)

    async def anti_entropy(self) -> int:
        """Says again, and looks, what changed in the last two days; then a mark into every partition."""
        since = self._now() - _BACK

        async def chunk(cursor: str) -> Sequence[str]:
            return [row["id"] for row in await self.pool.fetch(SQL["cases_changed_since"], cursor, _CHUNK, since)]

        done = await self._run("anti-entropy", chunk, self.speech.say_cases)
        await self.mark()
        return done

    async def mark(self) -> None:
        """Writes a record into every partition of the board's topic, so that compaction and erasure complete."""
        now = self._now()
        marks = [mark_message("coordinator", number, now) for number in range(self.speech.partitions)]
        await self.speech.speaker.say(
            Message(BOARD_TOPIC, number, key, value) for number, (key, value) in enumerate(marks)
        )

    async def forever(self, every: timedelta) -> None:
        """Anti-entropy in its rhythm, kept in the database so that a restart neither skips nor repeats a run.

        Of several processes one does it.
        """
        async with self.pool.acquire() as connection:
            if await connection.fetchval(ENGINE_SQL["try_alone"], "lotse.anti-entropy"):
                try:
                    run = await self.pool.fetchrow(ENGINE_SQL["read_run"], "anti-entropy")
                    if run is None or run["finished_at"] is None or self._now() - run["started_at"] >= every:
                        await self.anti_entropy()
                finally:
                    await connection.execute(ENGINE_SQL["no_longer_alone"], "lotse.anti-entropy")
        await asyncio.sleep(_PAUSE_SECONDS)

    async def _all(self, cursor: str) -> Sequence[str]:
        return [row["id"] for row in await self.pool.fetch(SQL["cases_after"], cursor, _CHUNK)]

    async def _run(self, name: str, chunk: Chunk, work: Callable[[Sequence[str]], Awaitable[None]]) -> int:
        """Goes over cases in key order from where an unfinished run stopped; returns how many it dealt with."""
        run = await self.pool.fetchrow(ENGINE_SQL["read_run"], name)
        unfinished = run is not None and run["finished_at"] is None
        cursor = run["cursor"] if unfinished else FIRST
        started = run["started_at"] if unfinished else self._now()
        done = 0
        while cases := await chunk(cursor):
            await work(cases)
            cursor, done = cases[-1], done + len(cases)
            await self.pool.execute(ENGINE_SQL["write_run"], name, cursor, started, None)
        await self.pool.execute(ENGINE_SQL["write_run"], name, FIRST, started, self._now())
        return done
