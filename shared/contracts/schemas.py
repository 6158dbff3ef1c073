"""The JSON Schemas of everything that is reported and said: one for the `data` of each type, one for each envelope.

They are made from the very tables that reports are checked with and the very shapes that messages are written with.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from shared.contracts.board import BarrierChanged, CaseChanged
from shared.contracts.report import ReportType
from shared.contracts.snapshot import Snapshot
from shared.contracts.state import ItemShape
from shared.contracts.types import DATE, REPORT_ID, UUID4
from shared.contracts.verdicts import CODES, Verdict

__all__ = [
    "Schema",
    "board_data",
    "day_data",
    "dead_letter",
    "envelope",
    "receipt_data",
    "report_data",
    "report_envelope",
    "said_envelope",
    "snapshot_data",
    "struct_schema",
]

Schema = dict[str, Any]

_SOURCE = r"^/[a-z][a-z0-9-]{1,39}(/[A-Za-z0-9._-]{1,40})?$"
_TEXT = {"type": "object", "required": ["de", "en"], "properties": {"de": {"type": "string"}, "en": {"type": "string"}}}
_COUNT = {"type": "integer", "minimum": 0}
_RECORD = {
    "type": "object",
    "required": ["topic", "partition", "offset"],
    "properties": {"topic": {"type": "string"}, "partition": _COUNT, "offset": _COUNT},
}
_BOARD: Mapping[str, type[msgspec.Struct]] = {"barrier-changed": BarrierChanged, "case-changed": CaseChanged}


def envelope(source: Schema, type_: Schema, data: Schema, needed: Iterable[str], **more: Schema) -> Schema:
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


def report_envelope(type_: Schema, data: Schema) -> Schema:
    """What an institution sends."""
    id_ = {"type": "string", "pattern": REPORT_ID}
    return envelope(
        {"type": "string", "pattern": _SOURCE},
        type_,
        data,
        ["subject"],
        id=id_,
        subject={"type": "string", "pattern": UUID4},
        corrects=id_,
    )


def said_envelope(source: Schema, type_: Schema, data: Schema) -> Schema:
    """What Lotse says; only a receipt of an unreadable record and a day have no subject."""
    return envelope(source, type_, data, [], subject={"type": "string"})


def report_data(report: ReportType) -> Schema:
    """`data` of a report."""
    schema: Schema = report.model.json_schema()
    for field in schema["properties"].values():
        field.pop("title", None)
    return schema


def receipt_data(services: Iterable[str]) -> Schema:
    """`data` of a receipt from one of these services."""
    verdict = {"enum": list(typing.get_args(Verdict))}
    names = list(services)
    return {
        "type": "object",
        "required": ["service", "verdict", "code", "message", "hint", "version", "receivedAt", "record"],
        "properties": {
            "reportId": {"type": "string"},
            "source": {"type": "string"},
            "service": {"const": names[0]} if len(names) == 1 else {"enum": names},
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


def snapshot_data(shape: ItemShape, components: dict[str, Schema], template: str) -> Schema:
    """`data` of a snapshot whose `state` has the shape of its kind of item; what it refers to goes to `components`."""
    struct_schema(Snapshot, components, template)
    data = {**components["Snapshot"], "title": f"{shape.kind} data"}
    data["properties"] = {**data["properties"], "state": struct_schema(shape.state, components, template)}
    return data


def board_data(components: dict[str, Schema], template: str) -> Mapping[str, Schema]:
    """`data` of what the coordinator says, by kind."""
    return {kind: struct_schema(shape, components, template) for kind, shape in _BOARD.items()}


def day_data() -> Schema:
    """`data` of a day that began."""
    day = {"type": "string", "format": "date", "pattern": DATE}
    return {"type": "object", "required": ["day"], "properties": {"day": day}}


def dead_letter() -> Schema:
    """A whole dead letter; it is no CloudEvent."""
    return {
        "type": "object",
        "required": ["service", "code", "record"],
        "properties": {"service": {"type": "string"}, "code": {"type": "string"}, "record": _RECORD},
    }


def struct_schema(shape: type[msgspec.Struct], components: dict[str, Schema], template: str) -> Schema:
    """A reference to the schema of a struct; what it refers to is added to the components."""
    (reference,), found = msgspec.json.schema_components([shape], ref_template=template)
    for name, schema in found.items():
        components[name] = {**schema, "description": " ".join(schema.get("description", name).split())}
    return reference
