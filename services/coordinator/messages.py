"""What is said of a case, as bytes: `barrier-changed` and `case-changed` (facts.md §5).

The fields that tell how things stand are encoded first, as one fragment, and the message is laid around it. Whether
something changed is asked of the bytes said before; only then they are taken apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from shared.contracts.board import Barrier, CaseBoard
from shared.contracts.snapshot import Cause, ConflictEntry

_encode = msgspec.json.Encoder().encode
_fields_of = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_NULL = msgspec.Raw(b"null")
_CHANGED = b',"changed":['


class CaseContent(msgspec.Struct, frozen=True, rename="camel"):
    """What `case-changed` tells of a case."""

    stage: str
    since: str
    open_barriers: tuple[str, ...]
    only_barrier: str | None
    conflicts: tuple[ConflictEntry, ...]


class Occasion(NamedTuple):
    """When something changed, and what brought it about."""

    time: str
    cause: Cause


def barrier_fragment(barrier: Barrier) -> bytes:
    """How a barrier stands, without the braces."""
    return _encode(barrier)[1:-1]


def case_fragment(board: CaseBoard) -> bytes:
    """How a case stands, without the braces."""
    content = CaseContent(board.stage, board.since, board.open_barriers, board.only_barrier, board.conflicts)
    return _encode(content)[1:-1]


def says(said: bytes, fragment: bytes) -> bool:
    """Whether a message says this already. Quotes in strings are escaped, so a field's name is found for sure."""
    first = fragment[: fragment.index(b":") + 1]
    return said.startswith(fragment + _CHANGED, said.index(first))


def barrier_message(case: str, name: str, version: int, fragment: bytes, before: bytes | None, why: Occasion) -> bytes:
    """The message of a barrier that changed; `before` is the one said before."""
    return _message("barrier", f"{case}/{name}", case, f'"barrier":"{name}",', version, fragment, before, why)


def case_message(case: str, version: int, fragment: bytes, before: bytes | None, why: Occasion) -> bytes:
    """The message of a case that changed; `before` is the one said before."""
    return _message("case", case, case, "", version, fragment, before, why)


def _message(
    kind: str, key: str, case: str, named: str, version: int, fragment: bytes, before: bytes | None, why: Occasion
) -> bytes:
    if before is None:
        tail = _FIRST[kind]
    else:
        now = _fields_of(b"{" + fragment + b"}")
        old = _fields_of(b"{" + _fragment_of(before, fragment) + b"}")
        previous = {name: old.get(name, _NULL) for name, value in now.items() if old.get(name) != value}
        tail = _tail(previous)
    head = (
        f'{{"specversion":"1.0","id":"{key}/{version}","source":"/lotse/coordinator",'
        f'"type":"lotse.coordinator.{kind}-changed.v1","subject":"{case}","time":"{why.time}",'
        f'"datacontenttype":"application/json","data":{{"caseId":"{case}",{named}"version":{version},"cause":'
    ).encode()
    return head + _encode(why.cause) + b"," + fragment + tail


def _tail(previous: Mapping[str, msgspec.Raw]) -> bytes:
    """What changed, and how it stood before, up to the end of the message."""
    return b',"changed":' + _encode(list(previous)) + b',"previous":' + _encode(previous) + b"}}"


#: The first message of a barrier and of a case: all has changed, from nothing.
_FIRST = {
    kind: _tail(dict.fromkeys(content.__struct_encode_fields__, _NULL))
    for kind, content in (("barrier", Barrier), ("case", CaseContent))
}


def _fragment_of(said: bytes, like: bytes) -> bytes:
    """The fragment that a message was made with; `like` begins with the same field."""
    start = said.index(like[: like.index(b":") + 1])
    return said[start : said.index(_CHANGED, start)]
