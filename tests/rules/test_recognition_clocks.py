"""Recognition: whose turn it is, what is due by which rule, and from when it is stalled (states.md §2 and §8)."""

from __future__ import annotations

from typing import Any

import pytest

from shared.contracts.fact import Fact
from shared.rules.model import IMPLAUSIBLE
from tests.support.procedures import (
    BODY,
    ELECTRICIAN,
    NURSE,
    complete,
    decided,
    given,
    life,
    resumed,
    said,
    submitted,
    suspended,
)


def _row(
    turn: str | None, due: str | None = None, rule: str | None = None, stalled: str | None = None
) -> dict[str, Any]:
    return {"turn": turn, "due": due, "rule": rule, "stalled": stalled}


NOTHING = _row(None)
#: A nurse's procedure by route b; each line lives from 1 January 2026 on, a fact a day.
STATES = {
    "advised": ("advised", _row("applicant")),
    "preparing-documents": (
        "advised documents-preparing",
        _row("applicant", "2026-04-03", "lotse:preparing", "2026-04-04"),
    ),
    "submitted": ("submitted", _row("competent-body", "2026-02-02", "BQFG:§13(2)", "2026-02-03")),
    "receipt-confirmed": ("submitted receipt-confirmed", _row("competent-body")),
    "documents-requested": (
        "submitted documents-requested",
        _row("applicant", "2026-02-27", "lotse:documents", "2026-02-28"),
    ),
    "documents-supplied": ("submitted documents-requested documents-supplied", _row("competent-body")),
    "complete": (
        "submitted documents-complete",
        _row("competent-body", "2026-05-04", "PflAPrV:§43(3)", "2026-05-05"),
    ),
    "partial": ("submitted decided:partial", _row("applicant")),
    "withdrawn": ("submitted withdrawn", _row("applicant")),
    "closed-without-decision": ("submitted decided:closed-without-decision", _row("applicant")),
    "none": ("submitted decided:none", _row("applicant", "2026-02-02", "VwGO:§70(1)", None)),
    "none +appeal": ("submitted decided:none appeal-filed", _row("competent-body")),
    "partial +appeal": ("submitted decided:partial appeal-filed", _row("competent-body")),
    "full": ("submitted decided:full", _row("competent-body")),
    "qualifying": ("submitted decided:partial measure-started", _row("partner")),
    "compensation-required": (
        "submitted decided:compensation-required",
        _row("applicant", "2026-07-02", "PflAPrV:§45(8)", "2026-07-03"),
    ),
    "waiting-for-place": (
        "submitted decided:compensation-required measure-chosen",
        _row("capacity", "2026-07-02", "PflAPrV:§45(8)", "2026-04-05"),
    ),
    "waiting-for-place +appeal": (
        "submitted decided:compensation-required measure-chosen appeal-filed",
        _row("competent-body"),
    ),
    "measure-running": (
        "submitted decided:compensation-required measure-started",
        _row("partner", "2026-07-02", "PflAPrV:§45(8)", "2026-07-03"),
    ),
    "exam-passed": ("submitted decided:compensation-required exam-taken:passed", _row("competent-body")),
    "exam-failed": (
        "submitted decided:compensation-required exam-taken:failed",
        _row("applicant", "2026-07-03", "PflAPrV:§45(8)", "2026-07-04"),
    ),
    "licence-issued": ("submitted decided:full licence-issued", NOTHING),
}


@pytest.mark.parametrize("state", STATES)
def test_each_state_has_its_turn_its_due_date_and_its_limit(state: str) -> None:
    """Every row of the second table; nothing is ever available from a day."""
    line, expected = STATES[state]
    given(*life(line)).then(parked={}, availableFrom=None, **expected)


def test_a_procedure_of_which_nothing_was_taken_up_is_the_applicants_turn() -> None:
    """`unclear`, since the day of its first fact."""
    given(said("appeal-filed", "2026-01-10")).then(status="unclear", since="2026-01-10", path=[], **_row("applicant"))


