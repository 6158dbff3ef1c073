"""Short builders for levels and courses of German, valid by default, and lives written as one line.

    life("entitlement-issued registered course-started exam-taken:failed")

gives facts of a job language course on successive days from 1 January 2026, a Thursday.
"""

from __future__ import annotations

from typing import Any

from services.language.rules import BOOK
from shared.contracts.fact import Day, Fact
from shared.rules.deadlines import plus_days
from shared.rules.model import Context
from tests.support.given import CONTEXT, Given, given_with, report

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
    return report("level-assessed", "level", day, by=SCHOOL, germanLevel=level, evidence=evidence, **data)


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
