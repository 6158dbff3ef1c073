"""One barrier of one case over time: the six rules of states.md §6, on the present and on past days."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import partial

import msgspec

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
from shared.rules.past import Past, Run, Walk
from shared.rules.scene import CASE, INTRODUCTION, Facet, Fields, Scene, Seen
from shared.rules.timeline import Timeline

ABSENT = "absent"
NEEDED = "needed"
#: The types of the facts that declare a barrier.
DECLARED = {
    ABSENT: "lotse.intake.barrier-declared-absent.v1",
    NEEDED: "lotse.intake.barrier-declared-needed.v1",
}
OPEN_STATUSES = frozenset({OPEN, IN_PROGRESS, LAPSED, NOT_RESOLVABLE})
DONE = frozenset({RESOLVED, NOT_A_BARRIER})

#: What shows that there was a barrier.
_WAS_ONE = frozenset({OPEN, IN_PROGRESS, BRIDGED})

_NOTHING = Verdict(NOT_ASSESSED, ())


class Finding(msgspec.Struct, frozen=True, gc=False):
    """What holds on one day. When bridged, `status` says so and `verdict` is what holds below."""

    status: str
    verdict: Verdict
    introductions: Sequence[Seen] = ()


class Track:
    """One barrier of one case over time: the six rules for any day."""

    __slots__ = ("_bridges", "_case", "_dated", "_facets", "_facts", "_judge", "_walk", "barrier", "is_declared")

    def __init__(self, barrier: str, mapping: BarrierMapping | None, case: Timeline) -> None:
        self.barrier = barrier
        self.is_declared = barrier in case.declared
        self._case = case
        asked = mapping if mapping is not None and not mapping.knowing.isdisjoint(case.kinds) else None
        self._judge = asked.judge if asked else None
        self._dated = asked.days if asked else None
        self._bridges = asked.bridges if asked and INTRODUCTION in case.kinds else None
        self._facets: Mapping[str, Facet | None] = mapping.kinds if mapping is not None else {}
        #: The days, ascending, of the barrier's facts in force; they are needed only of a barrier that was declared.
        self._facts: Sequence[Day] = ()
        if self.is_declared:
            self._facts = case.facts_of(mapping.items, mapping.case_facts) if mapping is not None else ()
            self._facets = {**self._facets, CASE: self._with_declaration(self._facets)}
        self._walk = Walk(case.kinds, self._facets)

    def past(self) -> Past:
        """The status on the case's days; whether it was a barrier before counts for nothing here."""
        return Past(self._case.days, partial(self._on, self._walk))

    @property
    def never_turned(self) -> bool:
        """Whether nothing that the status depends on has changed since the first of the case's days."""
        days = self._case.days
        if not days or self._dated is not None or self._facts:
            return False
        self._walk.to(days[-1])
        return self._walk.begin <= days[0]

    def past_with_facts(self) -> Past:
        """The same on the days of facts as well: one that outdoes a declaration may have no entry in any path."""
        days = {day for day in self._facts if day <= self._case.today}
        return Past(sorted(days.union(self._case.days)), partial(self._on, Walk(self._case.kinds, self._facets)))

    def _on(self, walk: Walk, day: Day) -> Run:
        scene, begin = walk.to(day), walk.begin
        if self._facts:
            at = bisect_right(self._facts, day)
            begin = max(begin, self._facts[at - 1]) if at else begin
        if self._dated is not None:
            begin = max([begin, *[one for one in self._dated(scene) if one <= day]])
        return Run(self.find(scene).status, begin)

    def find(self, scene: Scene) -> Finding:
        """The first of the six rules that holds."""
        case, word = scene.case, None
        if self.is_declared and case is not None:
            word = case.fields.get("declared", {}).get(self.barrier)
            if word == ABSENT and not self._is_outdone(case, scene):
                return Finding(NOT_A_BARRIER, Verdict(NOT_A_BARRIER, (case,), self._declares))
        verdict = self._judge(scene) if self._judge is not None else None
        if verdict is None:
            verdict = Verdict(OPEN, (case,), self._declares) if case is not None and word == NEEDED else _NOTHING
        elif verdict.status in DONE:
            return Finding(verdict.status, verdict)
        if self._bridges is not None:
            introductions = bridging(scene, verdict.status, self._bridges)
            if introductions:
                return Finding(BRIDGED, verdict, introductions)
        return Finding(verdict.status, verdict)

    def _is_outdone(self, case: Seen, scene: Scene) -> bool:
        """Whether a fact of the barrier's items is younger than the declaration that there is none."""
        facts = self._facts
        after = bisect_right(facts, _declared_on(case, self.barrier, ABSENT))
        return after < len(facts) and (scene.present or facts[after] <= scene.day)

    def _with_declaration(self, facets: Mapping[str, Facet | None]) -> Facet | None:
        """What counts of the case's item for the mapping, and what was declared."""
        barrier, facet = self.barrier, facets.get(CASE)
        if facet is None and CASE in facets:
            return None

        def declaration(case: Fields) -> object:
            declared = case.get("declared", {}).get(barrier), case.get("declaredOn", {}).get(barrier)
            return declared if facet is None else (declared, facet(case))

        return declaration

    def _declares(self, case: Seen) -> Giver:
        word = case.fields["declared"][self.barrier]
        turn = APPLICANT if word == NEEDED else None
        day = _declared_on(case, self.barrier, word)
        return Giver(case, turn, because=(DECLARED[word],), because_on=day)


def _declared_on(case: Seen, barrier: str, word: str) -> Day:
    """The day of the last declaration; of a path that does not tell it, the day since which it says the same."""
    day = ""
    for entry in reversed(case.path):
        if entry.get("declared", {}).get(barrier) != word:
            break
        said_on: Day | None = entry.get("declaredOn", {}).get(barrier)
        if said_on is not None:
            return said_on
        day = entry["since"]
    return day


def follow(barrier: str, mapping: BarrierMapping | None, case: Timeline) -> tuple[Finding, Past, Day | None]:
    """What holds of a barrier today, what did on the case's days, and since when today's does (None: no day tells).

    Where the mapping says so, only what was a barrier is resolved; the past leaves that open.
    """
    track = Track(barrier, mapping, case)
    finding, past = track.find(case.now), track.past()
    if finding.status != RESOLVED and case.days[:1] == [case.first_fact] and track.never_turned:
        # Whether all days have today's status or none has, the answer is the same.
        return finding, past, case.first_fact
    if mapping is None or not mapping.needs_history or finding.status not in DONE:
        return finding, past, past.since(finding.status)
    was = track.past_with_facts() if track.is_declared else past

    def read(status: str, day: Day) -> str:
        was_one = status != RESOLVED or any(run.begin <= day and run.word in _WAS_ONE for run in was)
        return status if was_one else NOT_A_BARRIER

    status, since = read(finding.status, case.today), None
    for run in past:
        if read(run.word, run.begin) == status:
            since = run.begin
        elif since is not None:
            break
    return Finding(status, finding.verdict, finding.introductions), past, since
