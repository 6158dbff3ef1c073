"""The producers of institutions: each logs in as itself, those that share an access share a producer."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer

from shared.platform.access import Access, Login
from shared.platform.kafka import start_producer

#: A report that is too large is answered by its service, not by this client.
_MOST_BYTES = 8 << 20


class Senders:
    """Started producers by institution; use it with `async with`."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._producers: dict[Access, AIOKafkaProducer] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(producer.stop() for producer in self._producers.values()))

    async def of(self, institution: str) -> AIOKafkaProducer:
        """The producer with which an institution reports. Raises KafkaError when the broker does not let it in."""
        access = self._login(institution)
        if access not in self._producers:
            self._producers[access] = await start_producer(access, max_request_size=_MOST_BYTES)
        return self._producers[access]
