"""A child's need for care as data: states, rows, the flag, registers, and what each state means (states.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.contracts.fact import Day, Fact
from shared.rules.deadlines import plus_days
from shared.rules.table import (
    LOOP,
    OWN,
    Beside,
    Clocked,
    From,
    Move,
    Reckoned,
    Register,
    Table,
    Walked,
    below,
    ranks,
    states,
)

_NEEDS = ("need-identified", "need-registered")
_CARE = ("care-started", "hours-changed")
_TOO_FEW = ("hours-cut", "hours-insufficient")
#: After the registration and before care. A further word on the need is a register only.
_SEARCHING = (
    "acknowledged",
    "waitlisted",
    "claim-enforced",
    "offered",
    "declined",
    "expired",
    "accepted",
    "contracted",
    "settling-in",
)
_WITHDRAWN = "need-withdrawn"
ENOUGH, TOO_FEW = "enough", "too few"
#: Settling in takes four weeks; before its end nobody is free for work.
_SETTLING_IN_DAYS = 28


def _not_withdrawn(low: int, high: int) -> From:
    """From a withdrawn need only a new one leads on."""
    return ranks(low, high, without=(_WITHDRAWN,))


def _hours(fact: Fact, known: Mapping[str, Any]) -> str:
    """Whether hours of care and hours needed go together once the fact is known; one of them unknown: they do."""
    said = fact.data["weeklyHours"]
    hours = said if fact.name in _CARE else known.get("hours")
    needed = said if fact.name in _NEEDS else known.get("needed")
    return TOO_FEW if hours is not None and needed is not None and hours < needed else ENOUGH


def _in_care(fact: str, too_few: str, allowed: From, note: str = "") -> Move:
    """A row that compares the hours of care with those needed."""
    to = {ENOUGH: "in-care", TOO_FEW: too_few}
    return Move(fact, 90, to, allowed, LOOP, by="hours", chooses=_hours, note=note)


_CHANGED = "a changed need does what changed hours do"

MOVES = (
    Move(
        "need-identified", 10, "need-identified", below(10), idle=frozenset(("need-registered", *_SEARCHING, "ended"))
    ),
    _in_care("need-identified", "hours-cut", states("in-care", "hours-cut"), _CHANGED),
    _in_care("need-identified", "hours-insufficient", states("hours-insufficient"), _CHANGED),
    Move("need-registered", 20, "need-registered", below(20) | states(*_TOO_FEW), idle=frozenset(_SEARCHING)),
    _in_care("need-registered", "hours-cut", states("in-care"), _CHANGED),
    Move("acknowledged", 30, "acknowledged", _not_withdrawn(0, 29)),
    Move("waitlisted", 40, "waitlisted", _not_withdrawn(0, 39) | states("declined", "expired"), LOOP),
    Move("claim-enforced", 45, "claim-enforced", ranks(20, 53), LOOP),
    Move("offered", 50, "offered", _not_withdrawn(0, 53) | states(*_TOO_FEW), LOOP, again=True),
    Move("offer-declined", 52, "declined", _not_withdrawn(0, 70), LOOP),
    Move("offer-expired", 53, "expired", _not_withdrawn(0, 70), LOOP),
    Move("offer-accepted", 60, "accepted", _not_withdrawn(0, 59) | states(*_TOO_FEW)),
    Move("contracted", 70, "contracted", _not_withdrawn(0, 69) | states(*_TOO_FEW)),
    Move("settling-in-started", 80, "settling-in", _not_withdrawn(0, 79) | states(*_TOO_FEW)),
    _in_care("care-started", "hours-insufficient", ranks(0, 90, without=(_WITHDRAWN, "in-care"))),
    _in_care("care-started", "hours-cut", states("in-care"), "only the hours count"),
    _in_care("hours-changed", "hours-cut", states("in-care", "hours-cut")),
    _in_care("hours-changed", "hours-insufficient", states("hours-insufficient")),
    Move(
        "care-ended",
        90,
        "ended",
        states("settling-in", "in-care", *_TOO_FEW),
        LOOP,
        reaches=15,
        note="else there is nothing to end",
    ),
    Move("need-withdrawn", 95, _WITHDRAWN, ranks(0, 95), LOOP, reaches=0),
)

BESIDES = (
    Beside("interim", 42, "interim-care-arranged", ("interim-care-ended",), _not_withdrawn(0, 95), note="shown beside"),
)

#: A place that was taken, given up or lost is no forecast for the next one.
_PLACE_GONE = ("care-started", "care-ended", "need-withdrawn")
REGISTERS = (
    Register("from", facts=_NEEDS),
    Register("needed", reads="weeklyHours", facts=_NEEDS),
    Register("hours", reads="weeklyHours", facts=("contracted", *_CARE)),
    Register("ags", facts=_NEEDS),
    Register("placeFrom", reads="from", facts=("contracted",)),
    Register("placeFrom", reads="from", facts=("offered", *_PLACE_GONE), holds=OWN),
)


def _interim(walk: Walked) -> tuple[Mapping[str, Any], Fact] | None:
    """The interim care that runs, as it was arranged."""
    arranged = walk.flags.get("interim")
    if arranged is None:
        return None
    fields = ("purpose", "weeklyHours", "from", "until")
    return {name: arranged.data[name] for name in fields if name in arranged.data}, arranged


def _available_from(walk: Walked) -> tuple[Day, Fact] | None:
    """Four weeks after settling in started; with a place in view, after its first day, if that is known."""
    if walk.status == "settling-in" and walk.entered is not None:
        return plus_days(walk.entered.occurred_on, _SETTLING_IN_DAYS), walk.entered
    place = walk.said_by.get(("placeFrom", "")) if walk.status in ("offered", "accepted", "contracted") else None
    return (plus_days(place.data["from"], _SETTLING_IN_DAYS), place) if place is not None else None


MEANINGS = {
    "need-identified": Clocked("open", "applicant"),
    "need-registered": Clocked("in-progress", "competent-body", ("KACK", "OFFER"), ("KACK", "OFFER")),
    "acknowledged": Clocked("in-progress", "competent-body", ("OFFER",), ("OFFER",)),
    "waitlisted": Clocked("in-progress", "capacity", ("OFFER", "WAIT"), ("OFFER", "WAIT")),
    "claim-enforced": Clocked("in-progress", "competent-body", ("OFFER",), ("OFFER",)),
    "offered": Clocked("in-progress", "applicant", ("ANSWER",), ("ANSWER",)),
    "declined": Clocked("open", "capacity", ("WAIT",), ("WAIT",)),
    "expired": Clocked("open", "capacity", ("WAIT",), ("WAIT",)),
    "accepted": Clocked("in-progress", "partner"),
    "contracted": Clocked("in-progress", "partner"),
    "settling-in": Clocked("in-progress", "partner"),
    "in-care": Clocked("resolved", None),
    "hours-insufficient": Clocked("open", "capacity"),
    "hours-cut": Clocked("lapsed", "capacity"),
    "ended": Clocked("lapsed", "capacity"),
    "need-withdrawn": Clocked("does not count", None),
}

NEED = Table(
    initial="need-identified",
    moves=MOVES,
    besides=BESIDES,
    registers=REGISTERS,
    reckoned=(Reckoned("interim", _interim), Reckoned("availableFrom", _available_from)),
    facets=("from", "needed", "hours", "interim", "availableFrom"),
    meanings=MEANINGS,
)
