"""The housing service as a process: `python -m services.housing`."""

from __future__ import annotations

import sys

from services.housing.reports import REPORTS
from services.housing.rules import BOOK
from services.housing.snapshot import ITEMS
from shared.engine.reporting import main
from shared.engine.service import Service

SERVICE = Service(name="housing", reports=REPORTS, book=BOOK, items=ITEMS)

if __name__ == "__main__":
    sys.exit(main(SERVICE))
