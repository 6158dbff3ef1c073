"""The items of a case as they are on one day: all that the mappings to barriers may read (states.md §§1, 6).

Nothing here knows a service by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from shared.contracts.fact import Day
from shared.contracts.snapshot import ConflictEntry, FactHeader, Reference, Snapshot
from shared.rules.deadlines import plus_days

#: The item that is the case itself.
CASE = "case"
#: The kind of the items that tie a case to an opening.
INTRODUCTION = "introduction-"

Fields = Mapping[str, Any]
#: What of an item's fields counts for something: as long as it is equal, that stays as it is.
Facet = Callable[[Fields], object]


class ItemSnapshot(msgspec.Struct, frozen=True, rename="camel"):
    """The newest snapshot of one item, with the service that said it (shapes as in `shared.contracts.snapshot`)."""

    service: str
    item: str
    sequence: int
    state: dict[str, Any]
    because: tuple[Reference, ...]
    conflicts: tuple[ConflictEntry, ...]
    facts: tuple[FactHeader, ...]

    @classmethod
    def of(cls, service: str, said: Snapshot) -> ItemSnapshot:
        """What `service` said."""
        return cls(service, said.item, said.sequence, said.state, said.because, said.conflicts, said.facts)


def plus(day: Day, days: int) -> Day:
    """A day some days later (or earlier). Days beyond the calendar stop at its ends."""
    return plus_days(day, days)


class Seen(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One item on one day. `entries`: how many entries its path has up to this day; in the present all of them."""

    snapshot: ItemSnapshot
    fields: Fields
    status: str
    entries: int

    @property
    def name(self) -> str:
        """The item's name."""
        return self.snapshot.item

    @property
    def flags(self) -> Sequence[str]:
        """The item's flags."""
        flags: Sequence[str] = self.fields.get("flags", ())
        return flags

    @property
    def path(self) -> Sequence[Fields]:
        """The path up to this day."""
        path: Sequence[Fields] = self.snapshot.state["path"]
        return path[: self.entries]


class Scene(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The items of a case on one day: with `present` their states, otherwise what their paths say of that day.

    A past scene has only the kinds on which the one who looks depends, of them the entries that make a difference.
    `case` is the case's own item; None while nobody has reported on it.
    """

    day: Day
    present: bool
    case: Seen | None
    seen: Mapping[str, Sequence[Seen]]

    def of(self, kind: str) -> Sequence[Seen]:
        """The items of one kind that exist on this day, in order of their names."""
        return self.seen.get(kind, ())
