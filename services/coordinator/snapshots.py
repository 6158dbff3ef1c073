"""Snapshots as they arrive: which records tell something of a case, and the newest of each item in a batch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

import msgspec

from shared.contracts.snapshot import UNREADABLE, Cause, ConflictEntry, FactHeader, Reference
from shared.contracts.topics import MARK_PREFIX
from shared.rules.scene import ItemSnapshot

#: Items with a subject of their own: openings, events, contacts. They open no case.
WITHOUT_CASE = frozenset({"opening", "event", "contact"})
_CASE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_ITEM = re.compile(r"[a-z0-9-]{1,100}").fullmatch

ItemKey = tuple[str, str]


class Record(Protocol):
    """What is read of a Kafka record."""

    @property
    def topic(self) -> str: ...

    @property
    def key(self) -> bytes | None: ...

    @property
    def value(self) -> bytes | None: ...


class _Head(msgspec.Struct, frozen=True, rename="camel"):
    case_id: str
    item: str
    sequence: int


class _HeadEvent(msgspec.Struct, frozen=True):
    id: str
    source: str
    type: str
    data: _Head


class _Body(msgspec.Struct, frozen=True):
    state: dict[str, object]
    because: tuple[Reference, ...]
    conflicts: tuple[ConflictEntry, ...]
    facts: tuple[FactHeader, ...]


class _BodyEvent(msgspec.Struct, frozen=True):
    data: _Body


_decode_head = msgspec.json.Decoder(_HeadEvent).decode
_decode_body = msgspec.json.Decoder(_BodyEvent).decode


class Arrival(NamedTuple):
    """The newest snapshot of an item in a batch; `value` is the message as it came."""

    sequence: int
    value: bytes
    head: _HeadEvent

    @property
    def cause(self) -> Cause:
        """The snapshot as the cause of what it changes."""
        return Cause(self.head.source, self.head.id, self.head.type)


class Folded(NamedTuple):
    """A batch: the newest snapshot of each (service, item) by case, and how many records were skipped, by reason."""

    cases: dict[str, dict[ItemKey, Arrival]]
    skipped: dict[str, int]


def fold(services: Mapping[str, str], records: Iterable[Record], into: Folded) -> None:
    """Reads the heads of snapshots and keeps the newest of each item. `services` are the known ones, by topic."""
    for record in records:
        reason = _take(services, record, into.cases)
        if reason:
            into.skipped[reason] = into.skipped.get(reason, 0) + 1


def _take(services: Mapping[str, str], record: Record, cases: dict[str, dict[ItemKey, Arrival]]) -> str:
    """Takes one record over; returns why not, otherwise an empty text."""
    service = services.get(record.topic)
    if service is None:
        return "service-unknown"
    if record.key is not None and record.key.startswith(MARK_PREFIX):
        return "mark"
    if not record.value:
        return "tombstone"
    try:
        event = _decode_head(record.value)
    except UNREADABLE:
        return "unreadable"
    head = event.data
    if head.item in WITHOUT_CASE:
        return "without-case"
    items = cases.get(head.case_id)
    key = (service, head.item)
    known = items.get(key) if items else None
    if (known is None and not (_CASE(head.case_id) and _ITEM(head.item))) or not 0 < head.sequence < 1 << 62:
        return "unreadable"
    if items is None:
        items = cases[head.case_id] = {}
    if known is None or known.sequence <= head.sequence:
        # What came last becomes the last entry, so that the last cause is the newest.
        items.pop(key, None)
        items[key] = Arrival(head.sequence, record.value, event)
    return ""


def item_of(service: str, item: str, sequence: int, value: bytes) -> ItemSnapshot:
    """Decodes a stored snapshot as the rules read it. Raises one of UNREADABLE."""
    said = _decode_body(value).data
    return ItemSnapshot(service, item, sequence, said.state, said.because, said.conflicts, said.facts)
