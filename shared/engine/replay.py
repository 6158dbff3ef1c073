"""Replay: read whole topics from their beginning to where they end now, without a consumer group or a commit."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.platform.access import access_of
from shared.platform.kafka import end_offsets
from shared.platform.settings import Settings

#: How long a topic may be unknown to the broker: it may just have been made.
_TOPIC_SECONDS = 10.0

Positions = Mapping[TopicPartition, int]


class TopicMissing(Exception):
    """A topic that is to be read does not exist, or this user may not read it."""


async def replay(
    settings: Settings,
    topics: Sequence[str],
    handle: Callable[[Sequence[ConsumerRecord]], Awaitable[None]],
    start: Positions | None = None,
) -> dict[TopicPartition, int]:
    """Hands every record of the topics to `handle`, batch by batch, from `start` to the ends that the topics have now.

    Where `start` says nothing, a partition is read from its beginning. Records that arrive meanwhile may be among those
    handed on. Returns the next offset of each partition. Raises TopicMissing.
    """
    consumer = AIOKafkaConsumer(
        **access_of(settings).options(),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=50,
        fetch_max_bytes=settings.batch_bytes * 4,
        max_partition_fetch_bytes=settings.batch_bytes,
    )
    await consumer.start()
    try:
        partitions = await _partitions(consumer, topics)
        consumer.assign(partitions)
        ends = await end_offsets(consumer, partitions, settings.broker_profile)
        for partition in partitions:
            known = (start or {}).get(partition)
            if known is None:
                await consumer.seek_to_beginning(partition)
            else:
                consumer.seek(partition, known)
        while [p for p in partitions if await consumer.position(p) < ends[p]]:
            batches = await consumer.getmany(timeout_ms=100, max_records=settings.batch_records)
            if batches:
                await handle([record for batch in batches.values() for record in batch])
        return {partition: await consumer.position(partition) for partition in partitions}
    finally:
        await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, topics: Sequence[str]) -> list[TopicPartition]:
    deadline = time.monotonic() + _TOPIC_SECONDS
    while True:
        await consumer._client.set_topics(topics)
        known = {topic: consumer.partitions_for_topic(topic) for topic in topics}
        missing = sorted(topic for topic, numbers in known.items() if not numbers)
        if not missing:
            return [TopicPartition(topic, number) for topic in topics for number in sorted(known[topic] or ())]
        if time.monotonic() > deadline:
            raise TopicMissing(f"Topics are missing or forbidden: {', '.join(missing)}.")
        await consumer._client.force_metadata_update()
