"""The reporting services, found in their folders as the coordinator's registry finds them."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType

import services
from shared.rules.rule_table import Rule
from shared.rules.table import Clocked, Table


def reporting() -> Iterator[str]:
    """The names of the services that have tables, in alphabetical order."""
    for name in sorted(module.name for module in pkgutil.iter_modules(services.__path__) if module.ispkg):
        package = importlib.import_module(f"services.{name}")
        if {"reports", "table"} <= {module.name for module in pkgutil.iter_modules(package.__path__)}:
            yield name


def part(service: str, name: str) -> ModuleType:
    """One module of a service."""
    return importlib.import_module(f"services.{service}.{name}")


def own_rules(service: str) -> Sequence[Rule]:
    """The rows of the rule table that a service has in its own folder, in `clocks.py`."""
    own = importlib.util.find_spec(f"services.{service}.clocks")
    rules: Sequence[Rule] = getattr(part(service, "clocks"), "RULES", ()) if own else ()
    return rules


def tables(service: str) -> dict[str, Table]:
    """The tables of a service by name, in the order in which they stand in its file."""
    return {name.lower(): value for name, value in vars(part(service, "table")).items() if isinstance(value, Table)}


def meanings_of_flags(service: str) -> dict[str, Clocked]:
    """What a service's module says of flags: constants, and maps by flag."""
    found: dict[str, Clocked] = {}
    known = [table.meanings for table in tables(service).values()]
    for name, value in vars(part(service, "table")).items():
        if isinstance(value, Clocked):
            found[name.lower()] = value
        elif isinstance(value, Mapping) and value not in known:
            found |= {flag: meaning for flag, meaning in value.items() if isinstance(meaning, Clocked)}
    return found
