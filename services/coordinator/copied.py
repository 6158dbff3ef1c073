"""Rows of the board as COPY takes them, in PostgreSQL's binary format: of a board that is made anew each row is written
once, and no other way takes the database so little time.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from services.coordinator.derive import Columns, Standing

_COLUMNS = (
    "id", "stamp", "version", "hidden", "fault", "ags", "stage", "only_barrier", "level", "standing", "marks",
    "next_day", "changed_day", "changed_at", "said", "items",
)  # fmt: skip
#: Signature, flags and the length of an extension; then the rows, and an end mark.
_HEAD, _END = b"PGCOPY\n\xff\r\n\x00" + bytes(8), b"\xff\xff"
_ROW = struct.pack(">h", len(_COLUMNS))
_EPOCH, _MICROSECOND = datetime(2000, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_TEXT, _BOOLEAN, _DATE = 25, 16, 1082
_NULL = struct.pack(">i", -1)
_NO_FAULT = struct.pack(">i?", 1, False)

_size = struct.Struct(">i").pack
_number = struct.Struct(">iq").pack
_boolean = struct.Struct(">i?").pack
_id = struct.Struct(">i16s").pack
#: Dimensions, whether there are nulls, the type of the elements; how many there are, and the number of the first.
_array = struct.Struct(">iiIii").pack
_no_array = struct.Struct(">iiI").pack


class Copy:
    """Rows for one table, one after another. `standing_type` is the number of the type of a barrier's standing in the
    database.
    """

    def __init__(self, standing_type: int, changed_at: datetime) -> None:
        self._type = standing_type
        self._changed_at = _number(8, (changed_at - _EPOCH) // _MICROSECOND)
        self._rows = bytearray(_HEAD)
        self.count = 0

    def add(self, case: str, columns: Columns, said: bytes, items: bytes | None) -> None:
        """A row with its packed columns."""
        self.count += 1
        self._rows += b"".join(
            (
                _ROW, _id(16, bytes.fromhex(case.replace("-", ""))), _number(8, columns.stamp),
                _number(8, columns.version), _boolean(1, columns.hidden), _NO_FAULT, _text(columns.ags),
                _text(columns.stage), _text(columns.only_barrier), _text(columns.level),
                _elements(self._type, [_standing(one) for one in columns.standing]),
                _elements(_TEXT, [_text(mark) for mark in columns.marks]), _text(columns.next_day),
                _text(columns.changed_day), self._changed_at, _packed(said), _packed(items),
            )
        )  # fmt: skip

    async def write(self, connection: Any) -> None:
        """Copies all rows into `board`, where none of these cases has one."""
        if self.count:
            rows = bytes(self._rows) + _END
            await connection.copy_to_table("board", source=_once(rows), columns=_COLUMNS, format="binary", timeout=None)


async def _once(rows: bytes) -> AsyncIterator[bytes]:
    yield rows


def _elements(kind: int, elements: Sequence[bytes]) -> bytes:
    """An array of elements with their sizes."""
    if not elements:
        return _size(12) + _no_array(0, 0, kind)
    content = b"".join(elements)
    return _size(20 + len(content)) + _array(1, 0, kind, len(elements), 1) + content


def _packed(content: bytes | None) -> bytes:
    return _NULL if content is None else _size(len(content)) + content


@lru_cache(maxsize=20_000)
def _text(text: str | None) -> bytes:
    if text is None:
        return _NULL
    encoded = text.encode()
    return _size(len(encoded)) + encoded


@lru_cache(maxsize=20_000)
def _standing(one: Standing) -> bytes:
    """A value of the composite type: the number of fields, and of each its type and its value."""
    since = _NULL if one.since is None else struct.pack(">ii", 4, (date.fromisoformat(one.since) - _EPOCH.date()).days)
    fields = (
        (_TEXT, _text(one.barrier)),
        (_TEXT, _text(one.status)),
        (_BOOLEAN, _boolean(1, one.stalled)),
        (_TEXT, _text(one.turn)),
        (_DATE, since),
        (_TEXT, _text(one.body)),
    )
    content = _size(len(fields)) + b"".join(_size(kind) + value for kind, value in fields)
    return _size(len(content)) + content
