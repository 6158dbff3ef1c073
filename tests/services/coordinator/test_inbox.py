"""What becomes of snapshots and days: rows, messages, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from aiokafka import ConsumerRecord

from services.coordinator.store import Arrived, Ends, Outcome
from shared.contracts.topics import BOARD_TOPIC, events_topic
from tests.services.coordinator.harness import Rig, case_id, day, snapshot
from tests.support.items import case, entry, item, permit, procedure

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


async def test_what_cannot_be_taken_over_is_counted_and_skipped(board: Rig) -> None:
    """Unknown services, marks, tombstones, noise, half a snapshot, nobody's items: none stops the rest."""
    good = snapshot(CASE, procedure("a", "submitted", turn="competent-body"))
    assert good.value is not None
    half = msgspec.json.decode(snapshot(CASE, procedure("a", "complete"), 2).value or b"")
    del half["data"]["facts"]
    nested = b'"state":{"deep":' + b"[" * 9_000 + b"]" * 9_000 + b","
    deep = good.value.replace(b'"state":{', nested).replace(b'"sequence":1', b'"sequence":2')
    await board.deal_with(day("2026-02-01"), good)
    await board.deal_with(
        good._replace(value=b"noise"),
        good._replace(value=b'{"data": []}'),
        good._replace(value=good.value.replace(CASE.encode(), b"nobody")),
        good._replace(value=msgspec.json.encode(half)),
        good._replace(value=good.value.replace(CASE.encode(), b"\xff")),
        good._replace(value=deep),
        good._replace(value=None),
        good._replace(key=b"_mark/3", value=b"{}"),
        snapshot(case_id(7), item("intake", "opening", [entry("2026-01-01", "published")])),
        snapshot(CASE, permit("p", "requested", turn="competent-body")),
    )
    assert {reason: board.skipped(reason) for reason in ("unreadable", "tombstone", "mark", "without-case")} == {
        "unreadable": 6, "tombstone": 1, "mark": 1, "without-case": 1,
    }  # fmt: skip
    assert (await board.barrier(CASE, "recognition"))["turn"] == "competent-body"
    assert (await board.barrier(CASE, "residence"))["status"] == "in-progress"
    assert (await board.client.get(f"/v1/cases/{case_id(7)}")).status_code == 404
    stranger = await board.read(events_topic("intake"))
    await board.parts.inbox.handle([record_of(stranger[-1], "events.housing")])
    assert board.skipped("service-unknown") == 1


async def test_a_case_that_the_rules_stumble_over_stops_nobody(board: Rig) -> None:
    """It keeps its last board and a mark; the next snapshot that can be understood mends it."""
    await board.deal_with(day("2026-02-01"), snapshot(CASE, procedure("a", "submitted", turn="competent-body")))
    broken = procedure("a", "submitted", turn="applicant")
    del broken.state["path"]
    other = snapshot(case_id(2), procedure("a", "submitted"))
    await board.deal_with(snapshot(CASE, broken, 2), other)
    assert (await board.barrier(CASE, "recognition"))["turn"] == "competent-body"
    assert (await board.barrier(case_id(2), "recognition"))["status"] == "in-progress"
    assert await board.pool.fetchval("select count(*) from board where fault") == 1
    await board.deal_with(snapshot(CASE, procedure("a", "complete", turn="applicant"), 3))
    assert (await board.barrier(CASE, "recognition"))["turn"] == "applicant"
    assert await board.pool.fetchval("select count(*) from board where fault") == 0
    await board.verify()


async def test_an_older_snapshot_changes_nothing(board: Rig) -> None:
    """Of an item the highest sequence holds, whenever it comes."""
    newer = snapshot(CASE, procedure("a", "complete", turn="competent-body"), 5)
    await board.deal_with(day("2026-02-01"), newer)
    await board.deal_with(snapshot(CASE, procedure("a", "advised", turn="applicant"), 4))
    assert (await board.barrier(CASE, "recognition"))["turn"] == "competent-body"
    await board.verify()


async def test_many_snapshots_of_a_case_are_one_change(board: Rig) -> None:
    """One version, however many items said something, and the last one is the cause."""
    await board.deal_with(
        day("2026-02-01"),
        *(snapshot(CASE, procedure("a", "submitted", turn="applicant"), number) for number in range(1, 6)),
        snapshot(CASE, procedure("a", "submitted", turn="competent-body"), 6),
    )
    said = [data for barrier, data in await board.said(CASE) if barrier == "recognition"]
    assert [data and (data["version"], data["turn"]) for data in said] == [(1, "competent-body")]


