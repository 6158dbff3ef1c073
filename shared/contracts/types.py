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


def _text(pattern: str, example: str) -> Any:
    return Field(strict=True, pattern=pattern, examples=[example])


def _integer(lowest: int, highest: int, example: int) -> Any:
    return Field(strict=True, ge=lowest, le=highest, examples=[example])


#: What makes a list one that holds each value once, and at least one.
Once = (AfterValidator(_each_once), Field(min_length=1, json_schema_extra={"uniqueItems": True}))

Date = Annotated[
    str,
    StringConstraints(strict=True, pattern=DATE),
    AfterValidator(_real_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DATE}),
]
Month = Annotated[str, _text(r"^[0-9]{4}-(0[1-9]|1[0-2])$", "2022-03")]
Uuid = Annotated[str, _text(UUID4, "3d6f0a4e-8c1b-4f27-9a55-1e7d2c90b6f3")]
ItemId = Annotated[str, _text(r"^[a-z0-9-]{1,64}$", "k-4f7q")]
Slug = Annotated[str, _text(r"^[a-z0-9-]{1,64}$", "pilot-2026")]
Institution = Annotated[str, _text(INSTITUTION, "zag-muenster")]
ReportId = Annotated[str, _text(REPORT_ID, "0b9e6c1d-52f4-4a8e-b7c3-94d10e6a7f25")]
Kldb = Annotated[str, _text(KLDB, "26302")]
Cefr = Literal["PRE_A1", "A1", "A2", "B1", "B2", "C1", "C2"]
Ags = Annotated[str, _text(AGS, "05162024")]
Land = Literal["BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH"]
Country = Annotated[str, _text(r"^([A-Z]{2}|stateless|unknown)$", "UA")]
Wz = Annotated[str, _text(r"^[0-9]{2}(\.[0-9]{1,2}(\.[0-9])?)?$", "86.10")]
Site = Annotated[str, _text(r"^[0-9]{8}$", "12345678")]
Refnr = Annotated[str, _text(REFNR, "10000-1234567890-S")]
Esco = Annotated[
    str,
    _text(
        r"^http://data\.europa\.eu/esco/(occupation|skill)/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        "http://data.europa.eu/esco/skill/0cb3a7e1-6f2d-4c58-8e94-b15d7a20c6f9",
    ),
]
Hours = Annotated[float, Field(strict=True, gt=0, le=60, multiple_of=0.5, examples=[30])]
Child = Annotated[int, _integer(1, 20, 1)]
Places = Annotated[int, _integer(1, 1000, 2)]
Count = Annotated[int, _integer(0, 100_000, 12)]
Units = Annotated[int, _integer(1, 2000, 400)]
Level14 = Annotated[int, _integer(1, 4, 3)]
Phase = Annotated[int, _integer(1, 3, 2)]
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
