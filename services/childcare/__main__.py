"""The childcare service as a process: `python -m services.childcare`."""

from __future__ import annotations

import sys

from services.childcare.reports import REPORTS
from services.childcare.rules import BOOK
from services.childcare.snapshot import ITEMS
from shared.engine.reporting import main
from shared.engine.service import Service

SERVICE = Service(name="childcare", reports=REPORTS, book=BOOK, items=ITEMS)

if __name__ == "__main__":
    sys.exit(main(SERVICE))
