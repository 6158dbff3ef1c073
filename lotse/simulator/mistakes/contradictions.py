"""What cannot be, or cannot both be: parked by the services, and shown where two decisions stand against each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from lotse.simulator.mistakes.desk import KEYS, Desk, Mistake
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
    desk: Desk, report: Report, day: date, fact: str, name: str, when: date | None = None, **more: object
) -> bool:
    """Sends the report, and beside it one that fits nowhere."""
    matter = {key: report.data[key] for key in KEYS if key in report.data}
    data = {"occurredOn": (when or report.occurred_on).isoformat(), **matter, **more}
    odd = Report(desk.dice.uuid(), report.source, report.service, fact, report.subject, report.at, data)
    desk.deliver(report, day)
    desk.send(odd, desk.later(day, 10), codes=_IMPLAUSIBLE, mistake=name)
    return True


def _granted_and_refused(desk: Desk, report: Report, day: date) -> bool:
    """The right to a course is granted, and then refused all the same, by the same office or another one."""
    when = _another_day(desk, report)
    if report.fact != "entitlement-issued" or when is None:
        return False
    others = [report.source, *(f"/{one}" for one in desk.story.region.others(report.institution, report.service))]
    right = {name: report.data[name] for name in ("episodeId", "courseType", "entitlementBasis")}
    refusal = desk.anew(
        report,
        fact="entitlement-refused",
        source=desk.dice.pick(others),
        data={"occurredOn": when.isoformat(), **right},
    )
    desk.deliver(report, day)
    desk.send(refusal, desk.later(day, 15), codes=_CONFLICT, mistake="granted-and-refused")
    item = f"language/course-{report.data['episodeId']}"
    desk.truth.conflicts.append(("language", "two-decisions", item, frozenset({report.id, refusal.id})))
    return True


def _impossible(
    name: str,
    share: float,
    beside: tuple[str, ...],
    fact: str,
    *,
    later: bool = False,
    unless: str = "",
    first: bool = False,
    more: Callable[[Desk, Report], dict[str, Any]] = lambda _desk, _report: {},
) -> Mistake:
    """A report of a child or a course `beside` one of these facts, on its day or on one after it, that cannot be.

    It is left out where the matter has a fact that makes it possible (`unless`); `first`: only beside the first report.
    """

    def commit(desk: Desk, report: Report, day: date) -> bool:
        if report.service not in ("childcare", "language") or report.fact not in beside:
            return False
        siblings = desk.siblings()
        if any(one.fact == unless for one in siblings) or (first and siblings[0] is not desk.happening):
            return False
        when = _another_day(desk, report) if later else report.occurred_on
        if when is None:
            return False
        return _out_of_place(desk, report, day, fact, name, when, **more(desk, report))

    return Mistake(name, share, commit)


def _place(desk: Desk, report: Report) -> dict[str, Any]:
    return {"from": (report.occurred_on + desk.dice.days(20, 60)).isoformat(), "weeklyHours": 25}


def _kind(_: Desk, report: Report) -> dict[str, Any]:
    return {"courseType": report.data["courseType"]}


_BEGUN = ("course-started",)

MISTAKES = (
    Mistake("two-decisions", 0.15, _two_decisions),
    Mistake("permit-contradicted", 0.15, _permit_contradicted),
    Mistake("never-suspended", 0.04, _never_suspended),
    Mistake("nothing-asked", 0.04, _nothing_asked),
    Mistake("extended-again", 0.4, _extended_again),
    Mistake("filed-again", 0.1, _filed_again),
    Mistake("granted-and-refused", 0.1, _granted_and_refused),
    _impossible("nothing-to-end", 0.03, ("need-registered", "waitlisted", "offered"), "care-ended"),
    _impossible(
        "hours-without-care", 0.05, ("offered", "offer-accepted"), "hours-changed", more=lambda *_: {"weeklyHours": 20}
    ),
    _impossible("offered-after-contract", 0.2, ("contracted",), "offered", later=True, more=_place),
    _impossible("listed-in-care", 0.2, ("care-started",), "waitlisted", later=True),
    _impossible(
        "no-interim-care", 0.03, ("need-registered", "waitlisted"), "interim-care-ended", unless="interim-care-arranged"
    ),
    _impossible("acknowledged-after-withdrawal", 0.4, ("need-withdrawn",), "acknowledged", later=True),
    _impossible("suit-without-registration", 0.12, ("need-identified",), "claim-enforced", first=True),
    _impossible("never-interrupted", 0.05, _BEGUN, "resumed", unless="interrupted"),
    _impossible("interrupted-before-start", 0.02, ("registered",), "interrupted"),
    _impossible("irregular-before-start", 0.02, ("registered",), "attendance-irregular"),
    _impossible("not-formed-but-started", 0.04, _BEGUN, "course-not-formed", later=True),
    _impossible("registered-after-start", 0.04, _BEGUN, "registered", later=True, more=_kind),
    _impossible("lapsed-after-start", 0.04, _BEGUN, "entitlement-lapsed", later=True),
    _impossible("left-after-completion", 0.15, ("completed",), "dropped-out", later=True),
)
