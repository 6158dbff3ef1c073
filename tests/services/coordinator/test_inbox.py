"""What becomes of snapshots and days: rows, messages, and nothing twice."""

from __future__ import annotations

from tests.services.coordinator.harness import Rig, case_id, day, snapshot
from tests.support.items import case, entry, procedure

CASE = case_id(1)


async def test_a_snapshot_becomes_rows_messages_and_an_answer(board: Rig) -> None:
    """The first message of each key has version 1, names all fields, and says null for what was before."""
    await board.deal_with(day("2026-02-01"), snapshot(CASE, procedure("a", "submitted", turn="competent-body")))
    said = dict(await board.said(CASE))
    assert list(said) == ["recognition", "childcare", "language", "residence", ""]
    recognition = said["recognition"]
    assert recognition is not None
    assert (recognition["version"], recognition["status"], recognition["turn"]) == (1, "in-progress", "competent-body")
    assert set(recognition["previous"].values()) == {None}
    assert recognition["changed"] == list(recognition["previous"])
    assert recognition["cause"]["id"] == f"{CASE}/procedure-a/1"
    found = await board.get(f"/v1/cases/{CASE}")
    assert found["openBarriers"] == ["recognition"]
    assert [item["item"] for item in found["items"]] == ["procedure-a"]
    await board.verify()


async def test_only_what_changed_is_said(board: Rig) -> None:
    """With version + 1, the names of the changed fields and their values before."""
    await board.deal_with(day("2026-02-01"), snapshot(CASE, procedure("a", "submitted", turn="competent-body")))
    before = len(await board.said(CASE))
    await board.deal_with(snapshot(CASE, procedure("a", "submitted", turn="applicant"), 2))
    news = (await board.said(CASE))[before:]
    assert [barrier for barrier, _ in news] == ["recognition"]
    data = news[0][1]
    assert data is not None
    assert (data["version"], data["changed"], data["previous"]) == (2, ["turn"], {"turn": "competent-body"})
    await board.verify()


async def test_a_day_changes_what_is_due(board: Rig) -> None:
    """The day is the cause; cases that nothing changes by itself are left alone."""
    other = case_id(2)
    await board.deal_with(
        day("2026-02-01"),
        snapshot(CASE, procedure("a", "submitted", turn="competent-body", stalledFrom="2026-02-03")),
        snapshot(other, procedure("a", "submitted")),
    )
    before = len(await board.said(CASE)), len(await board.said(other))
    await board.deal_with(day("2026-02-02"))
    assert len(await board.said(CASE)) == before[0]
    await board.deal_with(day("2026-02-03"))
    news = (await board.said(CASE))[before[0] :]
    assert len(news) == 1
    data = news[0][1]
    assert data is not None
    assert (data["barrier"], data["stalled"], data["previous"]) == ("recognition", True, {"stalled": False})
    assert data["cause"] == {"source": "/lotse/clock", "id": "2026-02-03", "type": "lotse.clock.day-began.v1"}
    assert len(await board.said(other)) == before[1]
    await board.verify()


async def test_a_snapshot_that_is_here_already_says_the_case_again(board: Rig) -> None:
    """Byte for byte: a death may have left it unsaid."""
    records = await board.deal_with(
        snapshot(CASE, procedure("a", "submitted")), snapshot(CASE, case(entry("2026-01-01", "open")))
    )
    said = await board.said(CASE)
    await board.parts.inbox.handle(records)
    again = await board.said(CASE)
    assert sorted(again[len(said) :], key=str) == sorted(dict(said).items(), key=str)
    await board.verify()
