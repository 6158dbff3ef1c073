"""`lotse doctor`, the long runs and `topics recreate` against the running region."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from lotse.stack import Stack
from lotse.stack.lag import group_lag
from shared.platform.access import Access
from shared.platform.kafka import delete_topics, end_offsets, list_topics
from tests.cli.conftest import Report, Terminal
from tests.support.eventually import until

HEAD = {"recognitionRoute": "b", "referenceOccupation": "81302", "body": "zag-muenster"}
_COUNTERS = ("version", "changed", "previous", "cause", "sequence")


def _plain(value: Any) -> Any:
    """An answer of the read API without what counts how often something was said (readings 31)."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if name not in _COUNTERS}
    return [_plain(one) for one in value] if isinstance(value, list) else value


async def _board(lotse: Terminal) -> dict[str, Any]:
    """The whole board, case by case."""
    listed = (await lotse("cases", "--limit", "100000", "--json")).json["items"]
    return {one["caseId"]: _plain(one) for one in listed}


async def _records(region: Stack, topic: str) -> int:
    """How many records a topic holds."""
    consumer = AIOKafkaConsumer(bootstrap_servers=region.brokers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(region.partitions)]
        consumer.assign(places)
        return sum((await end_offsets(consumer, places, "tansu")).values())
    finally:
        await consumer.stop()


async def _settled(region: Stack, lotse: Terminal, report: Report, case_id: str) -> None:
    """A case that the board shows, and nothing left to read."""
    await lotse("publish", "-", text=json.dumps(report("submitted", "2025-12-10", **HEAD)))

    async def known() -> bool:
        return (await lotse("case", case_id)).code == 0

    await until("the board shows the case", known)


async def test_the_doctor_finds_everything_well(region: Stack, lotse: Terminal) -> None:
    """Broker, topics, processes, databases, lag and the day, each looked at; exit code 0."""
    said = await lotse("doctor", "--json")
    findings = json.loads(said.out)["findings"]
    assert said.code == 0, [one for one in findings if one["health"] != "good"]
    parts = {one["part"] for one in findings}
    assert {"broker", "topics", "clock.days", *region.services} <= parts
    assert {"lotse_recognition", "lag recognition", "lotse_coordinator", "lag coordinator"} <= parts
    assert "Alles läuft." in (await lotse("doctor")).out


async def test_the_doctor_says_what_is_stopped(region: Stack, lotse: Terminal) -> None:
    """A service that stands still is red, with what to do; exit code 1."""
    await region.stop("intake")
    try:
        said = await lotse("doctor", "--json")
    finally:
        await region.start("intake")
    assert said.code == 1
    (finding,) = [one for one in json.loads(said.out)["findings"] if one["part"] == "intake"]
    assert finding["health"] == "bad" and "angehalten" in finding["text"]["de"]
    assert "lotse" in finding["advice"]["de"]


async def test_a_missing_topic_is_found_and_made(region: Stack, lotse: Terminal) -> None:
    """The doctor names it and the command that makes it; afterwards all is well."""
    topic = "inbound.outreach.kreishandwerkerschaft-niederrhein"
    await delete_topics(Access(region.brokers, "tansu"), [topic])
    said = await lotse("doctor")
    assert said.code == 1 and topic in said.out and "lotse topics create" in said.out
    assert (await lotse("topics", "create", "--json")).json == {"created": [topic]}
    assert (await list_topics(Access(region.brokers, "tansu")))[topic] == region.partitions
    assert (await lotse("doctor")).code == 0
    assert "Alle Topics sind da" in (await lotse("topics", "create")).out


