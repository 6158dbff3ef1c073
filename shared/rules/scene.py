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


class Line:
    """One item over time."""

    __slots__ = ("_patches", "_path", "_starts", "days", "name", "snapshot")

    def __init__(self, snapshot: ItemSnapshot) -> None:
        self.snapshot = snapshot
        self.name = snapshot.item
        self._path: Sequence[Fields] = snapshot.state["path"]
        self._starts = [entry["since"] for entry in self._path]
        ahead: Sequence[Fields] = snapshot.state["ahead"]
        #: What time alone changes; an entry with nothing but its day only asks to look again.
        self._patches = [entry for entry in ahead if len(entry) > 1]
        #: The days on which an entry of `path` or `ahead` starts.
        self.days: list[Day] = self._starts + [entry["from"] for entry in ahead] if ahead else self._starts

    def present(self, today: Day) -> Fields:
        """The item's state with what the days up to `today` have changed."""
        return self._laid_over(self.snapshot.state, today)

    def on(self, day: Day) -> Fields | None:
        """The item on a past day, as far as its path tells; None before its first entry."""
        index = bisect_right(self._starts, day)
        return self._laid_over(self._path[index - 1], day) if index else None

    def entries(self, day: Day | None) -> Sequence[Fields]:
        """The path up to a day, or all of it."""
        return self._path if day is None else self._path[: bisect_right(self._starts, day)]

    def ever(self, facet: str) -> Iterator[str]:
        """All keys that a facet, which is a map, has ever had."""
        for fields in (self.snapshot.state, *self._path):
            yield from fields.get(facet, ())

    def _laid_over(self, fields: Fields, day: Day) -> Fields:
        if not self._patches:
            return fields
        for patch in self._patches:
            if patch["from"] <= day:
                if patch.get("status", fields["status"]) != fields["status"]:
                    fields = {**fields, "since": patch["from"], **patch}
                else:
                    fields = {**fields, **patch}
        return fields


class Seen:
    """One item on one day."""

    __slots__ = ("fields", "flags", "line", "name", "status")

    def __init__(self, line: Line, fields: Fields) -> None:
        self.line = line
        self.name = line.name
        self.fields = fields
        self.status: str = fields["status"]
        self.flags: Sequence[str] = fields.get("flags", ())


class Scene:
    """All items of a case on one day: with `present` their states, otherwise what their paths say of that day."""

    __slots__ = ("_lines", "_seen", "case", "day", "present")

    def __init__(self, lines: Mapping[str, Sequence[Line]], day: Day, *, present: bool) -> None:
        self.day = day
        self.present = present
        self._lines = lines
        self._seen: dict[str, Sequence[Seen]] = {}
        cases = self.of(CASE)
        #: The case's own item; None while nobody has reported on it.
        self.case: Seen | None = cases[0] if cases else None

    def of(self, kind: str) -> Sequence[Seen]:
        """The items of one kind that exist on this day."""
        seen = self._seen.get(kind)
        if seen is None:
            lines = self._lines.get(kind)
            seen = self._seen[kind] = self._look(lines) if lines else ()
        return seen

    def _look(self, lines: Sequence[Line]) -> Sequence[Seen]:
        if self.present:
            return [Seen(line, line.present(self.day)) for line in lines]
        return [Seen(line, fields) for line in lines if (fields := line.on(self.day)) is not None]
