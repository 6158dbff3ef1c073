"""What becomes of records: facts, duplicates, answers; standings that change; one that fails harms only itself."""

from __future__ import annotations

from itertools import count

import msgspec
import pytest

from tests.engine import toy
from tests.engine.harness import Rig, case, lamp_event


async def test_a_report_becomes_a_fact_a_snapshot_and_a_receipt(lamps: Rig) -> None:
    """The line's shortest walk."""
    await lamps.deal_with(lamp_event("switched-on", id="r-1"))
    assert (await lamps.state(1, "lamp-a"))["status"] == "on"
    assert await lamps.standings() == {"r-1": (1, "ok")}
    await lamps.verify()


async def test_late_facts_find_their_place_and_receipts_follow(lamps: Rig) -> None:
    """A parked fact is taken up by itself when the missing one comes, and its receipt says so with the next version."""
    await lamps.deal_with(lamp_event("switched-off", id="off", day="2026-05-02"))
    assert await lamps.standings() == {"off": (1, "fact.implausible")}
    await lamps.deal_with(lamp_event("switched-on", id="on", day="2026-05-01"))
    assert await lamps.standings() == {"off": (2, "ok"), "on": (1, "ok.late")}
    await lamps.deal_with(lamp_event("noted", id="n-2", day="2026-05-09", note="x"))
    await lamps.deal_with(lamp_event("noted", id="n-1", day="2026-05-08", note="y"))
    assert (await lamps.standings())["n-1"] == (1, "ok.late")
    await lamps.verify()


async def test_a_resend_is_a_duplicate_and_the_earliest_time_counts(lamps: Rig) -> None:
    """The same id and content again changes nothing but the time, and tells the stored report's standing."""
    first = lamp_event("switched-off", id="off", time="2026-06-01T09:00:00Z")
    await lamps.deal_with(first)
    await lamps.deal_with(lamp_event("switched-on", id="on", time="2026-06-01T08:30:00Z"))
    assert (await lamps.state(1, "lamp-a"))["status"] == "off"
    await lamps.deal_with(first | {"time": "2026-06-01T08:00:00Z"})
    assert (await lamps.state(1, "lamp-a"))["status"] == "on"
    duplicate = next(r["data"] for r in await lamps.receipts() if r["data"]["code"] == "id.seen")
    assert (duplicate["standing"], duplicate["version"]) == ("parked", 3)
    await lamps.verify()


async def test_a_reused_id_is_rejected_in_one_batch_and_across_cases(lamps: Rig) -> None:
    """Same id, other content: the first stays, also when the other one names another case."""
    await lamps.deal_with(
        lamp_event("switched-on", id="same", number=1),
        lamp_event("switched-on", id="same", number=2),
    )
    await lamps.deal_with(
        lamp_event("switched-off", id="same", number=3), lamp_event("switched-on", id="other", number=4)
    )
    codes = [r["data"]["code"] for r in await lamps.receipts()]
    assert sorted(codes) == ["id.reused", "id.reused", "ok", "ok"]
    assert await lamps.pool.fetchval("select count(*) from fact where id = 'same'") == 1
    await lamps.verify()


async def test_two_processes_that_store_one_id_at_the_same_time_keep_one(lamps: Rig) -> None:
    """Whether an id is taken is decided by what the insert returned."""
    await lamps.deal_with(lamp_event("switched-on", id="same", number=1))
    taken = lamps.parts.store
    original = taken._load

    async def load_too_early(connection, subjects, parents, own, outcome):  # type: ignore[no-untyped-def]
        work = await original(connection, subjects, parents, own, outcome)
        for subject in work.values():
            subject.facts.clear()
        taken._load = original  # type: ignore[method-assign]
        return work

    taken._load = load_too_early  # type: ignore[method-assign]
    await lamps.deal_with(lamp_event("switched-on", id="same", number=1))
    assert [r["data"]["code"] for r in await lamps.receipts()].count("id.seen") == 1
    await lamps.verify()


