"""Said twice, said wrong, taken back: duplicates, reused ids, corrections and retractions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from lotse.simulator.mistakes.desk import Desk, Mistake
from lotse.simulator.report import Report, instant
from lotse.simulator.work import LEVELS

#: What more than one office learns of.
_SAID_BY_TWO = (
    *("submitted", "receipt-confirmed", "documents-complete", "licence-issued"),
    *("candidate-introduced", "interview-held", "hired", "introduction-ended", "employment-ended", "event-held"),
    *("offered", "registered", "level-certified"),
)
#: Keys that clerks mistype.
_NAMED = ("procedureId", "permitId", "introductionId", "episodeId")
_SEEN = frozenset({"id.seen"})
_CORRECTED = frozenset({"ok.corrected"})
_RETRACTED = frozenset({"ok.retracted"})
_OK = frozenset({"ok"})


def _sent_twice(desk: Desk, report: Report, day: date) -> bool:
    """The same record, right away: a double click."""
    desk.deliver(report, day)
    desk.send(report, day, codes=_SEEN, mistake="sent-twice")
    return True


def _resent(desk: Desk, report: Report, day: date) -> bool:
    """No answer within the timeout: sent again, perhaps days later, perhaps by another path, with a newer time."""
    desk.deliver(report, day)
    for _ in range(desk.dice.integer(1, 3)):
        again = desk.later(day, 4)
        newer = replace(report, at=desk.moment(again, report.at)) if desk.dice.chance(0.5) else report
        desk.send(newer, again, codes=_SEEN, mistake="resent-after-timeout", whole=desk.dice.chance(0.3))
        day = again
    return True


def _id_reused(desk: Desk, report: Report, day: date) -> bool:
    """A counter that was reset: another content under an id that is taken."""
    desk.deliver(report, day)
    other = report.with_data(occurredOn=(report.occurred_on - timedelta(1)).isoformat())
    desk.send(other, desk.later(day, 3), codes=frozenset({"id.reused"}), mistake="id-reused")
    return True


def _said_by_two(desk: Desk, report: Report, day: date) -> bool:
    """Two offices report the same; the second says nothing new, and is right."""
    if report.fact not in _SAID_BY_TWO:
        return False
    desk.deliver(report, day)
    other = desk.dice.pick(desk.story.region.others(report.institution, report.service))
    again = desk.anew(report, source=f"/{other}")
    desk.send(again, desk.later(day, 20), mistake="said-by-two")
    # The board names the report that counts: of a course's start the first, of what may be said anew the last.
    first, last = sorted((report, again), key=lambda one: (one.at, one.source, one.id))
    desk.standing[id(desk.happening)] = first if report.fact == "course-started" else last
    return True


def _wrong(desk: Desk, report: Report) -> Report:
    """The report as a clerk mistypes it: another day, another proceeding, another outcome."""
    slip = desk.dice.pick(["day", "day", "proceeding", "content"])
    if slip == "content" and "outcome" in report.data:
        others = [one for one in ("full", "partial", "none", "compensation-required") if one != report.data["outcome"]]
        return report.with_data(outcome=desk.dice.pick(others))
    if slip == "content" and report.data.get("access"):
        return report.with_data(access=desk.dice.pick(["free", "barred", "permit-needed"]), until=None)
    if slip == "content" and report.fact == "candidate-introduced":
        return report.with_data(openingId=desk.dice.uuid())
    if slip == "content" and "minGermanLevel" in report.data:
        return report.with_data(minGermanLevel=desk.dice.pick(LEVELS))
    if slip == "content" and "germanLevel" in report.data:
        return report.with_data(germanLevel=desk.dice.pick(LEVELS))
    if slip == "proceeding" and "child" in report.data:
        return report.with_data(child=report.data["child"] % 3 + 1)
    key = next((key for key in _NAMED if key in report.data), None)
    if slip == "proceeding" and key:
        return report.with_data(**{key: f"{report.data[key]}x"})
    return report.with_data(occurredOn=(report.occurred_on - desk.dice.days(1, 25)).isoformat())


def _corrected(desk: Desk, report: Report, day: date) -> bool:
    """First said wrong, put right later; sometimes the first correction was wrong as well."""
    chain = [_wrong(desk, desk.anew(report))]
    if chain[0].data == report.data:
        return False
    desk.send(chain[0], day, codes=_CORRECTED, mistake="corrected")
    if desk.dice.chance(0.2):
        day = desk.later(day, 10)
        second = _wrong(desk, desk.anew(report, corrects=chain[0].id, at=desk.moment(day, chain[0].at)))
        desk.send(second, day, codes=_CORRECTED, mistake="corrected")
        chain.append(second)
    day = desk.later(day, 30)
    # Now and then a correction overtakes what it corrects: its target is unknown for a while.
    right = replace(report, corrects=chain[-1].id, at=desk.moment(day, chain[-1].at))
    desk.deliver(right, day)
    return True


def _retraction(desk: Desk, target: Report, day: date, reason: str) -> Report:
    data = {"occurredOn": day.isoformat(), "reportId": target.id, "reason": reason}
    at = desk.moment(day, target.at)
    return Report(desk.dice.uuid(), target.source, target.service, "retracted", target.subject, at, data)


def _of_stranger(desk: Desk, report: Report) -> Report:
    """The same of somebody, or of something, else; openings, events and contacts are named in the content, too."""
    stranger = desk.dice.pick(desk.strangers)
    data = {name: stranger if value == report.subject else value for name, value in report.data.items()}
    return desk.anew(report, subject=stranger, data=data)


def _taken_back(desk: Desk, report: Report, day: date) -> bool:
    """Typed into a stranger's case, or a second time under another id, and taken back; at times that comes first."""
    desk.deliver(report, day)
    if desk.dice.chance(0.5) and desk.strangers:
        wrong, reason = _of_stranger(desk, report), "wrong-case"
    else:
        wrong, reason = desk.anew(report), "entered-twice"
    noticed = desk.later(day, 25)
    retraction = _retraction(desk, wrong, noticed, reason)
    sendings = [(wrong, day, _RETRACTED), (retraction, noticed, _OK)]
    if desk.dice.chance(0.15):
        sendings = [(retraction, noticed, _OK), (wrong, noticed, _RETRACTED)]
    for said, when, codes in sendings:
        desk.send(said, when, codes=codes, mistake="taken-back")
    return True


