"""Where the region is stuck: open barriers counted over all cases, and never a person (contract §6, facts.md §5)."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from services.coordinator.obstacles import Obstacles
from services.coordinator.registry import find_services
from services.coordinator.shapes import LastBarriers, ObstaclePage, ProblemAnswer
from shared.contracts.topics import BOARD_TOPIC, CLOCK_TOPIC, events_topic
from shared.engine.say import Message
from shared.rules.board import ItemSnapshot
from tests.contract.documents import blocks, page, section
from tests.services.coordinator.harness import Rig, case_id, day, rig, snapshot
from tests.support.items import case, entry, item, permit, procedure
from tests.support.servers import Broker

TODAY = "2026-06-03"
NEUSS, MUENCHEN = "05162024", "09162000"
ABSENT = {"declared": {"childcare": "absent"}, "declaredOn": {"childcare": "2026-01-02"}}


@pytest_asyncio.fixture
async def region(database: str, broker: Broker) -> AsyncIterator[Rig]:
    """A coordinator with the topics of all services, on one day."""
    await broker.create(*map(events_topic, find_services().services), BOARD_TOPIC, CLOCK_TOPIC)
    async with rig(database, broker) as running:
        yield running


def person(*, ags: str | None = NEUSS, level: str | None = "B2", status: str = "open", **state: Any) -> ItemSnapshot:
    """A case that may work; nothing but recognition is in the way."""
    place = {} if ags is None else {"ags": ags}
    aim = {} if level is None else {"targetGermanLevel": level}
    return case(entry("2026-01-02", status, access="free", **aim, **ABSENT), **place, **state)


def waiting(since: str, body: str = "zag-muenster", turn: str = "competent-body", **state: Any) -> ItemSnapshot:
    """A procedure that runs since a day."""
    return procedure("a", "submitted", since, body=body, turn=turn, **state)


def german(level: str = "C1") -> ItemSnapshot:
    """A certificate."""
    certificate = entry("2026-01-03", "level-certified", germanLevel=level, evidence="certificate")
    return item("language", "level", [certificate])


def child(number: int, status: str, since: str = "2026-03-05", **state: Any) -> ItemSnapshot:
    """One child's need for care."""
    path = [entry(since, status, **{"from": "2026-08-01", "needed": 35.0})]
    return item("childcare", f"child-{number}", path, body="jugendamt-neuss", **state)


def life(number: int, *items: ItemSnapshot) -> list[Message]:
    """All items of one case."""
    return [snapshot(case_id(number), one) for one in items]


async def cells(region: Rig, by: str = "barrier") -> list[dict[str, Any]]:
    """The cells by some keys."""
    found: list[dict[str, Any]] = (await region.get("/v1/obstacles", by=by))["items"]
    return found


async def fill(region: Rig, *lives: Sequence[Message]) -> None:
    """Says the day, and the items of many cases."""
    await region.deal_with(day(TODAY), *(message for one in lives for message in one))


async def test_a_cell_tells_count_ages_stall_and_turns(region: Rig) -> None:
    """Ages in days that occur: at least half of the five are no older than the median, four of them than the other."""
    since = ["2026-06-03", "2026-06-01", "2026-05-24", "2026-05-04", "2026-02-23"]
    lives = [
        life(number, person(), german(), waiting(one, stalledFrom="2026-03-01" if number == 4 else None))
        for number, one in enumerate(since)
    ]
    lives[0] = life(0, person(), german(), waiting(since[0], turn="applicant"))
    await fill(region, *lives)
    assert await region.get("/v1/obstacles") == {
        "asOf": TODAY,
        "by": ["barrier"],
        "items": [
            {
                "barrier": "recognition",
                "count": 5,
                "medianDays": 10,
                "p80Days": 30,
                "stalledShare": 0.2,
                "turns": {"applicant": 1, "competent-body": 4},
            }
        ],
        "hidden": 0,
        "next": None,
    }


def test_the_examples_of_the_page_have_the_shapes_of_the_code() -> None:
    """Both answers of facts §5, read and written without a difference."""
    text = section(page("facts.md"), "## 5.")
    whole = next(block for block in blocks(text, "json") if '"p80Days"' in block)
    (short,) = re.findall(r"`/v1/obstacles/last-barrier`: `(.*)`", text)
    for example, shape in ((whole, ObstaclePage), (short, LastBarriers)):
        told = json.loads(example)
        assert json.loads(msgspec.json.encode(msgspec.convert(told, shape))) == told


