"""The published description of what a process reads and says: AsyncAPI 3.0 with the JSON Schemas of every message.

It is made from the very tables that reports are checked with and the very shapes that snapshots are written with.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.contracts.board import BarrierChanged, CaseChanged
from shared.contracts.report import RETRACTION, ReportType
from shared.contracts.snapshot import Snapshot
from shared.contracts.state import ItemShape
from shared.contracts.topics import (
    BOARD_TOPIC,
    CLOCK_TOPIC,
    dead_letters_topic,
    events_topic,
    inbound_topic,
    receipts_topic,
)
from shared.contracts.types import DATE, INSTITUTION, REPORT_ID, UUID4
from shared.contracts.verdicts import CODES, Verdict

__all__ = ["Document", "board_document", "clock_document", "reporting_document"]

Document = dict[str, Any]
Schema = dict[str, Any]

_SCHEMAS = "#/components/schemas/{name}"
_ANY_INSTITUTION = "{institution}"
_SOURCE = r"^/[a-z][a-z0-9-]{1,39}(/[A-Za-z0-9._-]{1,40})?$"
_TEXT = {"type": "object", "required": ["de", "en"], "properties": {"de": {"type": "string"}, "en": {"type": "string"}}}
_COUNT = {"type": "integer", "minimum": 0}
_RECORD = {
    "type": "object",
    "required": ["topic", "partition", "offset"],
    "properties": {"topic": {"type": "string"}, "partition": _COUNT, "offset": _COUNT},
}


@dataclass(frozen=True, slots=True)
class Channel:
    """A topic as this process sees it: `action` is `receive` or `send`; `messages` are whole events by name."""

    name: str
    topic: str
    action: str
    key: str
    messages: Mapping[str, Schema]


def reporting_document(service: str, reports: Mapping[str, ReportType], items: Sequence[ItemShape]) -> Document:
    """What a reporting service reads and says."""
    components: dict[str, Schema] = {}
    facts = {
        report.name: _report_event(f"lotse.{service}.{report.name}.v1", report)
        for report in (*reports.values(), RETRACTION)
    }
    channels = (
        Channel("inbound", inbound_topic(service, _ANY_INSTITUTION), "receive", "the case id", facts),
        Channel(
            "receipts",
            receipts_topic(_ANY_INSTITUTION),
            "send",
            "<service>#<source>#<id>, or <topic>/<partition>/<offset> of a record that names none",
            {"receipt": _said_event("lotse.receipt.v1", service, _receipt(service))},
        ),
        Channel(
            "events",
            events_topic(service),
            "send",
            "<caseId>/<item>; a tombstone hides the item",
            {shape.kind: _snapshot_event(service, shape, components) for shape in items},
        ),
        Channel(
            "deadLetters",
            dead_letters_topic(service),
            "send",
            "<topic>/<partition>/<offset>",
            {"dead-letter": _dead_letter()},
        ),
    )
    return _document(service, f"The service {service}: reports in, snapshots and receipts out.", channels, components)


def board_document(services: Iterable[str]) -> Document:
    """What the coordinator reads and says. The snapshots that it reads are described by the services that say them."""
    components: dict[str, Schema] = {}
    said: dict[str, type[msgspec.Struct]] = {"barrier-changed": BarrierChanged, "case-changed": CaseChanged}
    messages = {
        kind: _said_event(f"lotse.coordinator.{kind}.v1", "coordinator", _schema(shape, components))
        for kind, shape in said.items()
    }
    channels = [
        Channel("board", BOARD_TOPIC, "send", "<caseId>/<barrier>, <caseId>; a tombstone hides it", messages),
        Channel("days", CLOCK_TOPIC, "receive", "none", {"day-began": _day_began()}),
    ]
    channels += [
        Channel(
            f"events-{service}",
            events_topic(service),
            "receive",
            "<caseId>/<item>",
            {f"{service}-snapshot": _said_event(None, service, _schema(Snapshot, components))},
        )
        for service in services
    ]
    return _document("coordinator", "The coordinator: snapshots and days in, the board out.", channels, components)


def clock_document() -> Document:
    """What the clock says."""
    channel = Channel("days", CLOCK_TOPIC, "send", "none", {"day-began": _day_began()})
    return _document("clock", "The clock: each calendar day once, none left out.", [channel], {})


def _document(title: str, description: str, channels: Iterable[Channel], components: Mapping[str, Schema]) -> Document:
    document: Document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Lotse: {title}",
            "version": "1",
            "description": f"{description} CloudEvents 1.0; reports also in binary mode.",
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {},
        "operations": {},
        "components": {"messages": {}, "schemas": dict(components)},
    }
    for channel in channels:
        document["channels"][channel.name] = _channel(channel)
        document["operations"][f"{channel.action}-{channel.name}"] = {
            "action": channel.action,
            "channel": {"$ref": f"#/channels/{channel.name}"},
        }
        for name, payload in channel.messages.items():
            document["components"]["messages"][name] = {"name": name, "payload": payload}
    return document


def _channel(channel: Channel) -> Schema:
    described: Schema = {
        "address": channel.topic,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in channel.messages},
        "description": f"Key: {channel.key}.",
    }
    if _ANY_INSTITUTION in channel.topic:
        described["parameters"] = {"institution": {"description": f"as in the institutions file: {INSTITUTION}"}}
    return described


def _event(source: Schema, type_: Schema, data: Schema, needed: Sequence[str], **more: Schema) -> Schema:
    """A whole CloudEvent in structured mode."""
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", *needed, "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string"},
            "source": source,
            "type": type_,
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            **more,
            "data": data,
        },
    }


def _report_event(type_: str, report: ReportType) -> Schema:
    id_ = {"type": "string", "pattern": REPORT_ID}
    return _event(
        {"type": "string", "pattern": _SOURCE},
        {"const": type_},
        report.model.json_schema(),
        ["subject"],
        id=id_,
        subject={"type": "string", "pattern": UUID4},
        corrects=id_,
    )


def _said_event(type_: str | None, service: str, data: Schema) -> Schema:
    kind = {"const": type_} if type_ else {"type": "string"}
    return _event({"const": f"/lotse/{service}"}, kind, data, [], subject={"type": "string"})


def _snapshot_event(service: str, shape: ItemShape, components: dict[str, Schema]) -> Schema:
    """A snapshot whose `state` has the shape of its kind of item."""
    _schema(Snapshot, components)
    data = {**components["Snapshot"], "title": f"{shape.kind} data"}
    data["properties"] = {**data["properties"], "state": _schema(shape.state, components)}
    return _said_event(f"lotse.{service}.{shape.kind}.v1", service, data)


def _schema(shape: type[msgspec.Struct], components: dict[str, Schema]) -> Schema:
    """A reference to the schema of a struct; what it refers to is added to the components."""
    (reference,), found = msgspec.json.schema_components([shape], ref_template=_SCHEMAS)
    for name, schema in found.items():
        components[name] = {**schema, "description": " ".join(schema.get("description", name).split())}
    return reference


def _receipt(service: str) -> Schema:
    verdict = {"enum": list(typing.get_args(Verdict))}
    return {
        "type": "object",
        "required": ["service", "verdict", "code", "message", "hint", "version", "receivedAt", "record"],
        "properties": {
            "reportId": {"type": "string"},
            "source": {"type": "string"},
            "service": {"const": service},
            "verdict": verdict,
            "code": {"enum": list(CODES)},
            "path": {"type": "string", "description": "JSON pointer into the structured form"},
            "message": _TEXT,
            "hint": _TEXT,
            "version": {**_COUNT, "description": "the newest counts"},
            "standing": {**verdict, "description": "the verdict of the report that has this id"},
            "receivedAt": {"type": "string", "format": "date-time"},
            "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "record": _RECORD,
        },
    }


def _dead_letter() -> Schema:
    return {
        "type": "object",
        "required": ["service", "code", "record"],
        "properties": {"service": {"type": "string"}, "code": {"type": "string"}, "record": _RECORD},
    }


def _day_began() -> Schema:
    day = {"type": "string", "format": "date", "pattern": DATE}
    data = {"type": "object", "required": ["day"], "properties": {"day": day}}
    return _said_event("lotse.clock.day-began.v1", "clock", data)