async def test_a_case_without_consent_is_hidden_and_comes_back(board: Rig) -> None:
    """Tombstones for all its keys, 404, in no list; after a new consent everything is said again."""
    granted = case(entry("2026-01-02", "open", access="free"))
    revoked = case(entry("2026-01-02", "open", access="free"), consentRevokedOn="2026-02-01")
    messages = [snapshot(CASE, procedure("a", "submitted")), snapshot(CASE, granted)]
    await board.deal_with(day("2026-02-01"), *messages)
    before = await board.newest()
    assert None not in before.values()
    await board.deal_with(snapshot(CASE, revoked, 2))
    assert await board.newest() == dict.fromkeys(before)
    assert (await board.client.get(f"/v1/cases/{CASE}")).status_code == 404
    assert (await board.client.get(f"/v1/cases/{CASE}/timeline")).status_code == 404
    assert (await board.get("/v1/cases"))["items"] == []
    await board.deal_with(snapshot(CASE, granted, 3))
    assert None not in (await board.newest()).values()
    assert (await board.get("/v1/cases"))["items"][0]["caseId"] == CASE
    await board.verify()


async def test_days_that_come_again_say_again_what_they_changed(board: Rig) -> None:
    """A death between storing and saying is made up for; a day before the newest changes nothing."""
    stalling = procedure("a", "submitted", turn="competent-body", stalledFrom="2026-02-03")
    await board.deal_with(day("2026-02-01"), snapshot(CASE, stalling), snapshot(case_id(2), procedure("a", "advised")))
    records = await board.deal_with(day("2026-02-03"))
    said = await board.said(CASE), await board.said(case_id(2))
    await board.parts.inbox.handle(records)
    assert len(await board.said(CASE)) == len(said[0]) + 5
    assert await board.said(case_id(2)) == said[1]
    await board.deal_with(day("2026-01-15"))
    assert (await board.barrier(CASE, "recognition"))["stalled"]
    await board.verify()


async def test_before_any_day_the_newest_fact_is_today(board: Rig) -> None:
    """The board stands without a clock; the first day looks at every case, also when it is before the facts."""
    late = procedure("a", "submitted", "2026-03-20", turn="competent-body", stalledFrom="2026-03-01")
    await board.deal_with(snapshot(CASE, late))
    assert (await board.barrier(CASE, "recognition"))["stalled"]
    await board.deal_with(day("2026-02-01"))
    assert not (await board.barrier(CASE, "recognition"))["stalled"]
    await board.verify()


async def test_upkeep_says_everything_again_and_marks_every_partition(board: Rig) -> None:
    """Byte for byte; what was lost on the topic is there again."""
    await board.deal_with(day("2026-02-01"), *(snapshot(case_id(n), procedure("a", "submitted")) for n in range(5)))
    before = len(await board.read(BOARD_TOPIC))
    assert await board.parts.upkeep.republish() == 5
    assert await board.parts.upkeep.anti_entropy() == 5
    records = await board.read(BOARD_TOPIC)
    marked = [record.partition for record in records if record.key.startswith(b"_mark/")]
    assert sorted(marked) == list(range(board.settings.partitions))
    assert len(records) == before + 2 * 25 + len(marked)
    await board.verify()


async def test_rederive_says_what_other_rules_find(board: Rig) -> None:
    """After a change of rules only what differs gets a new version."""
    await board.deal_with(day("2026-02-01"), *(snapshot(case_id(n), procedure("a", "submitted")) for n in range(3)))
    before = len(await board.read(BOARD_TOPIC))
    await board.parts.upkeep.rederive()
    assert len(await board.read(BOARD_TOPIC)) == before
    board.parts.store.mappings = {}
    await board.parts.upkeep.rederive()
    said = [data for barrier, data in await board.said(case_id(1)) if barrier == "recognition"]
    assert said[-1] is not None
    assert (said[-1]["version"], said[-1]["status"]) == (2, "not-assessed")
    await board.verify()


async def test_where_to_read_on_is_written_after_everything_before_it(board: Rig) -> None:
    """Parts of a batch are stored at once; while one of them fails, no offset of the batch is stored."""
    inbox, store = board.parts.inbox, board.parts.store
    inbox._chunk = 2
    real, broken = store.snapshots, sorted(case_id(number) for number in range(7))[2]

    async def snapshots(connection: Any, arrived: Arrived, ends: Ends) -> Outcome:
        if broken in arrived:
            raise ConnectionResetError
        return await real(connection, arrived, ends)

    store.snapshots = snapshots  # type: ignore[method-assign]
    messages = [snapshot(case_id(number), procedure("a", "submitted")) for number in range(7)]
    with pytest.raises(ConnectionResetError):
        await board.deal_with(*messages)
    assert await board.pool.fetchval("select count(*) from progress") == 0
    store.snapshots = real  # type: ignore[method-assign]
    await inbox.handle(await board.read(events_topic("recognition")))
    assert await board.pool.fetchval("select sum(next_offset) from progress") == 7
    assert len((await board.get("/v1/cases"))["items"]) == 7
    await board.verify()


def record_of(record: ConsumerRecord, topic: str) -> ConsumerRecord:
    """The same record on another topic."""
    return replace(record, topic=topic)
