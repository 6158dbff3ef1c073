"""Recognition, each row of the table: from every state, what every fact does (states.md §2)."""

from __future__ import annotations

from itertools import product

import pytest

from services.recognition.reports import REPORTS
from services.recognition.table import PROCEDURE
from shared.rules.model import CONFLICT, IMPLAUSIBLE
from tests.support.given import Given
from tests.support.procedures import given, life, said

#: A way into each state. `unclear` is the state of a procedure of which nothing was taken up yet.
WAYS = {
    "unclear": "",
    "advised": "advised",
    "preparing-documents": "documents-preparing",
    "submitted": "submitted",
    "receipt-confirmed": "receipt-confirmed",
    "documents-requested": "documents-requested",
    "complete": "documents-complete",
    "full": "decided:full",
    "partial": "decided:partial",
    "compensation-required": "decided:compensation-required",
    "none": "decided:none",
    "withdrawn": "withdrawn",
    "closed-without-decision": "decided:closed-without-decision",
    "waiting-for-place": "decided:compensation-required measure-chosen",
    "qualifying": "decided:partial measure-started",
    "measure-running": "decided:compensation-required measure-started",
    "exam-passed": "decided:compensation-required exam-taken:passed",
    "exam-failed": "decided:compensation-required exam-taken:failed",
    "licence-issued": "licence-issued",
}
BEFORE_SUBMITTED = ("unclear", "advised", "preparing-documents")
BEFORE_COMPLETE = (*BEFORE_SUBMITTED, "submitted", "receipt-confirmed", "documents-requested")
BEFORE_DECISION = (*BEFORE_COMPLETE, "complete")
OUTCOMES = ("full", "partial", "compensation-required", "none", "withdrawn", "closed-without-decision")
MEASURES = ("waiting-for-place", "measure-running", "exam-passed", "exam-failed")


def _to(state: str, *sources: str) -> dict[str, str]:
    return dict.fromkeys(sources, state)


def _stays(*sources: str) -> dict[str, str]:
    return {source: source for source in sources}


#: Fact → from which states it is in force, and the state then. From all others it is parked.
TAKEN: dict[str, dict[str, str]] = {
    "advised": _to("advised", "unclear", "advised"),
    "documents-preparing": _to("preparing-documents", *BEFORE_SUBMITTED),
    "submitted": _to("submitted", *BEFORE_SUBMITTED, "submitted"),
    "receipt-confirmed": _to("receipt-confirmed", *BEFORE_SUBMITTED, "submitted", "receipt-confirmed")
    | _stays("documents-requested"),
    "documents-requested": _to("documents-requested", *BEFORE_COMPLETE),
    "documents-supplied": _to("receipt-confirmed", "documents-requested"),
    "documents-complete": _to("complete", *BEFORE_DECISION),
    "clock-suspended": _stays("complete"),
    "clock-resumed": {},
    "deadline-extended": _stays("complete"),
    "fee-due": _stays("submitted", "receipt-confirmed", "documents-requested", "complete"),
    "fee-paid": {},
    "appeal-filed": _stays(
        "partial", "compensation-required", "none", "closed-without-decision", "qualifying", *MEASURES
    ),
    "withdrawn": _to("withdrawn", *BEFORE_DECISION, "compensation-required", "partial", "qualifying", *MEASURES)
    | _stays("withdrawn"),
    "measure-chosen": _to("qualifying", "partial", "qualifying")
    | _to("waiting-for-place", *BEFORE_DECISION, "compensation-required", "waiting-for-place", "exam-failed"),
    "measure-started": _to("qualifying", "partial", "qualifying")
    | _to(
        "measure-running",
        *BEFORE_DECISION,
        "compensation-required",
        "waiting-for-place",
        "measure-running",
        "exam-failed",
    ),
    "licence-issued": _to(
        "licence-issued",
        *BEFORE_DECISION,
        "full",
        "partial",
        "compensation-required",
        "qualifying",
        *MEASURES,
        "licence-issued",
    ),
} | {
    f"exam-taken:{result}": _to(
        f"exam-{result}",
        *BEFORE_DECISION,
        "compensation-required",
        "waiting-for-place",
        "qualifying",
        "measure-running",
        "exam-failed",
        f"exam-{result}",
    )
    for result in ("passed", "failed")
}
for _outcome in OUTCOMES:
    _continued = _stays(*MEASURES) if _outcome == "compensation-required" else _to(_outcome, *MEASURES)
    TAKEN[f"decided:{_outcome}"] = _to(_outcome, *BEFORE_DECISION, _outcome) | _continued
