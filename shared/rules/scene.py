"""The items of a case as they are on one day: all that the mappings to barriers may read (states.md §§1, 6).

A snapshot tells an item over time: `state` is how it is now, `path` how it came there, `ahead` what the calendar alone
will change. A `Line` answers for any day; a `Scene` is one day of all lines. Nothing here knows a service by name.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
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


def kind_of(item: str) -> str:
    """The kind of an item: `case`, `procedure-`."""
    head, dash, _ = item.partition("-")
    return head + dash


class Seen:
    """One item on one day."""

    __slots__ = ("_entries", "fields", "flags", "name", "snapshot", "status")

    def __init__(self, snapshot: ItemSnapshot, fields: Fields, entries: int) -> None:
        self.snapshot = snapshot
        self.name = snapshot.item
        self.fields = fields
        self._entries = entries
        self.status: str = fields["status"]
        self.flags: Sequence[str] = fields.get("flags", ())

    @property
    def path(self) -> Sequence[Fields]:
        """The path up to this day; of the present all of it."""
        path: Sequence[Fields] = self.snapshot.state["path"]
        return path[: self._entries]


class Line:
    """One item over time."""

    __slots__ = ("_patches", "_path", "_seen", "_starts", "_turns", "days", "name", "snapshot")

    def __init__(self, snapshot: ItemSnapshot) -> None:
        self.snapshot = snapshot
        self.name = snapshot.item
        self._path: Sequence[Fields] = snapshot.state["path"]
        self._starts: list[Day] = [entry["since"] for entry in self._path]
        ahead: Sequence[Fields] = snapshot.state["ahead"]
        #: What time alone changes; an entry with nothing but its day only asks to look again.
        self._patches: Sequence[Fields] = [entry for entry in ahead if len(entry) > 1] if ahead else ()
        #: The days on which an entry of `path` or `ahead` starts.
        self.days: list[Day] = self._starts + [entry["from"] for entry in ahead] if ahead else self._starts
        #: The days, ascending, from which the item is another; between two of them it is `_seen` once.
        self._turns: list[Day] = self._starts
        if self._patches and self._starts:
            patched = {entry["from"] for entry in self._patches if entry["from"] > self._starts[0]}
            self._turns = sorted(patched.union(self._starts))
        self._seen: dict[int, Seen] = {}

    def present(self, today: Day) -> Seen:
        """The item's state with what the days up to `today` have changed."""
        return Seen(self.snapshot, self._laid_over(self.snapshot.state, today), len(self._path))

    def on(self, day: Day) -> Seen | None:
        """The item on a past day, as far as its path tells; None before its first entry."""
        turn = bisect_right(self._turns, day)
        if not turn:
            return None
        seen = self._seen.get(turn)
        if seen is None:
            entries = bisect_right(self._starts, day) if self._patches else turn
            fields = self._path[entries - 1]
            if self._patches:
                fields = self._laid_over(fields, day)
            seen = self._seen[turn] = Seen(self.snapshot, fields, entries)
        return seen

    def was_ever(self, status: str) -> bool:
        """Whether the item has ever had a status, or will by itself."""
        return any(fields.get("status") == status for fields in (self.snapshot.state, *self._path, *self._patches))

    def ever(self, facet: str) -> Iterator[str]:
        """All keys that a facet, which is a map, has ever had."""
        for fields in (self.snapshot.state, *self._path):
            yield from fields.get(facet, ())

    def _laid_over(self, fields: Fields, day: Day) -> Fields:
        for patch in self._patches:
            if patch["from"] <= day:
                if patch.get("status", fields["status"]) != fields["status"]:
                    fields = {**fields, "since": patch["from"], **patch}
                else:
                    fields = {**fields, **patch}
        return fields


class Scene:
    """All items of a case on one day: with `present` their states, otherwise what their paths say of that day."""

    __slots__ = ("_lines", "_seen", "case", "day", "present")

    def __init__(self, lines: Mapping[str, Sequence[Line]], day: Day, *, present: bool) -> None:
        self.day = day
        self.present = present
        self._lines = lines
        self._seen: dict[str, Sequence[Seen]] = {}
        cases = self.of(CASE) if CASE in lines else ()
        #: The case's own item; None while nobody has reported on it.
        self.case: Seen | None = cases[0] if cases else None

    def of(self, kind: str) -> Sequence[Seen]:
        """The items of one kind that exist on this day."""
        lines = self._lines.get(kind)
        if not lines:
            return ()
        seen = self._seen.get(kind)
        if seen is None:
            seen = self._seen[kind] = self._look(lines)
        return seen

    def _look(self, lines: Sequence[Line]) -> Sequence[Seen]:
        if self.present:
            return [line.present(self.day) for line in lines]
        found = []
        for line in lines:
            seen = line.on(self.day)
            if seen is not None:
                found.append(seen)
        return found
