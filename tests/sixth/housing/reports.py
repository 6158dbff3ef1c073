"""What institutions may report to housing."""

from __future__ import annotations

from shared.contracts.report import ItemForm, ReportType, by_name
from shared.contracts.types import Ags, Date, ItemId

SEARCH = ItemForm("search-", "searchId", ItemId)

REPORTS = by_name(
    ReportType("search-begun", SEARCH, {"ags": Ags}),
    ReportType("assurance-requested", SEARCH, {}),
    ReportType("assurance-given", SEARCH, {"until?": Date}),
    ReportType("moved-in", SEARCH, {"ags?": Ags}),
    ReportType("home-lost", SEARCH, {}),
)
