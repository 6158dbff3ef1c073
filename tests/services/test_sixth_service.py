"""A sixth service costs one folder: housing, laid beside the others, brings rules, contract and a fifth barrier.

The folder is `tests/sixth/housing`, found here beside the others; tests/flow runs the whole line with it.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

import services
from services.coordinator.openapi import openapi_document
from services.coordinator.parts import barriers_of
from services.coordinator.registry import find_services
from shared.contracts.board import BARRIERS, CaseBoard
from shared.contracts.fact import Fact
from shared.engine.service import Service
from shared.platform.institutions import parse_institutions
from shared.platform.services import known_services, reporting_services
from shared.rules.board import ItemSnapshot, evaluate
from shared.rules.derive import derive_subject, to_content
from tests.contract.documents import DOCS, blocks, page, section
from tests.support.given import CONTEXT, report
from tests.support.items import item
from tests.support.sixth import FOLDER, INSTITUTIONS, OFFICE, SIXTH


@pytest.fixture
def housing() -> Iterator[Service]:
    """The service, found beside the others in this process."""
    services.__path__.append(str(SIXTH))
    importlib.invalidate_caches()
    try:
        found: Service = importlib.import_module("services.housing.__main__").SERVICE
        yield found
    finally:
        services.__path__.remove(str(SIXTH))
        for name in [name for name in sys.modules if name.startswith("services.housing")]:
            del sys.modules[name]
        vars(services).pop("housing", None)


def search(name: str, day: str, **data: Any) -> Fact:
    """A report about the one search of these tests."""
    return report(name, "search-1", day, by=OFFICE, **data)


def board(service: Service, *facts: Fact, today: str, others: Sequence[ItemSnapshot] = ()) -> CaseBoard:
    """The board of a case of which housing knows these facts, through the bytes of its snapshots."""
    items = list(others)
    for name, derived in derive_subject(service.book, facts, CONTEXT).items.items():
        content = msgspec.json.decode(to_content("housing", name, derived))
        items.append(msgspec.convert({"service": "housing", "item": name, "sequence": 1, **content}, ItemSnapshot))
    return evaluate(find_services().mappings, items, today).board


def test_the_folder_is_found(housing: Service) -> None:
    """By the coordinator, by the command line that starts and publishes, by the institutions file."""
    assert "housing" in find_services().services
    assert "housing" in known_services() and "housing" in reporting_services()
    assert barriers_of(find_services()) == [*BARRIERS, "housing"]
    assert parse_institutions(INSTITUTIONS).may_report(OFFICE, "housing")
    (query,) = (
        one
        for one in openapi_document(barriers_of(find_services()))["paths"]["/v1/cases"]["get"]["parameters"]
        if one["name"] == "barrier"
    )
    assert query["schema"]["enum"] == [*BARRIERS, "housing"]


@pytest.mark.parametrize(
    ("facts", "status", "turn", "since", "due_on", "stalled"),
    [
        ([], "not-assessed", None, "2026-01-05", None, False),
        ([("search-begun", "2026-01-12")], "in-progress", "applicant", "2026-01-12", None, False),
        (
            [("search-begun", "2026-01-12"), ("assurance-requested", "2026-02-02")],
            *("in-progress", "competent-body", "2026-01-12", "2026-03-02", True),
        ),
        ([("assurance-given", "2026-02-20")], "in-progress", "applicant", "2026-02-20", None, False),
        ([("search-begun", "2025-08-01")], "in-progress", "applicant", "2025-08-01", None, True),
        ([("moved-in", "2026-03-01"), ("search-begun", "2026-01-12")], "resolved", None, "2026-03-01", None, False),
        ([("moved-in", "2026-01-10"), ("home-lost", "2026-03-01")], "lapsed", "applicant", "2026-03-01", None, False),
        ([("home-lost", "2026-03-01")], "not-assessed", None, "2026-01-05", None, False),
    ],
)
def test_the_fifth_barrier_follows_its_table(
    housing: Service,
    facts: Sequence[tuple[str, str]],
    status: str,
    turn: str | None,
    since: str,
    due_on: str | None,
    stalled: bool,
) -> None:
    """Status, turn, since, due date and stall on 3 March 2026, whatever order the reports came in."""
    case = item("intake", "case", [{"status": "open", "since": "2026-01-05"}])
    told = [search(name, day, ags="05162024") for name, day in facts]
    for order in (told, told[::-1]):
        found = board(housing, *order, today="2026-03-03", others=[case]).barriers["housing"]
        assert (found.status, found.turn, found.since, found.due_on) == (status, turn, since, due_on)
        assert found.stalled == stalled
        assert found.rule_id == ("lotse:assurance" if due_on else None)


def test_only_what_is_known_of_the_fifth_barrier_counts(housing: Service) -> None:
    """Not assessed it keeps nobody from being ready; open it does, and may be the only one."""
    absent = dict.fromkeys(BARRIERS, "absent")
    case = item("intake", "case", [{"status": "open", "since": "2026-01-05", "declared": absent}])
    ready = board(housing, today="2026-03-03", others=[case])
    assert (ready.stage, ready.open_barriers) == ("ready", ())
    assert ready.barriers["housing"].status == "not-assessed"
    searching = board(housing, search("search-begun", "2026-01-12"), today="2026-03-03", others=[case])
    assert (searching.stage, searching.open_barriers, searching.only_barrier) == ("clearing", ("housing",), "housing")
    assert searching.barriers["housing"].because[0].service == "housing"


def test_its_pages_are_made(housing: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Table and diagram, fields, deadlines, schemas and examples stand in the published contract at once."""
    monkeypatch.syspath_prepend(DOCS)
    made = importlib.import_module("generate").made
    samples = importlib.import_module("pages.samples")
    file = tmp_path / "institutions.yaml"
    file.write_text(INSTITUTIONS, encoding="utf-8")
    monkeypatch.setattr(samples, "INSTITUTIONS_FILE", file)
    pages = made()
    drawn = section(pages["contract/transitions.md"], "## housing")
    assert "searching_ --> assurance_requested_: assurance-requested" in drawn
    assert "`home-lost`" in drawn and "else there is no home to lose" in drawn
    assert "`lotse:home-search`" in pages["contract/rules.md"] and "`search-begun`" in pages["contract/facts.md"]
    assert "`search-<id>`: `lotse.housing.search-changed.v1`" in pages["contract/snapshots.md"]
    for fact in housing.reports:
        name = f"lotse.housing.{fact}.v1.json"
        schema = Draft202012Validator(json.loads(pages[f"contract/schemas/reports/{name}"]))
        good = json.loads(pages[f"contract/examples/accepted/{name}"])
        assert schema.is_valid(good[-1]["data"])
        assert not schema.is_valid(json.loads(pages[f"contract/examples/refused/{name}"])["event"]["data"])
    assert "contract/asyncapi/housing.json" in pages


def test_the_guide_shows_the_folder() -> None:
    """Each file of the folder stands in docs/new-service.md as it is, and no other code does."""
    shown = re.findall(r"^### `(\w+\.py)`\n.*?^```python\n(.*?)^```$", page("new-service.md"), re.M | re.S)
    assert dict(shown) == {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.py")}
    assert len(shown) == len(blocks(page("new-service.md"), "python"))
