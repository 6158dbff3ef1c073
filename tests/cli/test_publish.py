"""`lotse publish` and `lotse receipts` against the running region."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Report, Terminal

HEAD = {"recognitionRoute": "b", "referenceOccupation": "81302", "body": "zag-muenster"}


def _verdicts(published: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["receipt"]["verdict"], one["receipt"]["code"]) for one in published]


async def test_one_report_is_published_and_answered(lotse: Terminal, report: Report) -> None:
    """The table tells what went where, and the verdict of its receipt in German and English."""
    said = await lotse("publish", "-", text=json.dumps(report("submitted", "2025-12-10", **HEAD)))
    assert said.code == 0, said.err
    assert "Antrag gestellt (application submitted)" in said.out
    assert "inbound.recognition.zag-muenster" in said.out
    assert "angenommen (accepted) ok" in said.out


async def test_every_report_gets_its_own_verdict(lotse: Terminal, report: Report) -> None:
    """A resend, a late one, a nonsense and a broken one in one file: each has its receipt, in the file's order."""
    first = report("submitted", "2025-12-10", **HEAD)
    events = [first, first, report("nonsense", "2026-01-01"), report("submitted", "10.12.2025", **HEAD)]
    text = "\n".join(json.dumps(event) for event in events)
    published = (await lotse("publish", "-", "--json", text=text)).json["published"]
    assert _verdicts(published) == [
        ("accepted", "ok"),
        ("duplicate", "id.seen"),
        ("rejected", "type.unknown"),
        ("rejected", "data.invalid"),
    ]
    assert published[3]["receipt"]["path"] == "/data/occurredOn"
    assert [one["record"]["offset"] for one in published] == list(
        range(published[0]["record"]["offset"], published[0]["record"]["offset"] + 4)
    ), "one case, one partition, one order"


async def test_a_hint_tells_what_to_do_with_a_refused_report(lotse: Terminal, report: Report) -> None:
    """Below the table each code says once what it means and what to do, in both languages."""
    text = json.dumps([report("nonsense", "2026-01-01"), report("nonsense", "2026-01-02")])
    said = await lotse("publish", "-", text=text)
    assert said.out.count("type.unknown (/type)") == 1
    assert "Prüfen Sie" in said.out and "Check that" in said.out


async def test_a_file_is_published_like_standard_input(lotse: Terminal, report: Report, tmp_path: Path) -> None:
    """A file with an array of events; without waiting the receipts are left to `lotse receipts`."""
    file = tmp_path / "reports.json"
    file.write_text(json.dumps([report("submitted", "2025-12-10", **HEAD)]), encoding="utf-8")
    (one,) = (await lotse("publish", str(file), "--no-wait", "--json")).json["published"]
    assert one["receipt"] is None
    assert one["record"]["topic"] == "inbound.recognition.zag-muenster"


async def test_an_unknown_institution_is_told_with_those_there_are(lotse: Terminal, report: Report) -> None:
    """Nothing is sent; the error names the institutions and the one that was probably meant."""
    said = await lotse("publish", "-", text=json.dumps(report("submitted", "2025-12-10", source="/zag-munster/fv")))
    assert said.code == 1 and not said.out
    assert "Meinten Sie zag-muenster?" in said.err and "Did you mean zag-muenster?" in said.err


async def test_an_institution_without_the_right_is_told_what_it_may(lotse: Terminal, report: Report) -> None:
    """There is no topic for it, so it cannot be routed; the error says what the institution may report to."""
    said = await lotse("publish", "-", text=json.dumps(report("case-opened", "2025-12-10", service="intake")))
    assert said.code == 1
    assert "meldet nicht an 'intake'" in said.err and "reports to: recognition" in said.err


async def test_a_missing_file_is_an_error(lotse: Terminal) -> None:
    """The error names the file, in both languages, without a traceback."""
    said = await lotse("publish", "nowhere.json")
    assert said.code == 1
    assert "nowhere.json ist nicht zu lesen" in said.err and "cannot be read" in said.err
    assert "Traceback" not in said.err


async def test_receipts_show_the_standing_of_each_report(lotse: Terminal, report: Report) -> None:
    """The newest receipt of each report; a filter leaves the others out."""
    early = report("clock-resumed", "2026-01-15")
    await lotse("publish", "-", text=json.dumps(early))
    parked = (await lotse("receipts", "zag-muenster", "--verdict", "parked", "--json")).json["receipts"]
    assert [one for one in parked if one["reportId"] == early["id"] and one["code"] == "fact.implausible"]
    rest = [
        report("submitted", "2025-12-10", **HEAD),
        report("documents-complete", "2026-01-05"),
        report("clock-suspended", "2026-01-10", suspensionReason="authenticity-check"),
    ]
    await lotse("publish", "-", text=json.dumps(rest))
    accepted = (await lotse("receipts", "zag-muenster", "--verdict", "accepted", "--json")).json["receipts"]
    (standing,) = [one for one in accepted if one["reportId"] == early["id"]]
    assert standing["version"] == 2, "taken up once what was missing is there"


async def test_receipts_as_a_table(lotse: Terminal, report: Report) -> None:
    """First the numbers by verdict and code, then the list with its messages."""
    event = report("nonsense", "2026-01-01")
    await lotse("publish", "-", text=json.dumps(event))
    said = await lotse("receipts", "zag-muenster", "--code", "type.unknown", "--limit", "1000")
    counts, _, listed = said.out.partition("\n\n")
    assert "abgelehnt (rejected)" in counts and "type.unknown" in counts
    assert event["id"] in listed and "nicht angenommen" in listed and "not accepted" in listed


async def test_receipts_of_nobody(lotse: Terminal) -> None:
    """An institution that never reported has none; one that is not listed is an error, and so is an unknown verdict."""
    assert "Keine Quittungen" in (await lotse("receipts", "zab-bonn")).out
    assert "steht nicht in der Institutionen-Datei" in (await lotse("receipts", "nobody")).err
    assert "es gibt: accepted, parked" in (await lotse("receipts", "zab-bonn", "--verdict", "good")).err
