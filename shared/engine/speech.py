"""What a service says of its rows, and the look afterwards. A message is a function of a row, never of a transition."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from zlib import crc32

import asyncpg
import msgspec

from shared.contracts.receipt import ReceiptRow, RecordPlace, receipt_message
from shared.contracts.topics import dead_letters_topic, events_topic, inbound_topic, partition_of, receipts_topic
from shared.engine.decide import Outcome
from shared.engine.derive import FAULT
from shared.engine.rows import AnswerRow, FactRow, Place
from shared.engine.say import Message, Speaker
from shared.engine.service import Service
from shared.platform.metrics import Metrics
from shared.platform.postgres import read_statements

log = logging.getLogger(__name__)

SQL = read_statements(Path(__file__).parent / "sql" / "say.sql")
#: How often a say is repeated because its row moved on; more means that somebody else says at the same time.
_MOST_LOOKS = 100
_WAITING = 500

#: Where an item stood when it was said: its sequence, and whether its case was hidden.
Standing = dict[tuple[str, str], tuple[int, bool]]
#: Topics that may be missing or forbidden without stopping anybody else.
_MAY_WAIT = ("receipts.", "dead-letters.")


def moved_on(said: Standing, now: Standing, owed: Standing) -> set[str]:
    """Look: subjects of which an item stands elsewhere than where it was said, unless this process says that anyway."""
    return {
        key[0]
        for key, standing in said.items()
        if (present := now.get(key, standing)) != standing and owed.get(key) != present
    }


class Speech:
    """The outgoing side of one service: snapshots, receipts, dead letters."""

    def __init__(
        self,
        service: Service,
        pool: asyncpg.Pool[Any],
        speaker: Speaker,
        metrics: Metrics,
        partitions: int,
    ) -> None:
        self.service, self.pool, self.speaker, self.partitions = service, pool, speaker, partitions
        self._topic = events_topic(service.name)
        self._again = metrics.counter("lotse_messages_said_again_total")
        self._seconds = metrics.histogram("lotse_say_seconds")
        self._owed: Standing = {}

    def owe(self, outcome: Outcome) -> None:
        """Notes what was stored and will be said next, so that a look meanwhile need not say it too."""
        self._owed |= _standing_of(outcome)

    async def say(self, outcome: Outcome) -> None:
        """Says what a transaction changed, and everything of subjects of which a record came again; then looks."""
        began = time.monotonic()
        said = _standing_of(outcome)
        for key, standing in said.items():
            if self._owed.get(key) == standing:
                del self._owed[key]
        messages = [
            self._snapshot(
                write.subject, write.item, None if write.subject in outcome.hidden else write.said, write.received_at
            )
            for write in outcome.items
        ]
        messages += [self._fact_receipt(row) for row in outcome.facts]
        messages += [self._answer_receipt(row) for row in outcome.answers]
        messages += [self._dead_letter(place) for place in outcome.faults]
        silent = await self.speaker.say(messages, may_wait=_MAY_WAIT)
        await self._wait_for(silent, {row.subject for row in outcome.facts}, outcome.answers)
        self._seconds.observe(time.monotonic() - began)
        await self.look(said)
        if outcome.repeat:
            await self.say_subjects(sorted(outcome.repeat), receipts=True)

    async def say_subjects(self, subjects: Sequence[str], *, receipts: bool = False) -> None:
        """Says everything of subjects as it stands in their rows, on demand with all their receipts; then looks."""
        messages, said = await self._rows(subjects)
        if receipts:
            messages += await self._receipts_of(subjects)
        silent = await self.speaker.say(messages, may_wait=_MAY_WAIT)
        await self._wait_for(silent, subjects, ())
        await self.look(said)

    async def look(self, said: Standing) -> None:
        """Reads again where the rows stand; what moved on while it was being said is said again, until nothing did."""
        for _ in range(_MOST_LOOKS):
            if not said:
                return
            rows = await self.pool.fetch(SQL["look"], sorted({subject for subject, _ in said}))
            now = {(row["subject"], row["item"]): (row["sequence"], row["hidden"]) for row in rows}
            moved = moved_on(said, now, self._owed)
            if not moved:
                return
            self._again.inc(len(moved))
            messages, said = await self._rows(moved)
            await self.speaker.say(messages)
        raise RuntimeError("rows kept moving on while they were being said")

    async def say_waiting(self) -> int:
        """Says receipts whose topic was missing; returns how many still wait."""
        waiting = 0
        for row in await self.pool.fetch(SQL["waiting_topics"]):
            waiting += row["waiting"]
            if await self._say_waiting_of(row["topic"]):
                waiting -= row["waiting"]
        return waiting

    async def raise_receipts(self, since: int, raised: int) -> int:
        """Says receipts decided since a moment (milliseconds since 1970) again, their versions raised by so much;
        returns how many wait for their topic.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(SQL["lock_decided_since"], since)
            for statement in ("raise_facts_decided_since", "raise_answers_decided_since"):
                await connection.execute(SQL[statement], since, raised)
        return await self.say_waiting()

    async def _say_waiting_of(self, topic: str) -> bool:
        while True:
            facts = await self.pool.fetch(SQL["waiting_facts"], topic, _WAITING)
            answers = await self.pool.fetch(SQL["waiting_answers"], topic, _WAITING)
            if not facts and not answers:
                return True
            messages = [self.fact_receipt(row) for row in facts] + [self.answer_receipt(row) for row in answers]
            if await self.speaker.say(messages, may_wait=_MAY_WAIT):
                return False
            if facts:
                said = [[row[name] for row in facts] for name in ("source", "id", "version")]
                await self.pool.execute(SQL["clear_waiting_facts"], *said)
            await self._mark_answers([(row["topic"], row["partition"], row["offset"]) for row in answers], False)

    async def _rows(self, subjects: Iterable[str]) -> tuple[list[Message], Standing]:
        messages: list[Message] = []
        said: Standing = {}
        for row in await self.pool.fetch(SQL["rows_to_say"], sorted(subjects)):
            subject, item, hidden = row["subject"], row["item"], row["hidden"]
            messages.append(self._snapshot(subject, item, None if hidden else row["said"]))
            said[subject, item] = (row["sequence"], hidden)
        return messages, said

    async def _receipts_of(self, subjects: Iterable[str]) -> list[Message]:
        """The receipts of all reports of subjects; of those that are kept as faults also the dead letters."""
        rows = await self.pool.fetch(SQL["receipts_of_subjects"], sorted(subjects))
        receipts = [self.fact_receipt(row) for row in rows]
        return receipts + [self._dead_letter(_place(row)) for row in rows if row["code"] == FAULT]

    async def _wait_for(self, silent: set[str], subjects: Iterable[str], answers: Iterable[AnswerRow]) -> None:
        """Marks receipts whose topic is missing or forbidden; they wait in their rows and the operator is told."""
        if not silent:
            return
        log.error("topics are missing or forbidden; receipts wait in their rows", extra={"topics": sorted(silent)})
        inbound = [inbound_topic(self.service.name, topic.split(".", 1)[1]) for topic in silent]
        await self.pool.execute(SQL["mark_waiting_facts"], inbound, True, sorted(subjects))
        await self._mark_answers([row.place[:3] for row in answers if receipts_topic_of(row.place) in silent], True)

    async def _mark_answers(self, places: Sequence[tuple[str, int, int]], waiting: bool) -> None:
        if places:
            columns = [list(column) for column in zip(*places, strict=True)]
            await self.pool.execute(SQL["mark_waiting_answers"], *columns, waiting)

    def _snapshot(self, subject: str, item: str, value: bytes | None, received_at: int | None = None) -> Message:
        partition = partition_of(subject, self.partitions)
        return Message(self._topic, partition, f"{subject}/{item}".encode(), value, received_at)

    def fact_receipt(self, row: Mapping[str, Any]) -> Message:
        """The receipt of a stored report, from its row in the database."""
        return self._receipt(
            ReceiptRow(self.service.name, _place(row), row["code"], row["decided_at"], row["source"], row["id"],
                       str(row["subject"]), version=row["version"], digest=row["digest"])
        )  # fmt: skip

    def answer_receipt(self, row: Mapping[str, Any]) -> Message:
        """The receipt of a record that became no fact, from its row in the database."""
        return self._receipt(
            ReceiptRow(self.service.name, _place(row), row["code"], row["decided_at"], row["source"], row["id"],
                       row["subject"], path=row["path"], version=row["version"], standing=row["standing"],
                       digest=row["digest"])
        )  # fmt: skip

    def _fact_receipt(self, row: FactRow) -> Message:
        fact = row.fact
        return self._receipt(
            ReceiptRow(self.service.name, row.place, row.code, row.decided_at, fact.source, fact.id, row.subject,
                       version=row.version, digest=row.digest)
        )  # fmt: skip

    def _answer_receipt(self, row: AnswerRow) -> Message:
        return self._receipt(
            ReceiptRow(self.service.name, row.place, row.code, row.decided_at, row.source, row.id, row.subject,
                       path=row.path, version=row.version, standing=row.standing, digest=row.digest)
        )  # fmt: skip

    def _receipt(self, row: ReceiptRow) -> Message:
        key, value = receipt_message(row)
        return Message(receipts_topic_of(row.place), *self._anywhere(key), value)

    def _dead_letter(self, place: Place) -> Message:
        """Where a record stands that could not be worked on: coordinates only, neither key nor content."""
        key = f"{place.topic}/{place.partition}/{place.offset}"
        record = {"topic": place.topic, "partition": place.partition, "offset": place.offset}
        value = msgspec.json.encode({"service": self.service.name, "code": FAULT, "record": record})
        return Message(dead_letters_topic(self.service.name), *self._anywhere(key), value)

    def _anywhere(self, key: str) -> tuple[int, bytes]:
        """The partition of a key that nobody looks up by partition: any will do that is always the same."""
        encoded = key.encode()
        return crc32(encoded) % self.partitions, encoded


def _standing_of(outcome: Outcome) -> Standing:
    return {(write.subject, write.item): (write.sequence, write.subject in outcome.hidden) for write in outcome.items}


def receipts_topic_of(place: RecordPlace) -> str:
    """The receipts of a record go to the institution that owns the topic, whoever the record says it is from."""
    return _receipts_topic_of(place.topic)


@lru_cache(maxsize=4096)
def _receipts_topic_of(inbound: str) -> str:
    return receipts_topic(inbound.split(".", 2)[2])


def _place(row: Mapping[str, Any]) -> Place:
    return Place(row["topic"], row["partition"], row["offset"], row["received_at"])