async def test_only_what_is_open_counts(region: Rig) -> None:
    """Not what is resolved, bridged or not assessed; what nobody can resolve and what was lost again does."""
    lost = "in-care", "2026-02-01", "ended", "2026-03-01"
    care = [entry(lost[1], lost[0]), entry(lost[3], lost[2])]
    three = [
        life(
            number,
            case(entry("2026-01-02", "open", access="barred", targetGermanLevel="B1")),
            german("B1"),
            item("childcare", "child-1", care),
            procedure("a", "full" if number else "none", "2026-03-01"),
        )
        for number in range(3)
    ]
    await fill(region, *three)
    assert {cell["barrier"]: cell["count"] for cell in await cells(region)} == {"childcare": 3, "residence": 3}
    assert (await region.get("/v1/obstacles"))["hidden"] == 1


async def test_cells_under_three_people_are_counted_and_not_shown(region: Rig) -> None:
    """Three at one body, two at another; together they are five. A body that nobody knows is a cell of its own."""
    at = ["zag-muenster", "zag-muenster", "ihk-fosa", "ihk-fosa", "zag-muenster"]
    await fill(region, *(life(n, person(), german(), waiting("2026-05-04", body)) for n, body in enumerate(at)))
    found = await region.get("/v1/obstacles", by="barrier,body")
    assert [(one["body"], one["count"]) for one in found["items"]] == [("zag-muenster", 3)]
    assert found["hidden"] == 1
    assert [one["count"] for one in await cells(region)] == [5]


async def test_two_obstacles_of_one_person_are_no_crowd(region: Rig) -> None:
    """By place, two people have four barriers; they are two people, so the cell is hidden."""
    hard = case(entry("2026-01-02", "open", access="permit-needed", targetGermanLevel="B2"), ags=NEUSS)
    await fill(region, *(life(n, hard, german("A2"), waiting("2026-05-04")) for n in range(2)))
    assert await region.get("/v1/obstacles", by="place") == {
        "asOf": TODAY, "by": ["place"], "items": [], "hidden": 1, "next": None,
    }  # fmt: skip
    await fill(region, life(2, hard, german("A2"), waiting("2026-05-04")))
    assert [cell["count"] for cell in await cells(region, "place")] == [9]


async def test_keys_come_in_the_order_asked_for(region: Rig) -> None:
    """Place and level are the case's; what is unknown is null. The largest cell is first."""
    known = [life(n, person(), german(), waiting("2026-05-04")) for n in range(3)]
    unknown = [life(n, person(ags=None, level=None), german(), waiting("2026-05-04")) for n in range(3, 7)]
    await fill(region, *known, *unknown)
    found = await region.get("/v1/obstacles", by="level,place,body,barrier")
    assert found["by"] == ["level", "place", "body", "barrier"]
    assert [list(one)[:4] for one in found["items"]] == [found["by"]] * 2
    assert [(one["level"], one["place"], one["count"]) for one in found["items"]] == [(None, None, 4), ("B2", NEUSS, 3)]
    msgspec.convert(found, ObstaclePage)


async def test_several_children_are_one_obstacle(region: Rig) -> None:
    """The childcare of a case stands once, whoever of the children carries it."""
    two = [child(1, "waitlisted", turn="capacity"), child(2, "need-registered", "2026-04-02", turn="competent-body")]
    await fill(region, *(life(n, person(), german(), *two, procedure("a", "full")) for n in range(3)))
    (cell,) = await cells(region, "barrier,body")
    assert (cell["barrier"], cell["body"], cell["count"]) == ("childcare", "jugendamt-neuss", 3)
    assert sum(cell["turns"].values()) == 3


async def test_a_barrier_without_an_item_has_no_body_and_may_have_no_turn(region: Rig) -> None:
    """Declared needed: open, nobody's item carries it."""
    needed = {"declared": {"childcare": "needed"}, "declaredOn": {"childcare": "2026-05-04"}}
    declared = case(entry("2026-05-04", "open", access="free", **needed))
    barred = case(entry("2026-05-04", "open", access="barred"))
    await fill(region, *(life(n, declared) for n in range(3)), *(life(n, barred) for n in range(3, 6)))
    found = {cell["barrier"]: cell for cell in await cells(region, "barrier,body")}
    assert found["childcare"]["turns"] == {"applicant": 3}
    assert found["residence"]["turns"] == {}
    assert {cell["medianDays"] for cell in found.values()} == {30}


async def test_who_revoked_the_consent_and_who_is_closed_are_not_counted(region: Rig) -> None:
    """In neither of the two reports; a case that is opened again counts again."""
    lives = [life(n, person(), german(), waiting("2026-05-04")) for n in range(4)]
    await fill(region, *lives)
    assert [cell["count"] for cell in await cells(region)] == [4]
    assert (await region.get("/v1/obstacles/last-barrier"))["items"] == [{"barrier": "recognition", "count": 4}]
    await region.deal_with(
        snapshot(case_id(0), person(consentRevokedOn="2026-05-05"), 2),
        snapshot(case_id(1), person(status="closed"), 2),
    )
    assert await region.get("/v1/obstacles", by="body") == {
        "asOf": TODAY, "by": ["body"], "items": [], "hidden": 1, "next": None,
    }  # fmt: skip
    assert (await region.get("/v1/obstacles/last-barrier"))["items"] == []
    await region.deal_with(snapshot(case_id(1), person(), 3))
    assert [cell["count"] for cell in await cells(region, "level")] == [3]


