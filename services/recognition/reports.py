"""What institutions may report to recognition (facts.md §4): one procedure after the other, from advice to licence."""

from __future__ import annotations

from shared.contracts.report import ItemForm, ReportType, by_name
from shared.contracts.types import (
    Bool,
    CompensationMeasure,
    Date,
    ExamResult,
    Institution,
    ItemId,
    Kldb,
    Outcome,
    RecognitionRoute,
    SuspensionReason,
)

PROCEDURE = ItemForm("procedure-", "procedureId", ItemId)

#: What names a procedure; needed where it begins, and allowed everywhere else.
HEAD = {"recognitionRoute": RecognitionRoute, "referenceOccupation": Kldb, "body": Institution}


def _step(name: str, fields: dict[str, object] | None = None) -> ReportType:
    return ReportType(name, PROCEDURE, {f"{field}?": type_ for field, type_ in HEAD.items()} | (fields or {}))


REPORTS = by_name(
    ReportType("advised", PROCEDURE, HEAD),
    _step("documents-preparing"),
    ReportType("submitted", PROCEDURE, HEAD | {"accelerated?": Bool}),
    _step("receipt-confirmed"),
    _step("documents-requested"),
    _step("documents-supplied"),
    _step("documents-complete"),
    _step("clock-suspended", {"suspensionReason": SuspensionReason, "until?": Date}),
    _step("clock-resumed"),
    _step("deadline-extended", {"newDate?": Date}),
    _step("fee-due"),
    _step("fee-paid"),
    _step("decided", {"outcome": Outcome}),
    _step("appeal-filed"),
    _step("withdrawn"),
    _step("measure-chosen", {"compensationMeasure": CompensationMeasure}),
    _step("measure-started", {"compensationMeasure?": CompensationMeasure}),
    _step("exam-taken", {"result": ExamResult}),
    _step("licence-issued"),
)