def _taken_back_by_mistake(desk: Desk, report: Report, day: date) -> bool:
    """Right, taken back by mistake, and the retraction taken back: it stands again."""
    desk.deliver(report, day)
    day = desk.later(day, 15)
    retraction = _retraction(desk, report, day, "other")
    desk.send(retraction, day, codes=_RETRACTED, mistake="taken-back-by-mistake")
    day = desk.later(day, 15)
    desk.send(_retraction(desk, retraction, day, "other"), day, codes=_OK, mistake="taken-back-by-mistake")
    return True


def _unknown_target(desk: Desk, report: Report, day: date) -> bool:
    """A correction of something that nobody knows, or that another system of the same office said."""
    desk.deliver(report, day)
    foreign = desk.dice.chance(0.5)
    target = report.id if foreign else desk.dice.uuid()
    source = f"/{report.institution}/other" if foreign else report.source
    wrong = _wrong(desk, desk.anew(report, source=source, corrects=target))
    when = desk.later(day, 10)
    wrong = replace(wrong, at=max(wrong.at, instant(when, 0)))
    desk.send(wrong, when, codes=frozenset({"target.unknown"}), mistake="unknown-target")
    return True


MISTAKES = (
    Mistake("corrected", 0.02, _corrected),
    Mistake("taken-back", 0.012, _taken_back),
    Mistake("taken-back-by-mistake", 0.005, _taken_back_by_mistake),
    Mistake("said-by-two", 0.03, _said_by_two),
    Mistake("sent-twice", 0.02, _sent_twice),
    Mistake("resent-after-timeout", 0.02, _resent),
    Mistake("id-reused", 0.006, _id_reused),
    Mistake("unknown-target", 0.005, _unknown_target),
)
