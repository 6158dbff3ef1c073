"""One case: the newest snapshots of its items and the day become the rows that are stored and said. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from services.coordinator.messages import (
    Occasion,
    barrier_fragment,
    barrier_message,
    case_fragment,
    case_message,
    says,
)
from services.coordinator.snapshots import ItemKey
from shared.contracts.fact import Day
from shared.contracts.snapshot import Cause
from shared.rules.board import Evaluation, ItemSnapshot, Mappings, evaluate

#: Before any day came: the case is due on whichever comes first.
AT_THE_FIRST_DAY = ""


class Said(NamedTuple):
    """A message as it was said last."""

    version: int
    value: bytes


@dataclass(slots=True)
class Case:
    """A case as its rows have it. `said` is None while nothing was derived."""

    id: str
    stamp: int = 0
    hidden: bool = True
    fault: bool = False
    ags: str | None = None
    next_day: Day | None = None
    changed_day: Day | None = None
    said: Said | None = None
    barriers: dict[str, Said] = field(default_factory=dict)
    items: dict[ItemKey, ItemSnapshot] = field(default_factory=dict)
    sequences: dict[ItemKey, int] = field(default_factory=dict)
    #: Stored snapshots that are not decoded, since a newer one has come.
    replaced: dict[ItemKey, bytes] = field(default_factory=dict)


class BarrierRow(NamedTuple):
    """One row of the table `barrier`, in the order of its columns."""

    case_id: str
    barrier: str
    version: int
    status: str
    stalled: bool
    turn: str | None
    said: bytes


class BoardRow(NamedTuple):
    """One row of the table `board`, in the order of its columns."""

    id: str
    stamp: int
    hidden: bool
    fault: bool
    ags: str | None
    stage: str
    only_barrier: str | None
    next_day: Day | None
    changed_day: Day | None
    version: int
    said: bytes


@dataclass(slots=True)
class Change:
    """What a derivation changes. `board` None: nothing; `toggled`: all that is said of the case is said again."""

    board: BoardRow | None
    barriers: list[BarrierRow]
    says_case: bool
    toggled: bool


def board_of(mappings: Mappings, items: Mapping[ItemKey, ItemSnapshot], day: Day | None) -> Evaluation:
    """The board of a case. While no day ever came, today is the newest day of the case's own facts, and the first day
    that comes looks at the case again: the board at last depends on nothing but the items and the last day.
    """
    if day is not None:
        return evaluate(mappings, items.values(), day)
    newest = max((fact.occurred_on for item in items.values() for fact in item.facts), default="0001-01-01")
    found = evaluate(mappings, items.values(), newest)
    return Evaluation(found.board, AT_THE_FIRST_DAY, found.hidden)


def change(case: Case, found: Evaluation, cause: Cause, time: str, by_day: Day | None) -> Change:
    """Compares what the rules found with what was said. `by_day` is the day that brought it about, if one did."""
    why = Occasion(time, cause)
    barriers = []
    for name, barrier in found.board.barriers.items():
        fragment = barrier_fragment(barrier)
        before = case.barriers.get(name)
        if before is not None and says(before.value, fragment):
            continue
        version = before.version + 1 if before else 1
        value = barrier_message(case.id, name, version, fragment, before.value if before else None, why)
        barriers.append(BarrierRow(case.id, name, version, barrier.status, barrier.stalled, barrier.turn, value))
    fragment = case_fragment(found.board)
    said, says_case = case.said, False
    if said is None or not says(said.value, fragment):
        version = said.version + 1 if said else 1
        said = Said(version, case_message(case.id, version, fragment, said.value if said else None, why))
        says_case = True
    toggled = found.hidden != case.hidden
    speaks = bool(barriers) or says_case or toggled
    ags = found.board.ags if isinstance(found.board.ags, str) else None
    if not (speaks or case.fault or ags != case.ags or found.next_day != case.next_day):
        return Change(None, [], False, False)
    row = BoardRow(
        id=case.id,
        stamp=case.stamp + speaks,
        hidden=found.hidden,
        fault=False,
        ags=ags,
        stage=found.board.stage,
        only_barrier=found.board.only_barrier,
        next_day=found.next_day,
        changed_day=by_day if by_day is not None and speaks else case.changed_day,
        version=said.version,
        said=said.value,
    )
    return Change(row, barriers, says_case, toggled and case.said is not None)
