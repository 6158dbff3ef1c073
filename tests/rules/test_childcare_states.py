"""Childcare, each row of the table: from every state, what every fact does (states.md §3)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.childcare.reports import REPORTS
from services.childcare.snapshot import NeedState
from services.childcare.table import NEED
from shared.contracts.fact import Fact
from shared.rules.model import IMPLAUSIBLE
from tests.support.children import given, life, need, offered, said
from tests.support.given import correction, retraction

#: A way into each state; 35 hours are needed where somebody says so.
WAYS = {
    "need-identified": "need-identified",
    "need-registered": "need-registered",
    "acknowledged": "acknowledged",
    "waitlisted": "waitlisted",
    "claim-enforced": "need-registered claim-enforced",
    "offered": "offered",
    "declined": "offer-declined",
    "expired": "offer-expired",
    "accepted": "offer-accepted",
    "contracted": "contracted",
    "settling-in": "settling-in-started",
    "in-care": "need-registered care-started",
    "hours-insufficient": "need-registered care-started:20",
    "hours-cut": "need-registered care-started hours-changed:20",
    "ended": "care-started care-ended",
    "need-withdrawn": "need-withdrawn",
}
BEFORE_OFFER = ("need-identified", "need-registered", "acknowledged", "waitlisted", "claim-enforced")
ANSWERED = ("declined", "expired")
AGREED = ("accepted", "contracted", "settling-in")
TOO_FEW = ("hours-insufficient", "hours-cut")
CARE = ("in-care", *TOO_FEW)
BUT_WITHDRAWN = tuple(state for state in WAYS if state != "need-withdrawn")


def _to(state: str, *sources: str) -> dict[str, str]:
    return dict.fromkeys(sources, state)


def _stays(*sources: str) -> dict[str, str]:
    return {source: source for source in sources}


#: Fact → from which states it is in force, and the state then. From all others it is parked.
TAKEN: dict[str, dict[str, str]] = {
    "need-identified": _stays(*BUT_WITHDRAWN) | _to("need-identified", "need-withdrawn"),
    "need-identified:40": _stays(*BUT_WITHDRAWN) | {"in-care": "hours-cut", "need-withdrawn": "need-identified"},
    "need-identified:20": _stays(*BUT_WITHDRAWN) | _to("in-care", *TOO_FEW) | _to("need-identified", "need-withdrawn"),
    "need-registered": _stays(*BEFORE_OFFER, "offered", *ANSWERED, *AGREED, "in-care")
    | _to("need-registered", "need-identified", *TOO_FEW, "ended", "need-withdrawn"),
    "need-registered:40": _stays(*BEFORE_OFFER, "offered", *ANSWERED, *AGREED)
    | _to("need-registered", "need-identified", *TOO_FEW, "ended", "need-withdrawn")
    | {"in-care": "hours-cut"},
    "acknowledged": _to("acknowledged", "need-identified", "need-registered", "acknowledged", "ended"),
    "waitlisted": _to(
        "waitlisted", "need-identified", "need-registered", "acknowledged", "waitlisted", *ANSWERED, "ended"
    ),
    "claim-enforced": _to(
        "claim-enforced", "need-registered", "acknowledged", "waitlisted", "claim-enforced", "offered", *ANSWERED
    ),
    "offered": _to("offered", *BEFORE_OFFER, "offered", *ANSWERED, *TOO_FEW, "ended"),
    "offer-declined": _to("declined", *BEFORE_OFFER, "offered", *ANSWERED, "accepted", "contracted", "ended"),
    "offer-expired": _to("expired", *BEFORE_OFFER, "offered", *ANSWERED, "accepted", "contracted", "ended"),
    "offer-accepted": _to("accepted", *BEFORE_OFFER, "offered", *ANSWERED, "accepted", *TOO_FEW, "ended"),
    "contracted": _to("contracted", *BEFORE_OFFER, "offered", *ANSWERED, "accepted", "contracted", *TOO_FEW, "ended"),
    "settling-in-started": _to("settling-in", *BEFORE_OFFER, "offered", *ANSWERED, *AGREED, *TOO_FEW, "ended"),
    "care-started": _to("in-care", *BUT_WITHDRAWN),
    "care-started:20": _to("in-care", *BUT_WITHDRAWN)
    | _to("hours-insufficient", "need-identified", "need-registered", "claim-enforced", *TOO_FEW)
    | {"in-care": "hours-cut"},
    "hours-changed": _to("in-care", *CARE),
    "hours-changed:20": _stays(*TOO_FEW) | {"in-care": "hours-cut"},
    "care-ended": _to("ended", "settling-in", *CARE, "ended"),
    "interim-care-arranged": _stays(*BUT_WITHDRAWN),
    "interim-care-ended": {},
    "need-withdrawn": _to("need-withdrawn", *WAYS),
}


def test_the_rows_here_know_every_fact_and_every_state() -> None:
    """Nothing of the table is left out below."""
    assert {name.partition(":")[0] for name in TAKEN} == set(REPORTS) == set(NEED.ranks)
    assert set(WAYS) == set(NEED.meanings)


@pytest.mark.parametrize("state", WAYS)
def test_each_state_is_reached(state: str) -> None:
    """The way into each state leads there, and nothing on it is parked."""
    given(*life(WAYS[state])).then(status=state, parked={})


@pytest.mark.parametrize("fact", TAKEN)
def test_from_each_state_a_fact_does_what_its_row_says(fact: str) -> None:
    """In force with the state that the row names, otherwise parked without effect."""
    wrong = {}
    for state, way in WAYS.items():
        result = given(*life(f"{way} {fact}"))
        found = (result.state["status"], result.code(result.facts[-1]))
        expected = (TAKEN[fact][state], "ok") if state in TAKEN[fact] else (state, IMPLAUSIBLE)
        if found != expected:
            wrong[state] = (found, expected)
    assert not wrong


#: Barrier and turn of each state, as the table of meanings has them.
MEANINGS = {
    "need-identified": ("open", "applicant"),
    "need-registered": ("in-progress", "competent-body"),
    "acknowledged": ("in-progress", "competent-body"),
    "claim-enforced": ("in-progress", "competent-body"),
    "waitlisted": ("in-progress", "capacity"),
    "offered": ("in-progress", "applicant"),
    "declined": ("open", "capacity"),
    "expired": ("open", "capacity"),
    "accepted": ("in-progress", "partner"),
    "contracted": ("in-progress", "partner"),
    "settling-in": ("in-progress", "partner"),
    "in-care": ("resolved", None),
    "hours-insufficient": ("open", "capacity"),
    "hours-cut": ("lapsed", "capacity"),
    "ended": ("lapsed", "capacity"),
    "need-withdrawn": ("does not count", None),
}


@pytest.mark.parametrize("state", MEANINGS)
def test_each_state_says_whose_turn_it_is(state: str) -> None:
    """As the table has it, and interim care changes nothing of it."""
    barrier, turn = MEANINGS[state]
    assert NEED.meanings[state].barrier == barrier
    given(*life(WAYS[state])).then(turn=turn)
    if state != "need-withdrawn":
        given(*life(f"{WAYS[state]} interim-care-arranged")).then(status=state, turn=turn, flags=["interim"])


@pytest.mark.parametrize(
    ("line", "status", "parked"),
    [
        ("need-registered acknowledged waitlisted offered offer-accepted contracted settling-in-started care-started",
         "in-care", []),
        ("need-registered offered offer-declined waitlisted offered offer-expired waitlisted", "waitlisted", []),
        ("need-registered offered offer-accepted offered", "accepted", ["offered"]),
        ("need-registered contracted offer-declined", "declined", []),
        ("need-registered settling-in-started offer-declined", "settling-in", ["offer-declined"]),
        ("need-registered settling-in-started care-ended need-registered offered", "offered", []),
        ("need-registered care-started care-ended acknowledged", "acknowledged", []),
        ("need-registered care-started:20 offered contracted:40 care-started:40", "in-care", []),
        ("need-registered care-started:20 offered offer-declined hours-changed:40", "declined", ["hours-changed"]),
        ("need-registered care-started hours-changed:20 hours-changed:30", "hours-cut", []),
        ("need-registered care-started hours-changed:20 care-started:30", "hours-insufficient", []),
        ("need-registered care-started hours-changed:20 care-started:30 hours-changed:35", "in-care", []),
        ("need-registered care-started:20 hours-changed:25", "hours-insufficient", []),
        ("need-registered care-started:20 hours-changed:40 hours-changed:20", "hours-cut", []),
        ("need-registered care-started:20 need-identified:20 need-identified:35", "hours-cut", []),
        ("care-started:20 need-identified:35", "hours-cut", []),
        ("care-started:20 care-ended need-identified:35", "ended", []),
        ("contracted:20 need-identified:35 settling-in-started hours-changed:40", "settling-in", ["hours-changed"]),
        ("need-withdrawn offered", "need-withdrawn", ["offered"]),
        ("need-withdrawn care-started need-registered", "need-registered", ["care-started"]),
        ("need-withdrawn need-withdrawn", "need-withdrawn", []),
        ("need-registered acknowledged need-withdrawn need-registered acknowledged", "acknowledged", []),
    ],
)  # fmt: skip
def test_longer_lives(line: str, status: str, parked: list[str]) -> None:
    """Loops, skipped steps and second ways end where the table says."""
    result = given(*life(line))
    assert (result.state["status"], list(result.parked)) == (status, parked)


@pytest.mark.parametrize(
    ("line", "flags", "parked"),
    [
        ("waitlisted interim-care-arranged", ["interim"], []),
        ("waitlisted interim-care-arranged interim-care-arranged", ["interim"], ["interim-care-arranged"]),
        ("waitlisted interim-care-arranged interim-care-ended", [], []),
        ("waitlisted interim-care-ended", [], ["interim-care-ended"]),
        ("waitlisted interim-care-arranged offered contracted care-started", ["interim"], []),
        ("waitlisted interim-care-arranged need-withdrawn", [], []),
        ("waitlisted interim-care-arranged need-withdrawn interim-care-ended", [], ["interim-care-ended"]),
        ("need-withdrawn interim-care-arranged", [], ["interim-care-arranged"]),
        ("interim-care-arranged need-identified", ["interim"], []),
    ],
)
def test_interim_care_runs_beside(line: str, flags: list[str], parked: list[str]) -> None:
    """It starts and ends by its own facts, and ends with the need."""
    result = given(*life(line))
    assert (result.state["flags"], list(result.parked)) == (flags, parked)


def test_interim_care_is_told_while_it_runs() -> None:
    """State and path carry what was arranged; new care on the day on which the old one ends is a new entry."""
    first = said("interim-care-arranged", "2026-02-01", purpose="course", weeklyHours=20, until="2026-04-30")
    told: dict[str, Any] = {"purpose": "course", "weeklyHours": 20, "until": "2026-04-30"}
    given(need("2026-01-10"), first).then(interim=told)
    over = said("interim-care-ended", "2026-03-01")
    second = said("interim-care-arranged", "2026-03-01", weeklyHours=30, start="2026-03-09")
    result = given(need("2026-01-10"), first, over, second)
    now = {"purpose": "work", "weeklyHours": 30, "from": "2026-03-09"}
    result.then(interim=now, flags=["interim"], parked={})
    assert result.path("interim") == [
        ("need-registered", "2026-01-10", None),
        ("need-registered", "2026-02-01", told),
        ("need-registered", "2026-03-01", now),
    ]
    ended = given(need("2026-01-10"), first, over)
    assert "interim" not in ended.state
    assert ended.item().because == ended.facts[:1]


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("care-ended", "care-started", "in-care"),
        ("care-started", "care-ended", "ended"),
        ("care-started", "hours-changed", "hours-cut"),
        ("hours-changed", "care-started", "in-care"),
        ("hours-changed", "care-ended", "ended"),
    ],
)
def test_of_one_day_time_decides_between_start_change_and_end(first: str, second: str, status: str) -> None:
    """The three share a rank, whatever was written down first."""
    day = "2026-05-04"

    def fact(name: str, time: int) -> Fact:
        data: dict[str, Any] = {"weeklyHours": 20} if name == "hours-changed" else {}
        return said(name, day, time=time, **data)

    before = [need("2026-01-10"), said("care-started", "2026-03-01", weeklyHours=35)]
    given(*before, fact(first, 1), fact(second, 2)).then(status=status)
    given(*before, fact(second, 2), fact(first, 1)).then(status=status)


@pytest.mark.parametrize(
    ("needed", "hours", "status"),
    [(35, 35, "in-care"), (35, 34.5, "hours-insufficient"), (34.5, 35, "in-care"), (0.5, 60, "in-care")],
)
def test_enough_is_as_many_hours_as_needed(needed: float, hours: float, status: str) -> None:
    """Half an hour less is too little."""
    given(need("2026-01-10", weeklyHours=needed), said("care-started", "2026-05-04", weeklyHours=hours)).then(
        status=status, needed=needed, hours=hours
    )


def test_the_hours_of_a_contract_count_until_care_starts() -> None:
    """They are known before care, and the first day's hours replace them."""
    contract = [need("2026-01-10"), said("contracted", "2026-03-01", weeklyHours=20)]
    given(*contract).then(hours=20, status="contracted")
    given(*contract, said("care-started", "2026-05-04", weeklyHours=35)).then(hours=35, status="in-care")


