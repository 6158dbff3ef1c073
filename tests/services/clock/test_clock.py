"""The clock on a real broker: by hand, by the wall, and over its own death."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from aiokafka import ConsumerRecord
from starlette.applications import Starlette

from lotse.stack import Options, Stack
from services.clock.api import Api
from services.clock.clock import Clock
from shared.contracts.topics import CLOCK_TOPIC
from shared.engine.replay import replay
from shared.engine.say import Message, Speaker
from shared.platform.metrics import Metrics
from tests.support.servers import Broker, settings_for


@dataclass
class Rig:
    """A clock, its HTTP client, and what it takes for now."""

    clock: Clock
    client: httpx.AsyncClient
    speaker: Speaker
    broker: Broker
    now: datetime

    async def days(self) -> list[str]:
        """What stands on the topic, in order."""
        return await days_on(self.broker)


async def days_on(broker: Broker) -> list[str]:
    """All days on a broker's topic, in order."""
    found: list[str] = []

    async def take(records: Sequence[ConsumerRecord]) -> None:
        found.extend(msgspec.json.decode(record.value)["data"]["day"] for record in records)

    await replay(settings_for("clock", broker=broker), [CLOCK_TOPIC], take)
    return found


@asynccontextmanager
async def clock_on(broker: Broker, *, manual: bool = True, start: bool = True) -> AsyncIterator[Rig]:
    """A clock on a broker; a further one on the same broker is a restart."""
    settings = settings_for("clock", broker=broker)
    metrics = Metrics()
    speaker = Speaker(settings, metrics)
    await speaker.start()
    transport = httpx.ASGITransport(Starlette())
    async with httpx.AsyncClient(transport=transport, base_url="http://clock") as client:
        rig = Rig(Clock(settings, speaker, metrics, lambda: rig.now), client, speaker, broker, datetime.now(UTC))
        transport.app = Starlette(routes=Api(rig.clock, manual=manual).routes())
        if start:
            await rig.clock.start()
        try:
            yield rig
        finally:
            await speaker.stop()


@pytest.fixture
async def topic(broker: Broker) -> Broker:
    """A broker with the clock's topic."""
    await broker.create(CLOCK_TOPIC)
    return broker


async def test_the_published_document_names_what_is_answered(topic: Broker) -> None:
    """Both methods of the one path, with the fields of an order by the names that are taken."""
    async with clock_on(topic) as rig:
        document = (await rig.client.get("/openapi.json")).json()
        order = document["components"]["schemas"]["Order"]
        assert set(document["paths"]["/v1/days"]) == {"get", "post"}
        assert set(order["properties"]) == {"until", "from"} and order["required"] == ["until"]
        answer = await rig.client.post("/v1/days", json=dict.fromkeys(order["properties"], "2026-06-01"))
        assert answer.json() == {"day": "2026-06-01", "manual": True}
        assert document["components"]["schemas"]["Answer"]["required"] == [*answer.json()]


async def test_by_hand_days_begin_when_they_are_told_to(topic: Broker) -> None:
    """All of them, in order; again is no change, nor is a day before; `from` counts only the first time."""
    async with clock_on(topic) as rig:
        assert (await rig.client.get("/v1/days")).json() == {"day": None, "manual": True}
        orders = [
            ({"until": "2026-01-02", "from": "2025-12-30"}, "2026-01-02"),
            ({"until": "2026-01-02", "from": "2025-12-30"}, "2026-01-02"),
            ({"until": "2025-06-01"}, "2026-01-02"),
            ({"until": "2026-01-04", "from": "2020-01-01"}, "2026-01-04"),
        ]
        for order, newest in orders:
            answer = await rig.client.post("/v1/days", json=order)
            assert (answer.status_code, answer.json()) == (200, {"day": newest, "manual": True})
        assert (await rig.client.get("/v1/days")).json() == {"day": "2026-01-04", "manual": True}
        assert await rig.days() == ["2025-12-30", "2025-12-31", "2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"]


async def test_orders_at_once_leave_no_day_out_and_say_none_twice(topic: Broker) -> None:
    """Each is answered with a day at least as late as it asked for."""
    async with clock_on(topic) as rig:
        await rig.client.post("/v1/days", json={"until": "2026-01-01"})
        wanted = [f"2026-01-{number:02}" for number in (9, 5, 30, 12, 31)]
        answers = await asyncio.gather(*(rig.client.post("/v1/days", json={"until": day}) for day in wanted))
        assert all(answer.json()["day"] >= day for answer, day in zip(answers, wanted, strict=True))
        assert await rig.days() == [f"2026-01-{number:02}" for number in range(1, 32)]


