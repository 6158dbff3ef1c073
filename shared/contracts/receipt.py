"""Receipts: what an institution reads about each of its reports. A receipt is a function of a row (readings 15)."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from shared.contracts.instant import instant_of
from shared.contracts.verdicts import CODES, verdict_of


class RecordPlace(Protocol):
    """Where a record stands in Kafka, and when the broker received it (milliseconds since the epoch)."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def received_at(self) -> int: ...


class ReceiptRow(msgspec.Struct, frozen=True, gc=False):
    """What a receipt is made of. `standing` is the code of the stored report with this id; `decided_at` milliseconds.

    `source`, `id` and `subject` are given as far as the record was readable and may be repeated.
    """

    service: str
    place: RecordPlace
    code: str
    decided_at: int
    source: str | None = None
    id: str | None = None
    subject: str | None = None
    path: str | None = None
    version: int = 0
    standing: str | None = None
    digest: bytes | None = None


class _Record(msgspec.Struct, frozen=True):
    topic: str
    partition: int
    offset: int


class _Data(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    report_id: str | None = None
    source: str | None = None
    service: str = ""
    verdict: str = ""
    code: str = ""
    path: str | None = None
    message: msgspec.Raw = msgspec.Raw()
    hint: msgspec.Raw = msgspec.Raw()
    version: int = -1
    standing: str | None = None
    received_at: str = ""
    digest: str | None = None
    record: _Record | None = None


class _Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    specversion: str
    id: str
    source: str
    type: str
    subject: str | None = None
    time: str
    datacontenttype: str
    data: _Data


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


_TEXTS = {code: (_raw(entry.message), _raw(entry.hint)) for code, entry in CODES.items()}
_encode = msgspec.json.Encoder().encode


def receipt_key(row: ReceiptRow) -> str:
    """`<service>#<source>#<id>`, or the record's coordinates where source or id could not be read."""
    if row.source is None or row.id is None:
        return f"{row.place.topic}/{row.place.partition}/{row.place.offset}"
    return f"{row.service}#{row.source}#{row.id}"


def receipt_message(row: ReceiptRow) -> tuple[str, bytes]:
    """Key and value of the receipt; the same row gives the same bytes."""
    key = receipt_key(row)
    place, (message, hint) = row.place, _TEXTS[row.code]
    verdict = verdict_of(row.code)
    data = _Data(
        row.id,
        row.source,
        row.service,
        verdict,
        row.code,
        row.path,
        message,
        hint,
        row.version,
        verdict_of(row.standing) if row.standing is not None else None,
        instant_of(place.received_at),
        row.digest.hex() if row.digest is not None and verdict != "rejected" else None,
        _Record(place.topic, place.partition, place.offset),
    )
    event = _Event(
        specversion="1.0",
        id=f"{key}#{row.version}",
        source=f"/lotse/{row.service}",
        type="lotse.receipt.v1",
        subject=row.subject,
        time=instant_of(row.decided_at),
        datacontenttype="application/json",
        data=data,
    )
    return key, _encode(event)
