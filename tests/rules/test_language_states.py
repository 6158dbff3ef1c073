"""Language, each row of the tables: from every state, what every fact does (states.md §4)."""

from __future__ import annotations

from typing import Any

import pytest

from services.language.barrier import _COURSES, _LEVELS
from services.language.reports import REPORTS
from services.language.table import COURSE, LEVEL, LEVELS
from shared.rules.model import CONFLICT, IMPLAUSIBLE
from tests.support.courses import INTEGRATION, JOB, assessed, certified, given, life, said

INTENSIVE = "integration-course-intensive"
#: A way into each state. `none` is the state of a course of which nothing was taken up yet.
WAYS = {
    "none": "",
    "entitled": "entitlement-issued",
    "entitlement-refused": "entitlement-refused",
    "entitlement-lapsed": "entitlement-issued entitlement-lapsed",
    "waiting": "registered",
    "not-formed": "course-not-formed",
    "referred": "referred",
    "started": "course-started",
    "dropped-out": "course-started dropped-out",
    "completed": "completed",
    "exam-taken": "exam-taken:passed",
    "below-target": "exam-taken:failed",
}
#: Where the way begins, for the first time or again.
OUTSIDE = ("none", "entitlement-refused", "entitlement-lapsed", "dropped-out", "below-target")
BEFORE_START = (*OUTSIDE, "entitled", "waiting", "not-formed", "referred")
BEFORE_END = (*BEFORE_START, "started")


def _to(state: str, *sources: str) -> dict[str, str]:
    return dict.fromkeys(sources, state)


#: Fact → from which states it is in force, and the state then. From all others it is parked.
TAKEN: dict[str, dict[str, str]] = {
    "entitlement-issued": _to("entitled", *OUTSIDE, "entitled"),
    "entitlement-refused": _to("entitlement-refused", *OUTSIDE),
    "entitlement-lapsed": _to("entitlement-lapsed", *BEFORE_START),
    "registered": _to("waiting", *BEFORE_START),
    "course-not-formed": _to("not-formed", *BEFORE_START),
    "referred": _to("referred", *BEFORE_START),
    "course-started": _to("started", *BEFORE_END),
    "attendance-irregular": _to("started", "started"),
    "interrupted": _to("started", "started"),
    "resumed": {},
    "dropped-out": _to("dropped-out", "entitled", "waiting", "not-formed", "referred", "started", "dropped-out"),
    "completed": _to("completed", *BEFORE_END, "completed"),
    "exam-taken:passed": _to("exam-taken", *WAYS),
    "exam-taken:failed": _to("below-target", *WAYS),
}
CONFLICTS = {("entitlement-refused", "entitled")}


def test_the_rows_here_know_every_fact_and_every_state() -> None:
    """Nothing of the tables is left out below."""
    assert {name.partition(":")[0] for name in TAKEN} == set(COURSE.ranks)
    assert set(REPORTS) == set(COURSE.ranks) | set(LEVEL.ranks)
    assert set(WAYS) == set(COURSE.meanings)


def test_the_barrier_ranks_states_and_levels_as_the_table_does() -> None:
    """The coordinator reads the barrier only, so it says both again."""
    ranks = {"none": 0} | {target: row.reached for row in COURSE.moves for target in _targets(row.to)}
    assert {state: rank for state, (_, rank) in _COURSES.items()} == ranks
    assert {state: status for state, (status, _) in _COURSES.items()} == {
        state: meaning.barrier for state, meaning in COURSE.meanings.items()
    }
    assert list(_LEVELS) == list(LEVELS)


def _targets(to: object) -> list[str]:
    return [to] if isinstance(to, str) else list(to.values())  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", WAYS)
