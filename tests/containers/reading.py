"""What a region holds, read by its operator: newest records of topics, the rows behind them, how far readers are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from services.coordinator.messages import message
from services.coordinator.packed import unpack_said
from shared.contracts.topics import BOARD_TOPIC, CLOCK_TOPIC, MARK_PREFIX, events_topic
from shared.platform.access import Access
from shared.platform.kafka import partitions_of
from shared.platform.services import reporting_services
from tests.containers.region import Region
from tests.support.eventually import until

_POLL_MS = 200
_SECONDS = 300.0
#: How soon the broker says where a group is; a question that is not answered is asked again.
_ANSWER_SECONDS = 20.0
_ITEMS = """select i.subject || '/' || i.item, s.hidden, encode(i.said, 'hex')
    from item i join subject s on s.id = i.subject"""
_BOARD = "select id, hidden, encode(said, 'hex') from board where version > 0"

#: The newest value of each key; None is a tombstone.
Newest = dict[str, bytes | None]
Offsets = Mapping[TopicPartition, int]
#: Whether a topic counts, by its name.
Wanted = Callable[[str], bool]


async def newest(access: Access, topic: str) -> Newest:
    """The newest record of each key of a topic, marks left out; read from the beginning to the end as it is now."""
    consumer = AIOKafkaConsumer(**access.options(), enable_auto_commit=False, auto_offset_reset="earliest")
    found: Newest = {}
    try:
        await consumer.start()
        partitions = await partitions_of(consumer, [topic])
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(one) < ends[one] for one in partitions]):
            for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                found |= {one.key.decode(): one.value for one in records if not one.key.startswith(MARK_PREFIX)}
    finally:
        await consumer.stop()
    return found


def rows(region: Region, service: str, question: str) -> list[list[str]]:
    """The answer of a service's database, as text; asked by the superuser inside the container."""
    said = region.compose(
        *("exec", "-T", "postgres", "psql", "-U", "postgres", "-d", f"lotse_{service}", "-At", "-F", "\t"),
        *("-c", question),
    )
    return [line.split("\t") for line in said.splitlines()]


def rows_of_service(region: Region, service: str) -> Newest:
    """What the rows of a reporting service say, by key."""
    found = rows(region, service, _ITEMS)
    return {key: None if hidden == "t" else bytes.fromhex(said) for key, hidden, said in found}


def rows_of_board(region: Region) -> Newest:
    """What the rows of the board say, by key. Of hidden cases the keys too that were never said."""
    said: Newest = {}
    for case, hidden, packed in rows(region, "coordinator", _BOARD):
        for barrier, one in unpack_said(bytes.fromhex(packed)).items():
            key = f"{case}/{barrier}" if barrier else case
            said[key] = None if hidden == "t" else message(case, barrier, one)
    return said


async def said_is_stored(region: Region) -> list[str]:
    """Law 3: the keys of compacted topics whose newest record is not what its row says, by topic."""
    wrong: list[str] = []
    for service in reporting_services():
        said = await newest(region.operator, events_topic(service))
        wrong += _unequal(events_topic(service), said, rows_of_service(region, service))
    said = await newest(region.operator, BOARD_TOPIC)
    return wrong + _unequal(BOARD_TOPIC, said, rows_of_board(region))


def _unequal(topic: str, said: Newest, stored: Newest) -> list[str]:
    # A compacted topic forgets tombstones in time; a case that was hidden from the beginning was never said.
    return [f"{topic} {key}" for key in sorted({*said, *stored}) if said.get(key) != stored.get(key)]


async def caught_up(region: Region, services: Sequence[str] = ()) -> None:
    """Returns when services (all, if none is named) have worked on everything that was reported until now; and, if all
    have, the coordinator on everything that they said. Fails with who is behind in what.
    """
    inbound = await _patiently(region, lambda name: name.startswith("inbound."))
    for service in services or reporting_services():
        await _reached(region, service, _of(inbound, f"inbound.{service}."))
    if not services:
        topics = {CLOCK_TOPIC, *map(events_topic, reporting_services())}
        await _reached(region, "coordinator", await _patiently(region, topics.__contains__))


def _of(offsets: Offsets, prefix: str) -> Offsets:
    return {partition: end for partition, end in offsets.items() if partition.topic.startswith(prefix)}


async def _patiently(region: Region, wanted: Wanted) -> Offsets:
    """The ends of topics; a broker that is away is waited for."""

    async def asked() -> tuple[Offsets] | None:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return (await _ends(region.operator, wanted),)
        except (KafkaError, OSError, TimeoutError):
            return None

    (ends,) = await until("the broker tells where topics end", asked, _SECONDS)
    return ends


async def _ends(access: Access, wanted: Wanted) -> Offsets:
    consumer = AIOKafkaConsumer(**access.options(), enable_auto_commit=False)
    try:
        await consumer.start()
        topics: Iterable[str] = filter(wanted, await consumer.topics())
        partitions = await partitions_of(consumer, topics)
        return {one: end for one, end in (await consumer.end_offsets(partitions)).items() if end}
    finally:
        await consumer.stop()


async def _reached(region: Region, group: str, ends: Offsets) -> None:
    """Returns when a group has committed these offsets."""
    behind = ""

    async def asked() -> bool:
        nonlocal behind
        behind = await _behind(region, group, ends)
        return not behind

    await until(lambda: f"{group} has worked on everything, but for {behind}", asked, _SECONDS)


async def _behind(region: Region, group: str, ends: Offsets) -> str:
    """In which partitions a group has not committed these offsets, with the committed one and the end; or why nobody
    knows.
    """
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            committed = await _committed(region.operator, group)
    except (KafkaError, OSError, TimeoutError) as error:
        return f"the broker does not tell: {error!r}"
    return ", ".join(
        f"{partition.topic}/{partition.partition} {committed.get(partition, 0)} of {end}"
        for partition, end in ends.items()
        if committed.get(partition, 0) < end
    )


async def _committed(access: Access, group: str) -> Offsets:
    admin = AIOKafkaAdminClient(**access.options())
    try:
        await admin.start()
        found = await admin.list_consumer_group_offsets(group)
        return {partition: place.offset for partition, place in found.items()}
    finally:
        await admin.close()
