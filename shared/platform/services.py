"""Which services there are: the folders below the package `services`, looked at without importing them.

A folder with `__main__.py` can be started; one with `reports.py` is reported to.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

__all__ = ["known_services", "reporting_services"]


def known_services() -> tuple[str, ...]:
    """The names of all services that can be started, in alphabetical order."""
    return _with("__main__.py")


def reporting_services() -> tuple[str, ...]:
    """The names of all services that institutions report to, in alphabetical order."""
    return _with("reports.py")


def _with(file: str) -> tuple[str, ...]:
    found = importlib.util.find_spec("services")
    folders = [Path(path) for path in (found.submodule_search_locations or ())] if found else []
    return tuple(sorted(path.parent.name for folder in folders for path in folder.glob(f"*/{file}")))
