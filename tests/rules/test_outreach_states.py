"""Openings, introductions, events and contacts, each line of their tables (states.md §5)."""

from __future__ import annotations

from typing import Any

import pytest

from services.outreach.reports import REPORTS
from services.outreach.table import CONTACT, EVENT, INTRODUCTION, OPENING
from shared.contracts.fact import Fact
from shared.rules.model import IMPLAUSIBLE
from tests.support.given import report, retraction
from tests.support.hires import (
    BAKERY,
    CLINIC,
    TERMS,
    given,
    given_beside,
    hired,
    introduced,
    life,
    opening,
    published,
    retained,
    said,
)

# The opening

OPENING_WAYS = {
    "unknown": "",
    "published": "published",
    "filled": "published filled",
    "withdrawn": "published withdrawn",
}
OPENING_TAKEN = {
    "published": dict.fromkeys(OPENING_WAYS, "published"),
    "changed": {"unknown": "published", "published": "published", "filled": "filled", "withdrawn": "withdrawn"},
    "filled": {"published": "filled", "filled": "filled"},
    "withdrawn": {"published": "withdrawn", "filled": "withdrawn", "withdrawn": "withdrawn"},
}


def _opening_life(line: str) -> list[Fact]:
    return [
        published(f"2026-01-{day:02}") if name == "published" else opening(name, f"2026-01-{day:02}")
        for day, name in enumerate(line.split(), start=1)
    ]


def test_every_fact_and_state_of_the_tables_stands_here() -> None:
    """No fact is left out, and none of the states."""
    names = {f"opening-{name}" for name in OPENING_TAKEN} | {name.partition(":")[0] for name in TAKEN}
    assert names | {"event-held", "employer-contact-logged"} == set(REPORTS)
    assert set(REPORTS) == {*OPENING.ranks, *INTRODUCTION.ranks, *EVENT.ranks, *CONTACT.ranks}
    assert set(WAYS) == set(INTRODUCTION.meanings)


@pytest.mark.parametrize("name", OPENING_TAKEN)
def test_from_each_state_of_an_opening_a_fact_does_what_its_row_says(name: str) -> None:
    """Else it is parked, and moves nothing; whoever publishes again opens again."""
    wrong = {}
    for state, way in OPENING_WAYS.items():
        result = given_beside(*_opening_life(f"{way} {name}"))
        found = (result.state["status"], result.code(result.facts[-1]))
        taken = OPENING_TAKEN[name]
        expected = (taken[state], "ok") if state in taken else (state, IMPLAUSIBLE)
        if found != expected:
            wrong[state] = (found, expected)
    assert not wrong


@pytest.mark.parametrize("line", ["published", "published changed", "published filled", "published withdrawn"])
def test_an_opening_is_nobodys_turn_and_has_nothing_due(line: str) -> None:
    """It is no barrier."""
    given_beside(*_opening_life(line)).then(turn=None, due=None, rule=None, stalled=None, availableFrom=None, ahead=[])


def test_a_filled_place_that_nobody_published_waits_for_the_opening() -> None:
    """Parked, and taken up by itself."""
    early = opening("filled", "2026-02-01")
    given_beside(early).then(status="unknown", since="2026-02-01", parked={"opening-filled": IMPLAUSIBLE}, path=[])
    given_beside(early, published("2026-01-05")).then(status="filled", since="2026-02-01", parked={})


def test_a_change_alone_is_believed_and_says_only_what_it_names() -> None:
    """What nobody named is left out."""
    state = given_beside(opening("changed", "2026-01-05", minGermanLevel="B1", pilot="fast-lane")).state
    assert {name: state[name] for name in state if name in (*TERMS, "pilot", "kind", "places")} == {
        "minGermanLevel": "B1",
        "pilot": "fast-lane",
    }


def test_a_change_is_a_patch_field_by_field() -> None:
    """The last fact that names a field holds, also while the opening is filled; the rest stays."""
    facts = (
        published("2026-01-05", mentor=True, until="2026-06-30"),
        opening("changed", "2026-02-01", minGermanLevel="A1", places=3),
        opening("filled", "2026-02-10"),
        opening("changed", "2026-02-20", weeklyHours=20),
    )
    given_beside(*facts).then(
        status="filled",
        since="2026-02-10",
        minGermanLevel="A1",
        places=3,
        weeklyHours=20,
        mentor=True,
        until="2026-06-30",
        kldb="29222",
    )


