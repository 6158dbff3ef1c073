"""The states of levels and courses: what the tables alone cannot say (states.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from services.language.table import (
    CERTIFICATE,
    COURSE,
    FLAG_MEANINGS,
    LEVEL,
    LEVELS,
    MEANINGS,
    SELF_REPORT,
    TERMS,
)
from shared.contracts.fact import Day, Fact
from shared.rules.deadlines import plus_days
from shared.rules.derive import NO_SITUATION, ahead_entry, item_of, state_of
from shared.rules.model import Context, Item
from shared.rules.rule_table import UNKNOWN, Due, Features, earliest, rule_for, stalled_from
from shared.rules.walker import Walk, walk

#: Days before a job language course's entitlement lapses from which that is near.
_LAPSE_SOON_DAYS = 14
_JOB_COURSES = frozenset({"job-language-course", "workplace-language-course"})


# The level


def derive_level(facts: Sequence[Fact], context: Context) -> Item:
    """The level from its standing facts, in any order. Pure; nothing is due of itself, since the target is unknown."""
    ordered = sorted(facts, key=lambda fact: (fact.occurred_on, _strength(fact), fact.time, fact.source, fact.id))
    walked = walk(LEVEL, _with_what_certificates_say(ordered))
    fields = {name: walked.values.get(name) for name in ("germanLevel", "evidence")}
    item = item_of(walked, state_of(walked, NO_SITUATION, fields, []))
    reasons = {fact.key for fact in item.because} | {fact.key for fact in _proof(ordered)}
    return replace(item, facts=tuple(ordered), because=tuple(fact for fact in ordered if fact.key in reasons))


def _evidence(fact: Fact) -> str:
    return CERTIFICATE if fact.name == "level-certified" else str(fact.data["evidence"])


def _strength(fact: Fact) -> tuple[int, int]:
    """The rank on one day: a certificate after a test after a self-report, so that what proves most stands last."""
    evidence = _evidence(fact)
    if evidence == CERTIFICATE:
        return 2, LEVELS.index(fact.data["germanLevel"])
    return (0 if evidence == SELF_REPORT else 1), 0


def _with_what_certificates_say(ordered: Iterable[Fact]) -> list[Fact]:
    """The facts with what `level-certified` says without a field: its evidence, and its day if the level is the same.

    That a certificate came is told by an entry of the path, also where level and evidence stay as they are.
    """
    told: list[Fact] = []
    day, before, last = "", ("", ""), ("", "")
    for fact in ordered:
        if fact.occurred_on != day:
            day, before = fact.occurred_on, last
        last = (str(fact.data["germanLevel"]), _evidence(fact))
        if fact.name == "level-certified":
            again = {"certifiedOn": day} if last == before else {}
            fact = replace(fact, data={**fact.data, "evidence": CERTIFICATE, **again})
        told.append(fact)
    return told


def _proof(ordered: Sequence[Fact]) -> Sequence[Fact]:
    """The fact that proves the level: the first of the highest certificates, else the newest test; none for neither."""
    certificates = [fact for fact in ordered if _evidence(fact) == CERTIFICATE]
    if certificates:
        return [max(certificates, key=lambda fact: LEVELS.index(fact.data["germanLevel"]))]
    return [fact for fact in ordered if _evidence(fact) != SELF_REPORT][-1:]


# The course


def derive_course(facts: Sequence[Fact], context: Context) -> Item:
    """One course from its standing facts, in any order. Pure."""
    walked = walk(COURSE, COURSE.sort(facts))
    course = _Course(walked, context.land(None))
    now = course.situation()
    lapses_on = course.lapses_on()
    fields = {name: walked.values.get(name) for name in _COURSE_FIELDS} | {"lapsesOn": lapses_on}
    fields |= {name: walked.values.get(name) for name in _EXAM_FIELDS}
    ahead = [ahead_entry(lapses_on, now, _LAPSED)] if lapses_on is not None else []
    return item_of(walked, state_of(walked, now, fields, ahead))


_COURSE_FIELDS = (*TERMS, "courseType", "entitlementBasis", "start", "until")
_EXAM_FIELDS = ("result", "germanLevel")
_LAPSED: Mapping[str, Any] = {
    **NO_SITUATION,
    "status": "entitlement-lapsed",
    "flags": [],
    "turn": MEANINGS["entitlement-lapsed"].turn,
}


class _Course:
    """A walked course with its clocks."""

    def __init__(self, walked: Walk, land: str) -> None:
        self.walked, self.land = walked, land
        values = walked.values
        self.kind: str = values.get("courseType", UNKNOWN)
        self.features: Features = (("course", self.kind), ("basis", values.get("entitlementBasis", UNKNOWN)))
        entered = walked.entered
        #: The day on which the clocks of the present state start.
        self.started: Day = entered.occurred_on if entered is not None else walked.facts[0].occurred_on

    def situation(self) -> dict[str, Any]:
        """Status, whose turn it is, and what is due when."""
        walked = self.walked
        meaning = next((FLAG_MEANINGS[flag] for flag in walked.flags if flag in FLAG_MEANINGS), None)
        meaning = meaning or MEANINGS[walked.status]
        running = {clock: _CLOCKS[clock](self) for clock in {*meaning.due, *meaning.stalled}}
        first = earliest(_running(meaning.due, running))
        return {
            "status": walked.status,
            "flags": walked.running(),
            "turn": meaning.turn,
            "dueOn": first.day if first else None,
            "ruleId": first.rule_id if first else None,
            "stalledFrom": stalled_from(_running(meaning.stalled, running)),
            "availableFrom": None,
        }

    def end(self, clock: str, start: Day) -> Due | None:
        rule = rule_for(clock, start, self.features)
        return rule.due(start, self.land) if rule else None

    def interruption(self) -> Due | None:
        return self.end("BREAK", self.walked.flags["interrupted"].occurred_on)

    def lapses_soon(self) -> Due | None:
        """In the last two weeks before it lapses, an entitlement to a job language course is stalled."""
        lapse = self.end("LAPSE", self.started) if self.kind in _JOB_COURSES else None
        return Due(plus_days(lapse.day, -_LAPSE_SOON_DAYS), "", law=False) if lapse else None

    def lapses_on(self) -> Day | None:
        """The day from which the entitlement is lapsed: the day after the last one for registering, or for beginning.

        A time that was over before the present state was reached counts no more: what was reported later is believed.
        """
        status = self.walked.status
        if status == "entitled":
            last, after = self.end("LAPSE", self.started), self.started
        elif status in ("waiting", "referred"):
            registered = self._registered()
            last, after = (self.end("BEGIN", registered) if registered else None), self.started
        elif "interrupted" in self.walked.flags:
            after = self.walked.flags["interrupted"].occurred_on
            last = self.end("BEGIN", after)
        else:
            return None
        day = plus_days(last.day, 1) if last is not None else None
        return day if day is not None and day > after else None

    def _registered(self) -> Day | None:
        """The day of the registration that counts: the last one since the way began again."""
        day = None
        for fact, status, moved in self.walked.applied:
            if moved and status == "waiting":
                day = fact.occurred_on
            elif moved and status not in ("not-formed", "referred"):
                day = None
        return day


def _in_state(clock: str) -> Callable[[_Course], Due | None]:
    def due(course: _Course) -> Due | None:
        return course.end(clock, course.started)

    return due


_CLOCKS: Mapping[str, Callable[[_Course], Due | None]] = {
    "LAPSE-SOON": _Course.lapses_soon,
    "BREAK": _Course.interruption,
    **{clock: _in_state(clock) for clock in ("LAPSE", "REG", "START", "REFER", "EXAMDATE", "CERT", "NEXT")},
}


def _running(clocks: Sequence[str], running: Mapping[str, Due | None]) -> list[Due]:
    return [due for clock in clocks if (due := running[clock]) is not None]