@pytest.mark.parametrize(
    ("route", "kldb", "fast", "acknowledged", "decision"),
    [
        ("a", ELECTRICIAN, False, ("2026-02-05", "BQFG:§6(2)"), ("2026-04-07", "BQFG:§6(3)")),
        ("b", ELECTRICIAN, False, ("2026-02-05", "BQFG:§13(2)"), ("2026-04-07", "BQFG:§13(3)")),
        ("b", NURSE, False, ("2026-02-05", "BQFG:§13(2)"), ("2026-05-05", "PflAPrV:§43(3)")),
        ("b", "81301", False, ("2026-02-05", "BQFG:§13(2)"), ("2026-04-07", "BQFG:§13(3)")),
        ("b", "82102", False, ("2026-02-05", "BQFG:§13(2)"), ("2026-05-05", "PflAPrV:§43(3)")),
        ("b", "82101", False, ("2026-02-05", "BQFG:§13(2)"), ("2026-04-07", "BQFG:§13(3)")),
        ("c", ELECTRICIAN, False, ("2026-02-05", "lotse:acknowledgement"), ("2026-04-05", "lotse:decision")),
        ("c", NURSE, False, ("2026-02-05", "lotse:acknowledgement"), ("2026-04-05", "lotse:decision")),
        ("d", ELECTRICIAN, False, ("2026-02-05", "lotse:acknowledgement"), ("2026-04-05", "lotse:decision")),
        ("e", ELECTRICIAN, False, ("2026-02-05", "BQFG:§6(2)"), ("2026-04-07", "BQFG:§6(3)")),
        ("e", NURSE, False, ("2026-02-05", "BQFG:§13(2)"), ("2026-05-05", "PflAPrV:§43(3)")),
        ("f", ELECTRICIAN, False, ("2026-02-05", "lotse:acknowledgement"), ("2026-04-05", "lotse:decision")),
        ("a", ELECTRICIAN, True, ("2026-01-19", "BQFG:§14a"), ("2026-03-05", "BQFG:§14a")),
        ("b", NURSE, True, ("2026-01-19", "BQFG:§14a"), ("2026-03-05", "BQFG:§14a")),
        ("c", ELECTRICIAN, True, ("2026-02-05", "lotse:acknowledgement"), ("2026-04-05", "lotse:decision")),
    ],
)
def test_route_occupation_and_acceleration_choose_the_rule(
    route: str, kldb: str, fast: bool, acknowledged: tuple[str, str], decision: tuple[str, str]
) -> None:
    """ACK and DEC from 5 January 2026; 5 April is Easter Sunday, so that deadlines of law end on the Tuesday."""
    filed = submitted("2026-01-05", route, kldb, accelerated=True if fast else None)
    given(filed).then(due=acknowledged[0], rule=acknowledged[1])
    given(filed, complete("2026-01-05")).then(due=decision[0], rule=decision[1])


def test_without_a_route_nursing_has_its_rules_and_the_rest_the_projects() -> None:
    """An unknown route has no deadline of law, nursing has one."""
    given(said("submitted", "2026-01-05", referenceOccupation=NURSE)).then(due="2026-02-05", rule="BQFG:§13(2)")
    given(said("documents-complete", "2026-01-05", referenceOccupation=NURSE)).then(rule="PflAPrV:§43(3)")
    given(said("submitted", "2026-01-05")).then(due="2026-02-05", rule="lotse:acknowledgement")
    given(said("documents-complete", "2026-01-05")).then(due="2026-04-05", rule="lotse:decision")


def test_the_rule_of_the_time_counts() -> None:
    """Nursing before the ordinance of 2020 follows the general law, and before 2012 there was none."""
    given(submitted("2019-01-07"), complete("2019-01-07")).then(due="2019-04-08", rule="BQFG:§13(3)")
    given(submitted("2010-01-07"), complete("2010-01-07")).then(**_row("competent-body"))


@pytest.mark.parametrize(
    ("body", "due"), [("chamber-bavaria", "2026-01-07"), (BODY, "2026-01-06"), ("unknown-office", "2026-01-06")]
)
def test_holidays_are_those_of_the_bodys_land(body: str, due: str) -> None:
    """Epiphany is free in Bavaria; a body of which no Land is known has the region's."""
    given(submitted("2025-12-06", "a", ELECTRICIAN, body)).then(due=due)


def test_any_later_step_meets_the_acknowledgement() -> None:
    """Skipping is believed, and meets the clocks that the skipped step meets."""
    for step in ("receipt-confirmed", "documents-complete", "measure-chosen"):
        result = given(*life(f"submitted {step}"))
        assert result.state["ruleId"] != "BQFG:§13(2)"
    given(*life("submitted documents-complete decided:partial")).then(**_row("applicant"))


