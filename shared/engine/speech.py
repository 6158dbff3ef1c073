"""What a service says of its rows, and the look afterwards. A message is a function of a row, never of a transition."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from shared.contracts.receipt import ReceiptRow, receipt_message
from shared.contracts.topics import dead_letters_topic, events_topic, partition_of, receipts_topic
from shared.engine.rows import AnswerRow, FactRow, Place
from shared.engine.say import Message, Speaker
from shared.engine.service import Service
from shared.engine.store import Outcome
from shared.platform.metrics import Metrics
from shared.platform.postgres import read_statements

log = logging.getLogger(__name__)

SQL = read_statements(Path(__file__).parent / "sql" / "say.sql")
#: How often a say is repeated because its row moved on; more means that somebody else says at the same time.
_MOST_LOOKS = 100
_WAITING = 500

Standing = dict[tuple[str, str], tuple[int, bool]]


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
        self._waiting = metrics.gauge("lotse_receipts_waiting")

    async def say(self, outcome: Outcome) -> None:
        """Says what a transaction changed, and everything of subjects of which a record came again; then looks."""
        began = time.monotonic()
        messages = [
            self._snapshot(subject, item, None if subject in outcome.hidden else said)
            for subject, item, _, said in outcome.items
        ]
        said: Standing = {
            (subject, item): (sequence, subject in outcome.hidden) for subject, item, sequence, _ in outcome.items
        }
        if outcome.repeat:
            again, standing = await self._rows(outcome.repeat)
            messages += again
            said |= standing
        receipts = [self._fact_receipt(row) for row in outcome.facts]
        receipts += [self._answer_receipt(row) for row in outcome.answers]
        if outcome.repeat:
            receipts += await self._receipts_of(outcome.repeat)
        letters = [self._dead_letter(row) for row in outcome.faults]
        silent = await self.speaker.say(messages + receipts + letters, may_wait="receipts.")
        await self._wait_for(silent, outcome)
        self._seconds.observe(time.monotonic() - began)
        await self.look(said)

    async def say_subjects(self, subjects: Sequence[str], *, receipts: bool = False) -> None:
        """Says everything of subjects as it stands in their rows; then looks."""
        messages, said = await self._rows(subjects)
        if receipts:
            messages += await self._receipts_of(subjects)
        await self.speaker.say(messages, may_wait="receipts.")
        await self.look(said)

    async def say_children(self, parents: Sequence[str], chunk: int) -> None:
        """Says all children of parents, in bounded chunks."""
        cursor = "00000000-0000-0000-0000-000000000000"
        while True:
            rows = await self.pool.fetch(SQL["children_of"], parents, cursor, chunk)
            if not rows:
                return
            children = [row["child"] for row in rows]
            await self.say_subjects(children)
            cursor = children[-1]

    async def look(self, said: Standing) -> None:
        """Reads again where the rows stand; what moved on while it was being said is said again, until nothing did."""
        for _ in range(_MOST_LOOKS):
            if not said:
                return
            subjects = sorted({subject for subject, _ in said})
            rows = await self.pool.fetch(SQL["look"], subjects)
            now = {(row["subject"], row["item"]): (row["sequence"], row["hidden"]) for row in rows}
            moved = {subject for (subject, item), was in said.items() if now.get((subject, item), was) != was}
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
        self._waiting.set(waiting)
        return waiting

    async def _say_waiting_of(self, topic: str) -> bool:
        while True:
            facts = await self.pool.fetch(SQL["waiting_facts"], topic, _WAITING)
            answers = await self.pool.fetch(SQL["waiting_answers"], topic, _WAITING)
            if not facts and not answers:
                return True
            messages = [self._receipt(_row_of_fact(self.service.name, row)) for row in facts]
            messages += [self._receipt(_row_of_answer(self.service.name, row)) for row in answers]
            if await self.speaker.say(messages, may_wait="receipts."):
                return False
            if facts:
                await self.pool.execute(
                    SQL["clear_waiting_facts"], [row["source"] for row in facts], [row["id"] for row in facts]
                )
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
        rows = await self.pool.fetch(SQL["receipts_of_subjects"], sorted(subjects))
        return [self._receipt(_row_of_fact(self.service.name, row)) for row in rows]

    async def _wait_for(self, silent: set[str], outcome: Outcome) -> None:
        """Marks receipts whose topic is missing or forbidden; they wait in their rows and the operator is told."""
        if not silent:
            return
        log.error("receipts wait for a missing topic", extra={"topics": sorted(silent)})
        inbound = sorted({row.place.topic for row in outcome.facts if receipts_topic_of(row.place) in silent})
        if inbound:
            subjects = sorted({row.subject for row in outcome.facts})
            await self.pool.execute(SQL["mark_waiting_facts"], inbound, True, subjects)
        await self._mark_answers([r.place[:3] for r in outcome.answers if receipts_topic_of(r.place) in silent], True)

    async def _mark_answers(self, places: Sequence[tuple[str, int, int]], waiting: bool) -> None:
        if places:
            columns = [list(column) for column in zip(*places, strict=True)]
            await self.pool.execute(SQL["mark_waiting_answers"], *columns, waiting)

    def _snapshot(self, subject: str, item: str, value: bytes | None) -> Message:
        return Message(self._topic, partition_of(subject, self.partitions), f"{subject}/{item}".encode(), value)

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
        return Message(receipts_topic_of(row.place), partition_of(key, self.partitions), key.encode(), value)

    def _dead_letter(self, row: FactRow) -> Message:
        """Where a record stands that could not be worked on: coordinates only, neither key nor content."""
        place = row.place
        key = f"{place.topic}/{place.partition}/{place.offset}"
        record = {"topic": place.topic, "partition": place.partition, "offset": place.offset}
        value = msgspec.json.encode({"service": self.service.name, "code": row.code, "record": record})
        return Message(dead_letters_topic(self.service.name), partition_of(key, self.partitions), key.encode(), value)


def receipts_topic_of(place: Place) -> str:
    """The receipts of a record go to the institution that owns the topic, whoever the record says it is from."""
    return receipts_topic(place.topic.split(".", 2)[2])


def _row_of_fact(service: str, row: Mapping[str, Any]) -> ReceiptRow:
    return ReceiptRow(
        service, _place(row), row["code"], row["decided_at"], row["source"], row["id"], row["subject"],
        version=row["version"], digest=row["digest"],
    )  # fmt: skip


def _row_of_answer(service: str, row: Mapping[str, Any]) -> ReceiptRow:
    return ReceiptRow(
        service, _place(row), row["code"], row["decided_at"], row["source"], row["id"], row["subject"],
        path=row["path"], version=row["version"], standing=row["standing"], digest=row["digest"],
    )  # fmt: skip


def _place(row: Mapping[str, Any]) -> Place:
    return Place(row["topic"], row["partition"], row["offset"], row["received_at"])
