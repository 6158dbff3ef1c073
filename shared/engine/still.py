"""Standstill: a Kafka client that looks well and reads nothing is noticed, so that its process can be started anew.

aiokafka reads and keeps its place in the group by tasks behind the consumer. When one of them ends by an error of its
own, each question for records is answered by that error, or by nothing, for ever.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

#: For how long a client may ask for nothing, read nothing of what is there, or be without its group.
STUCK_SECONDS = 120.0
#: How long a batch may take: many times what the slowest does.
LONGEST_BATCH_SECONDS = 600.0
#: How often the broker is asked where partitions end, and how soon it answers.
_ASK_SECONDS, _ANSWER_SECONDS = 15.0, 3.0


class Standstill:
    """What is known of one consumer's progress. Time in which broker or database was away does not count."""

    def __init__(self) -> None:
        self._looked_at = self._asked_at = 0.0
        self.excuse()

    def excuse(self) -> None:
        """Nothing counts until now: broker or database is away."""
        self._excused_at = self._joined_at = time.monotonic()
        #: The partitions with unread records: the place in them, and since when it has not moved.
        self._unread: dict[TopicPartition, tuple[int, float]] = {}

    async def look(self, consumer: Any, polled_at: float, batch_since: float | None) -> str:
        """What is wrong, an empty text if nothing is. `polled_at` is when Kafka last answered a question for records,
        `batch_since` since when a batch is in hand.
        """
        if _task_ended(consumer):
            return "a task of the Kafka client has ended"
        now = time.monotonic()
        if now - self._looked_at > STUCK_SECONDS / 2:
            # The whole process stood still: it was stopped, or its machine slept.
            self.excuse()
        self._looked_at = now
        if batch_since is not None:
            self._joined_at, self._unread = now, {}
            too_long = now - max(batch_since, self._excused_at) > LONGEST_BATCH_SECONDS
            return "a batch takes too long" if too_long else ""
        if now - max(polled_at, self._excused_at) > STUCK_SECONDS:
            return "Kafka did not answer questions for records for too long"
        if not consumer._coordinator._rejoin_needed_fut.done():
            self._joined_at = now
        if now - self._joined_at > STUCK_SECONDS:
            return "the group could not be joined for too long"
        if now - self._asked_at > _ASK_SECONDS:
            self._asked_at = now
            await self._look_for_unread(consumer, now)
        still = any(now - since > STUCK_SECONDS for _, since in self._unread.values())
        return "records lay unread for too long" if still else ""

    async def _look_for_unread(self, consumer: Any, now: float) -> None:
        """Notes in which partitions there are records behind the place of this consumer."""
        assignment = consumer.assignment()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                ends = await consumer.end_offsets(list(assignment)) if assignment else {}
        except (KafkaError, IllegalStateError, TimeoutError):
            return
        before, self._unread = self._unread, {}
        for partition, end in ends.items():
            place = position_of(consumer, partition)
            if place < end:
                known, since = before.get(partition, (place, now))
                self._unread[partition] = (place, since if known == place else now)


def position_of(consumer: Any, partition: TopicPartition) -> int:
    """The next offset to be read, as far as it is known without a question; 0 otherwise."""
    state = consumer._subscription.subscription.assignment.state_value(partition)
    return int(state._position or 0) if state is not None else 0


def _task_ended(consumer: Any) -> bool:
    tasks = (consumer._client._sync_task, consumer._coordinator._coordination_task, consumer._fetcher.error_future)
    return any(task.done() for task in tasks)
