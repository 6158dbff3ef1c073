"""The inbox: what the coordinator does with snapshots and days. Fold, store, say, look.

A batch is folded as a whole, so that each of its cases is derived once, and stored in chunks of cases: while one is
stored, what was stored before is said. The caller commits the offsets when `handle` returns, so nothing that a batch
caused is left undone.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple

import asyncpg
from aiokafka import ConsumerRecord

from services.coordinator.days import Days, days_of
from services.coordinator.snapshots import Folded, fold
from services.coordinator.speech import Speech
from services.coordinator.store import Arrived, Ends, Outcome, Store, named
from shared.contracts.topics import CLOCK_TOPIC, events_topic
from shared.engine.pipeline import in_step
from shared.platform.clock import milliseconds
from shared.platform.metrics import Metrics
from shared.platform.postgres import is_transient

log = logging.getLogger(__name__)

#: Records folded before the event loop gets its turn, so that answers of the database are not kept waiting.
_SLICE = 250
#: Cases in one transaction; a small part of a batch, so that Python derives one while PostgreSQL writes the other.
_SMALLEST_CHUNK, _FIRST_CHUNK, _LARGEST_CHUNK = 50, 1_000, 2_000
#: Transactions at once: their cases are others, so they never wait for each other.
_AT_ONCE = 2
_TOO_SLOW_SECONDS, _QUICK_SECONDS = 5.0, 2.0


class Chunk(NamedTuple):
    """Some cases of a batch with what came of them; `ends` is where to read on after it, if that is known then."""

    cases: Arrived
    ends: Ends


class Inbox:
    """The incoming side of the coordinator. `services` are the names of those whose snapshots it knows."""

    def __init__(
        self,
        services: Sequence[str],
        pool: asyncpg.Pool[Any],
        store: Store,
        speech: Speech,
        days: Days,
        metrics: Metrics,
    ) -> None:
        self.services: Mapping[str, str] = {events_topic(name): name for name in services}
        self.pool, self.store, self.speech, self.days = pool, store, speech, days
        self._chunk = _FIRST_CHUNK
        self._metrics = metrics
        self._processing = metrics.waits("lotse_processing_seconds")
        self._skipped = metrics.counter("lotse_snapshots_skipped_total")

    @property
    def topics(self) -> list[str]:
        """What the coordinator subscribes to: by name, never by a pattern that would hold its own topic."""
        return [*sorted(self.services), CLOCK_TOPIC]

    async def handle(self, records: Sequence[ConsumerRecord]) -> None:
        """Deals with a batch completely. Raises when the database is away; the batch may then be handled again."""
        began = time.monotonic()
        snapshots = [record for record in records if record.topic != CLOCK_TOPIC]
        clock = [record for record in records if record.topic == CLOCK_TOPIC]
        days, unreadable = days_of(record.value for record in clock)
        if unreadable:
            self._skip("unreadable", unreadable)
        if clock:
            # First the day, so that the snapshots of the batch are derived with it at once.
            await self.days.begin(days, ends_of(clock))
        await self._handle(snapshots)
        if days:
            await self.days.follow(days)
        self._observe(records, time.monotonic() - began)

    async def _handle(self, records: Sequence[ConsumerRecord]) -> None:
        """Folds the whole batch, so that a case is derived once in it, then stores it in chunks of cases."""
        folded = await self._fold(records)
        storing: list[asyncio.Task[list[Outcome]]] = []

        def store(chunk: Chunk) -> asyncio.Task[list[Outcome]]:
            storing.append(asyncio.create_task(self._store(chunk)))
            return storing[-1]

        await in_step(self._chunks(folded.cases, ends_of(records), storing), store, self._say, _AT_ONCE)

    async def _chunks(
        self, cases: Arrived, ends: Ends, storing: Sequence[asyncio.Task[list[Outcome]]]
    ) -> AsyncIterator[Chunk]:
        """The cases of a batch in key order, some at a time. The last chunk notes where to read on, so it waits until
        all others, which are `storing`, are stored.
        """
        names = sorted(cases)
        start = 0
        while (end := start + self._chunk) < len(names):
            yield Chunk({name: cases[name] for name in names[start:end]}, {})
            start = end
        await asyncio.gather(*storing)
        if names or ends:
            yield Chunk({name: cases[name] for name in names[start:]}, ends)

    async def _fold(self, records: Sequence[ConsumerRecord]) -> Folded:
        """Reads the records; the loop gets its turn in between."""
        folded = Folded({}, {})
        for start in range(0, len(records), _SLICE):
            fold(self.services, records[start : start + _SLICE], folded)
            await asyncio.sleep(0)
        for reason, count in folded.skipped.items():
            self._skip(reason, count)
        return folded

    async def _store(self, chunk: Chunk) -> list[Outcome]:
        """Stores one chunk; if that raises for a reason in the chunk, in parts, and where to read on after the last."""
        began = time.monotonic()
        try:
            outcomes = [await self._store_part(chunk.cases, chunk.ends)]
        except Exception as error:
            if is_transient(error):
                raise
            log.error("a chunk could not be stored; it is split", exc_info=True, extra={"count": len(chunk.cases)})
            outcomes = await self._split(chunk.cases)
            async with self.pool.acquire() as connection:
                await self.store.note_progress(connection, chunk.ends)
        took = time.monotonic() - began
        self._metrics.histogram("lotse_store_seconds").observe(took)
        self._adapt(took, len(chunk.cases))
        for outcome in outcomes:
            self.speech.owe(outcome)
            if outcome.unreadable:
                self._skip("unreadable", outcome.unreadable)
            if outcome.faults:
                self._skip("fault", outcome.faults)
        return outcomes

    async def _store_part(self, cases: Arrived, ends: Ends) -> Outcome:
        async with self.pool.acquire() as connection:
            return await self.store.snapshots(connection, cases, ends)

    async def _split(self, cases: Arrived) -> list[Outcome]:
        """Two halves by case, each stored or split again, until one case stands alone; it is then left out."""
        names = sorted(cases)
        if len(names) <= 1:
            items = [arrival.item(key[0]) for name in names for key, arrival in cases[name].items()]
            log.error("snapshots of a case cannot be stored; they are left out", extra=named(items))
            self._skip("fault", len(names))
            return []
        outcomes: list[Outcome] = []
        for half in (names[: len(names) // 2], names[len(names) // 2 :]):
            part = {name: cases[name] for name in half}
            try:
                outcomes.append(await self._store_part(part, {}))
            except Exception as error:
                if is_transient(error):
                    raise
                outcomes += await self._split(part)
        return outcomes

    async def _say(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            await self.speech.say(outcome)

    def _adapt(self, took: float, size: int) -> None:
        """Halves the chunk when it took too long; lets it grow while full chunks are quick."""
        if took > _TOO_SLOW_SECONDS:
            self._chunk = max(_SMALLEST_CHUNK, self._chunk // 2)
        elif took < _QUICK_SECONDS and size >= self._chunk:
            self._chunk = min(_LARGEST_CHUNK, self._chunk * 2)

    def _skip(self, reason: str, count: int) -> None:
        self._skipped.labels(reason).inc(count)

    def _observe(self, records: Sequence[ConsumerRecord], took: float) -> None:
        self._processing.observe(Counter(("", record.timestamp) for record in records), milliseconds())
        self._metrics.counter("lotse_records_total").labels("events").inc(len(records))
        self._metrics.histogram("lotse_batch_records").observe(len(records))
        self._metrics.histogram("lotse_batch_seconds").observe(took)


def ends_of(records: Sequence[ConsumerRecord]) -> Ends:
    """Where to read on after records."""
    ends: dict[tuple[str, int], int] = {}
    for record in records:
        place = (record.topic, record.partition)
        ends[place] = max(ends.get(place, 0), record.offset + 1)
    return ends
