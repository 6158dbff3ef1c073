"""Judging receipts: the newest version of a record's receipt counts, code and path must be as expected."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from lotse.simulator.plan import Plan
from lotse.simulator.post import Place
from lotse.simulator.receipts import Answer, Letterbox, judge
from lotse.simulator.report import Record
from shared.platform.access import Access, logins

PLACE: Place = ("inbound.intake.jobcenter-neuss", 3, 7)


def receipt(version: int, verdict: str, code: str, path: str | None = None) -> bytes:
    """A receipt as the services write it."""
    topic, partition, offset = PLACE
    data: dict[str, Any] = {"verdict": verdict, "code": code, "version": version}
    data |= {"record": {"topic": topic, "partition": partition, "offset": offset}} | ({"path": path} if path else {})
    return json.dumps({"data": data}).encode()


@pytest.fixture
def record(plan: Plan) -> Record:
    """A report that is as it should be."""
    return next(record for record in plan.records if record.mistake is None)


async def test_the_newest_version_of_a_receipt_stands() -> None:
    """Parked first, then taken up, read in any order."""
    for order in ((1, 2), (2, 1)):
        box = Letterbox(logins(Access("localhost:1"), None), [])
        said = {1: receipt(1, "parked", "fact.implausible"), 2: receipt(2, "accepted", "ok.late")}
        for version in order:
            box.take(said[version])
        assert box.answers == {PLACE: Answer(2, "accepted", "ok.late", None)}


def test_a_receipt_as_expected_is_counted_as_held(record: Record) -> None:
    """By mistake, and by verdict and code."""
    verdicts = judge([record], [PLACE], {PLACE: Answer(1, "accepted", "ok", None)})
    assert verdicts.all_held
    assert (verdicts.held[""], verdicts.by_code["accepted", "ok"]) == (1, 1)


@pytest.mark.parametrize(
    "answer",
    [None, Answer(1, "parked", "fact.implausible", None), Answer(0, "rejected", "data.invalid", "/data/x")],
)
def test_another_receipt_or_none_is_a_surprise(record: Record, answer: Answer | None) -> None:
    """It is told with the record."""
    verdicts = judge([record], [PLACE], {PLACE: answer} if answer else {})
    assert not verdicts.all_held
    assert (verdicts.surprises[0].record, verdicts.surprises[0].answer) == (record, answer)


def test_the_right_code_at_the_wrong_field_is_a_surprise(record: Record) -> None:
    """A refusal must say where the fault is."""
    wrong = replace(record, codes=frozenset({"data.invalid"}), path="/data/remark", mistake="unknown-field")
    for path, held in (("/data/remark", 1), ("/data/occurredOn", 0)):
        verdicts = judge([wrong], [PLACE], {PLACE: Answer(0, "rejected", "data.invalid", path)})
        assert verdicts.held["unknown-field"] == held
