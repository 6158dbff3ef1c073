"""What the services publish of themselves: AsyncAPI with the schemas of every message, made from what they run on."""

from __future__ import annotations

import importlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services.coordinator.registry import find_services
from shared.contracts.asyncapi import board_document, clock_document, reporting_document
from shared.contracts.verdicts import CODES
from tests.contract.documents import blocks, named, page, rows, section

SERVICES = find_services().services


def document_of(service: str) -> dict[str, Any]:
    """The published document of one process, as it goes over the wire."""
    if service in SERVICES:
        part = {name: importlib.import_module(f"services.{service}.{name}") for name in ("reports", "snapshot")}
        made = reporting_document(service, part["reports"].REPORTS, part["snapshot"].ITEMS)
    else:
        made = board_document(SERVICES) if service == "coordinator" else clock_document()
    read: dict[str, Any] = json.loads(json.dumps(made))
    return read


PROCESSES = (*SERVICES, "coordinator", "clock")


@pytest.mark.parametrize("process", PROCESSES)
def test_every_reference_leads_somewhere(process: str) -> None:
    """No `$ref` of the document is left hanging."""
    document = document_of(process)
    assert document["asyncapi"].startswith("3.")
    for reference in _references(document):
        _follow(document, reference)


@pytest.mark.parametrize("process", PROCESSES)
def test_the_channels_are_topics_of_the_contract(process: str) -> None:
    """Each address stands in contract §2, and the process does there what the contract says."""
    table = {named(row[0])[0]: row[1:3] for row in rows(section(page("contract.md"), "## 2."), "topic")}
    document = document_of(process)
    for operation in document["operations"].values():
        channel = _follow(document, operation["channel"]["$ref"])
        address = channel["address"].replace("{institution}", "<institution>")
        topic = address if address in table else re.sub(rf"\.({'|'.join(SERVICES)})\b", ".<service>", address)
        writers, readers = table[topic]
        who = {"coordinator": "coordinator", "clock": "clock"}.get(process, "service")
        assert who in (writers if operation["action"] == "send" else readers)


@pytest.mark.parametrize("service", SERVICES)
def test_the_messages_are_the_facts_and_snapshots_of_the_contract(service: str) -> None:
    """One message for each fact of facts §4, for each kind of item, for receipts and dead letters."""
    messages = document_of(service)["components"]["messages"]
    types = Counter(message["payload"]["properties"].get("type", {}).get("const") for message in messages.values())
    text = section(page("facts.md"), "## 4.")
    own = text[text.index(f"**{service}**") :].split("\n\n", 1)[0]
    facts = {name for row in re.findall(r"^\| (`[^|]*) \|", own, re.M) for name in named(row)}
    said = {named(row[4])[0] for row in rows(section(page("facts.md"), "## 3."), "item string") if row[1] == service}
    reported = {f"lotse.{service}.{fact}.v1" for fact in (*facts, "retracted")}
    # A type may be reported and said: an opening's change, and its snapshot.
    assert types == Counter([*reported, *said, "lotse.receipt.v1", None])


def test_the_examples_of_the_contract_fit_the_schemas() -> None:
    """Report, receipt, snapshot and both events of the board, as facts §5 shows them."""
    fitting = {
        "lotse.recognition.documents-complete.v1": ("recognition", "inbound.documents-complete"),
        "lotse.receipt.v1": ("recognition", "receipts.receipt"),
        "lotse.recognition.procedure-changed.v1": ("recognition", "events.procedure-changed"),
        "lotse.coordinator.barrier-changed.v1": ("coordinator", "board.barrier-changed"),
        "lotse.coordinator.case-changed.v1": ("coordinator", "board.case-changed"),
    }
    for block in blocks(section(page("facts.md"), "## 5."), "json"):
        event = json.loads(block)
        if event.get("type") in fitting:
            process, message = fitting.pop(event["type"])
            document = document_of(process)
            schema = document["components"]["messages"][message]["payload"]
            _check(document, schema, event, "")
            _must_fail(document, schema, {**event, "type": "lotse.other.v1"})
            _must_fail(document, schema, {name: value for name, value in event.items() if name != "data"})
    assert not fitting


def test_the_receipt_names_every_code() -> None:
    """And every verdict that a code can have."""
    data = document_of("recognition")["components"]["messages"]["receipts.receipt"]["payload"]["properties"]["data"]
    assert data["properties"]["code"]["enum"] == list(CODES)
    assert set(data["properties"]["verdict"]["enum"]) == {entry.verdict for entry in CODES.values()}


# A small reading of JSON Schema: what our documents use of it.


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def _follow(document: Mapping[str, Any], reference: str) -> Any:
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def _check(document: Mapping[str, Any], schema: Mapping[str, Any], value: Any, at: str) -> None:
    """Fails where a value does not fit a schema."""
    if "$ref" in schema:
        schema = _follow(document, schema["$ref"])
    if "anyOf" in schema:
        assert any(_fits(document, one, value) for one in schema["anyOf"]), at
        return
    if "const" in schema:
        assert value == schema["const"], at
    if "enum" in schema:
        assert value in schema["enum"], at
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    if "type" in schema:
        assert isinstance(value, kinds[schema["type"]]), at
    if "pattern" in schema and isinstance(value, str):
        assert re.search(schema["pattern"], value), at
    for name in schema.get("required", ()):
        assert name in value, f"{at}/{name}"
    properties = schema.get("properties", {})
    if isinstance(value, dict) and "properties" in schema:
        assert schema.get("additionalProperties", True) is not False or value.keys() <= properties.keys(), at
        for name in value.keys() & properties.keys():
            _check(document, properties[name], value[name], f"{at}/{name}")
    for number, part in enumerate(value if isinstance(value, list) else ()):
        _check(document, schema["items"], part, f"{at}/{number}")


def _fits(document: Mapping[str, Any], schema: Mapping[str, Any], value: Any) -> bool:
    try:
        _check(document, schema, value, "")
    except AssertionError:
        return False
    return True


def _must_fail(document: Mapping[str, Any], schema: Mapping[str, Any], value: Any) -> None:
    assert not _fits(document, schema, value)
