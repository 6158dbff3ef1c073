"""The walker's forms on a toy table: a bicycle at the repair shop (states.md §1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from shared.contracts.fact import Fact
from shared.rules.derive import item_of, state_of
from shared.rules.model import CONFLICT, IMPLAUSIBLE, Context, Item, ItemKind, RuleBook
from shared.rules.table import (
    ANYWHERE,
    FIRST,
    LOOP,
    OWN,
    Beside,
    Move,
    Reckoned,
    Register,
    Table,
    Walked,
    below,
    flagged,
    ranks,
    states,
)
from shared.rules.walker import walk
from tests.support.given import Given, given_with, report


def _look(fact: Fact, known: Mapping[str, Any]) -> str:
    return "as ordered" if fact.data["colour"] == known.get("colour") else "wrong"


TABLE = Table(
    initial="outside",
    moves=(
        Move("brought", 10, "waiting", below(10)),
        Move("looked-at", 20, "looked-at", ranks(0, 20), LOOP, again=True),
        Move("repaired", 30, "repaired", below(30), contradicts=frozenset({"scrapped"})),
        Move("scrapped", 30, "scrapped", below(30), contradicts=frozenset({"repaired"})),
        Move("tested", 40, {"good": "fine", "bad": "faulty"}, states("repaired", "faulty"), LOOP, by="result"),
        Move("bell-rung", 45, "rung", flagged("loud"), LOOP, idle=frozenset({"fine"})),
        Move("inspected", 46, {"as ordered": "fine"}, ranks(1, 50), LOOP, by="colour", chooses=_look),
        Move("inspected", 46, {"wrong": "waiting"}, ranks(1, 50), LOOP, by="colour", chooses=_look, reaches=10),
        Move("fetched", 90, "outside", ranks(1, 90, without=("scrapped",)), LOOP, reaches=0),
    ),
    besides=(
        Beside("locked", 25, "locked", ("unlocked",), ranks(10, 30)),
        Beside("loud", 26, "made-loud", ("silenced",), ANYWHERE, echoes=True, day="loudSince"),
    ),
    registers=(
        Register("colour"),
        Register("owner", holds=FIRST),
        Register("spare", reads="part", facts=("looked-at",), holds=OWN, when=("kind", "spare")),
        Register("stickers", facts=("sticker",), key="place", says={"sticker": "on"}),
    ),
    always={"painted": 25, "sticker": 25},
    facets=("colour", "loudSince", "stickers"),
)


def _derive(facts: list[Fact], _: Context) -> Item:
    walked = walk(TABLE, TABLE.sort(facts))
    nothing = dict.fromkeys(("turn", "dueOn", "ruleId", "stalledFrom", "availableFrom"))
    return item_of(walked, state_of(walked, nothing, {"owner": walked.values.get("owner")}, []))


BOOK = RuleBook("shop", (ItemKind("bike", "bike-changed", _derive),))  # type: ignore[arg-type]  # lists only


def bike(line: str) -> list[Fact]:
    """Facts on successive days; `name:word` fills result or colour, `name=1` says the day instead."""
    facts = []
    for number, token in enumerate(line.split(), start=1):
        name, _, day = token.partition("=")
        name, _, word = name.partition(":")
        data: dict[str, Any] = {"result" if name == "tested" else "colour": word} if word else {}
        facts.append(report(name, "bike", f"2026-01-{int(day or number):02}", **data))
    return facts


def given(*facts: Fact) -> Given:
    return given_with(BOOK, *facts)


@pytest.mark.parametrize(
    ("line", "status", "parked"),
    [
        ("brought repaired", "repaired", {}),
        ("repaired", "repaired", {}),  # a step may be skipped
        ("repaired brought", "repaired", {"brought": IMPLAUSIBLE}),  # and is not gone back
        ("brought brought", "waiting", {}),  # an echo
        ("repaired scrapped", "repaired", {"scrapped": CONFLICT}),
        ("tested:good", "outside", {"tested": IMPLAUSIBLE}),
        ("repaired tested:bad tested:good", "fine", {}),
        ("repaired tested:good tested:bad", "fine", {"tested": IMPLAUSIBLE}),
        ("repaired tested:odd", "repaired", {"tested": IMPLAUSIBLE}),
        ("brought fetched brought repaired", "repaired", {}),  # the way can be gone again
        ("fetched", "outside", {"fetched": IMPLAUSIBLE}),
        ("scrapped fetched", "scrapped", {"fetched": IMPLAUSIBLE}),
        ("brought bell-rung", "waiting", {"bell-rung": IMPLAUSIBLE}),
        ("brought made-loud bell-rung", "rung", {}),  # allowed while a flag runs
        ("repaired tested:good bell-rung", "fine", {}),  # in force, moves nothing
        ("painted:red", "outside", {}),
    ],
)
def test_steps_loops_and_registers(line: str, status: str, parked: dict[str, str]) -> None:
    """What a row allows moves the state, everything else is parked."""
    given(*bike(line)).then(status=status, parked=parked)


@pytest.mark.parametrize(
    ("line", "flags", "parked"),
    [
        ("brought locked", ["locked"], {}),
        ("brought locked locked", ["locked"], {"locked": IMPLAUSIBLE}),
        ("brought locked unlocked", [], {}),
        ("brought unlocked", [], {"unlocked": IMPLAUSIBLE}),
        ("locked", [], {"locked": IMPLAUSIBLE}),
        ("brought locked repaired", ["locked"], {}),
        ("brought repaired locked tested:good", [], {}),  # the state left those of the flag
        ("made-loud made-loud", ["loud"], {}),  # an echo, where the row says so
        ("brought made-loud locked", ["locked", "loud"], {}),  # in the order of the table
    ],
)
def test_flags_beside(line: str, flags: list[str], parked: dict[str, str]) -> None:
    """Started and ended by their facts, or by the state."""
    given(*bike(line)).then(flags=flags, parked=parked)


def test_facts_are_sorted_by_day_rank_time_source_and_id() -> None:
    """Each decides only where those before it are equal."""
    day = "2026-01-01"
    facts = [
        report("brought", "bike", "2026-01-02", time=0),
        report("repaired", "bike", day, time=1),
        report("locked", "bike", day, time=3, by="a"),
        report("unlocked", "bike", day, time=2, by="b", id="1"),
        report("unlocked", "bike", day, time=3, by="a", id="0"),
        report("brought", "bike", day, time=9),
    ]
    assert [facts.index(fact) for fact in TABLE.sort(facts)] == [5, 3, 4, 2, 1, 0]


def test_since_is_the_first_day_of_the_status_and_clocks_start_with_the_newest() -> None:
    """Looked at twice: the state holds since the first, entered by the second."""
    walked = walk(TABLE, TABLE.sort(bike("brought looked-at looked-at")))
    assert (walked.since, walked.entered and walked.entered.occurred_on) == ("2026-01-02", "2026-01-03")
    walked = walk(TABLE, TABLE.sort(bike("brought brought")))
    assert (walked.since, walked.entered and walked.entered.occurred_on) == ("2026-01-01", "2026-01-01")


def test_the_path_has_an_entry_where_status_flags_or_facets_change() -> None:
    """Not for an echo, and not for what nobody reads."""
    line = "brought:red brought:red painted:blue locked unlocked looked-at looked-at made-loud"
    assert given(*bike(line)).state["path"] == [
        {"status": "waiting", "since": "2026-01-01", "colour": "red"},
        {"status": "waiting", "since": "2026-01-03", "colour": "blue"},
        {"status": "waiting", "since": "2026-01-04", "flags": ["locked"], "colour": "blue"},
        {"status": "waiting", "since": "2026-01-05", "colour": "blue"},
        {"status": "looked-at", "since": "2026-01-06", "colour": "blue"},
        {"status": "looked-at", "since": "2026-01-08", "flags": ["loud"], "colour": "blue", "loudSince": "2026-01-08"},
    ]


def test_of_one_day_only_the_last_entry_stays() -> None:
    """What began and ended on one day leaves none."""
    assert given(*bike("brought=1 repaired=1 painted:red=1")).path("colour") == [("repaired", "2026-01-01", "red")]
    assert given(*bike("brought=1 locked=2 unlocked=2")).path() == [("waiting", "2026-01-01")]


def test_a_path_begins_with_the_first_fact_in_force() -> None:
    """Also in the initial state; parked facts are in no path."""
    assert given(*bike("painted:red")).path("colour") == [("outside", "2026-01-01", "red")]
    given(*bike("fetched")).then(path=[], since="2026-01-01")


def test_registers_keep_the_last_the_first_or_only_what_the_last_one_said() -> None:
    """And a map keeps one value for each key."""
    day = "2026-01-0"
    facts = [
        report("brought", "bike", f"{day}1", owner="Ada", colour="red"),
        report("painted", "bike", f"{day}2", owner="Bea", colour="blue"),
        report("looked-at", "bike", f"{day}3", part="chain", kind="spare"),
        report("sticker", "bike", f"{day}4", place="front"),
        report("sticker", "bike", f"{day}5", place="back"),
    ]
    walked = walk(TABLE, TABLE.sort(facts))
    expected = {"owner": "Ada", "colour": "blue", "spare": "chain", "stickers": {"front": "on", "back": "on"}}
    assert walked.values == expected
    for silent in (
        report("looked-at", "bike", f"{day}6"),
        report("looked-at", "bike", f"{day}6", part="x", kind="old"),
    ):
        assert "spare" not in walk(TABLE, TABLE.sort([*facts, silent])).values


def test_because_is_what_brought_the_state_runs_beside_it_and_is_read() -> None:
    """In the order of the walk: colour, state, flag."""
    painted, repaired, locked = bike("painted:red repaired locked")
    silent = report("painted", "bike", "2026-01-09")
    older = report("painted", "bike", "2025-12-01", colour="green")
    assert given(locked, silent, older, repaired, painted).item().because == (painted, repaired, locked)


def test_what_contradicts_is_shown_with_what_it_contradicts() -> None:
    """One conflict, all of its facts."""
    repaired, first, second = bike("repaired scrapped scrapped")
    assert [conflict.facts for conflict in given(second, first, repaired).item().conflicts] == [
        (repaired, first, second)
    ]


@pytest.mark.parametrize(
    ("line", "status", "colour"),
    [
        ("brought:red painted:blue inspected:blue", "fine", "blue"),
        ("brought:red painted:blue inspected:red", "waiting", "red"),
        ("brought:red inspected:blue inspected:blue", "fine", "blue"),
    ],
)
def test_a_named_function_chooses_by_what_was_known_before_the_fact(line: str, status: str, colour: str) -> None:
    """It sees the registers as they were; the fact itself writes them afterwards. Each choice has its own rank."""
    state = given_with(BOOK, *bike(line)).then(parked={}, status=status).state
    assert state["path"][-1]["colour"] == colour
    again = given_with(BOOK, *bike(f"{line} repaired")).state["status"]
    assert again == ("repaired" if status == "waiting" else "fine")


def _value(walk: Walked) -> tuple[str, Fact] | None:
    """What a painted thing is worth; nothing while it is away."""
    painted = walk.said_by.get(("colour", ""))
    return (f"{walk.status} {painted.data['colour']}", painted) if painted and walk.status != "away" else None


LENT = Table(
    initial="here",
    moves=(
        Move("lent", 10, "away", ranks(0, 9), LOOP),
        Move("returned", 20, "here", ranks(0, 20), LOOP, reaches=0),
    ),
    registers=(Register("colour"),),
    reckoned=(Reckoned("worth", _value),),
    always={"painted": 5},
    facets=("worth",),
)


def test_a_named_function_reckons_a_facet_after_each_fact() -> None:
    """It follows state and registers, is carried by the fact that it names, and is gone when there is none."""
    painted, lent, returned, again = bike("painted:red lent returned painted:red")
    walked = walk(LENT, [painted, lent, returned])
    assert [(entry["since"], entry.get("worth")) for entry in walked.path] == [
        ("2026-01-01", "here red"),
        ("2026-01-02", None),
        ("2026-01-03", "here red"),
    ]
    assert walked.said_by["worth", ""] is painted
    walked = walk(LENT, [painted, lent, returned, again])
    assert (len(walked.path), walked.said_by["worth", ""]) == (3, again)
    assert "worth" not in walk(LENT, [painted, lent]).values


def test_the_first_move_into_the_initial_state_does_not_begin_it_anew() -> None:
    """It holds since the first fact in force; a state of its own begins with its fact."""
    painted, returned, lent = bike("painted:red returned lent")
    walked = walk(LENT, [painted, returned])
    assert (walked.since, walked.entered) == ("2026-01-01", returned)
    assert walk(LENT, [painted, lent]).since == "2026-01-03"
    assert walk(LENT, [returned]).since == "2026-01-02"
