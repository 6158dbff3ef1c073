"""Compacted topics are made anew on a real broker: the places of readers, the partitions, and what stays."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from lotse.stack.lag import group_lag, newest_day
from lotse.stack.recreate import make_anew
from shared.platform.kafka import begin_anew, list_topics
from tests.support.servers import Broker

EVENTS, INBOUND = "events.recognition", "inbound.recognition.zag-muenster"


async def _say(broker: Broker, topic: str, values: Sequence[bytes]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=broker.address, enable_idempotence=False)
    await producer.start()
    for number, value in enumerate(values):
        await producer.send_and_wait(topic, value, key=b"%d" % number)
    await producer.stop()


async def _work(broker: Broker, group: str, topic: str, records: int) -> None:
    """A member of a group that reads so many records, commits and goes."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker.address,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=3_000,
        heartbeat_interval_ms=800,
        partition_assignment_strategy=(RangePartitionAssignor,),
    )
    await consumer.start()
    for _ in range(records):
        await consumer.getone()
    await consumer.commit()
    await consumer.stop()


async def _committed(broker: Broker, group: str, topic: str) -> list[int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.address, group_id=group)
    await consumer.start()
    places = [TopicPartition(topic, number) for number in range(6)]
    consumer.assign(places)
    found = [await consumer.committed(place) or 0 for place in places]
    await consumer.stop()
    return found


async def test_only_compacted_topics_are_made_anew(broker: Broker) -> None:
    """`events.*` are empty and have the wanted partitions; what institutions sent is untouched."""
    await broker.create(EVENTS, INBOUND)
    await _say(broker, EVENTS, [b"old"])
    await _say(broker, INBOUND, [b"report"])
    assert await make_anew(broker.access, 3) == (EVENTS,)
    assert await list_topics(broker.access) == {EVENTS: 3, INBOUND: 6}
    assert await group_lag(broker.access, "anybody", [EVENTS]) == 0
    assert await group_lag(broker.access, "anybody", [INBOUND]) == 1


async def test_a_reader_begins_at_the_beginning(broker: Broker) -> None:
    """After a deletion a group that had read far reads the new records from the first."""
    await broker.create(EVENTS)
    await _say(broker, EVENTS, [b"old"] * 30)
    await _work(broker, "coordinator", EVENTS, 30)
    await make_anew(broker.access, 6)
    await begin_anew(broker.access, "coordinator", [EVENTS])
    await _say(broker, EVENTS, [b"new"] * 5)
    assert await group_lag(broker.access, "coordinator", [EVENTS]) == 5


async def test_offsets_that_a_broker_kept_are_set_back(broker: Broker) -> None:
    """Where a broker remembers the places of a group, the beginning is committed, also just after its member went."""
    await broker.create(EVENTS)
    await _say(broker, EVENTS, [b"x"] * 20)
    await _work(broker, "coordinator", EVENTS, 20)
    assert sum(await _committed(broker, "coordinator", EVENTS)) == 20
    await begin_anew(broker.access, "coordinator", [EVENTS])
    assert sum(await _committed(broker, "coordinator", EVENTS)) == 0


async def test_the_lag_is_what_was_not_committed(broker: Broker) -> None:
    """Seen from outside, without joining the group; a topic that does not exist has none."""
    await broker.create(INBOUND)
    await _say(broker, INBOUND, [b"x"] * 12)
    assert await group_lag(broker.access, "recognition", [INBOUND, "inbound.missing"]) == 12
    await _work(broker, "recognition", INBOUND, 12)
    assert await group_lag(broker.access, "recognition", [INBOUND]) == 0


async def test_the_newest_day_is_the_last_that_was_said(broker: Broker) -> None:
    """None before the first day was said, and where there is no topic."""
    assert await newest_day(broker.access) is None
    await broker.create("clock.days")
    assert await newest_day(broker.access) is None
    await _say(broker, "clock.days", [b'{"data": {"day": "2026-06-02"}}', b'{"data": {"day": "2026-06-03"}}'])
    assert await newest_day(broker.access) == "2026-06-03"
