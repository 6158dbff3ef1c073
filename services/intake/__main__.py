"""The intake service as a process: `python -m services.intake`."""

from __future__ import annotations

import sys

from services.intake.reports import REPORTS
from services.intake.rules import BOOK
from services.intake.snapshot import ITEMS
from shared.engine.reporting import main
from shared.engine.service import Service

SERVICE = Service(name="intake", reports=REPORTS, book=BOOK, items=ITEMS, follows_consent=False)

if __name__ == "__main__":
    sys.exit(main(SERVICE))
