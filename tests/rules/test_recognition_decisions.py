"""Decisions that compete, and what is shown of a contradiction (states.md §2, readings 16)."""

from __future__ import annotations

import pytest

from shared.contracts.fact import Fact
from shared.rules.model import CONFLICT, IMPLAUSIBLE, OK
from shared.rules.walker import TWO_DECISIONS
from tests.support.given import Given, retraction
from tests.support.procedures import decided, given, life, said, submitted

FILED = submitted("2026-01-05")


def _codes(result: Given, *facts: Fact) -> list[str]:
    return [result.code(fact) for fact in facts]


def _shown(result: Given) -> list[tuple[str, tuple[Fact, ...]]]:
    return [(conflict.code, conflict.facts) for conflict in result.item().conflicts]


def test_of_two_different_decisions_of_the_body_the_earlier_stays() -> None:
    """The later is parked, and both are shown."""
    first, second = decided("2026-03-01", "full"), decided("2026-04-01", "none")
    result = given(FILED, first, second).then(status="full", outcome="full", since="2026-03-01")
    assert _codes(result, first, second) == [OK, CONFLICT]
    assert _shown(result) == [(TWO_DECISIONS, (first, second))]


def test_an_equal_decision_is_no_conflict() -> None:
    """The first day counts, both are in force."""
    first, second = decided("2026-03-01", "full"), decided("2026-04-01", "full", by="jobcenter-neuss")
    result = given(FILED, first, second).then(status="full", since="2026-03-01", parked={})
    assert _shown(result) == []


@pytest.mark.parametrize(("day_of_body", "day_of_other"), [("2026-04-01", "2026-03-01"), ("2026-03-01", "2026-04-01")])
def test_the_decision_of_the_body_goes_before_anothers(day_of_body: str, day_of_other: str) -> None:
    """Whichever came first; the procedure is then as if the other had not been."""
    own = decided(day_of_body, "full")
    other = decided(day_of_other, "none", by="chamber-bavaria")
    result = given(FILED, own, other).then(status="full", since=day_of_body, outcome="full")
    assert _codes(result, own, other) == [OK, CONFLICT]
    assert _shown(result) == [(TWO_DECISIONS, tuple(sorted((own, other), key=lambda fact: fact.occurred_on)))]


def test_the_body_is_the_one_first_named() -> None:
    """A body named later does not take the procedure over."""
    own = decided("2026-04-01", "full")
    other = decided("2026-03-01", "none", by="chamber-bavaria", body="chamber-bavaria")
    given(FILED, own, other).then(status="full", body="zag-muenster")


def test_without_a_decision_of_the_body_the_sort_decides_between_others() -> None:
    """An office that passes a letter on is believed."""
    first = decided("2026-03-01", "partial", by="jobcenter-neuss")
    second = decided("2026-04-01", "full", by="chamber-bavaria")
    result = given(FILED, first, second).then(status="partial")
    assert _codes(result, first, second) == [OK, CONFLICT]


def test_three_decisions_are_shown_as_one_conflict() -> None:
    """Everything that the one in force is contradicted by."""
    facts = [decided(f"2026-0{month}-01", outcome) for month, outcome in ((3, "full"), (4, "none"), (5, "partial"))]
    assert _shown(given(FILED, *facts)) == [(TWO_DECISIONS, tuple(facts))]


def test_with_an_appeal_between_them_the_later_is_in_force() -> None:
    """Each appeal opens the matter again."""
    first, appeal, second = (
        decided("2026-03-01", "none"),
        said("appeal-filed", "2026-03-10"),
        decided("2026-05-01", "full"),
    )
    result = given(FILED, first, appeal, second).then(status="full", since="2026-05-01", parked={}, outcome="full")
    assert _shown(result) == []
    assert result.path("flags") == [
        ("submitted", "2026-01-05", None),
        ("none", "2026-03-01", None),
        ("none", "2026-03-10", ["appeal"]),
        ("full", "2026-05-01", None),
    ]


def test_after_the_appeal_decisions_compete_again() -> None:
    """Of two after it the body's, then the earlier, is in force; the appeal is over with the first."""
    facts = life("submitted decided:none appeal-filed decided:partial decided:full")
    result = given(*facts).then(status="partial", flags=[])
    assert _codes(result, *facts[3:]) == [OK, CONFLICT]
    facts = life("submitted decided:none appeal-filed decided:partial@chamber decided:full")
    result = given(*facts).then(status="full")
    assert _codes(result, *facts[3:]) == [CONFLICT, OK]


def test_an_appeal_that_is_parked_separates_nothing() -> None:
    """Against full recognition there is no appeal, so a second decision contradicts."""
    facts = life("submitted decided:full appeal-filed decided:none")
    result = given(*facts).then(status="full")
    assert _codes(result, *facts[2:]) == [IMPLAUSIBLE, CONFLICT]


@pytest.mark.parametrize("between", ["measure-chosen", "measure-started", "exam-taken:passed", "exam-taken:failed"])
def test_a_decision_after_a_measure_or_exam_continues_the_first(between: str) -> None:
    """Compensation was required, a measure followed: the final decision contradicts nothing."""
    result = given(*life(f"submitted decided:compensation-required {between} decided:full"))
    result.then(status="full", parked={}, outcome="full")


