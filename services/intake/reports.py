"""What institutions may report to intake (facts.md §4): the case itself, and one permit for each job offer."""

from __future__ import annotations

from shared.contracts.report import ItemForm, ReportType, by_name
from shared.contracts.types import (
    Access,
    Ags,
    Barrier,
    Bool,
    Carrier,
    Cefr,
    Channel,
    CloseReason,
    Country,
    Date,
    Esco50,
    ForeignDegree,
    InstitutionList,
    Instrument,
    ItemId,
    Kldb,
    Level14,
    Month,
    Phase,
    PhaseTrigger,
    Purposes,
    Sex,
    Slug,
    StatusClass,
)

CASE = ItemForm("case")
PERMIT = ItemForm("permit-", "permitId", ItemId)

REPORTS = by_name(
    ReportType(
        "case-opened",
        CASE,
        {
            "ags": Ags,
            "statusClass": StatusClass,
            "benefitCarrier": Carrier,
            "phase?": Phase,
            "sex?": Sex,
            "arrivalMonth?": Month,
            "country?": Country,
        },
    ),
    ReportType("case-closed", CASE, {"reason": CloseReason}),
    ReportType("benefit-carrier-changed", CASE, {"benefitCarrier": Carrier, "supplementary?": Bool, "ags?": Ags}),
    ReportType("phase-changed", CASE, {"phase": Phase, "trigger?": PhaseTrigger}),
    ReportType(
        "potential-assessed",
        CASE,
        {
            "targetKldb": Kldb,
            "targetGermanLevel": Cefr,
            "targetRegulated": Bool,
            "foreignDegree": ForeignDegree,
            "skills?": Esco50,
            "qualificationLevel?": Level14,
        },
    ),
    ReportType("plan-agreed", CASE, {}),
    ReportType("plan-reviewed", CASE, {}),
    ReportType("contact-held", CASE, {"channel": Channel}),
    ReportType(
        "employment-access-changed",
        CASE,
        {"access": Access, "until?": Date, "titleUntil?": Date, "statusClass?": StatusClass},
    ),
    ReportType("title-renewal-requested", CASE, {}),
    ReportType(
        "consent-granted",
        CASE,
        {"consentId": ItemId, "purposes": Purposes, "recipients": InstitutionList, "until?": Date},
    ),
    ReportType("consent-revoked", CASE, {"consentId": ItemId}),
    ReportType("barrier-declared-absent", CASE, {"barrier": Barrier}),
    ReportType("barrier-declared-needed", CASE, {"barrier": Barrier}),
    ReportType(
        "measure-granted",
        CASE,
        {"fundingInstrument": Instrument, "start": Date, "until?": Date, "introductionId?": ItemId, "pilot?": Slug},
    ),
    ReportType("permit-requested", PERMIT, {"introductionId?": ItemId}),
    ReportType("permit-approval-requested", PERMIT, {}),
    ReportType("permit-denied", PERMIT, {}),
    ReportType("permit-information-demanded", PERMIT, {}),
    ReportType("permit-approved", PERMIT, {}),
    ReportType("permit-refused", PERMIT, {}),
    ReportType("permit-granted", PERMIT, {"until?": Date, "introductionId?": ItemId}),
)
