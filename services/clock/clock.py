"""The clock at work: it knows the newest day that the broker has, and says those that follow."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime

from aiokafka import ConsumerRecord

from services.clock.days import day_in_berlin, days_to_say, decode_day, message_of, until_next_day
from shared.contracts.snapshot import UNREADABLE
from shared.contracts.topics import CLOCK_TOPIC
from shared.engine.replay import replay
from shared.engine.say import Speaker
from shared.platform.metrics import Metrics
from shared.platform.settings import Settings

log = logging.getLogger(__name__)

#: The wall clock is looked at that often, since a machine may have slept, or its time been set.
_LOOK_SECONDS = 30.0
_EPOCH = date(1970, 1, 1).toordinal()


class Clock:
    """Says days in order. `newest` is the last day that the broker acknowledged; before `start` it is not known."""

    def __init__(self, settings: Settings, speaker: Speaker, metrics: Metrics, now: Callable[[], datetime]) -> None:
        self._settings, self._speaker, self._now = settings, speaker, now
        self._gauge = metrics.gauge("lotse_day")
        self._saying = asyncio.Lock()
        self.newest: date | None = None
        self.started = False

    async def start(self) -> None:
        """Reads the newest day from the topic. Raises TopicMissing."""
        async with self._saying:
            await replay(self._settings, [CLOCK_TOPIC], self._read)
            self.started = True

    async def say_until(self, until: date, first: date | None = None) -> date | None:
        """Says every day up to `until` and returns the newest when the broker has them all; a day before is no change.

        If it dies halfway the days said are the beginning of the row, since they stand in one partition in order.
        """
        async with self._saying:
            days = days_to_say(self.newest, until, first)
            if days:
                await self._speaker.say(map(message_of, days))
                self._note(days[-1])
                log.info("days began", extra={"days": len(days), "newest": days[-1].isoformat()})
            return self.newest

    async def follow_the_wall(self) -> None:
        """Says today, and what was missed before it; then waits for midnight in Berlin."""
        await self.say_until(day_in_berlin(self._now()))
        await asyncio.sleep(min(_LOOK_SECONDS, until_next_day(self._now()).total_seconds() + 0.01))

    async def _read(self, records: Sequence[ConsumerRecord]) -> None:
        for record in records:
            try:
                self._note(date.fromisoformat(decode_day(record.value or b"").data.day))
            except UNREADABLE:
                log.error("a day could not be read", extra={"offset": record.offset})

    def _note(self, day: date) -> None:
        if self.newest is None or day > self.newest:
            self.newest = day
            self._gauge.set(day.toordinal() - _EPOCH)
