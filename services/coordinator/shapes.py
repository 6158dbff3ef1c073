"""The shapes of the read API's answers, as the OpenAPI document shows them (facts.md §5)."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from shared.contracts.board import Because
from shared.contracts.snapshot import ConflictEntry
from shared.contracts.state import Day


class BarrierAnswer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One barrier of one case; null: nothing applies."""

    status: str
    stalled: bool
    turn: str | None
    since: str
    due_on: Day | None
    rule_id: str | None
    available_from: Day | None
    bridged_by: list[str]
    conflicts: list[ConflictEntry]


class WholeBarrier(BarrierAnswer, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One barrier with the items that carry it."""

    because: list[Because]


class CaseAnswer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One case with its barriers; `ags` is left out while it is unknown."""

    case_id: str
    ags: str | UnsetType = UNSET
    stage: str
    since: str
    open_barriers: list[str]
    only_barrier: str | None
    conflicts: list[ConflictEntry]
    barriers: dict[str, BarrierAnswer]


class CasePage(msgspec.Struct, forbid_unknown_fields=True):
    """Cases in the order of their ids; `next` is the cursor of the next page, null on the last."""

    items: list[CaseAnswer]
    next: str | None


class ItemAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """One item as its service says it; each service publishes the shapes of its `state`."""

    service: str
    item: str
    sequence: int
    state: dict[str, Any]


class WholeCase(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One case with everything."""

    case_id: str
    ags: str | UnsetType = UNSET
    stage: str
    since: str
    open_barriers: list[str]
    only_barrier: str | None
    conflicts: list[ConflictEntry]
    barriers: dict[str, WholeBarrier]
    items: list[ItemAnswer]


class TimelineEntry(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One fact; `code` says why it is not in force."""

    occurred_on: Day
    service: str
    item: str
    source: str
    id: str
    type: str
    in_force: bool
    code: str | UnsetType = UNSET


class TimelinePage(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """All facts of all services in order of occurrence."""

    case_id: str
    items: list[TimelineEntry]
    next: str | None


class Texts(msgspec.Struct, forbid_unknown_fields=True):
    """One text in both languages."""

    de: str
    en: str


class ProblemAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """A request that cannot be answered (RFC 9457)."""

    type: str
    title: str
    status: Annotated[int, msgspec.Meta(ge=400, le=599)]
    detail: str
    message: Texts
    parameter: str | UnsetType = UNSET
