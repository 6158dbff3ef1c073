"""One barrier of one case over time: the six rules of states.md §6, on the present and on past days."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from shared.contracts.fact import Day
from shared.rules.barrier import (
    APPLICANT,
    BRIDGED,
    IN_PROGRESS,
    LAPSED,
    NOT_A_BARRIER,
    NOT_ASSESSED,
    NOT_RESOLVABLE,
    OPEN,
    RESOLVED,
    BarrierMapping,
    Giver,
    Verdict,
)
from shared.rules.bridge import bridging
from shared.rules.scene import CASE, INTRODUCTION, Fields, Scene, Seen
from shared.rules.timeline import Timeline

ABSENT = "absent"
NEEDED = "needed"
#: The types of the facts that declare a barrier.
DECLARED = {
    ABSENT: "lotse.intake.barrier-declared-absent.v1",
    NEEDED: "lotse.intake.barrier-declared-needed.v1",
}
OPEN_STATUSES = frozenset({OPEN, IN_PROGRESS, LAPSED, NOT_RESOLVABLE})

#: What shows that there was a barrier.
_WAS_ONE = frozenset({OPEN, IN_PROGRESS, BRIDGED})
_NEVER = "9999-99-99"

_NOTHING = Verdict(NOT_ASSESSED, ())


class Finding(msgspec.Struct, frozen=True):
    """What holds on one day. When bridged, `status` says so and `verdict` is what holds below."""

    status: str
    verdict: Verdict
    introductions: Sequence[Seen] = ()


_UNASSESSED = Finding(NOT_ASSESSED, _NOTHING)


class Track:
    """One barrier of one case. `silent`: nothing was ever said that it depends on, so that it is never assessed."""

    __slots__ = (
        *(
            "_bridges",
            "_case",
            "_declarations",
            "_declared",
            "_fact_days",
            "_first_open",
            "_found",
            "_kinds",
            "_telling",
        ),
        *("barrier", "mapping", "silent"),
    )

    def __init__(self, barrier: str, mapping: BarrierMapping | None, case: Timeline) -> None:
        self.barrier = barrier
        self.mapping = mapping
        self._case = case
        self._declared = barrier in case.declared
        self._bridges = mapping.bridges if mapping is not None and INTRODUCTION in case.kinds else None
        #: The kinds of the case's items that the mapping reads.
        self._kinds = [kind for kind in mapping.kinds if kind in case.kinds] if mapping is not None else []
        self.silent = not (self._kinds or self._declared or self._bridges)
        self._declarations: dict[Seen, _Declaration | None] = {}
        self._fact_days: Sequence[Day] | None = None
        self._telling: Sequence[Day] | None = None
        self._first_open: Day | None = None
        self._found: dict[Day, str] = {}

    def find(self, scene: Scene) -> Finding:
        """The first of the six rules that holds; where the mapping says so, only what was a barrier is resolved."""
        finding = self._by_rules(scene)
        mapping = self.mapping
        if finding.status != RESOLVED or mapping is None or not mapping.needs_history or self._was_open(scene.day):
            return finding
        return Finding(NOT_A_BARRIER, replace(finding.verdict, status=NOT_A_BARRIER))

    def _was_open(self, until: Day) -> bool:
        """Whether the barrier was open, in progress or bridged on any day up to this one, on which it is resolved."""
        if self._first_open is None:
            # A fact that outdoes a declaration may have no entry of its own in any path.
            days = sorted({*self.telling, *self._facts}) if self._declared else self.telling
            opened = (day for day in days if self._by_rules(self._case.on(day)).status in _WAS_ONE)
            self._first_open = next(opened, _NEVER)
        return self._first_open <= until

    def _by_rules(self, scene: Scene) -> Finding:
        if self.silent:
            return _UNASSESSED
        mapping = self.mapping
        declared = self._declaration(scene) if self._declared else None
        if declared is not None and declared.word == ABSENT and not self._is_outdone(declared, scene):
            return Finding(NOT_A_BARRIER, Verdict(NOT_A_BARRIER, (declared.giver,)))
        verdict = mapping.judge(scene) if self._kinds and mapping is not None else None
        if verdict is not None and verdict.status in (RESOLVED, NOT_A_BARRIER):
            return Finding(verdict.status, verdict)
        if verdict is None:
            needed = declared is not None and declared.word == NEEDED
            verdict = Verdict(OPEN, (declared.giver,)) if declared is not None and needed else _NOTHING
        if self._bridges is not None:
            introductions = bridging(scene, verdict.status, self._bridges)
            if introductions:
                return Finding(BRIDGED, verdict, introductions)
        return Finding(verdict.status, verdict)

    def status_on(self, day: Day) -> str:
        """The status on one of the case's days."""
        if self.silent:
            return NOT_ASSESSED
        telling = self.telling
        return self._told(telling[bisect_right(telling, day) - 1])

    def since(self, status: str) -> Day:
        """Since when the present status holds."""
        case = self._case
        if self.silent:
            return case.days[0] if case.days else case.first_fact
        return case.since(status, self.telling, self._told)

    def runs_on(self, status: str) -> bool:
        """Whether the present status holds on the newest of the case's days, too (reports may be dated ahead)."""
        days = self._case.days
        return bool(days) and self.status_on(days[-1]) == status

    @property
    def telling(self) -> Sequence[Day]:
        """Those of the case's days, ascending, on which the status can be another than on the day before."""
        if self._telling is None:
            self._telling = self._tell()
        return self._telling

    def _told(self, day: Day) -> str:
        status = self._found.get(day)
        if status is None:
            status = self._found[day] = self.find(self._case.on(day)).status
        return status

    def _tell(self) -> Sequence[Day]:
        """All days if days alone or facts can change the status, too; otherwise those on which its items change."""
        case, mapping, kinds = self._case, self.mapping, self._kinds
        if mapping is not None and ((mapping.days is not None and kinds) or self._declared):
            return case.days
        starts = case.starts((*kinds, CASE) if self._declared else kinds)
        if self._bridges is not None:
            starts |= case.starts((INTRODUCTION,))
        return case.telling(starts)

    @property
    def _facts(self) -> Sequence[Day]:
        """The days, ascending, of the barrier's facts in force."""
        if self._fact_days is None:
            mapping = self.mapping
            self._fact_days = self._case.facts_of(mapping.items, mapping.case_facts) if mapping else []
        return self._fact_days

    def _declaration(self, scene: Scene) -> _Declaration | None:
        seen = scene.case
        if seen is None:
            return None
        if seen not in self._declarations:
            self._declarations[seen] = self._declared_by(seen)
        return self._declarations[seen]

    def _declared_by(self, seen: Seen) -> _Declaration | None:
        word = seen.fields.get("declared", {}).get(self.barrier)
        if word is None:
            return None
        day = _declared_on(seen.path, self.barrier, word)
        turn = APPLICANT if word == NEEDED else None
        return _Declaration(word, day, Giver(seen, turn, because=(DECLARED[word],), because_on=day))

    def _is_outdone(self, declared: _Declaration, scene: Scene) -> bool:
        """Whether a fact of the barrier's items is younger than the declaration."""
        facts = self._facts
        after = bisect_right(facts, declared.day)
        return after < len(facts) and (scene.present or facts[after] <= scene.day)


class _Declaration(NamedTuple):
    word: str
    day: Day
    giver: Giver


def _declared_on(path: Sequence[Fields], barrier: str, word: str) -> Day:
    """The day of the last declaration; of a path that does not tell it, the day since which it says the same."""
    day = ""
    for entry in reversed(path):
        if entry.get("declared", {}).get(barrier) != word:
            break
        said_on: Day | None = entry.get("declaredOn", {}).get(barrier)
        if said_on is not None:
            return said_on
        day = entry["since"]
    return day