def test_the_path_of_an_opening_tells_its_terms_day_by_day() -> None:
    """A new entry when status or terms change, not when only details do."""
    facts = (
        published("2026-01-05"),
        opening("changed", "2026-01-20", mentor=True, places=1),
        opening("changed", "2026-02-01", acceptsPendingRecognition=False),
        opening("withdrawn", "2026-03-01"),
    )
    stricter = TERMS | {"acceptsPendingRecognition": False}
    assert given_beside(*facts).state["path"] == [
        {"status": "published", "since": "2026-01-05", **TERMS},
        {"status": "published", "since": "2026-02-01", **stricter},
        {"status": "withdrawn", "since": "2026-03-01", **stricter},
    ]


def test_two_fields_of_one_day_go_by_the_time_of_their_reports() -> None:
    """Published and changed share one rank."""
    first = opening("changed", "2026-01-05", minGermanLevel="A1")
    given_beside(published("2026-01-05"), first).then(minGermanLevel="A2")
    given_beside(first, published("2026-01-06")).then(minGermanLevel="A2")


# The introduction

WAYS = {
    "none": "",
    "introduced": "candidate-introduced",
    "interview-held": "interview-held",
    "trial-agreed": "trial-agreed",
    "trial-done": "trial-ended",
    "ended": "introduction-ended",
    "hired": "hired",
    "retained-6w": "hired retention-confirmed:6w",
    "retained-3m": "hired retention-confirmed:3m",
    "retained-6m": "hired retention-confirmed:6m",
    "retained-12m": "hired retention-confirmed:12m",
    "employment-ended": "hired employment-ended",
}
_ORDER = list(WAYS)
_RUNNING = _ORDER[: _ORDER.index("ended")]
_EMPLOYED = _ORDER[_ORDER.index("hired") : _ORDER.index("employment-ended")]


def _to(state: str, *sources: str) -> dict[str, str]:
    return dict.fromkeys(sources, state)


TAKEN: dict[str, dict[str, str]] = {
    "candidate-introduced": _to("introduced", "none", "introduced"),
    "interview-held": _to("interview-held", "none", "introduced", "interview-held"),
    "trial-agreed": _to("trial-agreed", *_RUNNING),
    "trial-ended": _to("trial-done", *_RUNNING),
    "introduction-ended": _to("ended", *_RUNNING, "ended"),
    "hired": _to("hired", *_RUNNING, "ended", "hired"),
    "retention-confirmed:6w": _to("retained-6w", *_EMPLOYED[:2]),
    "retention-confirmed:3m": _to("retained-3m", *_EMPLOYED[:3]),
    "retention-confirmed:6m": _to("retained-6m", *_EMPLOYED[:4]),
    "retention-confirmed:12m": _to("retained-12m", *_EMPLOYED),
    "employment-ended": _to("employment-ended", *_EMPLOYED, "employment-ended"),
}


@pytest.mark.parametrize("fact", TAKEN)
def test_from_each_state_of_an_introduction_a_fact_does_what_its_row_says(fact: str) -> None:
    """Steps may be skipped, a trial may be repeated; what goes backwards or was never begun is parked."""
    wrong = {}
    for state, way in WAYS.items():
        result = given(*life(f"{way} {fact}"))
        found = (result.state["status"], result.code(result.facts[-1]))
        expected = (TAKEN[fact][state], "ok") if state in TAKEN[fact] else (state, IMPLAUSIBLE)
        if found != expected:
            wrong[state] = (found, expected)
    assert not wrong


@pytest.mark.parametrize("state", WAYS)
def test_each_state_has_its_turn(state: str) -> None:
    """The partner's until somebody is hired or not; then nobody's. An introduction is never stalled."""
    if WAYS[state]:
        turn = "partner" if state in ("introduced", "interview-held", "trial-agreed", "trial-done") else None
        given(*life(WAYS[state])).then(status=state, turn=turn, stalled=None, availableFrom=None, ahead=[], flags=[])


def test_the_way_to_a_hire() -> None:
    """Each step on its day, a second trial included."""
    line = "candidate-introduced interview-held trial-agreed trial-ended trial-agreed trial-ended hired"
    result = given(*life(line)).then(parked={}, status="hired", since="2026-01-07")
    assert result.path() == [
        ("introduced", "2026-01-01"),
        ("interview-held", "2026-01-02"),
        ("trial-agreed", "2026-01-03"),
        ("trial-done", "2026-01-04"),
        ("trial-agreed", "2026-01-05"),
        ("trial-done", "2026-01-06"),
        ("hired", "2026-01-07"),
    ]


def test_a_hire_alone_opens_the_introduction() -> None:
    """Found without an opening."""
    given(hired("2026-03-02", "2026-04-01", ags="05162024", fixedTerm=True)).then(
        status="hired",
        since="2026-03-02",
        openingId=None,
        terms=None,
        start="2026-04-01",
        hireKind="insured",
        kldb="29222",
        weeklyHours=38.5,
        parked={},
    )


