"""The board of one case, a pure function of the newest snapshots of its items and the day (states.md §§6–7).

It never knows what was said before, so a rebuild, another order or another batch gives the same board (laws 1, 4, 5).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from shared.contracts.board import BARRIERS, Barrier, Because, CaseBoard
from shared.contracts.fact import Day
from shared.contracts.snapshot import ConflictEntry, Reference
from shared.rules.barrier import (
    BRIDGED,
    IN_PROGRESS,
    NOT_ASSESSED,
    OPEN,
    BarrierMapping,
    Giver,
)
from shared.rules.past import Past, Run, Walk
from shared.rules.scene import INTRODUCTION, ItemSnapshot, Seen
from shared.rules.stage import CLOSED, FACETS, stage
from shared.rules.timeline import Timeline
from shared.rules.track import DONE, OPEN_STATUSES, Finding, follow

__all__ = ["Evaluation", "ItemSnapshot", "Mappings", "evaluate"]

Mappings = Mapping[str, BarrierMapping]

_STALLING = frozenset({OPEN, IN_PROGRESS})
_LATEST = "9999-12-31"


class Evaluation(msgspec.Struct, frozen=True, gc=False):
    """A case on one day.

    `next_day` is the first later day on which anything of the board can change if nothing more is reported (None:
    never); up to the day before, the board is this one. `hidden`: nobody but intake may see the case, because its
    consent was revoked or because no report on it stands.
    """

    board: CaseBoard
    next_day: Day | None
    hidden: bool


class _Known(msgspec.Struct, frozen=True, gc=False):
    """A barrier of which something is known: what it was, what it is today, and what else can change that."""

    name: str
    past: Past
    barrier: Barrier
    next_days: Sequence[Day]


def evaluate(mappings: Mappings, items: Iterable[ItemSnapshot], today: Day) -> Evaluation:
    """The board of a case from the newest snapshots of its items, in any order; `mappings` by name of the barrier."""
    case = Timeline(items, today)
    barriers = dict.fromkeys(_in_order(mappings), _unassessed(case))
    known = []
    for name in barriers:
        mapping = mappings.get(name)
        if name in case.declared or (mapping is not None and not mapping.knowing.isdisjoint(case.kinds)):
            one = _know(case, name, mapping)
            known.append(one)
            barriers[name] = one.barrier
    open_barriers = tuple([name for name, barrier in barriers.items() if barrier.status in OPEN_STATUSES])
    word, since = _stage(case, known, barriers)
    seen = case.now.case
    board = CaseBoard(
        ags=seen.fields.get("ags") if seen else None,
        stage=word,
        since=since,
        open_barriers=open_barriers,
        only_barrier=open_barriers[0] if len(open_barriers) == 1 else None,
        conflicts=_all_conflicts(case, barriers),
        barriers=barriers,
    )
    hidden = not case.lines or bool(seen and seen.fields.get("consentRevokedOn"))
    return Evaluation(board, _next_day(case, known), hidden)


def _in_order(mappings: Mappings) -> Sequence[str]:
    further = mappings.keys() - BARRIERS
    return (*BARRIERS, *sorted(further)) if further else BARRIERS


def _unassessed(case: Timeline) -> Barrier:
    """A barrier of which nothing was ever said."""
    since = case.days[0] if case.days else case.first_fact
    return Barrier(NOT_ASSESSED, False, None, since, None, None, None, (), (), ())


def _know(case: Timeline, name: str, mapping: BarrierMapping | None) -> _Known:
    finding, past, since = follow(name, mapping, case)
    status, verdict, today = finding.status, finding.verdict, case.today
    givers = [verdict.speak(seen) for seen in verdict.items]
    speaker = _speaker(givers, today)
    done = status in DONE
    shown = None if done else speaker
    stalling = [one.stalled_from for one in givers if one.stalled_from is not None] + [*verdict.stalled_from]
    barrier = Barrier(
        status=status,
        stalled=status in _STALLING and any(day <= today for day in stalling),
        turn=shown.turn if shown else None,
        since=since or case.first_fact,
        due_on=shown.due_on if shown else None,
        rule_id=shown.rule_id if shown else None,
        available_from=speaker.available_from if speaker else None,
        bridged_by=tuple(sorted({seen.fields["openingId"] for seen in finding.introductions})),
        conflicts=_conflicts(case, mapping, done=done),
        because=_because(finding, speaker),
    )
    if mapping is not None and mapping.days is not None:
        stalling += mapping.days(case.now)
    return _Known(name, past, barrier, stalling)


def _speaker(givers: Sequence[Giver], today: Day) -> Giver | None:
    """Of several items that give the status: a stalled one, else the earliest due, the oldest, the name."""
    if len(givers) < 2:
        return givers[0] if givers else None
    return min(
        givers,
        key=lambda one: (
            one.stalled_from is None or one.stalled_from > today,
            one.due_on or _LATEST,
            one.seen.fields["since"] or _LATEST,
            one.seen.name,
        ),
    )


def _because(finding: Finding, speaker: Giver | None) -> tuple[Because, ...]:
    if finding.status == BRIDGED:
        return tuple(_carried(seen.snapshot.because, seen) for seen in finding.introductions)
    return (_carried(_reasons(speaker), speaker.seen),) if speaker else ()


def _reasons(speaker: Giver) -> Sequence[Reference]:
    """The item's own reasons, or those of the types and the day that the mapping names."""
    snapshot, types, day = speaker.seen.snapshot, speaker.because, speaker.because_on
    if types is None:
        return snapshot.because
    return [one for one in snapshot.because if one.type in types and (day is None or one.occurred_on == day)]


