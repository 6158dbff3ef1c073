"""One simulation from plan to comparison: for the demo, for `lotse simulate`, and for tests that interfere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from pathlib import Path

from lotse.simulator.comparison import Comparison, compare
from lotse.simulator.plan import FIRST_DAY, Plan, make_plan
from lotse.simulator.post import Clock, Place, Post
from lotse.simulator.receipts import Letterbox, Verdicts
from lotse.simulator.region import read_region
from lotse.simulator.story import BARRIERS, Happening, Phase
from lotse.simulator.truth import in_full
from shared.platform.access import Login

#: Called after each day that was sent.
Between = Callable[[date], Awaitable[None]]

#: How long nothing may change before the line is taken to stand still although something is missing.
_QUIET_SECONDS = 20.0
_DEADLINE_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Target:
    """The running Lotse that a simulation reports to. Without `clock_url` its days begin by themselves."""

    login: Login
    clock_url: str
    coordinator_url: str


async def _go_on(_: date) -> None:
    """Nobody interferes."""


class Simulation:
    """A seeded simulation of a region over so many days. `institutions` is the institutions file.

    `plan` tells beforehand what will be sent and what will be true. `send` plays it, `receipts` and `check` wait for
    the line and judge it; all three may be called while processes die and come back.
    """

    def __init__(
        self, institutions: Path, *, seed: int = 1, people: int = 500, days: int = 365, first: date = FIRST_DAY
    ) -> None:
        self.seed, self.people, self.days, self.first = seed, people, days, first
        self.region = read_region(institutions)
        self.places: list[Place] = []
        self._letterbox: Letterbox | None = None

    @cached_property
    def _plan(self) -> Plan:
        return make_plan(self.region, seed=self.seed, people=self.people, days=self.days, first=self.first)

    def plan(self) -> Plan:
        """Every record with its day and expectation, every person with the truth."""
        return self._plan

    async def send(self, target: Target, between: Between = _go_on, days_at_once: int = 1) -> None:
        """Sends the records of so many days as fast as the broker takes them, lets these days begin, and goes on to the
        next; waits for no board.
        """
        plan = self.plan()
        async with Post(target.login) as post, Clock(target.clock_url) as clock:
            self.places = post.places

            async def begin(day: date) -> None:
                if target.clock_url:
                    await clock.say(day, plan.first)

            # A clock that nobody may set refuses the first day; nothing has been reported then.
            await begin(plan.first)
            every_day = plan.days()
            while days := list(islice(every_day, days_at_once)):
                records = [record for _, sent in days for record in sent]
                await asyncio.gather(begin(days[-1][0]), post.send(records))
                for day, _ in days:
                    await between(day)

    async def receipts(self, target: Target, quiet: float = _QUIET_SECONDS) -> Verdicts:
        """Reads all receipts from the beginning and judges them, when all are there or none has come for so long."""
        letterbox = Letterbox(target.login, list(self.region.offices))
        try:
            await letterbox.start()
            return await letterbox.await_all(self.plan().records, self.places, quiet)
        finally:
            await letterbox.stop()

    async def check(
        self, api_url: str, quiet: float = _QUIET_SECONDS, deadline: float = _DEADLINE_SECONDS
    ) -> Comparison:
        """Waits for the board and holds it against the truth of every person."""
        plan = self.plan()
        return await compare(api_url, plan.truths, beside=plan.beside, patience=quiet, deadline=deadline)

    def life(self, case: str) -> list[str]:
        """What happened in a life, and what the story says of each barrier: for somebody who looks for a bug."""
        plan = self.plan()
        story = plan.stories.get(case)
        if story is None:
            beside = (tale for tales in plan.market.tales for tale in tales if tale.subject == case)
            return [_line(one) for tale in beside for one in tale.happenings]
        told = [(one.day, 0, _line(one)) for one in story.happenings]
        for way in story.introductions:
            if way.opening:
                told += [
                    (offer.day, 1, f"{offer.day} → {way.opening.id}: {offer.status} {offer.terms}")
                    for offer in way.opening.offers
                ]
        for barrier in BARRIERS:
            told += [(phase.day, 2, f"{phase.day} → {barrier}: {_meaning(phase)}") for phase in in_full(story, barrier)]
        return [text for _, _, text in sorted(told)]


def _line(one: Happening) -> str:
    return f"{one.day} {one.service} {one.fact} /{one.by} {dict(one.data)}"


def _meaning(phase: Phase) -> str:
    bridged = f", by {', '.join(phase.bridged_by)}" if phase.bridged_by else ""
    return f"{phase.status}{bridged}, turn {phase.turn}, due {phase.due}, stalled from {phase.stalled_from}"