TAKEN["decided:partial"]["qualifying"] = "qualifying"

#: Where a fact contradicts; elsewhere it is implausible.
CONFLICTS = {("licence-issued", state) for state in ("none", "withdrawn", "closed-without-decision")} | {
    (f"decided:{outcome}", state)
    for outcome, state in product(OUTCOMES, (*OUTCOMES, "qualifying"))
    if outcome != state and state != "withdrawn"
}


def test_the_rows_here_know_every_fact_and_every_state() -> None:
    """Nothing of the table is left out below."""
    assert {name.partition(":")[0] for name in TAKEN} == set(REPORTS) == set(PROCEDURE.ranks)
    assert set(WAYS) == set(PROCEDURE.meanings)


@pytest.mark.parametrize("state", WAYS)
def test_each_state_is_reached(state: str) -> None:
    """The way into each state leads there, and nothing on it is parked."""
    if state != "unclear":
        given(*life(WAYS[state])).then(status=state, parked={})


@pytest.mark.parametrize("fact", TAKEN)
def test_from_each_state_a_fact_does_what_its_row_says(fact: str) -> None:
    """In force with the state that the row names, otherwise parked with the right code and without effect."""
    wrong = {}
    for state, way in WAYS.items():
        result = given(*life(f"{way} {fact}"))
        found = (result.state["status"], result.code(result.facts[-1]))
        code = CONFLICT if (fact, state) in CONFLICTS else IMPLAUSIBLE
        expected = (TAKEN[fact][state], "ok") if state in TAKEN[fact] else (state, code)
        if found != expected:
            wrong[state] = (found, expected)
    assert not wrong


@pytest.mark.parametrize(
    ("line", "flags", "parked"),
    [
        ("documents-complete clock-suspended", ["suspended"], []),
        ("documents-complete clock-suspended clock-resumed", [], []),
        ("documents-complete clock-suspended clock-suspended", ["suspended"], ["clock-suspended"]),
        ("documents-complete clock-resumed", [], ["clock-resumed"]),
        ("documents-complete clock-suspended clock-resumed clock-resumed", [], ["clock-resumed"]),
        ("documents-complete clock-suspended decided:full", [], []),
        ("documents-complete clock-suspended decided:full clock-resumed", [], ["clock-resumed"]),
        ("receipt-confirmed clock-suspended", [], ["clock-suspended"]),
        ("documents-complete deadline-extended", ["extended"], []),
        ("documents-complete deadline-extended deadline-extended", ["extended"], ["deadline-extended"]),
        ("documents-complete clock-suspended deadline-extended", ["suspended", "extended"], []),
        ("documents-complete deadline-extended decided:none", [], []),
        ("submitted fee-due", ["fee-due"], []),
        ("submitted fee-due fee-due", ["fee-due"], ["fee-due"]),
        ("submitted fee-due receipt-confirmed documents-complete", ["fee-due"], []),
        ("submitted fee-due fee-paid", [], []),
        ("submitted fee-paid", [], ["fee-paid"]),
        ("submitted fee-due decided:full", [], []),
        ("submitted fee-due decided:full fee-paid", [], ["fee-paid"]),
        ("advised fee-due", [], ["fee-due"]),
        ("decided:none appeal-filed", ["appeal"], []),
        ("decided:none appeal-filed appeal-filed", ["appeal"], ["appeal-filed"]),
        ("decided:none appeal-filed decided:none", [], []),
        ("decided:compensation-required appeal-filed measure-chosen", ["appeal"], []),
        ("decided:compensation-required measure-chosen appeal-filed decided:compensation-required", [], []),
        ("decided:compensation-required appeal-filed licence-issued", [], []),
        ("decided:full appeal-filed", [], ["appeal-filed"]),
        ("withdrawn appeal-filed", [], ["appeal-filed"]),
    ],
)
def test_flags_run_beside_the_state(line: str, flags: list[str], parked: list[str]) -> None:
    """A flag starts and ends by its own facts, or when the state leaves; what does not fit is parked."""
    result = given(*life(line))
    assert (result.state["flags"], list(result.parked)) == (flags, parked)


