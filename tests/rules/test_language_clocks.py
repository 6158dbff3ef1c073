"""Language, each state with whose turn it is, what is due and what the calendar will do (states.md §§4, 8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.language import table
from services.language.state import _Course
from shared.contracts.fact import Fact
from shared.rules.walker import walk
from tests.support.courses import INTEGRATION, JOB, given, said
from tests.support.given import CONTEXT

DAY = "2026-01-10"
#: What is different once an entitlement has lapsed, beside the flags.
LAPSED = {"status": "entitlement-lapsed", "dueOn": None, "ruleId": None, "stalledFrom": None}

Due = tuple[str, str | None, str | None, str | None]


def _issued(day: str, kind: str, basis: str) -> Fact:
    return said("entitlement-issued", day, courseType=kind, entitlementBasis=basis)


def _registered(day: str, kind: str, **data: Any) -> Fact:
    return said("registered", day, courseType=kind, **data)


def _started(day: str, kind: str) -> Fact:
    return said("course-started", day, courseType=kind)


#: Facts; turn, dueOn, ruleId, stalledFrom; from when the entitlement is lapsed.
LINES: dict[str, tuple[list[Fact], Due, str | None]] = {
    "none": ([said("resumed", DAY)], ("applicant", None, None, None), None),
    "entitled, job language course": (
        [_issued("2026-01-02", JOB, "job-language")],
        ("applicant", "2026-04-02", "DeuFöV:§6(3)", "2026-02-14"),
        "2026-04-03",
    ),
    "entitled, course at a workplace; Easter moves the end": (
        [_issued("2026-01-03", "workplace-language-course", "job-language")],
        ("applicant", "2026-04-07", "DeuFöV:§6(3)", "2026-02-15"),
        "2026-04-08",
    ),
    "entitled, integration course by admission": (
        [_issued("2026-01-02", "integration-course-special", "admission")],
        ("applicant", "2027-01-04", "IntV:§5(3)", "2026-02-14"),
        "2027-01-05",
    ),
    "entitled, integration course by obligation": (
        [_issued("2026-01-02", INTEGRATION, "obligation-jobcenter")],
        ("applicant", "2026-02-13", "lotse:registration", "2026-02-14"),
        None,
    ),
    "entitled, a course of the Land": (
        [_issued("2026-01-02", "other", "admission")],
        ("applicant", "2026-02-13", "lotse:registration", "2026-02-14"),
        None,
    ),
    "entitlement-refused": ([said("entitlement-refused", DAY)], ("competent-body", None, None, None), None),
    "entitlement-lapsed": ([said("entitlement-lapsed", DAY)], ("applicant", None, None, None), None),
    "waiting, job language course": (
        [_registered(DAY, JOB)],
        ("partner", "2026-02-09", "DeuFöV:§9(3)", "2026-02-10"),
        None,
    ),
    "waiting, integration course": (
        [_registered(DAY, INTEGRATION)],
        ("partner", "2026-02-23", "IntV:§7(4)", "2026-02-24"),
        "2027-01-12",
    ),
    "waiting, a course of the Land": ([_registered(DAY, "other")], ("partner", None, None, None), None),
    "not-formed, job language course": (
        [_registered("2026-01-02", JOB), said("course-not-formed", DAY)],
        ("capacity", "2026-01-26", "DeuFöV:§9(4)", "2026-01-27"),
        None,
    ),
    "not-formed, integration course": (
        [_registered("2026-01-02", INTEGRATION), said("course-not-formed", DAY)],
        ("capacity", "2026-01-24", "lotse:referral", "2026-01-25"),
        None,
    ),
    "referred, integration course": (
        [_registered("2025-12-01", INTEGRATION), said("course-not-formed", "2026-01-02"), said("referred", DAY)],
        ("partner", "2026-02-23", "IntV:§7(4)", "2026-02-24"),
        "2026-12-02",
    ),
    "referred, of which nothing else is known": ([said("referred", DAY)], ("partner", None, None, None), None),
    "started": ([_started(DAY, INTEGRATION)], ("partner", None, None, None), None),
    "started, irregular": (
        [_started("2026-01-02", INTEGRATION), said("attendance-irregular", DAY)],
        ("partner", None, None, None),
        None,
    ),
    "interrupted, integration course": (
        [_started("2026-01-02", INTEGRATION), said("interrupted", DAY)],
        ("applicant", "2026-03-07", "lotse:interruption", "2026-03-08"),
        "2027-01-12",
    ),
    "interrupted, job language course": (
        [_started("2026-01-02", JOB), said("interrupted", DAY)],
        ("applicant", "2026-03-07", "lotse:interruption", "2026-03-08"),
        None,
    ),
    "resumed": (
        [_started("2026-01-02", INTEGRATION), said("interrupted", "2026-01-05"), said("resumed", DAY)],
        ("partner", None, None, None),
        None,
    ),
    "dropped-out": (
        [_started("2026-01-02", INTEGRATION), said("dropped-out", DAY)],
        ("applicant", None, None, None),
        None,
    ),
    "completed": ([said("completed", DAY)], ("partner", "2026-03-07", "lotse:exam", "2026-03-08"), None),
    "exam-taken": (
        [said("exam-taken", DAY)],
        ("competent-body", "2026-03-07", "lotse:certificate", "2026-03-08"),
        None,
    ),
    "below-target": (
        [said("exam-taken", DAY, result="failed")],
        ("applicant", "2026-02-21", "lotse:next-step", "2026-02-22"),
        None,
    ),
}


@pytest.mark.parametrize("line", LINES)
def test_each_state_says_whose_turn_it_is_and_what_is_due(line: str) -> None:
    """Turn, due date and its rule, from when it is stalled, and what the calendar will do."""
    facts, (turn, due, rule, stalled), lapses = LINES[line]
    state = (
        given(*facts).then(turn=turn, due=due, rule=rule, stalled=stalled, lapsesOn=lapses, availableFrom=None).state
    )
    assert [entry["from"] for entry in state["ahead"]] == ([lapses] if lapses else [])


def test_every_state_stands_above() -> None:
    """No row of the table is left out."""
    assert {given(*facts).state["status"] for facts, _, _ in LINES.values()} == set(table.MEANINGS)


def test_what_lapses_by_the_calendar_is_the_applicants_turn_with_nothing_due() -> None:
    """Only what differs is told: whose turn it was, and a running interruption."""
    assert given(_issued("2026-01-02", JOB, "job-language")).state["ahead"] == [{"from": "2026-04-03", **LAPSED}]
    assert given(_registered(DAY, INTEGRATION)).state["ahead"] == [
        {"from": "2027-01-12", **LAPSED, "turn": "applicant"}
    ]
    interrupted = given(_started("2026-01-02", INTEGRATION), said("interrupted", DAY))
    assert interrupted.state["ahead"] == [{"from": "2027-01-12", **LAPSED, "flags": []}]


def test_an_entitlement_to_a_job_language_course_is_stalled_two_weeks_before_it_lapses() -> None:
    """The registration is late earlier than that today; the rule holds all the same."""
    for kind, end in ((JOB, "2026-03-19"), (INTEGRATION, None)):
        walked = walk(table.COURSE, [_issued("2026-01-02", kind, "admission")])
        near = _Course(walked, "NW").lapses_soon()
        assert (near.day if near else None) == end
    assert table.MEANINGS["entitled"].stalled == ("REG", "LAPSE-SOON")


def test_the_right_to_begin_runs_from_the_registration_that_counts() -> None:
    """The last one since the way began; a referral does not renew it, a referral after it was over needs a new one."""
    first, second = _registered("2026-01-12", INTEGRATION), _registered("2026-05-11", INTEGRATION)
    given(first, said("referred", "2026-03-02")).then(lapsesOn="2027-01-13")
    given(first, said("course-not-formed", "2026-03-02"), second).then(lapsesOn="2027-05-12")
    given(first, second).then(lapsesOn="2027-01-13", since="2026-01-12")
    given(first, said("entitlement-lapsed", "2026-03-02"), said("referred", "2026-04-01")).then(lapsesOn=None)
    given(first, said("dropped-out", "2026-03-02"), second).then(lapsesOn="2027-05-12")
    given(first, said("referred", "2027-01-12")).then(lapsesOn="2027-01-13", status="referred")
    given(first, said("referred", "2027-01-13")).then(lapsesOn=None, ahead=[], status="referred")
    given(first, said("course-not-formed", "2026-03-02")).then(lapsesOn=None)


def test_a_second_interruption_has_its_own_time() -> None:
    """The clock starts with the flag that runs."""
    given(
        _started("2026-01-02", INTEGRATION),
        said("interrupted", "2026-01-05"),
        said("resumed", "2026-01-12"),
        said("interrupted", "2026-02-02"),
    ).then(due="2026-03-30", lapsesOn="2027-02-03")


def test_an_echo_restarts_no_clock() -> None:
    """The first one's day counts; an earlier report that comes late moves it."""
    first, again = _registered("2026-01-12", JOB), _registered("2026-02-02", JOB)
    given(first, again).then(due="2026-02-09", parked={})
    given(first, _registered("2026-01-05", JOB)).then(due="2026-02-02")
    failed = [said("exam-taken", day, result="failed") for day in (DAY, "2026-02-10")]
    given(*failed).then(since=DAY, due="2026-02-21", parked={})


