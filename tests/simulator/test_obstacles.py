"""The obstacle report held against the truth: what must be counted, and what a coordinator answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import httpx

from lotse.simulator.obstacles import Reports, expected_reports, read_reports
from lotse.simulator.plan import Plan
from lotse.simulator.story import BARRIERS
from lotse.simulator.truth import BarrierTruth, Truth

TODAY = date(2026, 6, 3)


def barrier(status: str, since: date = date(2026, 5, 4), turn: str | None = None, *, stalled: bool = False) -> Any:
    """One barrier."""
    return BarrierTruth(status, turn, since, stalled, None, None)


def person(stage: str = "clearing", *, hidden: bool = False, **barriers: BarrierTruth) -> Truth:
    """Somebody with nothing in the way but what is named."""
    return Truth("case", hidden, stage, TODAY, {name: barriers.get(name, barrier("resolved")) for name in BARRIERS})


def test_the_open_barriers_of_everybody_seen_are_counted() -> None:
    """Not of who is hidden or closed; a group of two is only numbered."""
    ages = [date(2026, 6, 3), date(2026, 5, 4), date(2026, 2, 23)]
    people = [person(language=barrier("open", since, "capacity", stalled=since.month == 6)) for since in ages]
    people += [person("hired", language=barrier("lapsed", date(2025, 6, 3)))]
    people += [person(hidden=True, language=barrier("open")), person("closed", language=barrier("open"))]
    people += [person(language=barrier("bridged"), residence=barrier("not-resolvable")) for _ in range(2)]
    assert expected_reports(people, TODAY).obstacles == {
        "asOf": "2026-06-03",
        "by": ["barrier"],
        "items": [
            {
                "barrier": "language",
                "count": 4,
                "medianDays": 30,
                "p80Days": 365,
                "stalledShare": 0.25,
                "turns": {"capacity": 3},
            }
        ],
        "hidden": 1,
        "next": None,
    }


def test_the_last_barrier_is_that_of_people_who_would_be_ready() -> None:
    """Of whom everything is known, and who are not further already."""
    alone = [person(childcare=barrier("open")) for _ in range(3)]
    unknown = [person(childcare=barrier("open"), language=barrier("not-assessed")) for _ in range(5)]
    further = [person("introduced", childcare=barrier("open")) for _ in range(5)]
    both = [person(childcare=barrier("open"), language=barrier("open")) for _ in range(5)]
    found = expected_reports([*alone, *unknown, *further, *both], TODAY).last
    assert found == {"asOf": "2026-06-03", "items": [{"barrier": "childcare", "count": 3}]}


def test_the_region_of_the_demo_is_stuck_somewhere(plan: Plan) -> None:
    """Every barrier has its cell, and whoever waits for one last thing is counted."""
    found = expected_reports(plan.truths, plan.last)
    assert {cell["barrier"] for cell in found.obstacles["items"]} == {*BARRIERS}
    assert found.last["items"]


async def test_both_reports_are_read() -> None:
    """By whatever is asked for."""
    answers: Mapping[str, Any] = {"/v1/obstacles": {"items": [1]}, "/v1/obstacles/last-barrier": {"items": [2]}}
    asked: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(dict(request.url.params))
        return httpx.Response(200, json=answers[request.url.path])

    found = await read_reports("http://board", "barrier,body", httpx.MockTransport(answer))
    assert found == Reports({"items": [1]}, {"items": [2]})
    assert asked == [{"by": "barrier,body", "limit": "500"}, {}]
