"""What a rebuild has heard: snapshots, and what was said last, kept in the database in parts of the cases' key space.

Of a board that stands, what was said last is in its rows (law 3); then of each message only its stamp is heard, its
version and its time, which tell whether the row has just that message.

Records come in the order of the topics, cases are derived in the order of their keys. In between stand the parts: each
is as much as one process can hold, whatever the number of cases, and none costs a row per record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import msgspec

from services.coordinator.packed import Item, ItemKey, press, unpress
from shared.platform.postgres import read_statements

REBUILD = read_statements(Path(__file__).parent / "sql" / "rebuild.sql")

#: Parts of the key space, by the first two digits of a case's id.
PARTS = range(256)
#: What is gathered before it is written; in memory it is about twice as much.
_MOST_BYTES = 32 << 20
#: What a stamp takes, about.
_STAMP_BYTES = 100

#: A case, the barrier (empty for the case itself), the offset and the value of a message that was said of it.
SaidRecord = tuple[str, str, int, bytes | None]
#: Version and time of a message, which no two messages of a key share; None: a tombstone.
Stamp = tuple[int, str]
#: A case, the barrier, and the stamp of a message.
StampRecord = tuple[str, str, Stamp | None]
#: Of a message that was not made as ours are: no row has it.
NOT_OURS: Stamp = (1 << 62, "")
_stamp = re.compile(rb'\{"specversion":"1\.0","id":"[^"]*/(\d{1,18})",(?:"[a-z]+":"[^"]*",){3}"time":"([^"]*)"').match


class Piece(msgspec.Struct, array_like=True, gc=False):
    """Some of what was heard of the cases of one part, in the order of the topics."""

    items: list[tuple[str, Item]] = []
    said: list[SaidRecord] = []
    stamps: list[StampRecord] = []


class Parts(NamedTuple):
    """What was heard of the cases of one part, by case: the newest of each item, and of each message by barrier."""

    items: dict[str, dict[ItemKey, Item]]
    said: dict[str, dict[str, SaidRecord]]
    stamps: dict[str, dict[str, Stamp | None]]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Piece).decode


class Heard:
    """Gathers and writes; `pool` searches the schema of the new board, which has the table."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool
        self._pieces: dict[int, Piece] = {}
        self._bytes = 0

    async def items(self, items: Iterable[tuple[str, Item]]) -> None:
        """Takes snapshots of cases."""
        for case, item in items:
            self._piece(case).items.append((case, item))
            self._bytes += len(item.told)
        await self._write_some()

    async def said(self, records: Iterable[SaidRecord]) -> None:
        """Takes messages that were said of cases."""
        for record in records:
            self._piece(record[0]).said.append(record)
            self._bytes += len(record[3] or b"")
        await self._write_some()

    async def stamps(self, records: Iterable[StampRecord]) -> None:
        """Takes the stamps of messages that were said of cases."""
        for record in records:
            self._piece(record[0]).stamps.append(record)
            self._bytes += _STAMP_BYTES
        await self._write_some()

    async def write(self) -> None:
        """Writes what is gathered."""
        rows = [(part, press(_encode(piece))) for part, piece in sorted(self._pieces.items())]
        self._pieces, self._bytes = {}, 0
        if rows:
            async with self._pool.acquire() as connection:
                await connection.copy_records_to_table("heard", records=rows, columns=("part", "piece"))

    async def _write_some(self) -> None:
        if self._bytes > _MOST_BYTES:
            await self.write()

    def _piece(self, case: str) -> Piece:
        part = int(case[:2], 16)
        piece = self._pieces.get(part)
        if piece is None:
            piece = self._pieces[part] = Piece([], [], [])
        return piece


def stamp_of(value: bytes | None) -> Stamp | None:
    """Version and time of a message of the board, read off its head."""
    if value is None:
        return None
    found = _stamp(value)
    return (int(found[1]), found[2].decode()) if found else NOT_OURS


def heard_of(pieces: Sequence[bytes]) -> Parts:
    """The newest of each item and of each message."""
    parts = Parts({}, {}, {})
    for packed in pieces:
        piece = _decode(unpress(packed))
        for case, item in piece.items:
            of_case = parts.items.setdefault(case, {})
            known = of_case.get((item.service, item.name))
            if known is None or known.sequence <= item.sequence:
                of_case[item.service, item.name] = item
        for record in piece.said:
            of_said = parts.said.setdefault(record[0], {})
            before = of_said.get(record[1])
            if before is None or before[2] < record[2]:
                of_said[record[1]] = record
        for case, barrier, stamp in piece.stamps:
            parts.stamps.setdefault(case, {})[barrier] = stamp
    return parts
