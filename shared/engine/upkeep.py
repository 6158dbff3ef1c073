"""Upkeep: saying again what stands in the rows. Anti-entropy once a day; republish, rederive, restored on demand.

Each run goes over the subjects in key order, in chunks, with a stored cursor, so that it goes on after a stop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from shared.contracts.topics import events_topic, mark_message
from shared.engine.aftermath import Aftermath
from shared.engine.say import Message, Speaker
from shared.engine.speech import SQL

log = logging.getLogger(__name__)

_CHUNK = 500
_FIRST = "00000000-0000-0000-0000-000000000000"
#: Anti-entropy repeats what changed in this time, so that one missed run loses nothing.
_BACK = timedelta(days=2)
_PAUSE_SECONDS = 30.0
#: More than a service can have said since the backup that it was restored from.
_AHEAD = 1_000_000

Progress = Callable[[int], None]


class Upkeep:
    """The long runs of one reporting service. `now` is the wall clock."""

    def __init__(self, aftermath: Aftermath, speaker: Speaker, now: Callable[[], datetime]) -> None:
        self.pool, self.store, self.speech = aftermath.pool, aftermath.store, aftermath.speech
        self._aftermath, self.speaker, self._now = aftermath, speaker, now

    async def republish(self, progress: Progress = lambda _: None) -> int:
        """Says every row again, receipts left out; returns the number of subjects."""
        return await self._over_all("republish", self.speech.say_subjects, progress)

    async def rederive(self, progress: Progress = lambda _: None) -> int:
        """Derives every subject anew after a change of rules or code, and says what differs; faults are taken up."""
        return await self._derive_all("rederive", 0, progress)

    async def restored(self, progress: Progress = lambda _: None) -> int:
        """After a restore from a backup: raises all sequences beyond everything ever said, and says everything.

        The service must have read again what came since the backup: what is not stored yet cannot be raised, and what
        the lost database had said of it would count as newer. Of receipts those are raised that were decided in the
        last two days, which are all that were read again. An item that cannot be derived keeps its sequence until its
        fault is mended.
        """
        done = await self._derive_all("restored", _AHEAD, progress)
        since = int((self._now() - _BACK).timestamp() * 1000)
        await self.speech.raise_receipts(since, _AHEAD)
        return done

    async def _derive_all(self, name: str, raised: int, progress: Progress) -> int:
        async def derive(subjects: Sequence[str]) -> None:
            async with self.pool.acquire() as connection:
                outcome = await self.store.derive_again(connection, subjects, raised=raised)
            await self._aftermath.say(outcome)

        return await self._over_all(name, derive, progress)

    async def anti_entropy(self, progress: Progress = lambda _: None) -> int:
        """Says again, and looks, what changed in the last two days; then a mark into every partition."""
        since = self._now() - _BACK

        async def chunk(cursor: str) -> Sequence[str]:
            rows = await self.pool.fetch(SQL["subjects_changed_since"], cursor, _CHUNK, since)
            return [row["id"] for row in rows]

        done = await self._run("anti-entropy", chunk, self.speech.say_subjects, progress)
        await self.mark()
        return done

    async def mark(self) -> None:
        """Writes a record into every partition of the compacted topic, so that compaction and erasure complete."""
        topic = events_topic(self.speech.service.name)
        now = self._now()
        marks = [mark_message(self.speech.service.name, number, now) for number in range(self.speech.partitions)]
        await self.speaker.say(Message(topic, number, key, value) for number, (key, value) in enumerate(marks))

    async def forever(self, every: timedelta) -> None:
        """Anti-entropy in its rhythm, kept in the database so that a restart neither skips nor repeats a run.

        Of several processes of the service one does it.
        """
        await self.speech.say_waiting()
        async with self.pool.acquire() as connection:
            if await connection.fetchval(SQL["try_alone"], "lotse.anti-entropy"):
                try:
                    run = await self.pool.fetchrow(SQL["read_run"], "anti-entropy")
                    if run is None or run["finished_at"] is None or self._now() - run["started_at"] >= every:
                        await self.anti_entropy()
                finally:
                    await connection.execute(SQL["no_longer_alone"], "lotse.anti-entropy")
        await asyncio.sleep(_PAUSE_SECONDS)

    async def _over_all(self, name: str, work: Callable[[Sequence[str]], Awaitable[None]], progress: Progress) -> int:
        async def chunk(cursor: str) -> Sequence[str]:
            return [row["id"] for row in await self.pool.fetch(SQL["subjects_after"], cursor, _CHUNK)]

        return await self._run(name, chunk, work, progress)

    async def _run(
        self,
        name: str,
        chunk: Callable[[str], Awaitable[Sequence[str]]],
        work: Callable[[Sequence[str]], Awaitable[None]],
        progress: Progress,
    ) -> int:
        """Goes over subjects in key order from where an unfinished run stopped; returns how many it dealt with."""
        run = await self.pool.fetchrow(SQL["read_run"], name)
        unfinished = run is not None and run["finished_at"] is None
        cursor = run["cursor"] if unfinished else _FIRST
        started = run["started_at"] if unfinished else self._now()
        done = 0
        while subjects := await chunk(cursor):
            await work(subjects)
            cursor, done = subjects[-1], done + len(subjects)
            await self.pool.execute(SQL["write_run"], name, cursor, started, None)
            progress(done)
        await self.pool.execute(SQL["write_run"], name, _FIRST, started, self._now())
        return done
