"""A report on its way: content, envelope, and what its receipt must say in the end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

ACCEPTED = frozenset({"ok", "ok.late"})


@dataclass(frozen=True, slots=True)
class Report:
    """What an office says: one CloudEvent. `at` is when it recorded it."""

    id: str
    source: str
    service: str
    fact: str
    subject: str
    at: datetime
    data: Mapping[str, Any]
    corrects: str | None = None

    @property
    def institution(self) -> str:
        """The office whose topic it goes to."""
        return self.source.split("/")[1]

    @property
    def type(self) -> str:
        """The type of the event."""
        return f"lotse.{self.service}.{self.fact}.v1"

    @property
    def occurred_on(self) -> date:
        """The day on which it became true."""
        return date.fromisoformat(self.data["occurredOn"])

    def attributes(self) -> dict[str, str]:
        """The attributes of the event, all but `datacontenttype`."""
        named = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return named | ({"corrects": self.corrects} if self.corrects else {})

    def with_data(self, **changes: Any) -> Report:
        """The same with other content; a field that becomes None is left out."""
        data = {name: value for name, value in {**self.data, **changes}.items() if value is not None}
        return replace(self, data=data)


@dataclass(frozen=True, slots=True)
class Record:
    """One Kafka record that an office sends on a day of the simulation.

    `codes` are the codes of which one must stand on its receipt in the end, `path` the field that a refusal must name.
    `mistake` says what went wrong in the office (None: nothing did), `case` whose life it belongs to. `order` keeps
    records of one office in the order in which they must follow each other.
    """

    day: date
    order: int
    topic: str
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    codes: frozenset[str]
    mistake: str | None
    case: str
    report: Report
    path: str | None = None


def binary(report: Report) -> tuple[bytes, tuple[tuple[str, bytes], ...]]:
    """Value and headers of a report in binary mode."""
    headers = [(f"ce_{name}", value.encode()) for name, value in report.attributes().items()]
    return dump(report.data), (*headers, ("content-type", b"application/json"))


def structured(report: Report) -> tuple[bytes, tuple[tuple[str, bytes], ...]]:
    """Value and headers of a report in structured mode."""
    event = {**report.attributes(), "datacontenttype": "application/json", "data": report.data}
    return dump(event), (("content-type", b"application/cloudevents+json"),)


def dump(value: Any) -> bytes:
    """JSON as offices write it."""
    return json.dumps(value, ensure_ascii=False).encode()


def instant(day: date, second: int) -> datetime:
    """A moment of a working day: so many seconds after six o'clock UTC."""
    return datetime.combine(day, time(6, tzinfo=UTC)) + timedelta(seconds=second)


@dataclass(slots=True)
class Outbox:
    """The records of one life, as its offices send them, up to the last day of the simulation."""

    start: date
    end: date
    records: list[Record] = field(default_factory=list)

    def send(
        self,
        report: Report,
        case: str,
        day: date,
        codes: frozenset[str] = ACCEPTED,
        *,
        mistake: str | None = None,
        whole: bool = False,
        raw: tuple[bytes, tuple[tuple[str, bytes], ...]] | None = None,
        path: str | None = None,
        institution: str | None = None,
    ) -> Record:
        """Sends a report on a day, at the latest the last; `whole` in structured mode, `raw` as something else."""
        value, headers = raw or (structured(report) if whole else binary(report))
        record = Record(
            day=min(max(day, self.start), self.end),
            order=len(self.records),
            topic=f"inbound.{report.service}.{institution or report.institution}",
            key=report.subject,
            value=value,
            headers=headers,
            codes=codes,
            mistake=mistake,
            case=case,
            report=report,
            path=path,
        )
        self.records.append(record)
        return record
