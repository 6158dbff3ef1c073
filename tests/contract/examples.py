"""Records for tests, valid unless a test says otherwise: the example of the contract and what can be made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from shared.contracts.envelope import Refusal, Report, parse_report
from shared.contracts.institutions import Institution, Institutions, Region
from tests.support.services import REPORTS

GOLDEN = Path(__file__).parent / "golden"
#: The fact of the report that `event` makes.
FACT = "documents-complete"
CASE = "7b1f0c52-3f6e-4d1a-9c58-2f0a6e4b9d31"
TOPIC = "inbound.recognition.zag-muenster"
Headers = Sequence[tuple[str, bytes | None]]

INSTITUTIONS = Institutions(
    Region("Musterregion", "NW", ("05162024",)),
    [
        Institution("zag-muenster", "ZAG Münster", "competent-body", frozenset({"recognition"})),
        Institution("zag", "ZAG", "competent-body", frozenset({"recognition"})),
        Institution("muenster", "Münster", "competent-body", frozenset({"recognition"})),
        Institution("jobcenter-neuss", "Jobcenter Rhein-Kreis Neuss", "jobcenter", frozenset({"intake"})),
        Institution("jugendamt-neuss", "Jugendamt Neuss", "youth-office", frozenset({"childcare"})),
        Institution("vhs-neuss", "Volkshochschule Neuss", "course-provider", frozenset({"language"})),
        Institution("arbeitgeberservice-niederrhein", "Service", "employer-service", frozenset({"outreach"})),
    ],
)


class Record(NamedTuple):
    """What parsing reads of a Kafka record."""

    value: bytes | None
    headers: Headers = ()
    topic: str = TOPIC
    key: bytes | None = None
    timestamp: int = 1_770_280_868_000


def event(**changes: Any) -> dict[str, Any]:
    """The example report; `data` is changed field by field, and ... takes a member away."""
    whole: dict[str, Any] = json.loads((GOLDEN / "report.json").read_text(encoding="utf-8"))
    data = changes.pop("data", {})
    whole |= changes
    whole["data"] = {**whole["data"], **data} if isinstance(data, dict) else data
    for part in (whole, whole["data"]):
        for name in [name for name in part if part[name] is ...] if isinstance(part, dict) else ():
            del part[name]
    return whole


def structured(whole: Mapping[str, Any], topic: str = TOPIC) -> Record:
    """An event as one line of JSON without headers."""
    return Record(json.dumps(whole, ensure_ascii=False).encode(), (), topic)


def binary(whole: Mapping[str, Any], *more: tuple[str, bytes | None], topic: str = TOPIC) -> Record:
    """An event in binary mode."""
    headers = [(f"ce_{name}", str(value).encode()) for name, value in whole.items() if name not in ("data", TYPE)]
    if TYPE in whole:
        headers.append(("content-type", str(whole[TYPE]).encode()))
    return Record(json.dumps(whole["data"]).encode(), (*headers, *more), topic)


TYPE = "datacontenttype"


def read(record: Record) -> Report | Refusal:
    """What the service that owns the topic makes of a record."""
    service = record.topic.split(".")[1]
    return parse_report(service, REPORTS[service], INSTITUTIONS, record)


def accepted(record: Record) -> Report:
    """The report that a record holds; a refusal fails the test."""
    report = read(record)
    assert isinstance(report, Report), report
    return report


def refused(record: Record) -> Refusal:
    """The refusal that a record meets; a report fails the test."""
    refusal = read(record)
    assert isinstance(refusal, Refusal), refusal
    return refusal


def why(record: Record) -> tuple[str, str | None]:
    """Code and path of a refusal."""
    refusal = refused(record)
    return refusal.code, refusal.path


def as_json(value: Any) -> Any:
    """What a reader of the encoded value sees."""
    return msgspec.json.decode(msgspec.json.encode(value))