async def test_a_year_at_once_is_acknowledged_before_the_answer(topic: Broker) -> None:
    """A virtual year runs in a moment."""
    async with clock_on(topic) as rig:
        await rig.client.post("/v1/days", json={"until": "2026-12-31", "from": "2026-01-01"})
        assert len(await rig.days()) == 365


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b'{"until": "2026-02-30"}', b'{"until": "tomorrow"}', b'{"until": "2026-06-03", "till": 1}',
     b'{"until": "9999-12-31"}', b'{"until": 20260603}'],
)  # fmt: skip
async def test_orders_that_make_no_sense_are_refused(topic: Broker, body: bytes) -> None:
    """In German and English; nothing is said. Days never go back, so a slip of the pen must not reach far."""
    async with clock_on(topic) as rig:
        await rig.client.post("/v1/days", json={"until": "2026-01-01"})
        answer = await rig.client.post("/v1/days", content=body)
        assert answer.status_code == 400
        assert set(answer.json()["message"]) == {"de", "en"}
        assert await rig.days() == ["2026-01-01"]


async def test_the_wall_clock_takes_no_orders(topic: Broker) -> None:
    """Nobody can set the days of a clock that follows the calendar."""
    async with clock_on(topic, manual=False) as rig:
        answer = await rig.client.post("/v1/days", json={"until": "2026-01-01"})
        assert answer.status_code == 409
        assert "LOTSE_CLOCK=manual" in answer.json()["detail"]
        assert await rig.days() == []


async def test_before_it_knows_the_newest_day_it_says_so(topic: Broker) -> None:
    """An order then would say days twice, or leave some out."""
    async with clock_on(topic, start=False) as rig:
        assert (await rig.client.get("/v1/days")).status_code == 503
        assert (await rig.client.post("/v1/days", json={"until": "2026-01-01"})).status_code == 503


async def test_by_the_wall_each_day_of_berlin_begins(topic: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that were missed; a wall clock that was set back changes nothing."""
    async with clock_on(topic, manual=False) as rig:
        pauses: list[float] = []

        async def sleep(seconds: float) -> None:
            pauses.append(seconds)

        monkeypatch.setattr("services.clock.clock.asyncio.sleep", sleep)
        rig.now = datetime(2026, 3, 1, 22, 59, 50, tzinfo=UTC)
        for step in (timedelta(), timedelta(seconds=10), timedelta(days=3), timedelta(days=-5)):
            rig.now += step
            await rig.clock.follow_the_wall()
        monkeypatch.undo()
        assert await rig.days() == ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"]
        assert pauses[0] == pytest.approx(10, abs=0.1)
        assert max(pauses) <= 30


async def test_a_restart_goes_on_after_the_last_day_said(topic: Broker) -> None:
    """Whatever else stands on the topic."""
    async with clock_on(topic) as rig:
        await rig.client.post("/v1/days", json={"until": "2026-01-02", "from": "2026-01-01"})
        await rig.speaker.say([Message(CLOCK_TOPIC, 0, None, b"noise")])
    async with clock_on(topic) as rig:
        assert rig.clock.newest == date(2026, 1, 2)
        await rig.client.post("/v1/days", json={"until": "2026-01-04", "from": "2020-01-01"})
        assert rig.clock.newest == date(2026, 1, 4)


async def test_kill_9_leaves_no_day_out(tmp_path: Path) -> None:
    """The clock dies again and again while days are ordered: in the end each day stands there, in order."""
    institutions = tmp_path / "institutions.yaml"
    institutions.write_text(
        'region: {name: Musterregion, land: NW, ags: ["05162024"]}\n'
        "institutions:\n  - {id: zag, name: ZAG, kind: competent-body, services: [recognition]}\n"
    )
    options = Options(services=("clock",), environment={"LOTSE_CLOCK": "manual"}, institutions=institutions)
    async with Stack(options) as stack, httpx.AsyncClient(base_url=stack.urls["clock"], trust_env=False) as client:
        for month in range(1, 7):
            order = {"until": f"2026-{month:02}-28", "from": "2026-01-01"}
            ordering = asyncio.create_task(client.post("/v1/days", json=order))
            # Each time the order has come a little further.
            await asyncio.sleep(0.002 * month)
            await stack.kill("clock")
            await asyncio.gather(ordering, return_exceptions=True)
            await stack.ready("clock")
            assert (await client.post("/v1/days", json=order)).json() == {"day": order["until"], "manual": True}
        days = await days_on(Broker(stack.brokers))
    first = date(2026, 1, 1)
    expected = [(first + timedelta(days=number)).isoformat() for number in range((date(2026, 6, 28) - first).days + 1)]
    assert sorted(set(days)) == expected
    newest = ""
    for day in days:
        # Said again is allowed, left out is not.
        assert day <= newest or day == expected[expected.index(newest) + 1 if newest else 0]
        newest = max(newest, day)