def _carried(facts: Sequence[Reference], seen: Seen) -> Because:
    snapshot, body = seen.snapshot, seen.fields.get("body")
    if not isinstance(body, str):
        body = (facts or snapshot.facts)[-1].source.split("/", 2)[1]
    return Because(snapshot.service, snapshot.item, body, tuple(facts))


def _conflicts(case: Timeline, mapping: BarrierMapping | None, *, done: bool) -> tuple[ConflictEntry, ...]:
    """Those that the items tell; and as long as the barrier stands, those between items."""
    if mapping is None:
        return ()
    told = [entry for kind in mapping.items for line in case.kinds.get(kind, ()) for entry in line.snapshot.conflicts]
    if mapping.conflicts is not None and not done:
        told += mapping.conflicts(case.now)
    return tuple(told)


def _all_conflicts(case: Timeline, barriers: Mapping[str, Barrier]) -> tuple[ConflictEntry, ...]:
    """Those of all barriers in their order, then those of items that belong to none."""
    told = [entry for barrier in barriers.values() for entry in barrier.conflicts]
    told += [entry for line in case.lines for entry in line.snapshot.conflicts if entry not in told]
    return tuple(told)


def _stage(case: Timeline, known: Sequence[_Known], barriers: Mapping[str, Barrier]) -> tuple[str, Day]:
    begun = case.begun
    word = stage(case.now, begun, lambda: not any(_blocks(name, one.status) for name, one in barriers.items()))
    # A barrier that is never assessed blocks always; of the others the one that does so longest is asked first.
    never_ready = len(known) < len(barriers) and not {one.name for one in known}.issuperset(BARRIERS)
    if never_ready and INTRODUCTION not in case.kinds and not case.was_ever(CLOSED):
        # Only the first fact beside the opening makes a difference.
        at = bisect_left(case.days, begun or "")
        return word, case.days[at] if at < len(case.days) else case.first_fact
    walk = Walk(case.kinds, FACETS)
    asked = sorted(known, key=lambda one: (not _blocks(one.name, one.barrier.status), one.barrier.since))

    def was_ready(day: Day, begins: list[Day]) -> bool:
        if never_ready:
            return False
        assessed = []
        for one in asked:
            run = one.past.on(day)
            if _blocks(one.name, run.word):
                begins.append(run.begin)
                return False
            assessed.append(run.begin)
        begins += assessed
        return True

    def on(day: Day) -> Run:
        scene = walk.to(day)
        begins = [walk.begin]
        if begun is not None and begun <= day:
            begins.append(begun)
        return Run(stage(scene, begun, lambda: was_ready(day, begins)), max(begins))

    return word, Past(case.days, on).since(word) or case.first_fact


def _blocks(barrier: str, status: str) -> bool:
    """Whether a barrier keeps the case from being ready; one beside the four may be not assessed."""
    return status in OPEN_STATUSES or (status == NOT_ASSESSED and barrier in BARRIERS)


def _next_day(case: Timeline, known: Sequence[_Known]) -> Day | None:
    days = [day for one in known for day in one.next_days if day > case.today]
    if case.next_day is not None:
        days.append(case.next_day)
    return min(days, default=None)
