"""What institutions may report to language (facts.md §4): levels, and one course after the other."""

from __future__ import annotations

from shared.contracts.report import ItemForm, ReportType, by_name
from shared.contracts.types import (
    Ags,
    Bool,
    Cefr,
    CourseType,
    Date,
    EntitlementBasis,
    Evidence,
    ExamResult,
    Institution,
    ItemId,
    Mode,
    TimeOfDay,
    Units,
)

LEVEL = ItemForm("level")
COURSE = ItemForm("course-", "episodeId", ItemId)

#: What kind of course it is about; allowed wherever a course is granted, taken or begun.
TERMS = {
    "fromLevel?": Cefr,
    "toLevel?": Cefr,
    "lessonUnits?": Units,
    "mode?": Mode,
    "timeOfDay?": TimeOfDay,
    "ags?": Ags,
    "childcareAtCourse?": Bool,
    "provider?": Institution,
}
_ENTITLEMENT = TERMS | {"courseType": CourseType, "entitlementBasis": EntitlementBasis}

REPORTS = by_name(
    ReportType("level-assessed", LEVEL, {"germanLevel": Cefr, "evidence": Evidence}),
    ReportType("level-certified", LEVEL, {"germanLevel": Cefr}),
    ReportType("entitlement-issued", COURSE, _ENTITLEMENT),
    ReportType("entitlement-refused", COURSE, _ENTITLEMENT),
    ReportType("entitlement-lapsed", COURSE, {}),
    ReportType("registered", COURSE, TERMS | {"courseType": CourseType, "start?": Date}),
    ReportType("course-not-formed", COURSE, {}),
    ReportType("referred", COURSE, TERMS | {"start?": Date}),
    ReportType("course-started", COURSE, TERMS | {"courseType": CourseType, "until?": Date}),
    ReportType("attendance-irregular", COURSE, {}),
    ReportType("interrupted", COURSE, {}),
    ReportType("resumed", COURSE, {}),
    ReportType("dropped-out", COURSE, {}),
    ReportType("completed", COURSE, {}),
    ReportType("exam-taken", COURSE, {"result": ExamResult, "germanLevel?": Cefr}),
)
