"""Short builders for facts of a recognition procedure, valid by default, and lives written as one line.

    life("submitted documents-complete decided:none appeal-filed")

gives facts on successive days from 1 January 2026, a Thursday; `decided:none@chamber` is reported by that body.
"""

from __future__ import annotations

from typing import Any

from services.recognition.rules import BOOK
from shared.contracts.fact import Day, Fact
from shared.rules.deadlines import plus_days
from shared.rules.model import Context
from tests.support.given import CONTEXT, Given, given_with, report

BODY = "zag-muenster"
NURSE, ELECTRICIAN = "81302", "26302"
ITEM = "procedure-nurse-4f7q"

#: The field that a word after the colon fills.
_WORD = {
    "decided": "outcome",
    "exam-taken": "result",
    "measure-chosen": "compensationMeasure",
    "measure-started": "compensationMeasure",
    "clock-suspended": "suspensionReason",
}
_NEEDED = {"measure-chosen": "knowledge-test", "clock-suspended": "authenticity-check"}


def said(name: str, day: Day, *, by: str = BODY, procedure: str = "nurse-4f7q", **data: Any) -> Fact:
    """Any fact of a procedure."""
    return report(name, f"procedure-{procedure}", day, by=by, procedureId=procedure, **data)


def submitted(day: Day, route: str = "b", kldb: str = NURSE, body: str = BODY, **data: Any) -> Fact:
    """An application filed with a body."""
    return said("submitted", day, recognitionRoute=route, referenceOccupation=kldb, body=body, **data)


def complete(day: Day, **data: Any) -> Fact:
    """All papers are there: the time for the decision runs."""
    return said("documents-complete", day, **data)


def decided(day: Day, outcome: str, **data: Any) -> Fact:
    """A decision."""
    return said("decided", day, outcome=outcome, **data)


def suspended(day: Day, until: Day | None = None, reason: str = "authenticity-check") -> Fact:
    """The time for the decision stops."""
    return said("clock-suspended", day, until=until, suspensionReason=reason)


def resumed(day: Day) -> Fact:
    """The last day of a suspension."""
    return said("clock-resumed", day)


def life(line: str, start: Day = "2026-01-01") -> list[Fact]:
    """Facts on successive days; `name`, `name:word`, and `@body` for who says it."""
    facts = []
    for number, token in enumerate(line.split()):
        said_of, _, by = token.partition("@")
        name, _, word = said_of.partition(":")
        data = {_WORD[name]: word} if word else {}
        if not word and name in _NEEDED:
            data = {_WORD[name]: _NEEDED[name]}
        if name == "submitted":
            data = {"recognitionRoute": "b", "referenceOccupation": NURSE, "body": BODY}
        facts.append(said(name, plus_days(start, number), by=by or BODY, **data))
    return facts


def given(*facts: Fact, context: Context = CONTEXT) -> Given:
    """A procedure of which these facts are known."""
    return given_with(BOOK, *facts, context=context)
