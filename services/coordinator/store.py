"""Store: what snapshots and days do to the database, in one transaction each.

Every transaction that derives holds the one day row first, then the cases in key order; items are read after that.
What is written are only rows that changed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from services.coordinator.derive import BarrierRow, BoardRow, Case, Said, board_of, change
from services.coordinator.snapshots import Arrival, ItemKey, item_of
from shared.contracts.fact import Day
from shared.contracts.instant import instant_of
from shared.contracts.snapshot import UNREADABLE, Cause
from shared.engine.store import SQL as ENGINE_SQL
from shared.platform.postgres import read_statements
from shared.rules.board import Mappings

log = logging.getLogger(__name__)

SQL = read_statements(Path(__file__).parent / "sql" / "board.sql")

#: What brought a change about that no snapshot and no day did.
REDERIVED = Cause("/lotse/coordinator", "rederive", "lotse.coordinator.rederived.v1")
REBUILT = Cause("/lotse/coordinator", "rebuild", "lotse.coordinator.rebuilt.v1")

Connection = Any
Arrived = Mapping[str, Mapping[ItemKey, Arrival]]
#: Topic and partition, and the offset to read on from.
Ends = Mapping[tuple[str, int], int]


class Spoken(NamedTuple):
    """A message to be said: `barrier` is empty for the case itself, `value` None a tombstone."""

    case: str
    barrier: str
    value: bytes | None


@dataclass(slots=True)
class Outcome:
    """What a transaction did: messages, the stamps of their cases, and cases to be said again as they stand."""

    messages: list[Spoken] = field(default_factory=list)
    stamps: dict[str, int] = field(default_factory=dict)
    repeat: set[str] = field(default_factory=set)
    faults: int = 0
    unreadable: int = 0


@dataclass(slots=True)
class _Writes:
    items: list[tuple[str, str, str, int, bytes]] = field(default_factory=list)
    barriers: list[BarrierRow] = field(default_factory=list)
    boards: list[BoardRow] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Store:
    """The store step. `now` gives milliseconds since 1970, for the `time` of messages."""

    def __init__(self, mappings: Mappings, now: Callable[[], int]) -> None:
        self.mappings, self._now = mappings, now

    async def snapshots(self, connection: Connection, arrived: Arrived, ends: Ends) -> Outcome:
        """Takes over what is newer than what is stored, derives each case once, and notes where to read on."""
        async with connection.transaction():
            day = await connection.fetchval(SQL["hold_day"])
            outcome = await self._take_over(connection, arrived, day) if arrived else Outcome()
            await self.note_progress(connection, ends)
            return outcome

    async def note_progress(self, connection: Connection, ends: Ends) -> None:
        """Writes where to read on."""
        if ends:
            rows = [(topic, partition, end) for (topic, partition), end in sorted(ends.items())]
            await connection.execute(ENGINE_SQL["write_progress"], *_columns(rows))

    async def begin_day(self, connection: Connection, day: Day, ends: Ends) -> None:
        """Raises the day. It waits for all who derive with the day before: a scan afterwards sees their rows."""
        async with connection.transaction():
            await connection.execute(SQL["raise_day"], day)
            await self.note_progress(connection, ends)

    async def by_day(self, connection: Connection, cases: Sequence[str]) -> Outcome:
        """Derives cases, in key order, that are due on the newest day."""
        async with connection.transaction():
            day = await connection.fetchval(SQL["hold_day"])
            cause = Cause("/lotse/clock", day, "lotse.clock.day-began.v1")
            return await self._derive_all(connection, cases, day, cause, day)

    async def again(self, connection: Connection, cases: Sequence[str], cause: Cause = REDERIVED) -> Outcome:
        """Derives cases, in key order, that no snapshot and no day has changed: the rules did, or the board is new."""
        async with connection.transaction():
            day = await connection.fetchval(SQL["hold_day"])
            return await self._derive_all(connection, cases, day, cause, None)

    async def keep(self, connection: Connection, arrived: Arrived) -> int:
        """Keeps snapshots without deriving anything, for a board that is being made anew; returns how many it could not
        read.
        """
        rows, unreadable = [], 0
        for name in sorted(arrived):
            for key, one in arrived[name].items():
                try:
                    item_of(*key, one.sequence, one.value)
                    rows.append((name, *key, one.sequence, one.value))
                except UNREADABLE:
                    unreadable += 1
        async with connection.transaction():
            await connection.execute(SQL["insert_cases"], sorted(arrived))
            await _write(connection, _Writes(items=rows))
        return unreadable

    async def _take_over(self, connection: Connection, arrived: Arrived, day: Day | None) -> Outcome:
        names = sorted(arrived)
        await connection.execute(SQL["insert_cases"], names)
        cases = await self._load(connection, names, arrived)
        outcome, writes, time = Outcome(), _Writes(), instant_of(self._now())
        for name in names:
            case = cases[name]
            cause: Cause | None = None
            for key, one in arrived[name].items():
                if case.sequences.get(key, 0) < one.sequence:
                    try:
                        case.items[key] = item_of(*key, one.sequence, one.value)
                    except UNREADABLE:
                        outcome.unreadable += 1
                        if key in case.replaced:
                            case.items[key] = item_of(*key, case.sequences[key], case.replaced[key])
                        continue
                    writes.items.append((name, *key, one.sequence, one.value))
                    cause = one.cause
                else:
                    # Nothing new: what this snapshot once brought about may have been left unsaid by a death.
                    outcome.repeat.add(name)
            if cause is not None:
                self._derive(case, day, cause, time, None, writes, outcome)
        await _write(connection, writes)
        return outcome

    async def _derive_all(
        self, connection: Connection, names: Sequence[str], day: Day | None, cause: Cause, by_day: Day | None
    ) -> Outcome:
        cases = await self._load(connection, names)
        outcome, writes, time = Outcome(), _Writes(), instant_of(self._now())
        for name in names:
            if name in cases:
                self._derive(cases[name], day, cause, time, by_day, writes, outcome)
        await _write(connection, writes)
        return outcome

    def _derive(
        self,
        case: Case,
        day: Day | None,
        cause: Cause,
        time: str,
        by_day: Day | None,
        writes: _Writes,
        outcome: Outcome,
    ) -> None:
        try:
            found = change(case, board_of(self.mappings, case.items, day), cause, time, by_day)
        except Exception:
            # One case that the rules stumble over must not stop the others; it keeps its last board and a mark.
            log.error("a board could not be derived", exc_info=True, extra={"case": case.id})
            self._fault(case, writes, outcome)
            return
        board = found.board
        if board is None:
            return
        writes.boards.append(board)
        writes.barriers += found.barriers
        if found.toggled:
            outcome.repeat.add(case.id)
        elif board.stamp != case.stamp:
            said = [Spoken(case.id, row.barrier, None if board.hidden else row.said) for row in found.barriers]
            if found.says_case:
                said.append(Spoken(case.id, "", None if board.hidden else board.said))
            outcome.messages += said
            outcome.stamps[case.id] = board.stamp

    def _fault(self, case: Case, writes: _Writes, outcome: Outcome) -> None:
        writes.faults.append(case.id)
        outcome.faults += 1

    async def _load(
        self, connection: Connection, names: Sequence[str], arrived: Arrived | None = None
    ) -> dict[str, Case]:
        """Locks cases in key order and reads what is stored of them; what `arrived` replaces is not decoded."""
        cases: dict[str, Case] = {}
        for row in await connection.fetch(SQL["lock_cases"], names):
            name, stamp, hidden, fault, ags, next_day, changed_day, version, said = row
            known = Said(version, said) if version else None
            cases[name] = Case(name, stamp, hidden, fault, ags, next_day, changed_day, known)
        for name, barrier, version, said in await connection.fetch(SQL["barriers_of_cases"], names):
            cases[name].barriers[barrier] = Said(version, said)
        for name, service, item, sequence, value in await connection.fetch(SQL["items_of_cases"], names):
            case, key = cases[name], (service, item)
            case.sequences[key] = sequence
            newer = arrived[name].get(key) if arrived else None
            if newer is None or newer.sequence <= sequence:
                case.items[key] = item_of(service, item, sequence, value)
            else:
                case.replaced[key] = value
        return cases


async def _write(connection: Connection, writes: _Writes) -> None:
    """One statement per table, rows in key order."""
    if writes.items:
        await connection.execute(SQL["write_items"], *_columns(writes.items))
    if writes.barriers:
        await connection.execute(SQL["write_barriers"], *_columns(writes.barriers))
    if writes.boards:
        await connection.execute(SQL["write_boards"], *_columns(writes.boards))
    if writes.faults:
        await connection.execute(SQL["mark_faults"], writes.faults)


def _columns(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
