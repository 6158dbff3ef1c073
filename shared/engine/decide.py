"""Decide: what a batch of records does to the subjects that were locked for it. No input or output here.

Whether a report is new, a duplicate, a record that comes again or a reused id depends on what is stored, never on where
a record stands: a position alone proves nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from shared.contracts.envelope import Refusal, Report
from shared.contracts.instant import instant_of
from shared.contracts.snapshot import Cause
from shared.engine.derive import FAULT, SubjectWork
from shared.engine.rows import AnswerRow, FactRow, ItemRow, Place
from shared.engine.service import Service
from shared.rules.model import FactKey

Admitted = tuple[Place, Report | Refusal]
Position = tuple[str, int, int]


class Given(NamedTuple):
    """What was answered to the record at a position before."""

    code: str
    source: str | None
    id: str | None
    decided_at: int
    version: int
    standing: str | None


@dataclass(slots=True)
class Before:
    """What is stored beside the locked subjects: reports with the batch's ids, and answers at its positions."""

    taken: Mapping[FactKey, FactRow] = field(default_factory=dict)
    answers: Mapping[Position, Given] = field(default_factory=dict)


class ItemWrite(NamedTuple):
    """An item that changed: its new sequence, the digest of its content and the message that says it.

    `received_at` is when the report was received that changed it, the first of the batch; None where no report did.
    """

    subject: str
    item: str
    sequence: int
    content: bytes
    said: bytes
    received_at: int | None = None

    @property
    def columns(self) -> tuple[str, str, int, bytes, bytes]:
        """What is stored of it."""
        return self[:5]


@dataclass(slots=True)
class Outcome:
    """What one transaction left to be said."""

    #: Subjects of which everything is said, whether it changed or not: a record of theirs came again.
    repeat: set[str] = field(default_factory=set)
    items: list[ItemWrite] = field(default_factory=list)
    facts: list[FactRow] = field(default_factory=list)
    answers: list[AnswerRow] = field(default_factory=list)
    #: Positions that were answered before and hold a fact now: an item is no longer full, or the institution is listed.
    turned: list[Position] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    #: Parents that changed, whose children are to be derived again.
    parents: set[str] = field(default_factory=set)
    parent_cause: Cause | None = None
    #: Where records stand that are kept as `internal.fault` since this transaction.
    faults: list[Place] = field(default_factory=list)


@dataclass(slots=True)
class Writes:
    """The rows that a transaction writes, in key order."""

    new: list[FactRow]
    changed: list[FactRow]
    items: list[ItemWrite] = field(default_factory=list)
    #: Parent, child and the parent's sequence that the child was derived from; and links that are no more.
    links: list[tuple[str, str, int]] = field(default_factory=list)
    unlinked: list[tuple[str, str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)


def admit(
    batch: Sequence[Admitted], work: Mapping[str, SubjectWork], before: Before, outcome: Outcome, now: int
) -> None:
    """Takes the records of a batch in their order; each becomes a fact or an answer, or is one already."""
    admitted: dict[FactKey, FactRow] = {}
    for place, report in batch:
        given = before.answers.get(place[:3])
        if isinstance(report, Refusal):
            answer = AnswerRow(place, report.code, now, report.source, report.id, report.subject, report.path)
            answer.name = report.name
            outcome.answers.append(_as_before(answer, given))
            if report.code == FAULT:
                outcome.faults.append(place)
            continue
        key = (report.source, report.id)
        stored = work[report.subject].facts.get(key) or before.taken.get(key) or admitted.get(key)
        if stored is not None:
            _admit_known(work[report.subject], place, report, stored, given, outcome, now)
            continue
        row = FactRow(report.fact, report.subject, report.digest, place, "", 1, False, now, is_new=True)
        if work[report.subject].admit(row):
            admitted[key] = row
            if given is not None:
                outcome.turned.append(place[:3])
        else:
            outcome.answers.append(_as_before(_answer(place, report, "item.full", now), given))


def _admit_known(
    work: SubjectWork,
    place: Place,
    report: Report,
    stored: FactRow,
    given: Given | None,
    outcome: Outcome,
    now: int,
) -> None:
    if stored.digest != report.digest:
        outcome.answers.append(_as_before(_answer(place, report, "id.reused", now, stored), given))
        return
    if stored.place[:3] == place[:3]:
        if not stored.is_new:
            outcome.repeat.add(report.subject)
        return
    answer = _as_before(_answer(place, report, "id.seen", now, stored), given)
    if answer.again:
        # This very resend was answered before; it may have made the report earlier, which may not have been said.
        outcome.repeat.add(report.subject)
    if report.fact.time < stored.fact.time:
        work.make_earlier(stored, report.fact.time)
    outcome.answers.append(answer)


def _as_before(answer: AnswerRow, given: Given | None) -> AnswerRow:
    """A record that gets the answer that it got before keeps that row as it was: another process may have said it."""
    if given is not None and (given.code, given.source, given.id) == (answer.code, answer.source, answer.id):
        answer.decided_at, answer.version, answer.standing = given.decided_at, given.version, given.standing
        answer.stored, answer.again = None, True
    return answer


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
        name=report.fact.name,
    )


