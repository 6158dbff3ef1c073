"""The examples of the published page, made from their facts: equal to the byte."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from services.childcare.rules import BOOK as CHILDCARE
from services.intake.rules import BOOK as INTAKE
from services.intake.snapshot import ITEMS as INTAKE_ITEMS
from services.recognition.rules import BOOK as RECOGNITION
from shared.contracts.fact import Fact
from shared.rules.derive import to_content
from tests.support.given import given_with

PAGE = (Path(__file__).parents[2] / "docs" / "facts.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
PROCEDURE = "procedure-nurse-4f7q"


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _fact(source: str, id: str, name: str, item: str, day: str, **data: Any) -> Fact:
    return Fact(source, id, name, item, day, 0, {"occurredOn": day, **data})


NURSE = (
    _fact(
        "/zag-muenster/fv", "zm-1", "submitted", PROCEDURE, "2025-12-10",
        procedureId="nurse-4f7q", recognitionRoute="b", referenceOccupation="81302", body="zag-muenster",
    ),
    _fact(
        "/zag-muenster/fv", "zm-3", "documents-complete", PROCEDURE, "2026-02-02",
        procedureId="nurse-4f7q", body="zag-muenster",
    ),
)  # fmt: skip
CASE = (
    _fact(
        "/jobcenter-neuss", "jc-1", "case-opened", "case", "2025-08-18",
        ags="05162024", statusClass="temporary-protection", benefitCarrier="jobcenter",
    ),
    _fact(
        "/jobcenter-neuss", "jc-2", "employment-access-changed", "case", "2025-08-18",
        access="free", titleUntil="2027-03-04",
    ),
    _fact(
        "/jobcenter-neuss", "jc-3", "potential-assessed", "case", "2025-08-25",
        targetKldb="81302", targetGermanLevel="B2", targetRegulated=True, foreignDegree="regulated",
    ),
)  # fmt: skip

_NEED = {"from": "2026-05-01", "weeklyHours": 35}
CHILD = (
    _fact("/jugendamt-neuss", "ja-1", "need-registered", "child-1", "2025-09-01", child=1, ags="05162024", **_NEED),
    _fact("/jugendamt-neuss", "ja-2", "offered", "child-1", "2026-03-16", child=1, **_NEED),
    _fact("/jugendamt-neuss", "ja-3", "care-started", "child-1", "2026-05-04", child=1, weeklyHours=35),
)


@pytest.mark.parametrize("facts", [NURSE, NURSE[::-1]])
def test_the_nurses_snapshot_is_the_published_one(facts: tuple[Fact, ...]) -> None:
    """State, because, conflicts and facts, in this order and with these bytes."""
    snapshot = next(one for one in EXAMPLES if one.get("type") == "lotse.recognition.procedure-changed.v1")
    expected = {name: snapshot["data"][name] for name in ("state", "because", "conflicts", "facts")}
    item = given_with(RECOGNITION, *facts).item(PROCEDURE)
    assert to_content("recognition", PROCEDURE, item) == _compact(expected)


@pytest.mark.parametrize("facts", [CASE, CASE[::-1]])
def test_the_state_of_the_published_case_comes_from_its_facts(facts: tuple[Fact, ...]) -> None:
    """The case as the read interface shows it."""
    answer = next(one for one in EXAMPLES if "ags" in one and "items" in one)
    expected = next(one["state"] for one in answer["items"] if one["item"] == "case")
    assert _compact(given_with(INTAKE, *facts).item("case").state) == _compact(expected)
    assert INTAKE_ITEMS[0].prefix == "case"


@pytest.mark.parametrize("facts", [CHILD, CHILD[::-1]])
def test_the_state_of_the_published_child_and_its_reasons_come_from_its_facts(facts: tuple[Fact, ...]) -> None:
    """The child as the read interface shows it, and why the barrier is resolved."""
    answer = next(one for one in EXAMPLES if "ags" in one and "items" in one)
    expected = next(one["state"] for one in answer["items"] if one["item"] == "child-1")
    made = given_with(CHILDCARE, *facts)
    assert _compact(made.item("child-1").state) == _compact(expected)
    (because,) = answer["barriers"]["childcare"]["because"]
    assert made.content("childcare")["because"] == because["facts"]


def test_a_contradiction_looks_as_published() -> None:
    """A conflict names code, item and the facts; a parked fact says why it is not in force."""
    facts = [
        _fact(
            "/zag-muenster", f"z-{n}", "decided", PROCEDURE, f"2026-03-0{n}", procedureId="nurse-4f7q", outcome=outcome
        )
        for n, outcome in enumerate(("full", "none"), start=1)
    ]
    reference = [
        {
            "source": "/zag-muenster",
            "id": f"z-{n}",
            "type": "lotse.recognition.decided.v1",
            "occurredOn": f"2026-03-0{n}",
        }
        for n in (1, 2)
    ]
    content = given_with(RECOGNITION, *facts).content("recognition")
    assert content["conflicts"] == [
        {"code": "two-decisions", "items": [f"recognition/{PROCEDURE}"], "facts": reference}
    ]
    assert content["facts"] == [
        {**reference[0], "inForce": True},
        {**reference[1], "inForce": False, "code": "fact.conflict"},
    ]
    assert content["because"] == reference[:1]
