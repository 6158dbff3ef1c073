"""The databases of the model: each method is one transaction, decided by the engine's own code."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.contracts.envelope import Report
from shared.contracts.snapshot import Cause, decode_snapshot
from shared.engine.decide import Admitted, Before, Given, Outcome, Position, admit, settle
from shared.engine.derive import SubjectWork, derive_work
from shared.engine.rows import AnswerRow, FactRow, ItemRow
from shared.rules.model import Context, FactKey
from tests.engine.toy import LAMPS

CONTEXT = Context("NW")
UNPROMPTED = Cause("/lotse/recognition", "rederive", "lotse.recognition.rederived.v1")
#: A lamp stalls so many days after its state began.
PATIENCE = 3


class Entry(NamedTuple):
    """A record of a compacted topic."""

    key: tuple[str, str]
    number: int
    value: bytes


class Receipt(NamedTuple):
    """A receipt as its institution reads it."""

    key: tuple[str | None, str | None] | Position
    version: int
    code: str


@dataclass
class Database:
    """The rows of the toy service. One call of `store` is one transaction; the locks make transactions of a subject
    follow each other.
    """

    facts: dict[str, dict[FactKey, FactRow]] = field(default_factory=dict)
    items: dict[str, dict[str, tuple[ItemRow, bytes]]] = field(default_factory=dict)
    answers: dict[Position, AnswerRow] = field(default_factory=dict)
    progress: dict[tuple[str, int], int] = field(default_factory=dict)

    def store(self, batch: Sequence[Admitted], ends: Mapping[tuple[str, int], int], now: int) -> Outcome:
        """One transaction: everything that a chunk changes, and where to read on."""
        subjects = sorted({report.subject for _, report in batch if isinstance(report, Report)})
        work = {subject: SubjectWork(subject, parents={}) for subject in subjects}
        for subject, one in work.items():
            one.facts = {key: copy.copy(row) for key, row in self.facts.get(subject, {}).items()}
            one.items = {item: row for item, (row, _) in self.items.get(subject, {}).items()}
        places = {place[:3] for place, _ in batch}
        given = {at: _given(r) for at, r in self.answers.items() if at in places}
        keys = {(report.source, report.id) for _, report in batch if isinstance(report, Report)}
        taken = {k: row for rows in self.facts.values() for k, row in rows.items() if k in keys}
        outcome = Outcome()
        admit(batch, work, Before(taken, given), outcome, now)
        derive_work(LAMPS, work.values(), CONTEXT, now)
        writes = settle(LAMPS, work, outcome, None, UNPROMPTED, now)
        for row in writes.new + writes.changed:
            stored = copy.copy(row)
            stored.is_new = stored.changed = False
            self.facts.setdefault(row.subject, {})[row.key] = stored
        for write in writes.items:
            row_of_item = ItemRow(write.sequence, write.content, False)
            self.items.setdefault(write.subject, {})[write.item] = (row_of_item, write.said)
        for at in outcome.turned:
            del self.answers[at]
        for answer in outcome.answers:
            self.answers[answer.place[:3]] = answer
        for place, offset in ends.items():
            self.progress[place] = max(self.progress.get(place, 0), offset)
        return outcome

    def rows(self, subjects: set[str]) -> list[Entry]:
        """What the items of subjects say now."""
        return [
            Entry((subject, item), row.sequence, said)
            for subject in sorted(subjects)
            for item, (row, said) in self.items.get(subject, {}).items()
        ]

    def receipts(self, subjects: set[str]) -> list[Receipt]:
        """What the reports of subjects are answered now."""
        return [
            Receipt(row.key, row.version, row.code)
            for subject in sorted(subjects)
            for row in self.facts.get(subject, {}).values()
        ]


@dataclass
class Case:
    """The coordinator's row of a case: what its board says, and the day that changed it last."""

    board: tuple[tuple[str, str, bool], ...] = ()
    version: int = 0
    day: int = -1
    next_day: int | None = None


@dataclass
class BoardDatabase:
    """The coordinator's rows: newest snapshot of each item, board of each case, the one day."""

    day: int = 0
    items: dict[str, dict[str, tuple[int, str, int]]] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)

    def take(self, batch: Sequence[Entry], today: int) -> tuple[set[str], set[str]]:
        """Newest snapshot per item; returns the cases that changed and those to be said again."""
        touched: set[str] = set()
        again: set[str] = set()
        for (subject, item), sequence, said in batch:
            known = self.items.setdefault(subject, {}).get(item, (0, "", 0))[0]
            if sequence > known:
                state = decode_snapshot(said).data.state
                self.items[subject][item] = (sequence, state["status"], int((state["since"] or "2026-01-01")[-2:]))
                touched.add(subject)
            elif sequence == known:
                again.add(subject)
        return {subject for subject in touched if self.derive(subject, today, -1)}, again

    def board(self, subject: str, today: int) -> tuple[tuple[tuple[str, str, bool], ...], int | None]:
        """The board of a case on a day, and the next day on which it changes by itself."""
        items = sorted(self.items.get(subject, {}).items())
        ends = [since + PATIENCE for _, (_, status, since) in items if status == "on"]
        board = tuple((i, status, status == "on" and since + PATIENCE <= today) for i, (_, status, since) in items)
        return board, min((end for end in ends if end > today), default=None)

    def derive(self, subject: str, today: int, day: int) -> bool:
        """Derives one case; True when its board changed."""
        case = self.cases.setdefault(subject, Case())
        board, case.next_day = self.board(subject, today)
        if board == case.board:
            return False
        case.board, case.version, case.day = board, case.version + 1, day
        return True

    def rows(self, subjects: set[str]) -> list[Entry]:
        """What cases say now."""
        return [
            Entry((subject, "case"), self.cases[subject].version, repr(self.cases[subject].board).encode())
            for subject in sorted(subjects)
        ]


def _given(row: AnswerRow) -> Given:
    return Given(row.code, row.source, row.id, row.decided_at, row.version, row.standing)


def answer_receipt(row: AnswerRow) -> Receipt:
    """What the record of an answer row is answered."""
    key = (row.source, row.id) if row.id is not None else row.place[:3]
    return Receipt(key, row.version, row.code)
