"""Short builders for facts of a child's need for care, valid by default, and lives written as one line.

    life("need-registered waitlisted offered offer-accepted")

gives facts on successive days from 1 January 2026; `care-started:20` names the hours a week, otherwise they are 35.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from services.childcare.reports import REPORTS as REPORTS_OF
from services.childcare.rules import BOOK
from shared.contracts.fact import Day, Fact
from shared.rules.deadlines import plus_days
from shared.rules.model import Context
from tests.support.given import CONTEXT, Given, given_with, report

OFFICE = "jugendamt-neuss"
HOURS = 35
#: The day from which care is needed in a life, and the first day of a place.
FROM, PLACE_FROM = "2026-08-01", "2026-09-01"
NEUSS, MUNICH = "05162024", "09162000"


def said(
    name: str,
    day: Day,
    *,
    by: str = OFFICE,
    child: int = 1,
    time: int | None = None,
    start: Day | None = None,
    **data: Any,
) -> Fact:
    """Any fact of a child; what it must name is filled in. `start` is its field `from`."""
    if start is not None:
        data["from"] = start
    known: dict[str, Any] = {"weeklyHours": HOURS, "ags": NEUSS, "purpose": "work"}
    known["from"] = FROM if name.startswith("need-") else PLACE_FROM
    needed = {field: known[field] for field in REPORTS_OF[name].fields if field in known}
    return report(name, f"child-{child}", day, by=by, time=time, child=child, **needed | data)


def need(day: Day, **data: Any) -> Fact:
    """The need is registered; `start` is the day from which care is needed."""
    return said("need-registered", day, **data)


def offered(day: Day, start: Day = PLACE_FROM, **data: Any) -> Fact:
    """A place is offered from a day on."""
    return said("offered", day, start=start, **data)


def life(line: str, start: Day = "2026-01-01", *, child: int = 1) -> list[Fact]:
    """Facts on successive days; `name` or `name:hours`."""
    facts = []
    for number, token in enumerate(line.split()):
        name, _, hours = token.partition(":")
        data: dict[str, Any] = {"weeklyHours": float(hours)} if hours else {}
        facts.append(said(name, plus_days(start, number), child=child, **data))
    return facts


def given(*facts: Fact, context: Context = CONTEXT) -> Given:
    """A child of which these facts are known."""
    return given_with(BOOK, *facts, context=context)


# Random lives of two children, any fact on any day.

_DAYS = st.integers(0, 200).map(lambda number: plus_days("2026-01-01", number))


def _any(name: str, day: Day, child: int, hours: int, start: Day) -> Fact:
    fields = REPORTS_OF[name].fields
    data: dict[str, Any] = {"weeklyHours": hours} if "weeklyHours" in fields else {}
    return said(name, day, child=child, start=start if "from" in fields else None, **data)


REPORTS = st.builds(
    _any, st.sampled_from(sorted(REPORTS_OF)), _DAYS, st.integers(1, 2), st.sampled_from((20, 35)), _DAYS
)
