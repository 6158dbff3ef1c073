"""Openings, introductions, events and contacts as data: states, rows, registers, meanings (states.md §5)."""

from __future__ import annotations

from services.outreach.clocks import BEYOND, MARKS, reached_mark
from shared.rules.table import ANYWHERE, FIRST, LOOP, OWN, Clocked, Move, Register, Table, below, ranks, states

_BRIDGES = "bridges"
_NOTHING = "–"

#: What of an opening its introductions carry, beside its status.
TERMS = ("kldb", "minGermanLevel", "acceptsPendingRecognition", "regulatedOccupation", "weeklyHours")
#: What further is known of an opening.
DETAILS = (
    "kind",
    "ags",
    "places",
    "start",
    "until",
    "fixedTerm",
    "shiftPattern",
    "branch",
    "childcareFriendly",
    "jobBskOffered",
    "mentor",
    "pilot",
    "employerSite",
    "refnr",
)

OPENING = Table(
    initial="unknown",
    moves=(
        Move("opening-published", 10, "published", ANYWHERE, LOOP),
        Move(
            "opening-changed",
            10,
            "published",
            states("unknown", "published"),
            LOOP,
            idle=frozenset({"filled", "withdrawn"}),
            note="a change alone is believed",
        ),
        Move("opening-filled", 20, "filled", states("published"), LOOP),
        Move("opening-withdrawn", 20, "withdrawn", states("published", "filled"), LOOP),
    ),
    registers=tuple(map(Register, (*TERMS, *DETAILS))),
    facets=TERMS,
)

_CONFIRMED = "retention-confirmed"
_HIRED = 60


def _retained(place: int, mark: str) -> Move:
    return Move(
        _CONFIRMED,
        _HIRED + place,
        {mark: f"retained-{mark}"},
        ranks(_HIRED, _HIRED + place - 1),
        by="mark",
        chooses=reached_mark,
        note="before its day: parked" + ("; also where no official figure counts the hire" if mark in BEYOND else ""),
    )


INTRODUCTION = Table(
    initial="none",
    moves=(
        Move("candidate-introduced", 10, "introduced", below(10)),
        Move("interview-held", 20, "interview-held", below(20)),
        Move("trial-agreed", 30, "trial-agreed", ranks(0, 40), LOOP),
        Move("trial-ended", 40, "trial-done", below(40)),
        Move("introduction-ended", 50, "ended", below(50), LOOP, note="after a hire that is employment-ended"),
        Move("hired", _HIRED, "hired", below(_HIRED), note="after employment-ended a new introductionId"),
        *(_retained(place, mark) for place, mark in enumerate(MARKS, start=1)),
        Move("employment-ended", 90, "employment-ended", ranks(_HIRED, _HIRED + len(MARKS)), LOOP),
    ),
    registers=(
        Register("openingId", holds=FIRST),
        Register("start"),
        Register("hireKind"),
        Register("kldb"),
        Register("weeklyHours"),
        Register("mark"),
        Register("reason", facts=("introduction-ended", "employment-ended"), holds=OWN),
    ),
    facets=("openingId", "start", "hireKind"),
    meanings={
        "introduced": Clocked(_BRIDGES, "partner"),
        "interview-held": Clocked(_BRIDGES, "partner"),
        "trial-agreed": Clocked(_BRIDGES, "partner"),
        "trial-done": Clocked(_BRIDGES, "partner"),
        "none": Clocked(_NOTHING, None),
        "ended": Clocked(_NOTHING, None),
        "hired": Clocked(_BRIDGES, None, ("MARK",)),
        "retained-6w": Clocked(_BRIDGES, None, ("MARK",)),
        "retained-3m": Clocked(_BRIDGES, None, ("MARK",)),
        "retained-6m": Clocked(_BRIDGES, None, ("MARK",)),
        "retained-12m": Clocked(_BRIDGES, None),
        "employment-ended": Clocked(_NOTHING, None),
    },
)

EVENT = Table(
    initial="none",
    moves=(Move("event-held", 10, "held", below(10)),),
    registers=tuple(
        map(
            Register,
            (
                "format",
                "hosts",
                "ags",
                "employers",
                "pilot",
                "invited",
                "attended",
                "conversations",
                "followUps",
                "hires",
            ),
        )
    ),
)

CONTACT = Table(
    initial="none",
    moves=(Move("employer-contact-logged", 10, "logged", below(10)),),
    registers=tuple(map(Register, ("channel", "result", "ags", "employerSite", "branch"))),
)