# The time for the decision: route a, complete on 2 February 2026, so three months end on Saturday, 2 May.

FILED = submitted("2026-01-20", "a", ELECTRICIAN)
WHOLE = complete("2026-02-02")


def _decision(*facts: Fact, **expected: Any) -> None:
    given(FILED, WHOLE, *facts).then(**expected)


def test_the_end_moves_to_a_working_day() -> None:
    """Saturday, 2 May becomes Monday, 4 May."""
    _decision(due="2026-05-04", rule="BQFG:§6(3)", stalled="2026-05-05", turn="competent-body")


def test_a_suspension_adds_its_days_first_and_last_included_then_the_end_shifts_once() -> None:
    """Ten days from 1 to 10 March are added to the unshifted end."""
    _decision(suspended("2026-03-01"), resumed("2026-03-10"), due="2026-05-12", stalled="2026-05-13", flags=[])


def test_an_open_suspension_has_no_due_date_and_is_a_third_partys_turn() -> None:
    """Nobody knows when the time goes on."""
    _decision(suspended("2026-03-01"), flags=["suspended"], ahead=[], suspendedUntil=None, **_row("third-party"))


def test_a_suspension_with_a_set_date_ends_by_itself() -> None:
    """The due date counts to the set date; from the day after, the body has the turn again."""
    _decision(
        suspended("2026-03-01", "2026-03-10"),
        flags=["suspended"],
        turn="third-party",
        due="2026-05-12",
        rule="BQFG:§6(3)",
        stalled="2026-05-13",
        suspendedUntil="2026-03-10",
        ahead=[{"from": "2026-03-11", "flags": [], "turn": "competent-body"}],
    )


def test_a_suspension_for_missing_information_is_the_applicants_turn() -> None:
    """The reason decides whose turn it is; after the set date it is the body's."""
    stop = suspended("2026-03-01", "2026-03-10", "further-information")
    _decision(stop, turn="applicant", ahead=[{"from": "2026-03-11", "flags": [], "turn": "competent-body"}])
    _decision(suspended("2026-03-01", None, "further-information"), turn="applicant", due=None)
    _decision(suspended("2026-03-01", None, "qualification-analysis"), turn="third-party")


def test_a_suspension_parked_before_completeness_leaves_the_later_ones_their_set_dates() -> None:
    """What moves nothing hides nothing either: both later suspensions hold, and each ends by itself."""
    early = suspended("2026-01-20")
    first, second = suspended("2026-03-01", "2026-03-10"), suspended("2026-04-01", "2026-04-10")
    _decision(early, first, second, due="2026-05-22", parked={"clock-suspended": IMPLAUSIBLE}, flags=["suspended"])
    _decision(early, first, said("fee-due", "2026-04-01"), flags=["fee-due"])


def test_a_resumption_parked_after_the_decision_does_not_prolong_a_suspension() -> None:
    """On the day of the fee the suspension was over, whoever reports its end when nothing is left to resume."""
    facts = suspended("2026-03-01", "2026-03-10"), said("fee-due", "2026-03-15"), decided("2026-04-01", "full")
    result = given(FILED, WHOLE, *facts, resumed("2026-05-01"))
    assert result.path("flags")[-2:] == [("complete", "2026-03-15", ["fee-due"]), ("full", "2026-04-01", None)]


def test_a_set_date_before_the_suspension_stops_nothing() -> None:
    """A slip of the pen: over as soon as it began, and nothing before it is touched."""
    _decision(
        suspended("2026-03-10", "2026-03-01"),
        due="2026-05-04",
        ahead=[{"from": "2026-03-10", "flags": [], "turn": "competent-body"}],
    )


@pytest.mark.parametrize("until", ["2026-03-05", "2026-03-31"])
def test_a_reported_resumption_ends_a_suspension_before_and_after_the_set_date(until: str) -> None:
    """The day of clock-resumed is the last day, whatever was set."""
    _decision(suspended("2026-03-01", until), resumed("2026-03-10"), due="2026-05-12", flags=[], ahead=[], parked={})


def test_a_second_suspension_may_follow_a_set_date() -> None:
    """The first ended by itself on 5 March; both add five days."""
    _decision(
        suspended("2026-03-01", "2026-03-05"),
        suspended("2026-03-20", "2026-03-24"),
        due="2026-05-12",
        flags=["suspended"],
        parked={},
        suspendedUntil="2026-03-24",
    )