def test_each_state_is_reached(state: str) -> None:
    """The way into each state leads there, and nothing on it is parked."""
    if state != "none":
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
        ("course-started interrupted", ["interrupted"], []),
        ("course-started interrupted resumed", [], []),
        ("course-started interrupted interrupted", ["interrupted"], ["interrupted"]),
        ("course-started resumed", [], ["resumed"]),
        ("course-started interrupted resumed resumed", [], ["resumed"]),
        ("course-started interrupted resumed interrupted", ["interrupted"], []),
        ("course-started interrupted course-started", ["interrupted"], []),
        ("course-started interrupted completed", [], []),
        ("course-started interrupted dropped-out", [], []),
        ("course-started interrupted completed resumed", [], ["resumed"]),
        ("registered interrupted", [], ["interrupted"]),
        ("course-started attendance-irregular", ["irregular"], []),
        ("course-started attendance-irregular attendance-irregular", ["irregular"], []),
        ("course-started attendance-irregular interrupted", ["irregular", "interrupted"], []),
        ("course-started attendance-irregular interrupted resumed", ["irregular"], []),
        ("course-started attendance-irregular completed", [], []),
        ("completed attendance-irregular", [], ["attendance-irregular"]),
    ],
)
def test_flags_run_beside_the_course(line: str, flags: list[str], parked: list[str]) -> None:
    """A flag starts and ends by its own facts, or when the course is started no more; what does not fit is parked."""
    result = given(*life(line))
    assert (result.state["flags"], list(result.parked)) == (flags, parked)


@pytest.mark.parametrize(
    ("line", "status", "parked"),
    [
        ("course-started interrupted entitlement-lapsed", "entitlement-lapsed", []),
        ("course-started interrupted resumed entitlement-lapsed", "started", ["entitlement-lapsed"]),
        ("entitlement-refused entitlement-issued registered", "waiting", []),
        ("entitlement-issued entitlement-lapsed entitlement-issued", "entitled", []),
        ("registered course-not-formed referred registered course-started", "started", []),
        ("registered course-not-formed registered", "waiting", []),
        ("registered referred course-not-formed", "not-formed", []),
        ("registered entitlement-issued", "waiting", ["entitlement-issued"]),
        ("registered entitlement-refused", "waiting", ["entitlement-refused"]),
        ("course-started dropped-out registered course-started", "started", []),
        ("course-started completed course-started", "completed", ["course-started"]),
        ("completed exam-taken:failed course-started completed exam-taken:passed", "exam-taken", []),
        ("exam-taken:failed completed", "completed", []),
        ("exam-taken:passed registered", "exam-taken", ["registered"]),
        ("exam-taken:passed exam-taken:failed", "below-target", []),
        ("exam-taken:failed exam-taken:passed", "exam-taken", []),
        ("exam-taken:failed dropped-out", "below-target", ["dropped-out"]),
        ("registered=9 entitlement-issued=9", "waiting", []),
        ("exam-taken:passed=9 completed=9 course-started=9", "exam-taken", []),
    ],
)
def test_longer_lives(line: str, status: str, parked: list[str]) -> None:
    """Repetitions, next routes and skipped steps end where the table says."""
    result = given(*life(line))
    assert (result.state["status"], list(result.parked)) == (status, parked)


def test_an_entitlement_and_its_refusal_are_shown_as_a_conflict() -> None:
    """The entitlement stays, the refusal is parked beside it."""
    issued = said("entitlement-issued", "2026-01-10", by="bamf-duesseldorf")
    refused = said("entitlement-refused", "2026-01-12", by="jobcenter-neuss")
    result = given(issued, refused).then(status="entitled", parked={"entitlement-refused": CONFLICT})
    assert [(one.code, one.facts) for one in result.item().conflicts] == [("two-decisions", (issued, refused))]


