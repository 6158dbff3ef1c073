"""The reporting services that stand, found in their folders, so that the laws are tried with each of them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import services
from shared.contracts.report import ReportType
from shared.contracts.state import ItemShape
from shared.rules.model import RuleBook
from shared.rules.table import Table

_PARTS = ("reports", "table", "state", "rules", "snapshot", "__main__")
_FOLDER = Path(services.__path__[0])
#: Their names, in alphabetical order.
STANDING = tuple(
    sorted(
        folder.name
        for folder in _FOLDER.iterdir()
        if folder.is_dir() and all((folder / f"{part}.py").exists() for part in _PARTS)
    )
)


def _each(module: str, name: str) -> dict[str, Any]:
    return {service: getattr(importlib.import_module(f"services.{service}.{module}"), name) for service in STANDING}


BOOKS: Mapping[str, RuleBook] = _each("rules", "BOOK")
REPORTS: Mapping[str, Mapping[str, ReportType]] = _each("reports", "REPORTS")
SHAPES: Mapping[str, tuple[ItemShape, ...]] = _each("snapshot", "ITEMS")
TABLES: Mapping[str, tuple[Table, ...]] = {
    service: tuple(
        one for one in vars(importlib.import_module(f"services.{service}.table")).values() if isinstance(one, Table)
    )
    for service in STANDING
}
