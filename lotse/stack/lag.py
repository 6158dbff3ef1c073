"""How far a consumer group is behind, seen from outside: without joining the group, on Kafka and on tansu."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConsumerGroupDescription

from lotse.stack.errors import StackError
from shared.contracts.topics import CLOCK_TOPIC
from shared.platform.access import MECHANISM, Access
from shared.platform.kafka import end_offsets, partitions_of

_REQUEST_SECONDS = 15.0


async def group_lag(access: Access, group: str, topics: Sequence[str]) -> int:
    """Records in the topics that the group has not committed yet; topics that do not exist count as empty."""
    if not topics:
        return 0
    consumer = AIOKafkaConsumer(
        **access.options(), group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
    )
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
    """Those of the consumer groups that have members now. tansu cannot tell; the answer is then empty.

    Raises StackError where the broker does not answer.
    """
    if access.profile != "kafka":
        return []
    return await asyncio.to_thread(_groups_at_work, access, sorted(wanted))


def _groups_at_work(access: Access, wanted: list[str]) -> list[str]:
    # aiokafka cannot read what Kafka 4 answers to this question.
    client = AdminClient(_configuration(access))
    asked = client.describe_consumer_groups(wanted, request_timeout=_REQUEST_SECONDS)
    return [name for name, answer in asked.items() if _members(answer)]


def _members(answer: Future[ConsumerGroupDescription]) -> int:
    try:
        return len(answer.result().members)
    except KafkaException as error:
        if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
            return 0
        said = error.args[0].str()
        raise StackError(
            de=f"Der Broker sagt nicht, wer noch liest: {said}.",
            en=f"The broker does not tell who still reads: {said}.",
        ) from None


def _configuration(access: Access) -> dict[str, Any]:
    reach = {"bootstrap.servers": access.brokers, "log_level": 0}
    if not access.user:
        return reach
    login = {"sasl.mechanism": MECHANISM, "sasl.username": access.user, "sasl.password": access.password}
    return {**reach, **login, "security.protocol": "SASL_PLAINTEXT"}


async def newest_day(access: Access) -> str | None:
    """The newest day that the clock said; none when it said none yet, or the topic is missing."""
    consumer = AIOKafkaConsumer(**access.options(), enable_auto_commit=False, auto_offset_reset="earliest")
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