def test_a_further_word_on_the_need_is_a_register_and_an_echo_keeps_its_first_day() -> None:
    """The newest need holds; the state and its day stay as they are."""
    later = need("2026-02-10", start="2026-10-01", weeklyHours=40, ags="09162000")
    given(need("2026-01-10"), later).then(since="2026-01-10", needed=40, ags="09162000", **{"from": "2026-10-01"})
    waiting = given(need("2026-01-10"), said("waitlisted", "2026-02-01"), later)
    waiting.then(status="waitlisted", since="2026-02-01", needed=40)
    assert waiting.path("needed") == [
        ("need-registered", "2026-01-10", 35),
        ("waitlisted", "2026-02-01", 35),
        ("waitlisted", "2026-02-10", 40),
    ]


def test_a_need_known_by_interim_care_alone_is_identified_since_then() -> None:
    """The state of which nothing was said holds from the first fact in force; the need itself confirms it."""
    arranged = said("interim-care-arranged", "2026-01-05")
    given(arranged).then(status="need-identified", since="2026-01-05", turn="applicant")
    given(arranged, said("need-identified", "2026-02-01")).then(status="need-identified", since="2026-01-05", needed=35)


@pytest.mark.parametrize(
    ("facts", "available"),
    [
        ([need("2026-01-10")], None),
        ([offered("2026-01-10", "2026-05-01")], "2026-05-29"),
        ([offered("2026-01-10", "2026-05-01"), offered("2026-02-10", "2026-08-01")], "2026-08-29"),
        ([offered("2026-01-10", "2026-05-01"), said("offer-accepted", "2026-01-20")], "2026-05-29"),
        ([said("offer-accepted", "2026-01-20")], None),
        ([said("contracted", "2026-01-20")], None),
        ([said("contracted", "2026-01-20", start="2026-06-01")], "2026-06-29"),
        ([offered("2026-01-10", "2026-05-01"), said("contracted", "2026-01-20")], "2026-05-29"),
        ([offered("2026-01-10", "2026-05-01"), said("contracted", "2026-01-20", start="2026-06-01")],
         "2026-06-29"),
        ([offered("2026-01-10", "2026-05-01"), said("settling-in-started", "2026-05-04")], "2026-06-01"),
        ([offered("2026-01-10", "2026-05-01"), said("offer-declined", "2026-01-20")], None),
        ([offered("2026-01-10", "2026-05-01"), said("care-started", "2026-05-04")], None),
    ],
)  # fmt: skip
def test_the_forecast_is_four_weeks_after_the_places_first_day(facts: list[Fact], available: str | None) -> None:
    """Once settling in has begun, four weeks after that; without a place in view, or its first day, nothing."""
    given(*facts).then(availableFrom=available)


