"""The children's needs as the barrier `childcare` (states.md §3, §6.2, §7); never bridged, never not resolvable.

Courses and jobs that begin before there is care, and care that is lost during a course, are its conflicts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from msgspec.structs import replace

from shared.contracts.fact import Day
from shared.contracts.snapshot import ConflictEntry, Reference
from shared.rules.barrier import (
    IN_PROGRESS,
    LAPSED,
    NOT_A_BARRIER,
    OPEN,
    RESOLVED,
    BarrierMapping,
    Giver,
    Verdict,
    giver,
)
from shared.rules.bridge import EMPLOYED
from shared.rules.scene import INTRODUCTION, Scene, Seen, plus

_CHILD = "child-"
_COURSE = "course-"
CARE_AFTER_START, CARE_LOST = "care-after-start", "care-lost"

#: What a state means for the barrier. A need that was withdrawn is not among them, since it does not count.
_STATES: Mapping[str, str] = {
    "need-identified": OPEN,
    "need-registered": IN_PROGRESS,
    "acknowledged": IN_PROGRESS,
    "waitlisted": IN_PROGRESS,
    "claim-enforced": IN_PROGRESS,
    "offered": IN_PROGRESS,
    "declined": OPEN,
    "expired": OPEN,
    "accepted": IN_PROGRESS,
    "contracted": IN_PROGRESS,
    "settling-in": IN_PROGRESS,
    "in-care": RESOLVED,
    "hours-insufficient": OPEN,
    "hours-cut": LAPSED,
    "ended": LAPSED,
}
_FIRST = (LAPSED, OPEN, IN_PROGRESS, RESOLVED)
#: A place is in view.
_IN_VIEW = frozenset({"offered", "accepted", "contracted", "settling-in"})
#: A course is expected.
_EXPECTED = frozenset({"waiting", "referred"})


def judge(scene: Scene) -> Verdict | None:
    """The status of the child that needs most; all needs withdrawn: no barrier."""
    children = scene.of(_CHILD)
    if not children:
        return None
    needs = [seen for seen in children if seen.status in _STATES]
    if not needs:
        return Verdict(NOT_A_BARRIER, children)
    status = min((_STATES[seen.status] for seen in needs), key=_FIRST.index)
    stalled = [early.stalled_from for early in _too_early(scene)] if scene.present else ()
    return Verdict(status, [seen for seen in needs if _STATES[seen.status] == status], partial(_speaks, needs), stalled)


def _speaks(needs: Sequence[Seen], child: Seen) -> Giver:
    forecast = _forecast([seen for seen in needs if _lacks_care(seen.status)])
    return replace(giver(child), available_from=forecast)


def _lacks_care(status: str) -> bool:
    return _STATES.get(status, RESOLVED) != RESOLVED


def _forecast(lacking: Sequence[Seen]) -> Day | None:
    """The latest day from which there may be care, if each of the children has one."""
    days: list[Day | None] = [seen.fields.get("availableFrom") for seen in lacking]
    return max((day for day in days if day is not None), default=None) if all(days) else None


class _Start(NamedTuple):
    """A course or a job that begins on a day, and the day of the fact that says so."""

    seen: Seen
    day: Day
    told_on: Day


def _starts(scene: Scene) -> list[_Start]:
    """Courses expected or begun, and employments that have not ended."""
    found = []
    for seen in scene.of(_COURSE):
        if seen.status == "started":
            found.append(_Start(seen, seen.fields["since"], seen.fields["since"]))
        elif seen.status in _EXPECTED and "start" in seen.fields:
            found.append(_Start(seen, seen.fields["start"], _told_on(seen, "start", _EXPECTED)))
    for seen in scene.of(INTRODUCTION):
        if seen.status in EMPLOYED and "start" in seen.fields:
            found.append(_Start(seen, seen.fields["start"], _told_on(seen, "start", EMPLOYED)))
    return found


def _told_on(seen: Seen, field: str, among: frozenset[str]) -> Day:
    """Since when the path says of a field what holds now, in some of the states without a break."""
    value, day = seen.fields.get(field), seen.fields["since"]
    for entry in reversed(seen.path):
        if entry.get(field) != value or entry["status"] not in among:
            break
        day = entry["since"]
    return str(day)


class _Early(NamedTuple):
    """A start for which a child lacks care."""

    start: _Start
    child: Seen
    told_on: Day
    stalled_from: Day


def _too_early(scene: Scene) -> list[_Early]:
    """Starts before the day from which there may be care; while nobody knows that day, those that have come.

    Of these only the ones since which a child has lacked care without a break: what was lost later is no early start.
    """
    lacking = [seen for seen in scene.of(_CHILD) if _lacks_care(seen.status)]
    found = []
    for start in _starts(scene) if lacking else ():
        children = [seen for seen in lacking if not _is_excused(start, seen, scene.day)]
        forecast = _forecast(children)
        if forecast is None:
            since = [seen for seen in children if start.day <= scene.day and _has_lacked(seen, start.day)]
            if since:
                found.append(_Early(start, since[0], since[0].fields["since"], start.day))
        elif start.day < forecast:
            child = next(seen for seen in children if seen.fields["availableFrom"] == forecast)
            # While a child settles in, that is what the forecast comes from, also if an offer promised the same day.
            settling = child.status == "settling-in"
            told_on = child.fields["since"] if settling else _told_on(child, "availableFrom", _IN_VIEW)
            found.append(_Early(start, child, told_on, max(told_on, start.told_on)))
    return found


def _has_lacked(child: Seen, first: Day) -> bool:
    """Whether the child has lacked care on each day from the first."""
    before = [entry for entry in child.path if entry["since"] <= first]
    later = [entry for entry in child.path if entry["since"] > first]
    return bool(before) and all(_lacks_care(entry["status"]) for entry in (before[-1], *later))


def _is_excused(start: _Start, child: Seen, today: Day) -> bool:
    """Care for the course excuses a course: at the course itself, or arranged for the time being."""
    if not start.seen.name.startswith(_COURSE):
        return False
    if start.seen.fields.get("childcareAtCourse"):
        return True
    interim = child.fields.get("interim")
    if interim is None or interim["purpose"] != "course":
        return False
    when = max(start.day, today)
    return bool(interim.get("from", when) <= when <= interim.get("until", when))


def conflicts(scene: Scene) -> list[ConflictEntry]:
    """What begins too early, and the courses during which care was lost."""
    found = [
        _entry(CARE_AFTER_START, (early.child, early.told_on), (early.start.seen, early.start.told_on))
        for early in _too_early(scene)
    ]
    lost = [(seen, seen.fields["since"]) for seen in scene.of(_CHILD) if _STATES.get(seen.status) == LAPSED]
    if lost:
        running = [seen for seen in scene.of(_COURSE) if seen.status == "started"]
        found += [_entry(CARE_LOST, *lost, (course, course.fields["since"])) for course in running]
    return found


def _entry(code: str, *parts: tuple[Seen, Day]) -> ConflictEntry:
    """Items that contradict each other, each with the fact of a day."""
    snapshots = [seen.snapshot for seen, _ in parts]
    facts = [fact for seen, day in parts for fact in _fact_of(seen, day)]
    return ConflictEntry(code, tuple(f"{one.service}/{one.item}" for one in snapshots), tuple(facts))


def _fact_of(seen: Seen, day: Day) -> Sequence[Reference]:
    """Of the facts that carry an item the last one of a day; of another day if there is none."""
    carrying = seen.snapshot.because
    return [fact for fact in carrying if fact.occurred_on == day][-1:] or carrying[-1:]


def days(scene: Scene) -> Iterable[Day]:
    """The days on which a start comes that nobody waited for, and on which care for a course begins and is over."""
    if not scene.present or not any(_lacks_care(seen.status) for seen in scene.of(_CHILD)):
        return
    yield from (start.day for start in _starts(scene))
    for seen in scene.of(_CHILD):
        interim = seen.fields.get("interim", {})
        if "from" in interim:
            yield interim["from"]
        if "until" in interim:
            yield plus(interim["until"], 1)


MAPPING = BarrierMapping(
    barrier="childcare",
    items=(_CHILD,),
    facets={_CHILD: lambda child: _STATES.get(child["status"])},
    judge=judge,
    days=days,
    conflicts=conflicts,
)
