"""What institutions may report to childcare (facts.md §4): each child of a case is an item of its own."""

from __future__ import annotations

from shared.contracts.report import ItemForm, ReportType, by_name
from shared.contracts.types import Ags, CarePurpose, Child, Date, DeclineReason, Hours, Month

CHILD = ItemForm("child-", "child", Child)

_NEED = {"from": Date, "weeklyHours": Hours, "ags": Ags, "birthMonth?": Month}

REPORTS = by_name(
    ReportType("need-identified", CHILD, _NEED),
    ReportType("need-registered", CHILD, _NEED),
    ReportType("acknowledged", CHILD, {}),
    ReportType("waitlisted", CHILD, {}),
    ReportType("offered", CHILD, {"from": Date, "weeklyHours": Hours}),
    ReportType("offer-accepted", CHILD, {}),
    ReportType("offer-declined", CHILD, {"reason?": DeclineReason}),
    ReportType("offer-expired", CHILD, {}),
    ReportType("contracted", CHILD, {"from?": Date, "weeklyHours": Hours}),
    ReportType("settling-in-started", CHILD, {}),
    ReportType("care-started", CHILD, {"weeklyHours": Hours}),
    ReportType("hours-changed", CHILD, {"weeklyHours": Hours}),
    ReportType("care-ended", CHILD, {}),
    ReportType(
        "interim-care-arranged",
        CHILD,
        {"purpose": CarePurpose, "weeklyHours": Hours, "from?": Date, "until?": Date},
    ),
    ReportType("interim-care-ended", CHILD, {}),
    ReportType("claim-enforced", CHILD, {}),
    ReportType("need-withdrawn", CHILD, {}),
)
