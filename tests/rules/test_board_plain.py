"""The board, which leaves out what cannot matter, against the letter of the text, which leaves out nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.fact import Day, Fact
from shared.rules.board import ItemSnapshot, evaluate
from tests.support import children, courses, hires, whole
from tests.support.items import MAPPINGS, case, entry, fact, item
from tests.support.lawful import assert_since_follows_the_letter
from tests.support.lives import days, items_of_a_case
from tests.support.whole import snapshots

#: Reports of all five services on one case.
REPORTED = st.tuples(
    *(st.lists(one, max_size=8) for one in (whole.REPORTS, courses.SPOKEN, hires.REPORTS, children.REPORTS))
).map(lambda parts: [fact for part in parts for fact in part])


@given(items_of_a_case(), days)
def test_statuses_and_stages_are_those_of_the_letter(items: list[ItemSnapshot], today: Day) -> None:
    """Whatever a case's snapshots tell, every status, the stage and their days are as the plain rules find them."""
    assert_since_follows_the_letter(items, today)


@given(whole.reported, days)
def test_so_they_are_of_what_recognition_and_intake_derive(facts: list[Fact], today: Day) -> None:
    """The same from many reports on a few items, through the services' own rule books."""
    assert_since_follows_the_letter(snapshots(facts), today)


@given(courses.spoken, courses.introductions, days)
def test_so_they_are_of_levels_and_courses(facts: list[Fact], met: list[ItemSnapshot], today: Day) -> None:
    """What is resolved depends on the days before."""
    assert_since_follows_the_letter([*snapshots(facts), *met], today)


@given(REPORTED, days)
def test_so_they_are_of_what_all_services_derive(facts: list[Fact], today: Day) -> None:
    """Items of all kinds beside each other."""
    assert_since_follows_the_letter(snapshots(facts), today)


def test_the_day_of_an_exam_counts_although_its_status_stays() -> None:
    """What is told again after a certificate is an entry of its own."""
    certified = entry("2026-02-01", "level-certified", germanLevel="B1", evidence="certificate")
    path = [entry("2026-01-10", "exam-taken", toLevel="B1"), entry("2026-03-01", "exam-taken", toLevel="B2")]
    items = [item("language", "level", [certified]), item("language", "course-1", path)]
    found = evaluate(MAPPINGS, items, "2026-04-01").board.barriers["language"]
    assert (found.status, found.since) == ("open", "2026-02-01")
    assert_since_follows_the_letter(items, "2026-04-01")


JOB = {"status": "published", "acceptsPendingRecognition": True, "regulatedOccupation": False}
NO_JOB = {**JOB, "acceptsPendingRecognition": False}
OPENED = fact("intake", "case-opened", "2026-01-01")


@pytest.mark.parametrize(
    ("barrier", "items", "since"),
    [
        (
            "residence",
            [
                case(
                    entry("2026-01-01", "open", access="free"),
                    entry("2026-02-01", "open", access="free", flags=["renewal"], renewalRequestedOn="2026-02-01"),
                )
            ],
            "2026-02-01",
        ),
        (
            "residence",
            [
                item(
                    "intake",
                    "permit-1",
                    [
                        entry("2026-01-01", "granted", until="2026-01-15"),
                        entry("2026-02-01", "granted", until="2026-12-31"),
                    ],
                ),
                item("language", "level", [entry("2026-01-20", "assessed")]),
            ],
            "2026-02-01",
        ),
        (
            "residence",
            [
                item("intake", "permit-1", [entry("2026-01-01", "granted", openingId="o1")]),
                item("intake", "permit-2", [entry("2026-01-01", "requested", openingId="o2")]),
                item(
                    "outreach",
                    "introduction-1",
                    [
                        entry("2026-01-05", "introduced", openingId="o2"),
                        entry("2026-02-01", "hired", openingId="o2"),
                    ],
                ),
            ],
            "2026-02-01",
        ),
        (
            "recognition",
            [
                item("recognition", "procedure-1", [entry("2026-01-01", "submitted")]),
                item(
                    "outreach",
                    "introduction-1",
                    [
                        entry("2026-01-05", "introduced", openingId="o1", terms=NO_JOB),
                        entry("2026-02-01", "introduced", openingId="o1", terms=JOB),
                    ],
                ),
            ],
            "2026-02-01",
        ),
    ],
    ids=["a renewal", "a later end of a permit", "a hire that another permit is for", "other terms of an opening"],
)
def test_one_field_alone_can_begin_a_status(barrier: str, items: list[ItemSnapshot], since: Day) -> None:
    """Of two entries that are otherwise alike."""
    assert evaluate(MAPPINGS, items, "2026-03-01").board.barriers[barrier].since == since
    assert_since_follows_the_letter(items, "2026-03-01")


def test_the_first_fact_beside_the_opening_begins_a_stage_also_where_introductions_are() -> None:
    """No item that gives a stage changes on that day."""
    items = [
        case(entry("2026-01-01", "open"), facts=[OPENED]),
        item("recognition", "procedure-1", [entry("2026-01-10", "submitted")]),
        item("outreach", "introduction-1", [entry("2026-01-20", "ended")]),
    ]
    board = evaluate(MAPPINGS, items, "2026-03-01").board
    assert (board.stage, board.since) == ("clearing", "2026-01-10")
    assert_since_follows_the_letter(items, "2026-03-01")
