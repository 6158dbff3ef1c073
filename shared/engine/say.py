"""Say: hand stored messages to Kafka and wait until the broker has them. Only death ends this duty.

Messages go out in batches that are built here, one future per batch instead of one per message; the order within a
partition is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    OutOfOrderSequenceNumber,
    ProducerFenced,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

from shared.platform.access import access_of
from shared.platform.clock import milliseconds
from shared.platform.kafka import start_producer
from shared.platform.metrics import Metrics
from shared.platform.settings import Settings
from shared.platform.trouble import Trouble, kind_of

log = logging.getLogger(__name__)

_HEADERS = [("content-type", b"application/cloudevents+json")]
#: Tells that the record's timestamp is when the report behind it was received: the coordinator measures by it.
RECEIVED = "received"
_HEADERS_RECEIVED = [*_HEADERS, (RECEIVED, b"")]
#: How long a topic that was missing or forbidden is not asked for again.
_FORGET_SECONDS = 30.0
#: How soon a broker answers that can be reached.
_ASK_SECONDS = 3.0
#: How often somebody looks whether a topic that does not acknowledge was deleted.
_LOOK_SECONDS = 5.0
_BROKEN_PRODUCER = (OutOfOrderSequenceNumber, ProducerFenced)
_NO_SUCH_TOPIC = (TopicAuthorizationFailedError, UnknownTopicOrPartitionError)


class Message(NamedTuple):
    """One message to be said. `value` None is a tombstone. `received_at` is when a service received the report that
    brought the message about (milliseconds since 1970), where it is said for the first time.
    """

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    received_at: int | None = None


class Speaker:
    """Says messages through one producer, which it replaces when the broker no longer accepts it."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._replacing = asyncio.Lock()
        self._missing: dict[str, float] = {}
        self._known: set[str] = set()
        self._said = metrics.counter("lotse_messages_said_total")
        self._trouble = Trouble(metrics)
        #: The topics that this user may see, as of the last time that the broker was asked; None before that.
        self.topics: frozenset[str] | None = None

    async def start(self) -> None:
        """Connects; raises KafkaError when the broker cannot be reached."""
        self._producer = await start_producer(access_of(self._settings))

    async def stop(self) -> None:
        """Sends what is buffered and disconnects."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    async def ask(self) -> None:
        """Asks the broker which topics there are. Raises KafkaError, or TimeoutError when it does not answer soon."""
        if self._producer is None:
            raise KafkaConnectionError("there is no producer at the moment")
        async with asyncio.timeout(_ASK_SECONDS):
            found = await self._producer.client.fetch_all_metadata()
        self.topics = frozenset(found.topics())

    async def say(self, messages: Iterable[Message], *, may_wait: tuple[str, ...] = ()) -> set[str]:
        """Returns when the broker has acknowledged every message, however long that takes.

        Topics that begin with one of `may_wait` (receipts) may be missing or forbidden: their messages are left out and
        the topics returned, so that one institution's missing topic stops nobody else. Any other is waited for.
        """
        by_place: dict[tuple[str, int], list[Message]] = {}
        for message in messages:
            by_place.setdefault((message.topic, message.partition), []).append(message)
        silent: set[str] = set()
        if may_wait:
            topics = {topic for topic, _ in by_place if topic.startswith(may_wait)}
            silent = {topic for topic in topics if not await self._exists(topic)}
        places = [(place, batch) for place, batch in by_place.items() if place[0] not in silent]
        outcomes = await asyncio.gather(
            *(self._say_to(topic, partition, batch, may_wait) for (topic, partition), batch in places)
        )
        return silent | {topic for topic in outcomes if topic}

    async def _say_to(self, topic: str, partition: int, messages: list[Message], may_wait: tuple[str, ...]) -> str:
        """Says messages of one partition in order; returns the topic's name when it is missing and may be."""
        rest, pause = messages, 0.1
        while rest:
            producer = self._producer
            try:
                rest = await self._send(producer, topic, partition, rest, may_vanish=topic.startswith(may_wait))
                pause = 0.1
            except _NO_SUCH_TOPIC as error:
                self._trouble.broker(error)
                if topic.startswith(may_wait):
                    self._missing[topic] = time.monotonic()
                    self._known.discard(topic)
                    return topic
                log.error("topic is missing or forbidden; waiting for it", extra={"topic": topic})
                await asyncio.sleep(pause)
            except (KafkaError, OSError, TimeoutError) as error:
                self._trouble.broker(error)
                if isinstance(error, _BROKEN_PRODUCER) or _sends_no_more(producer):
                    log.error("this producer can send no more; a new one is made", extra={"kind": kind_of(error)})
                    with contextlib.suppress(KafkaError, OSError, TimeoutError):
                        await self._replace(producer)
                else:
                    log.warning(
                        "the broker did not take a batch; trying again", extra={"topic": topic, "kind": kind_of(error)}
                    )
                await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)
        family = topic.split(".", 1)[0]
        self._said.labels(family).inc(len(messages))
        return ""

    async def _send(
        self,
        producer: AIOKafkaProducer | None,
        topic: str,
        partition: int,
        messages: list[Message],
        *,
        may_vanish: bool,
    ) -> list[Message]:
        """Sends one built batch and returns the messages that did not fit into it."""
        assert producer is not None, "the speaker was not started"
        batch = producer.create_batch()
        taken, now = 0, milliseconds()
        for message in messages:
            at, headers = None, _HEADERS
            if message.received_at is not None and message.received_at > 0:
                # Another clock may be ahead of ours, a sender's even far ahead, and the broker takes no future.
                at, headers = min(message.received_at, now), _HEADERS_RECEIVED
            if batch.append(key=message.key, value=message.value, timestamp=at, headers=headers) is None:
                break
            taken += 1
        if not taken:
            raise ValueError(f"a message for {topic} is larger than a batch may be")
        batch.close()
        acknowledged = await producer.send_batch(batch, topic, partition=partition)
        if may_vanish:
            await _unless_gone(producer, topic, acknowledged)
        await acknowledged
        return messages[taken:]

    async def _exists(self, topic: str) -> bool:
        """Whether a topic is there and may be written; asked first, since sending to a missing one blocks for long."""
        if topic in self._known:
            return True
        if time.monotonic() - self._missing.get(topic, -_FORGET_SECONDS) < _FORGET_SECONDS:
            return False
        assert self._producer is not None
        try:
            async with asyncio.timeout(2.0):
                await self._producer.partitions_for(topic)
        except (KafkaError, TimeoutError):
            self._missing[topic] = time.monotonic()
            return False
        self._known.add(topic)
        return True

    async def _replace(self, broken: AIOKafkaProducer | None) -> None:
        """Makes a new producer; of several that saw the same one fail only the first does."""
        async with self._replacing:
            if self._producer is not broken:
                return
            if broken is not None:
                try:
                    async with asyncio.timeout(5.0):
                        await broken.stop()
                except (KafkaError, TimeoutError):
                    log.warning("the broken producer did not stop in time")
            self._producer = await start_producer(access_of(self._settings))


def _sends_no_more(producer: AIOKafkaProducer | None) -> bool:
    """Whether the task behind a producer has ended: everything that it is given then fails, for ever."""
    return producer is not None and producer._sender.sender_task.done()


async def _unless_gone(producer: AIOKafkaProducer, topic: str, acknowledged: asyncio.Future[Any]) -> None:
    """Returns when a batch is acknowledged or has failed. Raises UnknownTopicOrPartitionError: its topic was deleted.

    aiokafka would wait for ever for the topic to come back. What it holds is sent then, once more than needed: of the
    receipts of one report the highest version stands, whenever it comes.
    """
    while not (await asyncio.wait({acknowledged}, timeout=_LOOK_SECONDS))[0]:
        # False: the broker is away, and nothing new was learnt.
        learnt = await producer.client.force_metadata_update()
        if learnt and producer.client.cluster.partitions_for_topic(topic) is None:
            acknowledged.add_done_callback(_looked_at)
            raise UnknownTopicOrPartitionError(topic)


def _looked_at(done: asyncio.Future[Any]) -> None:
    """An error that nobody waits for any more is not worth a warning."""
    if not done.cancelled():
        done.exception()
