"""Consent: a case whose consent was revoked is hidden. Every service but intake follows what intake publishes.

The rows stay with their sequences; what they say are tombstones, until a new consent lets them say their state again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from aiokafka import ConsumerRecord

from shared.contracts.snapshot import UNREADABLE, decode_snapshot
from shared.engine.speech import SQL, Speech
from shared.engine.store import SQL as STORE_SQL

log = logging.getLogger(__name__)


class Consent:
    """The consumer of intake's case snapshots in another service."""

    def __init__(self, pool: asyncpg.Pool[Any], speech: Speech) -> None:
        self.pool, self.speech = pool, speech

    async def handle(self, records: Sequence[ConsumerRecord]) -> None:
        """Hides and shows cases; says what that changes. A repeated snapshot says the case again."""
        newest: dict[str, tuple[int, bool]] = {}
        for record in records:
            if record.value is None or not (record.key or b"").endswith(b"/case"):
                continue
            try:
                snapshot = decode_snapshot(record.value).data
            except UNREADABLE:
                log.error("a snapshot could not be read", extra={"topic": record.topic, "offset": record.offset})
                continue
            hidden = "consentRevokedOn" in snapshot.state
            if snapshot.sequence >= newest.get(snapshot.case_id, (0, False))[0]:
                newest[snapshot.case_id] = (snapshot.sequence, hidden)
        if newest:
            await self._follow(newest, records)
        else:
            await self._note_progress(self.pool, records)

    async def _follow(self, newest: Mapping[str, tuple[int, bool]], records: Sequence[ConsumerRecord]) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            cases = sorted(newest)
            known = {row["id"] for row in await connection.fetch(SQL["once_hidden"], cases)}
            # A case that nobody ever hid needs no row. One that was is said at every snapshot, since a death may have
            # left it unsaid.
            wanted = [case for case in cases if newest[case][1] or case in known]
            columns = [wanted, [newest[case][1] for case in wanted], [newest[case][0] for case in wanted]]
            changed = [row["id"] for row in await connection.fetch(SQL["hide_subjects"], *columns)]
            await connection.execute(SQL["touch_items"], changed)
            await self._note_progress(connection, records)
        if changed:
            await self.speech.say_subjects(changed)

    async def _note_progress(self, connection: Any, records: Sequence[ConsumerRecord]) -> None:
        ends = {(record.topic, record.partition): record.offset + 1 for record in records}
        columns = [[place[0] for place in ends], [place[1] for place in ends], list(ends.values())]
        await connection.execute(STORE_SQL["write_progress"], *columns)
