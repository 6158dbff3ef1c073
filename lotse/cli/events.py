"""Structured CloudEvents as a person hands them over: one JSON object, an array of them, or one in each line.

Only what routing needs is looked at; whether a report is right is for its service to say, so that a broken one can be
published on purpose. An object keeps its bytes, up to the white space around it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lotse.errors import ExplainedError
from shared.contracts.topics import inbound_topic

_TYPE = re.compile(r"^lotse\.(?P<service>[a-z][a-z0-9-]*)\.")
_SOURCE = re.compile(r"^/(?P<institution>[a-z][a-z0-9-]{1,39})(/|$)")
_EXAMPLE = '{"specversion": "1.0", "id": "…", "source": "/<institution>", "type": "lotse.<service>.<fact>.v1", …}'


class Unroutable(ExplainedError):
    """What was handed over is no event, or does not say where it belongs."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One event and where it goes. `id` and `type` are for people; the event need not have them."""

    service: str
    institution: str
    subject: str | None
    id: str
    type: str
    value: bytes

    @property
    def topic(self) -> str:
        return inbound_topic(self.service, self.institution)


def read_events(content: bytes) -> list[Outgoing]:
    """All events of a file. Raises Unroutable that names the place, what is wrong there and what is expected."""
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise Unroutable(
            de=f"Das ist kein UTF-8 (Byte {error.start}). Speichern Sie die Datei als UTF-8.",
            en=f"This is not UTF-8 (byte {error.start}). Save the file as UTF-8.",
        ) from None
    if not text:
        raise Unroutable(
            de=f"Nichts zu senden: die Eingabe ist leer. Erwartet wird ein CloudEvent wie {_EXAMPLE}",
            en=f"Nothing to publish: the input is empty. A CloudEvent like {_EXAMPLE} is expected.",
        )
    return [_outgoing(place, event, value) for place, event, value in _objects(text)]


def _objects(text: str) -> Iterator[tuple[str, Any, bytes]]:
    """Each event with its place in the input and its bytes."""
    try:
        whole = json.loads(text)
    except ValueError as error:
        lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) < 2 or not lines[0][1].endswith("}"):
            raise _no_json("", error) from None
        for number, line in lines:
            try:
                yield f"Zeile/line {number}", json.loads(line), line.encode()
            except ValueError as broken:
                raise _no_json(f"Zeile/line {number}: ", broken) from None
        return
    if not isinstance(whole, list):
        yield "", whole, text.encode()
        return
    for number, event in enumerate(whole, 1):
        yield f"Nr./no. {number}", event, json.dumps(event, ensure_ascii=False).encode()


def _outgoing(place: str, event: Any, value: bytes) -> Outgoing:
    at = f"{place}: " if place else ""
    if not isinstance(event, dict):
        raise Unroutable(
            de=f"{at}Das ist kein JSON-Objekt. Erwartet wird ein CloudEvent wie {_EXAMPLE}",
            en=f"{at}This is no JSON object. A CloudEvent like {_EXAMPLE} is expected.",
        )
    kind, source = _text(event, "type"), _text(event, "source")
    service, institution = _TYPE.match(kind), _SOURCE.match(source)
    if not service:
        raise Unroutable(
            de=f"{at}`type` ist {kind!r}; daraus geht kein Dienst hervor. Erwartet wird lotse.<service>.<fact>.v1.",
            en=f"{at}`type` is {kind!r}, which names no service. lotse.<service>.<fact>.v1 is expected.",
        )
    if not institution:
        raise Unroutable(
            de=f"{at}`source` ist {source!r}; daraus geht keine Institution hervor. Erwartet wird /<institution>.",
            en=f"{at}`source` is {source!r}, which names no institution. /<institution> is expected.",
        )
    subject = event.get("subject")
    return Outgoing(
        service["service"],
        institution["institution"],
        subject if isinstance(subject, str) else None,
        _text(event, "id"),
        kind,
        value,
    )


def _text(event: dict[str, Any], name: str) -> str:
    value = event.get(name, "")
    return value if isinstance(value, str) else json.dumps(value)


def _no_json(at: str, error: ValueError) -> Unroutable:
    return Unroutable(
        de=(
            f"{at}Das ist kein JSON ({error}). Erwartet wird ein JSON-Objekt, eine Liste davon oder je Zeile eines, "
            f"jedes ein CloudEvent wie {_EXAMPLE}"
        ),
        en=f"{at}This is no JSON ({error}). One JSON object is expected, a list of them, or one in each line.",
    )
