"""What cannot be, or cannot both be: parked by the services, and shown where two decisions stand against each other."""

from __future__ import annotations

from datetime import date, timedelta

from lotse.simulator.mistakes.desk import Desk, Mistake
from lotse.simulator.report import Report

_CONFLICT = frozenset({"fact.conflict"})
_IMPLAUSIBLE = frozenset({"fact.implausible"})


def _another_day(desk: Desk, report: Report) -> date | None:
    """A day after this report's fact and before whatever happens next in its proceeding; None when there is none."""
    after = [one.day for one in desk.siblings() if one.day > report.occurred_on]
    limit = min([*after, report.at.date() + timedelta(1)])
    free = (limit - report.occurred_on).days - 1
    return report.occurred_on + desk.dice.days(1, min(free, 20)) if free >= 1 else None


def _two_decisions(desk: Desk, report: Report, day: date) -> bool:
    """The body decides once and then differently, or another body decides, without any appeal."""
    facts = [one.fact for one in desk.siblings()]
    if report.fact != "decided" or facts.count("decided") > 1 or "appeal-filed" in facts:
        return False
    when = _another_day(desk, report)
    if when is None:
        return False
    others = [one for one in ("full", "partial", "none") if one != report.data["outcome"]]
    other_body = desk.dice.chance(0.5)
    source = f"/{desk.dice.pick(desk.story.region.others(report.institution, 'recognition'))}"
    second = desk.anew(report, source=source if other_body else report.source).with_data(
        occurredOn=when.isoformat(), outcome=desk.dice.pick(others), body=None
    )
    desk.deliver(report, day)
    desk.send(second, desk.later(day, 15), codes=_CONFLICT, mistake="two-decisions")
    item = f"recognition/procedure-{report.data['procedureId']}"
    desk.truth.conflicts.append(("recognition", "two-decisions", item, frozenset({report.id, second.id})))
    return True


def _permit_contradicted(desk: Desk, report: Report, day: date) -> bool:
    """Granted, and then denied all the same; the last permit of the person, which the board shows."""
    last = [one for one in desk.story.happenings if one.service == "intake" and one.fact.startswith("permit-")]
    if report.fact != "permit-granted" or last[-1] is not desk.happening:
        return False
    when = _another_day(desk, report)
    if when is None:
        return False
    denial = desk.anew(report, fact="permit-denied").with_data(
        occurredOn=when.isoformat(), until=None, introductionId=None
    )
    desk.deliver(report, day)
    desk.send(denial, desk.later(day, 15), codes=_CONFLICT, mistake="permit-contradicted")
    item = f"intake/permit-{report.data['permitId']}"
    desk.truth.conflicts.append(("residence", "two-decisions", item, frozenset({report.id, denial.id})))
    return True


def _never_suspended(desk: Desk, report: Report, day: date) -> bool:
    """The clock is said to go on, but it never stood."""
    if report.fact not in ("documents-complete", "decided", "submitted"):
        return False
    if any(one.fact == "clock-suspended" for one in desk.siblings()):
        return False
    return _out_of_place(desk, report, day, "clock-resumed", "never-suspended")


def _nothing_asked(desk: Desk, report: Report, day: date) -> bool:
    """Papers are supplied for which nobody asked."""
    if report.fact not in ("submitted", "documents-complete"):
        return False
    if any(one.fact == "documents-requested" for one in desk.siblings()):
        return False
    return _out_of_place(desk, report, day, "documents-supplied", "nothing-asked")


def _extended_again(desk: Desk, report: Report, day: date) -> bool:
    """A deadline may be extended once."""
    if report.fact != "deadline-extended":
        return False
    when = _another_day(desk, report)
    if when is None:
        return False
    return _out_of_place(desk, report, day, "deadline-extended", "extended-again", when)


def _filed_again(desk: Desk, report: Report, day: date) -> bool:
    """A new application under the number of a decided one."""
    if report.fact != "decided" or any(one.fact == "appeal-filed" for one in desk.siblings()):
        return False
    when = _another_day(desk, report)
    first = desk.siblings()[0].data
    if when is None or "recognitionRoute" not in first:
        return False
    head = {key: first[key] for key in ("recognitionRoute", "referenceOccupation", "body")}
    return _out_of_place(desk, report, day, "submitted", "filed-again", when, **head)


def _out_of_place(
    desk: Desk, report: Report, day: date, fact: str, name: str, when: date | None = None, **head: object
) -> bool:
    """Sends the report, and beside it one that fits nowhere."""
    data = {"occurredOn": (when or report.occurred_on).isoformat(), "procedureId": report.data["procedureId"], **head}
    odd = Report(desk.dice.uuid(), report.source, report.service, fact, report.subject, report.at, data)
    desk.deliver(report, day)
    desk.send(odd, desk.later(day, 10), codes=_IMPLAUSIBLE, mistake=name)
    return True


MISTAKES = (
    Mistake("two-decisions", 0.15, _two_decisions),
    Mistake("permit-contradicted", 0.15, _permit_contradicted),
    Mistake("never-suspended", 0.04, _never_suspended),
    Mistake("nothing-asked", 0.04, _nothing_asked),
    Mistake("extended-again", 0.4, _extended_again),
    Mistake("filed-again", 0.1, _filed_again),
)
