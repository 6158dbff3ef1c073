"""Consume: batches from Kafka through FastStream, handed on while their partitions are surely ours, then committed.

FastStream subscribes, polls and stops; decoding is our own, since its batch decoder parses every record twice. A batch
that was fetched before a rebalance is handed back, never dropped: its positions are set back, so that whoever owns the
partition now reads it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import KafkaAckableMessage

from shared.engine.still import Standstill, position_of
from shared.platform.access import access_of
from shared.platform.clock import milliseconds
from shared.platform.metrics import Metrics
from shared.platform.settings import Settings
from shared.platform.trouble import Trouble, kind_of

log = logging.getLogger(__name__)
#: Not FastStream's own logger, which prints coloured lines past ours; and only what went wrong.
_quiet_log = logging.getLogger(f"{__name__}.faststream")
_quiet_log.setLevel(logging.ERROR)

Records = Sequence[ConsumerRecord]
Handle = Callable[[Records], Awaitable[None]]
#: The next offsets that the database holds, for the partitions asked for.
Stored = Callable[[Sequence[TopicPartition]], Awaitable[Mapping[TopicPartition, int]]]

#: Longer than a rebalance may wait for the batch in hand, shorter than the broker waits for us.
_DRAIN_SECONDS = 25.0
_REBALANCE_MS = 30_000
#: For how long the group may hear nothing of us while positions are set: half a session.
_PLACE_SECONDS = 5.0
#: How long one call waits for records; it returns as soon as there are any.
_LISTEN_MS = 1_000
#: How long a process that is behind waits for what came while it was busy.
_CATCH_UP_MS = 5
#: How long reading ahead waits for records that the broker is known to have.
_AHEAD_MS = 200
#: Reading ahead stops at so many fetches of a partition, however small the records, and at so few while all is slow.
_AHEAD_FETCHES, _FEWEST_AHEAD = 8, 1_000
_TOO_LONG_SECONDS, _QUICK_SECONDS = 5.0, 2.0


def make_broker(settings: Settings) -> KafkaBroker:
    """The FastStream broker of one process; it creates no topics and decodes nothing by itself."""
    access = access_of(settings)
    return _Broker(
        access.brokers,
        security=access.security(),
        apply_types=False,
        allow_auto_create_topics=False,
        metadata_max_age_ms=5_000,
        retry_backoff_ms=500,
        graceful_timeout=30.0,
        logger=_quiet_log,
        log_level=logging.DEBUG,
    )


class _Broker(KafkaBroker):
    """A broker whose subscribers start side by side: each waits for seconds until its group has its place."""

    async def start(self) -> None:
        await self.connect()
        ends = await asyncio.gather(*(one.start() for one in self.subscribers), return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end
        self.running = True


class Consumption(ConsumerRebalanceListener):  # type: ignore[misc]
    """One subscription of a consumer group, batch by batch.

    `handle` returns when everything that a batch caused is stored, said and looked at; only then its offsets are
    committed. It may raise when the database or the broker is away: the same batch is then tried again, with growing
    pauses. Without `hurry` a record may wait for a quarter of a second, which spares an idle process most of its work.
    """

    def __init__(
        self,
        broker: KafkaBroker,
        settings: Settings,
        metrics: Metrics,
        *,
        group: str,
        handle: Handle,
        stored: Stored,
        topics: Sequence[str] = (),
        pattern: str | None = None,
        hurry: bool = True,
    ) -> None:
        self._handle, self._stored, self._metrics, self._profile = handle, stored, metrics, settings.broker_profile
        self._trouble = Trouble(metrics)
        #: The batch in hand: how many records, and when the oldest of them was received (0 without a batch).
        self._in_hand, self._oldest = 0, 0
        #: Since when there are records that nobody took yet, None while there are none.
        self._behind_since: float | None = None
        self._busy = asyncio.Lock()
        self._busy_since: float | None = None
        self._standstill = Standstill()
        self._epoch = 0
        self._placed = False
        self._ahead = _Ahead(settings.batch_records, settings.batch_bytes * _AHEAD_FETCHES)
        #: As of which count of rebalances the batch in hand was fetched, if it is known yet.
        self._fetched_in: int | None = None
        self.polled_at = time.monotonic()
        self.assigned_once = False
        tansu = settings.broker_profile == "tansu"
        # tansu looks for new records only twice in that time; Kafka answers as soon as there are any.
        self._fetch_wait = 150 if hurry and tansu else 500
        self._fetch_wait_in_traffic = 20 if hurry and tansu else self._fetch_wait
        self._subscriber = broker.subscriber(
            *topics,
            pattern=pattern,
            group_id=group,
            batch=True,
            max_records=settings.batch_records,
            batch_timeout_ms=10,
            no_reply=True,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            listener=self,
            session_timeout_ms=3_000 if tansu else 10_000,
            heartbeat_interval_ms=800 if tansu else 1_000,
            rebalance_timeout_ms=_REBALANCE_MS,
            max_poll_interval_ms=300_000,
            fetch_max_wait_ms=self._fetch_wait,
            fetch_max_bytes=settings.batch_bytes * 4,
            max_partition_fetch_bytes=settings.batch_bytes,
            partition_assignment_strategy=(RangePartitionAssignor,),
        )
        self._subscriber(self._consume, parser=self._parse, decoder=_batch_of)

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Waits for the batch in hand, so that its offsets are committed while the partitions are still ours."""
        self._epoch += 1
        self._placed = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                async with self._busy:
                    pass

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """Sets the positions; what cannot be done soon is made up for before the first batch.

        The group hears nothing of this process meanwhile: in the time of a session it would be taken for dead.
        """
        self.assigned_once = True
        try:
            async with asyncio.timeout(_PLACE_SECONDS):
                await self._place(list(assigned))
        except Exception as error:
            self._trouble.batch(error)
            log.warning("the stored offsets could not be read; trying again before the first batch", exc_info=True)

    def watch(self) -> None:
        """Notes each time that Kafka is asked for records; readiness needs it. Call after the broker has started.

        It also waits longer for records than FastStream, which pauses after each time that it got none: records that
        come in such a pause would be kept waiting. What lies ready was fetched before the last batch was dealt with:
        what came meanwhile is fetched with it, else it would wait for one batch more.
        """
        consumer = self._consumer
        self._fetch = consumer.getmany

        async def getmany(*, timeout_ms: float, max_records: int) -> Any:
            await self._fetch_ahead(0)
            # Noted when it has answered: a client that has broken raises the same error for ever.
            self.polled_at = time.monotonic()
            if self._ahead.records:
                await self._fetch_ahead(_CATCH_UP_MS)
                self._fetched_in, records = self._ahead.take()
                return records
            records = await self._fetch(timeout_ms=_LISTEN_MS, max_records=max_records)
            self.polled_at = time.monotonic()
            self._fetched_in = self._assigned_in
            consumer._fetcher._fetch_max_wait_ms = self._fetch_wait_in_traffic if records else self._fetch_wait
            return records

        consumer.getmany = getmany

    @property
    def _consumer(self) -> Any:
        consumer = self._subscriber.consumer
        assert consumer is not None, "the broker was not started"
        return consumer

    @property
    def _assigned_in(self) -> int:
        """The count of rebalances, -1 while the positions of the newest are not set."""
        return self._epoch if self._placed else -1

    @property
    def poll_age(self) -> float:
        """Seconds since Kafka last answered a question for records; zero while a batch is being worked on."""
        return 0.0 if self._busy.locked() else time.monotonic() - self.polled_at

    def excuse(self) -> None:
        """Broker or database is away: that nothing moves is no fault of this process."""
        self._standstill.excuse()

    async def stuck(self) -> str:
        """Why this process will read nothing more until it is started anew; an empty text if all is well."""
        return await self._standstill.look(self._consumer, self.polled_at, self._busy_since)

    def lag(self) -> int:
        """Records that the broker has and this process did not take yet, as far as the last fetches told."""
        consumer = self._subscriber.consumer
        if consumer is None:
            return 0
        return sum(max(0, (consumer.highwater(tp) or 0) - position_of(consumer, tp)) for tp in consumer.assignment())

    def partitions(self) -> int:
        """How many partitions it reads now."""
        consumer = self._subscriber.consumer
        return len(consumer.assignment()) if consumer is not None else 0

    def waiting(self) -> tuple[int, float]:
        """How many records are not processed yet, and for how many seconds the oldest of them has waited. Of those that
        the broker has the age is not known: it counts from when they were first seen.
        """
        behind = self.lag() + self._ahead.count
        if self._in_hand or not behind:
            self._behind_since = None
        if self._in_hand:
            return behind + self._in_hand, max(0.0, (milliseconds() - self._oldest) / 1000)
        if not behind:
            return 0, 0.0
        now = time.monotonic()
        self._behind_since = self._behind_since or now
        return behind, now - self._behind_since

    async def _place(self, partitions: Sequence[TopicPartition]) -> None:
        """Starts at the smaller of the committed and the stored offset, so that a restored database catches up."""
        consumer = self._consumer
        epoch = self._epoch
        stored, committed = await asyncio.gather(self._stored(partitions), _committed(consumer, partitions))
        wanted = {partition: start_at(place, stored.get(partition)) for partition, place in committed.items()}
        if self._profile == "kafka":
            wanted = await self._still_there(wanted)
        for partition, offset in wanted.items():
            if offset < committed[partition] and partition in consumer.assignment():
                log.warning(
                    "the database is behind the committed offset; reading again", extra={"topic": partition.topic}
                )
                consumer.seek(partition, offset)
        if epoch == self._epoch:
            self._placed = True

    async def _still_there(self, wanted: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Where to begin when the broker has deleted the beginning meanwhile; the operator is told."""
        if not wanted:
            return {}
        beginnings = await self._consumer.beginning_offsets(list(wanted))
        for partition, offset in wanted.items():
            if offset < beginnings[partition]:
                self._metrics.counter("lotse_offsets_lost_total").inc()
                log.error(
                    "records were deleted before they were read",
                    extra={"topic": partition.topic, "partition": partition.partition},
                )
        return {partition: max(offset, int(beginnings[partition])) for partition, offset in wanted.items()}

    async def _parse(self, records: Records) -> KafkaAckableMessage:
        return KafkaAckableMessage(
            body=records,
            raw_message=records,
            headers={"epoch": self._assigned_in if self._fetched_in is None else self._fetched_in},
            batch_headers=[],
            reply_to="",
            content_type=None,
            message_id=str(records[0].offset),
            correlation_id="",
            consumer=self._subscriber.consumer,
        )

    async def _consume(self, batch: _Batch) -> None:
        async with self._busy:
            if batch.epoch != self._epoch or not self._placed:
                await self._hand_back(batch.records)
                return
            self._take_in_hand(batch.records)
            self._busy_since = time.monotonic()
            reading = asyncio.create_task(self._read_ahead())
            began = time.monotonic()
            try:
                done = await self._deal_with(batch.records)
            finally:
                self._in_hand, self._busy_since = 0, None
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
            self._ahead.adapt(time.monotonic() - began)
            if done:
                await self._commit(batch.records)

    def _take_in_hand(self, records: Records) -> None:
        # A client that is mistaken about the time may say anything, also nothing.
        times = [record.timestamp for record in records]
        self._oldest = max(0, min(times)) or milliseconds()
        self._in_hand = len(times)

    async def _read_ahead(self) -> None:
        """Fetches, while a batch is being dealt with, the next one: a backlog comes in large batches.

        It ends when there is no more, so that a batch that hangs counts as not polling.
        """
        while self._ahead.room() and self.lag():
            await self._fetch_ahead(_AHEAD_MS)

    async def _fetch_ahead(self, timeout_ms: int) -> None:
        """Adds what can be fetched to the next batch, if there is room; an error loses nothing of it."""
        if room := self._ahead.room():
            fetched = await self._fetch(timeout_ms=timeout_ms, max_records=room)
            self._ahead.add(fetched, self._assigned_in)

    async def _hand_back(self, records: Records) -> None:
        """Sets positions back to a batch's first records; makes up for positions not set at the assignment."""
        self._metrics.counter("lotse_batches_handed_back_total").inc()
        consumer = self._consumer
        first: dict[TopicPartition, int] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            first[partition] = min(first.get(partition, record.offset), record.offset)
        for partition, offset in first.items():
            with contextlib.suppress(IllegalStateError):
                # Backwards only: the new position may be an older commit.
                if partition in consumer.assignment() and await consumer.position(partition) > offset:
                    consumer.seek(partition, offset)
        if not self._placed:
            await asyncio.sleep(0.05)
            with contextlib.suppress(Exception):
                await self._place(list(consumer.assignment()))

    async def _deal_with(self, records: Records) -> bool:
        """Handles a batch until it succeeds; False when the process stops meanwhile."""
        pause = 0.1
        while True:
            try:
                await self._handle(records)
                return True
            except Exception as error:
                self._metrics.counter("lotse_retries_total").labels(kind_of(error)).inc()
                self._trouble.batch(error)
                log.warning(
                    "a batch could not be dealt with; trying again", exc_info=True, extra={"records": len(records)}
                )
            if not self._subscriber.running:
                return False
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def _commit(self, records: Records) -> None:
        offsets = {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}
        try:
            await self._consumer.commit(offsets)
        except (KafkaError, IllegalStateError) as error:
            # Somebody else owns the partition now and reads the batch again, which changes nothing.
            self._trouble.broker(error)
            log.info("the offsets were not committed", extra={"kind": type(error).__name__})


class _Batch(NamedTuple):
    """Records, and as of which count of rebalances they were fetched."""

    epoch: int
    records: Records


class _Ahead:
    """Records that were fetched while a batch was being dealt with: at most so many records and bytes, and fewer as
    long as batches take too long.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = self._wanted = most
        self._most_bytes = most_bytes
        self.count = self._bytes = 0
        self._epoch = -1
        self.records: dict[TopicPartition, list[ConsumerRecord]] = {}

    def room(self) -> int:
        """How many records may be added."""
        return max(0, self._wanted - self.count) if self._bytes < self._most_bytes else 0

    def add(self, fetched: Mapping[TopicPartition, list[ConsumerRecord]], epoch: int) -> None:
        """Adds records that were fetched in an epoch. Of several epochs none is worked on: all are handed back."""
        self._epoch = epoch if not self.records or epoch == self._epoch else -1
        for partition, records in fetched.items():
            self.records.setdefault(partition, []).extend(records)
            self.count += len(records)
            self._bytes += sum(len(record.value or b"") for record in records)

    def take(self) -> tuple[int, Mapping[TopicPartition, list[ConsumerRecord]]]:
        """The epoch and all records."""
        epoch, records = self._epoch, self.records
        self.records, self.count, self._bytes = {}, 0, 0
        return epoch, records

    def adapt(self, seconds: float) -> None:
        """Halves the next batches when one took too long; lets them grow again while they are quick."""
        if seconds > _TOO_LONG_SECONDS:
            self._wanted = max(_FEWEST_AHEAD, self._wanted // 2)
        elif seconds < _QUICK_SECONDS:
            self._wanted = min(self._most, self._wanted * 2)


async def _committed(consumer: Any, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
    """The committed offsets of those partitions that have one, by one request: a service reads hundreds."""
    places = await consumer._coordinator.fetch_committed_offsets(list(partitions))
    return {partition: place.offset for partition, place in places.items() if place.offset >= 0}


def start_at(committed: int | None, stored: int | None) -> int:
    """The smaller of the committed and the stored offset; where either is unknown, the beginning.

    Every batch stores where to read on, so a database that knows nothing of a partition is new or restored.
    """
    return min(committed or 0, stored or 0)


async def _batch_of(message: KafkaMessage) -> _Batch:
    """What FastStream hands to the subscriber: the records as they are, since they are decoded by us.

    Not the message: it keeps what was made of it, and would keep itself and its records until the next collection.
    """
    return _Batch(message.headers["epoch"], message.raw_message)