@pytest.mark.parametrize("outcome", ["full", "none", "compensation-required"])
def test_a_decision_after_a_waiver_needs_no_first_one(outcome: str) -> None:
    """Chosen before any decision, the measure leads to the first one."""
    status = "waiting-for-place" if outcome == "compensation-required" else outcome
    given(*life(f"submitted documents-complete measure-chosen decided:{outcome}")).then(status=status, parked={})


def test_decisions_that_continue_compete_with_each_other() -> None:
    """The body's goes before another's there, too."""
    facts = life("submitted decided:compensation-required exam-taken:passed decided:none@chamber decided:full")
    result = given(*facts).then(status="full")
    assert _codes(result, *facts[3:]) == [CONFLICT, OK]
    facts = life("submitted decided:compensation-required exam-taken:passed decided:full decided:none")
    result = given(*facts).then(status="full")
    assert _shown(result) == [(TWO_DECISIONS, (facts[3], facts[4]))]


def test_from_qualifying_a_decision_competes() -> None:
    """A follow-up application is a new procedure; an equal decision is an echo."""
    facts = life("submitted decided:partial measure-started decided:full")
    result = given(*facts).then(status="qualifying")
    assert _shown(result) == [(TWO_DECISIONS, (facts[1], facts[3]))]
    given(*life("submitted decided:partial measure-started decided:partial")).then(status="qualifying", parked={})


def test_a_foreign_decision_before_the_bodys_later_one_after_a_measure_stays() -> None:
    """What by the sort follows a measure does not compete with what went before it."""
    facts = life("submitted decided:compensation-required@chamber measure-chosen decided:full")
    given(*facts).then(status="full", parked={})


def test_a_repeated_decision_after_the_licence_is_an_echo() -> None:
    """Letters overtake each other."""
    given(*life("submitted decided:full licence-issued decided:full")).then(status="licence-issued", parked={})


def test_a_repeated_order_after_withdrawal_changes_nothing() -> None:
    """It is no new decision."""
    line = "submitted decided:compensation-required withdrawn decided:compensation-required"
    given(*life(line)).then(status="withdrawn", parked={})


def test_a_different_decision_after_withdrawal_contradicts_the_earlier_one() -> None:
    """Nothing lies between them that opens the matter again."""
    facts = life("submitted decided:compensation-required withdrawn measure-chosen decided:full")
    result = given(*facts).then(status="withdrawn")
    assert _codes(result, *facts[3:]) == [IMPLAUSIBLE, CONFLICT]


@pytest.mark.parametrize("outcome", ["none", "withdrawn", "closed-without-decision"])
def test_a_licence_after_a_negative_end_contradicts_it(outcome: str) -> None:
    """The licence is parked and shown with the decision."""
    facts = life(f"submitted decided:{outcome} licence-issued")
    result = given(*facts).then(status=outcome)
    assert result.code(facts[2]) == CONFLICT
    assert _shown(result) == [(TWO_DECISIONS, (facts[1], facts[2]))]


def test_a_contradiction_ends_when_the_wrong_decision_is_taken_back() -> None:
    """The board is then as if it had never been."""
    wrong, right = decided("2026-03-01", "none"), decided("2026-04-01", "full")
    result = given(FILED, wrong, right, retraction(wrong)).then(status="full", parked={})
    assert _shown(result) == []


def test_decisions_of_two_procedures_do_not_meet() -> None:
    """A new application is a new procedureId."""
    given(decided("2026-03-01", "none"), decided("2026-04-01", "full", procedure="again")).then(parked={})


def test_a_decision_after_a_measure_continues_even_where_the_measure_was_ordered_again() -> None:
    """That it is ordered again moves nothing; whoever then reports only the end is believed."""
    for line in (
        "submitted measure-chosen decided:compensation-required decided:full",
        "submitted decided:compensation-required measure-chosen decided:compensation-required decided:full",
    ):
        given(*life(line)).then(status="full", parked={})


@pytest.mark.parametrize(
    "line",
    [
        "decided:compensation-required measure-chosen decided:none withdrawn appeal-filed decided:full",
        "decided:none appeal-filed withdrawn decided:none appeal-filed decided:full",
    ],
)
def test_a_parked_withdrawal_does_not_hide_the_appeal_behind_it(line: str) -> None:
    """A refusal cannot be withdrawn; the appeal against it opens the matter as if that report had not been."""
    given(*life(f"submitted {line}")).then(status="full", parked={"withdrawn": IMPLAUSIBLE})


@pytest.mark.parametrize("parked", ["appeal-filed", "measure-chosen"])
def test_what_is_parked_after_the_licence_separates_no_decisions(parked: str) -> None:
    """The late decision contradicts the first one, and is shown with it."""
    facts = life(f"submitted decided:compensation-required licence-issued {parked} decided:none")
    result = given(*facts).then(status="licence-issued", parked={parked: IMPLAUSIBLE, "decided": CONFLICT})
    assert _shown(result) == [(TWO_DECISIONS, (facts[1], facts[4]))]


@pytest.mark.parametrize("end", ["withdrawn", "measure-chosen licence-issued"])
def test_repeating_a_parked_decision_does_not_bring_it_into_force(end: str) -> None:
    """An echo is in force only with what it repeats; no register is written either."""
    facts = life(f"submitted {end} decided:full decided:full")
    result = given(*facts).then(outcome=None)
    assert _codes(result, *facts[-2:]) == [IMPLAUSIBLE, IMPLAUSIBLE]
