"""What the coordinator says of a case: its barriers and the case itself (contract §6, facts.md §§5–6)."""

from __future__ import annotations

from typing import Any

import msgspec

from shared.contracts.snapshot import Cause, ConflictEntry, Reference

#: The order in which barriers are named; further ones follow in the order of their names.
BARRIERS = ("recognition", "childcare", "language", "residence")


class Because(msgspec.Struct, frozen=True, rename="camel"):
    """An item that carries a barrier's state. `institution` is the procedure's body or the newest fact's reporter."""

    service: str
    item: str
    institution: str
    facts: tuple[Reference, ...]


class Barrier(msgspec.Struct, frozen=True, rename="camel"):
    """One barrier of one case on one day."""

    status: str
    stalled: bool
    turn: str | None
    since: str
    due_on: str | None
    rule_id: str | None
    available_from: str | None
    bridged_by: tuple[str, ...]
    conflicts: tuple[ConflictEntry, ...]
    because: tuple[Because, ...]


class CaseBoard(msgspec.Struct, frozen=True, rename="camel"):
    """One case on one day. `barriers` has every barrier, in order; `conflicts` those of all of them."""

    ags: str | None
    stage: str
    since: str
    open_barriers: tuple[str, ...]
    only_barrier: str | None
    conflicts: tuple[ConflictEntry, ...]
    barriers: dict[str, Barrier]


class BarrierChanged(msgspec.Struct, frozen=True, rename="camel"):
    """`data` of `lotse.coordinator.barrier-changed.v1`, key `<caseId>/<barrier>`."""

    case_id: str
    barrier: str
    version: int
    cause: Cause
    status: str
    stalled: bool
    turn: str | None
    since: str
    due_on: str | None
    rule_id: str | None
    available_from: str | None
    bridged_by: tuple[str, ...]
    conflicts: tuple[ConflictEntry, ...]
    because: tuple[Because, ...]
    changed: tuple[str, ...]
    previous: dict[str, Any]


class CaseChanged(msgspec.Struct, frozen=True, rename="camel"):
    """`data` of `lotse.coordinator.case-changed.v1`, key `<caseId>`."""

    case_id: str
    version: int
    cause: Cause
    stage: str
    since: str
    open_barriers: tuple[str, ...]
    only_barrier: str | None
    conflicts: tuple[ConflictEntry, ...]
    changed: tuple[str, ...]
    previous: dict[str, Any]
