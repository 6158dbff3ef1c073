"""The whole line with real broker, database and services: a simulated year, undisturbed and with processes dying."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from lotse.simulator import Simulation, Target
from lotse.simulator.plan import FIRST_DAY
from lotse.simulator.post import Clock
from lotse.stack import Options, Stack
from lotse.stack.recreate import recreate_topics
from lotse.stack.running import run_service
from lotse.stack.stack import POSTGRES
from lotse.stack.supervisor import Event
from shared.platform.access import logins
from tests.support.eventually import until

#: How long a whole line may stand still after a kill: a member of a consumer group that died is missed for some time.
QUIET_SECONDS = 45.0


@pytest.fixture(scope="module")
async def stack() -> AsyncIterator[Stack]:
    """A stack whose clock is set by hand, for several simulations one after the other."""
    async with Stack(Options(environment={"LOTSE_CLOCK": "manual"})) as running:
        yield running


def target(stack: Stack) -> Target:
    """Where the simulation reports to."""
    return Target(logins(stack.access, None), stack.urls["clock"], stack.urls["coordinator"])


async def next_simulation(stack: Stack, *, seed: int, people: int, days: int) -> Simulation:
    """A simulation that begins on the day after the newest one."""
    async with Clock(stack.urls["clock"]) as clock:
        newest, _ = await clock.day()
    first = newest + timedelta(1) if newest else FIRST_DAY
    return Simulation(stack.options.institutions, seed=seed, people=people, days=days, first=first)


async def assert_true(simulation: Simulation, stack: Stack) -> None:
    """Every receipt is as it must be, and the board is true of everybody."""
    verdicts = await simulation.receipts(target(stack), QUIET_SECONDS)
    assert [(one.record.mistake, one.record.codes, one.answer) for one in verdicts.surprises] == []
    comparison = await simulation.check(stack.urls["coordinator"], QUIET_SECONDS)
    assert comparison.differences == []


async def test_after_a_year_the_board_is_true_and_can_be_made_anew(stack: Stack) -> None:
    """Laws 5 and 6 on a line that worked a year: rebuilt from the topics, then the topics from the rows."""
    simulation = await next_simulation(stack, seed=3, people=120, days=365)
    await simulation.send(target(stack))
    await assert_true(simulation, stack)
    await run_service(stack.environment("coordinator"), "coordinator", "rebuild", "--verify")
    await recreate_topics(stack)
    assert (await simulation.check(stack.urls["coordinator"], QUIET_SECONDS)).differences == []


async def test_a_further_simulation_goes_on_where_the_last_one_ended(stack: Stack) -> None:
    """Other people, the days after; nobody's reports are taken for somebody else's."""
    for _ in range(2):
        simulation = await next_simulation(stack, seed=3, people=30, days=40)
        await simulation.send(target(stack))
        await assert_true(simulation, stack)


@pytest.mark.parametrize("seed", [5])
async def test_kill_9_of_anything_at_any_moment_leaves_the_board_true(seed: int) -> None:
    """Every service, the coordinator, the clock and PostgreSQL die, each twice, while a year goes by."""
    deaths: list[Event] = []
    options = Options(environment={"LOTSE_CLOCK": "manual"}, tell=deaths.append)
    async with Stack(options) as stack:
        chance = random.Random(seed)
        victims = [*stack.services, POSTGRES] * 2
        chance.shuffle(victims)
        days = sorted(chance.sample(range(365), len(victims)))
        simulation = Simulation(options.institutions, seed=seed, people=120)
        kills: list[asyncio.Task[None]] = []
        turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

        async def kill(name: str) -> None:
            # One death after the other: the second is of the process that came back.
            async with turns[name], asyncio.timeout(60):
                await stack.ready(name)
                starts = stack.status()[name]["starts"]
                await stack.kill(name)

                async def is_back() -> bool:
                    return bool(stack.status()[name]["starts"] != starts)

                await until(f"{name} is started again", is_back)

        async def disturb(day: date) -> None:
            if days and (day - simulation.first).days >= days[0]:
                days.pop(0)
                kills.append(asyncio.create_task(kill(victims.pop())))

        await simulation.send(target(stack), disturb)
        await asyncio.gather(*kills)
        killed = Counter(event.name for event in deaths if event.kind == "died")
        assert killed == dict.fromkeys([*stack.services, POSTGRES], 2)
        await assert_true(simulation, stack)
