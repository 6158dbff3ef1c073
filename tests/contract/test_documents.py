"""The published pages and the code name the same things."""

from __future__ import annotations

import importlib
import json
import re
import typing
from collections.abc import Iterable, Iterator
from itertools import zip_longest

import msgspec
import pytest

from lotse.cli import words
from lotse.stack.topics import configuration_of
from services.coordinator import query
from services.coordinator.openapi import openapi_document
from services.coordinator.parts import barriers_of
from services.coordinator.registry import find_services
from shared.contracts import board, topics
from shared.contracts.report import ReportType
from shared.contracts.snapshot import SnapshotEvent
from shared.contracts.state import ItemShape, Turn
from shared.contracts.verdicts import CODES
from shared.platform.metrics import METRICS
from shared.platform.settings import PORTS, SETTINGS
from shared.rules import barrier, scene, stage
from shared.rules.rule_table import RULES
from shared.rules.table import Table
from tests.contract.documents import DOCS, ROOT, blocks, named, page, rows, section
from tests.contract.facts_table import facts

SERVICES = find_services().services
_BRACKETS = re.compile(r"\([^()]*\)")
_DAY_MS = 86_400_000
_RULE_ID = re.compile(r"lotse:[a-z0-9-]+|[A-Za-zÄÖÜäöüß]+(?:-[A-Z]+)?:§\d+[a-z]?(?:\(\d+\))?")


def shapes() -> Iterator[tuple[str, ItemShape]]:
    """Every kind of item that a service says."""
    for service in SERVICES:
        for shape in importlib.import_module(f"services.{service}.snapshot").ITEMS:
            yield service, shape


# The contract


def test_the_topics_are_those_of_the_contract() -> None:
    """Their names, and how long each keeps what (contract §2)."""
    names = {
        topics.inbound_topic("<service>", "<institution>"),
        topics.receipts_topic("<institution>"),
        topics.events_topic("<service>"),
        topics.BOARD_TOPIC,
        topics.CLOCK_TOPIC,
        topics.dead_letters_topic("<service>"),
    }
    table = {named(name)[0]: policy for name, _, _, _, policy in rows(section(page("contract.md"), "## 2."), "topic")}
    assert set(table) == names
    for name, policy in table.items():
        configuration = configuration_of(name, "kafka")
        assert configuration["cleanup.policy"] == policy.split(",")[0], name
        kept = re.search(r"(\d+) days", policy)
        assert configuration.get("retention.ms") == (str(int(kept[1]) * _DAY_MS) if kept else None), name


def test_the_codes_are_those_of_the_contract() -> None:
    """Each code stands on the page with its verdict, and no other does (contract §4)."""
    table = rows(section(page("contract.md"), "## 4."), "verdict")
    assert {code: named(verdict)[0] for verdict, _, cell in table for code in named(cell)} == {
        code: entry.verdict for code, entry in CODES.items()
    }


def test_the_words_of_the_board_are_those_of_the_contract() -> None:
    """Barriers, statuses, stages and turns, in their order (contract §§5–6)."""
    text = page("contract.md")
    said = section(text, "## 6.")
    assert tuple(named(said[said.index("Barriers:") : said.index("Status:")])) == board.BARRIERS
    statuses = named(said[said.index("Status:") : said.index("beside it")])
    own = {name: value for name, value in vars(barrier).items() if name.isupper() and name not in vars(scene)}
    known = {value for value in own.values() if isinstance(value, str)}
    assert tuple(query.STATUSES) == tuple(words.STATUSES) == tuple(statuses)
    assert set(statuses) == known - set(typing.get_args(Turn))
    stages = named(re.search(r"`stage` \((.*?)\)", said, re.S)[1])  # type: ignore[index]
    assert tuple(words.STAGES) == tuple(query.STAGES) == tuple(stages)
    assert {stage.CLOSED, stage.READY, stage.CLEARING, stage.REGISTERED} <= set(stages)
    turns = named(re.search(r"`turn` \[(.*?)\]", section(text, "## 5."), re.S)[1])  # type: ignore[index]
    assert tuple(turns) == typing.get_args(Turn) == tuple(query.TURNS)


