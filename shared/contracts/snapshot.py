"""What a service says of one item: `lotse.<service>.<kind>-changed.v1` (contract §5, facts.md §§5–6).

The structs decode only what a reader needs, straight from the message's bytes; encoding keeps the order of the fields.
"""

from __future__ import annotations

from typing import Any

import msgspec

#: What decoding a message may raise, whatever its bytes are: no JSON, another shape, no UTF-8, nested too deeply.
UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)


class Reference(msgspec.Struct, frozen=True, rename="camel"):
    """A fact, named: enough to find the report, nothing of its content."""

    source: str
    id: str
    type: str
    occurred_on: str


class FactHeader(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A standing fact of an item. `code` says why it is not in force (`fact.implausible`, `fact.conflict`)."""

    source: str
    id: str
    type: str
    occurred_on: str
    in_force: bool
    code: str | None = None


class ConflictEntry(msgspec.Struct, frozen=True, rename="camel"):
    """Facts that contradict each other; `items` are `<service>/<item>`."""

    code: str
    items: tuple[str, ...]
    facts: tuple[Reference, ...]


class Cause(msgspec.Struct, frozen=True, rename="camel"):
    """The report, snapshot or day that brought a change about."""

    source: str
    id: str
    type: str


class Snapshot(msgspec.Struct, frozen=True, rename="camel"):
    """`data` of a snapshot. `case_id` is the subject (of openings, events and contacts their own id).

    `state` is as in facts.md §6.
    """

    case_id: str
    item: str
    sequence: int
    cause: Cause
    state: dict[str, Any]
    because: tuple[Reference, ...]
    conflicts: tuple[ConflictEntry, ...]
    facts: tuple[FactHeader, ...]


class SnapshotEvent(msgspec.Struct, frozen=True, rename="camel"):
    """A whole snapshot message as it stands on `events.<service>`. Attributes are lower case as in CloudEvents."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    data: Snapshot


#: Decodes one message; raises msgspec.ValidationError or msgspec.DecodeError.
decode_snapshot = msgspec.json.Decoder(SnapshotEvent).decode
#: Encodes one message; the same event gives the same bytes.
encode_snapshot = msgspec.json.Encoder().encode
