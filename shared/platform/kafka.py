"""Kafka as Lotse uses it: a producer, admin calls, and clients that read on and stay steady whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import KafkaConnectionError

from shared.platform.access import Access
from shared.platform.lenient import read_on
from shared.platform.settings import BrokerProfile
from shared.platform.steady import stay_steady

#: One request of the producer to the broker; also the most that may be waited for a free place in its buffer.
REQUEST_TIMEOUT_MS = 15_000
PRODUCER_BATCH_BYTES = 262_144
#: Longer than the session of a member that was killed.
_JOIN_SECONDS = 30.0

read_on()
stay_steady()


async def start_producer(access: Access, **more: Any) -> AIOKafkaProducer:
    """A started producer: acknowledged by all replicas, idempotent where the broker can (not on tansu).

    `more` are further arguments of aiokafka. Raises KafkaError when the broker cannot be reached or does not let in.
    """
    producer = AIOKafkaProducer(
        **access.options(),
        acks="all",
        enable_idempotence=access.profile == "kafka",
        linger_ms=2,
        max_batch_size=PRODUCER_BATCH_BYTES,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        retry_backoff_ms=500,
        metadata_max_age_ms=30_000,
        compression_type="lz4" if access.profile == "kafka" else None,
        **more,
    )
    try:
        await producer.start()
    except BaseException:
        await producer.stop()
        raise
    return producer


async def create_topics(access: Access, topics: Iterable[tuple[str, int, dict[str, str]]]) -> dict[str, str]:
    """Creates topics given as (name, partitions, configuration); those that exist stay as they are.

    Returns the refusals of the broker by topic; an empty answer means that all topics are there.
    """
    admin = AIOKafkaAdminClient(**access.options())
    await admin.start()
    try:
        wanted = [
            NewTopic(name, partitions, 1, topic_configs=configuration) for name, partitions, configuration in topics
        ]
        answer = await admin.create_topics(wanted)
        exists, none = 36, 0
        return {entry[0]: str(entry[2]) for entry in answer.topic_errors if entry[1] not in (none, exists)}
    finally:
        await admin.close()


async def delete_topics(access: Access, topics: Iterable[str]) -> None:
    """Deletes topics with everything in them."""
    admin = AIOKafkaAdminClient(**access.options())
    await admin.start()
    try:
        await admin.delete_topics(list(topics))
    finally:
        await admin.close()


async def list_topics(access: Access) -> dict[str, int]:
    """All topics that this user may see, with their number of partitions."""
    consumer = AIOKafkaConsumer(**access.options())
    try:
        await consumer.start()
        known = await consumer.topics()
        await _learn_of(consumer, known)
        return {name: len(consumer.partitions_for_topic(name) or ()) for name in known}
    finally:
        await consumer.stop()


async def partitions_of(consumer: AIOKafkaConsumer, topics: Iterable[str]) -> list[TopicPartition]:
    """The partitions of topics, for a started consumer; a topic that does not exist has none.

    Only names that exist are asked about by name: a broker may make a topic that somebody asks about.
    """
    there = await consumer.topics()
    known = [topic for topic in topics if topic in there]
    if known:
        await _learn_of(consumer, known)
    return [
        TopicPartition(name, number) for name in known for number in sorted(consumer.partitions_for_topic(name) or ())
    ]


async def _learn_of(consumer: AIOKafkaConsumer, topics: Iterable[str]) -> None:
    """Kafka tells the partitions of those topics only that a client is interested in. Raises KafkaConnectionError when
    it tells nothing: a topic would look as if it had no partitions.
    """
    if not await consumer._client.set_topics(topics):
        raise KafkaConnectionError("the broker did not tell which partitions its topics have")


async def begin_anew(access: Access, group: str, topics: Iterable[str]) -> None:
    """Makes sure that a group has no committed offsets in topics that were made anew, or only their beginning.

    Kafka and tansu forget the offsets of a deleted topic by themselves. Where a broker does not, the group is joined
    and the beginning committed, so it must have no other members; TimeoutError is raised when it has.
    """
    consumer = AIOKafkaConsumer(**access.options(), group_id=group, enable_auto_commit=False)
    try:
        await consumer.start()
        partitions = await partitions_of(consumer, topics)
        if not partitions:
            return
        consumer.assign(partitions)
        kept = any([await consumer.committed(partition) for partition in partitions])
    finally:
        await consumer.stop()
    if kept:
        await _commit_beginning(access, group, partitions)


async def _commit_beginning(access: Access, group: str, partitions: Sequence[TopicPartition]) -> None:
    """Joins the group alone and commits; a member that was killed a moment ago counts until its session ends."""
    consumer = AIOKafkaConsumer(
        *{partition.topic for partition in partitions},
        **access.options(),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=6_000,
        heartbeat_interval_ms=1_000,
        # As all members of the group: one that offers another assignor would be refused.
        partition_assignment_strategy=(RangePartitionAssignor,),
    )
    try:
        async with asyncio.timeout(_JOIN_SECONDS):
            await consumer.start()
            while not consumer.assignment() >= set(partitions):
                await consumer.getmany(timeout_ms=100, max_records=1)
        await consumer.commit(dict.fromkeys(partitions, 0))
    finally:
        await consumer.stop()


async def end_offsets(
    consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition], profile: BrokerProfile
) -> dict[TopicPartition, int]:
    """Where each assigned partition ends now. tansu answers too low, so there the mark of a first fetch is taken."""
    wanted = list(partitions)
    if profile == "kafka":
        return dict(await consumer.end_offsets(wanted))
    while any(consumer.highwater(partition) is None for partition in wanted):
        await consumer.getmany(*[p for p in wanted if consumer.highwater(p) is None], timeout_ms=100, max_records=1)
    ends = {partition: int(consumer.highwater(partition)) for partition in wanted}
    for partition in wanted:
        consumer.seek(partition, 0)
    return ends