def settle(
    service: Service,
    work: Mapping[str, SubjectWork],
    outcome: Outcome,
    cause: Cause | None,
    unprompted: Cause,
    now: int,
) -> Writes:
    """What is written of derived subjects; completes the outcome. `cause` wins over the reports that came."""
    rows = [row for subject in work.values() for row in subject.facts.values() if row.is_new or row.changed]
    writes = Writes(
        new=sorted((row for row in rows if row.is_new), key=_row_key),
        changed=sorted((row for row in rows if not row.is_new), key=_row_key),
    )
    for subject in work.values():
        received_at = subject.received_at
        for item, content, causing in subject.derived:
            because = cause or causing or unprompted
            write = _item_write(service, subject, item, content, because, now, received_at)
            if write is None:
                continue
            writes.items.append(write)
            if item == service.parent_item:
                outcome.parents.add(subject.subject)
                outcome.parent_cause = because
        _settle_links(subject, writes)
        if subject.failed:
            writes.failed.append(subject.subject)
        elif subject.mended:
            writes.mended.append(subject.subject)
    writes.items.sort(key=_item_key)
    writes.links.sort()
    for answer in outcome.answers:
        answer.settle()
    outcome.items += writes.items
    outcome.facts = writes.new + writes.changed
    outcome.faults += [row.place for row in writes.new if row.code == FAULT]
    return writes


def _item_write(
    service: Service,
    subject: SubjectWork,
    item: str,
    content: bytes,
    cause: Cause,
    now: int,
    received_at: int | None,
) -> ItemWrite | None:
    digest = hashlib.blake2b(content, digest_size=16).digest()
    before: ItemRow | None = subject.items.get(item)
    if before is not None and before.content == digest:
        return None
    sequence = before.sequence + 1 if before else 1
    return ItemWrite(
        subject.subject,
        item,
        sequence,
        digest,
        snapshot_message(service, subject.subject, item, sequence, cause, now, content),
        received_at,
    )


def _settle_links(subject: SubjectWork, writes: Writes) -> None:
    if not (subject.came or subject.again):
        return
    # One that failed keeps what it was linked to and waits for `rederive`; its parents do not wait for it.
    read = subject.read | subject.linked if subject.failed else subject.read
    writes.links += [(parent, subject.subject, subject.parents[parent][0]) for parent in read]
    writes.unlinked += [(parent, subject.subject) for parent in subject.linked - read]


_encode = msgspec.json.encode


def snapshot_message(
    service: Service, subject: str, item: str, sequence: int, cause: Cause, now: int, content: bytes
) -> bytes:
    """The whole message: the derived content with its name, sequence and cause in front."""
    kind = service.book.kind(item).snapshot
    head = (
        f'{{"specversion":"1.0","id":"{subject}/{item}/{sequence}","source":"/lotse/{service.name}",'
        f'"type":"lotse.{service.name}.{kind}.v1","subject":"{subject}","time":"{instant_of(now)}",'
        f'"datacontenttype":"application/json","data":{{"caseId":"{subject}","item":"{item}","sequence":{sequence},"cause":'
    )
    return b"".join((head.encode(), _encode(cause), b",", content[1:], b"}"))


def set_aside(batch: Iterable[Admitted], now: int) -> Outcome:
    """Answers for records that could not even be kept as facts: `internal.fault`, known by their coordinates alone."""
    places = [place for place, _ in batch]
    return Outcome(answers=[AnswerRow(place, FAULT, now) for place in places], faults=places)


def _row_key(row: FactRow) -> FactKey:
    fact = row.fact
    return fact.source, fact.id


def _item_key(row: ItemWrite) -> tuple[str, str]:
    return row.subject, row.item
