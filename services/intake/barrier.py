"""Access to work, the title and permits as the barrier `residence` (states.md §5, §6.4); it is never bridged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from shared.contracts.fact import Day
from shared.rules.barrier import (
    APPLICANT,
    COMPETENT_BODY,
    IN_PROGRESS,
    LAPSED,
    NOT_A_BARRIER,
    NOT_RESOLVABLE,
    OPEN,
    RESOLVED,
    BarrierMapping,
    Giver,
    Verdict,
    foremost,
)
from shared.rules.bridge import EMPLOYED
from shared.rules.scene import CASE, INTRODUCTION, Fields, Scene, Seen, plus

_PERMIT = "permit-"
_ACCESS = "lotse.intake.employment-access-changed.v1"
_RENEWAL = "lotse.intake.title-renewal-requested.v1"
_TITLE_RULE = "lotse:title"
#: Days before a title's end from which it is expiring, and from which that is stalled.
_EXPIRING_DAYS = 90
_LATE_DAYS = 30

#: What a permit's state means for the barrier, and its rank in the table.
_PERMITS: Mapping[str, tuple[str, int]] = {
    "offer": (OPEN, 0),
    "requested": (IN_PROGRESS, 10),
    "approval-pending": (IN_PROGRESS, 20),
    "deemed-approved": (IN_PROGRESS, 30),
    "approved": (IN_PROGRESS, 30),
    "refused": (IN_PROGRESS, 30),
    "granted": (RESOLVED, 40),
    "denied": (OPEN, 40),
    "lapsed": (LAPSED, 40),
}
_FIRST = (RESOLVED, IN_PROGRESS, OPEN, LAPSED)


def judge(scene: Scene) -> Verdict | None:
    """The register of access decides; where a permit is needed, the permit that counts."""
    case = scene.case
    access = case.fields.get("access") if case is not None else None
    if case is None or access is None:
        return _by_permit(scene, case)
    if access == "free":
        return _title(case, scene.day) or Verdict(NOT_A_BARRIER, (case,), _by_access)
    if access == "barred":
        until: Day | None = case.fields.get("barredUntil")
        if until is None:
            return Verdict(NOT_RESOLVABLE, (case,), _by_access)
        if scene.day <= until:
            return Verdict(OPEN, (case,), lambda seen: _by_access(seen, available_from=plus(until, 1)))
    return _by_permit(scene, case) or Verdict(OPEN, (case,), lambda seen: _by_access(seen, APPLICANT))


def _by_access(case: Seen, turn: str | None = None, available_from: Day | None = None) -> Giver:
    return Giver(case, turn, available_from=available_from, because=(_ACCESS,))


def _title(case: Seen, day: Day) -> Verdict | None:
    """The window of the title: expiring, renewal requested, lost; None outside of it."""
    until: Day | None = case.fields.get("titleUntil")
    renewal: Day | None = case.fields.get("renewalRequestedOn") if "renewal" in case.flags else None
    if until is not None and day > until and (renewal is None or renewal > until):
        return Verdict(LAPSED, (case,), _by_renewal if renewal else lambda seen: _by_access(seen, APPLICANT))
    if renewal is not None:
        return Verdict(IN_PROGRESS, (case,), _by_renewal)
    if until is None or day < plus(until, -_EXPIRING_DAYS):
        return None
    return Verdict(IN_PROGRESS, (case,), partial(_expires, until))


def _by_renewal(case: Seen) -> Giver:
    return Giver(case, COMPETENT_BODY, because=(_ACCESS, _RENEWAL))


def _expires(until: Day, case: Seen) -> Giver:
    late = plus(until, -_LATE_DAYS)
    return Giver(case, APPLICANT, due_on=until, rule_id=_TITLE_RULE, stalled_from=late, because=(_ACCESS,))


def _by_permit(scene: Scene, case: Seen | None) -> Verdict | None:
    permits = scene.of(_PERMIT)
    if not permits:
        return None
    found = [
        (_permit_status(seen, scene.day), _PERMITS[seen.status][1], seen) for seen in _of_employment(scene, permits)
    ]
    status, permit = foremost(found, _FIRST)
    if status == RESOLVED and case is not None:
        window = _title(case, scene.day)
        if window is not None:
            return window
    return Verdict(status, (permit,))


def _permit_status(seen: Seen, day: Day) -> str:
    """A granted permit is over on the day after its last one, whatever else was said of it."""
    until: Day | None = seen.fields.get("until")
    if seen.status == "granted" and until is not None and day > until:
        return LAPSED
    return _PERMITS[seen.status][0]


def _of_employment(scene: Scene, permits: Sequence[Seen]) -> Sequence[Seen]:
    """The permits of a running employment; without one, all."""
    employments = [seen for seen in scene.of(INTRODUCTION) if seen.status in EMPLOYED]
    if not employments:
        return permits
    names = {seen.name.removeprefix(INTRODUCTION) for seen in employments}
    openings = {seen.fields.get("openingId") for seen in employments} - {None}
    own = [
        seen
        for seen in permits
        if seen.fields.get("introductionId") in names or seen.fields.get("openingId") in openings
    ]
    return own or permits


def _granted(permit: Fields) -> object:
    of = permit.get("introductionId"), permit.get("openingId"), permit.get("until")
    return (_PERMITS[permit["status"]][0], *of)


def _register(case: Fields) -> object:
    renewal = case.get("renewalRequestedOn") if "renewal" in case.get("flags", ()) else None
    return case.get("access"), case.get("barredUntil"), case.get("titleUntil"), renewal


def _employed(introduction: Fields) -> object:
    return introduction["status"] in EMPLOYED and introduction.get("openingId")


def days(scene: Scene) -> Iterable[Day]:
    """The days on which the calendar alone changes what access, title or a permit mean, named ahead or not."""
    case = scene.case
    if case is not None:
        barred: Day | None = case.fields.get("barredUntil")
        if barred is not None:
            yield plus(barred, 1)
        title: Day | None = case.fields.get("titleUntil")
        if title is not None:
            yield from (plus(title, -_EXPIRING_DAYS), plus(title, 1))
    for seen in scene.of(_PERMIT):
        if (until := seen.fields.get("until")) is not None:
            yield plus(until, 1)


MAPPING = BarrierMapping(
    barrier="residence",
    items=(_PERMIT,),
    case_facts=(_ACCESS, _RENEWAL),
    reads=(CASE, INTRODUCTION),
    speaks=(CASE,),
    facets={_PERMIT: _granted, CASE: _register, INTRODUCTION: _employed},
    judge=judge,
    days=days,
)
