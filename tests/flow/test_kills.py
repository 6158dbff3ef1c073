"""kill −9 of every process but the broker, at random moments of a simulation: the board is still true."""

from __future__ import annotations

import asyncio
import random
from datetime import date

from lotse.simulator import Simulation, Target
from lotse.stack import Options, Stack
from lotse.stack.errors import StackError
from lotse.stack.services import default_institutions
from shared.platform.access import logins

VICTIMS = ("intake", "recognition", "coordinator", "clock", "postgres")


class Reaper:
    """Kills each process once, and some a second time, at moments drawn beforehand."""

    def __init__(self, stack: Stack, seed: int, days: int) -> None:
        rng = random.Random(seed)
        victims = [*VICTIMS, *rng.sample(VICTIMS, 2)]
        self._stack = stack
        self._plan = {
            number: (name, rng.random() * 0.3)
            for number, name in zip(rng.sample(range(2, days), len(victims)), victims, strict=True)
        }
        self._day = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.killed: list[str] = []

    async def after(self, _: date) -> None:
        """A day was sent."""
        self._day += 1
        if self._day in self._plan:
            self._tasks.append(asyncio.create_task(self._kill(*self._plan[self._day])))
        # The line must have something in hand at most deaths.
        await asyncio.sleep(0)

    async def _kill(self, name: str, delay: float) -> None:
        # Nothing is awaited here: the delay draws the moment of the death.
        await asyncio.sleep(delay)
        await self._stack.ready(name)
        try:
            await self._stack.kill(name)
        except StackError:
            return
        self.killed.append(name)

    async def finish(self) -> None:
        """Waits for the last death and for everybody's return."""
        await asyncio.gather(*self._tasks)
        for name in VICTIMS:
            await self._stack.ready(name)


async def test_the_board_is_true_although_every_process_was_killed() -> None:
    """Nothing is lost, every receipt is what it must be, whoever died in the middle of whatever."""
    simulation = Simulation(default_institutions(), seed=11, people=60, days=150)
    simulation.plan()
    async with Stack(Options(environment={"LOTSE_CLOCK": "manual", "LOTSE_LOG_LEVEL": "warning"})) as stack:
        target = Target(logins(stack.access, None), stack.urls["clock"], stack.urls["coordinator"])
        reaper = Reaper(stack, seed=11, days=140)
        await simulation.send(target, reaper.after)
        await reaper.finish()
        verdicts, comparison = await asyncio.gather(
            simulation.receipts(target), simulation.check(target.coordinator_url)
        )
        assert set(reaper.killed) == set(VICTIMS)
        assert verdicts.surprises == []
        assert comparison.differences == []
        assert comparison.right == simulation.people