def test_a_second_suspension_up_to_the_set_date_is_parked() -> None:
    """While one runs no other starts; it adds nothing."""
    _decision(
        suspended("2026-03-01", "2026-03-10"),
        suspended("2026-03-10", "2026-03-24"),
        due="2026-05-12",
        parked={"clock-suspended": "fact.implausible"},
    )


def test_after_a_set_date_the_flag_is_off_for_facts_in_force_and_stays_for_parked_ones() -> None:
    """A later fact shows that the date has passed; one that is parked shows nothing."""
    stop = suspended("2026-03-01", "2026-03-10")
    result = given(FILED, WHOLE, stop, said("fee-due", "2026-03-20")).then(flags=["fee-due"], turn="applicant")
    assert result.path("flags")[-1] == ("complete", "2026-03-20", ["fee-due"])
    _decision(stop, said("advised", "2026-03-20"), flags=["suspended"], turn="third-party")


@pytest.mark.parametrize(
    ("first", "last", "due"),
    [
        ("2026-05-01", "2026-05-03", "2026-05-05"),  # begun before the end
        ("2026-05-02", "2026-05-03", "2026-05-04"),  # begun on the unshifted end
        ("2026-05-03", "2026-05-20", "2026-05-04"),  # begun when it was over
    ],
)
def test_only_a_suspension_begun_before_the_unshifted_end_counts(first: str, last: str, due: str) -> None:
    """What is due stays due, though it was moved to a Monday."""
    _decision(suspended(first), resumed(last), due=due)


def test_a_suspension_begun_before_an_end_already_moved_counts_too() -> None:
    """Ten days lead to 12 May, two more to Ascension Day, the shift to 15 May."""
    stops = (suspended("2026-03-01"), resumed("2026-03-10"), suspended("2026-05-08"), resumed("2026-05-09"))
    _decision(*stops, due="2026-05-15")


def test_a_late_report_of_a_resumption_counts_from_its_own_day() -> None:
    """When it was written down does not matter."""
    late = said("clock-resumed", "2026-03-10", time=10**18)
    _decision(suspended("2026-03-01"), late, due="2026-05-12")


def test_an_extension_replaces_the_end_and_is_not_shifted() -> None:
    """6 June is a Saturday; the rule stays."""
    _decision(
        said("deadline-extended", "2026-04-20", newDate="2026-06-06"),
        flags=["extended"],
        turn="competent-body",
        due="2026-06-06",
        rule="BQFG:§6(3)",
        stalled="2026-06-07",
    )


@pytest.mark.parametrize(
    ("first", "last", "due"),
    [
        ("2026-05-01", "2026-05-05", "2026-06-11"),  # five days after the extension
        ("2026-04-15", "2026-04-25", "2026-06-11"),  # five of its days lie after the extension
        ("2026-03-01", "2026-03-10", "2026-06-06"),  # long before
        ("2026-04-10", "2026-04-20", "2026-06-06"),  # its last day is that of the extension
    ],
)
def test_only_days_suspended_after_the_extension_are_added_to_it(first: str, last: str, due: str) -> None:
    """What was suspended before, the new date already holds."""
    stops = (suspended(first), resumed(last), said("deadline-extended", "2026-04-20", newDate="2026-06-06"))
    _decision(*stops, due=due, rule="BQFG:§6(3)")


def test_an_extension_without_a_date_is_stalled_from_the_day_after_it() -> None:
    """The old end stays due."""
    _decision(said("deadline-extended", "2026-04-20"), due="2026-05-04", rule="BQFG:§6(3)", stalled="2026-04-21")


def test_suspended_and_extended_the_suspension_says_whose_turn_it_is() -> None:
    """And from the day after its set date the extension counts again."""
    _decision(
        said("deadline-extended", "2026-04-20"),
        suspended("2026-04-25", "2026-04-29"),
        flags=["suspended", "extended"],
        turn="third-party",
        due="2026-05-07",
        stalled="2026-05-08",
        ahead=[{"from": "2026-04-30", "flags": ["extended"], "turn": "competent-body", "stalledFrom": "2026-04-21"}],
    )


