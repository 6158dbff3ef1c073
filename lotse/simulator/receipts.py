"""What the offices read about their reports, and whether each mistake was answered as it must be."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer

from lotse.simulator.post import Place
from lotse.simulator.report import Record
from shared.contracts.topics import receipts_topic
from shared.platform.access import Access, Login
from shared.platform.kafka import partitions_of

_POLL_MS = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """The standing receipt of one record."""

    version: int
    verdict: str
    code: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Surprise:
    """A record whose receipt is not what it must be; `answer` is None when there is none."""

    record: Record
    place: Place
    answer: Answer | None


@dataclass(slots=True)
class Verdicts:
    """All receipts of a simulation. `held` and `broken` count the records of each mistake by expectation."""

    by_code: Counter[tuple[str, str]] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    surprises: list[Surprise] = field(default_factory=list)

    @property
    def all_held(self) -> bool:
        """Whether every receipt is what it must be."""
        return not self.surprises


class Letterbox:
    """Reads all receipts topics from their beginning, while and after the offices report; each office its own."""

    def __init__(self, login: Login, offices: Sequence[str]) -> None:
        self._offices: dict[Access, list[str]] = {}
        for office in offices:
            self._offices.setdefault(login(office), []).append(office)
        self.answers: dict[Place, Answer] = {}
        self._consumers: list[AIOKafkaConsumer] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begins to read; `stop` ends it, also after an error here."""
        await asyncio.gather(*(self._open(access, offices) for access, offices in self._offices.items()))

    async def stop(self) -> None:
        """Ends reading."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(consumer.stop() for consumer in self._consumers))

    async def _open(self, access: Access, offices: Sequence[str]) -> None:
        """Begins to read the topics of offices that share an access."""
        consumer = AIOKafkaConsumer(
            **access.options(), group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        self._consumers.append(consumer)
        await consumer.start()
        partitions = await partitions_of(consumer, map(receipts_topic, offices))
        if not partitions:
            return
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        self._tasks.append(asyncio.create_task(self._read(consumer), name="letterbox"))

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            batches = await consumer.getmany(timeout_ms=_POLL_MS)
            for records in batches.values():
                for record in records:
                    self.take(record.value)

    def take(self, value: bytes) -> None:
        """Keeps the receipt with the highest version for each record."""
        said: dict[str, Any] = msgspec.json.decode(value)["data"]
        record = said["record"]
        place = (record["topic"], record["partition"], record["offset"])
        known = self.answers.get(place)
        if known is None or said["version"] >= known.version:
            self.answers[place] = Answer(said["version"], said["verdict"], said["code"], said.get("path"))

    async def await_all(self, records: Sequence[Record], places: Sequence[Place], seconds: float) -> Verdicts:
        """Waits until every record has the receipt that it must have, or until none has changed for `seconds`."""
        loop = asyncio.get_running_loop()
        seen, since = -1, loop.time()
        while True:
            verdicts = judge(records, places, self.answers)
            # Whatever still comes makes this sum grow: a new receipt, or a newer version of one.
            now = sum(answer.version + 1 for answer in self.answers.values())
            if now != seen:
                seen, since = now, loop.time()
            if verdicts.all_held or loop.time() - since > seconds:
                return verdicts
            for task in self._tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(_POLL_MS / 1000)


def judge(records: Sequence[Record], places: Sequence[Place], answers: dict[Place, Answer]) -> Verdicts:
    """Holds every record's receipt against what it must be."""
    verdicts = Verdicts()
    for record, place in zip(records, places, strict=True):
        answer = answers.get(place)
        if answer:
            verdicts.by_code[answer.verdict, answer.code] += 1
        right = answer is not None and answer.code in record.codes and answer.path == record.path
        (verdicts.held if right else verdicts.broken)[record.mistake or ""] += 1
        if not right:
            verdicts.surprises.append(Surprise(record, place, answer))
    return verdicts
