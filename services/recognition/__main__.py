"""The recognition service as a process: `python -m services.recognition`."""

from __future__ import annotations

import sys

from services.recognition.reports import REPORTS
from services.recognition.rules import BOOK
from services.recognition.snapshot import ITEMS
from shared.engine.reporting import main
from shared.engine.service import Service

SERVICE = Service(name="recognition", reports=REPORTS, book=BOOK, items=ITEMS)

if __name__ == "__main__":
    sys.exit(main(SERVICE))