def test_an_extension_of_a_project_deadline_stays_the_projects() -> None:
    """Route c has no deadline of law, extended or not."""
    extended = said("deadline-extended", "2026-04-20", newDate="2026-06-06")
    given(submitted("2026-01-20", "c"), WHOLE, extended).then(due="2026-06-06", rule="lotse:decision")


# Fees.


def test_a_fee_is_the_applicants_turn_and_stops_no_clock() -> None:
    """Both run: the decision by law is due, the fee may be stalled first."""
    _decision(
        said("fee-due", "2026-02-10"),
        flags=["fee-due"],
        turn="applicant",
        due="2026-05-04",
        rule="BQFG:§6(3)",
        stalled="2026-03-11",
    )


def test_a_fee_alone_is_due_in_four_weeks() -> None:
    """Where nothing else runs, the project's clock is the one."""
    given(FILED, said("receipt-confirmed", "2026-01-25"), said("fee-due", "2026-02-10")).then(
        **_row("applicant", "2026-03-10", "lotse:fee", "2026-03-11")
    )


def test_a_fee_beside_an_open_suspension_is_what_is_due() -> None:
    """The turn is the applicant's all the same."""
    _decision(
        suspended("2026-02-05"),
        said("fee-due", "2026-02-10"),
        **_row("applicant", "2026-03-10", "lotse:fee", "2026-03-11"),
    )


def test_a_paid_fee_is_forgotten_except_in_route_c() -> None:
    """Ten days from due to paid stop ACK and DEC there, nowhere else."""
    paid = (said("fee-due", "2026-01-10"), said("fee-paid", "2026-01-19"))
    given(submitted("2026-01-05", "c"), *paid).then(
        due="2026-02-15", rule="lotse:acknowledgement", stalled="2026-02-16"
    )
    given(submitted("2026-01-05", "d"), *paid).then(due="2026-02-05")
    later = (said("fee-due", "2026-02-10"), said("fee-paid", "2026-02-19"))
    given(submitted("2026-01-05", "c"), WHOLE, *later).then(due="2026-05-12", rule="lotse:decision")
    given(submitted("2026-01-05", "d"), WHOLE, *later).then(due="2026-05-02", rule="lotse:decision")


def test_an_unpaid_fee_in_route_c_leaves_only_itself_due() -> None:
    """ACK and DEC stand still without an end."""
    fee = said("fee-due", "2026-02-10")
    expected = _row("applicant", "2026-03-10", "lotse:fee", "2026-03-11")
    given(submitted("2026-02-05", "c"), fee).then(**expected)
    given(submitted("2026-01-05", "c"), WHOLE, fee).then(**expected)


def test_in_route_c_a_fee_due_before_completeness_stops_the_decision_from_its_first_day() -> None:
    """Nine days, 3 to 11 February."""
    fee = (said("fee-due", "2026-01-25"), said("fee-paid", "2026-02-11"))
    given(submitted("2026-01-20", "c"), WHOLE, *fee).then(due="2026-05-11")


def test_in_route_c_a_fee_due_on_the_day_of_completeness_counts_like_a_suspension() -> None:
    """Ten days, 2 to 11 February: first and last day included."""
    fee = (said("fee-due", "2026-02-02"), said("fee-paid", "2026-02-11"))
    given(submitted("2026-01-20", "c"), WHOLE, *fee).then(due="2026-05-12")
    given(submitted("2026-01-20", "c"), WHOLE, suspended("2026-02-02"), resumed("2026-02-11")).then(due="2026-05-12")


def test_in_route_c_a_day_both_suspended_and_unpaid_counts_once() -> None:
    """1 to 10 March and 5 to 14 March are fourteen days."""
    stops = (
        suspended("2026-03-01"),
        resumed("2026-03-10"),
        said("fee-due", "2026-03-05"),
        said("fee-paid", "2026-03-14"),
    )
    given(submitted("2026-01-20", "c"), WHOLE, *stops).then(due="2026-05-16")


# Measures and exams.


def test_the_exam_is_due_six_months_after_the_decision() -> None:
    """Nursing by its ordinance, others by the general law; 2 August 2026 is a Sunday."""
    given(submitted("2026-01-05"), decided("2026-02-02", "compensation-required")).then(
        due="2026-08-03", rule="PflAPrV:§45(8)", stalled="2026-08-04"
    )
    given(submitted("2026-01-05", "b", ELECTRICIAN), decided("2026-02-02", "compensation-required")).then(
        due="2026-08-03", rule="BQFG:§11(4)"
    )


