"""The receipts of an institution, read from its topic: the standing verdict on each report."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from lotse.cli.where import Kafka
from lotse.errors import ExplainedError
from shared.contracts.topics import receipts_topic
from shared.platform.access import Access
from shared.platform.kafka import end_offsets, partitions_of
from shared.platform.settings import SettingsError

Place = tuple[str, int, int]
_POLL_MS = 200
#: At equal version these hold (readings 15).
_HOLDING = ("accepted", "parked")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt message. `key` is the report's, `data` as in contract §4."""

    key: str
    data: Mapping[str, Any]
    offset: int

    @property
    def place(self) -> Place:
        """The record that it answers."""
        record = self.data.get("record") or {}
        return (record.get("topic", ""), record.get("partition", -1), record.get("offset", -1))

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Of the receipts of one report the highest stands."""
        return (self.data.get("version", 0), self.data.get("verdict") in _HOLDING, self.offset)


class ReceiptReader:
    """Reads the receipts of some institutions, each as itself, without a consumer group. Use it with `async with`."""

    def __init__(self, at: Kafka, institutions: Iterable[str]) -> None:
        self._at = at
        self._topics: dict[Access, list[str]] = {}
        for institution in institutions:
            self._topics.setdefault(_login(at, institution), []).append(receipts_topic(institution))
        self._consumers: list[AIOKafkaConsumer] = []
        self._ends: list[tuple[AIOKafkaConsumer, dict[TopicPartition, int]]] = []

    async def __aenter__(self) -> ReceiptReader:
        try:
            self._ends = [await self._open(access, topics) for access, topics in self._topics.items()]
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for consumer in self._consumers:
            await consumer.stop()

    async def so_far(self) -> list[Receipt]:
        """All receipts up to where the topics ended when this reader was opened."""
        found: list[Receipt] = []
        for consumer, ends in self._ends:
            await consumer.seek_to_beginning()
            while [partition for partition, end in ends.items() if await consumer.position(partition) < end]:
                found.extend(await _next(consumer, _POLL_MS))
        return found

    async def from_now(self) -> AsyncIterator[list[Receipt]]:
        """Receipts from where the topics ended when this reader was opened; an empty list where nothing came."""
        for consumer, ends in self._ends:
            for partition, end in ends.items():
                consumer.seek(partition, end)
        wait = _POLL_MS // max(1, len(self._ends))
        while True:
            yield [receipt for consumer, _ in self._ends for receipt in await _next(consumer, wait)]

    async def _open(self, access: Access, topics: Sequence[str]) -> tuple[AIOKafkaConsumer, dict[TopicPartition, int]]:
        consumer = AIOKafkaConsumer(
            **access.options(),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=50,
        )
        self._consumers.append(consumer)
        await consumer.start()
        partitions = await partitions_of(consumer, topics)
        missing = set(topics) - {partition.topic for partition in partitions}
        if missing:
            raise _missing(sorted(missing))
        consumer.assign(partitions)
        return consumer, await end_offsets(consumer, partitions, access.profile)


async def _next(consumer: AIOKafkaConsumer, wait_ms: int) -> list[Receipt]:
    batches = await consumer.getmany(timeout_ms=wait_ms)
    return [receipt for batch in batches.values() for record in batch if (receipt := _receipt(record))]


def _login(at: Kafka, institution: str) -> Access:
    try:
        return at.login(institution)
    except SettingsError as error:
        raise ExplainedError(
            de=f"Das Passwort von {institution} ist hier nicht zu lesen: {error}",
            en=f"The password of {institution} cannot be read here: {error}",
        ) from None


def standing(receipts: Iterable[Receipt]) -> list[Receipt]:
    """The newest receipt of each report, in the order in which the reports were first answered."""
    newest: dict[str, Receipt] = {}
    for receipt in receipts:
        known = newest.get(receipt.key)
        if known is None or receipt.rank >= known.rank:
            newest[receipt.key] = receipt
    return list(newest.values())


def _receipt(record: ConsumerRecord) -> Receipt | None:
    if record.value is None:
        return None
    event = json.loads(record.value)
    return Receipt((record.key or b"").decode(), event["data"], record.offset)


def _missing(topics: list[str]) -> ExplainedError:
    names = ", ".join(topics)
    return ExplainedError(
        de=(
            f"Das Topic gibt es nicht: {names}. Ist die Institution in der Institutionen-Datei, und wurde Lotse "
            "seitdem neu gestartet? Prüfen Sie mit `lotse doctor`."
        ),
        en=(
            f"There is no such topic: {names}. Is the institution in the institutions file, and was Lotse started "
            "since? Check with `lotse doctor`."
        ),
    )
