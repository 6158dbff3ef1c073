"""One record may touch rows of other subjects: a stall's price its visits."""

from __future__ import annotations

import asyncio

import pytest

from tests.engine import toy
from tests.engine.harness import Rig, case, event

STALL, OTHER = case(100), case(101)


def _price(price: int, day: str = "2026-05-02", stall: str = STALL, **more: str) -> dict[str, object]:
    return event("outreach", "stall-priced", stall, stallId=stall, price=price, day=day, **more)


def _visit(number: int, stall: str = STALL, **more: str) -> dict[str, object]:
    return event("outreach", "visited", case(number), visitId="v", stallId=stall, **more)


async def test_children_follow_their_parent_in_chunks(market: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Visits to a stall that nobody priced are accepted, and get its terms by themselves, whatever came first."""
    monkeypatch.setattr("shared.engine.aftermath._CHILDREN", 3)
    await market.deal_with(*(_visit(n) for n in range(1, 9)))
    assert "terms" not in await market.state(4, "visit-v")
    await market.deal_with(_price(10), _visit(9))
    for number in (1, 8, 9):
        assert (await market.state(number, "visit-v"))["terms"]["price"] == 10
    await market.verify()


async def test_a_child_that_moved_to_another_parent_no_longer_waits_for_the_first(market: Rig) -> None:
    """A correction links a visit to another stall; the old stall's changes then leave it alone and come to an end."""
    await market.deal_with(_price(10), _price(20, stall=OTHER), _visit(1, id="v-1"))
    await market.deal_with(_visit(1, stall=OTHER, corrects="v-1"))
    assert (await market.state(1, "visit-v"))["terms"]["price"] == 20
    async with asyncio.timeout(30):
        await market.deal_with(_price(11, day="2026-05-03"))
    assert (await market.state(1, "visit-v"))["terms"]["price"] == 20
    await market.verify()


async def test_children_that_fail_stop_neither_their_parent_nor_each_other(market: Rig) -> None:
    """A child that the rules stumble over keeps its state; the chunks go on and end."""
    await market.deal_with(_visit(1), _visit(2))
    real = toy.visit

    def stumble(facts, context):  # type: ignore[no-untyped-def]
        if context.parents.get(STALL, {}).get("price") == 13 and any(fact.source == "/ihk" for fact in facts):
            raise ZeroDivisionError
        return real(facts, context)

    kind = next(kind for kind in market.service.book.kinds if kind.prefix == "visit-")
    object.__setattr__(kind, "derive", stumble)
    try:
        await market.deal_with(_visit(3, source="/ihk"), institution="ihk")
        async with asyncio.timeout(30):
            await market.deal_with(_price(13))
        assert "terms" not in await market.state(3, "visit-v")
        assert (await market.state(1, "visit-v"))["terms"]["price"] == 13
        assert await market.pool.fetchval("select count(*) from item where fault") == 1
        await market.verify()
    finally:
        object.__setattr__(kind, "derive", real)
    await market.parts.upkeep.rederive()
    assert (await market.state(3, "visit-v"))["terms"]["price"] == 13
    assert await market.pool.fetchval("select count(*) from item where fault") == 0
    await market.verify()


async def test_rederive_takes_children_along(market: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """New rules for a stall reach its visits, whose keys come before or after the stall's."""
    await market.deal_with(_price(10), _visit(1), _visit(200))
    monkeypatch.setattr("tests.engine.toy.DISCOUNT", 3)
    await market.parts.upkeep.rederive()
    for number in (1, 200):
        assert (await market.state(number, "visit-v"))["terms"]["price"] == 7
    await market.verify()


async def test_batches_that_change_and_read_parents_at_once_do_not_block_each_other(market: Rig) -> None:
    """Parents are locked first and in key order, so crossing batches follow each other without a deadlock."""
    store, retries = market.parts.store, 0
    for day in range(1, 6):
        batches = [
            [_price(day, f"2026-05-0{day}"), _visit(1, stall=OTHER), _visit(2)],
            [_price(day, f"2026-05-0{day}", stall=OTHER), _visit(2, stall=OTHER), _visit(1)],
        ]
        halves = []
        for batch in batches:
            await market.send(*batch)
            halves.append(await market.new_records())
        results = await asyncio.gather(*(market.parts.ingest.handle(half) for half in halves), return_exceptions=True)
        retries += sum(isinstance(result, BaseException) for result in results)
    assert retries == 0
    assert store.service is toy.MARKET
    await market.verify()
