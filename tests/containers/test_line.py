"""The simulator's truth and the laws on Apache Kafka and PostgreSQL, each institution through its own credentials."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

from lotse.simulator.comparison import Board
from lotse.simulator.post import Clock, Post
from tests.containers.load import assert_true, judge, next_simulation
from tests.containers.operating import KEEPERS, aside, inside
from tests.containers.reading import caught_up, said_is_stored
from tests.containers.region import Region


async def test_the_board_is_true(region: Region) -> None:
    """Every record has the receipt that it must have, and of everybody the board says what is true."""
    simulation = await next_simulation(region, people=40, days=120)
    await simulation.send(region.target)
    assert_true(await judge(region, simulation))
    _verify(region)


async def test_said_is_stored(region: Region) -> None:
    """Law 3: after quiet and one anti-entropy the newest record of each key of a compacted topic equals its row."""
    await caught_up(region)
    await asyncio.gather(*(aside(inside, region, service, "anti-entropy") for service in KEEPERS))
    await caught_up(region)
    assert await said_is_stored(region) == []


async def test_the_topics_can_be_thrown_away(region: Region) -> None:
    """Law 6: one command stops the services, makes the topics anew, lets all be said again; the board is the same."""
    await caught_up(region)
    before = await _board(region)
    assert before
    await aside(region.lotse, "topics", "recreate")
    await caught_up(region)
    assert await _board(region) == before
    assert await said_is_stored(region) == []
    _verify(region)


async def test_order_and_repetition_do_not_matter(region: Region) -> None:
    """Law 1: the reports of two months at once, in any order and some of them twice, give the same board."""
    simulation = await next_simulation(region, people=25, days=60)
    plan = simulation.plan()
    rng = random.Random(1)
    # Which of two contents of one id is stored depends on which came first.
    kept = [record for record in plan.records if "id.reused" not in record.codes]
    mixed = [*kept, *rng.choices(kept, k=len(kept) // 4)]
    rng.shuffle(mixed)
    async with Post(region.login) as post, Clock(region.url("clock")) as clock:
        await clock.say(plan.last, plan.first)
        await post.send(mixed)
    await caught_up(region)
    comparison = await simulation.check(region.url("coordinator"))
    assert comparison.differences == []
    assert comparison.right == simulation.people


def _verify(region: Region) -> None:
    """Law 5: a board made anew from the topics answers the same of every case."""
    told = json.loads(inside(region, "coordinator", "rebuild", "--verify", "--json"))
    assert told["cases"] > 0
    assert told["different"] == 0, told


async def _board(region: Region) -> dict[str, Any]:
    async with Board(region.url("coordinator")) as board:
        return await board.details(sorted(await board.cases()))
