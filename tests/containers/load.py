"""Load for a region: simulation after simulation, each beginning on the day after the newest, each judged alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from lotse.simulator import Simulation
from lotse.simulator.comparison import Comparison
from lotse.simulator.plan import FIRST_DAY
from lotse.simulator.post import Clock
from lotse.simulator.receipts import Verdicts
from tests.containers.region import Region

#: How long nothing may change before the line is taken to stand still: longer than any pause of a service that waits.
QUIET_SECONDS = 75.0
_DEADLINE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a simulation: its receipts, and the board held against the truth."""

    verdicts: Verdicts
    comparison: Comparison

    @property
    def lost(self) -> int:
        """Records that have no receipt."""
        return sum(one.answer is None for one in self.verdicts.surprises)

    @property
    def wrong(self) -> int:
        """Receipts that are not what they must be, and fields of the board that are not true."""
        return len(self.verdicts.surprises) - self.lost + len(self.comparison.differences)

    def told(self) -> str:
        """The first of what is lost or wrong, for whoever reads the failure."""
        lines = [f"{one.record.report.id} {one.record.codes} {one.answer}" for one in self.verdicts.surprises[:5]]
        return "\n".join([*lines, *map(str, self.comparison.differences[:5])])


async def next_simulation(region: Region, *, people: int = 40, days: int = 60, seed: int = 1) -> Simulation:
    """A simulation of other people, on the days that follow."""
    async with Clock(region.url("clock")) as clock:
        newest, _ = await clock.day()
    first = newest + timedelta(1) if newest else FIRST_DAY
    return Simulation(region.institutions, seed=seed, people=people, days=days, first=first)


async def judge(region: Region, simulation: Simulation) -> Judgement:
    """Waits until receipts and board are right, or stand still."""
    verdicts, comparison = await asyncio.gather(
        simulation.receipts(region.target, QUIET_SECONDS),
        simulation.check(region.target.coordinator_url, QUIET_SECONDS, _DEADLINE_SECONDS),
    )
    return Judgement(verdicts, comparison)


def assert_true(judgement: Judgement) -> None:
    """Nothing is lost and nothing is wrong."""
    assert (judgement.lost, judgement.wrong) == (0, 0), judgement.told()
    assert judgement.comparison.right == judgement.comparison.people > 0
