"""The CloudEvents SDK as an independent reader and writer: it understands ours, and we understand its."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings import kafka
from cloudevents.core.v1.event import CloudEvent

from shared.contracts.topics import mark_message
from tests.contract.documents import blocks, page, section
from tests.contract.examples import GOLDEN, Record, accepted, event

#: Every message that the contract shows whole.
SHOWN = [block for block in blocks(section(page("facts.md"), "## 5."), "json") if "specversion" in json.loads(block)]


def _as_the_sdk_reads(value: bytes) -> tuple[dict[str, Any], Any]:
    headers = {"content-type": b"application/cloudevents+json"}
    found = kafka.from_structured_event(kafka.KafkaMessage(headers, None, value))
    return found.get_attributes(), found.get_data()


@pytest.mark.parametrize("block", SHOWN, ids=[json.loads(block)["type"] for block in SHOWN])
def test_the_sdk_reads_what_lotse_says(block: str) -> None:
    """Attributes and data arrive as they were written; `time` is the same instant."""
    given = json.loads(block)
    attributes, data = _as_the_sdk_reads(block.encode())
    assert data == given.pop("data")
    assert attributes.pop("time") == datetime.fromisoformat(given.pop("time"))
    assert attributes == given


def test_the_sdk_reads_receipts_and_marks() -> None:
    """The bytes that stand in the topics, not only the page."""
    for value in (
        (GOLDEN / "receipt.json").read_bytes(),
        mark_message("intake", 3, datetime(2026, 6, 3, tzinfo=UTC))[1],
    ):
        attributes, data = _as_the_sdk_reads(value)
        assert attributes["specversion"] == "1.0"
        assert data == json.loads(value)["data"]


@pytest.mark.parametrize("mode", ["binary", "structured"])
def test_lotse_reads_what_the_sdk_writes(mode: str) -> None:
    """A report written by the SDK is the report that we would have written, in both modes."""
    whole = event(corrects="zm-2")
    data = whole.pop("data")
    written = CloudEvent({**whole, "time": datetime.fromisoformat(whole["time"])}, data)
    message = {"binary": kafka.to_binary_event, "structured": kafka.to_structured_event}[mode](written)
    assert accepted(Record(message.value, list(message.headers.items()))) == accepted(
        Record(json.dumps({**whole, "data": data}).encode())
    )
