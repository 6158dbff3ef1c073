"""A consumption in one process: what it keeps of a batch that it has dealt with."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator, Mapping, Sequence

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from shared.engine.consume import Consumption, Records, make_broker
from shared.engine.say import Message, Speaker
from shared.platform.metrics import Metrics
from tests.support.servers import Broker, settings_for

TOPIC = "events.intake"


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Python frees only what nobody refers to any more."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def _from_the_beginning(partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
    return dict.fromkeys(partitions, 0)


@pytest.mark.usefixtures("no_collection")
async def test_a_batch_that_was_dealt_with_is_forgotten(broker: Broker) -> None:
    """At once: a process collects seldom, and by then a backlog would fill its memory."""
    await broker.create(TOPIC, partitions=1)
    settings, seen = settings_for("intake", broker=broker), asyncio.Queue[weakref.ref[ConsumerRecord]]()

    async def handle(records: Records) -> None:
        for record in records:
            seen.put_nowait(weakref.ref(record))

    fast_stream = make_broker(settings)
    consumption = Consumption(
        fast_stream, settings, Metrics(), group="coordinator", handle=handle, stored=_from_the_beginning, topics=[TOPIC]
    )
    speaker = Speaker(settings, Metrics())
    await speaker.start()
    await fast_stream.start()
    try:
        consumption.watch()
        found = []
        for _ in range(3):
            await speaker.say([Message(TOPIC, 0, b"case", b"value")])
            found.append(await asyncio.wait_for(seen.get(), 20))
    finally:
        await fast_stream.stop()
        await speaker.stop()
    assert [reference() for reference in found] == [None, None, None]
