"""Short builders for facts of a case and its permits, valid by default."""

from __future__ import annotations

from typing import Any

from services.intake.rules import BOOK
from shared.contracts.fact import Day, Fact
from shared.rules.deadlines import plus_days
from shared.rules.model import Context
from tests.support.given import CONTEXT, Given, given_with, report

OFFICE = "jobcenter-neuss"


def said(name: str, day: Day, *, by: str = OFFICE, **data: Any) -> Fact:
    """Any fact of the case itself."""
    return report(name, "case", day, by=by, **data)


def opened(day: Day, **data: Any) -> Fact:
    """The case is opened."""
    known = {"ags": "05162024", "statusClass": "temporary-protection", "benefitCarrier": "jobcenter"}
    return said("case-opened", day, **known | data)


def access(day: Day, access: str, **data: Any) -> Fact:
    """What the person may do for a living."""
    return said("employment-access-changed", day, access=access, **data)


def assessed(day: Day, kldb: str = "81302", level: str = "B2", degree: str = "regulated", **data: Any) -> Fact:
    """The occupation aimed at, and the degree that is there."""
    known: dict[str, Any] = {"targetKldb": kldb, "targetGermanLevel": level, "foreignDegree": degree}
    return said("potential-assessed", day, **{"targetRegulated": True} | known | data)


def permit(name: str, day: Day, *, permit: str = "bakery", by: str = OFFICE, **data: Any) -> Fact:
    """Any fact of a permit; `name` without `permit-`."""
    return report(f"permit-{name}", f"permit-{permit}", day, by=by, permitId=permit, **data)


def permit_life(line: str, start: Day = "2026-01-01") -> list[Fact]:
    """Facts of a permit on successive days."""
    return [permit(name, plus_days(start, number)) for number, name in enumerate(line.split())]


def given(*facts: Fact, context: Context = CONTEXT) -> Given:
    """A case of which these facts are known."""
    return given_with(BOOK, *facts, context=context)
