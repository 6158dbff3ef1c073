"""What the processes publish of themselves at /asyncapi and /openapi.json, as files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial

from pages.found import part, reporting
from services.coordinator.openapi import openapi_document
from services.coordinator.parts import barriers_of
from services.coordinator.registry import find_services
from shared.contracts.asyncapi import Document, board_document, clock_document, reporting_document


def documents() -> Mapping[str, Callable[[], str]]:
    """The file of each process with what makes its text."""
    made: dict[str, Callable[[], Document]] = {
        service: partial(reporting_document, service, part(service, "reports").REPORTS, part(service, "snapshot").ITEMS)
        for service in reporting()
    }
    made["coordinator"] = lambda: board_document(find_services().services)
    made["clock"] = clock_document
    texts = {f"asyncapi-{name}.json": partial(_text, make) for name, make in made.items()}
    return {**texts, "openapi-coordinator.json": lambda: _text(lambda: openapi_document(barriers_of(find_services())))}


def _text(make: Callable[[], Document]) -> str:
    return json.dumps(make(), ensure_ascii=False, indent=1) + "\n"