@pytest.mark.parametrize(
    ("aim", "result", "reached", "status"),
    [
        ("B1", "passed", "B1", "exam-taken"),
        ("B1", "passed", "B2", "exam-taken"),
        ("B1", "passed", "A2", "below-target"),
        ("B1", "passed", None, "exam-taken"),
        (None, "passed", "A2", "exam-taken"),
        ("B1", "failed", "B1", "below-target"),
        (None, "failed", None, "below-target"),
    ],
)
def test_an_exam_is_measured_against_the_level_aimed_at(
    aim: str | None, result: str, reached: str | None, status: str
) -> None:
    """Failed, or below the aim: not passed. Where one of the two is unknown, what the examiners say is believed."""
    started = said("course-started", "2026-01-10", toLevel=aim)
    given(started, said("exam-taken", "2026-06-10", result=result, germanLevel=reached)).then(status=status, parked={})


def test_the_aim_is_the_one_known_when_the_exam_was_taken() -> None:
    """A repetition that aims higher does not change what came before."""
    facts = [
        said("course-started", "2026-01-10", toLevel="A2"),
        said("exam-taken", "2026-06-10", germanLevel="A2"),
    ]
    given(*facts).then(status="exam-taken")
    given(*facts, said("exam-taken", "2026-09-10", germanLevel="A1")).then(status="below-target", toLevel="A2")
    parked = said("registered", "2026-06-20", toLevel="B1")
    given(*facts, parked).then(status="exam-taken", toLevel="A2", parked={"registered": IMPLAUSIBLE})


def test_another_referral_restarts_the_clock_and_the_next_section_nothing() -> None:
    """↻ is no echo; a further section of a started course is one."""
    referred = [said("referred", day) for day in ("2026-01-10", "2026-02-02")]
    given(said("registered", "2026-01-02"), *referred).then(since="2026-01-10", due="2026-03-02")
    assert given(*referred).item().because == (referred[1],)
    sections = [said("course-started", day) for day in ("2026-01-10", "2026-02-02")]
    given(*sections).then(since="2026-01-10", parked={}, path=[_started("2026-01-10")])


def _started(day: str) -> dict[str, str]:
    return {"status": "started", "since": day, "courseType": JOB}


def test_the_terms_hold_what_was_said_last() -> None:
    """Whichever fact names them; type, aim and expected start are told over time."""
    terms: dict[str, Any] = {
        "fromLevel": "A2",
        "toLevel": "B1",
        "lessonUnits": 600,
        "mode": "part-time",
        "timeOfDay": "morning",
    }
    facts = [
        said("entitlement-issued", "2026-01-02", courseType=INTEGRATION, entitlementBasis="admission", **terms),
        said("registered", "2026-01-10", courseType=INTEGRATION, start="2026-03-02", provider="vhs-neuss"),
        said("referred", "2026-02-10", start="2026-03-16", provider="vhs-moenchengladbach", childcareAtCourse=True),
        said("course-started", "2026-03-16", courseType=INTENSIVE, until="2026-09-30", mode="full-time"),
        said("completed", "2026-09-30"),
        said("exam-taken", "2026-10-10", germanLevel="B1"),
    ]
    result = given(*facts).then(
        **terms | {"mode": "full-time"},
        provider="vhs-moenchengladbach",
        childcareAtCourse=True,
        courseType=INTENSIVE,
        entitlementBasis="admission",
        start="2026-03-16",
        until="2026-09-30",
        result="passed",
        germanLevel="B1",
    )
    assert result.path("courseType", "toLevel", "start") == [
        ("entitled", "2026-01-02", INTEGRATION, "B1", None),
        ("waiting", "2026-01-10", INTEGRATION, "B1", "2026-03-02"),
        ("referred", "2026-02-10", INTEGRATION, "B1", "2026-03-16"),
        ("started", "2026-03-16", INTENSIVE, "B1", "2026-03-16"),
        ("completed", "2026-09-30", INTENSIVE, "B1", "2026-03-16"),
        ("exam-taken", "2026-10-10", INTENSIVE, "B1", "2026-03-16"),
    ]


# the level


