"""The types that the fields of reports share (facts.md §2), as pydantic reads them. Each name is the one of facts.md.

Patterns name their digits one by one: `\\d` would let Arabic-Indic digits through.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

AGS = r"^(0[1-9]|1[0-6])[0-9]{6}$"
KLDB = r"^[0-9]{4}[1-4]$"
REFNR = r"^[0-9]{4,5}-[0-9A-Za-z_]+-S$"
UUID4 = r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
INSTITUTION = r"^[a-z][a-z0-9-]{1,39}$"
#: CloudEvents allows no control characters in an id, and PostgreSQL stores no NUL.
REPORT_ID = r"^[^\x00-\x1f\x7f-\x9f]{1,128}$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def _real_day(value: str) -> str:
    date.fromisoformat(value)
    return value


def _each_once(values: list[Any]) -> list[Any]:
    if len(set(values)) < len(values):
        raise ValueError("a value stands here twice")
    return values


def _text(pattern: str) -> Any:
    return StringConstraints(strict=True, pattern=pattern)


def _integer(lowest: int, highest: int) -> Any:
    return Field(strict=True, ge=lowest, le=highest)


#: What makes a list one that holds each value once, and at least one.
Once = (AfterValidator(_each_once), Field(min_length=1, json_schema_extra={"uniqueItems": True}))

Date = Annotated[
    str,
    _text(DATE),
    AfterValidator(_real_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DATE}),
]
Month = Annotated[str, _text(r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Uuid = Annotated[str, _text(UUID4)]
ItemId = Annotated[str, _text(r"^[a-z0-9-]{1,64}$")]
Slug = Annotated[str, _text(r"^[a-z0-9-]{1,64}$")]
Institution = Annotated[str, _text(INSTITUTION)]
ReportId = Annotated[str, _text(REPORT_ID)]
Kldb = Annotated[str, _text(KLDB)]
Cefr = Literal["PRE_A1", "A1", "A2", "B1", "B2", "C1", "C2"]
Ags = Annotated[str, _text(AGS)]
Land = Literal["BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"]
Country = Annotated[str, _text(r"^([A-Z]{2}|stateless|unknown)$")]
Wz = Annotated[str, _text(r"^[0-9]{2}(\.[0-9]{1,2}(\.[0-9])?)?$")]
Site = Annotated[str, _text(r"^[0-9]{8}$")]
Refnr = Annotated[str, _text(REFNR)]
Esco = Annotated[
    str,
    _text(r"^http://data\.europa\.eu/esco/(occupation|skill)/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
]
Hours = Annotated[float, Field(strict=True, gt=0, le=60, multiple_of=0.5)]
Child = Annotated[int, _integer(1, 20)]
Places = Annotated[int, _integer(1, 1000)]
Count = Annotated[int, _integer(0, 100_000)]
Units = Annotated[int, _integer(1, 2000)]
Level14 = Annotated[int, _integer(1, 4)]
Phase = Annotated[int, _integer(1, 3)]
Bool = Annotated[bool, Field(strict=True)]

Barrier = Literal["recognition", "childcare", "language", "residence"]
Sex = Literal["female", "male", "diverse", "unknown"]
PhaseTrigger = Literal["course-completed", "level-reached", "hired", "review", "other"]
StatusClass = Literal[
    "temporary-protection",
    "recognised-protection",
    "humanitarian-title",
    "asylum-permission",
    "toleration",
    "other",
    "unknown",
]
Carrier = Literal["jobcenter", "employment-agency", "social-welfare-office", "none"]
Access = Literal["free", "permit-needed", "barred"]
ForeignDegree = Literal["none", "non-regulated", "regulated", "unclear"]
Channel = Literal["in-person", "phone", "video", "written"]
CloseReason = Literal["in-work", "left-benefits", "moved-away", "entered-in-error", "other"]
Purpose = Literal["case-view", "employer-introduction", "recognition-exchange"]
Instrument = Literal[
    "trial-work",
    "wage-subsidy",
    "introductory-training",
    "workplace-language-course",
    "further-training-voucher",
    "placement-budget",
    "placement-voucher",
    "start-allowance",
    "wage-grant-16e",
    "wage-grant-16i",
    "after-care",
]
RecognitionRoute = Literal["a", "b", "c", "d", "e", "f"]
CarePurpose = Literal["work", "course"]
Mark = Literal["6w", "3m", "6m", "12m"]
Outcome = Literal["full", "partial", "compensation-required", "none", "withdrawn", "closed-without-decision"]
ExamResult = Literal["passed", "failed"]
CompensationMeasure = Literal["adaptation-course", "knowledge-test", "aptitude-test"]
TimeOfDay = Literal["morning", "afternoon", "evening", "all-day"]
SuspensionReason = Literal["further-information", "authenticity-check", "qualification-analysis"]
OpeningKind = Literal["job", "apprenticeship", "introductory-training", "internship"]
DeclineReason = Literal["distance", "hours", "language", "other-offer", "other"]
Evidence = Literal["certificate", "placement-test", "self-report"]
Mode = Literal["full-time", "part-time", "online"]
CourseType = Literal[
    "integration-course",
    "integration-course-intensive",
    "integration-course-special",
    "job-language-course",
    "workplace-language-course",
    "other",
]
EntitlementBasis = Literal[
    "claim",
    "admission",
    "obligation-jobcenter",
    "obligation-foreigners-authority",
    "obligation-social-welfare-office",
    "job-language",
]
ShiftPattern = Literal["day", "early-late", "night", "rotating", "weekend", "flexible"]
HireKind = Literal[
    "insured",
    "apprenticeship",
    "self-employed",
    "introductory-training",
    "mini-job",
    "work-opportunity-16d",
    "subsidised-16i",
]
EndReason = Literal[
    "language",
    "qualification",
    "hours-childcare",
    "distance",
    "permit",
    "no-show",
    "filled-otherwise",
    "employer-withdrew",
    "candidate-declined",
]
ContactResult = Literal["interested", "opening-announced", "not-interested", "not-reached"]
LeaveReason = Literal[
    "language",
    "qualification",
    "hours-childcare",
    "distance",
    "permit",
    "term-ended",
    "employer-ended",
    "employee-ended",
    "new-job",
    "other",
]
EventFormat = Literal["job-fair", "speed-dating", "employer-day", "company-tour", "workplace-test", "other"]
RetractReason = Literal["not-happened", "wrong-case", "wrong-item", "entered-twice", "other"]

Esco50 = Annotated[list[Esco], *Once, Field(max_length=50)]
Purposes = Annotated[list[Purpose], *Once]
InstitutionList = Annotated[list[Institution], *Once]
