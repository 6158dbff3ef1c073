"""Snapshots as they arrive: which records tell something of a case, and the newest of each item in a batch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from services.coordinator.packed import Item, ItemKey
from shared.contracts.snapshot import UNREADABLE, Cause
from shared.contracts.topics import MARK_PREFIX
from shared.engine.say import RECEIVED

#: Items with a subject of their own: openings, events, contacts. They open no case.
WITHOUT_CASE = frozenset({"opening", "event", "contact"})
_CASE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_ITEM = re.compile(r"[a-z0-9-]{1,100}").fullmatch


class Record(Protocol):
    """What is read of a Kafka record."""

    @property
    def topic(self) -> str: ...

    @property
    def key(self) -> bytes | None: ...

    @property
    def value(self) -> bytes | None: ...

    @property
    def timestamp(self) -> int: ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class _Data(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    case_id: str
    item: str
    sequence: int
    state: msgspec.Raw
    because: msgspec.Raw
    conflicts: msgspec.Raw
    facts: msgspec.Raw


class Arrival(msgspec.Struct, gc=False):
    """A snapshot as it arrives; what the rules read of it is not decoded yet.

    `received_at` is when the report behind it was received, of several snapshots of the item the first (milliseconds
    since 1970); 0 where no report was or the snapshot is said again. It is the record that tells, not the message.
    """

    id: str
    source: str
    type: str
    data: _Data
    received_at: int = 0

    @property
    def sequence(self) -> int:
        """The item's sequence."""
        return self.data.sequence

    @property
    def cause(self) -> Cause:
        """The snapshot as the cause of what it changes."""
        return Cause(self.source, self.id, self.type)

    def item(self, service: str) -> Item:
        """The item as it is stored."""
        data = self.data
        told = (
            b'{"state":', data.state, b',"because":', data.because, b',"conflicts":', data.conflicts, b',"facts":',
            data.facts, b"}",
        )  # fmt: skip
        return Item(service, data.item, data.sequence, b"".join(told))


_decode = msgspec.json.Decoder(Arrival).decode


class Folded(NamedTuple):
    """A batch: the newest snapshot of each (service, item) by case, and how many records were skipped, by reason."""

    cases: dict[str, dict[ItemKey, Arrival]]
    skipped: dict[str, int]


def fold(services: Mapping[str, str], records: Iterable[Record], into: Folded) -> None:
    """Reads snapshots and keeps the newest of each item. `services` are the known ones, by topic."""
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
        arrival = _decode(record.value)
    except UNREADABLE:
        return "unreadable"
    data = arrival.data
    if data.item in WITHOUT_CASE:
        return "without-case"
    items = cases.get(data.case_id)
    key = (service, data.item)
    known = items.get(key) if items else None
    if (known is None and not (_CASE(data.case_id) and _ITEM(data.item))) or not 0 < data.sequence < 1 << 62:
        return "unreadable"
    if items is None:
        items = cases[data.case_id] = {}
    headers = record.headers
    received_at = record.timestamp if headers and headers[-1][0] == RECEIVED else 0
    if known is not None and known.received_at:
        received_at = min(received_at, known.received_at) if received_at else known.received_at
    if known is None or known.data.sequence <= data.sequence:
        arrival.received_at = received_at
        # What came last becomes the last entry, so that the last cause is the newest.
        items.pop(key, None)
        items[key] = arrival
    return ""
