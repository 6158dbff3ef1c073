"""What cannot be of openings and jobs, which is parked; what says too much of employers, which is refused; and what
is known of events only later.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from lotse.simulator.mistakes.desk import Desk, Mistake
from lotse.simulator.report import Report
from lotse.simulator.story import Happening

DAY = timedelta(1)
_IMPLAUSIBLE = frozenset({"fact.implausible"})
_INVALID = frozenset({"data.invalid"})
#: Hires that no official figure counts: they never reach half a year.
_NO_INTEGRATION = ("introductory-training", "mini-job", "work-opportunity-16d", "subsidised-16i")


def _hire(desk: Desk) -> Happening | None:
    """The hire of the same introduction."""
    return next((one for one in desk.siblings() if one.fact == "hired"), None)


def _mark_too_early(desk: Desk, report: Report, day: date) -> bool:
    """Six weeks of work are confirmed on the day of the hire."""
    if report.fact != "hired":
        return False
    return _out_of_place(desk, report, day, "mark-too-early", "retention-confirmed", report.occurred_on, mark="6w")


def _mark_out_of_reach(desk: Desk, report: Report, day: date) -> bool:
    """Half a year is confirmed of a job that official figures do not count."""
    hired = _hire(desk) if report.fact == "retention-confirmed" else None
    if hired is None or hired.data["hireKind"] not in _NO_INTEGRATION:
        return False
    return _out_of_place(desk, report, day, "mark-out-of-reach", "retention-confirmed", report.occurred_on, mark="6m")


def _ended_after_hire(desk: Desk, report: Report, day: date) -> bool:
    """An introduction is said to have come to nothing, but the person works there."""
    if report.fact != "hired":
        return False
    when = report.occurred_on + DAY
    return _out_of_place(desk, report, day, "ended-after-hire", "introduction-ended", when, reason="no-show")


def _hired_again(desk: Desk, report: Report, day: date) -> bool:
    """Somebody comes back to the same firm, and the old introduction is used for it."""
    hired = _hire(desk) if report.fact == "employment-ended" else None
    if hired is None:
        return False
    return _out_of_place(desk, report, day, "hired-again", "hired", report.occurred_on + DAY, **hired.data)


def _never_hired(desk: Desk, report: Report, day: date) -> bool:
    """A job ends that never began."""
    if report.fact != "introduction-ended":
        return False
    return _out_of_place(desk, report, day, "never-hired", "employment-ended", report.occurred_on + DAY)


def _filled_after_withdrawn(desk: Desk, report: Report, day: date) -> bool:
    """An opening that was withdrawn is said to be filled."""
    when = report.occurred_on + DAY
    if report.fact != "opening-withdrawn" or any(one.day >= when for one in desk.siblings()):
        return False
    return _out_of_place(desk, report, day, "filled-after-withdrawn", "opening-filled", when)


def _out_of_place(desk: Desk, report: Report, day: date, name: str, fact: str, when: date, **data: Any) -> bool:
    """Sends the report, and beside it one that fits nowhere."""
    key = "introductionId" if "introductionId" in report.data else "openingId"
    said = {**data, "occurredOn": when.isoformat(), key: report.data[key]}
    odd = Report(desk.dice.uuid(), report.source, report.service, fact, report.subject, report.at, said)
    desk.deliver(report, day)
    desk.send(odd, desk.later(day, 10), codes=_IMPLAUSIBLE, mistake=name)
    return True


def _employer_named(desk: Desk, report: Report, day: date) -> bool:
    """The firm's name is typed in, for which there is no field."""
    if report.fact not in ("opening-published", "hired", "employer-contact-logged", "trial-agreed"):
        return False
    return _refused(desk, report.with_data(employerName="Bäckerei Beispiel GmbH"), report, day, "employer-named")


def _of_another_opening(desk: Desk, report: Report, day: date) -> bool:
    """Key and content name two different openings."""
    if report.data.get("openingId") != report.subject:
        return False
    return _refused(desk, report.with_data(openingId=desk.dice.uuid()), report, day, "of-another-opening")


def _counted_again(desk: Desk, report: Report, day: date) -> bool:
    """An event is reported at once, and what came of it when it is known: as a correction."""
    if report.fact != "event-held" or not report.data["followUps"]:
        return False
    at_once = desk.anew(report).with_data(followUps=0, hires=0)
    desk.send(at_once, day, codes=frozenset({"ok.corrected"}), mistake="counted-again")
    later = desk.later(day, 60)
    desk.deliver(replace(report, corrects=at_once.id, at=desk.moment(later, at_once.at)), later)
    return True


def _refused(desk: Desk, wrong: Report, report: Report, day: date, name: str) -> bool:
    path = "/data/employerName" if "employerName" in wrong.data else "/data/openingId"
    desk.send(wrong, day, codes=_INVALID, mistake=name, path=path, whole=desk.dice.chance(0.3))
    desk.deliver(report, desk.later(day, 2))
    return True


MISTAKES = (
    Mistake("mark-too-early", 0.12, _mark_too_early),
    Mistake("mark-out-of-reach", 0.6, _mark_out_of_reach),
    Mistake("ended-after-hire", 0.14, _ended_after_hire),
    Mistake("hired-again", 0.5, _hired_again),
    Mistake("never-hired", 0.02, _never_hired),
    Mistake("filled-after-withdrawn", 0.3, _filled_after_withdrawn),
    Mistake("counted-again", 0.5, _counted_again),
    Mistake("employer-named", 0.03, _employer_named),
    Mistake("of-another-opening", 0.04, _of_another_opening),
)
