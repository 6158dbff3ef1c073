"""Vitals: what operators are told of a service's database and topics, looked at every few seconds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import ConsumerRecord

from shared.contracts.topics import inbound_topic, receipts_topic
from shared.engine.say import Speaker
from shared.platform.clock import milliseconds
from shared.platform.institutions import Institutions
from shared.platform.metrics import UNLISTED, Metrics
from shared.platform.postgres import read_statements

log = logging.getLogger(__name__)

SQL = read_statements(Path(__file__).parent / "sql" / "vitals.sql")
_EVERY_SECONDS = 15.0


class Vitals:
    """Faults and upkeep, for every process with a database. `statement` tells them in one row: how many faults, since
    when the oldest (milliseconds since 1970), and when anti-entropy last ended well.
    """

    def __init__(self, pool: asyncpg.Pool[Any], metrics: Metrics, statement: str) -> None:
        self.pool, self._metrics, self._statement = pool, metrics, statement
        self._faults = metrics.gauge("lotse_internal_faults")
        self._oldest = metrics.gauge("lotse_internal_fault_oldest_seconds")

    async def forever(self) -> None:
        """One look, and the pause after it."""
        await self.look()
        await asyncio.sleep(_EVERY_SECONDS)

    async def look(self) -> None:
        """Looks once. Raises what the database raises; what was told before stands then."""
        self._tell(await self.pool.fetchrow(self._statement))

    def _tell(self, row: Any) -> None:
        self._faults.set(row["faults"])
        self._oldest.set(max(0.0, (milliseconds() - row["oldest"]) / 1000) if row["oldest"] is not None else 0.0)
        finished: datetime | None = row["finished_at"]
        if finished is not None:
            # While a run goes on its row says nothing of the one before: that stands until the new one has ended.
            self._metrics.gauge("lotse_upkeep_timestamp_seconds").set(finished.timestamp())


class ReportVitals(Vitals):
    """Those of a reporting service: also who reported when, which receipts wait, and which topics are missing."""

    def __init__(
        self,
        service: str,
        institutions: Callable[[], Institutions],
        pool: asyncpg.Pool[Any],
        speaker: Speaker,
        metrics: Metrics,
    ) -> None:
        super().__init__(pool, metrics, SQL["vitals"])
        self._service, self._institutions, self._speaker = service, institutions, speaker
        self._newest: dict[str, int] = {}
        self._noted: dict[str, int] = {}
        self._last = metrics.gauge("lotse_last_report_timestamp_seconds")
        self._waiting = metrics.gauge("lotse_receipts_waiting")

    def received(self, records: Iterable[ConsumerRecord]) -> None:
        """Takes note of records that were dealt with: of each partition the last one is the newest."""
        last = {(record.topic, record.partition): record.timestamp for record in records}
        changed = set()
        for (topic, _), at in last.items():
            if at > self._newest.get(topic, 0):
                self._newest[topic] = at
                changed.add(topic)
        self._show(changed)

    async def look(self) -> None:
        """Looks once; keeps who reported when, and learns it from other processes of this service."""
        row = await self.pool.fetchrow(self._statement)
        self._tell(row)
        self._waiting.set(row["waiting"])
        await self._keep()
        for topic, at in await self.pool.fetch(SQL["last_reports"]):
            self._newest[topic] = max(at, self._newest.get(topic, 0))
        # Anew, so that an institution that is listed no longer, or only now, does not stay as it was.
        self._last.clear()
        self._show(self._newest)
        self._tell_missing()

    async def _keep(self) -> None:
        new = {topic: at for topic, at in self._newest.items() if self._noted.get(topic) != at}
        if new:
            await self.pool.execute(SQL["note_last_reports"], list(new), list(new.values()))
            self._noted |= new

    def _show(self, topics: Iterable[str]) -> None:
        institutions = self._institutions()
        newest: dict[str, int] = {}
        for topic in topics:
            label = label_of(topic, institutions)
            newest[label] = max(self._newest[topic], newest.get(label, 0))
        # Who is suspended is silent on purpose.
        suspended = {one.id for one in institutions.all if one.suspended}
        for label, at in newest.items():
            if label not in suspended:
                self._last.labels(label).set(at / 1000)

    def _tell_missing(self) -> None:
        there = self._speaker.topics
        if there is None:
            return
        missing = [
            one.id
            for one in self._institutions().all
            if self._service in one.services
            and not one.suspended
            and not {inbound_topic(self._service, one.id), receipts_topic(one.id)} <= there
        ]
        self._metrics.gauge("lotse_institution_topics_missing").set(len(missing))


def label_of(topic: str, institutions: Institutions) -> str:
    """How the institution of an inbound topic is called in a label."""
    institution = topic.rsplit(".", 1)[1]
    return institution if institution in institutions else UNLISTED
