"""The post: offices put their records on the broker in the order of the days, and the clock is told which began."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from types import TracebackType
from typing import Any, Self

import httpx
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, UnknownTopicOrPartitionError

from lotse.errors import ExplainedError
from lotse.simulator.report import Record
from shared.contracts.topics import institution_of
from shared.platform.access import Login
from shared.platform.senders import Senders

#: Where a record stands on the broker: topic, partition, offset.
Place = tuple[str, int, int]

#: How long an office waits for a broker, and a day for the clock, that is away.
_PATIENCE_SECONDS = 180.0
_PAUSE = 0.25
#: So a broker that is away shows itself, before anything was taken: the third to a producer that had not yet asked
#: where the topic is; the last where the broker has come back and has no leader yet (aiokafka iterates over None).
_AWAY = (KafkaConnectionError, KafkaTimeoutError, UnknownTopicOrPartitionError, TypeError)


class Post:
    """What the offices send, each as itself; use it with `async with`. `places` has each record's place, by number."""

    def __init__(self, login: Login) -> None:
        self._senders = Senders(login)
        self.places: list[Place] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._senders.__aexit__(kind, error, trace)

    async def send(self, records: Sequence[Record]) -> None:
        """Sends the records of one day and returns when the broker has them; one that is away is waited for.

        Raises KafkaError.
        """
        sent = [await self._hand_over(record) for record in records]
        for done in await asyncio.gather(*sent):
            self.places.append((done.topic, done.partition, done.offset))

    async def _hand_over(self, record: Record) -> Awaitable[Any]:
        """Gives a record to its office's producer. One that was not taken may be given again; it is not there twice."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while True:
            try:
                producer = await self._senders.of(institution_of(record.topic))
                taken: Awaitable[Any] = await producer.send(
                    record.topic, record.value, key=record.key.encode(), headers=list(record.headers)
                )
                return taken
            except _AWAY:
                if asyncio.get_running_loop().time() > deadline:
                    raise
            await asyncio.sleep(_PAUSE)


class Clock:
    """The manual clock of a running Lotse. `url` is that of its HTTP server; `transport` is for tests without one."""

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = f"{url}/v1/days"
        self._client = httpx.AsyncClient(timeout=30, trust_env=False, transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def say(self, until: date, first: date) -> None:
        """Lets every day up to `until` begin, from `first` on when none has begun yet. It may be repeated at any time.

        A clock that is away is waited for. Raises ExplainedError when it does not come back, or is not a manual one.
        """
        body = {"until": until.isoformat(), "from": first.isoformat()}
        answer = await self._patiently(lambda: self._client.post(self._url, json=body))
        if answer.status_code == 409:
            raise ExplainedError(
                de="Die Uhr dieses Lotse folgt dem Kalender. Die Simulation braucht `lotse up --clock manual`.",
                en="The clock of this Lotse follows the calendar. The simulation needs `lotse up --clock manual`.",
            )
        if answer.status_code >= 400:
            raise ExplainedError(
                de=f"Die Uhr nimmt den {until} nicht an ({answer.status_code}): {answer.text[:300]}",
                en=f"The clock does not take {until} ({answer.status_code}): {answer.text[:300]}",
            )

    async def day(self) -> tuple[date | None, bool]:
        """The newest day that has begun, None when none has; and whether days are set by hand."""
        answer = await self._patiently(lambda: self._client.get(self._url))
        answer.raise_for_status()
        told = answer.json()
        return (date.fromisoformat(told["day"]) if told["day"] else None), bool(told["manual"])

    async def _patiently(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """Asks until the clock answers with anything but its own trouble."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while True:
            try:
                answer = await ask()
                if answer.status_code < 500:
                    return answer
                trouble = f"HTTP {answer.status_code}"
            except httpx.HTTPError as error:
                trouble = type(error).__name__
            if asyncio.get_running_loop().time() > deadline:
                raise ExplainedError(
                    de=f"Die Uhr antwortet nicht unter {self._url} ({trouble}).",
                    en=f"The clock does not answer at {self._url} ({trouble}).",
                )
            await asyncio.sleep(_PAUSE)
