"""Facts, derived by the rule books and put on the board: given these reports, then this board."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.fact import Fact
from shared.rules.scene import plus
from tests.support.given import report, retraction
from tests.support.lawful import assert_lawful
from tests.support.whole import board_of, days, reported, snapshots

TARGET: dict[str, Any] = {
    "targetKldb": "81302",
    "targetGermanLevel": "B2",
    "targetRegulated": True,
    "foreignDegree": "regulated",
}


def _intake(name: str, day: str, by: str = "jobcenter-neuss", **data: Any) -> Fact:
    return report(name, "case", day, by=by, **data)


def _opened(day: str = "2025-08-18") -> Fact:
    return _intake("case-opened", day, ags="05162024", statusClass="temporary-protection", benefitCarrier="jobcenter")


def _procedure(name: str, day: str, **data: Any) -> Fact:
    return report(name, "procedure-nurse-4f7q", day, procedureId="nurse-4f7q", **data)


def _permit(name: str, day: str, number: str = "p1", **data: Any) -> Fact:
    return report(f"permit-{name}", f"permit-{number}", day, by="foreigners-office", permitId=number, **data)


HEAD = {"recognitionRoute": "b", "referenceOccupation": "81302", "body": "zag-muenster"}
NURSE = (
    _opened(),
    _intake("employment-access-changed", "2025-08-18", access="free", titleUntil="2027-03-04"),
    _intake("potential-assessed", "2025-08-25", **TARGET),
    _procedure("submitted", "2025-12-10", **HEAD),
    _procedure("documents-complete", "2026-02-02", body="zag-muenster"),
)


def test_the_nurse_of_the_contract() -> None:
    """`GET /v1/cases/{caseId}` of facts.md §5, from the reports themselves."""
    board = msgspec.json.decode(msgspec.json.encode(board_of(*NURSE, today="2026-06-03").board))
    recognition, residence = board["barriers"]["recognition"], board["barriers"]["residence"]
    assert [one["item"] for one in recognition.pop("because")] == ["procedure-nurse-4f7q"]
    assert recognition == {
        "status": "in-progress",
        "stalled": True,
        "turn": "competent-body",
        "since": "2025-12-10",
        "dueOn": "2026-06-02",
        "ruleId": "PflAPrV:§43(3)",
        "availableFrom": None,
        "bridgedBy": [],
        "conflicts": [],
    }
    (because,) = residence.pop("because")
    assert [one["type"] for one in because["facts"]] == ["lotse.intake.employment-access-changed.v1"]
    assert (because["item"], because["institution"]) == ("case", "jobcenter-neuss")
    assert (residence["status"], residence["since"], residence["turn"]) == ("not-a-barrier", "2025-08-18", None)
    assert (board["stage"], board["since"], board["ags"]) == ("clearing", "2025-08-18", "05162024")
    assert (board["openBarriers"], board["onlyBarrier"], board["conflicts"]) == (["recognition"], "recognition", [])


def test_the_nurses_licence_resolves_what_the_decision_did_not() -> None:
    """Route b with a regulated target."""
    decided = (*NURSE, _procedure("decided", "2026-05-04", outcome="full"))
    barrier = board_of(*decided, today="2026-05-05").board.barriers["recognition"]
    assert (barrier.status, barrier.turn, barrier.since) == ("in-progress", "competent-body", "2025-12-10")
    issued = (*decided, _procedure("licence-issued", "2026-05-20"))
    barrier = board_of(*issued, today="2026-05-21").board.barriers["recognition"]
    assert (barrier.status, barrier.turn, barrier.since) == ("resolved", None, "2026-05-20")


def test_a_suspension_ends_on_its_day_without_a_report() -> None:
    """From the day after the set date it is the body's turn again, with the days added."""
    asked = _procedure("clock-suspended", "2026-03-02", until="2026-03-11", suspensionReason="further-information")
    before = board_of(*NURSE, asked, today="2026-03-11")
    assert before.next_day == "2026-03-12"
    assert before.board.barriers["recognition"].turn == "applicant"
    after = board_of(*NURSE, asked, today="2026-03-12").board.barriers["recognition"]
    assert (after.turn, after.due_on, after.since) == ("competent-body", "2026-06-12", "2025-12-10")


def test_two_decisions_are_shown_and_the_first_holds() -> None:
    """At the barrier and at the case, with both facts."""
    decisions = [
        _procedure("decided", day, outcome=outcome) for day, outcome in (("2026-03-02", "none"), ("2026-03-03", "full"))
    ]
    board = board_of(*NURSE, *decisions, today="2026-03-10").board
    barrier = board.barriers["recognition"]
    assert (barrier.status, barrier.turn, barrier.due_on) == ("not-resolvable", "applicant", "2026-04-02")
    (conflict,) = barrier.conflicts
    assert (conflict.code, conflict.items) == ("two-decisions", ("recognition/procedure-nurse-4f7q",))
    assert {one.id for one in conflict.facts} == {one.id for one in decisions}
    assert board.conflicts == barrier.conflicts


