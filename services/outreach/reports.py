"""What institutions may report to outreach (facts.md §4): openings, introductions to them, events and contacts."""

from __future__ import annotations

from shared.contracts.report import ItemForm, ReportType, by_name
from shared.contracts.types import (
    Ags,
    Bool,
    Cefr,
    Channel,
    ContactResult,
    Count,
    Date,
    EndReason,
    EventFormat,
    HireKind,
    Hours,
    InstitutionList,
    ItemId,
    Kldb,
    LeaveReason,
    Mark,
    OpeningKind,
    Places,
    Refnr,
    ShiftPattern,
    Site,
    Slug,
    Uuid,
    Wz,
)

OPENING = ItemForm("opening", "openingId", Uuid, is_subject=True)
INTRODUCTION = ItemForm("introduction-", "introductionId", ItemId)
EVENT = ItemForm("event", "eventId", Uuid, is_subject=True)
CONTACT = ItemForm("contact", "contactId", Uuid, is_subject=True)

#: What an employer offers and asks for.
OFFER: dict[str, object] = {
    "kind": OpeningKind,
    "kldb": Kldb,
    "ags": Ags,
    "weeklyHours": Hours,
    "places": Places,
    "minGermanLevel": Cefr,
    "acceptsPendingRecognition": Bool,
    "regulatedOccupation": Bool,
    "start?": Date,
    "until?": Date,
    "fixedTerm?": Bool,
    "shiftPattern?": ShiftPattern,
    "branch?": Wz,
    "childcareFriendly?": Bool,
    "jobBskOffered?": Bool,
    "mentor?": Bool,
    "pilot?": Slug,
    "employerSite?": Site,
    "refnr?": Refnr,
}
#: A change is a patch: it names only what is different.
PATCH = {f"{field.removesuffix('?')}?": type_ for field, type_ in OFFER.items()}

REPORTS = by_name(
    ReportType("opening-published", OPENING, OFFER),
    ReportType("opening-changed", OPENING, PATCH),
    ReportType("opening-filled", OPENING, {}),
    ReportType("opening-withdrawn", OPENING, {}),
    ReportType("candidate-introduced", INTRODUCTION, {"openingId": Uuid, "eventId?": Uuid, "contactId?": Uuid}),
    ReportType("interview-held", INTRODUCTION, {"openingId?": Uuid}),
    ReportType("trial-agreed", INTRODUCTION, {"start": Date, "until?": Date, "openingId?": Uuid}),
    ReportType("trial-ended", INTRODUCTION, {"openingId?": Uuid}),
    ReportType(
        "hired",
        INTRODUCTION,
        {
            "start": Date,
            "hireKind": HireKind,
            "kldb": Kldb,
            "weeklyHours": Hours,
            "openingId?": Uuid,
            "ags?": Ags,
            "fixedTerm?": Bool,
        },
    ),
    ReportType("retention-confirmed", INTRODUCTION, {"mark": Mark}),
    ReportType("employment-ended", INTRODUCTION, {"reason?": LeaveReason}),
    ReportType("introduction-ended", INTRODUCTION, {"reason": EndReason}),
    ReportType(
        "event-held",
        EVENT,
        {
            "format": EventFormat,
            "hosts": InstitutionList,
            "ags": Ags,
            "employers?": Count,
            "pilot?": Slug,
            "invited": Count,
            "attended": Count,
            "conversations": Count,
            "followUps": Count,
            "hires": Count,
        },
    ),
    ReportType(
        "employer-contact-logged",
        CONTACT,
        {"channel": Channel, "result": ContactResult, "ags": Ags, "employerSite?": Site, "branch?": Wz},
    ),
)
