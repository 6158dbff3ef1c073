"""For each code of a receipt what brings it about: records as they are sent, with the receipts that the service says.

The records are laid out here; what is answered is never written down but asked of the service.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pages.line import Line, Record
from pages.samples import Event, Sampler
from shared.contracts.record import MAX_BYTES
from shared.contracts.report import RETRACTED, RETRACTION
from shared.contracts.verdicts import CODES
from shared.engine.derive import MOST_FACTS

__all__ = ["refusals", "stories"]

_BINARY = "data"
#: An invented number in the form of a customer number of the employment agency.
_FORBIDDEN = "000" + "A000000"


def stories(sampler: Sampler) -> dict[str, dict[str, Any]]:
    """By code the story that ends with it. `sampler` makes the reports of recognition, where every code can occur."""
    return {code: _told(sampler, code, _steps(sampler, code)[code]) for code in CODES}


def refusals(sampler: Sampler) -> dict[str, dict[str, Any]]:
    """Of every fact of a service an example with one fault in `data`, and the receipt that it gets."""
    found = {}
    reports = {**sampler.service.reports, RETRACTED: RETRACTION}
    for number, (fact, row) in enumerate(sampler.all_rows().items()):
        needed = reports[fact].model.json_schema()["required"]
        event = {**row[-1], "data": _spoilt(row[-1]["data"], needed, number)}
        said = sampler.said([event])[0]
        found[fact] = {"event": event, "receipt": said.receipts[0]}
    return found


def _spoilt(data: Mapping[str, Any], needed: Sequence[str], number: int) -> dict[str, Any]:
    """Data with one fault: a field is missing, is unknown, or has a value that it cannot have; each in its turn."""
    fault = number % 3
    if fault == 0:
        return _without(data, needed[-1])
    return {**data, **({"remark": "siehe Akte"} if fault == 1 else {[*data][-1]: "?"})}


def _steps(sampler: Sampler, row: str) -> dict[str, list[dict[str, Any]]]:
    """What is sent for each code, about a procedure and under ids that are those of this row."""

    def event(number: int, fact: str, **data: Any) -> Event:
        return sampler.event(row, number, fact, **data)

    submitted = event(0, "submitted")
    moved = event(1, "submitted", occurredOn="2026-01-09") | {"corrects": submitted["id"]}
    taken, back = sampler.retraction(row)
    decided = event(2, "decided", outcome="full")
    return {
        "ok": [_event(submitted)],
        "ok.late": [_event(event(1, "receipt-confirmed")), _event(submitted)],
        "ok.corrected": [_event(submitted), _event(moved)],
        "ok.retracted": [_event(taken), _event(back)],
        "fact.implausible": [_event(event(1, "clock-resumed"))],
        "fact.conflict": [_event(decided), _event(event(3, "decided", outcome="none"))],
        "target.unknown": [_event(moved)],
        "internal.fault": [{**_event(submitted), "ourRulesFail": True}],
        "id.seen": [_event(submitted), _event(submitted)],
        "envelope.invalid": [
            _event(_without(submitted, "time")),
            _event({**submitted, "source": "IHK FOSA"}),
            _event({**submitted, "subject": submitted["subject"].upper()}),
            _event({**submitted, "specversion": "0.3"}),
            _binary({**submitted}, twice="id"),
        ],
        "json.invalid": [{"value": json.dumps(submitted)[:-1]}],
        "type.unknown": [
            _event({**submitted, "type": "lotse.recognition.submited.v1"}),
            _event({**submitted, "type": "lotse.intake.case-opened.v1"}),
        ],
        "source.foreign": [_event({**submitted, "source": "/jugendamt-neuss"})],
        "data.invalid": [
            _event(event(0, "submitted", remark="siehe Akte")),
            _event({**submitted, "data": _without(submitted["data"], "body")}),
            _event(event(0, "submitted", referenceOccupation="8130")),
            _event(event(0, "submitted", occurredOn="2026-02-12")),
        ],
        "data.forbidden-identifier": [
            _event(event(0, "submitted", procedureId=_FORBIDDEN)),
            _event({**submitted, "id": _FORBIDDEN}),
        ],
        "id.reused": [_event(submitted), _event(event(0, "submitted", occurredOn="2026-01-09"))],
        "item.full": [
            {**_event(event(0, "receipt-confirmed")), "times": MOST_FACTS},
            _event(event(1, "documents-complete")),
        ],
        "too-large": [{"value": json.dumps(submitted), "paddedTo": MAX_BYTES + 1}],
    }


def _event(event: Event) -> dict[str, Any]:
    return {"event": event}


def _binary(event: Event, *, twice: str) -> dict[str, Any]:
    """An event in binary mode with one header twice."""
    headers = [[f"ce_{name}", value] for name, value in event.items() if name not in (_BINARY, "datacontenttype")]
    headers += [[name, value] for name, value in headers if name == f"ce_{twice}"]
    return {"headers": [*headers, ["content-type", event["datacontenttype"]]], "value": json.dumps(event[_BINARY])}


def _without(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in given.items() if key != name}


def _told(sampler: Sampler, code: str, steps: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The story with what is said to each of its records. Raises AssertionError where the code does not come."""
    line = Line(sampler.service, sampler.institutions)
    told = []
    for step in steps:
        records = _records(sampler, step)
        said = [line.handle(record, fails="ourRulesFail" in step).receipts for record in records]
        told.append({**step, "receipts": said[-1]})
    assert code in {receipt["data"]["code"] for receipt in told[-1]["receipts"]}, code
    return {"code": code, "topic": sampler.topic, "steps": told}


def _records(sampler: Sampler, step: Mapping[str, Any]) -> list[Record]:
    """The records that a step stands for, each with an id of its own where it stands for several."""
    usual = sampler.record(sampler.event("", 0, "submitted"))
    if "event" in step:
        event = step["event"]
        received = sampler.record(event).received_at if "time" in event else usual.received_at
        numbers = range(1, step["times"] + 1) if "times" in step else ()
        events = [{**event, "id": f"{event['id']}-{number:03}"} for number in numbers] or [event]
        return [Record(sampler.topic, json.dumps(one).encode(), received) for one in events]
    value = step["value"].ljust(step.get("paddedTo", 0)).encode()
    headers = [(name, text.encode()) for name, text in step.get("headers", ())]
    return [Record(sampler.topic, value, usual.received_at, headers)]
