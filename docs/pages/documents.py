"""What the processes publish of themselves at /asyncapi and /openapi.json, as files."""

from __future__ import annotations

import json

from pages.found import part, reporting
from services.clock import openapi as clock
from services.clock.api import Order
from services.coordinator import openapi as coordinator
from services.coordinator.parts import barriers_of
from services.coordinator.registry import find_services
from shared.contracts.asyncapi import Document, board_document, clock_document, reporting_document


def documents() -> dict[str, str]:
    """Every document by the path of its file."""
    asyncapi: dict[str, Document] = {
        service: reporting_document(service, part(service, "reports").REPORTS, part(service, "snapshot").ITEMS)
        for service in reporting()
    }
    asyncapi["coordinator"] = board_document(find_services().services)
    asyncapi["clock"] = clock_document()
    made = {f"asyncapi/{name}.json": document for name, document in asyncapi.items()}
    made["openapi/coordinator.json"] = coordinator.openapi_document(barriers_of(find_services()))
    made["openapi/clock.json"] = clock.openapi_document(Order)
    return {name: json.dumps(document, ensure_ascii=False, indent=1) + "\n" for name, document in made.items()}