def test_the_level_is_assessed_and_then_certified() -> None:
    """A certificate that is shown certifies, too; everything is always allowed, and the last that is said holds."""
    told, shown = assessed("2026-01-02", "A2"), assessed("2026-02-02", "B1", "certificate")
    tested, paper = assessed("2026-03-02", "B2", "placement-test"), certified("2026-04-20", "B2")
    given(told).then(status="assessed", germanLevel="A2", evidence="self-report", turn=None, due=None, stalled=None)
    given(shown).then(status="level-certified", germanLevel="B1", evidence="certificate")
    given(paper).then(status="level-certified", germanLevel="B2", evidence="certificate", since="2026-04-20")
    result = given(told, shown, tested, paper).then(status="level-certified", since="2026-02-02", parked={})
    assert result.path("germanLevel", "evidence") == [
        ("assessed", "2026-01-02", "A2", "self-report"),
        ("level-certified", "2026-02-02", "B1", "certificate"),
        ("level-certified", "2026-03-02", "B2", "placement-test"),
        ("level-certified", "2026-04-20", "B2", "certificate"),
    ]


def test_the_snapshot_of_a_certified_level() -> None:
    """As it is published."""
    paper = certified("2026-04-20", "B2", id="vhs-1")
    assert given(paper).content("language")["state"] == {
        "status": "level-certified",
        "flags": [],
        "turn": None,
        "since": "2026-04-20",
        "dueOn": None,
        "ruleId": None,
        "stalledFrom": None,
        "availableFrom": None,
        "germanLevel": "B2",
        "evidence": "certificate",
        "path": [{"status": "level-certified", "since": "2026-04-20", "germanLevel": "B2", "evidence": "certificate"}],
        "ahead": [],
    }


def test_of_one_day_the_strongest_evidence_is_told() -> None:
    """A certificate before a test before a self-report, of several certificates the highest, whatever came first."""
    day = "2026-01-02"
    tested, weak = assessed(day, "B2", "placement-test"), assessed(day, "C1")
    papers = certified(day, "B1"), assessed(day, "A2", "certificate")
    for papers_first in (True, False):
        facts = [*papers, tested, weak] if papers_first else [weak, tested, *papers[::-1]]
        assert given(*facts).path("germanLevel", "evidence") == [("level-certified", day, "B1", "certificate")]
    for said_last in (weak, assessed(day, "A1")):
        assert given(tested, said_last).path("germanLevel", "evidence") == [("assessed", day, "B2", "placement-test")]


def test_a_further_certificate_of_the_same_level_is_told() -> None:
    """Its day begins an entry; the same paper shown again, or told by two on one day, says nothing new."""
    first, again = certified("2026-01-02", "A2"), certified("2026-06-02", "A2")
    result = given(first, again)
    assert result.path("certifiedOn") == [
        ("level-certified", "2026-01-02", None),
        ("level-certified", "2026-06-02", "2026-06-02"),
    ]
    assert "certifiedOn" not in result.state
    told_twice = given(first, certified("2026-01-02", "A2", by="bamf-duesseldorf"))
    assert told_twice.path("certifiedOn") == [("level-certified", "2026-01-02", None)]
    shown = given(first, assessed("2026-03-02", "A2", "certificate"))
    assert shown.path() == [("level-certified", "2026-01-02")]
    beside = given(first, assessed("2026-06-02", "B1"), again)
    assert beside.path("certifiedOn")[1:] == [("level-certified", "2026-06-02", "2026-06-02")]


def test_what_proves_the_level_is_named_as_a_reason() -> None:
    """Beside what was said last and what brought the state, and as it was reported."""
    a2, b2 = certified("2026-01-02", "A2"), certified("2026-02-02", "B2")
    tested, told = assessed("2026-03-02", "C1", "placement-test"), assessed("2026-04-02", "C2")
    assert given(a2, b2, tested, told).item().because == (a2, b2, told)
    assert given(a2, b2, certified("2026-03-01", "B1"), told).item().because == (a2, b2, told)
    assert given(assessed("2026-03-01", "A1"), tested, told).item().because[1:] == (tested, told)
    assert given(b2).item().facts == (b2,)
