"""The post: reports on their way to the broker, and the clock as the simulator sets it."""

from __future__ import annotations

import asyncio
from datetime import date
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from aiokafka.errors import KafkaTimeoutError, UnknownTopicOrPartitionError

from lotse.errors import ExplainedError
from lotse.simulator import Simulation
from lotse.simulator.post import Clock, Post
from lotse.stack.services import default_institutions
from shared.platform.access import Access

DAY = date(2026, 6, 3)


async def test_a_clock_that_dies_is_waited_for_and_told_again() -> None:
    """Saying a day may be repeated, so nothing is lost and nothing comes twice."""
    answers = iter([None, httpx.Response(503), httpx.Response(200, json={"day": "2026-06-03"})])
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.content)
        response = next(answers)
        if response is None:
            raise httpx.ConnectError("gone", request=request)
        return response

    async with Clock("http://clock", transport=httpx.MockTransport(answer)) as clock:
        await clock.say(DAY, DAY)
    assert len(asked) == 3
    assert len(set(asked)) == 1


async def test_a_clock_that_follows_the_calendar_is_told_apart() -> None:
    """The person reads which Lotse the simulation needs."""
    transport = httpx.MockTransport(lambda _: httpx.Response(409, json={"type": "…"}))
    async with Clock("http://clock", transport=transport) as clock:
        with pytest.raises(ExplainedError, match="--clock manual"):
            await clock.say(DAY, DAY)


@pytest.mark.parametrize(("said", "newest"), [(None, None), ("2026-06-03", DAY)])
async def test_the_newest_day_is_asked_for(said: str | None, newest: date | None) -> None:
    """A clock that never said a day knows none."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"day": said, "manual": True}))
    async with Clock("http://clock", transport=transport) as clock:
        assert await clock.day() == (newest, True)


class _Away:
    """A producer whose broker is away for the first two sends."""

    def __init__(self) -> None:
        self.tries, self.taken = 0, list[bytes]()

    async def send(self, topic: str, value: bytes, **_: Any) -> asyncio.Future[Any]:
        self.tries += 1
        if self.tries <= 3:
            raise (KafkaTimeoutError, UnknownTopicOrPartitionError, TypeError)[self.tries - 1]
        self.taken.append(value)
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        done.set_result(SimpleNamespace(topic=topic, partition=0, offset=len(self.taken) - 1))
        return done


async def test_a_broker_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not taken is given again, in order and once."""
    away = _Away()
    post = Post(lambda _: Access("nowhere"))

    async def of(_: str) -> _Away:
        return away

    monkeypatch.setattr(post._senders, "of", of)
    records = Simulation(default_institutions(), people=2, days=30).plan().records[:5]
    await post.send(records)
    assert away.taken == [record.value for record in records]
    assert [place[2] for place in post.places] == [0, 1, 2, 3, 4]
