"""Recognition procedures as data: states, rows, flags, registers, and what each state means (states.md §2)."""

from __future__ import annotations

from shared.rules.table import LOOP, Beside, Clocked, Move, Register, Table, below, flagged, ranks, states

OUTCOMES = ("full", "partial", "compensation-required", "none", "withdrawn", "closed-without-decision")
#: After an outcome against which one may appeal, and while a measure is on its way.
_APPEALABLE = states("partial", "compensation-required", "none", "closed-without-decision") | ranks(70, 74)
_MEASURES = ("waiting-for-place", "measure-running", "exam-passed", "exam-failed")
_OUTCOME = {outcome: outcome for outcome in OUTCOMES}
_CONTINUES = {outcome: outcome for outcome in OUTCOMES if outcome != "compensation-required"}

MOVES = (
    Move("advised", 10, "advised", states("unclear")),
    Move("documents-preparing", 20, "preparing-documents", ranks(0, 20), LOOP, again=True),
    Move("submitted", 30, "submitted", below(30), note="a new application is a new procedureId"),
    Move("receipt-confirmed", 40, "receipt-confirmed", below(40), idle=frozenset({"documents-requested"})),
    Move("documents-requested", 42, "documents-requested", ranks(0, 44), LOOP, again=True),
    Move(
        "documents-supplied",
        44,
        "receipt-confirmed",
        states("documents-requested"),
        LOOP,
        note="else nothing was asked",
    ),
    Move("documents-complete", 50, "complete", below(50)),
    Move(
        "decided",
        60,
        {"compensation-required": "compensation-required"},
        below(60),
        by="outcome",
        idle=frozenset(_MEASURES),
    ),
    Move("decided", 60, _OUTCOME, below(60), by="outcome"),
    Move("decided", 60, _OUTCOME, flagged("appeal"), LOOP, by="outcome"),
    Move("decided", 60, _CONTINUES, states(*_MEASURES), LOOP, by="outcome"),
    Move("withdrawn", 60, "withdrawn", below(60) | states("compensation-required", "partial") | ranks(70, 74), LOOP),
    Move("measure-chosen", 71, "qualifying", states("partial", "qualifying"), LOOP),
    Move("measure-started", 71, "qualifying", states("partial", "qualifying"), LOOP),
    Move(
        "measure-chosen",
        70,
        "waiting-for-place",
        ranks(0, 50) | states("compensation-required", "exam-failed"),
        LOOP,
        note="before a decision: the test of equivalence is waived",
    ),
    Move(
        "measure-started",
        72,
        "measure-running",
        ranks(0, 50) | states("compensation-required", "waiting-for-place", "exam-failed"),
        LOOP,
    ),
    Move(
        "exam-taken",
        74,
        {"passed": "exam-passed", "failed": "exam-failed"},
        ranks(0, 50) | states("compensation-required", "exam-failed") | ranks(70, 72),
        LOOP,
        by="result",
    ),
    Move(
        "licence-issued",
        80,
        "licence-issued",
        ranks(0, 79, without=("none", "withdrawn", "closed-without-decision")),
        contradicts=frozenset({"none", "withdrawn", "closed-without-decision"}),
    ),
)

BESIDES = (
    Beside("fee-due", 34, "fee-due", ("fee-paid",), ranks(30, 50)),
    Beside("suspended", 52, "clock-suspended", ("clock-resumed",), states("complete"), note="else no clock runs"),
    Beside("extended", 54, "deadline-extended", (), states("complete"), note="once only"),
    Beside("appeal", 62, "appeal-filed", ("decided",), _APPEALABLE),
)

#: `body` is none of them: it is known before the walk, since it decides between decisions.
REGISTERS = (
    Register("recognitionRoute"),
    Register("referenceOccupation"),
    Register("accelerated", facts=("submitted",)),
    Register("outcome", facts=("decided",)),
    Register("compensationMeasure", facts=("measure-chosen", "measure-started")),
    Register("result", facts=("exam-taken",)),
)

MEANINGS = {
    "unclear": Clocked("open", "applicant"),
    "advised": Clocked("open", "applicant"),
    "preparing-documents": Clocked("in-progress", "applicant", ("PREP",), ("PREP",)),
    "submitted": Clocked("in-progress", "competent-body", ("ACK",), ("ACK",)),
    "receipt-confirmed": Clocked("in-progress", "competent-body"),
    "documents-requested": Clocked("in-progress", "applicant", ("DOCS",), ("DOCS",)),
    "complete": Clocked("in-progress", "competent-body", ("DEC",), ("DEC",)),
    "full": Clocked("resolved", None),
    "partial": Clocked("open", "applicant"),
    "compensation-required": Clocked("in-progress", "applicant", ("EXAM",), ("EXAM",)),
    "none": Clocked("not-resolvable", "applicant", ("OBJ",)),
    "withdrawn": Clocked("open", "applicant"),
    "closed-without-decision": Clocked("open", "applicant"),
    "waiting-for-place": Clocked("in-progress", "capacity", ("EXAM", "PLACE"), ("EXAM", "PLACE")),
    "qualifying": Clocked("in-progress", "partner"),
    "measure-running": Clocked("in-progress", "partner", ("EXAM",), ("EXAM",)),
    "exam-passed": Clocked("in-progress", "competent-body"),
    "exam-failed": Clocked("in-progress", "applicant", ("EXAM",), ("EXAM",)),
    "licence-issued": Clocked("resolved", None),
}

#: What a running flag makes of a state; the first that runs. The fee is added to whatever holds.
FLAG_MEANINGS = {
    "appeal": Clocked("in-progress", "competent-body"),
    "suspended": Clocked("in-progress", "third-party", ("DEC",), ("DEC",)),
    "extended": Clocked("in-progress", "competent-body", ("DEC",), ("EXTENSION",)),
}
FEE = Clocked("as the state", "applicant", ("FEE",), ("FEE",))

PROCEDURE = Table(
    initial="unclear",
    moves=MOVES,
    besides=BESIDES,
    registers=REGISTERS,
    facets=("recognitionRoute", "referenceOccupation", "outcome"),
    meanings=MEANINGS,
)
