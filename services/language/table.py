"""Levels and courses as data: states, rows, flags, registers, and what each state means (states.md §4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.contracts.fact import Fact
from shared.rules.table import ANYWHERE, LOOP, Beside, Clocked, Move, Register, Table, below, flagged, ranks, states

#: The levels of the Common European Framework, the lowest first.
LEVELS = ("PRE_A1", "A1", "A2", "B1", "B2", "C1", "C2")
CERTIFICATE, TEST, SELF_REPORT = "certificate", "placement-test", "self-report"

#: What a certificate says without a field (`evidence`, and `certifiedOn` if the level stays the same) `state.py` tells
#: the walk.
LEVEL = Table(
    initial="level-unknown",
    moves=(
        Move(
            "level-assessed",
            10,
            dict.fromkeys((SELF_REPORT, TEST), "assessed"),
            below(10),
            by="evidence",
            idle=frozenset({"level-certified"}),
        ),
        Move("level-assessed", 20, {CERTIFICATE: "level-certified"}, below(20), by="evidence"),
        Move("level-certified", 20, "level-certified", below(20)),
    ),
    registers=(
        Register("germanLevel"),
        Register("evidence", facts=("level-assessed", "level-certified")),
        Register("certifiedOn", facts=("level-certified",)),
    ),
    facets=("germanLevel", "evidence", "certifiedOn"),
    meanings={
        "level-unknown": Clocked("does not count", None),
        "assessed": Clocked("by the target", None),
        "level-certified": Clocked("by the target", None),
    },
)

#: Where an entitlement is used up or a course came to nothing, so that the way begins again.
_AGAIN = 5


def exam(fact: Fact, values: Mapping[str, Any]) -> str:
    """Whether an exam reached what the course aims at: failed, or a level below the aim, is below."""
    aim, reached = values.get("toLevel"), fact.data.get("germanLevel")
    if fact.data["result"] == "failed":
        return "below"
    return "below" if aim and reached and LEVELS.index(reached) < LEVELS.index(aim) else "reached"


MOVES = (
    Move("entitlement-issued", 10, "entitled", below(10)),
    Move(
        "entitlement-refused",
        10,
        "entitlement-refused",
        below(10),
        LOOP,
        reaches=_AGAIN,
        contradicts=frozenset({"entitled"}),
    ),
    Move("entitlement-lapsed", 15, "entitlement-lapsed", ranks(0, 32) | flagged("interrupted"), LOOP, reaches=_AGAIN),
    Move("registered", 20, "waiting", below(20) | states("not-formed", "referred"), LOOP),
    Move("course-not-formed", 30, "not-formed", ranks(0, 32), LOOP),
    Move("referred", 32, "referred", ranks(0, 32), LOOP, again=True),
    Move("course-started", 40, "started", below(40), note="in `started`: the next section"),
    Move("dropped-out", 46, "dropped-out", ranks(10, 40), LOOP, reaches=_AGAIN),
    Move("completed", 50, "completed", below(50)),
    Move("exam-taken", 60, {"reached": "exam-taken"}, ANYWHERE, LOOP, by="result", chooses=exam),
    Move(
        "exam-taken",
        60,
        {"below": "below-target"},
        ANYWHERE,
        LOOP,
        by="result",
        chooses=exam,
        reaches=_AGAIN,
        note="failed, or the level reached is below `toLevel`",
    ),
)

BESIDES = (
    Beside(
        "irregular",
        42,
        "attendance-irregular",
        (),
        states("started"),
        echoes=True,
        note="for the competent Jobcenter only; no barrier names it",
    ),
    Beside("interrupted", 44, "interrupted", ("resumed",), states("started")),
)

TERMS = ("fromLevel", "toLevel", "lessonUnits", "mode", "timeOfDay", "ags", "childcareAtCourse", "provider")
REGISTERS = (
    *map(Register, TERMS),
    Register("courseType"),
    Register("entitlementBasis"),
    Register("start"),
    Register("until"),
    Register("result"),
    Register("germanLevel"),
)

MEANINGS = {
    "none": Clocked("open", "applicant"),
    "entitled": Clocked("in-progress", "applicant", ("LAPSE", "REG"), ("REG", "LAPSE-SOON")),
    "entitlement-refused": Clocked("open", "competent-body"),
    "entitlement-lapsed": Clocked("open", "applicant"),
    "waiting": Clocked("in-progress", "partner", ("START",), ("START",)),
    "not-formed": Clocked("in-progress", "capacity", ("REFER",), ("REFER",)),
    "referred": Clocked("in-progress", "partner", ("START",), ("START",)),
    "started": Clocked("in-progress", "partner"),
    "dropped-out": Clocked("open", "applicant"),
    "completed": Clocked("in-progress", "partner", ("EXAMDATE",), ("EXAMDATE",)),
    "exam-taken": Clocked("in-progress", "competent-body", ("CERT",), ("CERT",)),
    "below-target": Clocked("open", "applicant", ("NEXT",), ("NEXT",)),
}
#: What a running flag makes of a state.
FLAG_MEANINGS = {"interrupted": Clocked("in-progress", "applicant", ("BREAK",), ("BREAK",))}

COURSE = Table(
    initial="none",
    moves=MOVES,
    besides=BESIDES,
    registers=REGISTERS,
    facets=("courseType", "toLevel", "start"),
    meanings=MEANINGS,
)
