"""The employment permit for one job offer (states.md §5)."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.table import PERMIT
from shared.rules.model import CONFLICT, IMPLAUSIBLE
from shared.rules.walker import TWO_DECISIONS
from tests.support.cases import given, permit, permit_life

WAYS = {
    "offer": "",
    "requested": "requested",
    "approval-pending": "approval-requested",
    "approved": "approved",
    "refused": "refused",
    "granted": "granted",
    "denied": "denied",
}
_ORDER = list(WAYS)


def _from(state: str, *sources: str) -> dict[str, str]:
    return dict.fromkeys(sources, state)


TAKEN: dict[str, dict[str, str]] = {
    "requested": _from("requested", "offer", "requested"),
    "approval-requested": _from("approval-pending", "offer", "requested", "approval-pending"),
    "information-demanded": _from("approval-pending", "approval-pending"),
    "approved": _from("approved", "offer", "requested", "approval-pending", "approved"),
    "refused": _from("refused", "offer", "requested", "approval-pending", "refused"),
    "granted": _from("granted", *_ORDER[:-1]),
    "denied": _from("denied", *_ORDER[:-2], "denied"),
}
CONFLICTS = {("approved", "refused"), ("refused", "approved"), ("granted", "denied"), ("denied", "granted")}


def test_every_fact_and_state_of_the_table_stands_here() -> None:
    """`deemed-approved` and `lapsed` come by the calendar alone."""
    assert {f"permit-{name}" for name in TAKEN} == set(PERMIT.ranks)
    assert {*WAYS, "deemed-approved", "lapsed"} == set(PERMIT.meanings)


@pytest.mark.parametrize("fact", TAKEN)
def test_from_each_state_a_fact_does_what_its_row_says(fact: str) -> None:
    """Allowed from every lower rank; of two that contradict the first stays, what goes backwards is implausible."""
    wrong = {}
    for state, way in WAYS.items():
        result = given(*permit_life(f"{way} {fact}"))
        found = (result.state["status"], result.code(result.facts[-1]))
        code = CONFLICT if (fact, state) in CONFLICTS else IMPLAUSIBLE
        expected = (TAKEN[fact][state], "ok") if state in TAKEN[fact] else (state, code)
        if found != expected:
            wrong[state] = (found, expected)
    assert not wrong


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("information-demanded", {"status": "offer", "turn": "applicant", "due": None, "rule": None, "stalled": None}),
        ("requested", {"turn": "competent-body", "due": "2026-01-29", "rule": "lotse:permit", "stalled": "2026-01-30"}),
        (
            "requested approval-requested",  # 2 January, two weeks
            {"turn": "competent-body", "due": "2026-01-16", "rule": "BeschV:§36(2)", "stalled": None, "flags": []},
        ),
        (
            "requested approval-requested information-demanded",
            {
                "turn": "partner",
                "due": "2026-01-31",
                "rule": "lotse:permit-information",
                "stalled": "2026-02-01",
                "flags": ["information"],
                "ahead": [],
                "deemedOn": None,
            },
        ),
        (
            "requested approval-requested approved",
            {"turn": "competent-body", "due": "2026-01-31", "rule": "lotse:permit", "stalled": "2026-02-01"},
        ),
        (
            "requested approval-requested information-demanded approved",
            {"turn": "competent-body", "due": "2026-02-01", "rule": "lotse:permit", "flags": []},
        ),
        (
            "requested approval-requested refused",
            {"turn": "competent-body", "due": "2026-01-31", "rule": "lotse:permit", "stalled": "2026-02-01"},
        ),
        ("requested granted", {"turn": None, "due": None, "rule": None, "stalled": None, "ahead": []}),
        ("requested denied", {"turn": "applicant", "due": None, "rule": None, "stalled": None}),
    ],
)
def test_each_state_has_its_turn_and_its_due_date(line: str, expected: dict[str, Any]) -> None:
    """Four weeks in each of the authority's states, two weeks by law for the agency."""
    given(*permit_life(line)).then(availableFrom=None, **expected)


