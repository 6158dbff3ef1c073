"""Taking a Kafka record apart: from headers and value, in binary or structured mode, to attributes and data.

Everything is searched for identifiers here, before anything is judged; what was found is said with its place only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from shared.contracts.identifiers import SEPARATOR, find_identifier, holds_identifier, may_hold_identifier

#: The largest value of a record.
MAX_BYTES = 256 * 1024

_JSON = "application/json"
_STRUCTURED = "application/cloudevents+json"
_NAMING = ("id", "source", "subject")
#: The headers of usual records with the attributes that they carry, and what stands in usual data.
_USUAL_HEADERS = {
    "ce_specversion": "specversion",
    "ce_id": "id",
    "ce_source": "source",
    "ce_type": "type",
    "ce_subject": "subject",
    "ce_time": "time",
    "ce_corrects": "corrects",
    "content-type": "datacontenttype",
}
_USUAL_TYPES = frozenset((str, bool, int))
_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
_decode = msgspec.json.Decoder().decode


class Faulty(Exception):
    """What is wrong with a record: one code, and the path of the field in the structured form where one is at fault."""

    def __init__(self, code: str, *path: str | int) -> None:
        super().__init__(code)
        self.code, self.path = code, path


@dataclass(slots=True)
class Parts:
    """A record taken apart. `fault` is what is wrong with its form; `nameless` hides id, source and subject."""

    attributes: dict[str, Any] = field(default_factory=dict)
    data: Any = None
    fault: Faulty | None = None
    nameless: bool = False

    def blame(self, code: str, *path: str | int) -> None:
        """Keeps the first fault; later ones do not count."""
        if self.fault is None:
            self.fault = Faulty(code, *path)


def take_apart(value: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> Parts:
    """Reads headers and value of a record. Never raises; what is wrong stands in `fault`."""
    return _take_usual(value, headers) or _take_any(value, headers)


def _take_usual(value: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> Parts | None:
    """The short way for nearly all records: binary mode, known headers once each, one flat object, all in ASCII.

    None where anything is unusual. What comes back is what `_take_any` would give, for a third of its time.
    """
    raws: dict[str, bytes] = {}
    for name, raw in headers:
        attribute = _USUAL_HEADERS.get(name)
        if attribute is None or not raw or attribute in raws:
            return None
        raws[attribute] = raw
    if value is None or len(value) > MAX_BYTES or "specversion" not in raws:
        return None
    if raws.get("datacontenttype", b"application/json") != b"application/json" or b"\\" in value:
        return None
    # The value as it stands: without escapes every string of it is a part of it.
    if may_hold_identifier(b"\0".join((*raws.values(), value))):
        return None
    try:
        data = _decode(value)
    except _UNREADABLE:
        return None
    # As many colons as members: none is named twice, and no string has one, which could make up for that.
    if type(data) is not dict or value.count(b":") != len(data) or "specversion" in data:
        return None
    if not _USUAL_TYPES.issuperset(map(type, data.values())):
        return None
    return Parts({attribute: raw.decode() for attribute, raw in raws.items()}, data)


def _take_any(value: bytes | None, headers: Sequence[tuple[str, bytes | None]]) -> Parts:
    """The long way, for every record that there can be."""
    parts = Parts()
    in_headers: list[str] = []
    text = ""
    binary = _read_headers(parts, headers, in_headers)
    content_type = parts.attributes.get("datacontenttype", "").partition(";")[0].strip().lower()
    if value is None:
        parts.blame("envelope.invalid")
    elif len(value) > MAX_BYTES:
        parts.fault = Faulty("too-large")
    else:
        try:
            content, text = read_json(value)
        except _UNREADABLE:
            parts.fault = Faulty("json.invalid")
        else:
            if binary:
                _take_data(parts, content, content_type)
            else:
                _take_event(parts, content, content_type)
    if holds_identifier(SEPARATOR.join((*in_headers, text))):
        _refuse_identifiers(parts, in_headers)
    return parts


def read_json(raw: bytes) -> tuple[Any, str]:
    """A decoded JSON value and all its strings, joined; whole numbers become int, however they were written.

    Raises ValueError, msgspec.MsgspecError or RecursionError where it is no JSON or names a member twice.
    """
    value = _decode(raw)
    strings: list[str] = []
    members = _gather(value, strings)
    text = SEPARATOR.join(strings)
    # A member named twice is dropped by the decoder; then the bytes have a colon more than what is left of them. Only
    # an escape could hide one.
    if raw.count(b":") != members + text.count(":") or b"\\" in raw:
        json.loads(raw.decode(), object_pairs_hook=_each_member_once)
    return value, text


def _gather(value: Any, strings: list[str]) -> int:
    """Adds every string to `strings`, makes whole numbers int in place, and returns the number of members."""
    members = 0
    stack = [value]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            strings.append(value)
            continue
        if isinstance(value, dict):
            members += len(value)
            strings.extend(value)
            entries: Iterable[tuple[Any, Any]] = value.items()
        elif isinstance(value, list):
            entries = enumerate(value)
        else:
            continue
        for place, entry in entries:
            if isinstance(entry, str):
                strings.append(entry)
            elif isinstance(entry, float):
                if entry.is_integer():
                    value[place] = int(entry)
            elif isinstance(entry, (dict, list)):
                stack.append(entry)
    return members


def _each_member_once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a member stands here twice")


def _read_headers(parts: Parts, headers: Sequence[tuple[str, bytes | None]], strings: list[str]) -> bool:
    """Takes the attributes from the headers; returns whether the record is in binary mode.

    An attribute that is given twice is a fault; where the two differ, none of them is taken. A name that is no UTF-8
    could have been any attribute, so nothing of such a record is repeated.
    """
    binary = False
    attributes, torn = parts.attributes, set()
    for name, raw in headers:
        text = raw.decode(errors="replace") if raw else ""
        strings += (name.removeprefix("ce_"), text)
        if not name.isascii() and _is_garbled(name):
            parts.blame("envelope.invalid")
            parts.nameless = True
            continue
        if name.startswith("ce_"):
            binary, attribute = True, name[3:]
        elif name == "content-type" and text:
            attribute = "datacontenttype"
        else:
            continue
        if attribute not in attributes:
            attributes[attribute] = text
        elif attributes[attribute] != text:
            parts.blame("envelope.invalid", attribute)
            torn.add(attribute)
        elif attribute != "datacontenttype":
            parts.blame("envelope.invalid", attribute)
        if raw is None or "\ufffd" in text:
            parts.blame("envelope.invalid", attribute)
            torn.add(attribute)
    for attribute in torn:
        del attributes[attribute]
    return binary


def _is_garbled(name: str) -> bool:
    """Whether the name of a header was no UTF-8: what could not be decoded stands there as lone surrogates."""
    return any("\ud800" <= character <= "\udfff" for character in name)


def _take_data(parts: Parts, content: Any, content_type: str) -> None:
    """Binary mode: the value is `data`. Where it is a whole event as well, its names must agree to be repeated."""
    parts.data = content
    whole = isinstance(content, dict) and "specversion" in content
    if whole or content_type == _STRUCTURED:
        parts.blame("envelope.invalid")
        if isinstance(content, dict):
            for name in _NAMING:
                if name in content and content[name] != parts.attributes.get(name):
                    parts.attributes.pop(name, None)


def _take_event(parts: Parts, content: Any, content_type: str) -> None:
    """Structured mode: the value is the whole event. An attribute that is null counts as left out."""
    if not isinstance(content, dict):
        parts.data = content
        parts.blame("envelope.invalid")
        return
    parts.attributes = {name: value for name, value in content.items() if name != "data" and value is not None}
    parts.data = content.get("data")
    if content_type not in ("", _JSON, _STRUCTURED):
        parts.blame("envelope.invalid")
    if "data_base64" in content:
        parts.blame("envelope.invalid", "data_base64")


def _refuse_identifiers(parts: Parts, in_headers: Iterable[str]) -> None:
    """Says where the first identifier stands. Where id, source or subject holds one, none of the three is repeated."""
    path = find_identifier({**parts.attributes, "data": parts.data}, exempt=parts.data)
    if path is None and not any(map(holds_identifier, in_headers)):
        return
    parts.fault = Faulty("data.forbidden-identifier", *(path or ()))
    parts.nameless |= any(find_identifier(parts.attributes.get(name)) is not None for name in _NAMING)
