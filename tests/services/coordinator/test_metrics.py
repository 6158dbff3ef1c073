"""What the coordinator's metrics tell: how long a report waits for its change on the board, and faults."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from services.coordinator import store
from services.coordinator.days import Days
from services.coordinator.snapshots import Folded, fold
from shared.contracts.topics import events_topic
from shared.engine.say import RECEIVED, Message
from shared.platform.clock import milliseconds
from shared.platform.logs import JsonLines
from shared.platform.metrics import Metrics
from tests.services.coordinator.harness import Rig, case_id, day, snapshot
from tests.support.items import permit, procedure
from tests.support.metered import series, value

CASE = case_id(1)


def fresh(message: Message, seconds: float) -> Message:
    """A snapshot that says that the report behind it was received so long ago."""
    return message._replace(received_at=milliseconds() - int(seconds * 1000))


def waited(board: Rig, le: str) -> dict[str, float]:
    """How many changes of each barrier waited at most so long."""
    return {
        dict(labels)["barrier"]: count
        for labels, count in series(board.metrics, "lotse_freshness_seconds_bucket").items()
        if dict(labels)["le"] == le
    }


async def test_freshness_is_from_the_report_to_the_change_of_the_barrier(board: Rig) -> None:
    """Of each barrier that changed, once; the snapshot again changes nothing and counts nothing."""
    records = await board.deal_with(
        day("2026-02-01"), fresh(snapshot(CASE, procedure("a", "submitted", turn="competent-body")), 20)
    )
    everything = dict.fromkeys(("recognition", "childcare", "language", "residence"), 1)
    assert waited(board, "10.0") == dict.fromkeys(everything, 0)
    assert waited(board, "30.0") == waited(board, "+Inf") == everything
    await board.parts.inbox.handle(records)
    await board.deal_with(fresh(snapshot(CASE, procedure("a", "submitted", turn="applicant"), 2), 20))
    assert waited(board, "+Inf") == everything | {"recognition": 2}
    await board.verify()


async def test_what_is_said_again_or_by_a_day_has_no_freshness(board: Rig) -> None:
    """A snapshot without the time of a report, a day, and a run of upkeep change the board, and nobody waited."""
    await board.deal_with(
        day("2026-02-01"),
        snapshot(CASE, procedure("a", "submitted", turn="competent-body", stalledFrom="2026-02-03")),
    )
    await board.deal_with(day("2026-02-03"))
    await board.parts.upkeep.rederive()
    await board.parts.upkeep.republish()
    assert waited(board, "+Inf") == {}


async def test_of_several_reports_in_one_batch_the_first_counts(board: Rig) -> None:
    """The longest wait must not hide behind the newest snapshot; one that is known already has none."""
    old = fresh(snapshot(CASE, permit("p", "requested", turn="competent-body")), 2_000)
    await board.deal_with(day("2026-02-01"), old._replace(received_at=None))
    await board.deal_with(
        old,
        fresh(snapshot(CASE, procedure("a", "submitted")), 200),
        fresh(snapshot(CASE, procedure("a", "submitted", turn="applicant"), 2), 20),
    )
    assert (waited(board, "60.0"), waited(board, "300.0")) == ({"recognition": 0}, {"recognition": 1})


def test_the_message_itself_cannot_say_when_the_report_was_received() -> None:
    """It is the record that tells: a member of the message by the same name is not looked at."""
    told = snapshot(CASE, procedure("a", "submitted"))
    assert told.value is not None
    value_ = told.value.replace(b'{"specversion"', b'{"received_at":1,"receivedAt":1,"specversion"')

    class Record:
        topic, key, value, timestamp = told.topic, told.key, value_, 5
        headers: Any = (("content-type", b"x"),)

    folded = Folded({}, {})
    fold({events_topic("recognition"): "recognition"}, [Record()], folded)
    assert [one.received_at for one in folded.cases[CASE].values()] == [0]
    Record.headers = ((RECEIVED, b""),)
    fold({events_topic("recognition"): "recognition"}, [Record()], folded)
    assert [one.received_at for one in folded.cases[CASE].values()] == [5]


async def test_a_case_that_cannot_be_derived_is_told_by_its_reports(
    board: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its age grows until it is mended; the log names reports, neither the case nor what the error says."""
    look = board.parts.vitals.look

    def stumble(*_: Any) -> Any:
        raise ValueError(f"stumbles over {CASE}")

    monkeypatch.setattr(store, "board_of", stumble)
    with caplog.at_level(logging.INFO):
        await board.deal_with(day("2026-02-01"), snapshot(CASE, procedure("nurse-4f7q", "submitted")))
    line = next(JsonLines("coordinator").format(one) for one in caplog.records if "derived" in one.getMessage())
    assert CASE not in line and "nurse-4f7q" not in line
    told = json.loads(line)
    assert (told["error"], told["said_by"]) == ("ValueError", ["recognition"])
    assert told["reports"] == ["/office#said-2026-01-10-1"]
    await board.pool.execute("update board set fault_at = fault_at - interval '1 minute'")
    await board.deal_with(snapshot(CASE, procedure("nurse-4f7q", "submitted", turn="applicant"), 2))
    await look()
    assert value(board.metrics, "lotse_internal_faults") == 1
    assert 60 <= value(board.metrics, "lotse_internal_fault_oldest_seconds") < 120
    monkeypatch.undo()
    await board.parts.upkeep.rederive()
    await board.parts.upkeep.anti_entropy()
    await look()
    assert value(board.metrics, "lotse_internal_faults") == 0
    assert value(board.metrics, "lotse_internal_fault_oldest_seconds") == 0
    assert value(board.metrics, "lotse_upkeep_timestamp_seconds") > 1_700_000_000
    await board.verify()


async def test_snapshots_that_cannot_be_stored_are_told_by_their_reports(
    board: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One case that raises is left out, and the log helps to find it without naming it."""

    async def refuse(*_: Any, **__: Any) -> Any:
        raise ValueError(f"cannot store {CASE}")

    monkeypatch.setattr(board.parts.store, "snapshots", refuse)
    with caplog.at_level(logging.INFO):
        await board.deal_with(snapshot(CASE, procedure("nurse-4f7q", "submitted")))
    lines = [JsonLines("coordinator").format(one) for one in caplog.records]
    assert any("left out" in line and "/office#said-2026-01-10-1" in line for line in lines)
    assert not [line for line in lines if CASE in line or "nurse-4f7q" in line]


async def test_the_day_is_shown_again_after_a_restart(board: Rig) -> None:
    """It is read from the database, so that a new process does not look like a day that did not begin."""
    await board.deal_with(day("2026-02-01"))
    assert value(board.metrics, "lotse_day") == 20485
    anew = Metrics()
    await Days(board.pool, board.parts.store, board.parts.speech, anew).show()
    assert value(anew, "lotse_day") == 20485