def test_declared_absent_again_after_a_fact_holds_again() -> None:
    """The case is declared, a procedure shows up, and somebody looks again; other barriers keep their own day."""
    absent = [
        _intake("barrier-declared-absent", "2025-11-01", barrier=barrier)
        for barrier in ("recognition", "childcare", "language")
    ]
    assert board_of(*NURSE[:3], *absent, today="2026-06-03").board.barriers["recognition"].status == "not-a-barrier"
    assert board_of(*NURSE, *absent, today="2026-06-03").board.barriers["recognition"].status == "in-progress"
    again = _intake("barrier-declared-absent", "2026-02-20", barrier="recognition")
    found = board_of(*NURSE, *absent, again, today="2026-06-03").board.barriers["recognition"]
    assert (found.status, found.since) == ("not-a-barrier", "2026-02-20")
    assert [one.facts[0].id for one in found.because] == [again.id]
    other = _intake("barrier-declared-absent", "2026-02-20", barrier="childcare")
    assert board_of(*NURSE, *absent, other, today="2026-06-03").board.barriers["recognition"].status == "in-progress"


def test_a_title_is_renewed_in_time() -> None:
    """Expiring, renewal requested, fiction, and free again with the new title."""
    access = _intake(
        "employment-access-changed", "2025-09-01", by="foreigners-office", access="free", titleUntil="2026-03-31"
    )
    asked = _intake("title-renewal-requested", "2026-03-20")
    renewed = _intake(
        "employment-access-changed", "2026-04-20", by="foreigners-office", access="free", titleUntil="2028-03-31"
    )

    def residence(*facts: Fact, today: str) -> tuple[str, str | None, bool, str]:
        found = board_of(_opened(), access, *facts, today=today).board.barriers["residence"]
        return found.status, found.turn, found.stalled, found.since

    assert residence(today="2025-12-30") == ("not-a-barrier", None, False, "2025-09-01")
    assert residence(today="2025-12-31") == ("in-progress", "applicant", False, "2025-12-31")
    assert residence(today="2026-03-01") == ("in-progress", "applicant", True, "2025-12-31")
    assert residence(asked, today="2026-03-20") == ("in-progress", "competent-body", False, "2025-12-31")
    assert residence(asked, today="2026-04-10") == ("in-progress", "competent-body", False, "2025-12-31")
    assert residence(today="2026-04-10") == ("lapsed", "applicant", False, "2026-04-01")
    assert residence(asked, renewed, today="2026-04-20") == ("not-a-barrier", None, False, "2026-04-20")


def test_the_agencys_silence_is_an_approval() -> None:
    """Two weeks without a demand for information; then the authority has the turn."""
    needed = _intake("employment-access-changed", "2026-01-05", access="permit-needed")
    facts = (_opened(), needed, _permit("requested", "2026-01-12"), _permit("approval-requested", "2026-01-19"))
    found = board_of(*facts, today="2026-02-02").board.barriers["residence"]
    assert (found.status, found.turn, found.due_on, found.rule_id) == (
        "in-progress",
        "competent-body",
        "2026-02-02",
        "BeschV:§36(2)",
    )
    after = board_of(*facts, today="2026-02-03")
    found = after.board.barriers["residence"]
    assert (found.status, found.rule_id, found.stalled, found.since) == (
        "in-progress",
        "lotse:permit",
        False,
        "2026-01-12",
    )
    assert after.next_day is not None and board_of(*facts, today=after.next_day).board.barriers["residence"].stalled
    granted = (*facts, _permit("granted", "2026-02-10", until="2026-08-09"))
    assert board_of(*granted, today="2026-08-09").board.barriers["residence"].status == "resolved"
    lapsed = board_of(*granted, today="2026-08-10").board.barriers["residence"]
    assert (lapsed.status, lapsed.since) == ("lapsed", "2026-08-10")


def test_a_report_that_is_taken_back_leaves_no_trace_on_the_board() -> None:
    """As if it had never been."""
    closed = _procedure("decided", "2026-03-02", outcome="none")
    board = board_of(*NURSE, closed, retraction(closed), today="2026-03-10").board
    assert board == board_of(*NURSE, today="2026-03-10").board


def test_a_revoked_consent_hides_the_case_until_a_new_one() -> None:
    """Whatever is on the board."""
    granted = _intake(
        "consent-granted", "2025-09-01", consentId="c1", purposes=["case-view"], recipients=["zag-muenster"]
    )
    revoked = _intake("consent-revoked", "2025-10-01", consentId="c1")
    again = _intake(
        "consent-granted", "2025-11-01", consentId="c2", purposes=["case-view"], recipients=["zag-muenster"]
    )
    hidden = [
        board_of(*NURSE, *facts, today="2026-03-10").hidden
        for facts in ((), (granted,), (granted, revoked), (granted, revoked, again))
    ]
    assert hidden == [False, False, True, False]


@settings(max_examples=150)
@given(reported, days)
def test_the_board_of_any_reports_is_lawful(facts: list[Fact], today: str) -> None:
    """The letter of `since`, no change before the next day, no order of items: with what the services really say."""
    assert_lawful(snapshots(facts), today, until=plus(today, 400))


def test_an_item_whose_facts_are_all_parked_still_names_who_reported() -> None:
    """Nothing carries its state, so the reporter of its newest fact stands there; never an empty name."""
    stray = _procedure("clock-resumed", "2026-01-05", by="chamber-saxony")
    barrier = board_of(_opened(), stray, today="2026-01-06").board.barriers["recognition"]
    assert [(because.institution, because.facts) for because in barrier.because] == [("chamber-saxony", ())]


@given(reported, days, st.randoms(use_true_random=False))
def test_the_order_of_the_reports_does_not_matter(facts: list[Fact], today: str, chance: Any) -> None:
    """Any permutation of the same reports ends in the same board (law 1)."""
    shuffled = list(facts)
    chance.shuffle(shuffled)
    assert board_of(*shuffled, today=today) == board_of(*facts, today=today)
