"""A reporting service without broker and database: records in, receipts and snapshots out.

What it decides it decides with the engine's own functions, one record at a time; only the rows are kept in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from shared.contracts.envelope import Report, parse_report
from shared.contracts.institutions import Institutions
from shared.contracts.receipt import ReceiptRow, receipt_message
from shared.contracts.snapshot import Cause
from shared.engine.decide import Before, ItemWrite, Outcome, admit, settle
from shared.engine.derive import ParentsMoved, SubjectWork, derive_work
from shared.engine.rows import AnswerRow, FactRow, ItemRow, Place
from shared.engine.service import Service
from shared.rules.model import Context, FactKey, State

__all__ = ["Line", "Record", "Said"]

_NOBODY = Cause("/lotse/docs", "docs", "lotse.docs.v1")
#: From the broker's receiving of a record to the decision, in milliseconds.
_TAKES = 250


class Record(NamedTuple):
    """What parsing reads of a Kafka record; `received_at` in milliseconds."""

    topic: str
    value: bytes
    received_at: int
    headers: Sequence[tuple[str, bytes | None]] = ()


class Said(NamedTuple):
    """What a record brought about: receipts and snapshots, decoded, in the order in which they are said."""

    receipts: list[dict[str, Any]]
    snapshots: list[dict[str, Any]]


@dataclass
class _Subject:
    facts: dict[FactKey, FactRow] = field(default_factory=dict)
    items: dict[str, ItemRow] = field(default_factory=dict)


class Line:
    """One service with nothing stored yet."""

    def __init__(self, service: Service, institutions: Institutions) -> None:
        self.service, self.institutions = service, institutions
        self._context = Context(institutions.region_land, institutions.lands)
        self._subjects: dict[str, _Subject] = defaultdict(_Subject)
        self._offset = 0

    def handle(self, record: Record, *, fails: bool = False) -> Said:
        """Deals with one record. With `fails` the rules are taken to raise, as a bug of ours would make them."""
        place = Place(record.topic, 0, self._offset, record.received_at)
        self._offset += 1
        report = parse_report(self.service.name, self.service.reports, self.institutions, record)
        now, outcome = record.received_at + _TAKES, Outcome()
        work = self._lock(report) if isinstance(report, Report) else {}
        taken = {key: row for subject in self._subjects.values() for key, row in subject.facts.items()}
        admit([(place, report)], work, Before(taken), outcome, now)
        if fails:
            for subject in work.values():
                subject.fail()
        else:
            self._derive(work, now)
        settle(self.service, work, outcome, None, _NOBODY, now)
        self._store(work, outcome)
        rows = [self._of_fact(row) for row in outcome.facts] + [self._of_answer(row) for row in outcome.answers]
        return Said(
            [msgspec.json.decode(receipt_message(row)[1]) for row in rows],
            [msgspec.json.decode(write.said) for write in outcome.items],
        )

    def _lock(self, report: Report) -> dict[str, SubjectWork]:
        stored = self._subjects[report.subject]
        facts = {key: msgspec.structs.replace(row) for key, row in stored.facts.items()}
        return {report.subject: SubjectWork(report.subject, {}, facts, dict(stored.items))}

    def _derive(self, work: dict[str, SubjectWork], now: int) -> None:
        try:
            derive_work(self.service, work.values(), self._context, now)
        except ParentsMoved as moved:
            # As in the database: a parent that nobody has reported has no state.
            parents: dict[str, tuple[int, State]] = {parent: (0, {}) for parent in moved.parents}
            for subject in work.values():
                subject.parents = parents
            derive_work(self.service, work.values(), self._context, now)

    def _store(self, work: dict[str, SubjectWork], outcome: Outcome) -> None:
        for name, subject in work.items():
            stored = self._subjects[name]
            stored.facts = {
                key: msgspec.structs.replace(row, is_new=False, changed=False) for key, row in subject.facts.items()
            }
            stored.items |= {write.item: _item(write) for write in outcome.items}

    def _of_fact(self, row: FactRow) -> ReceiptRow:
        fact = row.fact
        return ReceiptRow(
            self.service.name,
            row.place,
            row.code,
            row.decided_at,
            source=fact.source,
            id=fact.id,
            subject=row.subject,
            version=row.version,
            digest=row.digest,
        )

    def _of_answer(self, row: AnswerRow) -> ReceiptRow:
        return ReceiptRow(
            self.service.name,
            row.place,
            row.code,
            row.decided_at,
            source=row.source,
            id=row.id,
            subject=row.subject,
            path=row.path,
            version=row.version,
            standing=row.standing,
            digest=row.digest,
        )


def _item(write: ItemWrite) -> ItemRow:
    return ItemRow(write.sequence, write.content, False)
