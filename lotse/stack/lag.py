"""How far a consumer group is behind, seen from outside: without joining the group, on Kafka and on tansu."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.platform.kafka import calm, end_offsets
from shared.platform.settings import BrokerProfile


async def group_lag(brokers: str, profile: BrokerProfile, group: str, topics: Sequence[str]) -> int:
    """Records in the topics that the group has not committed yet; topics that do not exist count as empty."""
    if not topics:
        return 0
    consumer = AIOKafkaConsumer(
        bootstrap_servers=brokers, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    calm(consumer._client)
    await consumer.start()
    try:
        await consumer._client.set_topics(topics)
        partitions = [
            TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic) or ()
        ]
        if not partitions:
            return 0
        consumer.assign(partitions)
        ends = await end_offsets(consumer, partitions, profile)
        places = {partition: await consumer.committed(partition) or 0 for partition in partitions}
        return sum(max(0, ends[partition] - places[partition]) for partition in partitions)
    finally:
        await consumer.stop()
