"""Short builders for levels and courses of German, valid by default, and lives written as one line.

    life("entitlement-issued registered course-started exam-taken:failed")

gives facts of a job language course on successive days from 1 January 2026, a Thursday. `spoken` are random ones.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from services.language.rules import BOOK
from shared.contracts.fact import Day, Fact
from shared.rules.board import ItemSnapshot
from shared.rules.deadlines import plus_days
from shared.rules.model import Context
from tests.support.given import CONTEXT, Given, given_with, report
from tests.support.items import entry, item

SCHOOL = "vhs-neuss"
JOB, INTEGRATION = "job-language-course", "integration-course"

#: What a fact needs, if it is not named.
_NEEDED: dict[str, dict[str, Any]] = {
    "entitlement-issued": {"courseType": JOB, "entitlementBasis": "job-language"},
    "entitlement-refused": {"courseType": JOB, "entitlementBasis": "job-language"},
    "registered": {"courseType": JOB},
    "course-started": {"courseType": JOB},
    "exam-taken": {"result": "passed"},
}


def said(name: str, day: Day, *, by: str = SCHOOL, course: str = "b2", **data: Any) -> Fact:
    """Any fact of a course."""
    return report(name, f"course-{course}", day, by=by, episodeId=course, **_NEEDED.get(name, {}) | data)


def assessed(day: Day, level: str, evidence: str = "self-report", **data: Any) -> Fact:
    """What a person can do, as told or tested."""
    by = data.pop("by", SCHOOL)
    return report("level-assessed", "level", day, by=by, germanLevel=level, evidence=evidence, **data)


def certified(day: Day, level: str, **data: Any) -> Fact:
    """A certificate of that day."""
    return report("level-certified", "level", day, by=data.pop("by", SCHOOL), germanLevel=level, **data)


def life(line: str, start: Day = "2026-01-01", *, kind: str = JOB, course: str = "b2") -> list[Fact]:
    """Facts of one course on successive days; `exam-taken:failed` says the result, `name=9` the day of January."""
    facts = []
    for number, token in enumerate(line.split()):
        named, _, day = token.partition("=")
        name, _, result = named.partition(":")
        data = {"result": result} if result else {}
        if "courseType" in _NEEDED.get(name, {}):
            data["courseType"] = kind
        on = plus_days(start, int(day) - 1 if day else number)
        facts.append(said(name, on, course=course, **data))
    return facts


def given(*facts: Fact, context: Context = CONTEXT) -> Given:
    """Levels and courses of which these facts are known."""
    return given_with(BOOK, *facts, context=context)


# Hypothesis: lives around the barrier language, any fact on any day, so that days meet and much is parked.

_DAYS = st.integers(0, 200).map(lambda number: plus_days("2026-01-01", number))
_LEVELS = st.sampled_from(("A2", "B1", "B2", "C1"))
_BODIES = st.sampled_from((SCHOOL, "bamf-duesseldorf", "jobcenter-neuss"))
_KLDB = st.sampled_from(("81302", "81301", "81404", "43104"))
_TERMS = {"courseType": st.sampled_from((JOB, INTEGRATION, "other")), "toLevel": st.none() | _LEVELS}


def _facts(name: str, item: str, **data: st.SearchStrategy[Any]) -> st.SearchStrategy[Fact]:
    def build(day: Day, by: str, time: int, number: int, said: dict[str, Any]) -> Fact:
        keyed = {"episodeId": str(number)} if item == "course-" else {}
        return report(name, f"{item}{number}" if keyed else item, day, by=by, time=time, **keyed, **said)

    return st.builds(build, _DAYS, _BODIES, st.integers(0, 5), st.integers(1, 2), st.fixed_dictionaries(data))


SPOKEN = st.one_of(
    _facts("level-certified", "level", germanLevel=_LEVELS),
    _facts("level-certified", "level", germanLevel=_LEVELS),
    _facts(
        "level-assessed",
        "level",
        germanLevel=_LEVELS,
        evidence=st.sampled_from(("certificate", "placement-test", "self-report")),
    ),
    *(
        _facts(name, "course-", **_TERMS, entitlementBasis=st.sampled_from(("admission", "job-language")))
        for name in ("entitlement-issued", "entitlement-refused")
    ),
    *(_facts(name, "course-", **_TERMS) for name in ("registered", "course-started")),
    *(
        _facts(name, "course-")
        for name in (
            *("entitlement-lapsed", "course-not-formed", "referred", "attendance-irregular"),
            *("interrupted", "resumed", "dropped-out", "completed"),
        )
    ),
    *(
        _facts("exam-taken", "course-", result=st.sampled_from(("passed", "failed")), germanLevel=st.none() | _LEVELS)
        for _ in range(2)
    ),
    _facts(
        "potential-assessed",
        "case",
        targetKldb=_KLDB,
        targetGermanLevel=_LEVELS,
        targetRegulated=st.booleans(),
        foreignDegree=st.just("none"),
    ),
    *(_facts(f"barrier-declared-{word}", "case", barrier=st.just("language")) for word in ("absent", "needed")),
)
_TERMS_OF_OPENING = st.fixed_dictionaries(
    {"status": st.sampled_from(("published", "filled")), "regulatedOccupation": st.booleans(), "kldb": _KLDB},
    optional={"minGermanLevel": _LEVELS},
)


@st.composite
def _introductions(draw: st.DrawFn) -> ItemSnapshot:
    starts = sorted(draw(st.sets(_DAYS, min_size=1, max_size=3)))
    statuses = st.sampled_from(("introduced", "hired", "ended"))
    path = [entry(day, draw(statuses), openingId="o1", terms=draw(_TERMS_OF_OPENING)) for day in starts]
    return item("outreach", "introduction-1", path)


days = _DAYS
spoken = st.lists(SPOKEN, min_size=1, max_size=12)
introductions = st.lists(_introductions(), max_size=1)