def test_the_ports_are_those_of_the_contract() -> None:
    """Each default port that the contract names (contract §7)."""
    text = section(page("contract.md"), "## 7.")
    listed = dict(re.findall(r"(\w+) (\d{4})", text[text.index("Default ports:") :].split(".")[0]))
    assert {name: int(port) for name, port in listed.items() if name.islower()}.items() <= PORTS.items()


def test_the_read_api_is_that_of_the_contract() -> None:
    """Each published path stands in the contract, with exactly the parameters that it lists (contract §6)."""
    table = {}
    for address, _ in rows(section(page("contract.md"), "## 6."), "path, coordinator"):
        path, _, query_ = named(address)[0].removeprefix("GET ").partition("?")
        table[path] = set(re.findall(r"(\w+)=", query_)) | set(re.findall(r"{(\w+)}", path))
    published = openapi_document(barriers_of(find_services()))["paths"]
    assert {"/v1/cases", "/v1/cases/{caseId}", "/v1/cases/{caseId}/timeline"} <= published.keys() <= table.keys()
    for path, methods in published.items():
        given = {parameter["name"] for parameter in methods["get"]["parameters"]}
        assert given - {"cursor", "limit"} == table[path] - {"cursor", "limit"}, path
        assert table[path] <= given, path


def test_items_and_snapshots_are_those_of_the_contract() -> None:
    """Item string, key and snapshot type of every kind that a service says (contract §5, facts §3)."""
    kinds = set(named(section(page("contract.md"), "## 5.")))
    table = {
        named(item)[0].partition("<")[0]: (service, named(key), named(type_)[0])
        for item, service, key, _, type_ in rows(section(page("facts.md"), "## 3."), "item string")
    }
    for service, shape in shapes():
        where, key, type_ = table[shape.prefix]
        assert (where, type_) == (service, f"lotse.{service}.{shape.kind}.v1")
        assert shape.kind in kinds
        reports: dict[str, ReportType] = importlib.import_module(f"services.{service}.reports").REPORTS
        forms = {report.form.prefix: report.form for report in reports.values()}
        assert [forms[shape.prefix].key] == ([key[0].partition(":")[0]] if key else [None])


def test_the_state_has_the_fields_of_the_page() -> None:
    """What `state` may hold, kind by kind (facts §6)."""
    text = section(page("facts.md"), "## 6.")
    head = named(text[text.index("**`state`** has") : text.index("while known:")])[1:]
    listed: dict[str, set[str]] = {}
    for item, fields in rows(text, "item"):
        item = item or next(reversed(listed))
        for kind, cell in zip_longest(item.split("; "), _BRACKETS.sub("", fields).split("; "), fillvalue=""):
            listed.setdefault(kind, set()).update(named(cell), re.findall(r"\*(\w+)\*", cell))
    for name in ("opening", "event", "contact"):
        listed[name] = {field for fact in facts().values() if fact.prefix == name for field in _plain(fact.fields)}
    short = {"Head": set(_shared("*Head*")), "Terms": set(_shared("*Terms*"))}
    for _, shape in shapes():
        known = {field.encode_name for field in msgspec.structs.fields(shape.state)}
        wanted = listed["need" if shape.prefix == "child-" else shape.prefix.rstrip("-")]
        wanted = set().union(*(short.get(name, {name}) for name in wanted))
        assert known == wanted | set(head), shape.prefix


def _plain(fields: Iterable[str]) -> Iterator[str]:
    return (field.rstrip("?") for field in fields)


def _shared(name: str) -> list[str]:
    """The fields that a name in italics stands for (facts §4)."""
    text = section(page("facts.md"), "## 4.")
    return re.findall(r"`(\w+): ", text[text.index(name) :].partition("\n| fact")[0])


def test_the_examples_of_the_page_have_the_shapes_of_the_code() -> None:
    """Snapshot, barrier changed and case changed of facts §5 are read and written without a difference."""
    seen = set()
    for text in blocks(section(page("facts.md"), "## 5."), "json"):
        event = json.loads(text)
        kind = event.get("type", "").split(".")[-2] if "type" in event else ""
        shape = {
            "procedure-changed": SnapshotEvent,
            "barrier-changed": board.BarrierChanged,
            "case-changed": board.CaseChanged,
        }
        if kind in shape:
            seen.add(kind)
            part = event if shape[kind] is SnapshotEvent else event["data"]
            assert json.loads(msgspec.json.encode(msgspec.convert(part, shape[kind]))) == part
    assert seen == {"procedure-changed", "barrier-changed", "case-changed"}


