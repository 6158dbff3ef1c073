"""Compacted topics on Apache Kafka: what is no longer true goes, what is true stays, whoever revoked consent is gone.

What takes a day in a region (a segment is closed, a tombstone has been there long enough) takes a second here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from lotse.cli.institutions import read_institutions
from lotse.region.broker import Broker
from lotse.simulator import Simulation
from shared.contracts.topics import BOARD_TOPIC, CLOCK_TOPIC, MARK_PREFIX, events_topic, mark_message
from shared.platform.access import Access
from shared.platform.kafka import partitions_of
from shared.platform.services import reporting_services
from tests.containers.load import assert_true, judge, next_simulation
from tests.containers.operating import aside, inside
from tests.containers.reading import caught_up
from tests.containers.region import Region
from tests.region.oracle import all_topics
from tests.support.eventually import until

#: Compacted topics, by the service that writes them.
TOPICS = {service: events_topic(service) for service in reporting_services()} | {"coordinator": BOARD_TOPIC}
#: In these a case whose consent was revoked has no place (readings 28); intake alone goes on with it.
OTHERS = [topic for service, topic in TOPICS.items() if service != "intake"]
_DAY_MS = 24 * 3600 * 1000
_KEEPS = ("cleanup.policy", "retention.ms", "message.timestamp.type", "segment.ms", "max.compaction.lag.ms")
#: Days become seconds.
_QUICK = {
    "segment.ms": "1000",
    "delete.retention.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "1000",
}
_SECONDS = 120.0
_PAUSE_SECONDS = 1.0

Log = Sequence[ConsumerRecord]


@pytest.fixture(scope="module")
async def simulation(region: Region) -> Simulation:
    """A simulation that was sent, and all of it worked on; some of its people revoked their consent."""
    simulation = await next_simulation(region, people=60, days=200, seed=3)
    await simulation.send(region.target)
    await caught_up(region)
    return simulation


def test_topics_are_configured_as_the_contract_says(region: Region) -> None:
    """Contract §2 and readings 29, told once more: what is kept, for how long, by whose clock, in how many parts."""
    days = str(_DAY_MS)
    expected = {
        "events": ("compact", None, "CreateTime", days, str(7 * _DAY_MS)),
        "inbound": ("delete", str(30 * _DAY_MS), "LogAppendTime", None, None),
        "receipts": ("delete", str(30 * _DAY_MS), "LogAppendTime", None, None),
        "dead-letters": ("delete", str(90 * _DAY_MS), "CreateTime", None, None),
        "clock": ("delete", str(400 * _DAY_MS), "LogAppendTime", None, None),
    }
    broker = Broker(region.operator)
    topics = broker.topics()
    assert set(topics) >= set(all_topics(read_institutions(region.institutions), reporting_services()))
    assert topics == {name: 1 if name == CLOCK_TOPIC else 6 for name in topics}
    for name, found in broker.configurations(topics).items():
        wanted = dict(zip(_KEEPS, expected[name.partition(".")[0]], strict=True))
        assert {key: value if wanted[key] else None for key, value in found.items() if key in wanted} == wanted, name


async def test_the_newest_of_each_key_stays_and_nothing_else(region: Region, simulation: Simulation) -> None:
    """After compaction a reader who begins today sees what one who read all along has seen, and a board built from it
    is the same; of cases whose consent was revoked nothing is left, not even that there was something.
    """
    gone = {truth.case for truth in simulation.plan().truths if truth.hidden}
    before = {topic: await read(region.operator, topic) for topic in TOPICS.values()}
    erased = [key for topic in OTHERS for key, value in newest(before[topic]).items() if value is None]
    assert {key.partition("/")[0] for key in erased} >= gone, "somebody revoked consent before anything was said"
    assert all(len(keys(log)) > len(set(keys(log))) for log in before.values()), "there is nothing to compact"
    assert all(has_marks(log) for log in before.values()), "each partition has the mark of the upkeep at the start"
    with quick(region):
        after = await compacted(region)
    for topic, log in after.items():
        stays = {key: value for key, value in newest(before[topic]).items() if value is not None}
        assert newest(log) == stays, topic
    for topic in OTHERS:
        text = b"\n".join((record.key or b"") + (record.value or b"") for record in after[topic])
        assert [case for case in gone if case.encode() in text] == [], topic


async def test_a_board_built_from_compacted_topics_is_true(region: Region, simulation: Simulation) -> None:
    """Law 5 where the law was made for: the first records of nearly everything are gone."""
    built = json.loads(await aside(inside, region, "coordinator", "rebuild", "--json"))
    assert (built["cases"] > simulation.people, built["said"]) == (True, 0), built
    assert_true(await judge(region, simulation))


@contextmanager
def quick(region: Region) -> Iterator[None]:
    """Compacted topics are closed and cleaned within seconds; afterwards they are as before."""
    broker = Broker(region.operator)
    before = broker.configurations(TOPICS.values())
    broker.configure(dict.fromkeys(TOPICS.values(), _QUICK))
    try:
        yield
    finally:
        broker.configure({topic: {name: values[name] for name in _QUICK} for topic, values in before.items()})


async def compacted(region: Region) -> dict[str, Log]:
    """The compacted topics once no key is there twice and no tombstone any more. Days pass: marks are written."""
    left: dict[str, int] = {}
    async with marking(region) as mark:

        async def looked() -> dict[str, Log] | None:
            nonlocal left
            await mark()
            logs = {topic: await read(region.operator, topic) for topic in TOPICS.values()}
            left = {topic: left_over(log) for topic, log in logs.items()}
            return None if any(left.values()) else logs

        return await until(lambda: f"all is compacted, but for {left}", looked, _SECONDS, _PAUSE_SECONDS)


def left_over(log: Log) -> int:
    """How many records are there that compaction takes away: older ones of a key, and tombstones."""
    found = keys(log)
    return len(found) - len(set(found)) + sum(record.value is None for record in log)


@asynccontextmanager
async def marking(region: Region) -> AsyncIterator[Mark]:
    """What writes the daily mark into every partition, as each service does in its upkeep."""
    producer = AIOKafkaProducer(**region.operator.options(), acks="all")
    await producer.start()
    try:
        yield Mark(producer, int(region.environment.get("LOTSE_PARTITIONS", 6)))
    finally:
        await producer.stop()


@dataclass(frozen=True, slots=True)
class Mark:
    """Writes marks when it is called."""

    producer: AIOKafkaProducer
    partitions: int

    async def __call__(self) -> None:
        now = datetime.now(UTC)
        for service, topic in TOPICS.items():
            for number in range(self.partitions):
                key, value = mark_message(service, number, now)
                await self.producer.send(topic, value, key=key, partition=number)
        await self.producer.flush()


async def read(access: Access, topic: str) -> Log:
    """Every record that a topic still has, by somebody who was never there before."""
    consumer = AIOKafkaConsumer(**access.options(), enable_auto_commit=False, auto_offset_reset="earliest")
    log: list[ConsumerRecord] = []
    try:
        await consumer.start()
        partitions = await partitions_of(consumer, [topic])
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(one) < ends[one] for one in partitions]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                log += records
    finally:
        await consumer.stop()
    return log


def keys(log: Log) -> list[str]:
    """The keys of all records in order, marks left out."""
    return [record.key.decode() for record in log if not record.key.startswith(MARK_PREFIX)]


def newest(log: Log) -> Mapping[str, bytes | None]:
    """The newest value of each key, marks left out."""
    return {record.key.decode(): record.value for record in log if not record.key.startswith(MARK_PREFIX)}


def has_marks(log: Log) -> bool:
    """Whether each partition has its own mark and no other's."""
    marks = Counter((record.partition, record.key) for record in log if record.key.startswith(MARK_PREFIX))
    return set(marks) == {(number, MARK_PREFIX + str(number).encode()) for number in range(6)}
