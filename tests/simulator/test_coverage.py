"""What the demo's year shows of childcare and language: every fact, every state, every conflict, every deadline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from lotse.simulator.plan import Plan
from lotse.stack.services import default_institutions
from services.childcare.reports import REPORTS as CHILDCARE
from services.childcare.table import NEED
from services.language.reports import REPORTS as LANGUAGE
from services.language.table import COURSE, LEVEL
from shared.rules.rule_table import RULES
from shared.rules.table import Table
from tests.simulator.pure_line import PureLine

#: States of which nobody reports: what an item is while all its reports are parked or taken back.
_UNREPORTED = frozenset({"none", "level-unknown"})


@pytest.fixture(scope="module")
def line(plan: Plan) -> PureLine:
    """The rules' line, after the whole year."""
    line = PureLine(default_institutions())
    line.boards = line.run(plan.records, plan.last)
    return line


@pytest.fixture(scope="module")
def items(line: PureLine) -> list[tuple[str, Mapping[str, Any]]]:
    """The kind and the `state` of every item that the board shows."""
    shown = [item for board in line.boards.values() if board for item in board["items"]]
    return [(item["item"].partition("-")[0], item["state"]) for item in shown]


@pytest.mark.parametrize(("service", "reports"), [("childcare", CHILDCARE), ("language", LANGUAGE)])
def test_every_fact_is_reported_and_holds(plan: Plan, line: PureLine, service: str, reports: Mapping[str, Any]) -> None:
    """Also the rare ones; those that are parked or refused do not count."""
    told = Counter(
        record.report.fact
        for record, (code, _) in zip(plan.records, line.answers, strict=True)
        if record.report.service == service and code in ("ok", "ok.late")
    )
    assert told.keys() - {"retracted"} == reports.keys() - {"retracted"}


@pytest.mark.parametrize(("kind", "table"), [("child", NEED), ("course", COURSE), ("level", LEVEL)])
def test_every_state_comes_about(items: list[tuple[str, Mapping[str, Any]]], kind: str, table: Table) -> None:
    """In somebody's life, with every flag."""
    entries = [entry for of, state in items if of == kind for entry in state["path"]]
    assert {entry["status"] for entry in entries} == table.meanings.keys() - _UNREPORTED
    assert {flag for entry in entries for flag in entry.get("flags", ())} == {row.flag for row in table.besides}


def test_every_deadline_is_somebodys_next(plan: Plan) -> None:
    """Those of the law and those of the project, on some first day of a month."""
    clocks = {"KACK", "OFFER", "WAIT", "ANSWER", "LAPSE", "REG", "START", "REFER", "BREAK", "EXAMDATE", "CERT", "NEXT"}
    found: set[str] = set()
    told = [record for record in plan.records if record.report.service in ("childcare", "language")]
    for day, _ in plan.days():
        if day.day == 1:
            boards = PureLine(default_institutions()).run([record for record in told if record.day <= day], day)
            found |= {item["state"]["ruleId"] for board in boards.values() if board for item in board["items"]}
    assert found >= {rule.rule_id for rule in RULES if rule.clock in clocks}


def test_rights_lapse_by_themselves(plan: Plan, items: list[tuple[str, Mapping[str, Any]]]) -> None:
    """Nobody reports it; the day itself brings it, and the board and the life agree on it."""
    today = plan.last.isoformat()
    lapsed = [state for kind, state in items if kind == "course" and state.get("lapsesOn", "9999") <= today]
    assert {state["status"] for state in lapsed} >= {"entitled"}


@pytest.mark.parametrize(
    ("barrier", "statuses"),
    [
        ("childcare", {"not-assessed", "not-a-barrier", "open", "in-progress", "resolved", "lapsed"}),
        ("language", {"not-assessed", "not-a-barrier", "open", "in-progress", "resolved", "bridged"}),
    ],
)
def test_every_status_and_conflict_stands_in_the_end(plan: Plan, barrier: str, statuses: set[str]) -> None:
    """Of all that the barrier can be; stalled by somebody's fault as well as by a collision."""
    shown = [truth.barriers[barrier] for truth in plan.truths]
    assert {one.status for one in shown} == statuses
    assert {one.turn for one in shown} >= {"applicant", "competent-body", "partner", "capacity", None}
    assert any(one.stalled for one in shown)
    conflicts = {
        "childcare": {"care-after-start", "care-lost"},
        "language": {"two-decisions"},
    }
    found = {code for truth in plan.truths for about, code, _, _ in truth.conflicts if about == barrier}
    assert found == conflicts[barrier]


def test_a_forecast_is_given_for_families_with_a_place_in_view(plan: Plan) -> None:
    """Of several children the last one's day; of some families nobody knows."""
    forecasts = [truth.barriers["childcare"].available is not None for truth in plan.truths]
    assert 5 < sum(forecasts) < len(forecasts) // 2
    families = [story for story in plan.stories.values() if len(story.children) > 1]
    assert len(families) > 20
