"""Store: what a batch of records does to a service's database, in one transaction.

The unit of locking is the subject. Facts are read after the lock; whether a report is new, a duplicate or a reused id
is decided by what the insert returned; items are derived from the whole set of their facts, and only what changed is
written. Every record leaves one row: a fact or an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from shared.contracts.envelope import Report
from shared.contracts.snapshot import Cause, decode_snapshot
from shared.engine.decide import (
    Admitted,
    Before,
    Given,
    Outcome,
    Position,
    Writes,
    admit,
    set_aside,
    settle,
)
from shared.engine.derive import ParentsMoved, SubjectWork, derive_work
from shared.engine.rows import AnswerRow, FactRow, ItemRow, fact_row
from shared.engine.service import Service
from shared.platform.postgres import read_statements
from shared.rules.model import Context, FactKey, State

SQL = read_statements(Path(__file__).parent / "sql" / "store.sql")

Connection = Any
#: Topic, partition and the offset to read on from.
Ends = Sequence[tuple[str, int, int]]
#: Topic, partition, first offset and the one behind the last.
Spans = Sequence[tuple[str, int, int, int]]


class KeysTaken(Exception):
    """Ids of the batch that are stored under another subject; the transaction is repeated knowing them."""

    def __init__(self, keys: set[FactKey]) -> None:
        super().__init__(len(keys))
        self.keys = keys


class Store:
    """The store step of one service. `context` gives the Länder of the bodies, `now` milliseconds since the epoch."""

    def __init__(self, service: Service, context: Callable[[], Context], now: Callable[[], int]) -> None:
        self.service, self._context, self._now = service, context, now
        self._unprompted = Cause(f"/lotse/{service.name}", "rederive", f"lotse.{service.name}.rederived.v1")

    async def batch(
        self, connection: Connection, batch: Sequence[Admitted], ends: Ends = (), *, derive: bool = True
    ) -> Outcome:
        """Stores a batch, and with it where to read on, where `ends` says so. Raises what the database raises.

        Without `derive` new facts are kept as `internal.fault`.
        """
        taken: dict[FactKey, FactRow] = {}
        parents: set[str] = set()
        while True:
            try:
                async with connection.transaction():
                    return await self._store(connection, batch, ends, taken, parents, derive)
            except KeysTaken as reused:
                taken |= await self._facts_by_key(connection, reused.keys)
            except ParentsMoved as moved:
                parents |= moved.parents

    async def set_aside(self, connection: Connection, batch: Sequence[Admitted]) -> Outcome:
        """Answers records that cannot be stored as what they are; they are known by their coordinates alone."""
        outcome = set_aside(batch, self._now())
        await self._write_answers(connection, outcome.answers)
        return outcome

    async def note_progress(self, connection: Connection, ends: Ends) -> None:
        """Writes where to read on."""
        await connection.execute(SQL["write_progress"], *_columns(ends, 3))

    async def derive_again(
        self, connection: Connection, subjects: Sequence[str], cause: Cause | None = None, *, raised: int = 0
    ) -> Outcome:
        """Derives subjects anew from what is stored: after a change of rules or of a parent, or a fault mended.

        With `raised` the sequence of every item rises by so much and one, also where nothing else changed.
        """
        parents: set[str] = set()
        while True:
            try:
                async with connection.transaction():
                    return await self._derive_again(connection, subjects, parents, cause, raised)
            except ParentsMoved as moved:
                parents |= moved.parents

    async def stale_children(self, connection: Connection, parents: Sequence[str], limit: int) -> list[str]:
        """Children derived from an older state of their parents, at most `limit`, in key order."""
        rows = await connection.fetch(SQL["stale_children"], parents, self.service.parent_item, limit)
        return [row["child"] for row in rows]

    async def _derive_again(
        self, connection: Connection, subjects: Sequence[str], parents: set[str], cause: Cause | None, raised: int
    ) -> Outcome:
        outcome, now = Outcome(), self._now()
        work = await self._load(connection, sorted(subjects), parents, set(), outcome)
        await self._load_items(connection, work, ())
        for subject in work.values():
            subject.again = True
            if raised:
                subject.items = {
                    name: ItemRow(row.sequence + raised, b"", row.fault) for name, row in subject.items.items()
                }
        derive_work(self.service, work.values(), self._context(), now)
        writes = settle(self.service, work, outcome, cause, self._unprompted, now)
        await self._write(connection, writes, outcome, ())
        return outcome

    async def _store(
        self,
        connection: Connection,
        batch: Sequence[Admitted],
        ends: Ends,
        taken: Mapping[FactKey, FactRow],
        parents: set[str],
        derive: bool,
    ) -> Outcome:
        outcome, now = Outcome(), self._now()
        reports = [report for _, report in batch if isinstance(report, Report)]
        subjects = sorted({report.subject for report in reports})
        own: set[str] = set()
        if derive and self.service.parent_item:
            parents = parents | {parent for report in reports if (parent := self.service.parent_of(report.fact))}
            own = {report.subject for report in reports if report.fact.item == self.service.parent_item}
        work = await self._load(connection, subjects, parents, own, outcome)
        answered = await self._load_items(connection, work, _spans_of(batch))
        before = Before(taken, await self._answers_before(connection, batch, answered))
        admit(batch, work, before, outcome, now)
        if derive:
            derive_work(self.service, work.values(), self._context(), now)
        else:
            for subject in work.values():
                subject.fail()
        writes = settle(self.service, work, outcome, None, self._unprompted, now)
        await self._write(connection, writes, outcome, ends)
        return outcome

    async def _load(
        self, connection: Connection, subjects: Sequence[str], parents: set[str], own: set[str], outcome: Outcome
    ) -> dict[str, SubjectWork]:
        """Locks parents, then the other subjects, each in key order, and reads what is stored of them afterwards.

        `own` are subjects that are parents themselves, as far as the batch tells.
        """
        if not subjects:
            return {}
        work = {subject: SubjectWork(subject, parents={}) for subject in subjects}
        if self.service.parent_item:
            await self._lock_parents(connection, work, parents, own)
        listed = ",".join(subjects)
        await connection.execute(SQL["insert_subjects"], listed)
        locked = await connection.fetch(SQL["lock_subjects"], listed)
        outcome.hidden |= {row["id"] for row in locked if row["hidden"]}
        for row in await connection.fetch(SQL["facts_of_subjects"], listed):
            stored = fact_row(row)
            work[stored.subject].facts[row[0], row[1]] = stored
        return work

    async def _load_items(self, connection: Connection, work: Mapping[str, SubjectWork], spans: Spans) -> set[Position]:
        """Reads the items of locked subjects and, in the same round trip, the positions that were answered before."""
        answered: set[Position] = set()
        rows = await connection.fetch(SQL["items_and_answered"], ",".join(work), *_columns(spans, 4))
        for name, item, number, content, fault, partition in rows:
            if partition is None:
                work[name].items[item] = ItemRow(number, content, fault)
            else:
                answered.add((name, partition, number))
        return answered

    async def _lock_parents(
        self, connection: Connection, work: Mapping[str, SubjectWork], parents: set[str], own: set[str]
    ) -> None:
        """Holds the parents that are read, and locks those that change, before any child; reads their states.

        All in one statement in key order, shared when the batch changes none: two batches never wait for each other.
        """
        subjects = list(work)
        for row in await connection.fetch(SQL["parents_of_subjects"], subjects):
            work[row["child"]].linked.add(row["parent"])
        read = {parent for subject in work.values() for parent in subject.linked} | parents
        own = own | {
            row["id"] for row in await connection.fetch(SQL["which_are_parents"], subjects, self.service.parent_item)
        }
        wanted = sorted(read | own)
        if not wanted:
            return
        await connection.execute(SQL["insert_subjects"], ",".join(wanted))
        lock = "lock_subjects" if own or read & work.keys() else "share_subjects"
        await connection.fetch(SQL[lock], ",".join(wanted))
        states: dict[str, tuple[int, State]] = {parent: (0, {}) for parent in read}
        for row in await connection.fetch(SQL["parent_states"], sorted(read), self.service.parent_item):
            states[row["subject"]] = (row["sequence"], decode_snapshot(row["said"]).data.state)
        for subject in work.values():
            subject.parents = states

    async def _answers_before(
        self,
        connection: Connection,
        batch: Sequence[Admitted],
        answered: set[Position],
    ) -> dict[Position, Given]:
        """What the records of the batch were answered before; any of them may have come before."""
        positions = sorted(answered.intersection(place[:3] for place, _ in batch)) if answered else ()
        if not positions:
            return {}
        rows = await connection.fetch(SQL["answers_at"], *_columns(positions))
        return {(row["topic"], row["partition"], row["offset"]): Given(*tuple(row.values())[3:]) for row in rows}

    async def _write(self, connection: Connection, writes: Writes, outcome: Outcome, ends: Ends) -> None:
        """Writes what changed, rows in key order: what is rare by a statement each, the rest by one.

        Where to read on comes last, since other processes may wait for it. Raises KeysTaken.
        """
        if writes.changed:
            columns = [(r.fact.source, r.fact.id, r.code, r.version, r.fact.time, r.decided_at) for r in writes.changed]
            await connection.execute(SQL["update_standings"], columns)
        if writes.links:
            await connection.execute(SQL["write_links"], *_columns(writes.links))
        if writes.unlinked:
            await connection.execute(SQL["delete_links"], *_columns(writes.unlinked))
        if writes.failed:
            await connection.execute(SQL["mark_faults"], writes.failed, True)
        if writes.mended:
            await connection.execute(SQL["mark_faults"], writes.mended, False)
        if outcome.turned:
            await connection.execute(SQL["delete_answers"], *_columns(outcome.turned))
        if outcome.answers:
            await self._write_answers(connection, outcome.answers)
        if writes.new or writes.items or ends:
            facts = [_fact_columns(row) for row in writes.new]
            items = [write.columns for write in writes.items]
            stored = await connection.fetchval(SQL["write_batch"], facts, items, *_columns(ends, 3))
            if stored < len(facts):
                raise KeysTaken({row.key for row in writes.new})

    async def _write_answers(self, connection: Connection, answers: Iterable[AnswerRow]) -> None:
        columns = [
            (*row.place[:3], row.source, row.id, row.subject, row.code, row.path, row.version, row.standing, row.digest,
             row.place.received_at, row.decided_at)
            for row in answers
        ]  # fmt: skip
        await connection.execute(SQL["insert_answers"], *_columns(columns))

    async def _facts_by_key(self, connection: Connection, keys: Iterable[FactKey]) -> dict[FactKey, FactRow]:
        rows = await connection.fetch(SQL["facts_by_key"], *_columns(sorted(keys)))
        return {row.key: row for row in map(fact_row, rows)}


_encode = msgspec.json.Encoder().encode


def _fact_columns(row: FactRow) -> tuple[Any, ...]:
    fact, place = row.fact, row.place
    data = _encode(fact.data).decode()
    return (
        fact.source, fact.id, row.subject, fact.name, fact.item, fact.corrects, fact.occurred_on, fact.time, data,
        row.digest, place.topic, place.partition, place.offset, place.received_at, row.code, row.late, row.decided_at,
    )  # fmt: skip


def _spans_of(batch: Sequence[Admitted]) -> Spans:
    """What a batch covers of each partition."""
    offsets: dict[tuple[str, int], list[int]] = {}
    for (topic, partition, offset, _), _ in batch:
        offsets.setdefault((topic, partition), []).append(offset)
    return [(topic, partition, min(own), max(own) + 1) for (topic, partition), own in offsets.items()]


def _columns(rows: Sequence[tuple[Any, ...]], width: int = 0) -> list[list[Any]]:
    """Rows as columns; without any row so many empty columns."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