def test_a_way_that_begins_again_has_new_clocks() -> None:
    """Repetition after a failed exam: the entitlement of then, not of before."""
    given(
        _issued("2025-06-02", JOB, "job-language"),
        said("exam-taken", DAY, result="failed"),
        _issued("2026-02-02", JOB, "job-language"),
    ).then(status="entitled", due="2026-05-04", lapsesOn="2026-05-05", stalled="2026-03-17")


def test_the_days_off_of_the_region_move_a_deadline_of_law() -> None:
    """Epiphany is a holiday in Bavaria; what the project sets moves nowhere."""
    facts = [_registered("2025-12-09", JOB)]
    given(*facts).then(due="2026-01-06", stalled="2026-01-07")
    bavaria = replace(CONTEXT, region_land="BY")
    given(*facts, context=bavaria).then(due="2026-01-07", stalled="2026-01-08")
    given(said("completed", "2025-11-11"), context=bavaria).then(due="2026-01-06")


def test_the_type_and_the_basis_that_were_said_last_choose_the_rule() -> None:
    """A registration may name another kind of course than the entitlement."""
    issued = _issued("2026-01-02", JOB, "job-language")
    given(issued, _registered(DAY, INTEGRATION)).then(rule="IntV:§7(4)")
    given(issued, said("course-not-formed", DAY)).then(rule="DeuFöV:§9(4)")
    given(said("course-not-formed", DAY)).then(turn="capacity", due=None, rule=None, stalled=None)
