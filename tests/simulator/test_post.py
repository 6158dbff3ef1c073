"""The clock as the simulator sets it."""

from __future__ import annotations

from datetime import date

import httpx
import pytest

from lotse.errors import ExplainedError
from lotse.simulator.post import Clock

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
