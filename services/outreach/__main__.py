"""The outreach service as a process: `python -m services.outreach`."""

from __future__ import annotations

import sys

from services.outreach.reports import REPORTS
from services.outreach.rules import BOOK, PARENT, opening_of
from services.outreach.snapshot import ITEMS
from shared.engine.reporting import main
from shared.engine.service import Service

SERVICE = Service(name="outreach", reports=REPORTS, book=BOOK, items=ITEMS, parent_of=opening_of, parent_item=PARENT)

if __name__ == "__main__":
    sys.exit(main(SERVICE))
