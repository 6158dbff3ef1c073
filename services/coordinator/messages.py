"""What is said of a case, as bytes: `barrier-changed` and `case-changed` (facts.md §5).

A message is made of what its row keeps of it, so the same row gives the same bytes. How things stand is kept as the
JSON that goes into the message, and what was said before is taken apart only if something changed.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from services.coordinator.packed import OF_CASE, Said
from shared.contracts.board import Barrier, CaseBoard
from shared.contracts.snapshot import Cause, ConflictEntry

_encode = msgspec.json.Encoder().encode
_fields_of = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_NULL = msgspec.Raw(b"null")
_CHANGED = b',"changed":'


class CaseContent(msgspec.Struct, frozen=True, rename="camel"):
    """What `case-changed` tells of a case."""

    stage: str
    since: str
    open_barriers: tuple[str, ...]
    only_barrier: str | None
    conflicts: tuple[ConflictEntry, ...]


def barrier_content(barrier: Barrier) -> bytes:
    """How a barrier stands, without the braces."""
    return _encode(barrier)[1:-1]


def case_content(board: CaseBoard) -> bytes:
    """How a case stands, without the braces."""
    content = CaseContent(board.stage, board.since, board.open_barriers, board.only_barrier, board.conflicts)
    return _encode(content)[1:-1]


def fields_of(said: Said) -> Mapping[str, msgspec.Raw]:
    """How things stand, by field."""
    return _fields_of(b"{" + said.content + b"}")


def said_next(before: Said | None, content: bytes, cause: Cause, time: str) -> Said:
    """What is said of new content after what was said before."""
    if before is None:
        return Said(1, time, cause.source, cause.id, cause.type, content, b"")
    now, old = _fields_of(b"{" + content + b"}"), fields_of(before)
    previous = {name: old.get(name, _NULL) for name, value in now.items() if old.get(name) != value}
    return Said(before.version + 1, time, cause.source, cause.id, cause.type, content, _encode(previous))


def message(case: str, barrier: str, said: Said) -> bytes:
    """The message of a barrier, or of the case itself (OF_CASE)."""
    if barrier == OF_CASE:
        kind, key, named = "case", case, ""
    else:
        kind, key, named = "barrier", f"{case}/{barrier}", f'"barrier":"{barrier}",'
    head = (
        f'{{"specversion":"1.0","id":"{key}/{said.version}","source":"/lotse/coordinator",'
        f'"type":"lotse.coordinator.{kind}-changed.v1","subject":"{case}","time":"{said.time}",'
        f'"datacontenttype":"application/json","data":{{"caseId":"{case}",{named}"version":{said.version},"cause":'
    ).encode()
    return b"".join((head, _encode(said.cause), b",", said.content, _tail(said)))


class _Data(msgspec.Struct, frozen=True):
    version: int
    cause: Cause
    previous: msgspec.Raw


class _Event(msgspec.Struct, frozen=True):
    time: str
    data: _Data


_decode = msgspec.json.Decoder(_Event).decode


def said_of(case: str, barrier: str, value: bytes) -> Said:
    """What a message says that was made here, by whatever version of the program.

    One that this version would not make from it has no content, so that the next derivation says it anew.
    """
    event = _decode(value)
    version, cause = event.data.version, event.data.cause
    for previous in (b"", bytes(event.data.previous)):
        head = message(case, barrier, Said(version, event.time, cause.source, cause.id, cause.type, b"", b""))
        start, end = head.index(_CHANGED), value.rfind(_CHANGED)
        said = Said(version, event.time, cause.source, cause.id, cause.type, value[start:end], previous)
        if message(case, barrier, said) == value:
            return said
    return Said(version, event.time, cause.source, cause.id, cause.type, b"", b"")


def _tail(said: Said) -> bytes:
    """What changed, and how it stood before, up to the end of the message."""
    if said.previous:
        return b"".join((_CHANGED, _encode(list(_fields_of(said.previous))), b',"previous":', said.previous, b"}}"))
    names = tuple(_fields_of(b"{" + said.content + b"}"))
    return b"".join((_CHANGED, _encode(names), b',"previous":', _encode(dict.fromkeys(names)), b"}}"))
