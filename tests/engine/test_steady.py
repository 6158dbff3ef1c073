"""A connection that closes in the moment in which something is written to it: the client goes on, for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvloop
from aiokafka import AIOKafkaConsumer
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError

from shared.platform import steady
from shared.platform.access import Access
from shared.platform.kafka import partitions_of
from tests.support.servers import Broker

TOPIC = "events.intake"


async def _closed(client: Any) -> AIOKafkaConnection:
    """A connection of a client that was reset a moment ago; aiokafka has not heard of it yet."""
    (connection, *_) = client._conns.values()
    connection._writer.transport.abort()
    connection._reader.at_eof = lambda: False
    await asyncio.sleep(0)
    assert connection.connected()
    return connection


async def _closing(access: Access) -> None:
    # Long is the pause after a failed fetch: in it the consumer is stopped.
    consumer = AIOKafkaConsumer(TOPIC, retry_backoff_ms=5000, **access.options())
    await consumer.start()
    try:
        client = consumer._client
        connection = await _closed(client)
        with pytest.raises(KafkaConnectionError) as raised:
            connection.send(_Anything())
        assert isinstance(raised.value.__cause__, RuntimeError)
        while not await client.force_metadata_update():
            pass
        await _closed(client)
        while not await client.force_metadata_update():
            pass
        assert not client._sync_task.done()
    finally:
        await consumer.stop()


class _Anything:
    """A request, as a connection sees it."""

    def prepare(self, _: object) -> _Anything:
        return self

    def build_request_header(self, **_: object) -> _Anything:
        return self

    def encode(self) -> bytes:
        return b"anything"


async def test_a_connection_closed_under_a_question(broker: Broker) -> None:
    """uvloop raises an error that aiokafka does not expect: it must not end the task that learns of the broker, nor the
    task that stops the consumer afterwards.
    """
    await broker.create(TOPIC)
    async with asyncio.timeout(20):
        await asyncio.to_thread(uvloop.run, _closing(broker.access))


async def test_whatever_a_question_raises_the_next_is_asked(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client asks again after a pause."""
    await broker.create(TOPIC)
    consumer = AIOKafkaConsumer(TOPIC, **broker.access.options())
    await consumer.start()
    try:
        asked: list[int] = []

        async def ask(*_: Any) -> bool:
            asked.append(1)
            if len(asked) == 1:
                raise AssertionError("as aiokafka stumbles over itself")
            return True

        monkeypatch.setattr(AIOKafkaClient, "_metadata_update", steady._patient(ask))
        assert await consumer._client.force_metadata_update() is False
        assert await consumer._client.force_metadata_update() is True
    finally:
        await consumer.stop()


async def test_a_broker_that_tells_nothing_is_no_broker_without_partitions(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error; a topic without partitions would look as if all of it had been read."""
    await broker.create(TOPIC)
    consumer = AIOKafkaConsumer(**broker.access.options())
    await consumer.start()
    try:
        ask = AIOKafkaClient._metadata_update

        async def of_all_topics(client: Any, cluster: Any, topics: Any) -> bool:
            return bool(await ask(client, cluster, topics)) if topics is None else False

        monkeypatch.setattr(AIOKafkaClient, "_metadata_update", of_all_topics)
        with pytest.raises(KafkaConnectionError, match="which partitions"):
            await partitions_of(consumer, [TOPIC])
        monkeypatch.setattr(AIOKafkaClient, "_metadata_update", ask)
        await consumer._client.force_metadata_update()
        assert await partitions_of(consumer, [TOPIC, "no.such"])
    finally:
        await consumer.stop()


def test_an_unknown_client_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Better no start than a client that stands still one day."""
    monkeypatch.delattr(AIOKafkaClient, "_metadata_update")
    with pytest.raises(ImportError, match="built differently"):
        steady.stay_steady()
