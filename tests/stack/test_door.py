"""The door to the embedded broker: whoever comes through it sees what the broker says, at the door's own address."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator

import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from lotse.stack.door import Door, without_optional_fields
from lotse.stack.ports import free_ports
from tests.support.servers import Broker

TOPIC = "inbound.recognition.zag-muenster"
_ENTRY = struct.pack(">hhhB", 18, 0, 4, 0)


@pytest_asyncio.fixture
async def door(broker: Broker) -> AsyncIterator[Door]:
    """A door to a broker of its own."""
    made = Door(free_ports(1)[0], int(broker.address.rpartition(":")[2]))
    await made.open()
    yield made
    await made.shut()


async def test_what_is_written_through_the_door_is_in_the_broker(broker: Broker, door: Door) -> None:
    """A producer and a group through the door, over many connections and with large records; nothing is changed."""
    await broker.create(TOPIC)
    values = [bytes([number]) * (number * 4_000) for number in range(1, 60)]
    address = f"127.0.0.1:{door.port}"
    producer = AIOKafkaProducer(bootstrap_servers=address, enable_idempotence=False)
    await producer.start()
    for number, value in enumerate(values):
        await producer.send(TOPIC, value, key=b"%d" % number)
    await producer.stop()
    for place in (address, broker.address):
        consumer = AIOKafkaConsumer(
            TOPIC, bootstrap_servers=place, group_id=f"reader {place}", auto_offset_reset="earliest"
        )
        await consumer.start()
        assert sorted([(await consumer.getone()).value for _ in values]) == sorted(values)
        await consumer.stop()


async def test_clients_are_kept_at_the_door(broker: Broker, door: Door) -> None:
    """The broker tells its own address; a client that came through the door is told the door's."""
    await broker.create(TOPIC)
    producer = AIOKafkaProducer(bootstrap_servers=f"127.0.0.1:{door.port}", enable_idempotence=False)
    await producer.start()
    assert {node.port for node in producer.client.cluster.brokers()} == {door.port}
    await producer.stop()


def test_optional_fields_are_left_out() -> None:
    """What old clients stumble over is gone; the entries and the throttle time stay."""
    head = struct.pack(">ihB", 7, 0, 3) + _ENTRY * 2 + struct.pack(">i", 0)
    assert without_optional_fields(head + bytes.fromhex("01010108") + b"\xff" * 8) == head + b"\0"


def test_an_error_passes_as_it_is() -> None:
    """An answer that the broker does not know the version has another form."""
    refused = struct.pack(">ihi", 7, 35, 1) + struct.pack(">hhh", 18, 0, 4)
    assert without_optional_fields(refused) == refused
