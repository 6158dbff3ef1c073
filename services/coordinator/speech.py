"""What the coordinator says of its rows, and the look afterwards. A message is a row's bytes, never of a transition."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import asyncpg

from services.coordinator.messages import message
from services.coordinator.packed import unpack_said
from services.coordinator.store import SQL, Outcome, Spoken
from shared.contracts.topics import BOARD_TOPIC, partition_of
from shared.engine.say import Message, Speaker
from shared.platform.clock import milliseconds
from shared.platform.metrics import Metrics

#: How often a say is repeated because its rows moved on; more means that somebody else says at the same time.
_MOST_LOOKS = 100

Stamps = Mapping[str, int]


class Speech:
    """The outgoing side: barriers and cases, or tombstones of those that are hidden."""

    def __init__(self, pool: asyncpg.Pool[Any], speaker: Speaker, metrics: Metrics, partitions: int) -> None:
        self.pool, self.speaker, self.partitions = pool, speaker, partitions
        self._again = metrics.counter("lotse_messages_said_again_total")
        self._seconds = metrics.histogram("lotse_say_seconds")
        self._freshness = metrics.waits("lotse_freshness_seconds")
        self._owed: dict[str, int] = {}

    def owe(self, outcome: Outcome) -> None:
        """Notes what was stored and will be said next, so that a look meanwhile need not say it too."""
        self._owed |= outcome.stamps

    async def say(self, outcome: Outcome) -> None:
        """Says what a transaction changed, and everything of cases of which a snapshot came again; then looks."""
        for case, stamp in outcome.stamps.items():
            if self._owed.get(case) == stamp:
                del self._owed[case]
        if outcome.messages:
            await self._say(outcome.messages)
            if outcome.received:
                self._observe(outcome)
            await self._look(outcome.stamps)
        if outcome.repeat:
            await self.say_cases(sorted(outcome.repeat))

    async def say_cases(self, cases: Sequence[str]) -> None:
        """Says everything of cases as it stands in their rows; then looks."""
        messages, stamps = await self._rows(cases)
        await self._say(messages)
        await self._look(stamps)

    async def say_some(self, cases: Sequence[str], keys: Collection[tuple[str, str]]) -> None:
        """Says of cases only some keys (case, barrier) as they stand in their rows; then looks."""
        messages, stamps = await self._rows(cases)
        await self._say([one for one in messages if (one.case, one.barrier) in keys])
        await self._look(stamps)

    async def _say(self, messages: Iterable[Spoken]) -> None:
        began = time.monotonic()
        await self.speaker.say(self._message(*one) for one in messages)
        self._seconds.observe(time.monotonic() - began)

    def _observe(self, outcome: Outcome) -> None:
        """Counts how long reports have waited for the changes of barriers that they brought about."""
        received = outcome.received
        since = Counter(
            (barrier, received[case]) for case, barrier, _ in outcome.messages if barrier and case in received
        )
        self._freshness.observe(since, milliseconds())

    async def _look(self, stamps: Stamps) -> None:
        """Reads again where the cases stand; what moved on while it was being said is said again, until nothing did.

        A case that this process has stored meanwhile and says next is left to that.
        """
        for _ in range(_MOST_LOOKS):
            if not stamps:
                return
            listed = ",".join(stamps), ",".join(map(str, stamps.values()))
            rows = await self.pool.fetch(SQL["look"], *listed)
            moved = [case for case, stamp in rows if stamp != self._owed.get(case)]
            if not moved:
                return
            self._again.inc(len(moved))
            messages, stamps = await self._rows(moved)
            await self._say(messages)
        raise RuntimeError("rows kept moving on while they were being said")

    async def _rows(self, cases: Sequence[str]) -> tuple[list[Spoken], Stamps]:
        messages: list[Spoken] = []
        stamps: dict[str, int] = {}
        for case, stamp, hidden, packed in await self.pool.fetch(SQL["rows_to_say"], ",".join(cases)):
            stamps[case] = stamp
            for name, said in unpack_said(packed).items():
                messages.append(Spoken(case, name, None if hidden else message(case, name, said)))
        return messages, stamps

    def _message(self, case: str, barrier: str, value: bytes | None) -> Message:
        key = f"{case}/{barrier}" if barrier else case
        return Message(BOARD_TOPIC, partition_of(case, self.partitions), key.encode(), value)
