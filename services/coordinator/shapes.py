"""The shapes of the read API's answers, as the OpenAPI document shows them (facts.md §5)."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from shared.contracts.board import Because
from shared.contracts.snapshot import ConflictEntry
from shared.contracts.state import Day, Turn


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


class Obstacle(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The open barriers of one cell. It has the keys that `by` names; null: nobody knows.

    The ages are days since `since`, both of them ages that occur: at least half, at least four fifths are no older.
    """

    barrier: str | UnsetType = UNSET
    body: str | UnsetType | None = UNSET
    place: str | UnsetType | None = UNSET
    level: str | UnsetType | None = UNSET
    count: int
    median_days: int
    p80_days: int
    stalled_share: Annotated[float, msgspec.Meta(ge=0, le=1)]
    turns: dict[Turn, int]


class ObstaclePage(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """Open barriers of visible cases that are not closed, largest cell first. `hidden` cells have under 3 people."""

    as_of: Day | None
    by: list[str]
    items: list[Obstacle]
    hidden: int
    next: str | None


class LastBarrier(msgspec.Struct, forbid_unknown_fields=True):
    """How many people would be ready for work without this barrier."""

    barrier: str
    count: int


class LastBarriers(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """Largest first; what would help fewer than 3 people is left out."""

    as_of: Day | None
    items: list[LastBarrier]


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