# Settings, metrics, rules


def test_the_settings_are_those_of_the_page() -> None:
    """Every setting that facts §7 names is there with its default."""
    known = {setting.name: setting.default for setting in SETTINGS}
    for names, defaults, _ in rows(section(page("facts.md"), "## 7."), "setting"):
        for name, default in zip_longest(named(names), defaults.split(", ")):
            assert name in known
            if default and named(default):
                assert [known[name]] == named(default)


def test_the_rules_are_those_of_the_page() -> None:
    """Clock, rule, length, shift and kind of each row of states §8, and no rule beside them."""
    assert {row[:2] for row in _listed()} == {(rule.clock, rule.rule_id) for rule in RULES}
    known = {(rule.clock, rule.rule_id): rule for rule in RULES}
    for clock, rule_id, length, shift, kind in _listed():
        rule = known[clock, rule_id]
        if re.fullmatch(r"\d+ [wmy]( before)?", length):
            assert rule.length == ("-" if "before" in length else "") + length.replace(" before", "").replace(" ", "")
        assert (rule.shift, rule.kind.removeprefix("statutory-")) == (shift == "yes", kind), rule_id


def _listed() -> Iterator[tuple[str, str, str, str, str]]:
    """The rows of states §8, one for each rule: several rules in a row share a cell or have one each."""
    for clock, ids, _, length, _, _, shift, kind in rows(section(page("states.md"), "## 8."), "clock"):
        rule_ids = _RULE_ID.findall(re.sub(r", -(\w+)", r", lotse:retention-\1", ids))
        clocks, lengths, shifts, kinds = (cell.split("; ") for cell in (clock, length, shift, kind))
        for number, rule_id in enumerate(rule_ids):
            yield (
                _nth(clocks, number),
                rule_id,
                _nth(lengths, number),
                _nth(shifts, number),
                _nth(kinds, number).split(" ")[0],
            )


def _nth(cells: list[str], number: int) -> str:
    return cells[number] if len(cells) > 1 else cells[0]


@pytest.mark.parametrize("service", SERVICES)
def test_every_fact_of_a_service_is_in_its_tables(service: str) -> None:
    """What may be reported can be sorted: each fact has a rank in a table, and its item has a kind."""
    reports: dict[str, ReportType] = importlib.import_module(f"services.{service}.reports").REPORTS
    tables = vars(importlib.import_module(f"services.{service}.table")).values()
    assert set(reports) == {name for table in tables if isinstance(table, Table) for name in table.ranks}
    book = importlib.import_module(f"services.{service}.rules").BOOK
    assert {kind.prefix for kind in book.kinds} == {report.form.prefix for report in reports.values()}


def test_the_pages_name_only_metrics_and_settings_that_there_are() -> None:
    """In our own pages; the contract's own are compared above."""
    names = {metric.name for metric in METRICS} | {setting.name for setting in SETTINGS}
    own = [ROOT / "README.md", DOCS / "architecture.md", *sorted((DOCS / "decisions").glob("*.md"))]
    for path in own:
        found = {word for word in named(path.read_text(encoding="utf-8")) if re.fullmatch(r"(lotse|LOTSE)_\w+", word)}
        assert found <= names, path.name


def test_the_glossary_uses_the_names_of_the_contract() -> None:
    """Every name of the glossary stands on one of the pages that fix names."""
    fixed = "\n".join(page(name) for name in ("contract.md", "facts.md", "states.md", "readings.md"))
    known = set(re.findall(r"[\w-]+", fixed))
    for _, name, german, english in _glossary():
        assert named(name), german
        assert set(named(name)) <= known
        assert german.endswith(".") and english.endswith(".")


def _glossary() -> Iterator[list[str]]:
    for part in page("glossary.md").split("\n## ")[1:]:
        yield from rows(part, "Deutsch")
