"""The published description of what a process reads and says: AsyncAPI 3.0 with the JSON Schemas of every message.

It is made from the very tables that reports are checked with and the very shapes that snapshots are written with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.contracts.report import RETRACTION, ReportType
from shared.contracts.schemas import (
    Schema,
    board_data,
    day_data,
    dead_letter,
    receipt_data,
    report_data,
    report_envelope,
    said_envelope,
    snapshot_data,
    struct_schema,
)
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
from shared.contracts.types import INSTITUTION

__all__ = ["Document", "board_document", "clock_document", "reporting_document"]

Document = dict[str, Any]
_SCHEMAS = "#/components/schemas/{name}"
_ANY_INSTITUTION = "{institution}"


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
        report.name: _reported(f"lotse.{service}.{report.name}.v1", report)
        for report in (*reports.values(), RETRACTION)
    }
    channels = (
        Channel("inbound", inbound_topic(service, _ANY_INSTITUTION), "receive", "the case id", facts),
        Channel(
            "receipts",
            receipts_topic(_ANY_INSTITUTION),
            "send",
            "<service>#<source>#<id>, or <topic>/<partition>/<offset> of a record that names none",
            {"receipt": _said("lotse.receipt.v1", service, receipt_data([service]))},
        ),
        Channel(
            "events",
            events_topic(service),
            "send",
            "<caseId>/<item>; a tombstone hides the item",
            {
                shape.kind: _said(
                    f"lotse.{service}.{shape.kind}.v1", service, snapshot_data(shape, components, _SCHEMAS)
                )
                for shape in items
            },
        ),
        Channel(
            "deadLetters",
            dead_letters_topic(service),
            "send",
            "<topic>/<partition>/<offset>",
            {"dead-letter": dead_letter()},
        ),
    )
    return _document(service, f"The service {service}: reports in, snapshots and receipts out.", channels, components)


def board_document(services: Iterable[str]) -> Document:
    """What the coordinator reads and says. The snapshots that it reads are described by the services that say them."""
    components: dict[str, Schema] = {}
    messages = {
        kind: _said(f"lotse.coordinator.{kind}.v1", "coordinator", data)
        for kind, data in board_data(components, _SCHEMAS).items()
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
            {f"{service}-snapshot": _said(None, service, struct_schema(Snapshot, components, _SCHEMAS))},
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
            document["components"]["messages"][f"{channel.name}.{name}"] = {"name": name, "payload": payload}
    return document


def _channel(channel: Channel) -> Schema:
    described: Schema = {
        "address": channel.topic,
        "messages": {name: {"$ref": f"#/components/messages/{channel.name}.{name}"} for name in channel.messages},
        "description": f"Key: {channel.key}.",
    }
    if _ANY_INSTITUTION in channel.topic:
        described["parameters"] = {"institution": {"description": f"as in the institutions file: {INSTITUTION}"}}
    return described


def _reported(type_: str, report: ReportType) -> Schema:
    return report_envelope({"const": type_}, report_data(report))


def _said(type_: str | None, service: str, data: Schema) -> Schema:
    return said_envelope({"const": f"/lotse/{service}"}, {"const": type_} if type_ else {"type": "string"}, data)


def _day_began() -> Schema:
    return _said("lotse.clock.day-began.v1", "clock", day_data())
