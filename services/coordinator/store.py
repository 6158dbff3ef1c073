"""Store: what snapshots and days do to the database, in one transaction each.

Every transaction that derives holds the one day row first, then the rows of its cases, in key order. A case is one row,
so one statement locks and reads and one writes. What is written are only rows that changed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from services.coordinator.copied import Copy
from services.coordinator.derive import Case, Change, Standing, board_of, change, level_of
from services.coordinator.messages import message
from services.coordinator.packed import Item, ItemKey, pack_items, pack_said, unpack_items, unpack_said
from services.coordinator.snapshots import Arrival
from shared.contracts.fact import Day
from shared.contracts.instant import instant_of
from shared.contracts.snapshot import UNREADABLE, Cause
from shared.engine.store import SQL as ENGINE_SQL
from shared.platform.postgres import read_statements
from shared.rules.board import ItemSnapshot, Mappings

log = logging.getLogger(__name__)

SQL = read_statements(Path(__file__).parent / "sql" / "board.sql")

#: What brought a change about that no snapshot and no day did.
REDERIVED = Cause("/lotse/coordinator", "rederive", "lotse.coordinator.rederived.v1")
REBUILT = Cause("/lotse/coordinator", "rebuild", "lotse.coordinator.rebuilt.v1")

Connection = Any
Done = TypeVar("Done")
Arrived = Mapping[str, Mapping[ItemKey, Arrival]]
Snapshots = dict[ItemKey, ItemSnapshot]
#: Topic and partition, and the offset to read on from.
Ends = Mapping[tuple[str, int], int]

#: Cases derived before the event loop gets its turn: heartbeats, answers of the broker, the other transaction.
_SLICE = 100
#: Reports that a line of the log names at most.
_SOME = 20

_encode = msgspec.json.Encoder().encode


class Overtaken(Exception):
    """Another process was first to write the row of a case that is new; the transaction is repeated."""


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
    #: When the reports were received that brought the changes of cases about, of each case the first.
    received: dict[str, int] = field(default_factory=dict)
    faults: int = 0
    unreadable: int = 0


@dataclass(slots=True)
class Made:
    """What came of cases that were made anew: those that differ from what was said of them, as (case, keys, whether all
    that there is of it is to be said), and those that could not be derived, of which only the items were written.
    """

    differs: list[tuple[str, list[str], bool]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class _Row(msgspec.Struct, frozen=True, gc=False):
    """A row as `write_boards` reads it; packed columns are told by where they begin, null if they stay."""

    id: str
    is_new: bool
    stamp: int
    version: int
    hidden: bool
    ags: str | None
    stage: str
    only_barrier: str | None
    level: str | None
    standing: list[Standing]
    marks: list[str]
    next_day: Day | None
    changed_day: Day | None
    said_at: int | None
    said_size: int
    items_at: int | None
    items_size: int


class _Kept(msgspec.Struct, frozen=True, gc=False):
    """A row as `keep_items` reads it."""

    id: str
    is_new: bool
    items_at: int | None
    items_size: int


class _Writes:
    """The rows that one transaction writes, and their packed columns, one after another."""

    def __init__(self) -> None:
        self.rows: list[_Row] = []
        self.items: list[_Kept] = []
        self.faults: list[_Kept] = []
        self.packed = bytearray()

    def board(self, case: Case, found: Change, items_changed: bool) -> None:
        """A case that was derived."""
        told = found.said if found.said is not None else case.said if case.is_new else None
        said = self._put(pack_said(told) if told is not None else None)
        items = self._put(pack_items(case.items) if items_changed else None)
        self.rows.append(_Row(case.id, case.is_new, *found.columns, *said, *items))

    def kept(self, case: Case, items_changed: bool) -> _Kept:
        """The items of a case."""
        return _Kept(case.id, case.is_new, *self._put(pack_items(case.items) if items_changed else None))

    def _put(self, packed: bytes | None) -> tuple[int | None, int]:
        if packed is None:
            return None, 0
        place = len(self.packed) + 1
        self.packed += packed
        return place, len(packed)


class _Copies(_Writes):
    """The same for cases that have no row yet: those that were derived are copied."""

    def __init__(self, copy: Copy) -> None:
        super().__init__()
        self._copy = copy

    def board(self, case: Case, found: Change, items_changed: bool) -> None:
        """A case that was derived."""
        said = case.packed if found.said is None and case.packed is not None else pack_said(found.said or case.said)
        self._copy.add(case.id, found.columns, said, pack_items(case.items) if case.items else None)


class Store:
    """The store step. `now` gives milliseconds since 1970, for the `time` of messages."""

    def __init__(self, mappings: Mappings, now: Callable[[], int]) -> None:
        self.mappings, self._now = mappings, now

    async def snapshots(self, connection: Connection, arrived: Arrived, ends: Ends) -> Outcome:
        """Takes over what is newer than what is stored, derives each case once, and notes where to read on."""

        async def work() -> Outcome:
            day = await connection.fetchval(SQL["hold_day"])
            return await self._take_over(connection, arrived, day, ends)

        return await _transaction(connection, work)

    async def note_progress(self, connection: Connection, ends: Ends) -> None:
        """Writes where to read on."""
        if ends:
            await connection.execute(ENGINE_SQL["write_progress"], *_columns_of(ends))

    async def begin_day(self, connection: Connection, day: Day, ends: Ends) -> None:
        """Raises the day. It waits for all who derive with the day before: a scan afterwards sees their rows."""
        async with connection.transaction():
            await connection.execute(SQL["raise_day"], day)
            await self.note_progress(connection, ends)

    async def by_day(self, connection: Connection, cases: Sequence[str]) -> Outcome:
        """Derives cases, in key order, that are due on the newest day."""

        async def work() -> Outcome:
            day = await connection.fetchval(SQL["hold_day"])
            cause = Cause("/lotse/clock", day, "lotse.clock.day-began.v1")
            return await self._derive_all(connection, cases, day, cause, day)

        return await _transaction(connection, work)

    async def again(self, connection: Connection, cases: Sequence[str], cause: Cause = REDERIVED) -> Outcome:
        """Derives cases, in key order, that no snapshot and no day has changed: the rules did, or the board is new."""

        async def work() -> Outcome:
            day = await connection.fetchval(SQL["hold_day"])
            return await self._derive_all(connection, cases, day, cause, None)

        return await _transaction(connection, work)

    async def keep(self, connection: Connection, arrived: Arrived) -> int:
        """Keeps snapshots without deriving anything, for a board that is being made anew; returns how many it could not
        read.
        """

        async def work() -> int:
            outcome, writes, kept = Outcome(), _Writes(), list[_Kept]()
            for case in await self._load(connection, sorted(arrived)):
                if _take(case, arrived[case.id], {}, outcome) is not None:
                    kept.append(writes.kept(case, True))
            await _keep(connection, kept, writes, False)
            return outcome.unreadable

        return await _transaction(connection, work)

    async def make(self, connection: Connection, heard: Iterable[Case]) -> Made:
        """Derives and writes cases that have no row yet, for a board that is being made anew; they bring their newest
        items and what was said of them.
        """
        made, outcome, time = Made(), Outcome(), instant_of(self._now())
        async with connection.transaction():
            day, standing_type = await connection.fetchrow(SQL["hold_day_of_copies"])
            copy = Copy(standing_type, datetime.fromtimestamp(self._now() / 1000, UTC))
            writes = _Copies(copy)
            for case in heard:
                decoded: Snapshots = {}
                for key, item in list(case.items.items()):
                    try:
                        decoded[key] = item.snapshot()
                    except UNREADABLE:
                        del case.items[key]
                if case.items or case.said:
                    changed = self._derive(case, decoded, day, REBUILT, time, None, writes, outcome)
                    if changed is not None and (changed.news or changed.toggled):
                        made.differs.append((case.id, list(changed.news), changed.toggled))
            await copy.write(connection)
            await _write(connection, writes, {})
        made.faults += [row.id for row in writes.faults]
        return made

    async def _take_over(self, connection: Connection, arrived: Arrived, day: Day | None, ends: Ends) -> Outcome:
        outcome, writes, time = Outcome(), _Writes(), instant_of(self._now())
        for number, case in enumerate(await self._load(connection, sorted(arrived)), 1):
            if number % _SLICE == 0:
                await asyncio.sleep(0)
            decoded: Snapshots = {}
            cause = _take(case, arrived[case.id], decoded, outcome)
            if cause is not None:
                changed = self._derive(case, decoded, day, cause, time, None, writes, outcome)
                _tell(case, changed, outcome)
        await _write(connection, writes, ends)
        return outcome

    async def _derive_all(
        self, connection: Connection, names: Sequence[str], day: Day | None, cause: Cause, by_day: Day | None
    ) -> Outcome:
        outcome, writes, time = Outcome(), _Writes(), instant_of(self._now())
        for case in await self._load(connection, names):
            if not case.is_new:
                _tell(case, self._derive(case, {}, day, cause, time, by_day, writes, outcome), outcome)
        await _write(connection, writes, {})
        return outcome

    def _derive(
        self,
        case: Case,
        decoded: Snapshots,
        day: Day | None,
        cause: Cause,
        time: str,
        by_day: Day | None,
        writes: _Writes,
        outcome: Outcome,
    ) -> Change | None:
        """Derives one case and tells what changed; `decoded` are its new items, stored whatever the rules find."""
        try:
            snapshots = {key: decoded.get(key) or item.snapshot() for key, item in case.items.items()}
            found = board_of(self.mappings, snapshots.values(), day)
            changed = change(case, found, level_of(snapshots), cause, time, by_day)
        except Exception:
            # One case that the rules stumble over must not stop the others; it keeps its last board and a mark.
            log.error(
                "a board could not be derived",
                exc_info=True,
                extra=named(case.items[key] for key in decoded or case.items),
            )
            outcome.faults += 1
            writes.faults.append(writes.kept(case, bool(decoded)))
            return None
        if changed is not None:
            writes.board(case, changed, bool(decoded))
        elif decoded:
            writes.items.append(writes.kept(case, True))
        return changed

    async def _load(self, connection: Connection, names: Sequence[str]) -> list[Case]:
        """Locks cases in key order and reads what is stored of them; of a case without a row nothing is known."""
        cases = [Case(name) for name in names]
        for row in await connection.fetch(SQL["lock_cases"], ",".join(names)):
            case = cases[row[0] - 1]
            (_, case.stamp, case.hidden, case.fault, case.ags, case.stage, case.only_barrier, case.level, case.next_day,
             case.changed_day, said, items) = row  # fmt: skip
            case.is_new, case.said = False, unpack_said(said)
            case.items = {(item.service, item.name): item for item in unpack_items(items)}
        return cases


async def _transaction(connection: Connection, work: Callable[[], Awaitable[Done]]) -> Done:
    """Does something in one transaction, again if another process was first to write a row that is new."""
    while True:
        try:
            async with connection.transaction():
                return await work()
        except Overtaken:
            continue


def _take(case: Case, arrived: Mapping[ItemKey, Arrival], decoded: Snapshots, outcome: Outcome) -> Cause | None:
    """Takes over the snapshots that are newer than what is stored; returns the last of them as a cause."""
    cause: Cause | None = None
    for key, arrival in arrived.items():
        stored = case.items.get(key)
        if stored is not None and stored.sequence >= arrival.sequence:
            # Nothing new: what this snapshot once brought about may have been left unsaid by a death.
            outcome.repeat.add(case.id)
            continue
        item = arrival.item(key[0])
        try:
            decoded[key] = item.snapshot()
        except UNREADABLE:
            outcome.unreadable += 1
            continue
        case.items[key] = item
        cause = arrival.cause
        if arrival.received_at:
            received = outcome.received.get(case.id)
            if received is None or arrival.received_at < received:
                outcome.received[case.id] = arrival.received_at
    return cause


def named(items: Iterable[Item]) -> dict[str, Any]:
    """Items as a log names them: by the services that said them, and ids of some of the reports that they rest on."""
    services, reports = set(), set()
    for item in items:
        services.add(item.service)
        with suppress(*UNREADABLE):
            reports |= {f"{fact.source}#{fact.id}" for fact in item.snapshot().facts}
    return {"said_by": sorted(services), "reports": sorted(reports)[:_SOME], "count": len(reports)}


def _tell(case: Case, changed: Change | None, outcome: Outcome) -> None:
    """Notes what is to be said of a case if it changed."""
    if changed is None:
        return
    if changed.toggled:
        outcome.repeat.add(case.id)
    elif changed.columns.stamp != case.stamp:
        hidden, said = changed.columns.hidden, changed.said or {}
        for name in changed.news:
            outcome.messages.append(Spoken(case.id, name, None if hidden else message(case.id, name, said[name])))
        outcome.stamps[case.id] = changed.columns.stamp


async def _write(connection: Connection, writes: _Writes, ends: Ends) -> None:
    """Writes what changed, rows in key order, and where to read on. Raises Overtaken."""
    await _keep(connection, writes.items, writes, False)
    await _keep(connection, writes.faults, writes, True)
    if writes.rows or ends:
        text = _encode(writes.rows).decode()
        fresh = await connection.fetchval(SQL["write_boards"], text, writes.packed, *_columns_of(ends))
        if fresh < sum(row.is_new for row in writes.rows):
            raise Overtaken


async def _keep(connection: Connection, rows: Sequence[_Kept], writes: _Writes, fault: bool) -> None:
    """Writes items of cases that are not derived, or could not be. Raises Overtaken."""
    if rows:
        fresh = await connection.fetchval(SQL["keep_items"], _encode(rows).decode(), writes.packed, fault)
        if fresh < sum(row.is_new for row in rows):
            raise Overtaken


def _columns_of(ends: Ends) -> tuple[list[str], list[int], list[int]]:
    """Topics, partitions and offsets, in key order."""
    places = sorted(ends)
    return [topic for topic, _ in places], [number for _, number in places], [ends[place] for place in places]
