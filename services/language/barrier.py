"""Levels and courses as the barrier `language` (states.md §4, §6.3, bridges §6.5). It never lapses.

Language is relative: what is proven is measured against the occupation aimed at, or against an opening.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from shared.contracts.fact import Day
from shared.rules.barrier import (
    COMPETENT_BODY,
    IN_PROGRESS,
    OPEN,
    RESOLVED,
    BarrierMapping,
    Giver,
    Verdict,
    giver,
)
from shared.rules.deadlines import end_of
from shared.rules.rule_table import is_nursing, rule_for
from shared.rules.scene import CASE, Fields, Scene, Seen, plus

_LEVEL, _COURSE = "level", "course-"
_LEVELS = {level: number for number, level in enumerate(("PRE_A1", "A1", "A2", "B1", "B2", "C1", "C2"))}
#: The level to reach while no occupation is aimed at.
_USUAL = "B2"
_DOCTORS = "814"
_CERTIFICATE, _TEST = "certificate", "placement-test"
_IRREGULAR = "lotse.language.attendance-irregular.v1"

#: What a course's state means for the barrier, and its rank in the table.
_COURSES: Mapping[str, tuple[str, int]] = {
    "none": (OPEN, 0),
    "entitlement-refused": (OPEN, 5),
    "entitlement-lapsed": (OPEN, 5),
    "dropped-out": (OPEN, 5),
    "below-target": (OPEN, 5),
    "entitled": (IN_PROGRESS, 10),
    "waiting": (IN_PROGRESS, 20),
    "not-formed": (IN_PROGRESS, 30),
    "referred": (IN_PROGRESS, 32),
    "started": (IN_PROGRESS, 40),
    "completed": (IN_PROGRESS, 50),
    "exam-taken": (IN_PROGRESS, 60),
}


class Certificate(NamedTuple):
    """A level that was certified, and the day on which that was told."""

    day: Day
    level: str


def judge(scene: Scene) -> Verdict | None:
    """What is proven against the target; below it a running course, else what has to come next.

    A course of which every report is parked speaks only if nothing else is known.
    """
    level = next(iter(scene.of(_LEVEL)), None)
    known = level.path if level is not None else ()
    courses = scene.of(_COURSE)
    proven = _proven(known)
    if level is not None and proven is not None and _LEVELS[proven] >= _LEVELS[_target(scene)]:
        return Verdict(RESOLVED, (level,), lambda seen: Giver(seen, None))
    certificates = _certificates(known)
    running = [seen for seen in courses if _runs(seen, certificates)]
    if running:
        first = max(running, key=lambda seen: (_COURSES[seen.status][1], _since(seen)))
        return Verdict(IN_PROGRESS, (first,), _speaks)
    begun = [seen for seen in courses if seen.status != "none"] or (courses if level is None else ())
    newest = max(begun, key=_since, default=None)
    if newest is not None and (level is None or not _certified_from(_since(newest), certificates)):
        return Verdict(OPEN, (newest,), _speaks)
    return Verdict(OPEN, (level,), lambda seen: _below(seen, certificates, newest)) if level is not None else None


def _target(scene: Scene) -> str:
    """As assessed, otherwise B2; in a regulated occupation at least what its licence asks for."""
    case = scene.case
    known: Fields = case.fields if case is not None else {}
    target: str = known.get("targetGermanLevel", _USUAL)
    licence = _licence(known.get("targetKldb")) if known.get("targetRegulated") is True else None
    return licence if licence is not None and _LEVELS[licence] > _LEVELS[target] else target


def _licence(kldb: str | None) -> str | None:
    """The level that a licence asks for: nursing B2, doctors C1."""
    if kldb is not None and kldb.startswith(_DOCTORS):
        return "C1"
    return "B2" if is_nursing(kldb) else None


def _proven(known: Sequence[Fields]) -> str | None:
    """The highest certificate so far, else the newest test; a self-report proves nothing."""
    certified: list[str] = [entry["germanLevel"] for entry in known if entry.get("evidence") == _CERTIFICATE]
    if certified:
        return max(certified, key=_LEVELS.__getitem__)
    tested: list[str] = [entry["germanLevel"] for entry in known if entry.get("evidence") == _TEST]
    return tested[-1] if tested else None


def _reaches(known: Sequence[Fields], wanted: str) -> bool:
    proven = _proven(known)
    return proven is not None and _LEVELS[proven] >= _LEVELS[wanted]


def _certificates(known: Sequence[Fields]) -> Sequence[Certificate]:
    """In the order of their days; whatever else is said of the level after one begins an entry of its own."""
    return [Certificate(one["since"], one["germanLevel"]) for one in known if one.get("evidence") == _CERTIFICATE]


def _certified_from(day: Day, certificates: Sequence[Certificate]) -> bool:
    return bool(certificates) and certificates[-1].day >= day


def _runs(seen: Seen, certificates: Sequence[Certificate]) -> bool:
    """Whether a course is in progress; an exam that was taken only until a certificate of that day or later."""
    if seen.status == "exam-taken":
        return not _certified_from(_since(seen), certificates)
    return _COURSES[seen.status][0] == IN_PROGRESS


def _since(course: Seen) -> Day:
    since: Day = course.fields["since"]
    return since


def _speaks(course: Seen) -> Giver:
    """A course for itself. Irregular attendance is for the competent Jobcenter only, and carries no status."""
    reasons = {one.type for one in course.snapshot.because}
    return replace(giver(course), because=tuple(sorted(reasons - {_IRREGULAR})))


def _below(level: Seen, certificates: Sequence[Certificate], newest: Seen | None) -> Giver:
    """A level below the target: whoever counsels the person finds the next step, in time after the certificate."""
    start = _next_from(certificates, _since(newest) if newest is not None else "")
    rule = rule_for("NEXT", start) if start is not None else None
    if start is None or rule is None:
        return Giver(level, COMPETENT_BODY)
    due = end_of(start, rule.length)
    return Giver(level, COMPETENT_BODY, due_on=due, rule_id=rule.rule_id, stalled_from=plus(due, 1))


def _next_from(certificates: Sequence[Certificate], course: Day) -> Day | None:
    """The first certificate that neither a later state of a course nor a later, higher certificate has outdone."""
    open_ = [one for one in certificates if one.day >= course]
    return max(open_, key=lambda one: _LEVELS[one.level]).day if open_ else None


def _proof(level: Fields) -> object:
    """A self-report proves nothing; of whatever proves something the day counts, too."""
    return level["since"] if level.get("evidence") in (_CERTIFICATE, _TEST) else None


def _facet(course: Fields) -> object:
    """An exam is in progress until a certificate, so that its day counts, too."""
    status = course["status"]
    return course["since"] if status == "exam-taken" else _COURSES[status][0]


def _aim(case: Fields) -> object:
    return case.get("targetGermanLevel"), case.get("targetKldb"), case.get("targetRegulated")


def bridges(scene: Scene, _status: str, terms: Fields) -> bool:
    """An employer whom the proven level is enough, unless the licence that the work needs asks for more."""
    wanted: str | None = terms.get("minGermanLevel")
    level = next(iter(scene.of(_LEVEL)), None)
    if wanted is None or level is None:
        return False
    known = level.path
    licence = _licence(terms.get("kldb")) if terms.get("regulatedOccupation") is True else None
    return _reaches(known, wanted) and (licence is None or _reaches(known, licence))


MAPPING = BarrierMapping(
    barrier="language",
    items=(_LEVEL, _COURSE),
    reads=(CASE,),
    facets={_LEVEL: _proof, _COURSE: _facet, CASE: _aim},
    judge=judge,
    bridges=bridges,
    needs_history=True,
)
