"""Ingest: what a reporting service does with the records of its inbound topics. Parse, admit, store, say, look.

A batch is cut into chunks by case: while PostgreSQL stores one, Python reads the next, and what was stored is said. The
more of a case a batch holds, the less it costs, since a case is read, derived, written and said once. The caller
commits the offsets when `handle` returns, so nothing that a batch caused is left undone.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import islice
from typing import Any, NamedTuple
from zlib import crc32

import asyncpg
from aiokafka import ConsumerRecord

from shared.contracts.envelope import Refusal, Report, parse_report
from shared.contracts.verdicts import verdict_of
from shared.engine.aftermath import Aftermath
from shared.engine.decide import Admitted, Outcome
from shared.engine.derive import FAULT
from shared.engine.pipeline import in_step
from shared.engine.rows import Place
from shared.engine.service import Service
from shared.engine.store import Ends, Store
from shared.engine.vitals import ReportVitals, label_of
from shared.platform.clock import milliseconds
from shared.platform.institutions import Institutions
from shared.platform.metrics import UNKNOWN, Metrics
from shared.platform.postgres import is_transient

log = logging.getLogger(__name__)

#: Records parsed before the event loop gets its turn, so that answers of the database are not kept waiting.
_SLICE = 100
_SMALLEST_CHUNK, _LARGEST_CHUNK = 50, 4_000
_TOO_SLOW_SECONDS, _QUICK_SECONDS = 5.0, 2.0
#: Verdicts that the log tells of, and how many reports a line of it names at most.
_TOLD = frozenset({"parked", "rejected"})
_SOME = 20
#: Topic, name of the fact and code.
Counted = tuple[str, str | None, str]


class _Chunk(NamedTuple):
    """A part of a batch, and where to read on once it is stored: nowhere unless it is the last."""

    batch: Sequence[Admitted]
    ends: Ends


class Ingest:
    """The inbound side of one service."""

    def __init__(
        self,
        service: Service,
        institutions: Callable[[], Institutions],
        pool: asyncpg.Pool[Any],
        store: Store,
        aftermath: Aftermath,
        metrics: Metrics,
        vitals: ReportVitals,
    ) -> None:
        self.service, self.institutions, self.pool, self.store = service, institutions, pool, store
        self._aftermath, self._vitals = aftermath, vitals
        self._chunk = _LARGEST_CHUNK
        self._metrics = metrics
        self._reports = metrics.counter("lotse_reports_total")
        self._processing = metrics.waits("lotse_processing_seconds")

    async def handle(self, records: Sequence[ConsumerRecord]) -> None:
        """Deals with a batch completely. Raises when the database is away; the batch may then be handled again."""
        began = time.monotonic()
        await in_step(self._parts(records), self._store, self._say)
        self._vitals.received(records)
        self._metrics.counter("lotse_records_total").labels("inbound").inc(len(records))
        self._metrics.histogram("lotse_batch_records").observe(len(records))
        self._metrics.histogram("lotse_batch_seconds").observe(time.monotonic() - began)

    async def _parts(self, records: Sequence[ConsumerRecord]) -> AsyncIterator[_Chunk]:
        """All records of a key in one chunk, in their order; a case that comes under several keys is only dearer."""
        parts: list[list[ConsumerRecord]] = [[] for _ in range(-(-len(records) // self._chunk) or 1)]
        for record in records:
            parts[crc32(record.key or b"") % len(parts)].append(record)
        for part in parts[:-1]:
            yield _Chunk(await self._parse(part), ())
        yield _Chunk(await self._parse(parts[-1]), _ends_of(records))

    async def _parse(self, records: Sequence[ConsumerRecord]) -> list[Admitted]:
        """Reads the records; the loop gets its turn in between."""
        institutions = self.institutions()
        batch: list[Admitted] = []
        for number, record in enumerate(records):
            place = Place(record.topic, record.partition, record.offset, record.timestamp)
            batch.append((place, self._read(institutions, record)))
            if number % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)
        return batch

    def _read(self, institutions: Institutions, record: ConsumerRecord) -> Report | Refusal:
        try:
            return parse_report(self.service.name, self.service.reports, institutions, record)
        except Exception:
            # A record that our own code stumbles over must not stop those behind it.
            place = Place(record.topic, record.partition, record.offset, record.timestamp)
            log.error("a record could not be read", exc_info=True, extra={"records": [_written(place)]})
            return Refusal(FAULT, None, None, None, None)

    async def _store(self, chunk: _Chunk) -> list[Outcome]:
        """Stores one chunk; if that raises for a reason in the chunk, in parts, and where to read on after the last."""
        began = time.monotonic()
        batch, ends = chunk
        try:
            async with self.pool.acquire() as connection:
                outcomes = [await self.store.batch(connection, batch, ends)]
        except Exception as error:
            if is_transient(error):
                raise
            log.error("a chunk could not be stored; it is split", exc_info=True, extra={"count": len(batch)})
            outcomes = await self._split(batch)
            async with self.pool.acquire() as connection:
                await self.store.note_progress(connection, ends)
        took = time.monotonic() - began
        for outcome in outcomes:
            self._aftermath.speech.owe(outcome)
        self._metrics.histogram("lotse_store_seconds").observe(took)
        self._adapt(took, len(batch))
        self._observe(batch, outcomes)
        return outcomes

    async def _split(self, batch: Sequence[Admitted]) -> list[Outcome]:
        """Two halves by subject, each stored or split again, until one subject stands alone."""
        groups: dict[str, list[Admitted]] = {}
        for place, report in batch:
            key = f"{place.topic}/{place.partition}/{place.offset}" if isinstance(report, Refusal) else report.subject
            groups.setdefault(key, []).append((place, report))
        if len(groups) == 1:
            return await self._isolate(batch)
        names = sorted(groups)
        half = len(names) // 2
        outcomes: list[Outcome] = []
        for part in (names[:half], names[half:]):
            outcomes += await self._store_part([entry for name in part for entry in groups[name]])
        return outcomes

    async def _store_part(self, part: Sequence[Admitted]) -> list[Outcome]:
        try:
            async with self.pool.acquire() as connection:
                return [await self.store.batch(connection, part)]
        except Exception as error:
            if is_transient(error):
                raise
        return await self._split(part)

    async def _isolate(self, batch: Sequence[Admitted]) -> list[Outcome]:
        """One subject that raises: kept underived as `internal.fault`; what cannot even be kept is set aside."""
        try:
            async with self.pool.acquire() as connection:
                return [await self.store.batch(connection, batch, derive=False)]
        except Exception as error:
            if is_transient(error):
                raise
            places = [_written(place) for place, _ in batch[:_SOME]]
            log.error(
                "records cannot be stored; they are set aside",
                exc_info=True,
                extra={"records": places, "count": len(batch)},
            )
        if len(batch) > 1:
            return [outcome for entry in batch for outcome in await self._isolate([entry])]
        async with self.pool.acquire() as connection:
            return [await self.store.set_aside(connection, batch)]

    async def _say(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            await self._aftermath.say(outcome)

    def _adapt(self, took: float, size: int) -> None:
        """Halves the chunk when it took too long; lets it grow while full chunks are quick."""
        if took > _TOO_SLOW_SECONDS:
            self._chunk = max(_SMALLEST_CHUNK, self._chunk // 2)
        elif took < _QUICK_SECONDS and size * 2 > self._chunk:
            self._chunk = min(_LARGEST_CHUNK, self._chunk * 2)

    def _observe(self, batch: Sequence[Admitted], outcomes: Sequence[Outcome]) -> None:
        self._processing.observe(Counter(("", place.received_at) for place, _ in batch), milliseconds())
        institutions = self.institutions()
        for outcome in outcomes:
            counts = _counts(outcome)
            for (topic, name, code), count in counts.items():
                type_ = f"{self.service.name}.{name}" if name is not None else UNKNOWN
                self._reports.labels(label_of(topic, institutions), type_, verdict_of(code), code).inc(count)
            self._tell(outcome, counts)

    def _tell(self, outcome: Outcome, counts: Counter[Counted]) -> None:
        """Tells operators which reports were not taken up: how many, and of some their ids and codes."""
        verdicts = Counter[str]()
        for (_, _, code), count in counts.items():
            verdicts[verdict_of(code)] += count
        if not verdicts.keys() & _TOLD:
            return
        rows: list[tuple[str, Place, str | None, str | None]] = []
        rows += [(row.code, row.place, row.fact.source, row.fact.id) for row in outcome.facts if row.is_new]
        rows += [(row.code, row.place, row.source, row.id) for row in outcome.answers if not row.again]
        some = islice((row for row in rows if verdict_of(row[0]) in _TOLD), _SOME)
        named = [
            f"{f'{source}#{id_}' if source and id_ else _written(place)} {code}" for code, place, source, id_ in some
        ]
        log.info("reports were not taken up", extra={**verdicts, "reports": named})


def _counts(outcome: Outcome) -> Counter[Counted]:
    """Each record once, as it was answered when it came: by topic, name of the fact where it is known, and code."""
    counts: Counter[Counted] = Counter(
        (row.place.topic, row.fact.name, row.code) for row in outcome.facts if row.is_new
    )
    counts.update((row.place.topic, row.name, row.code) for row in outcome.answers if not row.again)
    return counts


def _written(place: Place) -> str:
    return f"{place.topic}/{place.partition}/{place.offset}"


def _ends_of(records: Sequence[ConsumerRecord]) -> Ends:
    """Where to read on after a batch, in key order."""
    ends: dict[tuple[str, int], int] = {}
    for record in records:
        place = (record.topic, record.partition)
        ends[place] = max(ends.get(place, 0), record.offset + 1)
    return [(topic, partition, end) for (topic, partition), end in sorted(ends.items())]
