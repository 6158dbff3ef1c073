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


def said_next(before: Said | None, content: bytes, cause: bytes, time: str) -> Said:
    """What is said of new content after what was said before."""
    if before is None:
        return Said(1, time, cause, content, b"")
    now, old = _fields_of(b"{" + content + b"}"), fields_of(before)
    previous = {name: old.get(name, _NULL) for name, value in now.items() if old.get(name) != value}
    return Said(before.version + 1, time, cause, content, _tail(previous))


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
    return b"".join((head, said.cause, b",", said.content, said.tail or _first_tail(said)))


def cause_of(cause: Cause) -> bytes:
    """A cause as it stands in a message."""
    return _encode(cause)


class _Event(msgspec.Struct, frozen=True):
    time: str
    data: dict[str, msgspec.Raw]


_decode = msgspec.json.Decoder(_Event).decode
_number = msgspec.json.Decoder(int).decode
#: What stands in `data` beside how things stand.
_AROUND = frozenset({"caseId", "barrier", "version", "cause", "changed", "previous"})


def said_of(value: bytes) -> Said:
    """What a message of the board said: of one that was made here, the same message can be made again."""
    event = _decode(value)
    data = event.data
    content = b",".join(b'"%b":%b' % (name.encode(), told) for name, told in data.items() if name not in _AROUND)
    said = Said(_number(data["version"]), event.time, bytes(data["cause"]), content, b"")
    tail = _tail(_fields_of(data["previous"]))
    return said if tail == _first_tail(said) else msgspec.structs.replace(said, tail=tail)


def _tail(previous: Mapping[str, msgspec.Raw]) -> bytes:
    """What changed, and how it stood before, up to the end of the message."""
    return b"".join((_CHANGED, _encode(list(previous)), b',"previous":', _encode(previous), b"}}"))


def _first_tail(said: Said) -> bytes:
    """Of a first message: all has changed, from nothing."""
    return _tail(dict.fromkeys(fields_of(said), _NULL))
