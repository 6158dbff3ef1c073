"""The whole line without broker and database: records in, codes and boards out, through the rules alone.

A small stand-in for the engine, in which the order of the records is the only order there is.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
from msgspec.structs import replace

from lotse.simulator.report import Record
from services.coordinator.registry import find_services
from services.coordinator.snapshots import WITHOUT_CASE
from shared.contracts.board import CaseBoard
from shared.contracts.envelope import Refusal, Report, parse_report
from shared.contracts.fact import Fact, FactKey
from shared.contracts.snapshot import Cause, Snapshot
from shared.platform.institutions import Institutions, parse_institutions
from shared.rules.board import ItemSnapshot, evaluate
from shared.rules.derive import derive_subject, to_content
from shared.rules.model import Context, Item, State

_OPENING = "opening"
_CAUSE = Cause("/test", "test", "test")


@dataclass(slots=True)
class PureLine:
    """All services and the coordinator of a region, as pure functions."""

    institutions: Path
    answers: list[tuple[str, str | None]] = field(default_factory=list)
    boards: dict[str, Any] = field(default_factory=dict)
    _taken: dict[tuple[str, FactKey], tuple[bytes, int]] = field(default_factory=dict)

    def run(self, records: Iterable[Record], today: date) -> dict[str, Any]:
        """Takes the records in their order; returns the boards by case (None: hidden), as the read API shows them.

        `answers` then has (code, path) of each record.
        """
        known = parse_institutions(self.institutions.read_text(encoding="utf-8"))
        openings: dict[str, State] = {}
        context = Context(known.region_land, known.lands, openings)
        admitted = self._admit(known, records)
        found = find_services()
        items: dict[str, list[ItemSnapshot]] = defaultdict(list)
        for service in found.services:
            book = importlib.import_module(f"services.{service}.rules").BOOK
            told = admitted[service]
            for subject in sorted(told, key=lambda subject: not _is_beside(told[subject])):
                state = derive_subject(book, told[subject].values(), context)
                if _OPENING in state.items:
                    # Openings are derived before the introductions, which read them.
                    openings[subject] = _said(service, _OPENING, state.items[_OPENING])["state"]
                for name, item in state.items.items():
                    said = _said(service, name, item)
                    said |= {"caseId": subject, "item": name, "sequence": 1, "cause": _CAUSE}
                    items[subject].append(ItemSnapshot.of(service, msgspec.convert(said, Snapshot)))
                for key, code in state.codes.items():
                    self.answers[self._taken[service, key][1]] = (code, None)
        boards = {}
        for subject, snapshots in items.items():
            if any(snapshot.item in WITHOUT_CASE for snapshot in snapshots):
                continue
            evaluation = evaluate(found.mappings, snapshots, today.isoformat())
            boards[subject] = None if evaluation.hidden else _as_shown(subject, evaluation.board, snapshots)
        return boards

    def _admit(self, known: Institutions, records: Iterable[Record]) -> Mapping[str, dict[str, dict[FactKey, Fact]]]:
        reports = {
            service: importlib.import_module(f"services.{service}.reports").REPORTS
            for service in find_services().services
        }
        admitted: dict[str, dict[str, dict[FactKey, Fact]]] = defaultdict(lambda: defaultdict(dict))
        for number, record in enumerate(records):
            service = record.topic.split(".")[1]
            form = SimpleNamespace(topic=record.topic, value=record.value, headers=record.headers)
            parsed = parse_report(service, reports[service], known, form)
            if isinstance(parsed, Refusal):
                self.answers.append((parsed.code, parsed.path))
                continue
            self.answers.append(self._take(service, parsed, number, admitted[service][parsed.subject]))
        return admitted

    def _take(self, service: str, report: Report, number: int, facts: dict[FactKey, Fact]) -> tuple[str, str | None]:
        stored = self._taken.setdefault((service, report.fact.key), (report.digest, number))
        if stored[1] == number:
            facts[report.fact.key] = report.fact
            return "", None
        if stored[0] != report.digest:
            return "id.reused", None
        before = facts[report.fact.key]
        facts[report.fact.key] = replace(before, time=min(before.time, report.fact.time))
        return "id.seen", None


def _is_beside(facts: Mapping[FactKey, Fact]) -> bool:
    return any(fact.item in WITHOUT_CASE for fact in facts.values())


def _said(service: str, name: str, item: Item) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.json.decode(to_content(service, name, item))
    return said


def _as_shown(case: str, board: CaseBoard, snapshots: Iterable[ItemSnapshot]) -> dict[str, Any]:
    items = [{"service": one.service, "item": one.item, "state": one.state} for one in snapshots]
    return {"caseId": case, **msgspec.json.decode(msgspec.json.encode(board)), "items": items}