async def test_corrections_move_facts_and_emptied_items_stay(lamps: Rig) -> None:
    """A correction may move a fact to another item of the case; both items say so."""
    await lamps.deal_with(lamp_event("switched-on", id="on", lamp="a"))
    await lamps.deal_with(lamp_event("switched-on", id="moved", lamp="b", corrects="on"))
    assert (await lamps.state(1, "lamp-a"))["status"] == "withdrawn"
    assert (await lamps.state(1, "lamp-b"))["status"] == "on"
    await lamps.deal_with(lamp_event("retracted", id="back", reportId="moved", reason="wrong-case"))
    assert (await lamps.state(1, "lamp-a"))["status"] == "on"
    assert await lamps.standings() == {"on": (3, "ok"), "moved": (2, "ok.retracted"), "back": (1, "ok")}
    await lamps.verify()


async def test_a_correction_of_another_case_or_source_is_parked(lamps: Rig) -> None:
    """A stranger learns nothing, and a report is never moved to another case."""
    await lamps.deal_with(lamp_event("switched-on", id="on", number=1))
    await lamps.deal_with(lamp_event("switched-on", id="else", number=2, corrects="on"))
    await lamps.deal_with(lamp_event("switched-off", id="ihk", source="/ihk", corrects="on"), institution="ihk")
    assert (await lamps.standings())["else"] == (1, "target.unknown")
    assert (await lamps.standings("ihk"))["ihk"] == (1, "target.unknown")
    assert (await lamps.state(1, "lamp-a"))["status"] == "on"
    await lamps.verify()


async def test_the_item_takes_500_standing_facts_and_then_only_corrections(lamps: Rig) -> None:
    """More are `item.full`; a correction passes, and what is taken back makes room."""
    events = [lamp_event("noted", id=f"n-{n:03}", note=str(n)) for n in range(501)]
    await lamps.deal_with(*events)
    assert await lamps.standings() == {f"n-{n:03}": (1, "ok") for n in range(500)} | {"n-500": (0, "item.full")}
    await lamps.deal_with(
        lamp_event("noted", id="zc", note="corrected", corrects="n-001"),
        lamp_event("retracted", id="zr", reportId="n-002", reason="wrong-case"),
        lamp_event("noted", id="zfits", note="again"),
        lamp_event("noted", id="zover", note="again"),
    )
    standings = await lamps.standings()
    assert [standings[id_] for id_ in ("zc", "zr", "zfits", "zover")] == [
        (1, "ok"),
        (1, "ok"),
        (1, "ok"),
        (0, "item.full"),
    ]
    await lamps.verify()


async def test_broken_records_are_answered_by_their_place(lamps: Rig) -> None:
    """What has no readable id is answered by its record, and does not block what follows."""
    await lamps.deal_with(b"{broken", lamp_event("switched-on", id="ok"), b"\x00\xff")
    standings = await lamps.standings()
    assert standings.pop("ok") == (1, "ok")
    assert {code for _, code in standings.values()} == {"json.invalid"}
    await lamps.verify()


@pytest.mark.parametrize("nul", ["a\u0000b", "\u0000"])
async def test_no_text_can_stop_the_line(lamps: Rig, nul: str) -> None:
    """A character that PostgreSQL cannot keep ends in an answer like everything else."""
    await lamps.deal_with(
        lamp_event("noted", id="n", note=nul), lamp_event("noted", id=nul, note="x"), lamp_event("switched-on", id="ok")
    )
    assert (await lamps.standings())["ok"] == (1, "ok")
    await lamps.verify()


