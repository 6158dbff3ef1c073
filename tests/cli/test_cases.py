"""`lotse cases`, `case` and `timeline` against the running region."""

from __future__ import annotations

import json
from typing import Any

from lotse.stack import Stack
from tests.cli.conftest import Report, Terminal, begin_days
from tests.support.eventually import until

HEAD = {"recognitionRoute": "b", "referenceOccupation": "81302", "body": "zag-muenster"}
OPENED = {"ags": "05162024", "statusClass": "temporary-protection", "benefitCarrier": "jobcenter"}


async def _known(lotse: Terminal, case_id: str, *, stalled: bool) -> dict[str, Any]:
    """The case as the read API gives it, as soon as the recognition barrier is there and as stalled as awaited."""

    async def look() -> dict[str, Any] | None:
        said = await lotse("case", case_id, "--json")
        found: dict[str, Any] | None = said.json if said.code == 0 else None
        return found if found and found["barriers"]["recognition"]["stalled"] == stalled else None

    answer: dict[str, Any] = await until(f"the case is known, stalled {stalled}", look)
    return answer


async def test_a_case_is_explained(region: Stack, lotse: Terminal, report: Report, case_id: str) -> None:
    """Why, whose turn, since when, due by which law, what next, and that it is late, all in words."""
    events = [report("submitted", "2025-12-10", **HEAD), report("documents-complete", "2026-02-02")]
    await lotse("publish", "-", text=json.dumps(events))
    await begin_days(region, "2026-06-03")
    await _known(lotse, case_id, stalled=True)
    said = await lotse("case", case_id)
    for expected in (
        f"Fall {case_id}",
        "Anerkennung (recognition): in Arbeit (in progress)",
        "überfällig (stalled)   seit (since) 03.06.2026",
        "die zuständige Stelle (the competent body): zag-muenster",
        "02.06.2026 nach § 43 Abs. 3 PflAPrV",
        "Verfahren nurse-4f7q, zag-muenster (procedure): Unterlagen vollständig (documents complete)",
        "Die Stelle entscheidet. (The body decides.)",
    ):
        assert expected in said.out, f"{expected!r} is not in:\n{said.out}"


async def test_cases_are_filtered(region: Stack, lotse: Terminal, report: Report, case_id: str) -> None:
    """The filters of the read API; the table shows the barriers in German words."""
    text = json.dumps(report("case-opened", "2026-01-07", service="intake", source="/jobcenter-neuss", **OPENED))
    await lotse("publish", "-", text=text)
    await lotse("publish", "-", text=json.dumps(report("submitted", "2026-05-10", **HEAD)))
    await begin_days(region, "2026-06-03")
    await _known(lotse, case_id, stalled=False)
    filters = ("--barrier", "recognition", "--status", "in-progress", "--turn", "competent-body", "--limit", "1000")

    async def listed() -> bool:
        found = (await lotse("cases", *filters, "--not-stalled", "--ags", "05162024", "--json")).json["items"]
        return case_id in [one["caseId"] for one in found]

    await until("the case is among those of its municipality", listed)
    late = (await lotse("cases", *filters, "--stalled", "--json")).json["items"]
    assert case_id not in [one["caseId"] for one in late]
    said = await lotse("cases", *filters, "--not-stalled")
    (row,) = [line for line in said.out.splitlines() if case_id in line]
    assert "in Klärung" in row and "in Arbeit" in row and "Anerkennung" in row


async def test_more_cases_than_asked_for_are_told(lotse: Terminal, report: Report, case_id: str) -> None:
    """A limit cuts the list, and the answer says so."""
    other = report("submitted", "2026-05-10", **HEAD)
    other["subject"] = other["id"]
    await lotse("publish", "-", text=json.dumps([report("submitted", "2026-05-10", **HEAD), other]))
    await _known(lotse, case_id, stalled=False)
    await _known(lotse, other["id"], stalled=False)
    answer = (await lotse("cases", "--limit", "1", "--json")).json
    assert len(answer["items"]) == 1 and answer["more"]
    assert "es gibt mehr" in (await lotse("cases", "--limit", "1")).out


async def test_the_timeline_shows_what_counts_and_what_does_not(lotse: Terminal, report: Report, case_id: str) -> None:
    """All reports in the order of occurrence; one that does not fit is marked with its reason."""
    events = [report("clock-resumed", "2026-01-15"), report("submitted", "2025-12-10", **HEAD)]
    await lotse("publish", "-", text=json.dumps(events))

    async def look() -> Any:
        said = await lotse("timeline", case_id, "--json")
        return said.json["items"] if said.code == 0 and len(said.json["items"]) == 2 else None

    items = await until("both reports are in the timeline", look)
    assert [(one["occurredOn"], one["inForce"]) for one in items] == [("2025-12-10", True), ("2026-01-15", False)]
    said = await lotse("timeline", case_id)
    first, second = [line for line in said.out.splitlines() if "nurse-4f7q" in line]
    assert "10.12.2025" in first and "Antrag gestellt (application submitted)" in first and "ja (yes)" in first
    assert "nein: passt nicht in den Verlauf (no: does not fit the course of events)" in second


async def test_a_case_that_there_is_not(lotse: Terminal, case_id: str) -> None:
    """The error says where to look."""
    for command in ("case", "timeline"):
        said = await lotse(command, case_id)
        assert said.code == 1
        assert "gibt es nicht" in said.err and "lotse receipts" in said.err and "There is no case" in said.err
    assert "ist keine Kennung" in (await lotse("case", "../../etc")).err


async def test_a_filter_that_there_is_not(lotse: Terminal) -> None:
    """The error lists the values with their German words."""
    said = await lotse("cases", "--status", "late")
    assert said.code == 1
    assert "in-progress (in Arbeit)" in said.err and "there are: not-assessed" in said.err
