"""The language service as a process: `python -m services.language`."""

from __future__ import annotations

import sys

from services.language.reports import REPORTS
from services.language.rules import BOOK
from services.language.snapshot import ITEMS
from shared.engine.reporting import main
from shared.engine.service import Service

SERVICE = Service(name="language", reports=REPORTS, book=BOOK, items=ITEMS)

if __name__ == "__main__":
    sys.exit(main(SERVICE))
