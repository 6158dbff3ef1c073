"""`lotse obstacles`: where the region is stuck, as a table and for programs."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from rich.console import Console

from lotse.cli import obstacles, out
from lotse.stack import Stack
from tests.cli.conftest import Report, Terminal, begin_days
from tests.support.eventually import until

HWK = "hwk-duesseldorf"
PROCEDURE = {"recognitionRoute": "a", "referenceOccupation": "43104", "body": HWK}
_CELL = {"count": 41, "medianDays": 175, "p80Days": 310, "stalledShare": 0.27}
_PAGE: dict[str, Any] = {
    "asOf": "2026-06-03",
    "by": ["barrier", "body"],
    "items": [
        {"barrier": "recognition", "body": HWK, **_CELL, "turns": {"competent-body": 12, "applicant": 24}},
        {"barrier": "residence", "body": None, **_CELL, "turns": {}},
    ],
    "hidden": 2,
    "next": None,
}


async def test_the_region_is_told_where_it_is_stuck(region: Stack, lotse: Terminal, report: Report) -> None:
    """Three people wait at one body; the table names it, how long they wait, and whose turn it is."""
    events = []
    for _ in range(3):
        event = report("submitted", "2026-05-04", source="/hwk-duesseldorf", **PROCEDURE)
        events.append({**event, "subject": str(uuid.uuid4())})
    await lotse("publish", "-", text=json.dumps(events))
    await begin_days(region, "2026-06-03")

    async def cell() -> Any:
        found = (await lotse("obstacles", "--json")).json
        here = [one for one in found["items"] if (one["barrier"], one["body"]) == ("recognition", HWK)]
        return here and found["asOf"] >= "2026-06-03" and here[0]

    found = await until("the three are counted", cell)
    assert (found["count"], found["turns"]) == (3, {"competent-body": 3})
    said = await lotse("obstacles")
    lines = said.out.splitlines()
    (at,) = [number for number, line in enumerate(lines) if "Handwerkskammer Düsseldorf" in line]
    assert lines[at].split()[-5:-2] == ["3", *map(str, (found["medianDays"], found["p80Days"]))]
    assert "Stelle 3" in lines[at + 1] and "whose turn" in said.out
    by = (await lotse("obstacles", "--by", "body,level", "--json")).json
    assert by["by"] == ["body", "level"] and {"body", "level"} <= by["items"][0].keys()
    assert "lastBarrier" in by


async def test_a_key_that_there_is_not_is_told(lotse: Terminal) -> None:
    """The error names those that there are."""
    said = await lotse("obstacles", "--by", "age")
    assert said.code == 1 and "barrier,body,place,level" in said.err and "Traceback" not in said.err


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Console:
    """What would be on a narrow screen, without colours."""
    console = Console(record=True, width=80, highlight=False, color_system=None, soft_wrap=True)
    for module in (obstacles, out):
        monkeypatch.setattr(module, "answer", console)
    return console


def test_the_table_fits_a_narrow_screen(said: Console) -> None:
    """German above English; the body by its name, the largest turn first, and how many cells are not shown."""
    obstacles.tell_obstacles(_PAGE, {HWK: "Handwerkskammer Düsseldorf"})
    obstacles.tell_last_barriers({"items": [{"barrier": "childcare", "count": 9}]})
    lines = [line.rstrip() for line in said.export_text().splitlines()]
    assert lines[:6] == [
        "Hindernis    Stelle, am Zug              Fälle  Median  80 % bis  überfällig",
        "barrier      body, whose turn            cases    days      days     stalled",
        "Anerkennung  Handwerkskammer Düsseldorf     41     175       310        27 %",
        "recognition  Person 24, Stelle 12",
        "Aufenthalt   unbekannt                      41     175       310        27 %",
        "residence    unknown",
    ]
    assert lines[7].startswith("Stand 03.06.2026. 2 Zellen unter drei Personen nicht gezeigt.")
    assert lines[-1].split() == ["Kinderbetreuung", "(childcare)", "9"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"asOf": None, "items": [], "hidden": 0}, "Noch kein Tag hat begonnen."),
        ({"items": [], "hidden": 0}, "In keiner Zelle sind drei Personen."),
        ({"hidden": 1}, "1 Zelle unter drei Personen"),
        ({"hidden": 0}, "Stand 03.06.2026. 0 Zellen"),
    ],
)
def test_what_there_is_to_tell_of_little(said: Console, change: dict[str, Any], told: str) -> None:
    """A region without days, without crowds, with one hidden cell."""
    obstacles.tell_obstacles({**_PAGE, **change}, {})
    assert told in said.export_text()


def test_after_a_simulation_only_the_largest_cells_are_told(said: Console) -> None:
    """And how many more there are."""
    obstacles.tell_obstacles(_PAGE, {}, 1)
    text = said.export_text()
    assert HWK in text and "Aufenthalt" not in text and "… und 1 kleinere" in text
