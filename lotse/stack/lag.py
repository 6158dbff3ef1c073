"""How far a consumer group is behind, seen from outside: without joining the group, on Kafka and on tansu."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.contracts.topics import CLOCK_TOPIC
from shared.platform.access import Access
from shared.platform.kafka import calm, end_offsets, partitions_of


async def group_lag(access: Access, group: str, topics: Sequence[str]) -> int:
    """Records in the topics that the group has not committed yet; topics that do not exist count as empty."""
    if not topics:
        return 0
    consumer = AIOKafkaConsumer(
        **access.options(), group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    calm(consumer._client)
    try:
        await consumer.start()
        partitions = await partitions_of(consumer, topics)
        if not partitions:
            return 0
        consumer.assign(partitions)
        ends = await end_offsets(consumer, partitions, access.profile)
        places = {partition: await consumer.committed(partition) or 0 for partition in partitions}
        return sum(max(0, ends[partition] - places[partition]) for partition in partitions)
    finally:
        await consumer.stop()


async def groups_at_work(access: Access, wanted: Collection[str]) -> list[str]:
    """Those of the consumer groups that have members now. tansu cannot tell; the answer is then empty."""
    if access.profile != "kafka":
        return []
    admin = AIOKafkaAdminClient(**access.options())
    await admin.start()
    try:
        names = [group for group, _ in await admin.list_consumer_groups() if group in wanted]
        answers = await admin.describe_consumer_groups(names) if names else []
        return sorted(group[1] for answer in answers for group in answer.groups if group[5])
    finally:
        await admin.close()


async def newest_day(access: Access) -> str | None:
    """The newest day that the clock said; none when it said none yet, or the topic is missing."""
    consumer = AIOKafkaConsumer(**access.options(), enable_auto_commit=False, auto_offset_reset="earliest")
    calm(consumer._client)
    try:
        await consumer.start()
        partition = TopicPartition(CLOCK_TOPIC, 0)
        if partition not in await partitions_of(consumer, [CLOCK_TOPIC]):
            return None
        consumer.assign([partition])
        end = (await end_offsets(consumer, [partition], access.profile))[partition]
        if end == 0:
            return None
        consumer.seek(partition, end - 1)
        record = await consumer.getone(partition)
        return str(json.loads(record.value)["data"]["day"])
    finally:
        await consumer.stop()