def test_the_agencys_approval_is_deemed_given_from_the_day_after_its_time() -> None:
    """Two weeks from 20 March end on Good Friday and move to Tuesday; then the authority has four weeks."""
    given(permit("requested", "2026-03-02"), permit("approval-requested", "2026-03-20")).then(
        status="approval-pending",
        due="2026-04-07",
        rule="BeschV:§36(2)",
        stalled=None,
        deemedOn="2026-04-08",
        ahead=[
            {
                "from": "2026-04-08",
                "status": "deemed-approved",
                "dueOn": "2026-05-06",
                "ruleId": "lotse:permit",
                "stalledFrom": "2026-05-07",
            }
        ],
    )


@pytest.mark.parametrize(("asked", "deemed"), [("2026-04-07", None), ("2026-04-10", "2026-04-08")])
def test_only_a_demand_for_information_in_time_stops_the_fiction(asked: str, deemed: str | None) -> None:
    """After the end it is in force, and stops nothing: from then on it is as if the flag were off."""
    facts = (permit("approval-requested", "2026-03-20"), permit("information-demanded", asked))
    result = given(*facts).then(deemedOn=deemed, flags=["information"], parked={})
    expected = {
        "from": "2026-04-08",
        "status": "deemed-approved",
        "flags": [],
        "turn": "competent-body",
        "dueOn": "2026-05-06",
        "ruleId": "lotse:permit",
        "stalledFrom": "2026-05-07",
    }
    assert result.state["ahead"] == ([expected] if deemed else [])


def test_a_second_demand_for_information_is_parked() -> None:
    """One runs already."""
    result = given(*permit_life("approval-requested information-demanded information-demanded"))
    assert result.code(result.facts[-1]) == IMPLAUSIBLE


def test_a_granted_permit_lapses_on_the_day_after_its_last() -> None:
    """Its last day is part of the state and of the path."""
    result = given(permit("granted", "2026-03-02", until="2026-12-31", introductionId="bakery-1"))
    result.then(
        status="granted",
        until="2026-12-31",
        introductionId="bakery-1",
        ahead=[{"from": "2027-01-01", "status": "lapsed", "turn": "applicant"}],
    )
    assert result.path("until", "introductionId") == [("granted", "2026-03-02", "2026-12-31", "bakery-1")]


def test_a_permit_granted_when_it_was_over_has_lapsed_on_that_day() -> None:
    """Not before: until then it was asked for."""
    result = given(permit("requested", "2026-03-02"), permit("granted", "2026-04-02", until="2026-03-15"))
    assert [entry["from"] for entry in result.state["ahead"]] == ["2026-04-02"]


def test_two_that_contradict_are_shown_together() -> None:
    """The first by the sort stays; a new attempt is a new permit."""
    first, second = permit("denied", "2026-03-02"), permit("granted", "2026-04-02", until="2026-12-31")
    result = given(second, first).then(status="denied", until=None, ahead=[])
    assert [(conflict.code, conflict.facts) for conflict in result.item().conflicts] == [
        (TWO_DECISIONS, (first, second))
    ]
    given(first, permit("granted", "2026-04-02", permit="second")).then(parked={})


def test_the_introduction_is_the_last_one_named() -> None:
    """From request or grant."""
    requested = permit("requested", "2026-03-02", introductionId="a")
    result = given(requested, permit("granted", "2026-04-02", introductionId="b")).then(introductionId="b")
    assert result.path("introductionId") == [("requested", "2026-03-02", "a"), ("granted", "2026-04-02", "b")]


def test_case_and_permits_are_items_of_their_own() -> None:
    """One subject, several items."""
    facts = (permit("requested", "2026-03-02"), permit("denied", "2026-03-03", permit="other"))
    result = given(*facts)
    assert {name: item.state["status"] for name, item in result.result.items.items()} == {
        "permit-bakery": "requested",
        "permit-other": "denied",
    }
