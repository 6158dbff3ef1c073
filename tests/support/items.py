"""Snapshots for tests of the board, written by hand in states.md's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.coordinator.registry import find_services
from shared.contracts.snapshot import ConflictEntry, FactHeader, Reference
from shared.rules.board import ItemSnapshot

Entry = Mapping[str, Any]

#: The mappings that stand, by barrier.
MAPPINGS = dict(find_services().mappings)

NOTHING: dict[str, Any] = {"turn": None, "dueOn": None, "ruleId": None, "stalledFrom": None, "availableFrom": None}


def fact(
    service: str, name: str, day: str, *, who: str = "office", number: int = 1, in_force: bool = True
) -> FactHeader:
    """A fact's header."""
    code = None if in_force else "fact.implausible"
    return FactHeader("/office", f"{name}-{day}-{number}", f"lotse.{service}.{name}.v1", day, in_force, code)


def refer(header: FactHeader) -> Reference:
    """The same fact as a reference."""
    return Reference(header.source, header.id, header.type, header.occurred_on)


def item(
    service: str,
    name: str,
    path: Sequence[Entry],
    *,
    facts: Sequence[FactHeader] | None = None,
    because: Sequence[FactHeader] | None = None,
    conflicts: Sequence[ConflictEntry] = (),
    ahead: Sequence[Entry] = (),
    **state: Any,
) -> ItemSnapshot:
    """One item; its state is the newest entry of the path and what is named. Without `facts`, one per entry."""
    newest = path[-1] if path else {}
    standing = [fact(service, "said", entry["since"]) for entry in path] if facts is None else facts
    full = {"flags": [], **NOTHING, **newest, **state, "path": [*path], "ahead": [*ahead]}
    full["since"] = _since(path) if "since" not in state else state["since"]
    carrying = [header for header in standing if header.in_force][-1:] if because is None else because
    return ItemSnapshot(service, name, 1, full, tuple(map(refer, carrying)), tuple(conflicts), tuple(standing))


def entry(since: str, status: str, **facets: Any) -> Entry:
    """An entry of a path."""
    return {"status": status, "since": since, **facets}


def procedure(name: str, status: str, since: str = "2026-01-10", **state: Any) -> ItemSnapshot:
    """A recognition procedure that has been in one state only; route a unless another is named."""
    facets = {"recognitionRoute": "a", "referenceOccupation": "43104"} | {
        key: state.pop(key) for key in ("recognitionRoute", "referenceOccupation", "flags", "outcome") if key in state
    }
    extra = {key: state.pop(key) for key in ("facts", "because", "conflicts", "ahead") if key in state}
    return item("recognition", f"procedure-{name}", [entry(since, status, **facets)], **extra, **state)


def case(*path: Entry, **state: Any) -> ItemSnapshot:
    """The case's own item."""
    return item("intake", "case", path, **state)


def permit(name: str, status: str, since: str = "2026-01-10", **state: Any) -> ItemSnapshot:
    """A permit that has been in one state only."""
    facets = {key: state.pop(key) for key in ("introductionId", "openingId", "until") if key in state}
    extra = {key: state.pop(key) for key in ("facts", "because", "conflicts", "ahead") if key in state}
    return item("intake", f"permit-{name}", [entry(since, status, **facets)], **extra, **state)


def introduction(name: str, status: str, since: str = "2026-02-01", **facets: Any) -> ItemSnapshot:
    """An introduction; `terms` are the opening's state."""
    return item("outreach", f"introduction-{name}", [entry(since, status, **facets)])


def _since(path: Sequence[Entry]) -> str | None:
    """Since when the newest status holds."""
    since = None
    for one in reversed(path):
        if one["status"] != path[-1]["status"]:
            break
        since = one["since"]
    return since
