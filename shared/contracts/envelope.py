"""Reading a report: from a Kafka record to a `Report`, or to a `Refusal` with exactly one code (contract §§1–4).

The order of checks: forbidden identifiers, size, JSON, envelope, who may speak here, type, data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from shared.contracts.canonical import digest_of
from shared.contracts.fact import Day, Fact
from shared.contracts.identifiers import holds_identifier
from shared.contracts.institutions import Institutions
from shared.contracts.record import MAX_BYTES, Faulty, Parts, take_apart
from shared.contracts.report import RETRACTED, RETRACTION, ReportType
from shared.contracts.types import REPORT_ID, UUID4

__all__ = ["MAX_BYTES", "Refusal", "Report", "digest_of", "parse_report"]

_SOURCE = re.compile(r"/[a-z][a-z0-9-]{1,39}(?:/[A-Za-z0-9._-]{1,40})?")
_ID = re.compile(REPORT_ID)
_SUBJECT = re.compile(UUID4)
#: RFC 3339 in the years 1970 to 2999; any offset, since the instant is what counts.
_TIME = re.compile(
    r"(?:19[7-9]|2[0-9]{2})[0-9]-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_NAMED = (("id", _ID), ("source", _SOURCE), ("subject", _SUBJECT))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)
_BERLIN = ZoneInfo("Europe/Berlin")


class Report(msgspec.Struct, frozen=True, gc=False):
    """A report that was understood. `digest` is the SHA-256 of its canonical content."""

    source: str
    id: str
    subject: str
    fact: Fact
    digest: bytes


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """Why a record is no report. Source, id and subject are given as far as they are well-formed and may be repeated.

    `path` is a JSON pointer into the structured form, where one field is at fault. `name` is the fact's where the type
    is one that the service knows: it is counted by it.
    """

    code: str
    source: str | None
    id: str | None
    subject: str | None
    path: str | None
    name: str | None = None


def parse_report(
    service: str, reports: Mapping[str, ReportType], institutions: Institutions, record: Any
) -> Report | Refusal:
    """Reads one record of an inbound topic, in binary or structured mode. Never raises.

    `record` has topic, value and headers as aiokafka gives them. Its key serves partitioning only and is not looked at.
    """
    parts = take_apart(record.value, record.headers or ())
    try:
        return _report(parts, service, reports, institutions, record.topic)
    except Faulty as fault:
        return _refusal(parts, fault, service, reports)


def _report(
    parts: Parts, service: str, reports: Mapping[str, ReportType], institutions: Institutions, topic: str
) -> Report:
    if parts.fault is not None:
        raise parts.fault
    given, data = parts.attributes, parts.data
    moment = _check_envelope(given)
    source, id_, type_, subject, corrects = (
        given["source"],
        given["id"],
        given["type"],
        given["subject"],
        given.get("corrects"),
    )
    institution = source.split("/", 2)[1]
    if institution != topic.rsplit(".", 1)[1] or not institutions.may_report(institution, service):
        raise Faulty("source.foreign", "source")
    report_type = _type(type_, service, reports)
    where = report_type.fault(data, subject)
    if where is not None:
        raise Faulty("data.invalid", "data", *where)
    occurred_on = data["occurredOn"]
    if occurred_on > given["time"][:10] and occurred_on > _last_day(moment):
        raise Faulty("data.invalid", "data", "occurredOn")
    time = (moment - _EPOCH) // _MICROSECOND
    fact = Fact(source, id_, report_type.name, report_type.item(data), occurred_on, time, data, corrects)
    return Report(source, id_, subject, fact, digest_of(type_, subject, corrects, data))


def _check_envelope(given: Mapping[str, Any]) -> datetime:
    """Checks the attributes; returns the instant of `time`."""
    if given.get("specversion") != "1.0":
        raise Faulty("envelope.invalid", "specversion")
    for name, form in _NAMED:
        value = given.get(name)
        if not isinstance(value, str) or form.fullmatch(value) is None:
            raise Faulty("envelope.invalid", name)
    type_, time, content_type = given.get("type"), given.get("time"), given.get("datacontenttype", "application/json")
    if not isinstance(type_, str) or not type_:
        raise Faulty("envelope.invalid", "type")
    if not isinstance(time, str) or not _TIME.fullmatch(time):
        raise Faulty("envelope.invalid", "time")
    try:
        moment = datetime.fromisoformat(time.upper())
    except ValueError:
        raise Faulty("envelope.invalid", "time") from None
    if content_type != "application/json" and not _is_json(content_type):
        raise Faulty("envelope.invalid", "datacontenttype")
    if "corrects" in given and not _has_form(given["corrects"], _ID):
        raise Faulty("envelope.invalid", "corrects")
    return moment


def _has_form(value: Any, form: re.Pattern[str]) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None


def _is_json(content_type: Any) -> bool:
    return isinstance(content_type, str) and content_type.partition(";")[0].strip().lower() == "application/json"


def _type(type_: str, service: str, reports: Mapping[str, ReportType]) -> ReportType:
    known = _known_type(type_, service, reports)
    if known is None:
        raise Faulty("type.unknown", "type")
    return known


def _known_type(type_: str, service: str, reports: Mapping[str, ReportType]) -> ReportType | None:
    beginning = f"lotse.{service}."
    if not type_.startswith(beginning) or not type_.endswith(".v1"):
        return None
    name = type_[len(beginning) : -3]
    return RETRACTION if name == RETRACTED else reports.get(name)


def _last_day(moment: datetime) -> Day:
    """The last day on which something may have happened that was recorded at this moment."""
    return (moment.astimezone(_BERLIN).date() + _ONE_DAY).isoformat()


def _refusal(parts: Parts, fault: Faulty, service: str, reports: Mapping[str, ReportType]) -> Refusal:
    given = {} if parts.nameless else parts.attributes
    type_ = parts.attributes.get("type")
    known = _known_type(type_, service, reports) if isinstance(type_, str) else None
    id_, source, subject = (value if _has_form(value := given.get(name), form) else None for name, form in _NAMED)
    return Refusal(fault.code, source, id_, subject, _pointer(fault.path), known.name if known else None)


def _pointer(path: tuple[str | int, ...]) -> str | None:
    """A JSON pointer. The name of an unknown field that is long or no plain text is left out, as is what follows."""
    pointer = ""
    for step in path:
        if isinstance(step, str) and (len(step) > 64 or not step.isprintable()):
            break
        longer = f"{pointer}/{str(step).replace('~', '~0').replace('/', '~1')}"
        if holds_identifier(longer):
            break
        pointer = longer
    return pointer or None
