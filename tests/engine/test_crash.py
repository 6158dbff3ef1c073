"""A death between any two steps, followed by a redelivery, leaves nothing unsaid."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.engine.harness import Rig, case, event, lamp_event, rig, topics_of
from tests.engine.toy import LAMPS, MARKET
from tests.support.servers import Broker


class Death(BaseException):
    """The process dies here."""


class Scythe:
    """Counts the steps of an engine and kills it at one of them."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def step(self) -> None:
        """One more step was taken."""
        self.count += 1
        if self.count == self.at:
            raise Death

    def around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """Before and after a call are steps."""

        async def call(*arguments: Any, **named: Any) -> Any:
            self.step()
            result = await real(*arguments, **named)
            self.step()
            return result

        return call

    def threaten(self, running: Rig) -> None:
        """Death may come around transactions, around what is said to each partition, and around a look."""
        store, speaker, speech = running.parts.store, running.speaker, running.parts.speech
        for owner, name in (
            (store, "batch"),
            (store, "derive_again"),
            (speaker, "_say_to"),
            (speech, "look"),
        ):
            setattr(owner, name, self.around(getattr(owner, name)))


@asynccontextmanager
async def _fresh(service: Any, database: str, broker: Broker, folder: Path) -> AsyncIterator[Rig]:
    async with rig(service, database, broker, folder) as running:
        running.parts.ingest._chunk = 3
        yield running


async def _die_everywhere(service: Any, database: str, broker: Broker, folder: Path, batches: list[list[Any]]) -> int:
    """Handles batches, dying once at each step of a batch; returns the number of deaths."""
    await broker.create(*topics_of(service))
    deaths = 0
    async with _fresh(service, database, broker, folder) as sender:
        for batch in batches:
            await sender.send(*batch)
            records = await sender.new_records()
            for at in itertools.count(1):
                async with _fresh(service, database, broker, folder) as running:
                    Scythe(at).threaten(running)
                    try:
                        await running.parts.ingest.handle(records)
                    except Death:
                        deaths += 1
                        continue
                    break
            await sender.verify()
    return deaths


async def test_a_death_at_any_step_loses_nothing(database: str, broker: Broker, tmp_path: Path) -> None:
    """Facts, standings, resends, answers: each is said after the redelivery, whatever was said before."""
    first = lamp_event("switched-off", id="off", day="2026-05-02", time="2026-06-01T09:00:00Z")
    batches: list[list[Any]] = [
        [first, lamp_event("noted", id="n", number=2, note="x"), b"{broken"],
        [
            first | {"time": "2026-06-01T07:00:00Z"},
            lamp_event("switched-on", id="on", day="2026-05-02", time="2026-06-01T08:00:00Z"),
            lamp_event("switched-on", id="n", number=2),
            lamp_event("switched-on", id="last", day="2026-05-03"),
        ],
    ]
    assert await _die_everywhere(LAMPS, database, broker, tmp_path, batches) > 20


async def test_a_resend_that_made_a_report_earlier_is_said_after_a_death(
    database: str, broker: Broker, tmp_path: Path
) -> None:
    """The transaction of a resend changes an item; a death before its say must not leave that unsaid."""
    first = lamp_event("switched-off", id="off", time="2026-06-01T09:00:00Z")
    batches: list[list[Any]] = [
        [first, lamp_event("switched-on", id="on", time="2026-06-01T08:30:00Z")],
        [first | {"time": "2026-06-01T08:00:00Z"}],
    ]
    assert await _die_everywhere(LAMPS, database, broker, tmp_path, batches) > 5


async def test_a_death_between_parent_and_children_loses_nothing(database: str, broker: Broker, tmp_path: Path) -> None:
    """A stall's new price reaches all visits and their receipts, wherever the process dies."""
    stall = case(100)
    visits = [event("outreach", "visited", case(n), visitId="v", stallId=stall) for n in range(1, 4)]
    deals = [
        event("outreach", "bought", case(n), visitId="v", stallId=stall, offer=8, day="2026-05-03", id=f"deal-{n}")
        for n in range(1, 4)
    ]
    batches: list[list[Any]] = [
        [*visits, *deals],
        [event("outreach", "stall-priced", stall, stallId=stall, price=10, day="2026-05-02")],
        [event("outreach", "stall-priced", stall, stallId=stall, price=7, day="2026-05-04")],
    ]
    assert await _die_everywhere(MARKET, database, broker, tmp_path, batches) > 15
    async with rig(MARKET, database, broker, tmp_path) as running:
        assert (await running.standings())["deal-1"] == (3, "ok")
        assert (await running.state(2, "visit-v"))["terms"]["price"] == 7