@pytest.mark.parametrize(
    "line",
    [
        "care-started care-ended offer-accepted",
        "settling-in-started care-ended offer-accepted",
        "need-registered care-started:20 offer-accepted",
        "need-withdrawn need-registered offer-accepted",
    ],
)
def test_a_place_that_was_taken_lost_or_given_up_is_no_forecast_for_the_next_one(line: str) -> None:
    """An acceptance without an offer names no day."""
    given(offered("2026-01-10", "2026-05-01"), *life(line, "2026-05-04")).then(status="accepted", availableFrom=None)


def test_because_names_need_hours_and_place() -> None:
    """The fact that brought the state, and what the barrier reads of others; nothing of an older need."""
    identified, registered = said("need-identified", "2026-01-01"), need("2026-01-10")
    place, accepted = offered("2026-03-01"), said("offer-accepted", "2026-03-10")
    started = said("care-started", "2026-10-01")
    assert given(identified, registered, place, accepted).item().because == (registered, place, accepted)
    assert given(identified, registered, place, accepted, started).item().because == (registered, started)


def test_a_parked_fact_is_taken_up_when_the_missing_one_arrives() -> None:
    """An ended care that nobody saw begin is parked until its beginning is reported."""
    ended = said("care-ended", "2026-05-04")
    given(need("2026-01-10"), ended).then(status="need-registered", parked={"care-ended": IMPLAUSIBLE})
    given(need("2026-01-10"), ended, said("care-started", "2026-03-01")).then(status="ended", parked={})


def test_corrected_hours_and_a_retracted_start_are_as_if_never_said() -> None:
    """The state follows what stands."""
    registered, started = need("2026-01-10"), said("care-started", "2026-05-04", weeklyHours=20)
    given(registered, started).then(status="hours-insufficient")
    given(registered, started, correction(started, said("care-started", "2026-05-04"))).then(status="in-care")
    given(registered, started, retraction(started)).then(status="need-registered")


def test_the_state_is_what_the_schema_promises_and_children_are_items_of_their_own() -> None:
    """With all fields at once; a fact of one child moves no other."""
    facts = [need("2026-01-10"), offered("2026-03-01"), said("interim-care-arranged", "2026-03-02", until="2026-04-01")]
    result = given(*facts, said("need-identified", "2026-01-01", child=2))
    content = result.content("childcare", "child-1")
    state = msgspec.convert(content["state"], NeedState)
    assert (state.available_from, state.needed, state.path[-1].interim) == ("2026-09-29", 35, state.interim)
    assert content["conflicts"] == [] and state.ahead == []
    assert result.item("child-2").state["status"] == "need-identified"