def test_a_hire_that_two_report_is_one() -> None:
    """The first one's day counts, the last one's details."""
    first, second = hired("2026-03-02", "2026-04-01"), hired("2026-03-09", "2026-04-15", "apprenticeship")
    result = given(introduced("2026-02-01"), second, first)
    result.then(status="hired", since="2026-03-02", start="2026-04-15", hireKind="apprenticeship", parked={})


def test_the_opening_is_the_first_one_named() -> None:
    """From whichever fact names one; another opening is another introduction."""
    given(said("interview-held", "2026-02-02", openingId=CLINIC)).then(openingId=CLINIC)
    given(introduced("2026-02-01"), hired("2026-03-02", openingId=CLINIC)).then(openingId=BAKERY)
    late = given(said("interview-held", "2026-02-02"), said("trial-agreed", "2026-02-09", openingId=BAKERY))
    assert late.path("openingId") == [
        ("interview-held", "2026-02-02", None),
        ("trial-agreed", "2026-02-09", BAKERY),
    ]


def test_the_start_is_the_trials_and_then_that_of_the_work() -> None:
    """The last fact that names it."""
    trial = said("trial-agreed", "2026-02-02", start="2026-02-09", until="2026-02-20")
    given(trial).then(start="2026-02-09", until=None)
    given(trial, hired("2026-03-02", "2026-04-01")).then(start="2026-04-01")


def test_why_it_ended_is_told_only_of_what_has_ended() -> None:
    """A reason belongs to its own fact."""
    ended = said("introduction-ended", "2026-02-02", reason="language")
    given(ended).then(status="ended", reason="language")
    given(ended, hired("2026-03-02")).then(status="hired", reason=None)
    left = (hired("2026-03-02"), said("employment-ended", "2026-03-31"))
    given(ended, *left).then(status="employment-ended", reason=None)
    given(hired("2026-03-02"), said("employment-ended", "2026-03-31", reason="employee-ended")).then(
        reason="employee-ended"
    )


@pytest.mark.parametrize("way", ["retained-6w", "retained-12m", "employment-ended"])
def test_a_new_hire_after_the_end_is_a_new_introduction(way: str) -> None:
    """The old one parks it."""
    again = hired("2026-06-01")
    result = given(*life(WAYS[way]), again).then(status=way)
    assert result.code(again) == IMPLAUSIBLE
    other = hired("2026-06-01", introduction="b2")
    both = given(*life(WAYS["employment-ended"]), other)
    assert both.item("introduction-b2").state["status"] == "hired"
    assert both.item("introduction-a1").state["status"] == "employment-ended"


def test_because_names_the_opening_and_the_hire() -> None:
    """The fact that brought the state, and those that the board reads openingId, start and kind from."""
    first, second = introduced("2026-02-01"), hired("2026-03-02")
    facts = (first, said("interview-held", "2026-02-10"), second, retained("2026-05-01", "6w"))
    assert given(*facts).item().because == (first, second, facts[-1])
    assert given(*facts[:2]).item().because == facts[:2]


# Events and contacts

_COUNTS: dict[str, Any] = {"invited": 80, "attended": 52, "conversations": 140, "followUps": 20, "hires": 0}


def _held(day: str, **data: Any) -> Fact:
    known: dict[str, Any] = {
        "eventId": BAKERY,
        "format": "job-fair",
        "hosts": ["jobcenter-neuss"],
        "ags": "05162024",
        "employers": 6,
    }
    return report("event-held", "event", day, by="jobcenter-neuss", **known | _COUNTS | data)


def test_an_event_was_held_with_its_counts() -> None:
    """All fields of the fact; a later count is a correction."""
    held = _held("2026-03-20", pilot="fast-lane")
    result = given_beside(held).then(status="held", since="2026-03-20", turn=None, due=None, stalled=None, **_COUNTS)
    result.then(format="job-fair", hosts=["jobcenter-neuss"], ags="05162024", employers=6, pilot="fast-lane")
    assert result.path() == [("held", "2026-03-20")]
    later = report(
        "event-held", "event", "2026-03-20", by="jobcenter-neuss", **{**held.data, "hires": 3}, corrects=held.id
    )
    given_beside(held, later).then(hires=3, attended=52, since="2026-03-20")


def test_a_contact_is_logged() -> None:
    """All fields of the fact; one that is taken back leaves an item without facts."""
    data: dict[str, Any] = {
        "contactId": BAKERY,
        "channel": "phone",
        "result": "interested",
        "ags": "05162024",
        "branch": "10.71",
    }
    logged = report("employer-contact-logged", "contact", "2026-03-20", **data)
    given_beside(logged).then(status="logged", channel="phone", result="interested", branch="10.71", turn=None)
    given_beside(logged, retraction(logged)).then(status="withdrawn", since=None)
