"""What is published for institutions, as files: schemas, examples, AsyncAPI and OpenAPI documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from pages.answers import refusals, stories
from pages.board import board_examples
from pages.documents import documents
from pages.facts import item_of
from pages.found import part, reporting
from pages.samples import Event, Sampler, read_institutions
from shared.contracts.report import RETRACTED, RETRACTION, ReportType
from shared.contracts.schemas import (
    Schema,
    board_data,
    day_data,
    receipt_data,
    report_data,
    report_envelope,
    said_envelope,
    snapshot_data,
)

__all__ = ["TOLD", "files"]

#: The service whose reports bring about every code.
TOLD = "recognition"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_DEFS = "#/$defs/{name}"
_ANY_TYPE = {"type": "string", "pattern": r"^lotse\.[a-z]+(\.[a-z0-9-]+)?\.v1$"}


def files() -> dict[str, str]:
    """Every file by its path below docs/contract."""
    made: dict[str, Any] = {f"schemas/{name}.json": schema for name, schema in _schemas()}
    samplers = {service: _sampler(service) for service in reporting()}
    for service, sampler in samplers.items():
        made |= {f"examples/accepted/lotse.{service}.{fact}.v1.json": row for fact, row in sampler.all_rows().items()}
        made |= {f"examples/refused/lotse.{service}.{fact}.v1.json": told for fact, told in refusals(sampler).items()}
        made |= {f"examples/said/{event['type']}.json": event for event in _snapshots(sampler)}
    made |= {
        f"examples/said/{event['type']}.json": event
        for event in board_examples(samplers[TOLD], "documents-complete", "recognition")
    }
    made |= {f"examples/codes/{code}.json": told for code, told in stories(samplers[TOLD]).items()}
    texts = {name: json.dumps(content, ensure_ascii=False, indent=2) + "\n" for name, content in made.items()}
    return texts | documents()


def _sampler(service: str) -> Sampler:
    return Sampler(part(service, "__main__").SERVICE, read_institutions())


def _snapshots(sampler: Sampler) -> Iterator[Event]:
    """Of each kind of item the snapshot after the longest row of examples."""
    said: dict[str, list[Event]] = {}
    for row in sampler.rows.values():
        snapshots = sampler.said(row)[-1].snapshots
        for snapshot in snapshots:
            said.setdefault(snapshot["type"], []).append(snapshot)
    for events in said.values():
        yield max(events, key=lambda event: len(event["data"]["facts"]))


def _schemas() -> Iterator[tuple[str, Schema]]:
    """Every schema by its name: the two envelopes, then `data` of each type that is reported or said.

    One type may be both (`opening-changed` is a report and a snapshot).
    """
    yield _schema(
        "report",
        "A whole report, structured. Its `data` is described by the schema below `reports` named like its `type`.",
        report_envelope(_ANY_TYPE, {"type": "object"}),
    )
    yield _schema(
        "said",
        "Whatever Lotse says, whole. Its `data` is described by the schema below `said` named like its `type`.",
        said_envelope({"type": "string", "pattern": "^/lotse/[a-z]+$"}, _ANY_TYPE, {"type": "object"}),
    )
    for service in reporting():
        reports: Mapping[str, ReportType] = part(service, "reports").REPORTS
        for fact, report in {**reports, RETRACTED: RETRACTION}.items():
            about = f"`data` of the report {fact}" + (f" about {item_of(report.form)}." if report.form.prefix else ".")
            yield _schema(f"reports/lotse.{service}.{fact}.v1", about, report_data(report))
        for shape in part(service, "snapshot").ITEMS:
            about = f"`data` of a snapshot: how {shape.prefix}{'<key>' * shape.prefix.endswith('-')} stands."
            make = partial(snapshot_data, shape, template=_DEFS)
            yield _schema(f"said/lotse.{service}.{shape.kind}.v1", about, _with_parts(make))
    for kind in board_data({}, _DEFS):
        about = "`data` of what changed on the board of a case."
        yield _schema(f"said/lotse.coordinator.{kind}.v1", about, _with_parts(partial(_board_data, kind)))
    yield _schema("said/lotse.receipt.v1", "`data` of a receipt.", receipt_data(reporting()))
    yield _schema("said/lotse.clock.day-began.v1", "`data` of a day that began.", day_data())


def _board_data(kind: str, parts: dict[str, Schema]) -> Schema:
    return board_data(parts, _DEFS)[kind]


def _with_parts(make: Callable[[dict[str, Schema]], Schema]) -> Schema:
    """A schema with all that it refers to, and nothing else."""
    parts: dict[str, Schema] = {}
    schema = make(parts)
    if "$ref" in schema:
        schema = parts[schema["$ref"].rsplit("/", 1)[1]]
    needed: dict[str, Schema] = {}
    _gather(schema, parts, needed)
    return {**schema, "$defs": dict(sorted(needed.items()))}


def _gather(value: Any, parts: Mapping[str, Schema], needed: dict[str, Schema]) -> None:
    """Adds to `needed` what a schema refers to, directly or not."""
    if isinstance(value, dict):
        name = value.get("$ref", "").rsplit("/", 1)[-1]
        if name and name not in needed:
            needed[name] = parts[name]
            _gather(parts[name], parts, needed)
        for one in value.values():
            _gather(one, parts, needed)
    elif isinstance(value, list):
        for one in value:
            _gather(one, parts, needed)


def _schema(name: str, about: str, schema: Schema) -> tuple[str, Schema]:
    """The schema as its file has it, with its name."""
    head = {"$schema": _DRAFT, "$id": f"urn:lotse:{name.replace('/', ':')}"}
    return name, {**head, **schema, "title": name.rpartition("/")[2], "description": about}