async def test_the_last_barrier_is_the_only_one_of_somebody_of_whom_all_is_known(region: Rig) -> None:
    """Whose language nobody has assessed would not be ready; whoever is introduced is no longer before it."""
    introduced = item("outreach", "introduction-1", [entry("2026-05-06", "introduced", openingId="bakery")])
    sure = [life(n, person(), german(), waiting("2026-05-04")) for n in range(3)]
    unsure = [life(n, person(), waiting("2026-05-04")) for n in range(3, 7)]
    met = [life(n, person(), german(), waiting("2026-05-04"), introduced) for n in range(7, 11)]
    two = [life(n, person(), german("A2"), waiting("2026-05-04")) for n in range(11, 15)]
    barred = case(entry("2026-01-02", "open", access="permit-needed", **ABSENT))
    permits = [
        life(n, barred, german(), procedure("a", "full"), permit("p", "requested", turn="competent-body"))
        for n in range(15, 19)
    ]
    rare = [life(n, person(), german("A2"), procedure("a", "full")) for n in range(19, 21)]
    await fill(region, *sure, *unsure, *met, *two, *permits, *rare)
    found = await region.get("/v1/obstacles/last-barrier")
    assert found == {
        "asOf": TODAY,
        "items": [{"barrier": "residence", "count": 4}, {"barrier": "recognition", "count": 3}],
    }
    msgspec.convert(found, LastBarriers)


async def test_a_region_without_anybody(region: Rig) -> None:
    """Before the first day nothing has an age; afterwards there is nothing to count."""
    for on in (None, TODAY):
        if on:
            await region.deal_with(day(on))
        assert await region.get("/v1/obstacles", by="level") == {
            "asOf": on, "by": ["level"], "items": [], "hidden": 0, "next": None,
        }  # fmt: skip
        assert await region.get("/v1/obstacles/last-barrier") == {"asOf": on, "items": []}


async def test_pages_give_every_cell_once(region: Rig) -> None:
    """Cursor by cursor; cells of the same size are in the order of their names, the unknown last."""
    at = [NEUSS, MUENCHEN, "05116000", None]
    lives = [life(n, person(ags=at[n % 4]), german(), waiting("2026-05-04")) for n in range(12)]
    await fill(region, *lives)
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await region.get("/v1/obstacles", by="place", limit=1, cursor=cursor)
        assert len(page["items"]) == 1
        found += [one["place"] for one in page["items"]]
        cursor = page["next"]
    assert found == ["05116000", NEUSS, MUENCHEN, None]


async def test_a_table_that_takes_long_to_count_is_kept_for_a_while(region: Rig) -> None:
    """Here for ten seconds after the second that it took; one that is counted at once is never old."""
    slow = Obstacles(region.pool, iter([0.0, 1.2, 11.1, 11.3, 11.3, 11.3]).__next__)
    quick = Obstacles(region.pool, iter([0.0, 0.1, 0.1, 0.2, 0.2]).__next__)
    await fill(region)
    first = await slow.cells(["barrier"])
    assert first["asOf"] == TODAY and await quick.cells(["barrier"]) == first
    await region.deal_with(day("2026-06-04"))
    assert (await quick.cells(["barrier"]))["asOf"] == "2026-06-04"
    assert await slow.cells(["barrier"]) == first
    assert (await slow.cells(["barrier"]))["asOf"] == "2026-06-04"


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/obstacles?by=age", "by"),
        ("/v1/obstacles?by=barrier,barrier", "by"),
        ("/v1/obstacles?by=barrier,", "by"),
        ("/v1/obstacles?by=barrier&by=body", "by"),
        ("/v1/obstacles?ags=05162024", "ags"),
        ("/v1/obstacles?limit=0", "limit"),
        ("/v1/obstacles?cursor=!", "cursor"),
        ("/v1/obstacles/last-barrier?by=barrier", "by"),
    ],
)
async def test_problems_say_what_is_wrong(region: Rig, path: str, parameter: str) -> None:
    """As RFC 9457 wants it, with the parameter at fault."""
    answer = await region.client.get(path)
    problem = msgspec.json.decode(answer.content, type=ProblemAnswer)
    assert (answer.status_code, problem.status, problem.parameter) == (400, 400, parameter)
