"""The barrier language, clause by clause of states.md §6.3, its bridges (§6.5) and what counts as resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.board import Barrier
from shared.contracts.fact import Fact
from shared.rules.board import Evaluation, ItemSnapshot, evaluate
from shared.rules.scene import plus
from tests.rules.test_golden import EXAMPLES
from tests.rules.test_language_states import WAYS
from tests.support import cases
from tests.support.courses import INTEGRATION, assessed, certified, days, introductions, life, said, spoken
from tests.support.items import MAPPINGS, introduction
from tests.support.lawful import assert_lawful
from tests.support.whole import snapshots

TODAY = "2026-12-01"
COUNSELLING = "competent-body"


def _evaluate(*facts: Fact, today: str = TODAY, met: tuple[ItemSnapshot, ...] = ()) -> Evaluation:
    return evaluate(MAPPINGS, [*snapshots(facts), *met], today)


def _language(*facts: Fact, today: str = TODAY, met: tuple[ItemSnapshot, ...] = ()) -> Barrier:
    return _evaluate(*facts, today=today, met=met).board.barriers["language"]


def _said(found: Barrier) -> tuple[str, str | None, str | None]:
    return found.status, found.turn, found.due_on


def _reasons(found: Barrier) -> list[tuple[str, list[str]]]:
    return [(one.item, [ref.type.split(".")[2] for ref in one.facts]) for one in found.because]


def _target(level: str, kldb: str = "43104", regulated: bool = False, day: str = "2026-01-01") -> Fact:
    return cases.assessed(day, kldb, level, targetRegulated=regulated)


# What is proven against the target


@pytest.mark.parametrize(
    ("target", "proven", "status"),
    [
        (None, "B1", "open"),
        (None, "B2", "not-a-barrier"),
        (("B1", "43104", False), "B1", "not-a-barrier"),
        (("B1", "43104", False), "A2", "open"),
        (("C1", "43104", False), "B2", "open"),
        (("B1", "81302", True), "B1", "open"),
        (("B1", "81302", True), "B2", "not-a-barrier"),
        (("B1", "81302", False), "B1", "not-a-barrier"),
        (("B1", "82102", True), "B1", "open"),
        (("B1", "82101", True), "B1", "not-a-barrier"),
        (("C1", "81302", True), "B2", "open"),
        (("B1", "81404", True), "B2", "open"),
        (("B2", "81484", True), "C1", "not-a-barrier"),
        (("B1", "84214", True), "B1", "not-a-barrier"),
        (("PRE_A1", "43104", False), "PRE_A1", "not-a-barrier"),
    ],
)
def test_the_target_is_as_assessed_but_no_lower_than_a_licence_asks(
    target: tuple[str, str, bool] | None, proven: str, status: str
) -> None:
    """Without an assessment B2; in nursing at least B2, for doctors C1, where the occupation is regulated."""
    known = [_target(*target)] if target else []
    assert _language(*known, certified("2026-02-02", proven)).status == status


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ([assessed("2026-02-02", "C1")], "open"),
        ([assessed("2026-02-02", "B2", "placement-test")], "not-a-barrier"),
        ([assessed("2026-02-02", "B2", "certificate")], "not-a-barrier"),
        ([assessed("2026-02-02", "B2", "placement-test"), assessed("2026-03-02", "B1", "placement-test")], "open"),
        ([assessed("2026-02-02", "B1", "placement-test"), assessed("2026-03-02", "A1")], "open"),
        ([certified("2026-02-02", "B1"), assessed("2026-03-02", "C1", "placement-test")], "open"),
        ([certified("2026-02-02", "B2"), certified("2026-03-02", "A2")], "not-a-barrier"),
        ([certified("2026-02-02", "B2"), assessed("2026-03-02", "A2", "placement-test")], "not-a-barrier"),
    ],
)
def test_the_highest_certificate_proves_else_the_newest_test(facts: list[Fact], status: str) -> None:
    """A self-report proves nothing, and no test outdoes a certificate."""
    assert _language(*facts).status == status


def test_a_proven_level_waits_for_nobody_and_names_its_proof() -> None:
    """Also while a course runs: what was aimed at is reached."""
    found = _language(said("registered", "2026-01-02"), certified("2026-02-02", "B2"), assessed("2026-03-02", "A1"))
    assert (_said(found), found.stalled, found.since) == (("resolved", None, None), False, "2026-02-02")
    assert _reasons(found) == [("level", ["level-certified", "level-assessed"])]


def test_the_language_of_the_published_case() -> None:
    """As `GET /v1/cases/{caseId}` shows it in facts.md, for somebody who told of a lower level before."""
    told = assessed("2025-08-25", "B1", by="jobcenter-neuss")
    paper = certified("2026-04-20", "B2", id="vhs-1")
    found = _language(_target("B2", "81302", regulated=True, day="2025-08-25"), told, paper, today="2026-06-03")
    published = next(one["barriers"]["language"] for one in EXAMPLES if "barriers" in one)
    assert msgspec.json.decode(msgspec.json.encode(found)) == published


# No barrier, or resolved


def test_what_was_never_open_is_no_barrier() -> None:
    """A certificate that was there from the start resolves nothing; one that ends a search does."""
    paper = certified("2026-03-02", "B2")
    assert (_language(paper).status, _language(paper).since) == ("not-a-barrier", "2026-03-02")
    for before in (
        assessed("2026-02-02", "B1"),
        said("registered", "2026-02-02"),
        said("entitlement-refused", "2026-02-02"),
        cases.said("barrier-declared-needed", "2026-02-02", barrier="language"),
    ):
        found = _language(before, paper)
        assert (found.status, found.since) == ("resolved", "2026-03-02"), before.name
    absent = cases.said("barrier-declared-absent", "2026-02-02", barrier="language")
    assert _language(absent, paper).status == "not-a-barrier"
    same_day = assessed("2026-03-02", "B1")
    assert _language(same_day, paper).status == "not-a-barrier"


def test_a_target_that_rises_opens_what_was_no_barrier_and_what_was_open_is_resolved() -> None:
    """History counts day by day; a lower target resolves, too."""
    b1, low, high = certified("2026-01-05", "B1"), _target("B1"), _target("B2", day="2026-03-02")
    found = _language(low, b1)
    assert (found.status, found.since) == ("not-a-barrier", "2026-01-05")
    found = _language(low, b1, high)
    assert (found.status, found.since) == ("open", "2026-03-02")
    found = _language(low, b1, high, certified("2026-06-02", "B2"))
    assert (found.status, found.since) == ("resolved", "2026-06-02")
    found = _language(low, b1, high, _target("A2", day="2026-04-01"))
    assert (found.status, found.since) == ("resolved", "2026-04-01")


def test_what_was_bridged_is_resolved_later() -> None:
    """A bridge shows that there was a barrier; on the day before it is no barrier yet."""
    low, high = _target("B1"), _target("B2", day="2026-02-02")
    b1, b2 = certified("2026-01-05", "B1"), certified("2026-03-02", "B2")
    met = introduction("1", "introduced", "2026-01-20", openingId="o1", terms=TERMS)
    assert _language(low, b1, met=(met,)).status == "not-a-barrier"
    assert _language(low, b1, high, met=(met,)).status == "bridged"
    found = _language(low, b1, high, b2, met=(met,))
    assert (found.status, found.since) == ("resolved", "2026-03-02")


def test_a_day_without_an_entry_of_its_own_shows_a_barrier_too() -> None:
    """An echo outdoes an older declaration, and from its day the course is in progress."""
    facts = [
        said("registered", "2026-02-02"),
        cases.said("barrier-declared-absent", "2026-02-02", barrier="language"),
        certified("2026-04-01", "B2"),
    ]
    assert _language(*facts).status == "not-a-barrier"
    assert _language(*facts, said("registered", "2026-03-02", by="jobcenter-neuss")).status == "resolved"


# Courses


@pytest.mark.parametrize("state", WAYS)
def test_each_state_of_a_course_gives_its_status(state: str) -> None:
    """The column *barrier* of §4."""
    if state == "none":
        return
    status = "open" if state in ("entitlement-refused", "entitlement-lapsed", "dropped-out", "below-target") else None
    found = _language(*life(WAYS[state]), today="2026-01-05")
    assert found.status == (status or "in-progress")


def test_a_course_of_which_nothing_was_taken_up_is_open() -> None:
    """The applicant has the turn; but it takes the word from no other course and from no level."""
    resumed = said("resumed", "2026-02-02", course="x")
    assert _said(_language(resumed)) == ("open", "applicant", None)
    assert _said(_language(resumed, certified("2026-01-02", "B1"))) == ("open", COUNSELLING, "2026-02-13")
    assert _said(_language(resumed, said("entitlement-refused", "2026-01-02"))) == ("open", COUNSELLING, None)


def test_nothing_known_is_not_assessed() -> None:
    """Neither level nor course; what was declared needed is open."""
    assert _said(_language(cases.opened("2026-01-01"))) == ("not-assessed", None, None)
    needed = cases.said("barrier-declared-needed", "2026-01-02", barrier="language")
    assert _said(_language(cases.opened("2026-01-01"), needed)) == ("open", "applicant", None)


def test_of_several_running_courses_the_furthest_speaks_then_the_newest() -> None:
    """Not the one that is due first, nor an older one of the same state."""
    started = said("course-started", "2026-01-05", course="a", courseType=INTEGRATION)
    waiting = said("registered", "2026-02-02", course="b")
    found = _language(started, waiting, today="2026-02-10")
    assert (_said(found), _reasons(found)) == (
        ("in-progress", "partner", None),
        [("course-a", ["course-started"])],
    )
    other = said("registered", "2026-02-04", course="c")
    found = _language(other, waiting, today="2026-02-10")
    assert (found.due_on, _reasons(found)) == ("2026-03-04", [("course-c", ["registered"])])
    assert (found.since, found.stalled) == ("2026-02-02", False)


def test_a_running_course_goes_before_a_newer_one_that_came_to_nothing() -> None:
    """The level below the target is not heard while a course runs."""
    facts = [
        certified("2026-01-02", "A2"),
        said("course-started", "2026-01-05", course="a"),
        said("entitlement-refused", "2026-02-02", course="b"),
    ]
    assert _said(_language(*facts)) == ("in-progress", "partner", None)


def test_a_course_is_stalled_from_the_day_after_its_time() -> None:
    """And the board names that day as the next to look."""
    facts = [said("registered", "2026-01-12")]
    evaluation = _evaluate(*facts, today="2026-02-09")
    assert (evaluation.board.barriers["language"].stalled, evaluation.next_day) == (False, "2026-02-10")
    found = _language(*facts, today="2026-02-10")
    assert (found.stalled, found.due_on, found.rule_id) == (True, "2026-02-09", "DeuFöV:§9(3)")


def test_an_entitlement_lapses_by_the_calendar() -> None:
    """From that day the barrier is open, nothing is due and nothing stalled; it never says lapsed."""
    issued = said("entitlement-issued", "2026-01-02")
    before, after = (_language(issued, today=day) for day in ("2026-04-02", "2026-04-03"))
    assert (_said(before), before.stalled) == (("in-progress", "applicant", "2026-04-02"), True)
    assert (_said(after), after.stalled, after.since) == (("open", "applicant", None), False, "2026-04-03")
    assert _evaluate(issued, today="2026-04-02").next_day == "2026-04-03"
    registered = said("registered", "2026-02-02")
    assert _language(issued, registered, today="2026-04-03").status == "in-progress"


# Exam and certificate


def test_an_exam_runs_until_a_certificate_of_that_day_or_later() -> None:
    """A certificate from before says nothing of it; one below the target hands over to the level."""
    exam = said("exam-taken", "2026-06-10", germanLevel="B1")
    found = _language(certified("2026-06-09", "A2"), exam, today="2026-06-20")
    assert (_said(found), found.rule_id) == (("in-progress", "competent-body", "2026-08-05"), "lotse:certificate")
    for day in ("2026-06-10", "2026-07-01"):
        found = _language(exam, certified(day, "B1"), today="2026-07-02")
        assert (_said(found), found.rule_id) == (("open", COUNSELLING, plus(day, 42)), "lotse:next-step")
        assert _reasons(found) == [("level", ["level-certified"])]
    assert _language(exam, certified("2026-07-01", "B2")).status == "resolved"
    shown = assessed("2026-07-01", "B1", "certificate")
    assert _said(_language(exam, shown, today="2026-07-02")) == ("open", COUNSELLING, "2026-08-12")
    told = assessed("2026-07-01", "B2")
    assert _said(_language(exam, told, today="2026-07-02")) == ("in-progress", "competent-body", "2026-08-05")


def test_the_same_level_certified_again_ends_the_exam_on_its_day() -> None:
    """Who had A2 and reaches A2 again is told so."""
    facts = [certified("2026-01-02", "A2"), said("exam-taken", "2026-06-10"), certified("2026-07-01", "A2")]
    found = _language(*facts, today="2026-07-02")
    assert (_said(found), found.since) == (("open", COUNSELLING, "2026-08-12"), "2026-07-01")


def test_a_later_exam_of_another_course_still_runs() -> None:
    """Each exam is measured against the certificates since it."""
    facts = [
        said("exam-taken", "2026-03-02", course="a"),
        certified("2026-04-01", "A2"),
        said("exam-taken", "2026-06-10", course="b"),
    ]
    found = _language(*facts, today="2026-06-20")
    assert (found.status, _reasons(found)) == ("in-progress", [("course-b", ["exam-taken"])])


# What comes next when nothing runs


def test_without_a_running_course_the_newest_gives_turn_and_stall() -> None:
    """A self-report beside it changes nothing, nor does a certificate from before."""
    facts = [
        certified("2026-01-02", "A2"),
        said("exam-taken", "2026-06-10", course="a", result="failed"),
        said("entitlement-refused", "2026-05-02", course="b"),
        assessed("2026-07-01", "B1"),
    ]
    found = _language(*facts, today="2026-07-22")
    assert (_said(found), found.stalled) == (("open", "applicant", "2026-07-22"), False)
    assert _language(*facts, today="2026-07-23").stalled
    refused = said("entitlement-refused", "2026-07-02", course="c")
    assert _said(_language(*facts, refused, today="2026-07-23")) == ("open", "competent-body", None)


def test_a_level_below_the_target_waits_for_the_next_step_from_its_certificate() -> None:
    """Six weeks; a test or a self-report alone sets no time."""
    assert not _language(certified("2026-01-02", "B1"), today="2026-02-13").stalled
    found = _language(certified("2026-01-02", "B1"), today="2026-02-14")
    assert (_said(found), found.rule_id, found.stalled) == (
        ("open", COUNSELLING, "2026-02-13"),
        "lotse:next-step",
        True,
    )
    for evidence in ("self-report", "placement-test"):
        found = _language(assessed("2026-01-02", "B1", evidence))
        assert (_said(found), found.stalled) == (("open", COUNSELLING, None), False)


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ([certified("2026-01-02", "A2"), certified("2026-03-02", "B1")], "2026-04-13"),
        ([certified("2026-01-02", "B1"), certified("2026-03-02", "A2")], "2026-02-13"),
        ([certified("2026-01-02", "B1"), certified("2026-03-02", "B1")], "2026-02-13"),
        ([certified("2026-01-02", "B1"), *life("dropped-out", "2026-02-02")], "2026-02-13"),
        (
            [
                certified("2026-01-02", "B1"),
                *life("registered dropped-out", "2026-02-02"),
                certified("2026-03-02", "A2"),
            ],
            "2026-04-13",
        ),
    ],
)
def test_the_next_step_is_due_after_the_certificate_that_nothing_has_followed(facts: list[Fact], due: str) -> None:
    """A higher level and a later state of a course meet it; what was parked does not."""
    assert _language(*facts).due_on == due


def test_irregular_attendance_is_no_reason_on_the_board() -> None:
    """It goes to the competent Jobcenter only; who told it is not named either."""
    started = said("course-started", "2026-01-05")
    found = _language(started, said("attendance-irregular", "2026-02-02", by="bamf-duesseldorf"))
    assert _reasons(found) == [("course-b2", ["course-started"])]
    assert (found.because[0].institution, _said(found)) == ("vhs-neuss", ("in-progress", "partner", None))


def test_a_refusal_against_an_entitlement_is_shown_at_the_barrier() -> None:
    """Two decisions, both named."""
    found = _language(said("entitlement-issued", "2026-01-02"), said("entitlement-refused", "2026-01-05"))
    assert [(one.code, one.items) for one in found.conflicts] == [("two-decisions", ("language/course-b2",))]


# Bridges

TERMS: Mapping[str, Any] = {
    "status": "published",
    "minGermanLevel": "B1",
    "regulatedOccupation": False,
    "kldb": "43104",
}


def _bridged(terms: Mapping[str, Any], *facts: Fact, status: str = "introduced") -> Barrier:
    met = introduction("1", status, "2026-02-01", openingId="o1", terms={**TERMS, **terms})
    return _language(*facts, met=(met,))


@pytest.mark.parametrize(
    ("terms", "proven", "bridged"),
    [
        ({}, certified("2026-01-02", "B1"), True),
        ({}, assessed("2026-01-02", "B1", "placement-test"), True),
        ({}, assessed("2026-01-02", "B1"), False),
        ({}, certified("2026-01-02", "A2"), False),
        ({"minGermanLevel": "A2"}, certified("2026-01-02", "A2"), True),
        ({"regulatedOccupation": True}, certified("2026-01-02", "B1"), True),
        ({"regulatedOccupation": True, "kldb": "81302"}, certified("2026-01-02", "B1"), False),
        ({"regulatedOccupation": True, "kldb": "81301"}, certified("2026-01-02", "B1"), True),
        ({"regulatedOccupation": False, "kldb": "81302"}, certified("2026-01-02", "B1"), True),
        ({"regulatedOccupation": True, "kldb": "81404"}, certified("2026-01-02", "B1"), False),
        ({"status": "unknown"}, certified("2026-01-02", "B1"), False),
        ({"status": "filled"}, certified("2026-01-02", "B1"), False),
        ({"minGermanLevel": ...}, certified("2026-01-02", "B1"), False),
    ],
)
def test_an_opening_bridges_that_takes_the_proven_level(terms: Mapping[str, Any], proven: Fact, bridged: bool) -> None:
    """Unless its work needs a licence that asks for more; an opening that names no level bridges nothing."""
    known = {name: value for name, value in {**TERMS, **terms}.items() if value is not ...}
    met = introduction("1", "introduced", "2026-02-01", openingId="o1", terms=known)
    found = _language(proven, met=(met,))
    assert (found.status, found.bridged_by) == (("bridged", ("o1",)) if bridged else ("open", ()))


def test_a_bridged_barrier_keeps_turn_and_due_date_of_what_is_below_but_is_never_stalled() -> None:
    """Because of the introduction; a level that is enough for the target needs no bridge."""
    found = _bridged({}, certified("2026-01-02", "B1"))
    assert (_said(found), found.stalled) == (("bridged", COUNSELLING, "2026-02-13"), False)
    assert [one.item for one in found.because] == ["introduction-1"]
    assert found.since == "2026-02-01"
    assert _bridged({}, certified("2026-01-02", "B2")).status == "not-a-barrier"
    running = _bridged({}, certified("2026-01-02", "B1"), said("registered", "2026-02-02"))
    assert _said(running) == ("bridged", "partner", "2026-03-02")


def test_a_licence_of_doctors_needs_more_than_the_employer() -> None:
    """C1 for the licence, although the opening asks for B1 and the target for C2."""
    doctor = {"regulatedOccupation": True, "kldb": "81404"}
    target = _target("C2")
    assert _bridged(doctor, target, certified("2026-01-02", "B2")).status == "open"
    assert _bridged(doctor, target, certified("2026-01-02", "C1")).status == "bridged"


# Laws


@settings(max_examples=60)
@given(spoken, introductions, days)
def test_the_board_of_any_life_is_lawful(facts: list[Fact], met: list[ItemSnapshot], today: str) -> None:
    """It stays until the day that it names, `since` follows the letter, the order of the items does not matter."""
    assert_lawful([*snapshots(facts), *met], today, plus(today, 400))


@given(st.permutations([certified("2026-03-02", "B1"), *life("registered course-started exam-taken:passed")]))
def test_the_order_of_the_reports_does_not_matter(facts: list[Fact]) -> None:
    """Nor which of the items came first."""
    assert _said(_language(*facts)) == ("open", COUNSELLING, "2026-04-13")
