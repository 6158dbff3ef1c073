"""Faults in a running region: each happens while a simulation reports, and what became of every report is counted."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

import msgspec

from lotse.simulator import Simulation
from lotse.stack.services import ROOT
from tests.containers.load import assert_true, judge, next_simulation
from tests.containers.reading import caught_up
from tests.containers.region import Region

RESULT = Path("build/faults.json")
#: Many times what it takes to send a day.
_LONG_DAY_SECONDS = 5.0


class Outcome(msgspec.Struct, frozen=True, rename="camel"):
    """What a fault cost. `sent` reports in the whole load; `lost` of them have no receipt; `wrong` receipts and fields
    of the board are not what they must be; `recover_seconds` from the fault's end until all that had been reported by
    then was worked on.
    """

    fault: str
    sent: int
    lost: int
    wrong: int
    recover_seconds: float


def keep(outcome: Outcome, place: Path = ROOT / RESULT) -> None:
    """Writes an outcome into build/faults.json, instead of an older one of the same fault."""
    known = msgspec.json.decode(place.read_bytes(), type=list[Outcome]) if place.exists() else []
    others = [one for one in known if one.fault != outcome.fault]
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(msgspec.json.format(msgspec.json.encode([*others, outcome])) + b"\n")


class Load:
    """A simulation under way in which one fault happens. It reports slowly as long as the fault and its end last."""

    def __init__(self, region: Region, fault: Fault, begin: int, pace: float) -> None:
        self._region, self._fault, self._begin, self._pace = region, fault, begin, pace
        self._task: asyncio.Task[float] | None = None
        self._day, self._ended = 0, False
        self._moved = asyncio.Condition()

    async def between(self, _: date) -> None:
        """A day was sent."""
        async with self._moved:
            self._day += 1
            self._moved.notify_all()
        if self._day == self._begin:
            self._task = asyncio.create_task(self._happen())
        if self._task is not None and not self._task.done():
            # Not only a pause: the load goes on at once when the fault is over.
            await asyncio.wait({self._task}, timeout=self._pace)

    async def days(self, number: int) -> None:
        """Returns when so many further days were sent, or all; at the latest when a day took far too long, since the
        fault may be what keeps the days from being sent.
        """
        wanted = self._day + number
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(number * _LONG_DAY_SECONDS), self._moved:
                await self._moved.wait_for(lambda: self._day >= wanted or self._ended)

    async def finish(self) -> float:
        """All days were sent: waits for the end of the fault; returns in how many seconds the line had caught up."""
        async with self._moved:
            self._ended = True
            self._moved.notify_all()
        assert self._task is not None, "the load ended before the fault began"
        return await self._task

    async def _happen(self) -> float:
        await self._fault(self)
        ended = time.monotonic()
        await caught_up(self._region)
        return time.monotonic() - ended


#: Does damage and mends it, while the load that it is given goes on.
Fault = Callable[[Load], Awaitable[None]]


async def under_load(
    region: Region,
    name: str,
    fault: Fault,
    *,
    simulation: Simulation | None = None,
    people: int = 40,
    days: int = 60,
    begin: int = 15,
    pace: float = 0.5,
) -> None:
    """Lets a fault happen on a day of a simulation, keeps the outcome, and fails when anything is lost or wrong.

    `pace` is for how many seconds a day is held up at most while the fault lasts.
    """
    simulation = simulation or await next_simulation(region, people=people, days=days)
    load = Load(region, fault, begin, pace)
    await simulation.send(region.target, load.between)
    seconds = await load.finish()
    judgement = await judge(region, simulation)
    sent = len(simulation.plan().records)
    keep(Outcome(name, sent, judgement.lost, judgement.wrong, round(seconds, 1)))
    assert_true(judgement)
