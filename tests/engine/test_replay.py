"""Replay reads everything up to the ends, once, with and without a start."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka import ConsumerRecord, TopicPartition

from shared.engine.replay import replay
from shared.engine.say import Message, Speaker
from shared.platform.metrics import Metrics
from tests.support.servers import Broker, settings_for


async def test_everything_up_to_the_ends_is_read_and_goes_on_from_there(broker: Broker) -> None:
    await broker.create("events.intake", "events.recognition", "clock.days")
    settings = settings_for("coordinator", broker=broker)
    speaker = Speaker(settings, Metrics())
    await speaker.start()
    seen: list[tuple[str, int, int]] = []

    async def handle(records: Sequence[ConsumerRecord]) -> None:
        seen.extend((record.topic, record.partition, record.offset) for record in records)

    topics = ["events.intake", "events.recognition", "clock.days"]
    try:
        assert set((await replay(settings, topics, handle)).values()) == {0}
        await speaker.say(Message("events.intake", n % 3, b"k", b"v") for n in range(3000))
        await speaker.say([Message("clock.days", 0, b"k", b"v")])
        ends = await replay(settings, topics, handle)
        assert len(seen) == len(set(seen)) == 3001
        assert ends[TopicPartition("events.intake", 0)] == 1000
        await speaker.say([Message("events.recognition", 5, b"k", b"v")])
        seen.clear()
        await replay(settings, topics, handle, ends)
        assert seen == [("events.recognition", 5, 0)]
    finally:
        await speaker.stop()