@pytest.mark.parametrize(
    ("line", "status", "parked"),
    [
        ("decided:none appeal-filed decided:full", "full", []),
        ("decided:partial measure-started appeal-filed decided:full", "full", []),
        ("submitted decided:full submitted", "full", ["submitted"]),
        ("documents-complete documents-requested", "complete", ["documents-requested"]),
        ("documents-requested documents-supplied documents-requested", "documents-requested", []),
        ("documents-requested documents-supplied documents-supplied", "receipt-confirmed", []),
        ("documents-requested documents-supplied receipt-confirmed", "receipt-confirmed", []),
        ("receipt-confirmed documents-supplied", "receipt-confirmed", ["documents-supplied"]),
        ("documents-complete measure-chosen measure-started exam-taken:passed licence-issued", "licence-issued", []),
        ("exam-taken:failed measure-chosen measure-started exam-taken:passed", "exam-passed", []),
        ("exam-taken:passed exam-taken:failed", "exam-passed", ["exam-taken"]),
        ("decided:compensation-required measure-chosen decided:compensation-required", "waiting-for-place", []),
        ("decided:compensation-required exam-taken:passed decided:full licence-issued", "licence-issued", []),
        ("decided:partial measure-started exam-taken:passed decided:full", "full", []),
        ("withdrawn decided:withdrawn", "withdrawn", []),
        ("decided:withdrawn withdrawn", "withdrawn", []),
        ("withdrawn decided:full", "withdrawn", ["decided"]),
        ("decided:none appeal-filed licence-issued", "none", ["licence-issued"]),
    ],
)
def test_longer_lives(line: str, status: str, parked: list[str]) -> None:
    """Loops, skipped steps and waivers end where the table says."""
    result = given(*life(line))
    assert (result.state["status"], list(result.parked)) == (status, parked)


def test_a_parked_fact_is_taken_up_when_the_missing_one_arrives() -> None:
    """Resumed without a suspension is parked; the late report of the suspension takes it up."""
    complete, resumed = said("documents-complete", "2026-02-02"), said("clock-resumed", "2026-03-10")
    given(complete, resumed).then(parked={"clock-resumed": IMPLAUSIBLE})
    late = said("clock-suspended", "2026-03-01", suspensionReason="authenticity-check")
    given(complete, resumed, late).then(parked={}, flags=[], due="2026-05-12")


def test_a_parked_fact_is_in_no_path_and_names_nothing() -> None:
    """What is parked moves no register either."""
    result = given(*life("documents-complete"), said("advised", "2026-03-01", recognitionRoute="c", by="other"))
    assert result.path("recognitionRoute") == [("complete", "2026-01-01", None)]
    assert "recognitionRoute" not in result.state


def test_the_first_day_of_an_echo_counts() -> None:
    """Two institutions say the same: the earlier day stands, both are in force."""
    result = given(
        said("documents-complete", "2026-02-05", by="jobcenter-neuss"), said("documents-complete", "2026-02-02")
    )
    result.then(since="2026-02-02", parked={}, path=[{"status": "complete", "since": "2026-02-02"}])


def test_asking_again_restarts_the_clock_but_not_the_state() -> None:
    """↻: the newest request is the clock's start, the state holds since the first."""
    requested = [said("documents-requested", day) for day in ("2026-01-10", "2026-02-01")]
    result = given(*requested).then(since="2026-01-10", due="2026-03-29", rule="lotse:documents", stalled="2026-03-30")
    assert result.item().because == (requested[1],)


def test_registers_hold_what_was_said_last_and_the_body_what_was_said_first() -> None:
    """Route and occupation follow corrections of the field; the body stays the one with which it was filed."""
    result = given(
        said("submitted", "2026-01-10", recognitionRoute="a", referenceOccupation="26302", body="chamber-bavaria"),
        said("receipt-confirmed", "2026-01-20", recognitionRoute="b", referenceOccupation="81302", body="zag-muenster"),
    )
    result.then(recognitionRoute="b", referenceOccupation="81302", body="chamber-bavaria")
    assert result.path("recognitionRoute") == [
        ("submitted", "2026-01-10", "a"),
        ("receipt-confirmed", "2026-01-20", "b"),
    ]


def test_of_one_day_only_the_last_entry_stays() -> None:
    """The path has one entry for a day, with all that the day brought."""
    day = "2026-01-10"
    result: Given = given(said("submitted", day), said("fee-due", day), said("receipt-confirmed", day))
    assert result.state["path"] == [{"status": "receipt-confirmed", "since": day, "flags": ["fee-due"]}]


def test_further_fields_of_the_state() -> None:
    """What was named stays named: acceleration, outcome, measure, result."""
    given(
        said("submitted", "2026-01-10", accelerated=True),
        said("decided", "2026-03-01", outcome="compensation-required"),
        said("measure-chosen", "2026-03-10", compensationMeasure="knowledge-test"),
        said("exam-taken", "2026-06-01", result="failed"),
    ).then(accelerated=True, outcome="compensation-required", compensationMeasure="knowledge-test", result="failed")