async def test_topics_are_thrown_away_and_the_board_stays(
    region: Stack, lotse: Terminal, report: Report, case_id: str
) -> None:
    """Law 6: deleted, made anew, said again; the board is the same, and what is reported then still arrives."""
    await _settled(region, lotse, report, case_id)
    before = await _board(lotse)
    receipts = await _records(region, "receipts.zag-muenster")
    done = (await lotse("topics", "recreate", "--json")).json
    assert "events.recognition" in done["topics"] and "events.coordinator" in done["topics"]
    assert not [topic for topic in done["topics"] if not topic.startswith("events.")]
    assert set(done["republished"]) == set(region.services) - {"clock"}
    assert await _board(lotse) == before
    assert await _records(region, "receipts.zag-muenster") == receipts, "receipts are not said again"
    for service in ("recognition", "coordinator"):
        assert await _records(region, f"events.{service}") > 0
    await lotse("publish", "-", text=json.dumps(report("receipt-confirmed", "2025-12-20")))

    async def moved() -> bool:
        state = (await lotse("case", case_id, "--json")).json["items"][0]["state"]
        return bool(state["status"] == "receipt-confirmed")

    await until("a report after that reaches the board", moved)


async def test_an_interrupted_recreation_can_be_repeated(
    region: Stack, lotse: Terminal, report: Report, case_id: str
) -> None:
    """A republish that stopped half-way, and a service that stands still: the next one leaves nothing out."""
    await _settled(region, lotse, report, case_id)
    before = await _board(lotse)
    await lotse("topics", "recreate")
    said = await _records(region, "events.recognition")
    await region.stop("recognition")
    database = await asyncpg.connect(region.database_url("recognition"))
    half_way = "update run set cursor = 'ffffffff-ffff-ffff-ffff-ffffffffffff', finished_at = null where name = $1"
    assert await database.execute(half_way, "republish") == "UPDATE 1"
    await database.close()
    await lotse("topics", "recreate")
    assert await _records(region, "events.recognition") == said
    assert await _board(lotse) == before
    assert region.status()["recognition"]["state"] == "ready"


async def test_republish_says_every_row_again(region: Stack, lotse: Terminal, report: Report, case_id: str) -> None:
    """The topic of each service grows; the board stays."""
    await _settled(region, lotse, report, case_id)
    before, said = await _board(lotse), await _records(region, "events.recognition")
    told = await lotse("republish", "recognition")
    assert told.code == 0 and "subjects" in told.out and "Fertig." in told.out
    assert await _records(region, "events.recognition") > said

    async def read() -> bool:
        return not await group_lag(Access(region.brokers, "tansu"), "coordinator", ["events.recognition"])

    await until("the coordinator has read it", read)
    assert await _board(lotse) == before


async def test_rederive_changes_nothing_under_the_same_rules(region: Stack, lotse: Terminal) -> None:
    """Every service derives anew; without new rules nothing is said."""
    said = await _records(region, "events.recognition")
    done = (await lotse("rederive", "--json")).json["services"]
    assert set(done) == set(region.services) - {"clock"}
    assert await _records(region, "events.recognition") == said


async def test_after_a_restore_everything_is_said_beyond_what_was_said(
    region: Stack, lotse: Terminal, report: Report, case_id: str
) -> None:
    """Services raise their sequences, the board is built anew, and shows the same."""
    await _settled(region, lotse, report, case_id)
    before, said = await _board(lotse), await _records(region, "events.recognition")
    done = (await lotse("restored", "--json")).json["services"]
    assert set(done) == set(region.services) - {"clock"}
    assert await _records(region, "events.recognition") > said
    assert await _board(lotse) == before


async def test_a_rebuild_gives_the_same_board(region: Stack, lotse: Terminal, report: Report, case_id: str) -> None:
    """Law 5: built anew from the topics alone and compared; exit code 0 says that it is equal."""
    await _settled(region, lotse, report, case_id)
    said = await lotse("rebuild", "--verify")
    assert said.code == 0, said.out + said.err


async def test_the_file_of_the_stack_is_for_its_user_alone(region: Stack) -> None:
    """It holds passwords."""
    control = region.options.control
    assert isinstance(control, Path) and control.stat().st_mode & 0o077 == 0