async def test_rules_that_stumble_harm_one_case_only(lamps: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its facts are parked as our fault, its item keeps its state and a mark, operators get the coordinates."""
    await lamps.deal_with(lamp_event("switched-on", id="before", number=1))
    bad = lamp_event("switched-off", id="bad", number=1, day="2026-05-02", note=toy.STUMBLE)
    await lamps.deal_with(bad, lamp_event("switched-on", id="good", number=2))
    assert await lamps.standings() == {"before": (1, "ok"), "bad": (1, "internal.fault"), "good": (1, "ok")}
    assert (await lamps.state(1, "lamp-a"))["status"] == "on"
    assert await lamps.pool.fetchval("select fault from item where subject = $1", case(1))
    letters = [msgspec.json.decode(record.value) for record in await lamps.read("dead-letters.recognition")]
    fact = await lamps.pool.fetchrow("select * from fact where id = 'bad'")
    assert fact is not None
    assert [letter["record"]["offset"] for letter in letters] == [fact["offset"]]
    assert "bad" not in msgspec.json.encode(letters).decode()
    await lamps.verify()

    monkeypatch.setattr("tests.engine.toy.STUMBLE", "another note")
    assert await lamps.parts.upkeep.rederive() == 2
    assert (await lamps.standings())["bad"] == (2, "ok")
    assert (await lamps.state(1, "lamp-a"))["status"] == "off"
    assert await lamps.pool.fetchval("select count(*) from item where fault") == 0
    await lamps.verify()


async def test_a_chunk_that_cannot_be_stored_is_split_down_to_one_case(lamps: Rig) -> None:
    """Whatever the database refuses ends as one case's fault, and where to read on is written for the whole chunk."""
    store = lamps.parts.store
    original = store._write

    async def refuse(connection, writes, outcome, ends):  # type: ignore[no-untyped-def]
        if any(row.subject == case(3) and row.code != "internal.fault" for row in writes.new):
            raise ValueError("a value that the database refuses")
        await original(connection, writes, outcome, ends)

    store._write = refuse  # type: ignore[method-assign]
    await lamps.deal_with(*(lamp_event("switched-on", id=f"r-{n}", number=n) for n in range(1, 8)))
    standings = await lamps.standings()
    assert standings.pop("r-3") == (1, "internal.fault")
    assert set(standings.values()) == {(1, "ok")}
    ends = {(r.partition): r.offset + 1 for r in await lamps.inbound()}
    rows = await lamps.pool.fetch("select partition, next_offset from progress")
    assert {row["partition"]: row["next_offset"] for row in rows} == ends
    await lamps.verify()


async def test_where_to_read_on_is_stored_with_the_last_chunk_of_a_batch(lamps: Rig) -> None:
    """A batch that was stored in part comes again as a whole; what it had done before is done once."""
    ingest, store = lamps.parts.ingest, lamps.parts.store
    ingest._chunk, original, calls = 3, store.batch, count()

    async def lose_the_database(connection, batch, ends=(), **named):  # type: ignore[no-untyped-def]
        if next(calls) == 2:
            raise ConnectionError("the database went away")
        return await original(connection, batch, ends, **named)

    store.batch = lose_the_database  # type: ignore[method-assign]
    await lamps.send(*(lamp_event("switched-on", id=f"r-{n}", number=n) for n in range(1, 9)), b"{broken", b"{this too")
    records = await lamps.new_records()
    with pytest.raises(ConnectionError):
        await ingest.handle(records)
    stored = "select count(*) from fact union all select count(*) from answer"
    assert 0 < sum(row[0] for row in await lamps.pool.fetch(stored)) < len(records)
    assert await lamps.pool.fetch("select * from progress") == []
    answers = await lamps.pool.fetch("select * from answer")
    await ingest.handle(records)
    assert set(answers) <= set(await lamps.pool.fetch("select * from answer"))
    ends = {(r.topic, r.partition): r.offset + 1 for r in records}
    rows = await lamps.pool.fetch("select topic, partition, next_offset from progress")
    assert {(row[0], row[1]): row[2] for row in rows} == ends
    await lamps.verify()
