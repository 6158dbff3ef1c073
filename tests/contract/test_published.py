"""What docs/contract publishes, taken as an institution's programmer takes it: the files alone, against the services.

The records of the examples are read, stood and derived by the program; what the engine adds on top of that (resends,
full items) is tried with a real broker and database in tests/engine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from jsonschema import Draft202012Validator, FormatChecker

from shared.contracts.envelope import Refusal, Report, parse_report
from shared.contracts.identifiers import find_identifier
from shared.contracts.topics import inbound_topic
from shared.contracts.verdicts import CODES, verdict_of
from shared.platform.institutions import parse_institutions
from shared.rules.derive import derive_subject
from shared.rules.model import Context
from tests.contract.documents import DOCS, ROOT, blocks, page
from tests.contract.examples import Record
from tests.support.services import BOOKS, REPORTS, SHAPES, STANDING

CONTRACT = DOCS / "contract"
TYPES = [f"lotse.{service}.{fact}.v1" for service in STANDING for fact in (*REPORTS[service], "retracted")]
SNAPSHOTS = [f"lotse.{service}.{shape.kind}.v1" for service in STANDING for shape in SHAPES[service]]
BOARD = [f"lotse.coordinator.{kind}-changed.v1" for kind in ("barrier", "case")]
DAY, RECEIPT = "lotse.clock.day-began.v1", "lotse.receipt.v1"
_INSTITUTIONS = parse_institutions((ROOT / "deploy/institutions.yaml").read_text(encoding="utf-8"))
_CONTEXT = Context(_INSTITUTIONS.region_land, _INSTITUTIONS.lands)
#: What only the engine knows: what is stored already, how much fits, and that our own rules raise.
_OF_THE_ENGINE = {"id.seen", "id.reused", "item.full", "internal.fault", "ok.late"}
Json = dict[str, Any]


def read(name: str) -> Any:
    """A file of the contract."""
    return json.loads((CONTRACT / name).read_text(encoding="utf-8"))


@cache
def schema(name: str) -> Draft202012Validator:
    """The schema of a file, formats included."""
    found = read(f"schemas/{name}.json")
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found, format_checker=FormatChecker())


def service_of(type_: str) -> str:
    return type_.split(".")[1]


def record_of(event: Json) -> Record:
    """An event on the topic of its institution."""
    topic = inbound_topic(service_of(event["type"]), event["source"].split("/")[1])
    return Record(json.dumps(event).encode(), (), topic)


def answer(service: str, record: Record) -> Report | Refusal:
    """What the service reads in a record."""
    return parse_report(service, REPORTS[service], _INSTITUTIONS, record)


def codes_of(service: str, reports: Sequence[Report]) -> Mapping[str, str]:
    """The code of each report by its id when all of them are known."""
    codes = derive_subject(BOOKS[service], [report.fact for report in reports], _CONTEXT).codes
    return {key[1]: code for key, code in codes.items()}


# Reports


def test_there_is_a_file_of_each_kind_for_every_type() -> None:
    """Schema, good example and refused one of every report; schema and example of every snapshot; every code."""
    names = {folder: {file.stem for file in (CONTRACT / folder).iterdir()} for folder in _FOLDERS}
    assert names["examples/accepted"] == names["examples/refused"] == set(TYPES)
    assert names["examples/said"] == {*SNAPSHOTS, *BOARD, DAY}
    assert names["examples/codes"] == set(CODES)
    assert names["schemas/reports"] == set(TYPES)
    assert names["schemas/said"] == {*SNAPSHOTS, *BOARD, DAY, RECEIPT}


_FOLDERS = (
    "schemas/reports",
    "schemas/said",
    "examples/accepted",
    "examples/refused",
    "examples/said",
    "examples/codes",
)


@pytest.mark.parametrize("type_", TYPES)
def test_a_good_example_is_accepted(type_: str) -> None:
    """The last event is of the type; sent in their order all of them are accepted, and each fits its schemas."""
    events = read(f"examples/accepted/{type_}.json")
    assert events[-1]["type"] == type_
    reports = []
    for event in events:
        schema("report").validate(event)
        schema(f"reports/{event['type']}").validate(event["data"])
        report = answer(service_of(type_), record_of(event))
        assert isinstance(report, Report), report
        reports.append(report)
        assert verdict_of(codes_of(service_of(type_), reports)[event["id"]]) == "accepted"
    assert codes_of(service_of(type_), reports)[events[-1]["id"]] == "ok"


@pytest.mark.parametrize("type_", TYPES)
def test_a_refused_example_is_refused_by_service_and_schema(type_: str) -> None:
    """With the code and the path of its receipt; whoever checks with the schema is told the same before sending."""
    example = read(f"examples/refused/{type_}.json")
    event, data = example["event"], example["receipt"]["data"]
    assert event["type"] == type_
    refusal = answer(service_of(type_), record_of(event))
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.path) == (data["code"], data["path"]) == ("data.invalid", data["path"])
    schema("report").validate(event)
    errors = list(schema(f"reports/{type_}").iter_errors(event["data"]))
    assert errors
    for error in errors:
        at_fault = (*error.absolute_path, *re.findall(r"'(\w+)'", error.message))
        assert data["path"].rsplit("/", 1)[1] in at_fault


@pytest.mark.parametrize("type_", TYPES)
def test_a_schema_lets_through_nothing_that_the_service_refuses(type_: str) -> None:
    """Every field taken away, given a wrong value or a stranger beside it: both say the same of it."""
    event = read(f"examples/accepted/{type_}.json")[-1]
    for data in _variations(event["data"]):
        taken = isinstance(answer(service_of(type_), record_of({**event, "data": data})), Report)
        assert taken == schema(f"reports/{type_}").is_valid(data), data


def _variations(data: Json) -> Iterator[Json]:
    yield {**data, "more": 1}
    for name in data:
        yield {key: value for key, value in data.items() if key != name}
        wrong: tuple[Any, ...] = (None, "", "?", -1, 0.3, 10**9, [], {}, True, "2025-02-29")
        yield from ({**data, name: value} for value in wrong)


# Codes


@pytest.mark.parametrize("code", CODES)
def test_a_story_ends_with_its_code(code: str) -> None:
    """The last record brings about a receipt with it, and the verdict that belongs to it."""
    story = read(f"examples/codes/{code}.json")
    last = story["steps"][-1]["receipts"]
    assert story["code"] == code
    assert (code, CODES[code].verdict) in {(one["data"]["code"], one["data"]["verdict"]) for one in last}


@pytest.mark.parametrize("code", sorted(CODES.keys() - _OF_THE_ENGINE))
def test_the_receipts_of_a_story_are_those_of_the_program(code: str) -> None:
    """Code and path of each, from what the records hold, read and derived in their order."""
    story = read(f"examples/codes/{code}.json")
    service = story["topic"].split(".")[1]
    reports: list[Report] = []
    before: Mapping[str, str] = {}
    for step in story["steps"]:
        told = {(one["data"].get("reportId"), one["data"]["code"], one["data"].get("path")) for one in step["receipts"]}
        result = answer(service, _record(story["topic"], step))
        if isinstance(result, Refusal):
            known = result.source is not None and result.id is not None
            assert told == {(result.id if known else told_id(step), result.code, result.path)}
            continue
        reports.append(result)
        now = codes_of(service, reports)
        assert told == {(id_, now[id_], None) for id_ in now if before.get(id_) != now[id_]}
        before = now


def told_id(step: Json) -> str | None:
    """The id of a receipt that is known by its record; it is named as far as it could be read."""
    id_: str | None = step["receipts"][0]["data"].get("reportId")
    return id_


def _record(topic: str, step: Json) -> Record:
    if "event" in step:
        return Record(json.dumps(step["event"]).encode(), (), topic)
    headers = [(name, text.encode()) for name, text in step.get("headers", ())]
    return Record(step["value"].ljust(step.get("paddedTo", 0)).encode(), headers, topic)


def test_receipts_fit_their_schemas() -> None:
    """Of every story and of every refused report."""
    receipts = [read(f"examples/refused/{type_}.json")["receipt"] for type_ in TYPES]
    receipts += [
        receipt
        for code in CODES
        for step in read(f"examples/codes/{code}.json")["steps"]
        for receipt in step["receipts"]
    ]
    for receipt in receipts:
        schema("said").validate(receipt)
        schema(f"said/{RECEIPT}").validate(receipt["data"])
        entry = CODES[receipt["data"]["code"]]
        assert receipt["data"]["message"] == {"de": entry.message.de, "en": entry.message.en}


def test_no_example_holds_a_personal_number_but_the_one_that_shows_it() -> None:
    """Neither a report nor a receipt; the invented number of that code is not repeated by its receipt."""
    for file in sorted((CONTRACT / "examples").rglob("*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        if file.stem == "data.forbidden-identifier":
            content = [step["receipts"] for step in content["steps"]]
        for event in _events(content):
            assert find_identifier(event, exempt=event.get("data")) is None, file.name


def _events(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        if "specversion" in value:
            yield value
        for part in value.values():
            yield from _events(part)
    elif isinstance(value, list):
        for part in value:
            yield from _events(part)


# What Lotse says


@pytest.mark.parametrize("type_", [*BOARD, DAY])
def test_an_event_of_board_and_clock_fits_its_schemas(type_: str) -> None:
    """And no other does: without any one of its fields."""
    event = read(f"examples/said/{type_}.json")
    assert event["type"] == type_
    schema("said").validate(event)
    schema(f"said/{type_}").validate(event["data"])
    for name in event["data"]:
        assert not schema(f"said/{type_}").is_valid({key: event["data"][key] for key in event["data"] if key != name})


def test_the_board_example_is_a_deadline_that_passed() -> None:
    """The day is its cause, and `stalled` is what it changed."""
    event = read(f"examples/said/{BOARD[0]}.json")
    day = read(f"examples/said/{DAY}.json")
    assert event["data"]["cause"] == {name: day[name] for name in ("source", "id", "type")}
    assert (event["data"]["changed"], event["data"]["previous"]) == (["stalled"], {"stalled": False})


@pytest.mark.parametrize("type_", SNAPSHOTS)
def test_a_snapshot_fits_its_schemas(type_: str) -> None:
    """And no other does: with a strange field in its state, or without its status."""
    event = read(f"examples/said/{type_}.json")
    assert event["type"] == type_
    schema("said").validate(event)
    schema(f"said/{type_}").validate(event["data"])
    state = event["data"]["state"]
    for spoilt in ({**state, "more": 1}, {key: value for key, value in state.items() if key != "status"}):
        assert not schema(f"said/{type_}").is_valid({**event["data"], "state": spoilt})


def test_the_messages_of_the_contract_fit_the_schemas() -> None:
    """What facts §5 shows whole, of every kind: report, receipt, snapshot, both events of the board."""
    seen = set()
    for block in blocks(page("facts.md"), "json"):
        event = json.loads(block)
        if "specversion" in event:
            seen.add(event["type"])
            said = event["source"].startswith("/lotse/")
            schema("said" if said else "report").validate(event)
            schema(f"{'said' if said else 'reports'}/{event['type']}").validate(event["data"])
    assert len(seen) == 5
    day = {"day": "2026-06-03"}
    schema(f"said/{DAY}").validate(day)
    assert not schema(f"said/{DAY}").is_valid({"day": "2026-06-31"})


@pytest.mark.parametrize("file", sorted((CONTRACT / "asyncapi").iterdir()), ids=lambda file: file.stem)
def test_the_asyncapi_documents_have_the_shape_of_asyncapi_3(file: Path) -> None:
    """As a library that writes such documents reads them; every schema inside is one."""
    document = json.loads(file.read_text(encoding="utf-8"))
    ApplicationSchema.model_validate(document)
    for message in document["components"]["messages"].values():
        Draft202012Validator.check_schema(message["payload"])


def test_the_first_page_can_be_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its program runs from the repository's root, and the file that it has published is there."""
    text = page("contract/README.md")
    (program,) = blocks(text, "python")
    monkeypatch.chdir(ROOT)
    exec(compile(program, "docs/contract/README.md", "exec"), {})
    for name in re.findall(r"^lotse publish (\S+)$", text, re.M):
        assert (ROOT / name).exists()
