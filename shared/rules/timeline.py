"""A case over time: its lines, the days that count for `since`, and the days of its facts (states.md §6)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from shared.contracts.fact import Day
from shared.rules.scene import CASE, ItemSnapshot, Line, Scene, kind_of

OPENED = "lotse.intake.case-opened.v1"


class Timeline:
    """All items of one case that have standing facts, seen from `today`; those without count nowhere."""

    __slots__ = ("_scenes", "days", "declared", "first_fact", "kinds", "lines", "now", "today")

    def __init__(self, items: Iterable[ItemSnapshot], today: Day) -> None:
        self.today = today
        self.lines = [Line(item) for item in sorted(items, key=lambda item: (item.service, item.item)) if item.facts]
        self.kinds: dict[str, list[Line]] = {}
        for line in self.lines:
            self.kinds.setdefault(kind_of(line.name), []).append(line)
        #: The case as it stands.
        self.now = Scene(self.kinds, today, present=True)
        self._scenes: dict[Day, Scene] = {}
        #: The days up to today on which any entry of a path starts, ascending.
        self.days = sorted({day for line in self.lines for day in line.days if day <= today})
        #: The barriers that were ever declared absent or needed.
        self.declared = {barrier for line in self.kinds.get(CASE, ()) for barrier in line.ever("declared")}
        #: The day of the first fact; empty if there is none.
        self.first_fact = _first_fact(self.lines)

    def on(self, day: Day) -> Scene:
        """The case on a past day, as far as the paths tell."""
        scene = self._scenes.get(day)
        if scene is None:
            scene = self._scenes[day] = Scene(self.kinds, day, present=False)
        return scene

    def starts(self, kinds: Iterable[str]) -> set[Day]:
        """Those of `days` on which an item of these kinds changes."""
        return {day for kind in kinds for line in self.kinds.get(kind, ()) for day in line.days if day <= self.today}

    def telling(self, breaks: Iterable[Day]) -> list[Day]:
        """Of `days`, ascending, the first of all and the first on or after each break; between them nothing changes."""
        days = self.days
        found = {days[index] for day in breaks if (index := bisect_left(days, day)) < len(days)}
        return sorted(found.union(days[:1]))

    def since(self, present: str, telling: Sequence[Day], word_on: Callable[[Day], str]) -> Day:
        """The first day of the last unbroken run of the present word over the telling days, else the first fact's."""
        first: Day | None = None
        for day in reversed(telling):
            if first is None and day == telling[0] == self.first_fact:
                return day
            if word_on(day) == present:
                first = day
            elif first is not None:
                break
        return first or self.first_fact

    def facts_of(self, kinds: Iterable[str], case_facts: Sequence[str]) -> list[Day]:
        """The days, ascending, of the facts in force in items of these kinds and of the named ones of the case."""
        days = [
            header.occurred_on
            for kind in kinds
            for line in self.kinds.get(kind, ())
            for header in line.snapshot.facts
            if header.in_force
        ]
        days += [
            header.occurred_on
            for line in self.kinds.get(CASE, ())
            for header in line.snapshot.facts
            if header.in_force and header.type in case_facts
        ]
        days.sort()
        return days

    def first_beside_opening(self) -> Day | None:
        """The day of the first fact in force that is not the opening of the case."""
        return min(
            (
                header.occurred_on
                for line in self.lines
                for header in line.snapshot.facts
                if header.in_force and header.type != OPENED
            ),
            default=None,
        )


def _first_fact(lines: Sequence[Line]) -> Day:
    standing = [header for line in lines for header in line.snapshot.facts]
    in_force = [header.occurred_on for header in standing if header.in_force]
    return min(in_force or [header.occurred_on for header in standing], default="")
