"""Store: what a batch of records does to a service's database, in one transaction.

The unit of locking is the subject. Facts are read after the lock; whether a report is new, a duplicate or a reused id
is decided by what the insert returned; items are derived from the whole set of their facts, and only what changed is
written. Every record leaves one row: a fact or an answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from shared.contracts.envelope import Refusal, Report
from shared.contracts.instant import instant_of
from shared.contracts.snapshot import Cause, decode_snapshot
from shared.engine.derive import FAULT, ParentsMoved, SubjectWork, derive_work
from shared.engine.rows import AnswerRow, FactRow, ItemRow, Place, fact_row
from shared.engine.service import Service
from shared.platform.postgres import read_statements
from shared.rules.model import Context, FactKey, State

SQL = read_statements(Path(__file__).parent / "sql" / "store.sql")

Connection = Any
Admitted = tuple[Place, Report | Refusal]


class KeysTaken(Exception):
    """Ids of the batch that are stored under another subject; the transaction is repeated knowing them."""

    def __init__(self, keys: set[FactKey]) -> None:
        super().__init__(len(keys))
        self.keys = keys


@dataclass(slots=True)
class Outcome:
    """What one transaction left to be said."""

    subjects: set[str] = field(default_factory=set)
    #: Subjects of which everything is said, whether it changed or not: a record of theirs came again.
    repeat: set[str] = field(default_factory=set)
    items: list[tuple[str, str, int, bytes]] = field(default_factory=list)
    facts: list[FactRow] = field(default_factory=list)
    answers: list[AnswerRow] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    #: Parents that changed, whose children are to be derived again.
    parents: set[str] = field(default_factory=set)
    parent_cause: Cause | None = None
    faults: list[FactRow] = field(default_factory=list)


class Store:
    """The store step of one service. `context` gives the Länder of the bodies, `now` milliseconds since the epoch."""

    def __init__(self, service: Service, context: Callable[[], Context], now: Callable[[], int]) -> None:
        self.service, self._context, self._now = service, context, now
        self._unprompted = Cause(f"/lotse/{service.name}", "rederive", f"lotse.{service.name}.rederived.v1")

    async def batch(self, connection: Connection, batch: Sequence[Admitted], *, derive: bool = True) -> Outcome:
        """Stores a batch and where to read on. Without `derive` new facts are kept as `internal.fault`."""
        taken: dict[FactKey, FactRow] = {}
        parents: set[str] = set()
        while True:
            try:
                async with connection.transaction():
                    outcome = await self._store(connection, batch, taken, parents, derive)
                    await self._write_progress(connection, batch)
                    return outcome
            except KeysTaken as reused:
                taken |= await self._facts_by_key(connection, reused.keys)
            except ParentsMoved as moved:
                parents |= moved.parents

    async def derive_again(
        self, connection: Connection, subjects: Sequence[str], cause: Cause | None = None
    ) -> Outcome:
        """Derives subjects anew from what is stored: after a change of rules or of a parent, or a fault mended."""
        parents: set[str] = set()
        while True:
            try:
                async with connection.transaction():
                    return await self._derive_again(connection, subjects, parents, cause or self._unprompted)
            except ParentsMoved as moved:
                parents |= moved.parents

    async def stale_children(self, connection: Connection, parents: Sequence[str], limit: int) -> list[str]:
        """Children derived from an older state of their parents, at most `limit`, in key order."""
        rows = await connection.fetch(SQL["stale_children"], parents, self.service.parent_item, limit)
        return [row["child"] for row in rows]

    async def _derive_again(
        self, connection: Connection, subjects: Sequence[str], parents: set[str], cause: Cause
    ) -> Outcome:
        outcome = Outcome(subjects=set(subjects))
        work = await self._load(connection, sorted(subjects), parents, outcome)
        for subject in work.values():
            subject.again = True
        derive_work(self.service, work.values(), self._context(), self._now())
        await self._write(connection, work, outcome, cause)
        return outcome

    async def _store(
        self,
        connection: Connection,
        batch: Sequence[Admitted],
        taken: Mapping[FactKey, FactRow],
        parents: set[str],
        derive: bool,
    ) -> Outcome:
        outcome = Outcome()
        now = self._now()
        reports = [(place, report) for place, report in batch if isinstance(report, Report)]
        subjects = sorted({report.subject for _, report in reports})
        named = {parent for _, report in reports if (parent := self.service.parent_of(report.fact))}
        work = await self._load(connection, subjects, parents | named, outcome)
        for place, report in batch:
            if isinstance(report, Refusal):
                outcome.answers.append(_refused(place, report, now))
            else:
                _admit(work[report.subject], place, report, taken, outcome, now)
        if derive:
            derive_work(self.service, work.values(), self._context(), now)
        else:
            _keep_as_fault(work.values())
        await self._write(connection, work, outcome, None)
        return outcome

    async def _load(
        self, connection: Connection, subjects: Sequence[str], parents: set[str], outcome: Outcome
    ) -> dict[str, SubjectWork]:
        """Locks parents, then subjects, each in key order, and reads what is stored of them afterwards."""
        if not subjects:
            return {}
        states = await self._share_parents(connection, subjects, parents)
        await connection.execute(SQL["insert_subjects"], subjects)
        locked = await connection.fetch(SQL["lock_subjects"], subjects)
        outcome.hidden |= {row["id"] for row in locked if row["hidden"]}
        outcome.subjects |= set(subjects)
        work = {subject: SubjectWork(subject, parents=states) for subject in subjects}
        for row in await connection.fetch(SQL["facts_of_subjects"], subjects):
            stored = fact_row(row)
            work[stored.subject].facts[stored.key] = stored
        for row in await connection.fetch(SQL["items_of_subjects"], subjects):
            work[row["subject"]].items[row["item"]] = ItemRow(row["sequence"], row["content"], row["fault"])
        return work

    async def _share_parents(
        self, connection: Connection, subjects: Sequence[str], parents: set[str]
    ) -> Mapping[str, tuple[int, State]]:
        """Holds the parents of the subjects still and reads their states; nothing to do for services without parents."""
        if not self.service.parent_item:
            return {}
        linked = await connection.fetch(SQL["parents_of_subjects"], subjects)
        wanted = sorted({row["parent"] for row in linked} | parents)
        if not wanted:
            return {}
        await connection.execute(SQL["insert_subjects"], wanted)
        await connection.fetch(SQL["share_subjects"], wanted)
        rows = await connection.fetch(SQL["parent_states"], wanted, self.service.parent_item)
        states: dict[str, tuple[int, State]] = {parent: (0, {}) for parent in wanted}
        states |= {row["subject"]: (row["sequence"], decode_snapshot(row["said"]).data.state) for row in rows}
        return states

    async def _write(
        self, connection: Connection, work: Mapping[str, SubjectWork], outcome: Outcome, cause: Cause | None
    ) -> None:
        """Writes facts, standings, items, links and answers; one statement each, rows in key order."""
        rows = [row for subject in work.values() for row in subject.facts.values()]
        new = sorted((row for row in rows if row.is_new), key=_row_key)
        changed = sorted((row for row in rows if row.changed and not row.is_new), key=_row_key)
        await self._insert_facts(connection, new)
        if changed:
            columns = [(r.fact.source, r.fact.id, r.code, r.version, r.fact.time, r.decided_at) for r in changed]
            await connection.execute(SQL["update_standings"], *_columns(columns))
        await self._write_items(connection, work, outcome, cause)
        for answer in outcome.answers:
            answer.settle()
        if outcome.answers:
            await self._write_answers(connection, outcome.answers)
        outcome.facts = new + changed
        outcome.faults = [row for row in new if row.code == FAULT]

    async def _insert_facts(self, connection: Connection, new: Sequence[FactRow]) -> None:
        if not new:
            return
        stored = await connection.fetch(SQL["insert_facts"], *_columns([_fact_columns(row) for row in new]))
        if len(stored) < len(new):
            raise KeysTaken({row.key for row in new} - {(row["source"], row["id"]) for row in stored})

    async def _write_items(
        self, connection: Connection, work: Mapping[str, SubjectWork], outcome: Outcome, cause: Cause | None
    ) -> None:
        rows: list[tuple[str, str, int, bytes, bytes]] = []
        links: list[tuple[str, str, int]] = []
        for subject in work.values():
            for item, content, causing in subject.derived:
                digest = hashlib.blake2b(content, digest_size=16).digest()
                before = subject.items.get(item)
                if before is not None and before.content == digest and not before.fault:
                    continue
                sequence = before.sequence if before is not None and before.content == digest else _next(before)
                said = _event(
                    self.service,
                    subject.subject,
                    item,
                    sequence,
                    cause or causing or self._unprompted,
                    self._now(),
                    content,
                )
                rows.append((subject.subject, item, sequence, digest, said))
                if item == self.service.parent_item:
                    outcome.parents.add(subject.subject)
                    outcome.parent_cause = cause or causing
            links += [(parent, subject.subject, subject.parents[parent][0]) for parent in sorted(subject.read)]
        rows.sort(key=lambda row: row[:2])
        if rows:
            await connection.execute(SQL["write_items"], *_columns(rows))
        if links:
            await connection.execute(SQL["write_links"], *_columns(sorted(links)))
        for failed, name in ((True, "failed"), (False, "mended")):
            subjects = [subject.subject for subject in work.values() if getattr(subject, name)]
            if subjects:
                await connection.execute(SQL["mark_faults"], subjects, failed)
        outcome.items += [(subject, item, sequence, said) for subject, item, sequence, _, said in rows]

    async def _write_answers(self, connection: Connection, answers: Iterable[AnswerRow]) -> None:
        newest = {row.place[:3]: row for row in answers}
        columns = [
            (*row.place[:3], row.source, row.id, row.subject, row.code, row.path, row.version, row.standing, row.digest,
             row.place.received_at, row.decided_at)
            for row in newest.values()
        ]  # fmt: skip
        await connection.execute(SQL["insert_answers"], *_columns(columns))

    async def _write_progress(self, connection: Connection, batch: Sequence[Admitted]) -> None:
        ends: dict[tuple[str, int], int] = {}
        for place, _ in batch:
            ends[place[:2]] = max(ends.get(place[:2], 0), place.offset + 1)
        columns = [(topic, partition, end) for (topic, partition), end in sorted(ends.items())]
        await connection.execute(SQL["write_progress"], *_columns(columns))

    async def _facts_by_key(self, connection: Connection, keys: Iterable[FactKey]) -> dict[FactKey, FactRow]:
        rows = await connection.fetch(SQL["facts_by_key"], *_columns(sorted(keys)))
        return {row.key: row for row in map(fact_row, rows)}


def _admit(
    work: SubjectWork,
    place: Place,
    report: Report,
    taken: Mapping[FactKey, FactRow],
    outcome: Outcome,
    now: int,
) -> None:
    """Decides what one report is: new, here already, a record that comes again, or a reused id."""
    key = (report.source, report.id)
    stored = work.facts.get(key) or taken.get(key)
    if stored is None:
        row = FactRow(report.fact, report.subject, report.digest, place, "", 1, False, now, is_new=True)
        if not work.admit(row):
            outcome.answers.append(_answer(place, report, "item.full", now))
        return
    if stored.digest != report.digest:
        outcome.answers.append(_answer(place, report, "id.reused", now, stored))
        return
    if stored.place[:3] == place[:3] and not stored.is_new:
        outcome.repeat.add(report.subject)
        return
    if report.fact.time < stored.fact.time:
        work.make_earlier(stored, report.fact.time)
    outcome.answers.append(_answer(place, report, "id.seen", now, stored))


def _refused(place: Place, refusal: Refusal, now: int) -> AnswerRow:
    return AnswerRow(place, refusal.code, now, refusal.source, refusal.id, refusal.subject, refusal.path)


def _answer(place: Place, report: Report, code: str, now: int, stored: FactRow | None = None) -> AnswerRow:
    return AnswerRow(
        place,
        code,
        now,
        report.source,
        report.id,
        report.subject,
        digest=report.digest if code == "id.seen" else None,
        stored=stored,
    )


def _keep_as_fault(subjects: Iterable[SubjectWork]) -> None:
    for subject in subjects:
        subject.fail()


def _row_key(row: FactRow) -> FactKey:
    return row.fact.key


def _fact_columns(row: FactRow) -> tuple[Any, ...]:
    fact, place = row.fact, row.place
    data = msgspec.json.encode(fact.data).decode()
    return (
        fact.source, fact.id, row.subject, fact.name, fact.item, fact.corrects, fact.occurred_on, fact.time, data,
        row.digest, place.topic, place.partition, place.offset, place.received_at, row.code, row.late, row.decided_at,
    )  # fmt: skip


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _next(before: ItemRow | None) -> int:
    return before.sequence + 1 if before else 1


_encode = msgspec.json.encode


def _event(service: Service, subject: str, item: str, sequence: int, cause: Cause, now: int, content: bytes) -> bytes:
    """The whole message: the derived content with its name, sequence and cause in front."""
    kind = service.book.kind(item).snapshot
    instant = instant_of(now)
    head = (
        f'{{"specversion":"1.0","id":"{subject}/{item}/{sequence}","source":"/lotse/{service.name}",'
        f'"type":"lotse.{service.name}.{kind}.v1","subject":"{subject}","time":"{instant}",'
        f'"datacontenttype":"application/json","data":{{"caseId":"{subject}","item":"{item}","sequence":{sequence},"cause":'
    )
    return b"".join((head.encode(), _encode(cause), b",", content[1:], b"}"))
