"""Examples of every kind of report: valid events, and for each what must come before it so that it is accepted.

Ids come from the names, days from the place in the row; the same tables give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

from pages.line import Line, Record, Said
from shared.contracts.institutions import Institution, Institutions
from shared.contracts.report import RETRACTED, ReportType
from shared.contracts.topics import inbound_topic
from shared.contracts.types import INSTITUTION
from shared.engine.service import Service
from shared.platform.institutions import parse_institutions

__all__ = ["Event", "Sampler", "read_institutions", "uuid_of"]

Event = dict[str, Any]

INSTITUTIONS_FILE = Path(__file__).parents[2] / "deploy/institutions.yaml"
_FIRST_DAY = date(2026, 1, 12)
#: From one report of a row to the next, far enough apart for a first retention mark.
_BETWEEN = timedelta(weeks=9)
#: How far ahead a date lies that is announced.
_AHEAD = {"until": timedelta(weeks=26), "titleUntil": timedelta(weeks=104)}
_SOON = timedelta(weeks=2)
#: Values that go better together than the first of each enumeration.
_USUAL = {"fromLevel": "A2", "toLevel": "B2", "germanLevel": "B1", "targetGermanLevel": "B2", "minGermanLevel": "B1"}
#: Fields that say nothing beside the first value of another field.
_IDLE = {"employment-access-changed": ("until",)}
#: Facts with what is said in them otherwise than usual.
_Row = tuple[tuple[str, Mapping[str, Any]], ...]


def read_institutions() -> Institutions:
    """The institutions of the repository, so that the examples can be sent to a running Lotse as they are."""
    return parse_institutions(INSTITUTIONS_FILE.read_text(encoding="utf-8"))


def uuid_of(*names: object) -> str:
    """A UUID v4 from names, always the same."""
    digest = hashlib.sha256("/".join(map(str, names)).encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))


@dataclass
class Sampler:
    """Makes the examples of one service."""

    service: Service
    institutions: Institutions

    @cached_property
    def institution(self) -> Institution:
        """The one that reports: of all that may, the first of those that report to the fewest services.

        Raises LookupError where nobody may.
        """
        may = [one for one in self.institutions.all if self.service.name in one.services]
        if not may:
            raise LookupError(f"the institutions file lists nobody who reports to {self.service.name}")
        return min(may, key=lambda one: len(one.services))

    @property
    def topic(self) -> str:
        """The topic to which it reports."""
        return inbound_topic(self.service.name, self.institution.id)

    def event(self, row: str, number: int, fact: str, **changes: Any) -> Event:
        """The `number`-th event of a row of events about one item. `changes` are of `data`."""
        report = self.service.reports[fact]
        day = _FIRST_DAY + number * _BETWEEN
        subject = uuid_of(self.service.name, row, "subject")
        data = {"occurredOn": day.isoformat()} | {
            name.removesuffix("?"): self._value(name.removesuffix("?"), schema, day)
            for name, schema in _schemas(report).items()
            if name.removesuffix("?") not in _IDLE.get(fact, ())
        }
        data |= changes
        if report.form.is_subject and report.form.key:
            data[report.form.key] = subject
        return self.around(row, number, fact, subject, day, data)

    def around(self, row: str, number: int, fact: str, subject: str, day: date, data: Mapping[str, Any]) -> Event:
        """The envelope of an event that was recorded on the day on which it happened."""
        return {
            "specversion": "1.0",
            "id": uuid_of(self.service.name, row, number, fact),
            "source": f"/{self.institution.id}/fachverfahren",
            "type": f"lotse.{self.service.name}.{fact}.v1",
            "subject": subject,
            "time": f"{day.isoformat()}T09:30:00Z",
            "datacontenttype": "application/json",
            "data": dict(data),
        }

    @cached_property
    def rows(self) -> Mapping[str, list[Event]]:
        """Of every fact the shortest row of events that ends with it in which each is accepted with `ok`.

        A row is the fact alone, else the row of another fact about the same item and then this one. Raises LookupError
        where no such row is found.
        """
        found: dict[str, _Row] = {}
        while missing := [fact for fact in self.service.reports if fact not in found]:
            begun = [((), "")] if not found else [(row, fact) for fact, row in found.items()]
            new = {fact: row for fact in missing if (row := self._row(fact, begun)) is not None}
            if not new:
                raise LookupError(f"{self.service.name}: nothing makes {', '.join(missing)} plausible")
            found |= new
        return {fact: self._events(fact, found[fact]) for fact in self.service.reports}

    def _row(self, fact: str, begun: Iterable[tuple[_Row, str]]) -> _Row | None:
        prefix = self.service.reports[fact].form.prefix
        for row, before in begun:
            if before and self.service.reports[before].form.prefix != prefix:
                continue
            for varied in self._varied(row):
                if self._are_ok(self._events(fact, longer := (*varied, (fact, {})))):
                    return longer
        return None

    def _varied(self, row: _Row) -> Iterator[_Row]:
        """A row as it is, then with each other value of an enumeration that its last fact must name."""
        yield row
        if row:
            fact, _ = row[-1]
            for name, schema in _schemas(self.service.reports[fact]).items():
                if not name.endswith("?"):
                    yield from ((*row[:-1], (fact, {name: value})) for value in schema.get("enum", ())[1:])

    def _events(self, name: str, row: _Row) -> list[Event]:
        return [self.event(name, number, fact, **changes) for number, (fact, changes) in enumerate(row)]

    def _are_ok(self, events: Sequence[Event]) -> bool:
        codes = [receipt["data"]["code"] for one in self.said(events) for receipt in one.receipts]
        return codes == ["ok"] * len(events)

    def all_rows(self) -> dict[str, list[Event]]:
        """The rows of all facts and of the retraction."""
        return {**self.rows, RETRACTED: self.retraction()}

    def retraction(self, row: str = RETRACTED) -> list[Event]:
        """A report, and what takes it back."""
        fact = next(iter(self.service.reports))
        taken = self.event(row, 0, fact)
        day = date.fromisoformat(taken["data"]["occurredOn"])
        data = {"occurredOn": day.isoformat(), "reportId": taken["id"], "reason": "entered-twice"}
        return [taken, self.around(row, 1, RETRACTED, taken["subject"], day + timedelta(days=1), data)]

    def said(self, events: Sequence[Event]) -> list[Said]:
        """What the service says to each of the events."""
        line = Line(self.service, self.institutions)
        return [line.handle(self.record(event)) for event in events]

    def record(self, event: Event) -> Record:
        """An event as a record in structured mode that arrives a minute after it was recorded."""
        time = datetime.fromisoformat(event["time"]).replace(tzinfo=UTC) + timedelta(minutes=1)
        return Record(self.topic, json.dumps(event).encode(), int(time.timestamp() * 1000))

    def _value(self, name: str, schema: Mapping[str, Any], day: date) -> Any:
        if schema.get("type") == "array":
            return [self._value(name, schema["items"], day)]
        if "enum" in schema:
            return _USUAL.get(name, schema["enum"][0])
        if schema.get("format") == "date":
            return (day + _AHEAD.get(name, _SOON)).isoformat()
        if schema.get("type") == "boolean":
            return True
        if schema.get("pattern") == INSTITUTION:
            return self.institution.id
        if "examples" not in schema:
            raise LookupError(f"{self.service.name}: the type of {name} needs an example")
        return schema["examples"][0]


def _schemas(report: ReportType) -> dict[str, Mapping[str, Any]]:
    """The JSON Schema of each field of a report but the day; names of fields that may be left out end in `?`."""
    schema = report.model.json_schema()
    return {
        name if name in schema["required"] else f"{name}?": field
        for name, field in schema["properties"].items()
        if name != "occurredOn"
    }
