"""The two packed columns of a case's row: what was said last of it, and its items (law 3: nothing else is needed to say
it again).

Packed are the JSON bytes themselves, as they came or as they were said, so that neither the rules nor the read API get
anything but what was written once. They repeat themselves, so they are pressed, and here: PostgreSQL's own way takes
ten times as long, and a smaller row is quicker on every way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from cramjam import lz4

from shared.contracts.snapshot import ConflictEntry, FactHeader, Reference
from shared.rules.scene import CASE, ItemSnapshot

ItemKey = tuple[str, str]

#: Under which `said` keeps the message of the case itself; those of barriers stand under their names.
OF_CASE = ""


class Said(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A message as it was said last: all of it but its case and its barrier.

    `cause` is a JSON object, `content` how things stand, as JSON without braces; `tail` is the message's end, what
    changed and how it stood before, empty if nothing was said before.
    """

    version: int
    time: str
    cause: bytes
    content: bytes
    tail: bytes


class Item(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The newest snapshot of an item. `told` is a JSON object: what its message tells, without all that names it."""

    service: str
    name: str
    sequence: int
    told: bytes

    def snapshot(self) -> ItemSnapshot:
        """The item as the rules read it. Raises one of UNREADABLE."""
        told = _decode_told(self.told)
        return ItemSnapshot(
            self.service, self.name, self.sequence, told.state, told.because, told.conflicts, told.facts
        )


class _Told(msgspec.Struct, frozen=True):
    state: dict[str, Any]
    because: tuple[Reference, ...]
    conflicts: tuple[ConflictEntry, ...]
    facts: tuple[FactHeader, ...]


class _State(msgspec.Struct, frozen=True):
    state: msgspec.Raw


class _Facts(msgspec.Struct, frozen=True):
    facts: tuple[FactHeader, ...]


_decode_told = msgspec.json.Decoder(_Told).decode
_decode_state = msgspec.json.Decoder(_State).decode
_decode_facts = msgspec.json.Decoder(_Facts).decode
_encode = msgspec.msgpack.Encoder().encode
_decode_said = msgspec.msgpack.Decoder(dict[str, Said]).decode
_decode_items = msgspec.msgpack.Decoder(tuple[Item, ...]).decode


def pack_said(said: Mapping[str, Said]) -> bytes:
    """What was said last, by barrier, as it is stored."""
    return press(_encode(said))


def unpack_said(packed: bytes | None) -> dict[str, Said]:
    """What was said last, by barrier."""
    return _decode_said(unpress(packed)) if packed else {}


def pack_items(items: Mapping[ItemKey, Item]) -> bytes:
    """Items as they are stored: the case's own first, the others by service and name."""
    return press(_encode(sorted(items.values(), key=_place) if len(items) > 1 else list(items.values())))


def unpack_items(packed: bytes | None) -> tuple[Item, ...]:
    """Items in the order in which they are stored."""
    return _decode_items(unpress(packed)) if packed else ()


def state_of(item: Item) -> msgspec.Raw:
    """The item's state as it came."""
    return _decode_state(item.told).state


def facts_of(item: Item) -> tuple[FactHeader, ...]:
    """The headers of the item's facts."""
    return _decode_facts(item.told).facts


def press(content: bytes) -> bytes:
    """Packed bytes as they are sent and stored."""
    return bytes(lz4.compress_block(content))


def unpress(pressed: bytes) -> bytes:
    """Packed bytes as they were."""
    return bytes(lz4.decompress_block(pressed))


def _place(item: Item) -> tuple[bool, str, str]:
    return item.name != CASE, item.service, item.name