def test_with_a_waiver_the_exam_counts_from_the_choice_of_the_measure() -> None:
    """No decision has been made; a chosen measure starts the six months."""
    chosen = said("measure-chosen", "2026-03-02", compensationMeasure="knowledge-test")
    given(submitted("2026-01-05"), WHOLE, chosen).then(
        status="waiting-for-place", **_row("capacity", "2026-09-02", "PflAPrV:§45(8)", "2026-06-02")
    )
    given(submitted("2026-01-05"), WHOLE, said("measure-started", "2026-03-02")).then(
        status="measure-running", **_row("partner")
    )


def test_an_adaptation_course_has_no_exam_clock() -> None:
    """Only the place is waited for."""
    chosen = said("measure-chosen", "2026-02-10", compensationMeasure="adaptation-course")
    facts = (submitted("2026-01-05"), decided("2026-02-02", "compensation-required"), chosen)
    given(*facts).then(**_row("capacity", "2026-05-12", "lotse:measure-place", "2026-05-13"))
    given(*facts, said("measure-started", "2026-04-01")).then(**_row("partner"))
    given(*facts, said("exam-taken", "2026-06-01", result="failed")).then(**_row("applicant"))


def test_a_failed_exam_starts_the_six_months_again() -> None:
    """Also when a new place is waited for; another failed report of it changes nothing."""
    facts = (
        submitted("2026-01-05"),
        decided("2026-02-02", "compensation-required"),
        said("measure-chosen", "2026-02-10", compensationMeasure="knowledge-test"),
        said("exam-taken", "2026-06-01", result="failed"),
    )
    given(*facts).then(due="2026-12-01", stalled="2026-12-02")
    given(*facts, said("exam-taken", "2026-06-03", result="failed")).then(due="2026-12-01", since="2026-06-01")
    again = said("measure-chosen", "2026-07-01", compensationMeasure="knowledge-test")
    given(*facts, again).then(due="2026-12-01", stalled="2026-10-01", turn="capacity")


def test_a_measure_chosen_again_does_not_restart_the_place() -> None:
    """An echo: the first day counts."""
    choices = [said("measure-chosen", day, compensationMeasure="aptitude-test") for day in ("2026-02-10", "2026-03-10")]
    given(submitted("2026-01-05"), decided("2026-02-02", "compensation-required"), *choices).then(stalled="2026-05-13")


def test_a_decision_confirmed_while_waiting_moves_nothing() -> None:
    """The measure's clocks go on from the first decision."""
    given(
        submitted("2026-01-05"),
        decided("2026-02-02", "compensation-required"),
        said("measure-chosen", "2026-02-10", compensationMeasure="knowledge-test"),
        decided("2026-03-02", "compensation-required"),
    ).then(status="waiting-for-place", since="2026-02-10", due="2026-08-03", stalled="2026-05-13")


def test_after_an_appeal_the_new_decision_starts_the_clocks() -> None:
    """The objection's month and the six months of the exam count from the newest decision."""
    filed = submitted("2026-01-05")
    for outcome, due in (("none", "2026-05-04"), ("compensation-required", "2026-10-05")):
        given(
            filed, decided("2026-02-02", outcome), said("appeal-filed", "2026-02-20"), decided("2026-04-03", outcome)
        ).then(due=due, flags=[], since="2026-02-02")


@pytest.mark.parametrize(
    ("route", "kldb", "turn"),
    [
        ("a", ELECTRICIAN, None),
        ("b", ELECTRICIAN, "competent-body"),
        ("b", NURSE, "competent-body"),
        ("c", NURSE, None),
        ("d", ELECTRICIAN, None),
        ("e", ELECTRICIAN, None),
        ("e", NURSE, "competent-body"),
        ("f", ELECTRICIAN, None),
    ],
)
def test_full_leaves_the_licence_to_the_body_where_one_is_needed(route: str, kldb: str, turn: str | None) -> None:
    """Route b, and e where it follows b."""
    given(submitted("2026-01-05", route, kldb), decided("2026-02-02", "full")).then(**_row(turn))


def test_what_is_due_stays_when_it_is_past_until_it_is_met() -> None:
    """No clock is asked: a date long ago is still the date."""
    given(submitted("2021-01-04")).then(due="2021-02-04", stalled="2021-02-05")
