"""The board of one case, a pure function of the newest snapshots of its items and the day (states.md §§6–7).

It never knows what was said before, so a rebuild, another order or another batch gives the same board (laws 1, 4, 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.contracts.board import BARRIERS, Barrier, Because, CaseBoard
from shared.contracts.fact import Day
from shared.contracts.snapshot import ConflictEntry, Reference
from shared.rules.barrier import (
    BRIDGED,
    IN_PROGRESS,
    NOT_A_BARRIER,
    NOT_ASSESSED,
    OPEN,
    RESOLVED,
    BarrierMapping,
    Giver,
    Verdict,
)
from shared.rules.scene import CASE, INTRODUCTION, ItemSnapshot, Seen
from shared.rules.stage import CLOSED, stage
from shared.rules.timeline import Timeline
from shared.rules.track import OPEN_STATUSES, Finding, Track

__all__ = ["Evaluation", "ItemSnapshot", "Mappings", "evaluate"]

Mappings = Mapping[str, BarrierMapping]

_STALLING = frozenset({OPEN, IN_PROGRESS})
_DONE = frozenset({RESOLVED, NOT_A_BARRIER})
_LATEST = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A case on one day.

    `next_day` is the first later day on which anything of the board can change if nothing more is reported (None:
    never); up to the day before, the board is this one. `hidden`: nobody but intake may see the case, because its
    consent was revoked or because no report on it stands.
    """

    board: CaseBoard
    next_day: Day | None
    hidden: bool


def evaluate(mappings: Mappings, items: Iterable[ItemSnapshot], today: Day) -> Evaluation:
    """The board of a case from the newest snapshots of its items, in any order; `mappings` by name of the barrier."""
    case = Timeline(items, today)
    tracks = [Track(barrier, mappings.get(barrier), case) for barrier in _in_order(mappings)]
    findings = [track.find(case.now) for track in tracks]
    barriers = {track.barrier: _barrier(case, track, finding) for track, finding in zip(tracks, findings, strict=True)}
    open_barriers = tuple(name for name, barrier in barriers.items() if barrier.status in OPEN_STATUSES)
    word, since = _stage(case, tracks, barriers)
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
    return Evaluation(board, _next_day(case, tracks, findings), hidden)


def _in_order(mappings: Mappings) -> Sequence[str]:
    return (*BARRIERS, *sorted(mappings.keys() - set(BARRIERS)))


def _barrier(case: Timeline, track: Track, finding: Finding) -> Barrier:
    if track.silent:
        return Barrier(NOT_ASSESSED, False, None, track.since(NOT_ASSESSED), None, None, None, (), (), ())
    today = case.today
    status, verdict = finding.status, finding.verdict
    speaker = _speaker(verdict.givers, today)
    done = status in _DONE
    shown = None if done else speaker
    return Barrier(
        status=status,
        stalled=status in _STALLING and _is_stalled(verdict, today),
        turn=shown.turn if shown else None,
        since=track.since(status),
        due_on=shown.due_on if shown else None,
        rule_id=shown.rule_id if shown else None,
        available_from=speaker.available_from if speaker else None,
        bridged_by=tuple(sorted({seen.fields["openingId"] for seen in finding.introductions})),
        conflicts=_conflicts(case, track.mapping, done=done),
        because=_because(finding, speaker),
    )


def _speaker(givers: Sequence[Giver], today: Day) -> Giver | None:
    """Of several items that give the status: a stalled one, else the earliest due, the oldest, the name."""
    if len(givers) < 2:
        return givers[0] if givers else None
    return min(
        givers,
        key=lambda one: (
            not _is_past(one.stalled_from, today),
            one.due_on or _LATEST,
            one.seen.fields["since"] or _LATEST,
            one.seen.name,
        ),
    )


def _is_stalled(verdict: Verdict, today: Day) -> bool:
    return any(_is_past(one.stalled_from, today) for one in verdict.givers) or any(
        day <= today for day in verdict.stalled_from
    )


def _is_past(stalled_from: Day | None, today: Day) -> bool:
    return stalled_from is not None and stalled_from <= today


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
    reporter = (facts or snapshot.facts)[-1].source.split("/", 2)[1]
    return Because(snapshot.service, snapshot.item, body if isinstance(body, str) else reporter, tuple(facts))


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


def _stage(case: Timeline, tracks: Sequence[Track], barriers: Mapping[str, Barrier]) -> tuple[str, Day]:
    begun = case.begun
    blocking = [track for track in tracks if _unready(track, barriers[track.barrier].status)]
    word = stage(case.now, begun, lambda: not blocking)
    # Since then one and the same barrier keeps the case from being ready, so that the others need not be asked.
    blocking.sort(key=lambda track: barriers[track.barrier].since)
    longest = next((track for track in blocking if track.runs_on(barriers[track.barrier].status)), None)
    blocked_since = barriers[longest.barrier].since if longest else _LATEST

    def is_ready(day: Day) -> bool:
        return day < blocked_since and not any(_unready(track, track.status_on(day)) for track in tracks)

    # On days before, any barrier may turn; on later ones, only the case or an introduction.
    closes = any(line.was_ever(CLOSED) for line in case.kinds.get(CASE, ()))
    turns = case.starts((CASE, INTRODUCTION) if closes else (INTRODUCTION,))
    turns.update(case.until(blocked_since), case.from_on(begun))
    return word, case.since(word, case.telling(turns), lambda day: stage(case.on(day), begun, lambda: is_ready(day)))


def _unready(track: Track, status: str) -> bool:
    """Whether a barrier keeps the case from being ready; one beside the four may be not assessed."""
    return status in OPEN_STATUSES or (status == NOT_ASSESSED and track.barrier in BARRIERS)


def _next_day(case: Timeline, tracks: Sequence[Track], findings: Sequence[Finding]) -> Day | None:
    days = [case.next_day] if case.next_day is not None else []
    for track, finding in zip(tracks, findings, strict=True):
        if track.silent:
            continue
        days += [one.stalled_from for one in finding.verdict.givers if one.stalled_from]
        days += finding.verdict.stalled_from
        if track.mapping is not None and track.mapping.days is not None:
            days += track.mapping.days(case.now)
    return min([day for day in days if day > case.today], default=None)
