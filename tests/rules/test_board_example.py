"""The case of facts.md §5: its board must come out as the contract shows it."""

from __future__ import annotations

from typing import Any

import msgspec

from shared.contracts.snapshot import FactHeader
from shared.rules.board import ItemSnapshot, evaluate
from tests.support.items import MAPPINGS, refer

NURSE: dict[str, Any] = {
    "status": "complete",
    "flags": [],
    "turn": "competent-body",
    "since": "2026-02-02",
    "dueOn": "2026-06-02",
    "ruleId": "PflAPrV:§43(3)",
    "stalledFrom": "2026-06-03",
    "availableFrom": None,
    "recognitionRoute": "b",
    "referenceOccupation": "81302",
    "body": "zag-muenster",
    "path": [
        {"status": "submitted", "since": "2025-12-10", "recognitionRoute": "b", "referenceOccupation": "81302"},
        {"status": "complete", "since": "2026-02-02", "recognitionRoute": "b", "referenceOccupation": "81302"},
    ],
    "ahead": [],
}
TARGET = {
    "targetKldb": "81302",
    "targetGermanLevel": "B2",
    "targetRegulated": True,
    "foreignDegree": "regulated",
}
CASE: dict[str, Any] = {
    "status": "open",
    "flags": [],
    "turn": None,
    "since": "2025-08-18",
    "dueOn": None,
    "ruleId": None,
    "stalledFrom": None,
    "availableFrom": None,
    "ags": "05162024",
    "statusClass": "temporary-protection",
    "benefitCarrier": "jobcenter",
    "access": "free",
    "titleUntil": "2027-03-04",
    **TARGET,
    "path": [
        {"status": "open", "since": "2025-08-18", "access": "free", "titleUntil": "2027-03-04"},
        {"status": "open", "since": "2025-08-25", "access": "free", "titleUntil": "2027-03-04", **TARGET},
    ],
    "ahead": [{"from": "2026-12-04"}, {"from": "2027-03-05"}],
}


def _fact(source: str, number: str, kind: str, day: str) -> FactHeader:
    return FactHeader(source, number, f"lotse.{kind}.v1", day, True)


def _items() -> list[ItemSnapshot]:
    applied = [
        _fact("/zag-muenster/fv", "zm-1", "recognition.submitted", "2025-12-10"),
        _fact("/zag-muenster/fv", "zm-3", "recognition.documents-complete", "2026-02-02"),
    ]
    opened = [
        _fact("/jobcenter-neuss", "jc-1", "intake.case-opened", "2025-08-18"),
        _fact("/jobcenter-neuss", "jc-2", "intake.employment-access-changed", "2025-08-18"),
        _fact("/jobcenter-neuss", "jc-3", "intake.potential-assessed", "2025-08-25"),
    ]
    return [
        ItemSnapshot("intake", "case", 3, CASE, tuple(map(refer, opened)), (), tuple(opened)),
        ItemSnapshot("recognition", "procedure-nurse-4f7q", 2, NURSE, tuple(map(refer, applied)), (), tuple(applied)),
    ]


def test_the_board_of_the_contracts_example() -> None:
    """`GET /v1/cases/{caseId}`, for the two barriers that are mapped."""
    evaluation = evaluate(MAPPINGS, _items(), "2026-06-03")
    board = msgspec.json.decode(msgspec.json.encode(evaluation.board))
    assert board["barriers"]["recognition"] == {
        "status": "in-progress",
        "stalled": True,
        "turn": "competent-body",
        "since": "2025-12-10",
        "dueOn": "2026-06-02",
        "ruleId": "PflAPrV:§43(3)",
        "availableFrom": None,
        "bridgedBy": [],
        "conflicts": [],
        "because": [
            {
                "service": "recognition",
                "item": "procedure-nurse-4f7q",
                "institution": "zag-muenster",
                "facts": [
                    {
                        "source": "/zag-muenster/fv",
                        "id": "zm-1",
                        "type": "lotse.recognition.submitted.v1",
                        "occurredOn": "2025-12-10",
                    },
                    {
                        "source": "/zag-muenster/fv",
                        "id": "zm-3",
                        "type": "lotse.recognition.documents-complete.v1",
                        "occurredOn": "2026-02-02",
                    },
                ],
            }
        ],
    }
    assert board["barriers"]["residence"] == {
        "status": "not-a-barrier",
        "stalled": False,
        "turn": None,
        "since": "2025-08-18",
        "dueOn": None,
        "ruleId": None,
        "availableFrom": None,
        "bridgedBy": [],
        "conflicts": [],
        "because": [
            {
                "service": "intake",
                "item": "case",
                "institution": "jobcenter-neuss",
                "facts": [
                    {
                        "source": "/jobcenter-neuss",
                        "id": "jc-2",
                        "type": "lotse.intake.employment-access-changed.v1",
                        "occurredOn": "2025-08-18",
                    }
                ],
            }
        ],
    }
    assert list(board["barriers"]) == ["recognition", "childcare", "language", "residence"]
    del board["barriers"]
    assert board == {
        "ags": "05162024",
        "stage": "clearing",
        "since": "2025-08-18",
        "openBarriers": ["recognition"],
        "onlyBarrier": "recognition",
        "conflicts": [],
    }
    assert not evaluation.hidden


def test_the_decision_is_stalled_from_the_day_after_its_end_and_that_day_is_known_before() -> None:
    """On the last day nothing is stalled yet, and the next day to look is the one that changes it."""
    evaluation = evaluate(MAPPINGS, _items(), "2026-06-02")
    assert not evaluation.board.barriers["recognition"].stalled
    assert evaluation.next_day == "2026-06-03"
    assert evaluate(MAPPINGS, _items(), "2026-06-03").next_day == "2026-12-04"
