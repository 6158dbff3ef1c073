"""What every item's `state` says (facts.md §6); each service adds its own fields.

JSON Schemas are made from these structs. A field that may be left out is never null; one that is always there may be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

__all__ = ["UNSET", "AheadEntry", "Day", "ItemShape", "ItemState", "Maybe", "PathEntry", "Turn"]

Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", extra_json_schema={"format": "date"})]
Turn = Literal["applicant", "competent-body", "third-party", "capacity", "partner"]

T = TypeVar("T")
#: A field that is left out while it is unknown.
Maybe: TypeAlias = T | UnsetType


class PathEntry(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A stretch of an item's life: the status, its flags if any run, and the facets that the barriers read."""

    status: str
    since: Day
    flags: Maybe[list[str]] = UNSET


class AheadEntry(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """What is different from a day on if nothing more is reported; a bare day: look again."""

    from_: Day = msgspec.field(name="from")
    status: Maybe[str] = UNSET
    flags: Maybe[list[str]] = UNSET
    turn: Maybe[Turn | None] = UNSET
    due_on: Maybe[Day | None] = UNSET
    rule_id: Maybe[str | None] = UNSET
    stalled_from: Maybe[Day | None] = UNSET
    available_from: Maybe[Day | None] = UNSET


class ItemState(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The head that all items share. `since` is null only where no fact stands."""

    status: str
    flags: list[str]
    turn: Turn | None
    since: Day | None
    due_on: Day | None
    rule_id: str | None
    stalled_from: Day | None
    available_from: Day | None
    ahead: list[AheadEntry]


@dataclass(frozen=True, slots=True)
class ItemShape:
    """One kind of item: its item string or the beginning of it, the snapshot's kind, the shape of its `state`."""

    prefix: str
    kind: str
    state: type[ItemState]
