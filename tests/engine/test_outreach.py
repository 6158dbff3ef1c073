"""Outreach itself on the engine: introductions and their opening, in whatever order they are reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from services.outreach.__main__ import SERVICE
from tests.engine.harness import case, event, rig, topics_of
from tests.support.hires import OFFER
from tests.support.servers import Broker

JOB = case(100)


def _opening(fact: str, day: str, **data: Any) -> dict[str, Any]:
    return event("outreach", f"opening-{fact}", JOB, openingId=JOB, day=day, **data)


def _introduced(number: int) -> dict[str, Any]:
    return event("outreach", "candidate-introduced", case(number), introductionId="a1", openingId=JOB, day="2026-05-04")


async def test_introductions_follow_their_opening_until_the_hire(database: str, broker: Broker, tmp_path: Path) -> None:
    """Accepted before the opening is known, said again when it is and when it changes; a hire freezes the terms."""
    await broker.create(*topics_of(SERVICE))
    async with rig(SERVICE, database, broker, tmp_path) as outreach:

        async def terms(number: int) -> Any:
            return (await outreach.state(number, "introduction-a1")).get("terms")

        await outreach.deal_with(*(_introduced(number) for number in range(1, 4)))
        assert await terms(1) is None
        assert [one["data"]["code"] for one in await outreach.receipts()] == ["ok"] * 3
        await outreach.deal_with(_opening("published", "2026-05-01", **OFFER))
        assert [(await terms(number))["minGermanLevel"] for number in range(1, 4)] == ["A2"] * 3
        hired = {"start": "2026-06-01", "hireKind": "insured", "kldb": "29222", "weeklyHours": 38.5}
        await outreach.deal_with(
            event("outreach", "hired", case(1), introductionId="a1", day="2026-05-12", **hired),
            _opening("changed", "2026-05-20", minGermanLevel="B1"),
        )
        assert [(await terms(number))["minGermanLevel"] for number in range(1, 4)] == ["A2", "B1", "B1"]
        await outreach.deal_with(_opening("filled", "2026-05-21"))
        assert [(await terms(number))["status"] for number in (1, 2)] == ["published", "filled"]
        foreign = event("outreach", "opening-filled", case(101), openingId=JOB)
        await outreach.deal_with(foreign)
        receipts = [one["data"] for one in await outreach.receipts()]
        refused = [one for one in receipts if one["verdict"] == "rejected"]
        assert [(one["code"], one["path"]) for one in refused] == [("data.invalid", "/data/openingId")]
        await outreach.verify()
