"""The receipts of an institution, read from its topic: the standing verdict on each report."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from lotse.cli.where import Kafka
from lotse.errors import ExplainedError
from shared.contracts.topics import receipts_topic
from shared.platform.kafka import calm, end_offsets, partitions_of

Place = tuple[str, int, int]
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
    """Reads the receipts of some institutions, without a consumer group. Use it with `async with`."""

    def __init__(self, at: Kafka, institutions: Iterable[str]) -> None:
        self._at = at
        self._topics = [receipts_topic(institution) for institution in institutions]
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=at.brokers,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=50,
        )
        calm(self._consumer._client)
        self._partitions: list[TopicPartition] = []
        self.ends: dict[TopicPartition, int] = {}

    async def __aenter__(self) -> ReceiptReader:
        try:
            await self._consumer.start()
            self._partitions = await partitions_of(self._consumer, self._topics)
            missing = set(self._topics) - {partition.topic for partition in self._partitions}
            if missing:
                raise _missing(sorted(missing))
            self._consumer.assign(self._partitions)
            self.ends = await end_offsets(self._consumer, self._partitions, self._at.profile)
        except BaseException:
            await self._consumer.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def so_far(self) -> list[Receipt]:
        """All receipts up to where the topics ended when this reader was opened."""
        found: list[Receipt] = []
        for partition in self._partitions:
            await self._consumer.seek_to_beginning(partition)
        while [p for p in self._partitions if await self._consumer.position(p) < self.ends[p]]:
            found.extend(await self._next())
        return found

    async def from_now(self) -> AsyncIterator[list[Receipt]]:
        """Receipts from where the topics ended when this reader was opened; an empty list where nothing came."""
        for partition, end in self.ends.items():
            self._consumer.seek(partition, end)
        while True:
            yield await self._next()

    async def _next(self) -> list[Receipt]:
        batches = await self._consumer.getmany(timeout_ms=200)
        return [receipt for batch in batches.values() for record in batch if (receipt := _receipt(record))]


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
